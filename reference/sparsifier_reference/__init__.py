"""The smallest code that meets every requirement of ``spec.md``, MUST and SHOULD."""

from .masks import FakeSparsity, module_contains_param
from .paths import fqn_to_module, get_arg_info_from_tensor_fqn, module_to_fqn
from .swap import swap_module

__all__ = [
    "FakeSparsity",
    "fqn_to_module",
    "get_arg_info_from_tensor_fqn",
    "module_contains_param",
    "module_to_fqn",
    "swap_module",
]
