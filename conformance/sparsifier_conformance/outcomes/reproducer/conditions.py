"""How a script compares what it observed with what it expected: the plainest condition with the check's own verdict."""

from __future__ import annotations

from contextlib import redirect_stdout, suppress
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

import torch

from ...implementations import load
from ...judging.isolation import pristine
from .branches import never_taken, parts
from .sources import Cut

_SAME = "same(observed, expected)"
_EQUAL = "observed == expected"
_IDENTICAL = "all(observed[name] is expected[name] for name in expected)"
_THE_SAME_ONE = "observed is expected"
#: Numbers are equal to those of another type, and True to 1: ``same`` tells them apart.
_NUMBERS = (int, float)


@dataclass(frozen=True)
class Condition:
    """What a script asserts."""

    text: str
    #: What our own comparison, if the script needs it, can do without.
    cut: Cut = field(default_factory=Cut)

    @property
    def is_our_own(self) -> bool:
        """Whether the script needs our own comparison."""
        return self.text == _SAME


#: Where nothing is known of what is compared.
UNKNOWN = Condition(_SAME)
#: Where it is text, as is all that comes from another process.
OF_TEXT = Condition(_EQUAL)


def comparison(observed: Any, expected: Any) -> Condition:
    """Choose the condition of a script, for a check that failed with these.

    Parameters:
        observed: what the check observed.
        expected: what it expected.
    """
    with suppress(Exception):  # of an odd ``==``
        if all(map(_is_plain, _leaves(expected))) and (observed == expected) is False:
            return Condition(_EQUAL)
    return _strict(observed, expected)


def foreseen(code: str) -> Condition:
    """Choose the condition where an error came before it: an implementation that conforms, the reference, gets there.

    Of what is observed then nothing is known, so that the condition must be as strict as that of the check.

    Parameters:
        code: the script up to the condition, without what loads the implementation.
    """
    try:
        namespace: dict[str, Any] = {"implementation": load("reference").target, "__name__": "script"}
        with pristine(), redirect_stdout(StringIO()):
            exec(compile(code, "<script>", "exec", dont_inherit=True), namespace)
    except Exception:  # a device that is not there, say
        return UNKNOWN
    observed, expected = namespace["observed"], namespace["expected"]
    leaves = _leaves(expected)
    if all(map(_is_plain, leaves)) and not any(isinstance(leaf, _NUMBERS) for leaf in leaves):
        return Condition(_EQUAL)
    return _strict(observed, expected)


def _strict(observed: Any, expected: Any) -> Condition:
    """Ask for the very objects, if that is all that is to be asked, else compare as checks do."""
    if _is_identity(expected):
        return Condition(_THE_SAME_ONE)
    named = isinstance(expected, dict) and type(observed) is dict and list(observed) == list(expected)
    if named and all(map(_is_identity, expected.values())):
        return Condition(_IDENTICAL)
    return Condition(_SAME, never_taken(expected))


def _leaves(value: Any) -> list[Any]:
    return [each for each in parts(value) if not isinstance(each, (list, tuple, dict))]


def _is_plain(value: Any) -> bool:
    """Tell whether ``==`` of a value says whether another one is the same."""
    if isinstance(value, (str, torch.device, *_NUMBERS)):
        return True
    return _is_identity(value) and not isinstance(value, torch.Tensor)


def _is_identity(value: Any) -> bool:
    """Tell whether a value is the same as another one only if it is that very one."""
    equality: Any = type(value).__eq__
    return isinstance(value, (bool, torch.Tensor)) or value is None or equality is object.__eq__
