"""Give every check, and every input of a property, the same global state, whatever the implementation does to it."""

from __future__ import annotations

import operator
import os
import random
import sys
import warnings
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.modules import module as module_hooks

from ..checking.world.switches import as_they_are, modes_of, put_back

#: The environment as Python keeps it, encoded: to compare it with ``os.environ`` takes as long as a small check.
_ENCODED: Mapping[Any, Any] = getattr(os.environ, "_data", os.environ)


class Surroundings:
    """torch's and Python's global state, and the classes that models are made of, as they are when this is made."""

    def __init__(self) -> None:
        self.environment, self.folder = dict(os.environ), Path.cwd()
        self.encoded = dict(_ENCODED)
        self.classes = [(owner, dict(vars(owner))) for owner in (nn.Module, nn.Linear, torch.Tensor)]
        self.hooks = [(registry, dict(registry)) for registry in _global_hooks()]
        self.python_random, self.recursion_limit = random.getstate(), sys.getrecursionlimit()
        self.torch_random, self.dtype = torch.get_rng_state(), torch.get_default_dtype()
        self.threads = torch.get_num_threads()
        self.modes = {kind: modes_of(kind) for kind in ("function", "dispatch")}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.switches = as_they_are()

    def restore(self, *, thoroughly: bool = False) -> None:
        """Put back what has changed since.

        Parameters:
            thoroughly: whether every switch is looked at, which takes longer than a small check.
        """
        if thoroughly:
            _leave_modes(self.modes)
            put_back(self.switches)
        for owner, attributes in self.classes:
            _restore(owner, attributes)
        for registry, entries in self.hooks:
            registry.clear()
            registry.update(entries)
        torch.set_default_dtype(self.dtype)
        if torch.get_num_threads() != self.threads:
            torch.set_num_threads(self.threads)
        torch.set_rng_state(self.torch_random)
        random.setstate(self.python_random)
        sys.setrecursionlimit(self.recursion_limit)
        if self.encoded != _ENCODED:
            os.environ.clear()
            os.environ.update(self.environment)
        os.chdir(self.folder)


def _leave_modes(modes: dict[str, tuple[Any, ...]]) -> None:
    """Leave the modes of torch that something entered and did not leave; a default device is one, too."""
    if modes_of("function") != modes["function"] and hasattr(torch, "set_default_device"):
        torch.set_default_device(None)
    for kind, before in modes.items():
        while len(modes_of(kind)) > len(before):
            getattr(torch._C, f"_pop_torch_{kind}_stack")()


@contextmanager
def pristine(before: Surroundings | None = None) -> Generator[None, None, None]:
    """Put back what the body changes.

    Parameters:
        before: what is put back: by default what is there now. To look takes as long as a small check, so that
            many of them share one.
    """
    before = before or Surroundings()
    with torch.set_grad_enabled(True), warnings.catch_warnings():
        failed = True
        try:
            yield
            failed = False
        finally:
            before.restore(thoroughly=failed)


def _restore(owner: type, attributes: dict[str, Any]) -> None:
    """Give a class the attributes that it had."""
    now = vars(owner)
    if now.keys() == attributes.keys() and all(map(operator.is_, now.values(), attributes.values())):
        return  # as nearly always; and of hundreds of attributes this takes the least time
    for name in [name for name in now if name not in attributes]:
        delattr(owner, name)
    for name, value in attributes.items():
        if name not in now or now[name] is not value:
            setattr(owner, name, value)


def _global_hooks() -> list[dict[Any, Any]]:
    """List torch's registries of hooks that run for every module."""
    found = [value for name, value in vars(module_hooks).items() if name.startswith("_global_")]
    return [value for value in found if isinstance(value, dict)]
