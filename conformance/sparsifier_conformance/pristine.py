"""Give every check, and every input of a property, the same global state, whatever the implementation does to it."""

from __future__ import annotations

import os
import random
import sys
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.modules import module as module_hooks


@contextmanager
def pristine() -> Generator[None, None, None]:
    """Put back what the body changes: torch's and Python's global state, and the classes that models are made of."""
    environment, folder = dict(os.environ), Path.cwd()
    classes = [(owner, dict(vars(owner))) for owner in (nn.Module, nn.Linear, torch.Tensor)]
    hooks = [(registry, dict(registry)) for registry in _global_hooks()]
    python_random, recursion_limit = random.getstate(), sys.getrecursionlimit()
    torch_random, dtype, threads = torch.get_rng_state(), torch.get_default_dtype(), torch.get_num_threads()
    with torch.random.fork_rng(devices=[]), torch.set_grad_enabled(True), warnings.catch_warnings():
        try:
            yield
        finally:
            for owner, attributes in classes:
                _restore(owner, attributes)
            for registry, entries in hooks:
                registry.clear()
                registry.update(entries)
            torch.set_default_dtype(dtype)
            if torch.get_num_threads() != threads:
                torch.set_num_threads(threads)
            torch.set_rng_state(torch_random)
            random.setstate(python_random)
            sys.setrecursionlimit(recursion_limit)
            if dict(os.environ) != environment:
                os.environ.clear()
                os.environ.update(environment)
            os.chdir(folder)


def _restore(owner: type, attributes: dict[str, Any]) -> None:
    """Give a class the attributes that it had."""
    now = dict(vars(owner))
    for name in now.keys() - attributes.keys():
        delattr(owner, name)
    for name, value in attributes.items():
        if name not in now or now[name] is not value:
            setattr(owner, name, value)


def _global_hooks() -> list[dict[Any, Any]]:
    """List torch's registries of hooks that run for every module."""
    found = [value for name, value in vars(module_hooks).items() if name.startswith("_global_")]
    return [value for value in found if isinstance(value, dict)]
