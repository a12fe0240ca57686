"""The six names as type checkers know them: a wrong signature is found before anything runs.

Nothing here is needed when an implementation runs; name it where type checkers alone look, in one of its tests say::

    if TYPE_CHECKING:
        from sparsifier_conformance import protocols
        from yourpackage import sparsity

        _: protocols.SwapModule = sparsity.swap_module
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from torch import Tensor, nn


class ModuleContainsParam(Protocol):
    """The signature of ``module_contains_param``."""

    def __call__(self, module: nn.Module, parametrization: type[nn.Module]) -> bool:
        """Tell whether a tensor of the module has a parametrization of this class."""


class SwapModule(Protocol):
    """The signature of ``swap_module``."""

    def __call__(self, mod: nn.Module, mapping: dict[type[nn.Module], type[nn.Module]]) -> nn.Module:
        """Give what the mapping makes of the module, or the module itself."""


class ModuleToFqn(Protocol):
    """The signature of ``module_to_fqn``."""

    def __call__(self, model: nn.Module, module: nn.Module, prefix: str = "") -> str | None:
        """Give the path of the module in the model, or None."""


class FqnToModule(Protocol):
    """The signature of ``fqn_to_module``."""

    def __call__(self, model: nn.Module, path: str) -> Any:
        """Give what the path stands for in the model, or None."""


class GetArgInfoFromTensorFqn(Protocol):
    """The signature of ``get_arg_info_from_tensor_fqn``."""

    def __call__(self, model: nn.Module, tensor_fqn: str) -> Mapping[str, Any]:
        """Say in which module the tensor is, and under which name."""


class FakeSparsity(Protocol):
    """A ``FakeSparsity``, which is a module too."""

    def forward(self, x: Tensor) -> Tensor:
        """Give the product of the mask and the input."""

    def modules(self) -> Iterator[nn.Module]:
        """Every module has this."""


class MakeFakeSparsity(Protocol):
    """The class ``FakeSparsity`` itself, as one calls it."""

    def __call__(self, mask: Tensor) -> FakeSparsity:
        """Make one for a mask."""


class Utilities(Protocol):
    """An implementation: a module, or any object that has the six names.

    Here mypy overlooks a parameter of another name, which it finds if each of the six is assigned to its protocol.
    """

    @property
    def module_contains_param(self) -> ModuleContainsParam: ...
    @property
    def swap_module(self) -> SwapModule: ...
    @property
    def module_to_fqn(self) -> ModuleToFqn: ...
    @property
    def fqn_to_module(self) -> FqnToModule: ...
    @property
    def get_arg_info_from_tensor_fqn(self) -> GetArgInfoFromTensorFqn: ...
    @property
    def FakeSparsity(self) -> MakeFakeSparsity: ...
