"""Write what known implementations come to: ``python tests/tools/known_outcomes.py [WHEEL …]``.

A wheel of torch or torchao, for whatever platform, stands for its minor release: the module that it has is judged with
the torch that is installed, as are that torch's own and the reference, each with two seeds. Code that several
releases share is judged once. A release whose wheel is not given keeps its place if its code is judged; otherwise the
wheels that are missing are named, and nothing is written. Small ones are got by, for example::

    pip download --no-deps --only-binary=:all: --platform macosx_11_0_arm64 --python-version 3.11 torch==2.1.2

Of the modules themselves nothing but a digest is written.
"""

from __future__ import annotations

import ast
import hashlib
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import msgspec
from packaging.utils import parse_wheel_filename
from packaging.version import Version

from sparsifier_conformance import Result, judge
from sparsifier_conformance.outcomes.outcome import FAILURES, Outcome
from sparsifier_conformance.results import known as shipped
from sparsifier_conformance.results.known import Code, Known, known, named
from sparsifier_conformance.results.records import of_all_devices
from sparsifier_conformance.specification import load

SEEDS = (0, 1)
REFERENCE = "the reference"


class Unusable(Exception):
    """Something that was given cannot be used; the message names it and says why, in one line."""


def main(wheels: list[str]) -> int:
    """Write the file, and return the exit status."""
    try:
        write([Path(wheel) for wheel in wheels])
    except Unusable as error:
        print(f"known_outcomes.py: {error}", file=sys.stderr)
        return 1
    return 0


def write(wheels: list[Path]) -> None:
    """Judge what is given and what is installed, and write the file.

    Raises:
        Unusable: if a wheel has no such module, a requirement fails with one seed and not with the other, or the code
            of a release that is listed is not given.
    """
    given = [installed(), *map(module_in, wheels)]
    texts = {digest(text): text for _, _, text in given}
    listed = {release: code.digest for code in known().codes for release in _releases(code)}
    places = {**listed, **{(package, release): digest(text) for package, release, text in given}}
    missing = [code for code in known().codes if code.digest in {*places.values()} - {*texts}]
    if missing:
        these = "; ".join(named([code]) for code in missing)
        raise Unusable(f"give a wheel of one release of each of these, too (the top of this file says how): {these}")
    codes = []
    with tempfile.TemporaryDirectory() as folder:
        for id, text in texts.items():
            file = Path(folder, f"known_{id}.py")
            file.write_text(text, encoding="utf-8")
            releases: dict[str, list[str]] = {}
            for package, release in sorted(place for place in places if places[place] == id):
                releases.setdefault(package, []).append(release)
            _, fails = judged(str(file))
            codes.append(Code(id, {each: sorted(releases[each], key=Version) for each in releases}, fails))
            print(f"{codes[-1].releases}: {len(fails)} fail", flush=True)
    codes.sort(key=lambda code: [(package, Version(releases[0])) for package, releases in code.releases.items()])
    result, fails = judged("reference")
    written = Known(
        specification_version=load().version,
        torch=result.environment.torch.partition("+")[0],
        devices=result.environment.devices,
        requirements=list(load().requirements),
        codes=[*codes, Code("", {REFERENCE: []}, fails)],
    )
    shipped.FILE.write_bytes(msgspec.json.format(msgspec.json.encode(written), indent=1) + b"\n")


def judged(where: str) -> tuple[Result, list[str]]:
    """Return a result of an implementation, and what it fails, whatever the seed.

    Raises:
        Unusable: if that depends on the seed, or a requirement was not judged.
    """
    results = [judge(where, seed=seed) for seed in SEEDS]
    fails: list[str] = []
    for id in load().requirements:
        first, *others = [of_all_devices(result.by_id()[id]).outcome for result in results]
        if first not in {*FAILURES, Outcome.PASSED}:
            raise Unusable(f"{where}: {id}: {first.value}, so it is not known whether it is met")
        if first not in others:
            raise Unusable(f"{where}: {id}: {first.value} with one seed and not with another")
        fails += [id] if first in FAILURES else []
    return results[0], fails


def installed() -> tuple[str, str, str]:
    """Return the package, the minor release and the text of the module of the torch that is installed."""
    import torch

    from sparsifier_conformance.torch_utilities import utils

    spec = find_spec(utils.__name__)
    assert spec is not None and spec.origin is not None
    return "torch", minor(Version(torch.__version__)), Path(spec.origin).read_text(encoding="utf-8")


def module_in(wheel: Path) -> tuple[str, str, str]:
    """Return the package, the minor release and the text of the module of a wheel.

    Raises:
        Unusable: if it is no wheel, or has no such module.
    """
    try:
        name, version, *_ = parse_wheel_filename(wheel.name)
        with zipfile.ZipFile(wheel) as archive:
            paths = [path for path in archive.namelist() if path.endswith("/sparsifier/utils.py")]
            texts = [archive.read(path).decode() for path in paths]
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise Unusable(f"{wheel} is no wheel: {error}") from None
    texts = [text for text in texts if "class FakeSparsity" in text]  # others only import from where it moved to
    if len(texts) != 1:
        raise Unusable(f"{wheel} has no module of the six names")
    return str(name), minor(version), texts[0]


def minor(version: Version) -> str:
    """Return a version without its patch release."""
    return f"{version.major}.{version.minor}"


def digest(text: str) -> str:
    """Return what is the same for two texts that differ in comments, docstrings, layout, typing or order of imports."""
    tree = ast.parse(text)
    imports = [each for each in tree.body if isinstance(each, ast.ImportFrom)]
    imported = sorted(f"{each.module}.{alias.name}" for each in imports for alias in each.names)
    lines = [name for name in imported if not name.startswith("typing.")]
    lines += [line for each in tree.body if each not in imports for line in _shape(each)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _shape(node: object) -> Iterator[str]:
    if isinstance(node, list):
        for each in node:
            yield from _shape(each)
    elif not isinstance(node, ast.AST):
        yield repr(node)
    elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):  # a docstring
        yield f"{type(node).__name__}("
        for name, value in ast.iter_fields(node):
            # What is empty may have come with a version of Python.
            if value not in (None, []) and name not in ("annotation", "returns", "type_comment", "ctx"):
                yield f"{name}="
                yield from _shape(value)
        yield ")"


def _releases(code: Code) -> Iterator[tuple[str, str]]:
    for package, releases in code.releases.items():
        for release in releases:
            yield package, release


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
