"""Registers ``pretend`` where it is imported, and has it behave as other devices do until the process ends."""

from sparsifier_conformance.devices.pretend import pretending

_ENTERED = pretending()
_ENTERED.__enter__()
