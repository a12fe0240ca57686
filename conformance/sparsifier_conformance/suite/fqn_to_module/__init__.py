"""Checks of ``fqn_to_module``."""
