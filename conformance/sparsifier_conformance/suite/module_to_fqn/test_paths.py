"""Checks of ``module_to_fqn``."""

from __future__ import annotations

import copy
import weakref
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import example, given
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same, outcome
from sparsifier_conformance.checking.costs import IMPORTS_COMPILER
from sparsifier_conformance.checking.descriptions import Tree
from sparsifier_conformance.checking.models.odd import ODD_MODULES, of_every_class, of_every_name, wrapper
from sparsifier_conformance.checking.models.strategies import TELLING_NAMES, TEMPLATES, WRAPPED, prefixes, trees


@given(tree=trees(sharing=True))
def test_root_is_empty(implementation: Any, tree: Tree) -> None:
    model = tree.build()
    observed = {
        path: implementation.module_to_fqn(model.get_submodule(path), model.get_submodule(path))
        for path in tree.paths()
    }
    of_child = outcome(implementation.module_to_fqn, model, next(model.children()))
    observed["whether a child's path is empty"] = of_child == ""
    expected: dict[str, Any] = {**dict.fromkeys(tree.paths(), ""), "whether a child's path is empty": False}
    assert_same(observed, expected)


@given(tree=trees(of_wrappers=True))
# The plainest first: what is shown of a failure has names and containers only where these matter.
@example(tree=Tree(("Module",) * 2, ((0, "a", 1),)))
@example(tree=Tree(("Module",) * 4, ((0, "a", 1), (1, "b", 2), (2, "c", 3))))
@example(tree=Tree(("Module", "Sequential"), ((0, "a", 1),)))
@example(tree=Tree(("Module", "ModuleList"), ((0, "a", 1),)))
@example(tree=Tree(("Module", "Sequential", "ModuleList"), ((0, "a", 1), (1, "0", 2))))
@example(tree=Tree(("Module",) * 4, ((0, "_orig_mod", 1), (1, "module", 2), (2, "a\nb", 3))))
@example(
    tree=Tree(("Module",) * 4, ((0, "_fsdp_wrapped_module", 1), (1, "_checkpoint_wrapped_module", 2), (2, "a", 3)))
)
def test_path_of_descendant(implementation: Any, tree: Tree) -> None:
    model = tree.build()
    paths = [path for path in tree.paths() if path]
    observed = {path: implementation.module_to_fqn(model, model.get_submodule(path)) for path in paths}
    expected = {path: path for path in paths}
    assert_same(observed, expected)


@given(tree=trees(tensors=True))
def test_not_a_descendant_is_none(implementation: Any, tree: Tree) -> None:
    model: Any = tree.build()
    descendant = next(model.children())
    tensor = next(iter([*model.parameters(), *model.buffers()]))
    model.kept, model.by_name, model.helper = [nn.ReLU()], {"a": nn.ReLU()}, Holder(nn.ReLU())
    model.pair, model.around = (nn.ReLU(), 1), {in_set := nn.ReLU()}
    object.__setattr__(model, "unregistered", nn.ReLU())
    model.__dict__["in_dict"] = descendant_of_none = nn.Sequential(nn.ReLU())
    model.register_forward_hook(hook := Hook())
    model.reference = weakref.ref(referred := nn.ReLU())
    model.__class__ = type("WithModule", (type(model),), {"on_class": (on_class := nn.ReLU())})
    others = {
        "another module": nn.ReLU(),
        "a copy of a child": copy.deepcopy(descendant),
        "a copy that shares all that a child has": copy.copy(descendant),
        "None": None,
        "a tensor": tensor,
        "a list": [descendant],
        "the class of a child": type(descendant),
        "the path of a child": tree.children[0][1],
        "a module kept only in a plain list": model.kept[0],
        "a module kept only in a plain tuple": model.pair[0],
        "a module kept only in a plain set": in_set,
        "a module kept only in a plain dict": model.by_name["a"],
        "a module kept only by what is no module": model.helper.module,
        "a module that is a plain attribute": model.unregistered,
        "a module that is only in __dict__": descendant_of_none,
        "a module in one that is only in __dict__": descendant_of_none[0],
        "a module that is a hook": hook,
        "a module behind a weak reference": referred,
        "a module on the class": on_class,
        "a weak reference to a child": weakref.ref(descendant),
        "a method of a child": descendant.forward,
        **{f"another module with a child as {name}": wrapper(name, descendant) for name in WRAPPED},
    }
    observed = {what: implementation.module_to_fqn(model, other) for what, other in others.items()}
    observed["the model, from its descendant"] = implementation.module_to_fqn(descendant, model)
    plain = nn.Sequential(nn.ReLU())
    observed["whether a descendant has a path"] = isinstance(implementation.module_to_fqn(plain, plain[0]), str)
    expected = {what: what.startswith("whether") or None for what in observed}
    assert_same(observed, expected)


