"""What checks say about what they saw. A reproducer takes these functions with it, so they need torch only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch


def same(observed: Any, expected: Any) -> bool:
    """Tell whether what was observed is what was expected, whatever ``==`` of the observed says."""
    # What the check itself makes is compared item by item, text and numbers by value, all else by identity.
    if isinstance(expected, (tuple, list)):
        return (
            type(observed) is type(expected)
            and len(observed) == len(expected)
            and all(map(same, list(observed), list(expected)))
        )
    if isinstance(expected, dict):
        return (
            type(observed) is dict
            and list(observed) == list(expected)
            and all(same(observed[key], expected[key]) for key in expected)
        )
    if isinstance(expected, str):
        return isinstance(observed, str) and str.__eq__(observed, expected)
    if isinstance(expected, (int, float, torch.device)) and not isinstance(expected, bool):
        return type(observed) is type(expected) and bool(observed == expected)
    return observed is expected


def contents(tensor: Any) -> Any:
    """Give what there is to know of a tensor: device, dtype, shape and values, as comparable text.

    Values are None on a device that holds none. Of complex numbers, which can be multiplied in more than one right
    way, zeros have no sign. Anything but a tensor gives its type.
    """
    if not isinstance(tensor, torch.Tensor):
        return f"no tensor but {type(tensor).__name__}"
    unsigned = tensor.detach() + 0 if tensor.is_complex() else tensor.detach()
    # Tensors on meta hold none, nor do those of torch's FakeTensorMode.
    empty = tensor.device.type == "meta" or hasattr(tensor, "fake_mode")
    values = None if empty else repr(unsigned.cpu().tolist())
    return {
        "device": str(tensor.device),
        "dtype": str(tensor.dtype),
        "shape": str(tuple(tensor.shape)),
        "values": values,
    }


def error_of(call: Callable[..., Any], *args: Any) -> Exception | None:
    """Give the error that a call raises, or None if it raises none."""
    try:
        call(*args)
    except Exception as error:
        return error
    return None


def raised(kind: type[Exception], call: Callable[..., Any], *args: Any) -> str:
    """Name what a call raises: ``kind`` for an instance of it, else the class itself, or ``"nothing"``."""
    error = error_of(call, *args)
    if error is None:
        return "nothing"
    return kind.__name__ if isinstance(error, kind) else type(error).__name__
