"""What Python calls where a debugger or a profiler is to be told what runs: here something that does nothing."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial

#: It is called at every line, or at every call.
UNHEEDED = partial(sys.audit, "sparsifier_conformance.runs")


@contextmanager
def unheeded() -> Generator[None, None, None]:
    """Let Python not call in the body what does nothing: by calling it, all takes several times as long."""
    both = ((sys.gettrace, sys.settrace), (sys.getprofile, sys.setprofile))
    called = [put for ask, put in both if ask() is UNHEEDED]
    for put in called:
        put(None)
    try:
        yield
    finally:
        for put in called:
            put(UNHEEDED)
