"""A tensor on a pretended device, whose values a tensor on the CPU holds."""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch

from . import transfers
from .names import PRETEND

#: What packs sequences, whose lengths, in the arguments and in what comes out, are on the CPU on any device.
_PACKS = "aten::_pack_padded_sequence"
#: What may have tensors on several devices: it is how tensors get from one to another.
_COPIES = ("aten::copy_", "aten::_copy_from", "aten::_to_copy", _PACKS)


class Pretended(torch.Tensor):
    """A tensor on a pretended device; a tensor on the CPU holds its values."""

    _held: torch.Tensor

    @staticmethod
    def __new__(cls, values: torch.Tensor, index: int) -> Any:  # noqa: D102
        if values.dtype in backend().lacking:
            _refuse(TypeError(f"this pretended device has no {values.dtype}, as some accelerators have none"))
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

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        """Copy what holds the values; torch would copy the storage, of which there is none, and end the process."""
        if not self.is_leaf:
            return super().__deepcopy__(memo)  # type: ignore[no-untyped-call] # which refuses it
        if id(self) not in memo:
            copied = memo[id(self)] = Pretended(copy.deepcopy(self._held, memo), index_of(self.device))
            copied.requires_grad_(self.requires_grad)
            copied.grad = copy.deepcopy(self.grad, memo)
            vars(copied).update(copy.deepcopy(vars(self), memo))
        return memo[id(self)]

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Save the values as torch does for a vendor's tensors without storage, which are loaded where they were."""
        utils: Any = torch._utils
        if getattr(self, "_is_param", False):
            return utils._rebuild_parameter, (self.detach(), self.requires_grad, OrderedDict())
        return utils._rebuild_device_tensor_from_cpu_tensor, (
            self.detach().cpu(),
            self.dtype,
            str(self.device),
            self.requires_grad,
        )

    def set_(self, source: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Take over a storage, as loading does."""
        if not isinstance(source, LoadedStorage):
            return super().set_(*(() if source is None else (source,)), *args, **kwargs)
        return Pretended(torch.empty(0, dtype=self.dtype).set_(source, *args, **kwargs), index_of(self.device))

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
        given: list[torch.Tensor] = []

        def held(tensor: torch.Tensor) -> Any:
            given.append(tensor)
            # That values are conjugated does not show on a tensor that only holds them, so torch does not see to it.
            return held_by(tensor).resolve_conj() if func is torch.ops.aten.view_as_real.default else held_by(tensor)

        args, kwargs = _mapped(held, args), {name: _mapped(held, each) for name, each in (kwargs or {}).items()}
        device = torch.device(kwargs["device"]) if kwargs.get("device") is not None else _device_of(func, given)
        transfers.note(func, next((each.device for each in given if isinstance(each, Pretended)), device), device)
        if kwargs.get("device") is not None and device.type == PRETEND:
            kwargs["device"] = torch.device("cpu")
        seeded = device.type == PRETEND and torch.Tag.nondeterministic_seeded in func.tags
        # Below a backend in Python torch leaves out what minds that values are conjugated, or negated, when read.
        minding, key = torch._C._SetExcludeDispatchKeyGuard, torch._C.DispatchKey
        with (
            minding(key.Conjugate, False),
            minding(key.Negative, False),
            _drawing(index_of(device)) if seeded else nullcontext(),
        ):
            results = func(*args, **kwargs)
        if device.type != PRETEND:
            return results
        known = {id(each._held): each for each in given if isinstance(each, Pretended)}
        for each in known.values():
            if (each.shape, each.stride()) != (each._held.shape, each._held.stride()):  # as after ``t_``
                torch.Tensor.data.__set__(each, Pretended(each._held, index_of(each.device)))  # type: ignore[attr-defined]

        def placed(result: torch.Tensor) -> Any:
            if id(result) in known:
                return known[id(result)]
            # Also in inference mode a view of an ordinary tensor is an ordinary one, which torch insists on.
            with torch.inference_mode(result.is_inference()):
                return Pretended(result, index_of(device))

        if func._schema.name == _PACKS:
            return placed(results[0]), results[1]
        return _mapped(placed, results)


def _mapped(change: Callable[[torch.Tensor], Any], value: Any) -> Any:
    """Return what torch hands to an operation, or gets from it, with each tensor changed: it nests lists alone."""
    if isinstance(value, torch.Tensor):
        return change(value)
    if isinstance(value, (list, tuple)):
        return type(value)([_mapped(change, each) for each in value])
    return value


def _refuse(error: Exception) -> None:
    """Raise an error, of going backward at its end: torch ends the process where its own nodes meet one of Python's."""

    def fail() -> None:
        raise error

    if torch._C._current_graph_task_id() == -1:
        fail()
    engine: Any = torch.autograd.Variable._execution_engine
    engine.queue_callback(fail)


class LoadedStorage(torch.UntypedStorage):
    """A storage that is loaded to a pretended device, and lies on the CPU: torch has none there, and would crash."""

    device = torch.device("cpu")

    @staticmethod
    def restored(storage: Any, location: str) -> Any:
        """Return a storage at a location that a file or a user names, or None if that is no pretended device."""
        if location.partition(":")[0] != PRETEND:
            return None
        loaded: Any = LoadedStorage(storage.nbytes())  # type: ignore[no-untyped-call]
        loaded.copy_(storage)
        loaded.device = torch.device(PRETEND, index_of(location))
        return loaded


def _device_of(func: Any, tensors: list[torch.Tensor]) -> torch.device:
    """Give the device of the result, which is that of all tensors; a number, as everywhere, may be on the CPU."""
    if func._schema.name in _COPIES:
        return tensors[0].device
    devices = {tensor.device for tensor in tensors if tensor.device.type != "cpu" or tensor.dim() > 0}
    if len(devices) > 1:
        raise RuntimeError(f"all tensors must be on one device, not on {sorted(map(str, devices))}")
    return devices.pop()


def backend() -> Any:
    """Return ``torch.pretend``, which holds whatever changes: there is one, whoever asks for it."""
    return getattr(torch, PRETEND)


def held_by(value: Any) -> Any:
    """Give the tensor that holds the values of a pretended one, and everything else as it is."""
    return value._held if isinstance(value, Pretended) else value


def index_of(device: Any) -> int:
    """Return the index of a device, which is the current one where its name has none."""
    if isinstance(device, int):
        return device
    index = None if device is None else torch.device(device).index
    return int(backend().current) if index is None else index


def random_state(device: Any = None) -> torch.Tensor:
    """Return the random state of a device, which is not that of the CPU."""
    drawn: dict[int, torch.Tensor] = backend().random
    return drawn.get(index_of(device), torch.Generator().get_state())


@contextmanager
def _drawing(index: int) -> Generator[None, None, None]:
    """Draw numbers on the CPU from the random state of a device."""
    of_cpu = torch.get_rng_state()
    torch.set_rng_state(random_state(index))
    try:
        yield
    finally:
        backend().random = {**backend().random, index: torch.get_rng_state()}
        torch.set_rng_state(of_cpu)
