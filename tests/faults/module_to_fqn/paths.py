"""Faults of ``module_to_fqn``."""

from __future__ import annotations

from typing import Any

from sparsifier_reference import module_to_fqn as right

from ..base import Fault

BOTH_WAYS = "fqn_to_module/round-trip-*"
#: What compares the paths of whole models.
THE_ROOT = [
    "module_to_fqn/first-path-when-shared",
    "module_to_fqn/prefix-prepended",
    "module_to_fqn/absent-children-skipped",
    BOTH_WAYS,
]
PATHS = [*THE_ROOT, "module_to_fqn/path-of-descendant", "module_to_fqn/parametrizations-reached"]
LONG_PATHS = [*PATHS, "module_to_fqn/deep-models", "module_to_fqn/cyclic-models"]
SHORT_PATHS = [*LONG_PATHS, "module_to_fqn/compared-by-identity", "module_to_fqn/equal-siblings-found"]
STRANGERS = [
    "module_to_fqn/compared-by-identity",
    "module_to_fqn/absent-children-skipped",
    "module_to_fqn/cyclic-models",
]


class RootIsNone(
    Fault,
    aims_at="module_to_fqn/root-is-empty",
    so_too=THE_ROOT,
):
    """Looks among the descendants alone, as torch 1.10 did."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        return None if module is model else right(model, module, prefix)


class RootIsNamedAfterItsClass(
    Fault,
    aims_at="module_to_fqn/root-is-empty",
    so_too=THE_ROOT,
):
    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        return type(model).__name__ if module is model else right(model, module, prefix)


class LeadingDot(
    Fault,
    aims_at="module_to_fqn/path-of-descendant",
    so_too=SHORT_PATHS,
):
    """Puts a dot before every name, as torch 1.10 did."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module, prefix)
        return f".{path}" if path else path


class TrailingDot(
    Fault, aims_at="module_to_fqn/path-of-descendant", so_too=[*SHORT_PATHS, "module_to_fqn/linear-cost"]
):
    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module, prefix)
        return f"{path}." if path else path


class JoinedBySlashes(Fault, aims_at="module_to_fqn/path-of-descendant", so_too=LONG_PATHS):
    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module)
        return prefix + path.replace(".", "/") if path else path


class LastNameOnly(Fault, aims_at="module_to_fqn/path-of-descendant", so_too=LONG_PATHS):
    """Gives the name under which the parent knows the module."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module)
        return prefix + path.rpartition(".")[2] if path else path


class NumbersInsteadOfNames(
    Fault, aims_at="module_to_fqn/path-of-descendant", so_too=[*LONG_PATHS, "module_to_fqn/linear-cost"]
):
    """Counts the children instead of reading their names."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module)
        if not path:
            return path
        numbers, at = [], model
        for name in path.split("."):
            numbers.append(str(list(at._modules).index(name)))
            at = at._modules[name]
        return prefix + ".".join(numbers)


class NamesAreTidied(Fault, aims_at="module_to_fqn/path-of-descendant", so_too=PATHS):
    """Strips blanks from names."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module)
        return prefix + ".".join(name.strip() for name in path.split(".")) if path else path


class StrangersAreAnError(
    Fault,
    aims_at="module_to_fqn/not-a-descendant-is-none",
    so_too=[*STRANGERS, "module_to_fqn/linear-cost", "interface/no-side-effects"],
):
    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module, prefix)
        if path is None:
            raise ValueError(f"{type(module).__name__} is not in the model")
        return path


class StrangersAreEmpty(
    Fault,
    aims_at="module_to_fqn/not-a-descendant-is-none",
    so_too=STRANGERS,
):
    """Gives text in any case."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        return right(model, module, prefix) or ""