def test_not_a_descendant_is_none__around_a_descendant(implementation: Any) -> None:
    model = nn.Sequential(nn.Sequential(nn.ReLU()))
    observed: dict[str, Any] = {"a child": isinstance(implementation.module_to_fqn(model, model[0]), str)}
    expected: dict[str, Any] = {"a child": True}
    for name, around in of_every_class().named_children():
        # As real wrappers have what they wrap, which want arguments, and some of which move or copy it.
        around._modules.update(dict.fromkeys(WRAPPED, model[0]))
        observed[f"one around a child, of class {name}"] = implementation.module_to_fqn(model, around)
        expected[f"one around a child, of class {name}"] = None
    assert_same(observed, expected)


@IMPORTS_COMPILER
def test_not_a_descendant_is_none__compiled(implementation: Any) -> None:
    model = nn.Sequential(nn.Sequential(nn.ReLU()))
    around = {"a child": compiled(model[0]), "the model": compiled(model)}
    observed = {f"compiled: {what}": implementation.module_to_fqn(model, module) for what, module in around.items()}
    observed["whether a child has a path"] = isinstance(implementation.module_to_fqn(model, model[0]), str)
    expected = {what: what.startswith("whether") or None for what in observed}
    assert_same(observed, expected)


def compiled(module: nn.Module) -> nn.Module:
    """Compile a module; where this torch has no compiler, or not for this Python, what only looks like that."""
    made: Any = outcome(lambda: torch.compile(module, backend="eager"))
    return made if isinstance(made, nn.Module) else wrapper("_orig_mod", module)


class Hook(nn.Module):
    """A module that serves as a hook."""

    def forward(self, *args: Any) -> None:
        """Do nothing."""


class Holder:
    """An object that is no module, and holds one."""

    def __init__(self, module: nn.Module) -> None:
        self.module = module


@pytest.mark.parametrize("odd", ODD_MODULES)
def test_path_of_descendant__odd_modules(implementation: Any, odd: Callable[[], nn.Module]) -> None:
    model = nn.Sequential(nn.Sequential(odd()), odd())
    observed = {path: implementation.module_to_fqn(model, module) for path, module in model.named_modules() if path}
    from_odd = model.get_submodule("1")
    of_odd = {path: module for path, module in from_odd.named_modules() if path}
    observed.update({f"{path}, from it": implementation.module_to_fqn(from_odd, of_odd[path]) for path in of_odd})
    expected = {path: path.partition(",")[0] for path in observed}
    assert_same(observed, expected)


def test_path_of_descendant__every_name(implementation: Any) -> None:
    model = of_every_name()
    expected = {path: path for path, _ in model.named_modules() if path}
    observed = {path: implementation.module_to_fqn(model, model.get_submodule(path)) for path in expected}
    assert_same(observed, expected)


def test_path_of_descendant__every_class(implementation: Any) -> None:
    model = of_every_class()
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for name, child in model.named_children():
        alone = wrapper(name, child)  # in a model of its own, as all of them together take long to look through
        for path, module in ((name, child), (f"{name}.inner", child.inner)):
            observed[path] = implementation.module_to_fqn(alone, module)
            expected[path] = path
    observed["the last of all"] = implementation.module_to_fqn(model, [*model.modules()][-1])
    expected["the last of all"] = [path for path, _ in model.named_modules()][-1]
    assert_same(observed, expected)


@IMPORTS_COMPILER
def test_path_of_descendant__compiled(implementation: Any) -> None:
    outer = compiled(nn.Sequential(nn.Sequential(nn.ReLU())))
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for what, model in {"the model": outer, "its child": nn.Sequential(outer)}.items():
        paths = {path: module for path, module in model.named_modules() if path}
        observed[f"compiled is {what}"] = {path: implementation.module_to_fqn(model, paths[path]) for path in paths}
        expected[f"compiled is {what}"] = {path: path for path in paths}
    assert_same(observed, expected)


def test_path_of_descendant__deep(implementation: Any) -> None:
    model = deepest = nn.ModuleList()  # which is false as long as it is empty
    for _ in range(200):
        model = nn.ModuleList([model])
    observed = implementation.module_to_fqn(model, deepest)
    expected = ".".join("0" * 200)
    assert_same(observed, expected)


@given(tree=trees(sharing=True))
@example(tree=Tree(("Module",) * 3, ((0, "a", 1), (0, "z", 2), (1, "b", 2))))
@example(tree=Tree(("Module",) * 3, ((0, "z", 2), (0, "a", 1), (1, "b", 2))))
@example(tree=Tree(("Module",) * 3, ((0, "1", 1), (0, "0", 2), (1, "b", 2))))
def test_first_path_when_shared(implementation: Any, tree: Tree) -> None:
    model = tree.build()
    observed = {path: implementation.module_to_fqn(model, model.get_submodule(path)) for path in tree.paths()}
    expected = tree.paths()
    assert_same(observed, expected)


