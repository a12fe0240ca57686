"""What ``pretend_table.py`` asks of a device: abilities of torch, each a line of code that says whether it worked."""

from __future__ import annotations

import copy
import io
import pickle
import weakref
from collections.abc import Callable
from contextlib import nullcontext
from importlib import import_module
from typing import Any


def abilities() -> dict[str, Callable[[str], Any]]:
    """Return what is asked, by words for it."""
    import torch
    from torch import nn

    forward_ad: Any = import_module("torch.autograd.forward_ad")
    anything: Any = torch  # for what its types leave out

    def of(device: str, *numbers: complex, grad: bool = False) -> Any:
        return torch.tensor(numbers, device=device, requires_grad=grad)

    def raises(call: Callable[[], Any], kind: type[Exception] = RuntimeError) -> bool:
        try:
            call()
        except kind:
            return True
        return False

    def saved(what: Any, **options: Any) -> Any:
        file = io.BytesIO()
        torch.save(what, file)
        file.seek(0)
        return torch.load(file, **options)

    def same(tensor: Any, device: str, *numbers: complex) -> bool:
        return bool(tensor.device == torch.device(device) and tensor.tolist() == list(numbers))

    def changed(tensor: Any, change: Callable[[Any], Any]) -> Any:
        change(tensor)
        return tensor

    def tied(device: str) -> bool:
        model = nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2)])
        model[0].weight = model[1].weight
        return model.to(device)[0].weight is model[1].weight

    def in_use(device: str) -> bool:
        model = nn.Linear(1, 1)
        result = model(of("cpu", 1.0))
        return result.requires_grad and model.to(device).weight.device == torch.device(device)

    def tagged(device: str) -> bool:
        model: Any = nn.Linear(2, 2)
        model.weight.tag = "of the user"
        return getattr(model.to(device).weight, "tag", None) == "of the user"

    def own_class(device: str) -> bool:
        class Own(nn.Parameter):
            pass

        model = nn.Linear(2, 2)
        model.weight = Own(model.weight.detach())
        return isinstance(model.to(device).weight, Own)

    def referred(device: str) -> bool:
        model = nn.Linear(2, 2)
        reference = weakref.ref(model.weight)
        return reference() is model.to(device).weight

    def gradient(device: str) -> bool:
        x = of(device, 2.0, grad=True)
        (first,) = torch.autograd.grad((x * x * x).sum(), x, create_graph=True)
        return same(torch.autograd.grad(first.sum(), x)[0], device, 12.0)

    def conjugated(device: str) -> bool:
        x, z = of(device, 1.0, grad=True), of(device, 1 + 2j)
        product = z.conj() * x * z.conj().imag
        product.real.sum().backward()
        return bool(product.tolist() == [-2 + 4j] and x.grad.tolist() == [-2.0])

    def forward_mode(device: str) -> bool:
        with forward_ad.dual_level():
            dual = forward_ad.make_dual(of(device, 2.0), of(device, 1.0))
            return same(forward_ad.unpack_dual(dual * dual).tangent, device, 4.0)

    def copied_view(device: str) -> bool:
        whole = of(device, 1.0, 2.0)
        copied, view = copy.deepcopy([whole, whole[1:]])
        view.fill_(3)
        return same(copied, device, 1.0, 3.0)

    def forked(device: str) -> bool:
        kind, _, index = device.partition(":")
        with torch.random.fork_rng([int(index)], device_type=kind) if index else torch.random.fork_rng():
            first = torch.rand(2, device=device)
        return torch.equal(first, torch.rand(2, device=device))

    def is_current(device: str) -> bool:
        kind, _, index = device.partition(":")
        with getattr(torch, kind).device(device) if index else nullcontext():
            return torch.ones(1, device=kind).device == torch.device(device)

    def set_as_current(device: str) -> bool:
        kind, _, index = device.partition(":")
        backend = getattr(torch, kind)
        before = backend.current_device()
        backend.set_device(device)
        try:
            found = str(backend.current_device()), torch.ones(1, device=kind).device
            return found == (index or kind, torch.device(device))
        finally:
            backend.set_device(before)

    def accelerator(device: str) -> bool:
        before = torch.accelerator.current_device_index()
        torch.accelerator.set_device_index(torch.device(device).index)
        try:
            return torch.accelerator.current_device_index() == torch.device(device).index
        finally:
            torch.accelerator.set_device_index(before)

    def under_autocast(device: str) -> Any:
        with torch.autocast(device.partition(":")[0], dtype=torch.bfloat16):
            return torch.ones(2, 2, device=device) @ torch.ones(2, 2, device=device)

    def by_name(device: str) -> bool:
        kind, _, index = device.partition(":")
        return same(getattr(of("cpu", 1.0), kind)(*map(int, index)), device, 1.0)

    def drawn(device: str) -> Any:
        torch.manual_seed(3)
        return torch.rand(2, device=device)

    def by_default(device: str) -> bool:
        with torch.device(device):
            return same(torch.ones(1), device, 1.0)

    def sparsified(device: str) -> bool:
        model: Any = nn.Sequential(nn.Linear(4, 4)).to(device)
        sparsifier: Any = anything.ao.pruning.WeightNormSparsifier(sparsity_level=0.5)
        sparsifier.prepare(model, [{"tensor_fqn": "0.weight"}])
        sparsifier.step()
        return model[0].weight.device == torch.device(device) and bool((model[0].weight == 0).any())

    def trained(device: str) -> bool:
        model: Any = nn.Sequential(nn.BatchNorm1d(2), nn.Dropout(), nn.Linear(2, 2)).to(device)
        before = model[2].weight.detach().clone()
        model(torch.rand(3, 2, device=device)).sum().backward()
        torch.optim.SGD(model.parameters(), lr=1.0).step()
        return not torch.equal(before, model[2].weight)

    def recurrent(kind: type[nn.Module], device: str) -> bool:
        here = kind(2, 3)
        there = copy.deepcopy(here).to(device)
        for each, place in ((there, device), (here, "cpu")):
            result = each(torch.tensor([[1.0, -1.0], [2.0, 0.5]], device=place))
            (result[0] if isinstance(result, tuple) else result).sum().backward()
        gradients = [[parameter.grad for parameter in each.parameters()] for each in (there, here)]
        return all(
            one is not None and other is not None and torch.allclose(one.cpu(), other)
            for one, other in zip(*gradients, strict=True)
        )

    def packed(device: str) -> bool:
        rnn: Any = nn.utils.rnn
        sequences = torch.rand(3, 2, 1, device=device, requires_grad=True)
        pack = rnn.pack_padded_sequence(sequences, torch.tensor([3, 2]))
        padded, lengths = rnn.pad_packed_sequence(nn.LSTM(1, 1, device=device)(pack)[0])
        padded.sum().backward()
        grad: Any = sequences.grad
        return same(lengths, "cpu", 3, 2) and grad.device == torch.device(device) and grad[2, 1].tolist() == [0.0]

    names: dict[str, Callable[[str], Any]] = {
        "values, made there and read": lambda d: same(of(d, 1.0, 2.0), d, 1.0, 2.0),
        "arithmetic, with numbers too": lambda d: same(of(d, 1.0) * of(d, 2.0) + 1, d, 3.0),
        "complex numbers, integers, booleans": lambda d: same(of(d, 1j) * 2, d, 2j) and same(of(d, 1) > 0, d, True),
        "arithmetic with what is conjugated, and its gradients": conjugated,
        "views that share memory": lambda d: same(changed(of(d, 1.0, 2.0), lambda t: t[1:].fill_(5)), d, 1.0, 5.0),
        "changes of shape in place (`t_`, `unsqueeze_`)": lambda d: (
            changed(torch.ones(2, 3, device=d), lambda t: t.t_().unsqueeze_(0)).shape == (1, 3, 2)
        ),
        "tensors of two devices are refused": lambda d: raises(lambda: of(d, 1.0) + of("meta", 1.0)),
        "copies from the CPU and to it": lambda d: (
            same(of("cpu", 1.0).to(d), d, 1.0) and same(of(d, 1.0).cpu(), "cpu", 1.0)
        ),
        "assigning to `.data`": lambda d: same(changed(of(d, 1.0), lambda t: setattr(t, "data", of(d, 2.0))), d, 2.0),
        "methods of its name (`.cpu()`, `.pretend()`)": by_name,
        "`torch.device` as a context": by_default,
        "a current device (`with torch.pretend.device(…):`)": is_current,
        "`set_device`, `current_device`": set_as_current,
        "`torch.accelerator` knows the current device": accelerator,
        "streams of the device": lambda d: torch.Stream(device=d).device == torch.device(d),
        "gradients, and theirs": gradient,
        "`backward`": lambda d: same(changed(of(d, 2.0, grad=True), lambda t: (t * t).sum().backward()).grad, d, 4.0),
        "gradients of Fourier transforms": lambda d: (
            changed(of(d, 2.0, 3.0, grad=True), lambda t: torch.fft.hfft(t).sum().backward()).grad.device
            == torch.device(d)
        ),
        "forward mode": forward_mode,
        "`torch.func.vmap`": lambda d: same(torch.func.vmap(lambda t: 2 * t)(of(d, 1.0, 2.0)), d, 2.0, 4.0),
        "`torch.func.grad`": lambda d: same(torch.func.grad(lambda t: (t * t).sum())(of(d, 3.0)), d, 6.0),
        "tied parameters stay tied when moved": tied,
        "attributes of parameters stay when moved": tagged,
        "parameters of one's own class stay of it when moved": own_class,
        "parameters with weak references are moved": referred,
        "a module is moved while a result of it is in use": in_use,
        "a state dict loaded into a GRU": lambda d: (
            len(nn.GRU(1, 1, device=d).load_state_dict(nn.GRU(1, 1).state_dict())) == 2
        ),
        "deep copies": lambda d: same(copy.deepcopy(of(d, 1.0)), d, 1.0),
        "deep copies of what begins within a tensor": lambda d: same(copy.deepcopy(of(d, 1.0, 2.0)[1:]), d, 2.0),
        "deep copies that still share memory": copied_view,
        "pickles": lambda d: same(pickle.loads(pickle.dumps(of(d, 1.0, 2.0)[1:])), d, 2.0),
        "saving and loading": lambda d: same(saved(of(d, 1.0), weights_only=False), d, 1.0),
        "saving and loading, weights only": lambda d: same(saved({"w": of(d, 1.0)}, weights_only=True)["w"], d, 1.0),
        "parameters are parameters when loaded": lambda d: isinstance(
            saved(nn.Linear(2, 2, device=d), weights_only=False).weight, nn.Parameter
        ),
        "loading to the CPU (`map_location`)": lambda d: same(
            saved(of(d, 1.0), weights_only=True, map_location="cpu"), "cpu", 1.0
        ),
        "loading from the CPU (`map_location`)": lambda d: same(
            saved(of("cpu", 1.0, 2.0)[1:], weights_only=True, map_location=d), d, 2.0
        ),
        "numbers that a seed repeats": lambda d: torch.equal(drawn(d), drawn(d)),
        "`fork_rng`": forked,
        "`torch.Generator`": lambda d: torch.rand(2, device=d, generator=torch.Generator(device=d)).numel() == 2,
        "pinned memory, to copy from": lambda d: of("cpu", 1.0).pin_memory().is_pinned(),
        "an address (`data_ptr`)": lambda d: of(d, 1.0).data_ptr() != 0,
        "a storage that can be read": lambda d: of(d, 1.0).untyped_storage().tolist() == [0, 0, 128, 63],
        "shared memory": lambda d: of(d, 1.0).share_memory_().is_shared(),
        "`torch.from_dlpack`": lambda d: same(anything.from_dlpack(of(d, 1.0)), d, 1.0),
        "autocast, with dtypes as usual for it": lambda d: under_autocast(d).dtype is torch.bfloat16,
        "autocast does no harm": lambda d: under_autocast(d).tolist() == [[2.0, 2.0], [2.0, 2.0]],
        "sparse tensors": lambda d: same(of(d, 0.0, 1.0).to_sparse().to_dense(), d, 0.0, 1.0),
        "`torch.jit.script`": lambda d: same(anything.jit.script(nn.ReLU())(of(d, -1.0, 1.0)), d, 0.0, 1.0),
        "a step of training (batch norm, dropout, SGD)": trained,
        "recurrent modules (GRU, LSTM, their cells), and their gradients": lambda d: all(
            recurrent(kind, d) for kind in (nn.GRU, nn.LSTM, nn.GRUCell, nn.LSTMCell)
        ),
        "packed sequences, whose lengths stay on the CPU": packed,
        "torch's sparsifiers": sparsified,
    }
    return names
