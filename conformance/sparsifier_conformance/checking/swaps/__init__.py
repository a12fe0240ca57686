"""What ``swap_module`` is given: modules that carry hooks, and mappings."""
