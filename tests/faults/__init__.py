"""Deliberately wrong implementations, a module for each utility, which the suite must fail, each for what is wrong."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from .base import Fault


def all_faults() -> list[type[Fault]]:
    """List every fault, a module after the other, in the order in which they are written."""
    modules = [import_module(f"{__name__}.{each.name}") for each in iter_modules(__path__)]
    return [value for module in modules for value in vars(module).values() if _is_fault(value, module.__name__)]


def _is_fault(value: object, module: str) -> bool:
    return isinstance(value, type) and issubclass(value, Fault) and value.__module__ == module and value is not Fault
