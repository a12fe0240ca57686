"""Faults of what holds for the six names together."""
