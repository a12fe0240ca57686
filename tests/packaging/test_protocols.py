"""Protocols: mypy accepts what is right in whatever way it is written, and rejects a wrong signature."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from mypy import api

import sparsifier_conformance

if TYPE_CHECKING:
    # Checked by `tox -e lint`, with all that torch's own annotations say.
    from torch.ao.pruning.sparsifier import utils

    import sparsifier_reference
    from sparsifier_conformance import protocols

    _reference: protocols.Utilities = sparsifier_reference
    _torch: protocols.Utilities = utils
    _module_contains_param: protocols.ModuleContainsParam = utils.module_contains_param
    _swap_module: protocols.SwapModule = utils.swap_module
    _module_to_fqn: protocols.ModuleToFqn = utils.module_to_fqn
    _fqn_to_module: protocols.FqnToModule = utils.fqn_to_module
    _get_arg_info_from_tensor_fqn: protocols.GetArgInfoFromTensorFqn = utils.get_arg_info_from_tensor_fqn
    _fake_sparsity: protocols.MakeFakeSparsity = utils.FakeSparsity

HEAD = "from collections.abc import Mapping\nfrom typing import Any\nimport torch\nfrom torch import nn\n"
RIGHT = {
    "module_contains_param": "(module: nn.Module, parametrization: type[nn.Module]) -> bool: return True",
    "swap_module": "(mod: nn.Module, mapping: dict[type[nn.Module], type[nn.Module]]) -> nn.Module: return mod",
    "module_to_fqn": "(model: nn.Module, module: nn.Module, prefix: str = '') -> str | None: return None",
    "fqn_to_module": "(model: nn.Module | None, path: str) -> nn.Module | None: return None",
    "get_arg_info_from_tensor_fqn": "(model: nn.Module, tensor_fqn: str) -> dict[str, Any]: return {}",
    "FakeSparsity": "(nn.Module):\n    def __init__(self, mask): pass\n    def forward(self, x): return x\n"
    "    def modules(self): return iter([])",
}
#: As others might write it, and no worse.
RIGHT_TOO = (
    ("swap_module", "(mod: nn.Module, mapping: Mapping[type[nn.Module], Any], strict: bool = False) -> Any: pass"),
    ("module_to_fqn", "(*args: Any, **kwargs: Any) -> Any: pass"),
    ("module_to_fqn", "(model: object, module: object, prefix: str = '') -> str: return ''"),
    ("fqn_to_module", "(model, path): pass"),
)
WRONG = (
    ("module_contains_param", "(layer: nn.Module, parametrization: type[nn.Module]) -> bool: return True"),
    ("module_contains_param", "(module: nn.Module, parametrization: type[nn.Module]) -> str: return ''"),
    ("swap_module", "(mod: nn.Module, mapping: list[Any]) -> nn.Module: return mod"),
    ("swap_module", "(mod: nn.Module, mapping: dict[Any, Any], strict: bool) -> nn.Module: return mod"),
    ("module_to_fqn", "(model: nn.Module, module: nn.Module, prefix: str) -> str | None: return None"),
    ("module_to_fqn", "(model: nn.Module, module: nn.Module, prefix: str = '') -> list[str]: return []"),
    ("fqn_to_module", "(model: nn.Module, path: list[str]) -> Any: pass"),
    ("get_arg_info_from_tensor_fqn", "(model: nn.Module) -> dict[str, Any]: return {}"),
    ("get_arg_info_from_tensor_fqn", "(model: nn.Module, tensor_fqn: str) -> tuple[Any, ...]: return ()"),
    ("FakeSparsity", RIGHT["FakeSparsity"].replace("self, mask", "self, mask: torch.Tensor, rate: float")),
    # Without a base, for with one that is Any a class has everything.
    ("FakeSparsity", RIGHT["FakeSparsity"].replace("(nn.Module)", "").replace("self, x", "self, x, mask")),
    ("FakeSparsity", RIGHT["FakeSparsity"].replace("(nn.Module)", "").partition("    def modules")[0]),
)


PROTOCOLS = {
    "module_contains_param": "ModuleContainsParam",
    "swap_module": "SwapModule",
    "module_to_fqn": "ModuleToFqn",
    "fqn_to_module": "FqnToModule",
    "get_arg_info_from_tensor_fqn": "GetArgInfoFromTensorFqn",
    "FakeSparsity": "MakeFakeSparsity",
}


def implementation(name: str = "", instead: str = "") -> str:
    """Write a module that has the six names, of which one is written otherwise or missing."""
    written = {**RIGHT, **({name: instead} if name else {})}
    lines = [f"{'class' if key == 'FakeSparsity' else 'def'} {key}{rest}" for key, rest in written.items() if rest]
    return "\n".join([HEAD, *lines, ""])


def test_mypy_tells_wrong_signatures_from_right_ones(tmp_path: Path) -> None:
    """In one go, and without reading torch, which takes 10 seconds: to mypy all of its classes are Any then."""
    uses: dict[str, bool] = {}

    def use(text: str, name: str = "", *, right: bool) -> None:
        module = f"m{len(uses)}"
        (tmp_path / f"{module}.py").write_text(text)
        protocol, value = (PROTOCOLS[name], f"{module}.{name}") if name else ("Utilities", module)
        uses[f"import {module}; a{module}: protocols.{protocol} = {value}"] = right

    use(implementation(), right=True)
    for name, definition in [*RIGHT.items(), *RIGHT_TOO]:
        use(implementation(name, definition), name, right=True)
    for name, definition in WRONG:
        use(implementation(name, definition), name, right=False)
    for name in RIGHT:
        use(implementation(name), right=False)
    head = "from sparsifier_conformance import protocols"
    (tmp_path / "uses.py").write_text("\n".join([head, *uses, ""]))

    paths = [*tmp_path.glob("*.py"), Path(sparsifier_conformance.__file__).with_name("protocols.py")]
    options = ["--config-file=", "--follow-imports=skip", f"--cache-dir={tmp_path / 'cache'}", "--hide-error-context"]
    said, complaint, _ = api.run([*options, *map(str, paths)])
    assert complaint == ""
    errors = re.findall(r"^(\S+?):(\d+): error: (.*)$", said, re.MULTILINE)
    assert {(Path(file).name, text.partition(" (")[0]) for file, _, text in errors} == {
        ("uses.py", "Incompatible types in assignment")
    }, said
    lines = ["", *uses]
    assert {lines[int(line) - 1] for _, line, _ in errors} == {use for use, right in uses.items() if not right}, said
