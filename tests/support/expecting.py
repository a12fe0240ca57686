"""Files of expected failures made by hand, and what torch is known to fail."""

from __future__ import annotations

#: The SHOULDs that no release of torch meets so far.
TORCHS_SHOULDS = {
    "module_to_fqn/equal-siblings-found",
    "module_to_fqn/deep-models",
    "module_to_fqn/cyclic-models",
    "module_to_fqn/linear-cost",
    "fqn_to_module/nothing-beyond-missing",
    "swap_module/kwargs-hooks",
    "swap_module/always-call-hooks",
    "swap_module/same-object-from-dense",
    "FakeSparsity/strict-reload",
}


def entry(id: str = "module_contains_param/returns-bool", **more: str | bool) -> str:
    """Write an entry; every key but the id may be left out."""
    keys = {"id": id, "reason": "known", **more}
    lines = [f"{key} = {str(value).lower() if isinstance(value, bool) else repr(value)}" for key, value in keys.items()]
    return "\n".join(["[[expected]]", *lines, ""])
