"""Faults of what ``swap_module`` does with hooks."""
