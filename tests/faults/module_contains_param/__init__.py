"""Faults of ``module_contains_param``."""