class FindsModulesInLists(Fault, aims_at="module_to_fqn/not-a-descendant-is-none"):
    """Looks through plain attributes too."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        for name, value in vars(model).items():
            if isinstance(value, list) and any(each is module for each in value):
                return f"{prefix}{name}"
        return right(model, module, prefix)


class FindsTensors(Fault, aims_at="module_to_fqn/not-a-descendant-is-none", so_too=["module_to_fqn/deep-models"]):
    """Names tensors as well as modules."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
            if tensor is module:
                return f"{prefix}{name}"
        return right(model, module, prefix)


class ComparesByEquality(
    Fault,
    aims_at="module_to_fqn/compared-by-identity",
    so_too=[
        *("module_to_fqn/equal-siblings-found", "module_to_fqn/deep-models", "interface/answers-for-now"),
        "module_to_fqn/path-of-descendant",
    ],
):
    """``==`` in place of ``is``."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        if model == module:
            return ""
        equal = (each for each in model.modules() if each == module)
        return right(model, next(equal, module), prefix)


class ChildrenByEquality(
    Fault, aims_at="module_to_fqn/compared-by-identity", so_too=["module_to_fqn/equal-siblings-found"]
):
    """Finds the place among its siblings by ``list.index``, which compares by ``==``."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        children = [child for child in model._modules.values() if child is not None]
        return right(model, children[children.index(module)] if module in children else module, prefix)


class IgnoresPrefix(Fault, aims_at="module_to_fqn/prefix-prepended"):
    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        return right(model, module)


class DotAfterPrefix(Fault, aims_at="module_to_fqn/prefix-prepended"):
    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        return right(model, module, f"{prefix}." if prefix else "")


class TidiesPrefix(Fault, aims_at="module_to_fqn/prefix-prepended"):
    """Makes sure of one dot, whatever the prefix ends with."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        return right(model, module, f"{prefix.rstrip('.')}." if prefix.endswith(".") else prefix.strip())


class RootTakesPrefix(Fault, aims_at="module_to_fqn/prefix-prepended"):
    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        return prefix if module is model else right(model, module, prefix)


class PrefixButOnce(Fault, aims_at="module_to_fqn/prefix-prepended"):
    """Leaves the prefix out where it ends with the path already."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module)
        return prefix.removesuffix(path) + path if path else path


class PrefixAtEveryLevel(Fault, aims_at="module_to_fqn/prefix-prepended"):
    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module)
        return "".join(f"{prefix}{name}." for name in path.split("."))[:-1] if path else path


class StopsAtAbsentChild(
    Fault,
    aims_at="module_to_fqn/absent-children-skipped",
    so_too=[*PATHS, "module_to_fqn/not-a-descendant-is-none", "module_to_fqn/cyclic-models"],
):
    """``break`` in place of ``continue``."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        stack: list[Any] = [((), model)]
        seen = set()
        while stack:
            names, at = stack.pop()
            if at is module:
                return prefix + ".".join(names) if names else ""
            if id(at) in seen:
                continue
            seen.add(id(at))
            below: list[Any] = []
            for name, child in at._modules.items():
                if child is None:
                    break
                below.append(((*names, name), child))
            stack += below[::-1]
        return None


class FindsAbsentChildren(Fault, aims_at="module_to_fqn/not-a-descendant-is-none"):
    """Takes a child that is registered as None for what was asked for."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        if module is None:
            return next((f"{prefix}{name}" for name, child in model._modules.items() if child is None), None)
        return right(model, module, prefix)


class HidesParametrizations(
    Fault, aims_at="module_to_fqn/parametrizations-reached", so_too=["module_to_fqn/first-path-when-shared", BOTH_WAYS]
):
    """Takes the modules of parametrizations for an implementation detail."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module, prefix)
        return None if path and "parametrizations" in path.split(".") else path


class SkipsEqualSiblings(Fault, aims_at="module_to_fqn/equal-siblings-found"):
    """Passes over a child that equals an earlier one, as ``named_children`` does."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        children = [child for child in model._modules.values() if child is not None]
        found = next((index for index, child in enumerate(children) if child is module), 0)
        if any(child is not module and child == module for child in children[:found]):
            return None
        return right(model, module, prefix)
