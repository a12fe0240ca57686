"""Find the implementation that a name, a module or a file stands for."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from difflib import get_close_matches
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from .checking.skips import Blocked, NotApplicable

GROUP = "sparsifier_conformance.implementations"
NAMES = (
    "module_contains_param",
    "swap_module",
    "module_to_fqn",
    "fqn_to_module",
    "get_arg_info_from_tensor_fqn",
    "FakeSparsity",
)


class ImplementationError(Exception):
    """An implementation cannot be had; the message names it, says why, and what to do."""


@dataclass(frozen=True)
class Found:
    """An implementation and what is known of it.

    ``where`` is how it was named, ``target`` the object with the six names, ``name``, ``version`` and
    ``file`` what it turned out to be.
    """

    where: str
    target: Any
    name: str
    version: str | None
    file: str | None


def look_up(where: str) -> None:
    """Refuse what leads nowhere, as far as that shows before anything is imported, for example torch.

    Parameters:
        where: as for ``load``.

    Raises:
        ImplementationError: if there is no such thing.
    """
    registered = _registered()
    if where in registered:
        return
    try:
        _look_up(where, sorted(registered))
    except OSError as error:  # the name is too long, say
        raise ImplementationError(f"{where!r} cannot be imported: {error.strerror}") from None


def load(where: str) -> Found:
    """Import the implementation that ``where`` stands for.

    Parameters:
        where: ``package.module``, ``package.module:attribute``, ``path/to/file.py[:attribute]``, or a name
            registered under the entry-point group ``sparsifier_conformance.implementations``.

    Raises:
        ImplementationError: if there is no such thing, or importing it fails in any way.
    """
    registered = _registered()
    if where in registered:
        distribution = registered[where].dist
        found = _describe(where, _importing(where, registered[where].load))
        return found if found.version or not distribution else replace(found, version=distribution.version)
    return _describe(where, imported(where, "implementation", sorted(registered)))


def imported(where: str, kind: str, registered: Sequence[str] = ()) -> Any:
    """Import the object that a name or a path stands for.

    Parameters:
        where: ``package.module[:attribute]`` or ``path/to/file.py[:attribute]``.
        kind: what it is, in a word: a module that is made from a file is called after it.
        registered: other names that ``where`` could have been, for hints.

    Raises:
        ImplementationError: if there is no such thing, or importing it fails in any way.
    """
    _look_up(where, registered)
    source, attribute = split(where)
    if source.endswith(".py"):
        module = _importing(where, lambda: _module_from_file(Path(source), kind))
    else:
        module = _module_from_name(where, source, registered)
    return _attribute(where, module, attribute, registered)


def provided(where: str, provide: Callable[[], Any]) -> Found:
    """Describe an implementation that is built at run time.

    Parameters:
        where: what stands for it in messages and results.
        provide: builds the object with the six names.

    Raises:
        ImplementationError: if it builds none.
    """
    target = _importing(where, provide)
    if target is None or isinstance(target, str):
        raise ImplementationError(f"{where} returns {target!r}; it must return the implementation itself")
    return _describe(where, target)


def kind_of(target: Any, name: str) -> str:
    """Say in a word or two what an implementation has under one of the six names.

    Returns:
        ``"a subclass of torch.nn.Module"``, ``"callable"``, ``"missing"``, or ``"not callable"``.
    """
    from torch import nn

    try:
        value = getattr(target, name)
    except Exception:  # a property of the implementation may raise anything
        return "missing"
    if isinstance(value, type) and issubclass(value, nn.Module):
        return "a subclass of torch.nn.Module"
    return "callable" if callable(value) else "not callable"


def kind_wanted(name: str) -> str:
    """Say what ``kind_of`` must be for one of the six names."""
    return "a subclass of torch.nn.Module" if name == "FakeSparsity" else "callable"


def has(target: Any, name: str) -> bool:
    """Tell whether an implementation has one of the six names, and of the right kind."""
    kind = kind_of(target, name)
    return kind == kind_wanted(name) or (name != "FakeSparsity" and kind == "a subclass of torch.nn.Module")


def split(where: str) -> tuple[str, str]:
    """Cut WHERE at the colon before its attribute; a drive letter's colon is not one."""
    source, colon, attribute = where.rpartition(":")
    if colon and (not attribute or attribute.replace(".", "_").isidentifier()):
        return source, attribute
    return where, ""


