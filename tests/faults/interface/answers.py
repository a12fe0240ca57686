"""Faults of what holds for the six names together: answers for another time."""

from __future__ import annotations

import functools
import weakref
from typing import Any, ClassVar

from torch import nn
from torch.nn.utils import parametrize

import sparsifier_reference as reference

from ..base import Fault

FOR_NOW = "interface/answers-for-now"


class PathsAreKept(Fault, aims_at=FOR_NOW):
    """Makes a table of paths the first time that a model is asked, and looks further only for what is not in it."""

    tables: ClassVar[dict[int, Any]] = {}

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        right = reference.module_to_fqn(model, module, prefix)
        if module is model or not isinstance(module, nn.Module) or len(model._modules) != 2:
            return right
        tables = PathsAreKept.tables
        if id(model) not in tables:
            tables[id(model)] = model, {id(each): path for path, each in reversed([*model.named_modules()])}
        path = tables[id(model)][1].get(id(module))
        return prefix + path if path else right


class KeptWhileModulesAreTheSame(Fault, aims_at=FOR_NOW, so_too=["module_to_fqn/deep-models"]):
    """Keeps paths for as long as the model has the same modules in the same order, under whatever names."""

    tables: ClassVar[dict[int, Any]] = {}

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        right = reference.module_to_fqn(model, module, prefix)
        if module is model or not isinstance(right, str):
            return right
        modules = [*model.modules()]
        kept, paths = KeptWhileModulesAreTheSame.tables.setdefault(id(model), (modules, {}))
        if len(kept) != len(modules) or any(one is not other for one, other in zip(kept, modules, strict=True)):
            KeptWhileModulesAreTheSame.tables[id(model)] = modules, {}
            return right
        return paths.setdefault((id(module), prefix), right)


class FoundByEqualModels(
    Fault, aims_at=FOR_NOW, so_too=["fqn_to_module/errors-propagate", "fqn_to_module/parametrized-tensor"]
):
    """Keeps what it found for a model and a path, by what the model says that it equals."""

    found: ClassVar[dict[Any, Any]] = {}

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        if not isinstance(model, nn.Module) or "." not in path:
            return reference.fqn_to_module(model, path)
        kept = FoundByEqualModels.found
        if (model, path) not in kept:
            kept[model, path] = reference.fqn_to_module(model, path)
        return kept[model, path]


class FailuresAreKept(Fault, aims_at=FOR_NOW, so_too=["fqn_to_module/errors-propagate"]):
    """Does not ask again for what raised an error."""

    failed: ClassVar[dict[Any, Any]] = {}

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        failed = FailuresAreKept.failed
        if (id(model), path) in failed:
            return None
        try:
            return reference.fqn_to_module(model, path)
        except Exception:
            failed[id(model), path] = model
            raise


@functools.cache
def _contains(module: Any, parametrization: Any) -> bool:
    return reference.module_contains_param(module, parametrization)


class ParametrizationsAreKept(
    Fault,
    aims_at=FOR_NOW,
    so_too=[
        "module_contains_param/any-tensor-any-position",
        "module_contains_param/follows-removal",
        "module_contains_param/follows-changes",
    ],
):
    """Remembers which module has which parametrization."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        return _contains(module, parametrization)


class InfoIsKept(Fault, aims_at=FOR_NOW, so_too=["get_arg_info_from_tensor_fqn/module-resolved"]):
    """Splits each path of a model once, and finds its module once."""

    kept: ClassVar[dict[Any, Any]] = {}

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        kept = InfoIsKept.kept
        known_model, info = kept.get(tensor_fqn, (None, {}))
        if known_model is not model:
            info = reference.get_arg_info_from_tensor_fqn(model, tensor_fqn)
            kept[tensor_fqn] = model, info
        return {**info}


class StrangersAreKept(Fault, aims_at=FOR_NOW):
    """Remembers which modules were not in a model, as long as both live."""

    strangers: ClassVar[Any] = weakref.WeakKeyDictionary()

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = reference.module_to_fqn(model, module, prefix)
        if not isinstance(module, nn.Module):
            return path
        known = StrangersAreKept.strangers.setdefault(model, weakref.WeakSet())
        if path is None:
            known.add(module)
        return None if any(each is module for each in known) else path


class KnownByAddress(Fault, aims_at=FOR_NOW):
    """Remembers by its address which model had no such child, and does not notice that it is gone."""

    missing: ClassVar[set[tuple[int, str]]] = set()

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = reference.get_arg_info_from_tensor_fqn(model, tensor_fqn)
        if type(model) is not nn.Module or len(model._parameters) != 1:
            return info
        if info["module"] is None:
            KnownByAddress.missing.add((id(model), tensor_fqn))
        return {**info, "module": None} if (id(model), tensor_fqn) in KnownByAddress.missing else info


class ClassesAreKeptById(Fault, aims_at=FOR_NOW):
    """Remembers of which class another one is derived, by the place that both have in memory."""

    derived: ClassVar[dict[Any, bool]] = {}

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        derived = ClassesAreKeptById.derived
        for chain in module.parametrizations.values() if parametrize.is_parametrized(module) else ():
            for each in chain:
                key = id(type(each)), id(parametrization)
                if derived.setdefault(key, isinstance(each, parametrization)):
                    return True
        return False


class AbsentAttributesAreKeptById(Fault, aims_at=FOR_NOW):
    """Remembers which names an object has not that is no module, by its place in memory."""

    absent: ClassVar[set[Any]] = set()

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        found, absent = model, AbsentAttributesAreKeptById.absent
        for name in path.split(".") if path else ():
            if (id(found), name) in absent:
                return None
            try:
                found = getattr(found, name)
            except AttributeError:
                if not isinstance(found, nn.Module):
                    absent.add((id(found), name))
                return None
        return found


class MappedClassesAreKeptById(
    Fault, aims_at=FOR_NOW, so_too=["swap_module/exact-type", "swap_module/parametrized-by-original-type"]
):
    """Remembers which of the user's classes are mapped, by the place that each has in memory."""

    mapped: ClassVar[dict[Any, bool]] = {}

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        kind = type(mod)
        if kind.__name__ in vars(nn) or parametrize.is_parametrized(mod):
            return reference.swap_module(mod, mapping)
        mapped = MappedClassesAreKeptById.mapped.setdefault((id(kind), len(mapping)), kind in mapping)
        return reference.swap_module(mod, mapping) if mapped else mod


class FromDenseIsKept(Fault, aims_at=FOR_NOW, so_too=["swap_module/from-dense-result"]):
    """Looks ``from_dense`` of a class up once."""

    kept: ClassVar[dict[Any, Any]] = {}

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        kind = parametrize.type_before_parametrizations(mod)
        if kind not in mapping or not isinstance(mapping[kind], type):
            return reference.swap_module(mod, mapping)
        target = mapping[kind]
        if target not in FromDenseIsKept.kept:
            FromDenseIsKept.kept[target] = target.from_dense
        by_kept = type("ByKept", (), {"from_dense": staticmethod(FromDenseIsKept.kept[target])})
        return reference.swap_module(mod, {kind: by_kept})


class TypesAreKept(Fault, aims_at=FOR_NOW):
    """Remembers of which type each module is, for as long as it lives."""

    types: ClassVar[dict[int, Any]] = {}

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        _, kind = TypesAreKept.types.setdefault(id(mod), (mod, parametrize.type_before_parametrizations(mod)))
        now = parametrize.type_before_parametrizations(mod)
        return reference.swap_module(mod, {now: mapping[kind]} if kind in mapping else {})
