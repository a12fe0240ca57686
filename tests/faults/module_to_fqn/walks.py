"""Faults of how ``module_to_fqn`` walks through a model: shared, deep, cyclic, large ones."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from torch import nn

from sparsifier_reference import module_to_fqn as right

from ..base import Fault

#: A child, with its name.
Named = tuple[str, nn.Module]


class LastPathOfShared(Fault, aims_at="module_to_fqn/first-path-when-shared", so_too=["module_to_fqn/cyclic-models"]):
    """Keeps a dict from modules to names, in which the last one stays."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module)
        if not path or sum(each is module for each in model._modules.values()) < 2:
            return right(model, module, prefix)
        return prefix + [name for name, each in model._modules.items() if each is module][-1]


class BreadthFirst(Fault, aims_at="module_to_fqn/first-path-when-shared", so_too=["module_to_fqn/cyclic-models"]):
    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        if module is model:
            return ""
        waiting, seen = [("", model)], {id(model)}
        for path, parent in waiting:
            for name, child in parent._modules.items():
                if child is module and child is not None:
                    return f"{prefix}{path}{name}"
                if child is not None and id(child) not in seen:
                    seen.add(id(child))
                    waiting.append((f"{path}{name}.", child))
        return None


def _by_a_stack(model: Any, module: Any, prefix: str, order: Callable[[list[Named]], list[Named]]) -> str | None:
    """Walk as the reference does, but for the order in which a module's children are put on the stack."""
    stack: list[Any] = [((), model)]
    seen = set()
    while stack:
        names, at = stack.pop()
        if at is module:
            return prefix + ".".join(names) if names else ""
        if id(at) not in seen:
            seen.add(id(at))
            children = order([(name, child) for name, child in at._modules.items() if child is not None])
            stack += [((*names, name), child) for name, child in children]
    return None


class LastChildFirst(Fault, aims_at="module_to_fqn/first-path-when-shared", so_too=["module_to_fqn/cyclic-models"]):
    """Pushes children in order, so that they come off backwards."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        return _by_a_stack(model, module, prefix, list)


class AlphabeticalOrder(Fault, aims_at="module_to_fqn/first-path-when-shared"):
    """Walks the children sorted by name."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        return _by_a_stack(model, module, prefix, lambda children: sorted(children, key=_name, reverse=True))


def _name(named: Named) -> str:
    return named[0]


def _recursive(model: nn.Module, module: Any, seen: set[int]) -> str | None:
    if module is model:
        return ""
    seen.add(id(model))
    for name, child in model._modules.items():
        if child is not None and id(child) not in seen:
            below = _recursive(child, module, seen)
            if below is not None:
                return f"{name}.{below}" if below else name
    return None


class Recursive(Fault, aims_at="module_to_fqn/deep-models"):
    """Calls itself for each level."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = _recursive(model, module, set())
        return prefix + path if path else path


class LimitedDepth(Fault, aims_at="module_to_fqn/deep-models"):
    """Gives up below a level that no model was ever seen to reach."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module)
        return None if path and path.count(".") > sys.getrecursionlimit() else right(model, module, prefix)


class RefusesCycles(Fault, aims_at="module_to_fqn/cyclic-models", so_too=["module_to_fqn/path-of-descendant"]):
    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        if any(model is below for child in model._modules.values() if child for below in child._modules.values()):
            raise RecursionError("the model contains itself")
        return right(model, module, prefix)


class ForgetsWhereItWas(Fault, aims_at="module_to_fqn/cyclic-models", so_too=["module_to_fqn/linear-cost"]):
    """Walks every path, and gives up after many."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        stack: list[Any] = [((), model)]
        steps = 0
        while stack:
            names, at = stack.pop()
            steps += 1
            if at is module:
                return prefix + ".".join(names) if names else ""
            if steps > 5_000:
                raise RuntimeError("the model is too large")
            below = [(name, child) for name, child in at._modules.items() if child is not None]
            stack += [((*names, name), child) for name, child in reversed(below)]
        return None


class EveryPathOfShared(Fault, aims_at="module_to_fqn/linear-cost"):
    """Enters a module once for each path to it, if not on the path already."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        stack: list[Any] = [((), (model,))]
        while stack:
            names, at = stack.pop()
            if at[-1] is module:
                return prefix + ".".join(names) if names else ""
            below = [(name, child) for name, child in at[-1]._modules.items() if child is not None]
            stack += [((*names, name), (*at, child)) for name, child in reversed(below) if not _among(child, at)]
        return None


def _among(module: nn.Module, modules: tuple[nn.Module, ...]) -> bool:
    return any(each is module for each in modules)


class LooksBelowEveryModule(Fault, aims_at="module_to_fqn/linear-cost", so_too=["module_to_fqn/deep-models"]):
    """Asks of each module anew whether what is wanted is below it: quadratic in the depth."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        for each in model.modules():
            if all(below is not module for below in each.modules()):
                continue
        return right(model, module, prefix)


class LooksForEachAnew(Fault, aims_at="module_to_fqn/linear-cost"):
    """Looks for each module from the model on, until it is the one that is wanted: quadratic in their number."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        waiting, seen = [model], {id(model)}
        for each in waiting:
            right(model, each)
            if each is module:
                break
            children = {id(child): child for child in each._modules.values() if child is not None}
            waiting += [child for key, child in children.items() if key not in seen]
            seen |= set(children)
        return right(model, module, prefix)


class LooksAtEachLevel(Fault, aims_at="module_to_fqn/linear-cost"):
    """Looks at all that is below a child before it goes there: quadratic in the depth."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        here, seen = model, set()
        while here is not None and here is not module and id(here) not in seen:
            seen.add(id(here))
            children = [child for child in here._modules.values() if child is not None]
            here = next((child for child in children if id(module) in _all_below(child)), None)
        return right(model, module, prefix)


def _all_below(model: Any) -> set[int]:
    found: set[int] = set()
    waiting = [model]
    while waiting:
        each = waiting.pop()
        if id(each) not in found:
            found.add(id(each))
            waiting += [child for child in each._modules.values() if child is not None]
    return found


class BeginsChildrenAnew(Fault, aims_at="module_to_fqn/linear-cost"):
    """Looks at the first children again after each of them: quadratic in their number."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        if module is model:
            return ""
        seen, to_come = {id(model)}, [model]
        names: list[str] = []
        while to_come:
            for name, child in to_come[-1]._modules.items():
                if child is not None and id(child) not in seen:
                    if child is module:
                        return prefix + ".".join([*names, name])
                    seen.add(id(child))
                    names.append(name)
                    to_come.append(child)
                    break
            else:
                to_come.pop()
                del names[-1:]
        return None


class SearchesAList(Fault, aims_at="module_to_fqn/linear-cost"):
    """Keeps what it has seen in a list, which it compares one by one: quadratic in their number."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        if module is model:
            return ""
        seen: list[Any] = [model]
        names: list[str] = []
        to_come = [iter(model._modules.items())]
        while to_come:
            for name, child in to_come[-1]:
                if child is not None and not any(child is each for each in seen):
                    if child is module:
                        return prefix + ".".join([*names, name])
                    seen.append(child)
                    names.append(name)
                    to_come.append(iter(child._modules.items()))
                    break
            else:
                to_come.pop()
                del names[-1:]
        return None


class CountsOccurrences(Fault, aims_at="module_to_fqn/linear-cost", so_too=["module_to_fqn/deep-models"]):
    """Looks in a list for equal ones and not for the same, and finds nothing wrong where none are equal."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        every = list(model.modules())
        for each in every:
            if each is not every[every.index(each)]:
                break
        return right(model, module, prefix)
