"""How a script compares what it observed with what it expected: as plainly as says the same as the check did."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import redirect_stdout, suppress
from io import StringIO
from typing import Any

import torch

from .implementations import load
from .pristine import pristine

SAME = "same(observed, expected)"
_EQUAL = "observed == expected"
_IDENTICAL = "all(observed[name] is expected[name] for name in expected)"
#: Values that are equal to their like alone.
_PLAIN = (str, int, float, torch.device)


def comparison(observed: Any, expected: Any, verdict: bool) -> str:
    """Write the condition that a script asserts.

    Parameters:
        observed: what a check observed.
        expected: what it expected.
        verdict: whether the two are the same.
    """
    with suppress(Exception):  # of an odd ``==``
        if all(map(_is_plain, _leaves(expected))) and (observed == expected) is verdict:
            return _EQUAL
    named = isinstance(expected, dict) and type(observed) is dict and list(observed) == list(expected)
    if not named or not all(map(_is_identity, expected.values())):
        return SAME
    return _IDENTICAL if all(observed[name] is expected[name] for name in expected) is verdict else SAME


def foreseen(code: str) -> str:
    """Write the condition where an error came before it: an implementation that conforms, the reference, gets there.

    Parameters:
        code: the script up to the condition, without what loads the implementation.
    """
    try:
        namespace: dict[str, Any] = {"implementation": load("reference").target, "__name__": "script"}
        with pristine(), redirect_stdout(StringIO()):
            exec(compile(code, "<script>", "exec", dont_inherit=True), namespace)
    except Exception:  # a device that can be made up once only, or a process that a file is needed for
        return SAME
    return comparison(namespace["observed"], namespace["expected"], True)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, (list, tuple, dict)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _leaves(each)
    else:
        yield value


def _is_plain(value: Any) -> bool:
    return isinstance(value, _PLAIN) or (_is_identity(value) and not isinstance(value, torch.Tensor))


def _is_identity(value: Any) -> bool:
    """Tell whether a value is the same as another one only if it is that very one."""
    equality: Any = type(value).__eq__
    return isinstance(value, (bool, torch.Tensor)) or value is None or equality is object.__eq__
