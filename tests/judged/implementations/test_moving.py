"""What the page about moving from torchao says: the code that copes does, and without it things go wrong."""

from __future__ import annotations

import re
from typing import Any

import pytest
import torch
from packaging.version import Version
from torch import Tensor, nn
from torch.nn.utils import parametrize

from sources import ROOT, read

utils: Any = pytest.importorskip("torch.ao.pruning.sparsifier.utils")
PAGE = read(ROOT / "docs" / "moving-from-torchao.md")
MASK = torch.tensor([[1.0, 0.0], [0.0, 1.0]])

pytestmark = pytest.mark.skipif(not hasattr(utils, "swap_module"), reason="this torch lacks some of the six names")


class Saved(utils.FakeSparsity):  # type: ignore[misc]
    """As in torchao from 0.5 on, which differs from torch's in this alone."""

    state_dict = nn.Module.state_dict


def theirs() -> Any:
    """Return torchao's class, or what does the same where torchao is not installed."""
    try:
        from torchao.prototype.sparsity.sparsifier.utils import FakeSparsity
    except ImportError:
        return Saved
    return FakeSparsity


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    """Run the code of the page, and return its names."""
    names: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        exec(compile(block, "moving-from-torchao.md", "exec"), names)
    return names


def model(kind: Any, mask: Tensor) -> Any:
    """Make a model of which one weight is masked, and another one shares the parametrization."""
    made = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2), nn.BatchNorm1d(2))
    parametrization = kind(mask.clone())
    for layer in (made[0], made[1]):
        parametrize.register_parametrization(layer, "weight", parametrization)
    return made


def test_a_checkpoint_made_with_torchao_loads_as_it_is(page: dict[str, Any]) -> None:
    old, new = model(theirs(), MASK), model(page["FakeSparsity"], torch.ones(2, 2))
    new.load_state_dict(old.state_dict())
    assert torch.equal(new[0].weight, old[0].weight)
    again = model(page["FakeSparsity"], torch.ones(2, 2))
    page["load"](again, old.state_dict())
    assert torch.equal(again[0].weight, old[0].weight)


def test_a_checkpoint_made_with_torch_needs_the_masks(page: dict[str, Any]) -> None:
    old, new = model(page["FakeSparsity"], MASK), model(page["FakeSparsity"], torch.ones(2, 2))
    with pytest.raises(RuntimeError, match="Missing key"):
        new.load_state_dict(old.state_dict())
    new.load_state_dict(old.state_dict(), strict=False)
    assert not torch.equal(new[0].weight, old[0].weight)  # the mask of all ones stays

    state = page["state_with_masks"](old)
    assert list(state) != list(old.state_dict()) and set(state) == set(model(theirs(), MASK).state_dict())
    assert state._metadata == old.state_dict()._metadata
    page["load"](new, state)
    assert torch.equal(new[0].weight, old[0].weight)
    model(theirs(), MASK).load_state_dict(state)


def test_a_state_without_masks_keeps_those_of_the_model(page: dict[str, Any]) -> None:
    old, new = model(page["FakeSparsity"], MASK), model(page["FakeSparsity"], MASK)
    page["load"](new, old.state_dict())
    assert torch.equal(new[0].weight, old[0].weight)


def test_the_state_of_a_sparsifier_has_its_masks() -> None:
    from torch.ao.pruning.sparsifier.weight_norm_sparsifier import WeightNormSparsifier

    sparsifier: Any = WeightNormSparsifier()
    masked: Any = nn.Sequential(nn.Linear(4, 4))
    sparsifier.prepare(masked, [{"tensor_fqn": "0.weight"}])
    sparsifier.step()
    assert torch.equal(sparsifier.state_dict()["state"]["0.weight"]["mask"], masked[0].parametrizations.weight[0].mask)


def test_a_mask_that_was_broadcast_is_expanded(page: dict[str, Any]) -> None:
    mask, tensor = torch.tensor([1.0, 0.0]), torch.ones(2, 2)
    with pytest.raises(AssertionError, match="shape" if Version(torch.__version__) >= Version("2.10") else None):
        page["FakeSparsity"](mask)(tensor)
    assert page["masked"](mask, tensor)(tensor).tolist() == [[1.0, 0.0], [1.0, 0.0]]


def test_a_module_on_several_devices_is_moved_first(page: dict[str, Any]) -> None:
    class Sparse(nn.Linear):
        @classmethod
        def from_dense(cls, module: nn.Linear) -> Sparse:
            return cls(module.in_features, module.out_features)

    layer = nn.Linear(2, 2)
    layer.register_buffer("far", torch.ones(1, device="meta"))
    with pytest.raises(AssertionError, match="single-device"):
        page["swap_module"](layer, {nn.Linear: Sparse})
    assert {each.device.type for each in page["swapped"](layer, {nn.Linear: Sparse}, "meta").parameters()} == {"meta"}


def test_classes_of_the_two_are_not_the_same(page: dict[str, Any]) -> None:
    if theirs() is Saved:
        pytest.skip("torchao is not installed")
    assert not page["module_contains_param"](model(theirs(), MASK)[0], page["FakeSparsity"])
