"""The device ``pretend``: an accelerator written in Python, through the slot that torch has for vendors, PrivateUse1.

Its tensors have values and gradients, which are computed on the CPU, so what holds on it can be expected
of any vendor's device.
"""

from __future__ import annotations

import warnings
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, ClassVar

import torch
from torch.utils import _pytree

from .base import Device, InScripts
from .names import PRETEND

#: As many as tell the old module's device from the current one.
COUNT = 2
#: What may have tensors on several devices: it is how tensors get from one to another.
_COPIES = ("aten::copy_", "aten::_copy_from", "aten::_to_copy")
_state: dict[str, Any] = {}


class Pretended(torch.Tensor):
    """A tensor on a pretended device; a tensor on the CPU holds its values."""

    _held: torch.Tensor

    @staticmethod
    def __new__(cls, values: torch.Tensor, index: int) -> Any:  # noqa: D102
        make: Any = torch.Tensor._make_wrapper_subclass
        tensor: Pretended = make(
            cls,
            values.shape,
            strides=values.stride(),
            storage_offset=values.storage_offset(),
            dtype=values.dtype,
            device=torch.device(PRETEND, index),
        )
        tensor._held = values
        return tensor

    def __repr__(self) -> str:  # type: ignore[override]
        return f"{self._held!r} on {self.device}"

    @property
    def data(self) -> torch.Tensor:
        """The tensor without its history; what is assigned to it takes the place of the values."""
        return self.detach()

    @data.setter
    def data(self, values: torch.Tensor) -> None:
        torch.Tensor.data.__set__(self, values)  # type: ignore[attr-defined]
        self._held = values._held if isinstance(values, Pretended) else values

    def tolist(self) -> Any:
        """Give the values as numbers, which torch itself does for no subclass."""
        return self.detach().cpu().tolist()

    @classmethod
    def __torch_dispatch__(  # type: ignore[override, unused-ignore]
        cls, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Let the CPU do it, and put what comes out on the device where it belongs."""
        kwargs = dict(kwargs or {})
        given = [each for each in _pytree.tree_leaves((args, kwargs)) if isinstance(each, torch.Tensor)]
        device = torch.device(kwargs["device"]) if kwargs.get("device") is not None else _device_of(func, given)
        if kwargs.get("device") is not None and device.type == PRETEND:
            kwargs["device"] = torch.device("cpu")
        args, kwargs = _pytree.tree_map(_held, (args, kwargs))
        results = func(*args, **kwargs)
        if device.type != PRETEND:
            return results
        known = {id(each._held): each for each in given if isinstance(each, Pretended)}

        def placed(result: Any) -> Any:
            if not isinstance(result, torch.Tensor):
                return result
            return known[id(result)] if id(result) in known else Pretended(result, _index_of(device))

        return _pytree.tree_map(placed, results)


def _device_of(func: Any, tensors: list[torch.Tensor]) -> torch.device:
    """Give the device of the result, which is that of all tensors; a number, as everywhere, may be on the CPU."""
    if func._schema.name in _COPIES:
        return tensors[0].device
    devices = {tensor.device for tensor in tensors if tensor.device.type != "cpu" or tensor.dim() > 0}
    if len(devices) > 1:
        raise RuntimeError(f"all tensors must be on one device, not on {sorted(map(str, devices))}")
    return devices.pop()


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

    @contextmanager
    def entered(self) -> Generator[str, None, None]:
        """Make the device behave as others do, and yield its name."""
        with pretending():
            yield self.name


@contextmanager
def pretending() -> Generator[None, None, None]:
    """Make a pretended device behave as others do.

    Torch's guard for backends in Python knows one device, so the threads of the autograd engine, one for each device,
    have no place for a second; and ``.to`` gives a module new parameters, so that tied ones come apart.
    """
    register_backend()
    convert: Any = torch.__future__
    before, current = convert.get_swap_module_params_on_conversion(), _state.get("current", 0)
    convert.set_swap_module_params_on_conversion(True)
    try:
        with torch.autograd.set_multithreading_enabled(False):
            yield
    finally:
        convert.set_swap_module_params_on_conversion(before)
        _state["current"] = current


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

    def is_initialized(self) -> bool:
        return True

    def is_available(self) -> bool:
        return True

    def _is_in_bad_fork(self) -> bool:
        return False

    def manual_seed_all(self, seed: int) -> None:
        pass

    def current_device(self) -> int:
        return int(_state.get("current", 0))

    def set_device(self, device: Any) -> None:
        _state["current"] = _index_of(device)

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


def _index_of(device: Any) -> int:
    """Return the index of a device, which is the current one where its name has none."""
    if isinstance(device, int):
        return device
    index = torch.device(device).index
    return int(_state.get("current", 0)) if index is None else index


def register_backend() -> None:
    """Put the backend into torch's slot for one, unless it is there already."""
    if torch._C._get_privateuse1_backend_name() == PRETEND:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch may say that numpy is not there
        _set_up()(PRETEND, backend_module=_Module())
        new_library: Any = torch.library.Library
        library = _state["library"] = new_library("aten", "IMPL")  # what is registered lives as long as this
        library.impl("empty.memory_format", _empty, "PrivateUse1")
        library.impl("empty_strided", _empty_strided, "PrivateUse1")
        library.impl("_copy_from", _copy, "PrivateUse1")


def _empty(size: Any, *, dtype: Any = None, device: Any = None, memory_format: Any = None, **_: Any) -> Any:
    options = {} if memory_format is None else {"memory_format": memory_format}
    return Pretended(torch.empty(size, dtype=dtype, **options), _index_of(device))


def _empty_strided(size: Any, stride: Any, *, dtype: Any = None, device: Any = None, **_: Any) -> Any:
    return Pretended(torch.empty_strided(size, stride, dtype=dtype), _index_of(device))


def _copy(source: torch.Tensor, target: torch.Tensor, non_blocking: bool = False) -> torch.Tensor:
    _held(target).copy_(_held(source))
    return target


def _held(value: Any) -> Any:
    """Give the tensor that holds the values of a pretended one, and everything else as it is."""
    return value._held if isinstance(value, Pretended) else value
