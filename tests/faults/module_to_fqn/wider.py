"""Faults of ``module_to_fqn`` that show where names and modules are not the usual ones."""

from __future__ import annotations

import re
import unicodedata
from itertools import chain
from keyword import iskeyword
from string import Template
from typing import Any

from torch import nn

from sparsifier_reference import module_to_fqn as right

from ..base import Fault

PATH = "module_to_fqn/path-of-descendant"
ROUND_TRIPS = "fqn_to_module/round-trip-*"


class WrappersAreTransparent(Fault, aims_at=PATH, so_too=[ROUND_TRIPS]):
    """Leaves out of the path what wrappers call what they wrap, the last name too."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module)
        names = [
            name for name in (path or "").split(".") if not (name.startswith("_") and name.endswith(("mod", "module")))
        ]
        return prefix + ".".join(names) if path else path


class OneLine(Fault, aims_at=PATH, so_too=["module_to_fqn/prefix-prepended"]):
    """Puts a path into one line."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module, prefix)
        return path and path.replace("\n", " ")


class NoDeeperThanAHundred(Fault, aims_at=PATH, so_too=["module_to_fqn/deep-models"]):
    """Ends at a depth that no sane model has."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module, prefix)
        return None if path and path.count(".") > 100 else path


class NotIntoScripts(Fault, aims_at=PATH, so_too=["module_to_fqn/deep-models"]):
    """Takes a scripted module for one piece."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module, prefix)
        above = [each for name, each in model.named_modules() if path and path.startswith(f"{prefix}{name}.")]
        return None if any("Script" in type(each).__name__ for each in [*above, model] if path) else path


class AttributesCount(Fault, aims_at="module_to_fqn/not-a-descendant-is-none"):
    """Finds modules among the plain attributes, too."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        found = right(model, module, prefix)
        if found is not None or not isinstance(module, nn.Module):
            return found
        return next((prefix + name for name, value in vars(model).items() if value is module), None)


class InANormalForm(Fault, aims_at=PATH, so_too=[ROUND_TRIPS, "module_to_fqn/*"]):
    """Writes letters in their normal form."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module, prefix)
        return path and unicodedata.normalize("NFC", path)


class NoKeywords(Fault, aims_at=PATH):
    """Gives names that can stand in code."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module)
        return path and prefix + ".".join(f"{name}_" if iskeyword(name) else name for name in path.split("."))


class NumbersInNamesAreLost(Fault, aims_at=PATH):
    """Takes a number behind a name for one that tells it from others of its name."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module)
        return path and prefix + re.sub(r"(?<=[a-z])_\d+(?=\.|$)", "", path)


class CutsLongNames(Fault, aims_at=PATH, so_too=["module_to_fqn/first-path-when-shared"]):
    """Keeps of a name what fits into that of a file."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module)
        return path and prefix + ".".join(name[:255] for name in path.split("."))


class LossesAreNoLayers(Fault, aims_at=PATH):
    """Looks for what computes a layer's output."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        return None if "loss" in type(module).__module__ else right(model, module, prefix)


class InTrainingOnly(Fault, aims_at=PATH):
    """Looks at what is trained, and takes a module in eval mode for done."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        return None if isinstance(module, nn.Module) and not module.training else right(model, module, prefix)


class NumbersFirst(Fault, aims_at="module_to_fqn/first-path-when-shared", so_too=["module_to_fqn/path-of-descendant"]):
    """Sorts the children that are counted before those that have names, where one is registered in several places."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module)
        if not path:
            return path
        above = model.get_submodule(path.rpartition(".")[0])
        names = [name for name, child in above._modules.items() if child is module]
        return prefix + path.removesuffix(names[0]) + min(names, key=lambda name: not name.isdigit())


class PrefixIsATemplate(Fault, aims_at="module_to_fqn/prefix-prepended"):
    """Puts the path into the prefix where that has a place for it."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module)
        return path and (prefix.replace("%s", path) if "%s" in prefix else prefix + path)


class UnwrapsWhatIsLookedFor(
    Fault, aims_at="module_to_fqn/not-a-descendant-is-none", so_too=["module_to_fqn/path-of-descendant"]
):
    """Looks for what is in a wrapper if the wrapper is not there."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module, prefix)
        inner = getattr(module, "_modules", {}).get("module")
        return right(model, inner, prefix) if path is None and inner is not None else path


class HooksCount(Fault, aims_at="module_to_fqn/not-a-descendant-is-none"):
    """Finds modules that serve as hooks under their ids."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        hooks = chain(model._forward_hooks.items(), model._forward_pre_hooks.items())
        return next((f"{prefix}{key}" for key, hook in hooks if hook is module), right(model, module, prefix))


class CopiesCount(
    Fault,
    aims_at="module_to_fqn/not-a-descendant-is-none",
    so_too=["module_to_fqn/deep-models"],
):
    """Knows a module by the parameters that it registers, which a shallow copy shares."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        held = getattr(module, "_parameters", None)
        found = (each for each in model.modules() if held is not None and each._parameters is held)
        return right(model, next(found, module), prefix)


class TuplesCount(Fault, aims_at="module_to_fqn/not-a-descendant-is-none"):
    """Finds what is kept in a tuple."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        tuples = {name: value for name, value in vars(model).items() if isinstance(value, tuple)}
        kept = {id(each): f"{name}.{index}" for name, value in tuples.items() for index, each in enumerate(value)}
        path = right(model, module, prefix)
        return prefix + kept[id(module)] if path is None and id(module) in kept and module is not None else path


class PrefixInANormalForm(Fault, aims_at="module_to_fqn/prefix-prepended"):
    """Writes the letters of the prefix in their normal form."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        return right(model, module, unicodedata.normalize("NFC", prefix))


class PrefixHasDollars(Fault, aims_at="module_to_fqn/prefix-prepended"):
    """Puts the path behind a prefix in a template."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module)
        return Template(f"{prefix}$path").safe_substitute(path=path) if path else path


class PrefixIsAFormat(Fault, aims_at="module_to_fqn/prefix-prepended"):
    """Puts the path behind a prefix in a format of the old kind."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module)
        try:
            return f"{prefix}%s" % path if path else path
        except (TypeError, ValueError):
            return prefix + str(path)
