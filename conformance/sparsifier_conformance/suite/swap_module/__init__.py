"""Checks of ``swap_module``."""
