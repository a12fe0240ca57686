"""The device ``pretend``: an accelerator written in Python, through the slot that torch has for vendors, PrivateUse1.

Its tensors have values and gradients, which are computed on the CPU, so what holds on it can be expected
of any vendor's device. ``pretend:no-float64`` and ``pretend:no-complex`` lack dtypes, as many accelerators do.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, ClassVar

import torch
from torch import nn

from . import transfers
from .base import Device, InScripts
from .names import PRETEND
from .pretended import LoadedStorage, Pretended, backend, held_by, index_of, random_state

#: As many as tell the old module's device from the current one.
COUNT = 2
#: The dtypes that a poor device lacks, by what its name says that it has none of.
LACKING = {
    "float64": frozenset({torch.float64, torch.complex128}),
    "complex": frozenset({torch.complex32, torch.complex64, torch.complex128}),
}


class Pretend(Device):
    """A pretended device; to ask whether it is there registers it."""

    in_scripts: ClassVar[InScripts] = InScripts(__name__, "pretending", around="with pretending():")

    def missing(self) -> str | None:
        """Return why there can be no such device here, or None if there is one."""
        return missing() or super().missing()

    @staticmethod
    def count(kind: str) -> int:
        """Return how many there are."""
        return COUNT if missing() is None else 0

    def noticed(self) -> list[str]:
        """Return what an implementation made the device wait for or copy away since it was entered."""
        return list(transfers.noted)

    @contextmanager
    def entered(self) -> Generator[str, None, None]:
        """Make the device behave as others do, and yield its name."""
        transfers.noted.clear()
        with pretending():
            yield self.name


class Poor(Pretend):
    """A pretended device without some dtypes; it is the last of two, so that it is not the current one."""

    index: ClassVar[int] = COUNT - 1
    takes_index: ClassVar[bool] = False

    @contextmanager
    def entered(self) -> Generator[str, None, None]:
        """Take the dtypes away, and yield torch's name of the device."""
        transfers.noted.clear()
        with pretending(self.name.rpartition("-")[2]):
            yield f"{PRETEND}:{self.index}"


class WithoutFloat64(Poor):
    """``pretend:no-float64``."""

    in_scripts: ClassVar[InScripts] = InScripts(__name__, "pretending", around='with pretending("float64"):')


class WithoutComplex(Poor):
    """``pretend:no-complex``."""

    in_scripts: ClassVar[InScripts] = InScripts(__name__, "pretending", around='with pretending("complex"):')


@contextmanager
def pretending(lacking: str = "") -> Generator[None, None, None]:
    """Make a pretended device behave as others do.

    Torch's guard for backends in Python knows one device, so the threads of the autograd engine, one for each device,
    have no place for a second.

    Parameters:
        lacking: a key of ``LACKING`` for a device without some dtypes.
    """
    register_backend()
    kept = dict(vars(backend()))
    backend().lacking = LACKING.get(lacking, frozenset())
    try:
        with torch.autograd.set_multithreading_enabled(False), _moving():
            yield
    finally:
        vars(backend()).update(kept)


@contextmanager
def _moving() -> Generator[None, None, None]:
    """Let a module that is moved keep its parameters, with what was set on them, as on other devices.

    Torch would give it new ones, as their class differs, so that tied ones come apart. When it is told to exchange them
    in place, it exchanges their attributes as well, and when a state dict is loaded, too, which need not be.
    """
    module_class: Any = nn.Module
    apply, convert, one_at_a_time = module_class._apply, torch.__future__, threading.RLock()

    def moved(module: Any, *args: Any, **kwargs: Any) -> Any:
        attributes = [(each, _set_on(each)) for each in module._parameters.values() if each is not None]
        with one_at_a_time:
            before = convert.get_swap_module_params_on_conversion()
            convert.set_swap_module_params_on_conversion(True)
            try:
                return apply(module, *args, **kwargs)
            finally:
                convert.set_swap_module_params_on_conversion(before)
                for parameter, those in attributes:
                    vars(parameter).update(those)

    module_class._apply = moved
    try:
        yield
    finally:
        module_class._apply = apply


def _set_on(parameter: torch.Tensor) -> dict[str, Any]:
    """Return the attributes of a parameter but for those that make it one of a pretended device."""
    return {name: value for name, value in vars(parameter).items() if name not in ("_held", "_is_param")}


def missing() -> str | None:
    """Return why there can be no such device here, or None if there is one: asking registers it."""
    if _set_up() is None:
        return f"torch {torch.__version__} takes no backend that is written in Python"
    name = torch._C._get_privateuse1_backend_name()
    if name not in ("privateuseone", PRETEND):
        return f"{name} has the place of PrivateUse1, of which torch has one"
    try:
        register_backend()
    except Exception as error:
        return f"torch {torch.__version__} cannot register it ({type(error).__name__}: {error})"
    return None


def _set_up() -> Any:
    """Give torch's function for that, if this release has it."""
    return getattr(getattr(torch.utils, "backend_registration", None), "_setup_privateuseone_for_python_backend", None)


