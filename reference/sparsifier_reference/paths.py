"""From a module or tensor to its fully qualified name, and back."""

from __future__ import annotations

from typing import Any

from torch import nn


def module_to_fqn(model: nn.Module, module: nn.Module, prefix: str = "") -> str | None:
    """Return the first path from ``model`` to ``module``, depth first in registration order.

    Parameters:
        model: the module that the path starts from.
        module: the module to look for; compared by identity.
        prefix: put before the path of a descendant, verbatim.

    Returns:
        The path; ``""`` for the model itself; None if ``module`` is not registered in it.

    Answers to: ``module_to_fqn/*``.
    """
    if module is model:
        return ""
    seen = {id(model)}
    # A stack of our own: depth then costs memory, not call frames. It is the way from the model to where the search
    # stands: of each module the name, which the model has not, and those of its children that are still to come.
    names: list[str] = []
    to_come = [iter(model._modules.items())]
    while to_come:
        for name, child in to_come[-1]:
            if child is not None and id(child) not in seen:
                if child is module:
                    return prefix + ".".join([*names, name])
                seen.add(id(child))
                names.append(name)
                to_come.append(iter(child._modules.items()))
                break
        else:
            to_come.pop()
            del names[-1:]
    return None


def fqn_to_module(model: nn.Module | None, path: str) -> Any:
    """Return what ``path`` leads to from ``model``, by attribute access.

    Parameters:
        model: where the path starts.
        path: names joined by dots; empty for the model itself.

    Returns:
        What lies there (a module, a tensor, any attribute), or None if a name on the way is missing or empty.

    Raises:
        Exception: whatever an attribute on the way raises, AttributeError excepted.

    Answers to: ``fqn_to_module/*``.
    """
    found: Any = model
    names = path.split(".") if path else ()
    try:
        for name in names:
            found = getattr(found, name)
    except AttributeError:
        return None
    return found


def get_arg_info_from_tensor_fqn(model: nn.Module, tensor_fqn: str) -> dict[str, Any]:
    """Return the module that holds a tensor and the tensor's name there, from its path.

    Parameters:
        model: where the path starts.
        tensor_fqn: the path of a tensor, which need not exist.

    Returns:
        A new dict of ``module_fqn``, ``module`` (None where there is none), ``tensor_name`` and ``tensor_fqn``.

    Answers to: ``get_arg_info_from_tensor_fqn/*``.
    """
    module_fqn, _, tensor_name = tensor_fqn.rpartition(".")
    return {
        "module_fqn": module_fqn,
        "module": fqn_to_module(model, module_fqn),
        "tensor_name": tensor_name,
        "tensor_fqn": tensor_fqn,
    }
