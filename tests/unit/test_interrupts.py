"""Interrupts: the first one is told, and those after it are not, whatever was done to their handlers meanwhile."""

from __future__ import annotations

import signal
import sys

import pytest

from sparsifier_conformance.judging.processes.interrupts import handlers_restored, interrupt_once


@pytest.mark.skipif(sys.platform == "win32", reason="signals are others there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_is_told_once_even_where_its_handler_is_put_back(number: signal.Signals) -> None:
    with handlers_restored():
        interrupt_once()
        handler = signal.getsignal(number)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
        assert signal.getsignal(number) is signal.SIG_IGN
        signal.signal(number, handler)  # as a check does that puts its surroundings back
        signal.raise_signal(number)
