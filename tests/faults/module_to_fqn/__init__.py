"""Faults of ``module_to_fqn``."""
