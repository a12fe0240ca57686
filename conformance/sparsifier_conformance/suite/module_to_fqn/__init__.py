"""Checks of ``module_to_fqn``."""