class _Module:
    """What torch asks a backend for: it becomes ``torch.pretend``, and is taken for a module as any backend is."""

    __name__ = "torch.pretend"

    def __init__(self) -> None:
        self.current = 0
        #: The random state of each device from which numbers were drawn, by its index.
        self.random: dict[int, torch.Tensor] = {}
        #: The dtypes that there are none of.
        self.lacking: frozenset[torch.dtype] = frozenset()
        #: What is registered lives as long as these.
        self.libraries: list[Any] = []

    def is_initialized(self) -> bool:
        return True

    def is_available(self) -> bool:
        return True

    def _is_in_bad_fork(self) -> bool:
        return False

    def manual_seed(self, seed: int) -> None:
        self.set_rng_state(torch.Generator().manual_seed(seed).get_state())

    def manual_seed_all(self, seed: int) -> None:
        for index in range(COUNT):
            self.set_rng_state(torch.Generator().manual_seed(seed).get_state(), index)

    def get_rng_state(self, device: Any = None) -> torch.Tensor:
        return random_state(device)

    def set_rng_state(self, new_state: torch.Tensor, device: Any = None) -> None:
        self.random = {**self.random, index_of(device): new_state}

    def current_device(self) -> int:
        return self.current

    def set_device(self, device: Any) -> None:
        self.current = index_of(device)

    def synchronize(self, device: Any = None) -> None:
        pass

    def get_amp_supported_dtype(self) -> list[torch.dtype]:
        return [torch.float16, torch.bfloat16]

    @contextmanager
    def device(self, device: Any) -> Generator[None, None, None]:
        before = self.current_device()
        self.set_device(device)
        try:
            yield
        finally:
            self.set_device(before)

    def device_count(self) -> int:
        return COUNT


def register_backend() -> None:
    """Put the backend into torch's slot for one, unless it is there already."""
    if torch._C._get_privateuse1_backend_name() == PRETEND:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch may say that numpy is not there
        _set_up()(PRETEND, backend_module=_Module())
        new_library: Any = torch.library.Library
        library, autocast = new_library("aten", "IMPL"), new_library("_", "IMPL", "AutocastPrivateUse1")
        backend().libraries = [library, autocast]
        library.impl("empty.memory_format", _empty, "PrivateUse1")
        library.impl("empty_strided", _empty_strided, "PrivateUse1")
        library.impl("_copy_from", _copy, "PrivateUse1")
        # Of accelerators torch asks for cells in one piece, which the CPU does not have.
        cells = new_library("aten", "IMPL", "AutogradPrivateUse1")
        backend().libraries.append(cells)
        cells.impl("_thnn_fused_gru_cell", _gru_cell)
        cells.impl("_thnn_fused_lstm_cell", _lstm_cell)
        # Under autocast what runs is what runs without.
        autocast.fallback(torch.library.fallthrough_kernel)
        before_torchs_own: Any = torch.serialization.register_package
        before_torchs_own(0, lambda storage: None, LoadedStorage.restored)


def _empty(size: Any, *, dtype: Any = None, device: Any = None, memory_format: Any = None, **_: Any) -> Any:
    options = {} if memory_format is None else {"memory_format": memory_format}
    return Pretended(torch.empty(size, dtype=dtype, **options), index_of(device))


def _empty_strided(size: Any, stride: Any, *, dtype: Any = None, device: Any = None, **_: Any) -> Any:
    return Pretended(torch.empty_strided(size, stride, dtype=dtype), index_of(device))


def _copy(source: torch.Tensor, target: torch.Tensor, non_blocking: bool = False) -> torch.Tensor:
    held_by(target).copy_(held_by(source))
    return target


def _gru_cell(by_input: Any, by_hidden: Any, hidden: Any, input_bias: Any = None, hidden_bias: Any = None) -> Any:
    """Return the next state of a gated recurrent unit, and room for a backward that autograd does here."""
    reset, update, new = (by_input if input_bias is None else by_input + input_bias).chunk(3, 1)
    reset_too, update_too, new_too = (by_hidden if hidden_bias is None else by_hidden + hidden_bias).chunk(3, 1)
    proposed = (new + (reset + reset_too).sigmoid() * new_too).tanh()
    return proposed + (update + update_too).sigmoid() * (hidden - proposed), hidden.new_empty(0)


def _lstm_cell(by_input: Any, by_hidden: Any, cell: Any, input_bias: Any = None, hidden_bias: Any = None) -> Any:
    """Return the next state and cell of a long short-term memory, and room for a backward that autograd does here."""
    gates = by_input + by_hidden if input_bias is None else by_input + by_hidden + input_bias + hidden_bias
    enter, forget, new, leave = gates.chunk(4, 1)
    kept = forget.sigmoid() * cell + enter.sigmoid() * new.tanh()
    return leave.sigmoid() * kept.tanh(), kept, cell.new_empty(0)
