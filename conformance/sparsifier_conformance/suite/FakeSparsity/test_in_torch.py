"""Checks of ``FakeSparsity`` under torch's tracing, compiling, exporting and function transforms."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same, contents, error_of, raised
from sparsifier_conformance.checking.costs import IMPORTS_COMPILER
from sparsifier_conformance.checking.masks.masking import Masking
from sparsifier_conformance.checking.skips import holds_values, not_applicable


def _masked(make: Callable[[torch.Tensor], nn.Module], device: str) -> Any:
    """Make a model whose weights are masked: by more than zeros and ones, for which more than a product would do."""
    model: Any = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 2)).to(device)
    for index, size in ((0, (3, 2)), (2, (2, 3))):
        mask = torch.full(size, 0.5, device=device)
        mask[0, 0] = 0.0
        with torch.no_grad():
            model[index].weight.fill_(2.0)
            model[index].bias.fill_(1.0)
        parametrize.register_parametrization(model[index], "weight", make(mask))
    # By which nothing is masked yet.
    parametrize.register_parametrization(model[0], "bias", make(torch.ones(3, dtype=torch.bool, device=device)))
    model[2].eval()  # so that each mode is there
    return model


def _supported(transform: Callable[..., Any], *args: Any) -> None:
    """End the check if this torch cannot transform a plain product either."""
    error = error_of(transform, *args)
    if error is not None:
        not_applicable(f"torch {torch.__version__} cannot do this with a plain product either ({type(error).__name__})")


def _agree(observed: Any, expected: Any) -> bool:
    if observed is None or expected is None:  # as gradients may be
        return observed is expected
    return tuple(observed.shape) == tuple(expected.shape) and torch.allclose(observed, expected, equal_nan=True)


def _nearly(observed: torch.Tensor, expected: torch.Tensor) -> Any:
    """Return the contents of what was observed, or those of what was expected if the two agree."""
    return contents(expected if _agree(observed, expected) else observed)


def _inputs(device: str) -> list[torch.Tensor]:
    numbers = ([[1.0, 2.0]], [[-3.0, 0.5]])
    return [torch.tensor(number, device=device) for number in numbers]


def _gradients(call: Any, model: Any, x: torch.Tensor) -> list[torch.Tensor]:
    """Return what becomes of the gradients of a model by what is made of it, which shares its tensors."""
    model.zero_grad()
    call(x).sum().backward()
    return [parameter.grad for parameter in model.parameters()]


def _judge(transform: Callable[..., Any], implementation: Any, device: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a transformed model gives, and what the model itself does; and whether it masks at all."""
    holds_values(device)
    inputs = _inputs(device)
    _supported(transform, _masked(Masking, device), inputs[0])
    model = _masked(implementation.FakeSparsity, device)
    transformed = transform(model, inputs[0])
    unmasked = _masked(lambda mask: nn.Identity(), device)
    pairs = {f"result for {x.tolist()}": (transformed(x), model(x)) for x in inputs}
    gradients = zip(_gradients(transformed, model, inputs[0]), _gradients(model, model, inputs[0]), strict=True)
    pairs |= {f"gradient of {name}": pair for (name, _), pair in zip(model.named_parameters(), gradients, strict=True)}
    is_masked = not _agree(transformed(inputs[0]), unmasked(inputs[0]))
    with torch.no_grad():
        model[2].parametrizations.weight.original[0, 0] = torch.nan  # which a product keeps, and a selection does not
    pairs["result where a masked weight is nan"] = (transformed(inputs[0]), model(inputs[0]))
    with torch.no_grad():  # whatever the mask is
        model[0].parametrizations.weight[0].mask.fill_(0.25)
        model[0].parametrizations.bias[0].mask.fill_(False)
    pairs["result after the mask has changed"] = (transformed(inputs[0]), model(inputs[0]))
    observed = {what: _nearly(*pair) for what, pair in pairs.items()}
    expected = {what: contents(pair[1]) for what, pair in pairs.items()}
    return {**observed, "is masked": is_masked}, {**expected, "is masked": True}


def traced(model: nn.Module, x: torch.Tensor) -> Any:
    trace: Any = torch.jit.trace
    return trace(model, (x,))


