"""Faults of ``swap_module``."""
