"""Find the implementation that a name, a module or a file stands for."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

from ..text import did_you_mean
from .describing import Found, describe, place, why
from .names import NAMES, is_there

GROUP = "sparsifier_conformance.implementations"


class ImplementationError(Exception):
    """An implementation cannot be had; the message names it, says why, and what to do."""


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
        found = _described(where, _importing(where, registered[where].load))
        return found if found.version or not distribution else replace(found, version=distribution.version)
    target = imported(where, "implementation", sorted(registered))
    name = split(where)[1].rpartition(".")[2]
    if name in NAMES and not _importing(where, lambda: any(hasattr(target, each) for each in NAMES)):
        meant = f"{where[: -len(name) - 1]} --only {name}"
        raise ImplementationError(f"{where!r} is one of the six names, and not what has them; did you mean {meant}?")
    return _described(where, target)


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
    return _described(where, target)


def _described(where: str, target: Any) -> Found:
    """Describe an implementation, or refuse what is none: there is nothing of it to judge."""
    if not any(is_there(target, name) for name in NAMES):
        raise ImplementationError(
            f"{where!r} has none of the six names ({', '.join(NAMES)}); name the module, file or object that has them"
        )
    return describe(where, target)


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
    if where.endswith(":"):
        raise ImplementationError(f"{where!r} names nothing after its colon; leave the colon out, or name an attribute")
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
    others = f" registered names: {', '.join(registered)}" if registered else ""
    hint = did_you_mean(name, registered) or f" (is its package installed in this environment?{others})"
    if package in sys.modules and hasattr(sys.modules[package], attribute):
        meant = f"{package} --only {attribute}" if attribute in NAMES else f"{package}:{attribute}"
        hint = f"; did you mean {meant}?"
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
        reason = f"{error} ({place(error)})"
    except Exception as error:
        reason = why(error)
        if isinstance(error, ImportError) and "relative import" in str(error):
            reason += "; it is part of a package, so name it package.module, from the folder of the package"
    raise ImplementationError(f"{where!r} cannot be imported: {reason}")


def _attribute(where: str, module: ModuleType, attribute: str, registered: Sequence[str]) -> Any:
    target: Any = module
    for name in attribute.split(".") if attribute else ():
        if not hasattr(target, name):
            near = "" if name in NAMES else did_you_mean(name, dir(target))
            hint = near or _meant(where, registered)
            raise ImplementationError(
                f"{where!r} cannot be imported: {split(where)[0]} has no attribute {attribute!r}{hint}"
            )
        target = getattr(target, name)
    return target
