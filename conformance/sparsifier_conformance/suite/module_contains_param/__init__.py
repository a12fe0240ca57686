"""Checks of ``module_contains_param``."""
