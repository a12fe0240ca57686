"""Faults of ``fqn_to_module``."""