def compiled(model: nn.Module, x: torch.Tensor) -> Any:
    torch._dynamo.reset()
    result = torch.compile(model, backend="eager")
    result(x)
    return result


def exported(model: nn.Module, x: torch.Tensor) -> Any:
    torch._dynamo.reset()
    return torch.export.export(model, (x,)).module()


@IMPORTS_COMPILER
def test_traced(implementation: Any, device: str) -> None:
    observed, expected = _judge(traced, implementation, device)
    assert_same(observed, expected)


@IMPORTS_COMPILER
def test_shape_mismatch_rejected__while_traced(implementation: Any, device: str) -> None:
    holds_values(device)
    mask = torch.tensor([1.0, 0.0], device=device)
    _supported(traced, Masking(mask), torch.ones(2, device=device))
    observed: dict[Any, Any] = {}
    for shape in ((1,), (2, 2), (2,)):
        sparsity = implementation.FakeSparsity(mask)
        observed[shape] = raised(AssertionError, traced, sparsity, torch.ones(shape, device=device))
    expected: dict[Any, Any] = {(1,): "AssertionError", (2, 2): "AssertionError", (2,): "no error"}
    assert_same(observed, expected)


def scripted(module: nn.Module) -> Any:
    """Compile a module, of which recent releases say that it is a thing of the past."""
    script: Any = torch.jit.script
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return script(module)


def _calls(module: Any, x: torch.Tensor) -> list[Any]:
    """Return what comes of some calls, of which TorchScript makes the later ones faster, with gradients."""
    results: list[Any] = []
    for _ in range(3):
        leaf = x.clone().requires_grad_()
        result = module(leaf)
        result.sum().backward()
        results.append((contents(result), contents(leaf.grad)))
    return results


def test_scripted(implementation: Any, device: str) -> None:
    holds_values(device)
    numbers = torch.tensor([1.0, 0.0, -2.0, 0.0], device=device)
    _supported(scripted, nn.Sequential(Masking(numbers)))
    x = torch.tensor([3.0, torch.nan, 5.0, -4.0], device=device)
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    of_double = [] if error_of(numbers.double) else [(False, numbers.double())]  # which not every device has
    for training, mask in ((True, numbers), *of_double, (True, numbers > 0), (False, numbers.int())):
        label = f"mask of {mask.dtype}, training {training}"
        given = x.half() if mask.dtype == torch.int32 else x
        own = implementation.FakeSparsity(mask)
        model = scripted((nn.Sequential(own) if training else own).train(training))
        observed[label] = _calls(model, given)
        expected[label] = _calls(own, given)
        own.mask.logical_not_()
        observed[f"{label}, after the mask has changed"] = _calls(model, given)
        expected[f"{label}, after the mask has changed"] = _calls(own, given)
    assert_same(observed, expected)


@IMPORTS_COMPILER
@pytest.mark.parametrize("transform", [compiled, exported])
def test_compiled_and_exported(implementation: Any, device: str, transform: Callable[..., Any]) -> None:
    observed, expected = _judge(transform, implementation, device)
    assert_same(observed, expected)


def _parameters(model: nn.Module) -> dict[str, torch.Tensor]:
    return {name: 3 * parameter.detach() for name, parameter in model.named_parameters()}