def _registered() -> dict[str, metadata.EntryPoint]:
    return {point.name: point for point in metadata.entry_points(group=GROUP)}


def _look_up(where: str, registered: Sequence[str]) -> None:
    source, _ = split(where)
    if source and Path(source).is_dir() and not Path(source, "__init__.py").is_file() and not _is_installed(source):
        raise ImplementationError(f"{where!r} is a folder; name a module in it, or a file that ends with .py")
    if source.endswith(".py"):
        if not Path(source).is_file():
            reason = "there is no such file; give the path from the current folder"
            raise ImplementationError(f"{where!r} cannot be imported: {reason}")
        return
    if not all(part.isidentifier() for part in source.split(".")):
        others = f", nor a registered name ({', '.join(registered)})" if registered else ""
        raise ImplementationError(
            f"{where!r} is neither package.module[:attribute] nor path/to/file.py[:attribute]{others}"
        )
    if source in sys.stdlib_module_names and Path(f"{source}.py").is_file():
        reason = f"{source} is a module of the standard library; the file here is called {source}.py"
        raise ImplementationError(f"{where!r} cannot be imported: {reason}")
    # Not the whole name: to look for a module in a package imports the package.
    package = source.partition(".")[0]
    importlib.invalidate_caches()  # its file may be new
    with suppress(ImportError, ValueError):  # whatever its import says, it says it better
        if package not in sys.modules and importlib.util.find_spec(package) is None:
            raise _no_module(where, package, registered)


def _module_from_file(path: Path, kind: str) -> ModuleType:
    # Under a name of its own, for a file may be called torch.py; in sys.modules, for pickle looks there.
    name = f"sparsifier_{kind}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path.resolve())
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    if str(path.resolve().parent) not in sys.path:
        sys.path.append(str(path.resolve().parent))
    spec.loader.exec_module(module)
    return module


def _is_installed(name: str) -> bool:
    """Return whether there is a module of a name other than a folder without one."""
    found = importlib.util.find_spec(name) if name.isidentifier() else None
    return found is not None and found.origin is not None


def _module_from_name(where: str, name: str, registered: Sequence[str]) -> ModuleType:
    try:
        module: ModuleType = _importing(where, lambda: importlib.import_module(name))
        return module
    except ModuleNotFoundError as error:
        raise _no_module(where, str(error.name), registered) from None


def _no_module(where: str, missing: str, registered: Sequence[str]) -> ImplementationError:
    """Return the error that says that there is no such module, and what may have been meant."""
    name, _ = split(where)
    package, _, attribute = name.rpartition(".")
    near = get_close_matches(name, registered, n=1)
    if package in sys.modules and hasattr(sys.modules[package], attribute):
        near = [f"{package}:{attribute}"]
    others = f" registered names: {', '.join(registered)}" if registered else ""
    hint = f" (is its package installed in this environment?{others})"
    if near:
        hint = f"; did you mean {near[0]!r}?"
    if Path("src", *name.split(".")[:1]).is_dir() or Path("src", f"{name}.py").is_file():
        hint = "; it is in src, which is not on Python's path: install the package, or set PYTHONPATH=src"
    hint = _meant(where, registered) or hint
    return ImplementationError(f"{where!r} cannot be imported: no module named {missing!r}{hint}")


def _meant(where: str, registered: Sequence[str]) -> str:
    """Return what may have been meant by an attribute of a registered name; empty if that was not asked for."""
    name, attribute = split(where)
    only = f" --only {attribute}" if attribute in NAMES else ""
    return f"; did you mean {name}{only}?" if attribute and name in registered else ""


