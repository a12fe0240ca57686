"""Faults of ``FakeSparsity``."""
