"""Faults of how ``swap_module`` calls ``from_dense``, and of what it makes of what that gives."""