def _importing(where: str, load: Callable[[], Any]) -> Any:
    """Import something, and turn whatever goes wrong into one line."""
    try:
        return load()
    except ImplementationError:
        raise
    except SyntaxError as error:
        reason = f"syntax error in {error.filename}, line {error.lineno}: {error.msg}"
    except SystemExit as error:
        reason = f"it calls sys.exit({error.code!r}) when imported; guard that with `if __name__ == '__main__':`"
    except ModuleNotFoundError as error:
        if error.name is not None and (where.split(":")[0] + ".").startswith(error.name + "."):
            raise  # the very module that was asked for
        reason = f"{error} ({_place(error)})"
    except Exception as error:
        reason = why(error)
        if isinstance(error, ImportError) and "relative import" in str(error):
            reason += "; it is part of a package, so name it package.module, from the folder of the package"
    raise ImplementationError(f"{where!r} cannot be imported: {reason}")


def _attribute(where: str, module: ModuleType, attribute: str, registered: Sequence[str]) -> Any:
    target: Any = module
    for name in attribute.split(".") if attribute else ():
        if not hasattr(target, name):
            near = get_close_matches(name, dir(target), n=1)
            hint = f"; did you mean {near[0]!r}?" if near else _meant(where, registered)
            raise ImplementationError(
                f"{where!r} cannot be imported: {split(where)[0]} has no attribute {attribute!r}{hint}"
            )
        target = getattr(target, name)
    return target


def _describe(where: str, target: Any) -> Found:
    module = target if isinstance(target, ModuleType) else sys.modules.get(_text(target, "__module__") or "")
    name = _text(target, "__name__") or f"an object of type {type(target).__qualname__}"
    if module is not None and module is not target:
        name = f"{module.__name__}:{_text(target, '__qualname__') or name}"
    try:
        file = inspect.getfile(target if module is None else module)
    except (TypeError, OSError):
        file = None
    if name.startswith("sparsifier_implementation_"):
        name = where
    return Found(where, target, name, _version(module), file)


def _version(module: ModuleType | None) -> str | None:
    """Give the version of the distribution that a module came with, if it came with one."""
    if module is None or module.__name__.startswith("sparsifier_implementation_"):
        return None
    package = module.__name__.partition(".")[0]
    version = _text(sys.modules.get(package), "__version__")
    if version is not None:
        return version
    for distribution in metadata.packages_distributions().get(package, []):
        return metadata.version(distribution)
    return None


def _text(target: Any, name: str) -> str | None:
    """Give an attribute if it is text: an implementation may be any object."""
    try:
        value = getattr(target, name, None)
    except Exception:
        return None
    return str(value) if isinstance(value, str) else None


def why(error: BaseException) -> str:
    """Return an error in one line: its class, what it says, and where it was raised."""
    return f"{type(error).__name__}: {_first_line(error)} ({_place(error)})"


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or ["no message"])[0][:300]


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}, line {frames[-1].lineno}" if frames else "no place known"


class Names:
    """The implementation as checks see it: a check that needs a missing name ends as blocked.

    Parameters:
        target: the implementation.
        requested: the names that are judged; a check that needs another one, which is missing, is not applicable.
    """

    def __init__(self, target: Any, requested: Collection[str] = NAMES) -> None:
        self._target = target
        self._requested = requested

    def __getattr__(self, name: str) -> Any:
        if name not in NAMES:
            raise AttributeError(f"no utility is called {name}")
        if not has(self._target, name):
            reason = f"{name} is {kind_of(self._target, name)}, and must be {kind_wanted(name)}"
            raise Blocked(reason) if name in self._requested else NotApplicable(f"{reason}; it was not requested")
        return getattr(self._target, name)


#: Where a session keeps the implementation, for the fixtures of the suite.
JUDGED: pytest.StashKey[Names] = pytest.StashKey()
#: And what gives what is seen of one of the six names without its asserts.
WITHOUT_ASSERTS: pytest.StashKey[Callable[[str], dict[str, str]]] = pytest.StashKey()


def unwrapped(names: Any) -> Any:
    """Give the implementation itself, for the check of its names."""
    return names._target
