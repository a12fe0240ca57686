"""The signatures of the six names, for type checkers, which find a wrong one before anything runs.

An implementation does not need this module at run time. Use it where only type checkers look, for example in a test::

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
    """The signature of ``module_contains_param``.

    Answers to: ``interface/parameters``, ``module_contains_param/*``.
    """

    def __call__(self, module: nn.Module, parametrization: type[nn.Module]) -> bool:
        """Return whether a tensor of the module itself is parametrized by an instance of the class.

        Parameters:
            module: the module whose own parameters and buffers are looked at.
            parametrization: the class to look for.
        """


class SwapModule(Protocol):
    """The signature of ``swap_module``.

    Answers to: ``interface/parameters``, ``swap_module/*``.
    """

    def __call__(self, mod: nn.Module, mapping: dict[type[nn.Module], type[nn.Module]]) -> nn.Module:
        """Return what the class that the module is mapped to makes of it, or the module itself if it is not mapped.

        Parameters:
            mod: the old module.
            mapping: from the exact type of a module, before parametrization, to a class with ``from_dense``.

        Raises:
            AssertionError: if the tensors of the module are on more than one device.
        """


class ModuleToFqn(Protocol):
    """The signature of ``module_to_fqn``.

    Answers to: ``interface/parameters``, ``module_to_fqn/*``.
    """

    def __call__(self, model: nn.Module, module: nn.Module, prefix: str = "") -> str | None:
        """Return the path of the module in the model, or None if it is not registered there.

        Parameters:
            model: the module that the path starts from.
            module: the module to look for; compared by identity.
            prefix: put before the path of a descendant, verbatim.
        """


class FqnToModule(Protocol):
    """The signature of ``fqn_to_module``.

    Answers to: ``interface/parameters``, ``fqn_to_module/*``.
    """

    def __call__(self, model: nn.Module, path: str) -> Any:
        """Return what the path leads to: a module, a tensor, any attribute, or None if a name is missing.

        Parameters:
            model: the module that the path starts from.
            path: names joined by dots; empty for the model itself.
        """


class GetArgInfoFromTensorFqn(Protocol):
    """The signature of ``get_arg_info_from_tensor_fqn``.

    Answers to: ``interface/parameters``, ``get_arg_info_from_tensor_fqn/*``.
    """

    def __call__(self, model: nn.Module, tensor_fqn: str) -> Mapping[str, Any]:
        """Return in which module a tensor is, and under which name.

        Parameters:
            model: the module that the path starts from.
            tensor_fqn: the path of a tensor, which need not exist.

        Returns:
            ``module_fqn``, ``module`` (None if there is none), ``tensor_name`` and ``tensor_fqn``.
        """


class FakeSparsity(Protocol):
    """An instance of ``FakeSparsity``, which is a module as well.

    Answers to: ``FakeSparsity/*``.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return the product of the mask and the input.

        Parameters:
            x: a tensor of the mask's shape.

        Raises:
            AssertionError: if the shapes differ.
        """

    def modules(self) -> Iterator[nn.Module]:
        """Return an iterator over the modules, as every module does."""


class MakeFakeSparsity(Protocol):
    """The signature of ``FakeSparsity`` itself, the class.

    Answers to: ``interface/names``, ``interface/parameters``.
    """

    def __call__(self, mask: Tensor) -> FakeSparsity:
        """Return a parametrization that multiplies by a mask.

        Parameters:
            mask: a tensor of the shape of the inputs to come.
        """


class Utilities(Protocol):
    """An implementation: a module, or any object that has the six names.

    If an implementation is assigned to this protocol as a whole, mypy overlooks a parameter of another name. To find
    that too, assign each of the six names to its own protocol.

    Answers to: ``interface/names``.
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
