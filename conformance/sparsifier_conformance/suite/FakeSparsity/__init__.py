"""Checks of ``FakeSparsity``."""
