"""What checks say about what they saw. A reproducer takes these functions with it, so they need torch only."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import torch


class Difference(AssertionError):
    """What a check observed is not what it expected; both sides are kept.

    Parameters:
        observed: what the implementation did.
        expected: what the requirement asks for.
    """

    def __init__(self, observed: Any, expected: Any) -> None:
        super().__init__("what was observed is not what was expected")
        self.observed = observed
        self.expected = expected


def assert_same(observed: Any, expected: Any) -> None:
    """End a check: pass if what was observed is what was expected.

    Parameters:
        observed: what the implementation did, as a dict from what was tried to what came of it, or as one value.
        expected: what the requirement asks for, of the same form.

    Raises:
        Difference: if the two are not the same, see ``same``.
    """
    if not same(observed, expected):
        raise Difference(observed, expected)


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


def show_difference(observed: Any, expected: Any, where: str = "") -> None:
    """Print where what was observed is not what was expected."""
    if type(observed) is dict and type(expected) is dict and list(observed) == list(expected):
        for key in expected:
            show_difference(observed[key], expected[key], f"{where}{key}: ")
    elif not same(observed, expected):
        with suppress(Exception):  # of a repr
            print(f"{where}expected {expected!r}, got {observed!r}")


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


def error_of(call: Callable[..., Any], *args: Any, kind: type[BaseException] = Exception) -> BaseException | None:
    """Give the error that a call raises, or None if it raises none; what is not of the kind is raised on."""
    try:
        call(*args)
    except kind as error:
        return error
    return None


def outcome(call: Callable[..., Any], *args: Any) -> Any:
    """Return what a call gives, or in words the class of the error that it raises."""
    try:
        return call(*args)
    except Exception as error:
        return f"raises {type(error).__name__}"


def in_case(case: str, call: Callable[..., Any], *args: Any) -> Any:
    """Return what a call gives; to an error that it raises the case is added as a note, for there may be many."""
    try:
        return call(*args)
    except Exception as error:
        vars(error).setdefault("__notes__", []).append(case)
        raise


def info_of(implementation: Any, model: Any, path: str) -> dict[str, Any]:
    """Return the parts of a tensor's path as a plain dict: what is returned may be of a class derived from dict."""
    return dict(implementation.get_arg_info_from_tensor_fqn(model, path))


def raised(kind: type[Exception], call: Callable[..., Any], *args: Any) -> str:
    """Name what a call raises: ``kind`` for an instance of it, else the class itself, or ``"no error"``."""
    error = error_of(call, *args)
    if error is None:
        return "no error"
    return kind.__name__ if isinstance(error, kind) else type(error).__name__
