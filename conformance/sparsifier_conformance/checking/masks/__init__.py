"""Masks and their inputs: how they are drawn, compared and changed."""