def test_first_path_when_shared__in_whatever_order(implementation: Any) -> None:
    observed, expected = {}, {}
    for names in (TELLING_NAMES, TELLING_NAMES[::-1]):
        model: Any = nn.Module()
        shared, tanh = nn.ReLU(), nn.Tanh()
        for name in names:  # so that the first in any other order is not the first
            model.add_module(name, shared)
        layer: Any = nn.Linear(2, 2)
        model.layer = layer
        layer.add_module(names[0], tanh)
        parametrize.register_parametrization(layer, "weight", tanh)
        layer.add_module(names[1], layer.parametrizations.weight)
        for path, module in ((names[0], shared), (f"layer.{names[0]}", tanh)):
            observed[path] = implementation.module_to_fqn(model, module)
            expected[path] = path
        observed["layer.parametrizations.weight"] = implementation.module_to_fqn(model, layer.parametrizations.weight)
        expected["layer.parametrizations.weight"] = "layer.parametrizations.weight"
    assert_same(observed, expected)


@given(tree=trees(), prefix=prefixes())
@example(tree=Tree(("Module",) * 3, ((0, "a", 1), (1, "b", 2))), prefix="net.")
@example(tree=Tree(("Module",) * 2, ((0, "a", 1),)), prefix=" net..")  # which is not to be tidied
@example(tree=Tree(("Module",) * 2, ((0, "a", 1),)), prefix=".net.")
@example(tree=Tree(("Module",) * 2, ((0, "a", 1),)), prefix="a")  # nor to be there but once
@example(tree=Tree(("Module",) * 2, ((0, "a", 1),)), prefix="net.a")
@example(tree=Tree(("Module",) * 2, ((0, "a", 1),)), prefix="{}%s\\1.")  # nor a template
@example(tree=Tree(("Module",) * 2, ((0, "a", 1),)), prefix="n\u0303\ufb01\n.")  # nor in a normal form
def test_prefix_prepended(implementation: Any, tree: Tree, prefix: str) -> None:
    model = tree.build()
    observed, expected = {}, {}
    for path in tree.paths():
        module = model.get_submodule(path)
        observed[path] = implementation.module_to_fqn(model, module, prefix)
        # Whether there is a path, and whether it is right, is not looked at here.
        answer = implementation.module_to_fqn(model, module)
        found = prefix + answer if isinstance(answer, str) else answer
        expected[path] = found if path else ""
    plain = nn.Sequential(nn.ReLU())
    answer = implementation.module_to_fqn(plain, plain[0])
    observed["in a plain model"] = implementation.module_to_fqn(plain, plain[0], prefix)
    expected["in a plain model"] = prefix + (answer if isinstance(answer, str) else "0")
    assert_same(observed, expected)


def test_prefix_prepended__that_means_something_elsewhere(implementation: Any) -> None:
    observed, expected = {}, {}
    for text in TEMPLATES:
        model = nn.Sequential(wrapper(text, nn.ReLU()))
        for name, module in model.named_modules():
            if name:
                answer = implementation.module_to_fqn(model, module)
                for prefix in (text, f"{text}."):
                    case = f"{name}, with prefix {prefix}"
                    observed[case] = implementation.module_to_fqn(model, module, prefix)
                    # What the path is without a prefix is for other checks to see.
                    expected[case] = prefix + (answer if isinstance(answer, str) else name)
    assert_same(observed, expected)


# Of plain modules alone: an empty list is something else that may be passed over.
@given(tree=trees(absent=True, classes=("Module",)))
@example(tree=Tree(("Module",) * 2, ((0, "absent", None), (0, "present", 1))))
def test_absent_children_skipped(implementation: Any, tree: Tree) -> None:
    paths = [path for path in tree.paths() if path]
    model = tree.build()
    without = tree.build()
    for module in list(without.modules()):
        for name in [name for name, child in module._modules.items() if child is None]:
            delattr(module, name)
    # What is not found there either is not passed over for a child that is None; unless nothing ever is found.
    found = [path for path in paths if _found(implementation, without, path) == path] or paths
    observed = {path: _found(implementation, model, path) for path in found}
    expected = {path: path for path in found}
    assert_same(observed, expected)


def _found(implementation: Any, model: nn.Module, path: str) -> Any:
    """Return the path itself if that of the right module is found: what else may be wrong with it does not matter."""
    answer = implementation.module_to_fqn(model, model.get_submodule(path))
    return path if isinstance(answer, str) and answer.endswith(path.rpartition(".")[2]) else answer