class ByHand:
    """What ``torch.func`` does, without it: one after the other, on the module itself."""

    @staticmethod
    def functional_call(module: nn.Module, tensors: dict[str, torch.Tensor], args: tuple[Any, ...]) -> Any:
        """Put the tensors into a module, and call it."""
        for name, tensor in tensors.items():
            path, _, key = name.rpartition(".")
            owner = module.get_submodule(path)
            registered: Any = owner._buffers if key in owner._buffers else owner._parameters
            registered[key] = tensor
        return module(*args)

    @staticmethod
    def vmap(function: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
        """Map over the first dimension of a tensor, or of each tensor in a dict."""

        def mapped(stacked: Any) -> torch.Tensor:
            # Copies: no part of another tensor is to be looked at.
            if not isinstance(stacked, dict):
                return torch.stack([function(each.clone()) for each in stacked])
            rows = zip(*stacked.values(), strict=True)
            copied = ([each.clone() for each in row] for row in rows)
            return torch.stack([function(dict(zip(stacked, row, strict=True))) for row in copied])

        return mapped

    @staticmethod
    def grad(loss: Callable[..., torch.Tensor]) -> Callable[..., dict[str, torch.Tensor]]:
        """Return the function that gives the gradients by each tensor in a dict."""

        def differentiated(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
            leaves = {name: tensor.clone().requires_grad_() for name, tensor in tensors.items()}
            result = loss(leaves)
            found: Any = [None] * len(leaves)
            if result.requires_grad:
                found = torch.autograd.grad(result, list(leaves.values()), allow_unused=True)
            zeros = [torch.zeros_like(leaf) for leaf in leaves.values()]
            each = zip(leaves, found, zeros, strict=True)
            return {name: zero if gradient is None else gradient for name, gradient, zero in each}

        return differentiated


def functional_call(func: Any, model: nn.Module, x: torch.Tensor) -> Any:
    return func.functional_call(model, _parameters(model), (x,))


def vmap(func: Any, model: Any, x: torch.Tensor) -> Any:
    """Map the parametrization itself over a batch of weights, and its gradient, as that of single samples is had."""
    sparsity, weight = model[0].parametrizations.weight[0], model[0].parametrizations.weight.original.detach()
    weights = torch.stack([3 * weight, weight])
    of_one = func.grad(lambda tensors: (sparsity(tensors["weight"]) ** 2).sum())
    gradients = func.vmap(lambda tensors: of_one(tensors)["weight"])({"weight": weights})
    return torch.cat([func.vmap(sparsity)(weights), gradients])


def vmap_over_tensors(func: Any, model: nn.Module, x: torch.Tensor) -> Any:
    """Map over several sets of parameters, as an ensemble of models does."""
    stacked = {name: torch.stack([tensor, 2 * tensor]) for name, tensor in _parameters(model).items()}
    return func.vmap(lambda tensors: func.functional_call(model, tensors, (x,)))(stacked)


def vmap_over_masks(func: Any, model: Any, x: torch.Tensor) -> Any:
    """Map over several masks of one weight, of numbers and of truth values."""
    sparsity, weight = model[0].parametrizations.weight[0], model[0].parametrizations.weight.original.detach()
    masks = torch.stack([torch.ones_like(weight), torch.full_like(weight, 0.25)])
    if not dict(sparsity.named_buffers()):
        return torch.cat([weight.expand_as(masks)] * 2)  # what is not masked
    mapped = func.vmap(lambda mask: func.functional_call(sparsity, {"mask": mask}, (weight,)))
    return torch.cat([mapped(masks), mapped(masks == 1)])


def grad(func: Any, model: nn.Module, x: torch.Tensor) -> Any:
    def loss(tensors: dict[str, torch.Tensor]) -> torch.Tensor:
        return func.functional_call(model, tensors, (x,)).sum()  # type: ignore[no-any-return]

    return torch.cat([gradient.flatten() for gradient in func.grad(loss)(_parameters(model)).values()])


@IMPORTS_COMPILER
@pytest.mark.parametrize("transform", [functional_call, vmap, vmap_over_tensors, vmap_over_masks, grad])
def test_functional_transforms(implementation: Any, device: str, transform: Callable[..., Any]) -> None:
    holds_values(device)
    x, func = _inputs(device)[0], getattr(torch, "func", None)  # which torch has since 2.0
    _supported(transform, func, _masked(Masking, device), x)
    unmasked = transform(func, _masked(lambda mask: nn.Identity(), device), x)
    result = transform(func, _masked(implementation.FakeSparsity, device), x)
    # What the implementation gives itself: whether that is a product is for other checks.
    by_hand = transform(ByHand, _masked(implementation.FakeSparsity, device), x)
    observed = {f"result of {transform.__name__}": _nearly(result, by_hand), "is masked": not _agree(result, unmasked)}
    expected = {f"result of {transform.__name__}": contents(by_hand), "is masked": True}
    assert_same(observed, expected)
