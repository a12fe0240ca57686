"""What can be asked of a whole model, whatever it is made of: found out with plain torch, and all else left out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, islice
from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize

from ..comparing import error_of, outcome
from ..masks.masking import Masking

#: How deep a path may be that every implementation must find: deeper ones SHOULD be found.
DEEPEST = 200
#: How many modules may be passed while some are looked for, one after the other.
MOST_STEPS = 1_000_000
#: What a mask on a tensor costs, as a number of modules that are passed.
COST_OF_MASK = 2_500
#: How many paths of a model are looked at.
MOST_PATHS = 100_000
#: What lists the modules below one. Which of them counts, where a class has its own, is open.
LISTING = ("children", "modules", "named_children", "named_modules")


def all_paths(
    module: nn.Module, path: str = "", above: tuple[nn.Module, ...] = (), is_open: bool = False
) -> Iterator[tuple[str, nn.Module, int, bool]]:
    """Yield every path of a model with its module, its depth, and whether it is open that it leads there.

    It is open below a module that gives its children otherwise than they are registered, and beyond a name that
    ``add_module`` refuses. A model that contains itself has paths without end, and ends with one that is too deep.
    """
    yield path, module, len(above), is_open
    children = [(name, child) for name, child in module._modules.items() if child is not None]
    is_open = is_open or any(getattr(type(module), each) is not getattr(nn.Module, each) for each in LISTING)
    each_once = {id(child): (name, child) for name, child in reversed(children)}
    listed = [(name, id(child)) for name, child in module.named_children()]
    is_open = is_open or sorted(listed) != sorted((name, id(child)) for name, child in each_once.values())
    for name, child in children:
        if len(above) >= DEEPEST or child is module or any(child is each for each in above):
            yield name, child, DEEPEST + 1, True
            return
        further = f"{path}.{name}" if path else name
        yield from all_paths(child, further, (*above, module), is_open or not name or "." in name)


def first_paths(model: nn.Module, shared: bool | None = None) -> dict[str, nn.Module]:
    """Return the modules of a model by their first path, depth first in the order of registration.

    A model that contains itself, is very deep, or has very many paths to few modules has none but its own: that such a
    one is looked through at all is a SHOULD of its own.

    Parameters:
        model: the model.
        shared: whether to return only those that are registered in several places, or only the others.
    """
    paths: dict[int, str] = {}
    modules: dict[int, nn.Module] = {}
    several, left_out = set(), set()
    for count, (path, module, depth, is_open) in enumerate(all_paths(model)):
        if depth > DEEPEST or count > 10 * len(modules) + 1000:
            return {"": model} if not shared else {}
        if id(module) in modules:
            several.add(id(module))
        paths.setdefault(id(module), path)
        modules[id(module)] = module
        if is_open:
            left_out.add(id(module))
    return {
        path: modules[key] for key, path in paths.items() if key not in left_out and shared in (None, key in several)
    }


def some(found: dict[str, Any], cost: int) -> list[str]:
    """Return some paths of what is found in a large model, evenly spread, the last among them; in a small one all.

    Parameters:
        found: modules or tensors, by path.
        cost: what each of them costs, as a number of modules that are passed.
    """
    paths = list(found)
    step = -(-len(paths) // max(100, MOST_STEPS // max(1, cost))) or 1
    return [*paths[:-1:step], *paths[-1:]]


def every_path(model: nn.Module) -> dict[str, nn.Module]:
    """Return the modules of a model by all of their paths that attribute access follows."""
    found = {path: module for path, module, _, is_open in islice(all_paths(model), MOST_PATHS) if not is_open}
    return reachable(model, found)


def reached(model: Any, path: str) -> Any:
    """Return what attribute access leads to along a path."""
    for name in path.split(".") if path else ():
        model = getattr(model, name)
    return model


def reachable(model: nn.Module, found: dict[str, Any]) -> dict[str, Any]:
    """Return those modules or tensors of a model that attribute access gives at their paths."""
    return {path: each for path, each in found.items() if outcome(reached, model, path) is each}


def tensors_of(model: nn.Module, *, buffers: bool = True) -> dict[str, torch.Tensor]:
    """Return the parameters, and the buffers, of a model by path, but for those that are parametrized."""
    found = {}
    for path, module in first_paths(model).items():
        for name, tensor in (*module._parameters.items(), *(module._buffers.items() if buffers else ())):
            if tensor is not None and "." not in name:
                found[f"{path}.{name}" if path else name] = tensor
    return reachable(model, found)


def parametrized_of(model: nn.Module) -> dict[str, torch.Tensor]:
    """Return the parametrized tensors of a model by path, but for those that are other ones each time."""
    modules = first_paths(model).items()
    paths = [f"{path}.{name}" if path else name for path, each in modules for name in parametrizations_of(each) or ()]
    found = {path: outcome(reached, model, path) for path in paths}
    return {path: each for path, each in found.items() if is_alike(outcome(reached, model, path), each)}


def parametrizations_of(module: nn.Module) -> dict[str, list[Any]] | None:
    """Return the parametrizations of each tensor of a module, or None where that is open: torch did not make them."""
    lists = module._modules.get("parametrizations")
    if lists is None:
        return None if hasattr(module, "parametrizations") else {}
    if not parametrize.is_parametrized(module):
        return None
    made = all(isinstance(each, parametrize.ParametrizationList) for each in lists.children())
    return {name: list(each.children()) for name, each in lists.named_children()} if made else None


def is_alike(one: Any, other: Any) -> bool:
    """Return whether two tensors are alike, in their values too if they have any; nan is like nan."""
    return outcome(_is_alike, one, other) is True  # not every layout can be compared


def _is_alike(one: Any, other: Any) -> bool:
    if not isinstance(one, torch.Tensor) or not isinstance(other, torch.Tensor):
        return False
    facts = [(each.device, each.dtype, each.shape, each.requires_grad) for each in (one, other)]
    alike = facts[0] == facts[1]
    return alike and (one.is_meta or bool(((one == other) | ((one != one) & (other != other))).all()))


def leaves_of(model: nn.Module) -> dict[str, nn.Module]:
    """Return the modules of a model that have none below but parametrizations, and can be swapped for themselves.

    Hooks would be registered on a result that has them already, and tensors on several devices are refused.
    """
    found = {}
    for path, module in first_paths(model).items():
        below = {name for name, child in module._modules.items() if child is not None}
        devices = {tensor.device for tensor in chain(module.parameters(), module.buffers())}
        is_leaf = below <= {"parametrizations"} and parametrizations_of(module) is not None
        is_plain = len(devices) < 2 and not module._forward_hooks and not module._forward_pre_hooks
        if is_leaf and is_plain and all(error_of(module.to, each) is None for each in devices):
            found[path] = module
    return found


def mask_at(model: nn.Module, path: str, kind: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Put a mask on a tensor of a model, every other number of it, and return the mask and the product.

    Parameters:
        model: the model.
        path: that of the tensor.
        kind: the class of the parametrization.
    """
    owner, _, name = path.rpartition(".")
    tensor = reached(model, path)
    mask = torch.zeros(tensor.shape, dtype=tensor.dtype, device=tensor.device)
    mask.view(-1)[::2] = 1
    parametrize.register_parametrization(reached(model, owner), name, kind(mask))
    return mask, mask * tensor


def masked_plainly(model: nn.Module) -> list[str]:
    """Put masks of a plain product on the parameters of a model; return the paths of those that torch can mask so."""
    found = []
    for path in some(tensors_of(model, buffers=False), COST_OF_MASK):
        if ".parametrizations." not in f".{path}":
            made = outcome(mask_at, model, path, Masking)
            if isinstance(made, tuple) and is_alike(outcome(reached, model, path), made[1]):
                found.append(path)
    return found


def look_through(model: nn.Module) -> None:
    """Read of a model whatever checks read, and raise what its own code raises then, but for what is merely missing."""
    for module in first_paths(model).values():
        registered = (module._modules, module._parameters, module._buffers, parametrizations_of(module) or {})
        for name in ("parametrizations", *chain(*registered)):
            with suppress(AttributeError):
                getattr(module, name)
    _ = tensors_of(model), parametrized_of(model), leaves_of(model)
