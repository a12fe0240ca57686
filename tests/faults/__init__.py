"""Deliberately wrong implementations, a folder for each utility, which the suite must fail, each for what is wrong."""

from __future__ import annotations

from importlib import import_module
from pkgutil import walk_packages

from .base import Fault


def all_faults() -> list[type[Fault]]:
    """List every fault, a module after the other, in the order in which they are written."""
    modules = [import_module(each.name) for each in walk_packages(__path__, f"{__name__}.")]
    return [value for module in modules for value in vars(module).values() if _is_fault(value, module.__name__)]


def _is_fault(value: object, module: str) -> bool:
    return isinstance(value, type) and issubclass(value, Fault) and value.__module__ == module and value is not Fault
