"""Write what the documents count: ``python tests/tools/counts.py [--check | --releases FILE]``.

It makes the text between ``<!-- numbers: NAME -->`` and ``<!-- end -->`` in README.md, CONTRIBUTING.md and ``docs/``,
and the versions that these and CITATION.cff name. With ``--check`` nothing is written, and the exit status is 1 where a
text differs. With ``--releases`` the tables of ``docs/releases.md`` become those of a file that ``matrix --markdown``
wrote; only then, since the results behind them are not under version control. Nothing here imports torch. Times are not
made here: they carry their date and machine.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "reference"))
sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

import rooms
from aims import aims
from sources import PACKAGE, ROOT, python_files, read, tree_of
from sparsifier_conformance import __version__
from sparsifier_conformance.results.known import Code, known, named
from sparsifier_conformance.results.records import FORMAT_VERSION
from sparsifier_conformance.specification import Requirement, load

MARKED = re.compile(r"(?P<begin><!-- numbers: (?P<name>[\w-]+) -->)(?P<text>.*?)(?P<end><!-- end -->)", re.DOTALL)
#: What stands before a version of the package in a document.
VERSIONED = re.compile(
    r"(sparsifier-conformance(?:/\.github/workflows/judge\.yml)?@v|^version: )\d+\.\d+\.\d+", re.MULTILINE
)


def main(arguments: list[str]) -> int:
    """Write the documents, or compare them, and return the exit status."""
    parser = argparse.ArgumentParser(prog="counts.py", description="Write what the documents count.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 where a text differs")
    parser.add_argument("--releases", type=Path, metavar="FILE", help="tables that `matrix --markdown` wrote")
    options = parser.parse_args(arguments)
    given = {"releases": read(options.releases).strip()} if options.releases else {}
    stale = [path for path in documents() if updated(old := read(path), given) != old]
    for path in stale:
        print(f"{path.relative_to(ROOT).as_posix()}: {'differs' if options.check else 'written'}")
        if not options.check:
            put(path, given)
    return 1 if stale and options.check else 0


def documents() -> list[Path]:
    """Return the documents that count something."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CITATION.cff", *sorted((ROOT / "docs").glob("*.md"))]


def updated(text: str, given: Mapping[str, str] | None = None) -> str:
    """Return the text of a document as it should be.

    Parameters:
        text: as it is.
        given: blocks that are made elsewhere, by their names; those of which none is given stay.
    """

    def block(match: re.Match[str]) -> str:
        made = (given or {}).get(match["name"]) if match["name"] in MADE_ELSEWHERE else BLOCKS[match["name"]]()
        if made is None:
            return match[0]
        return f"{match['begin']}\n{made}\n{match['end']}" if "\n" in made else f"{match['begin']}{made}{match['end']}"

    return VERSIONED.sub(lambda match: match[1] + __version__, MARKED.sub(block, text))


def put(path: Path, given: Mapping[str, str]) -> None:
    """Write what a document counts, and blocks that are made elsewhere."""
    path.write_text(updated(read(path), given), encoding="utf-8", newline="\n")


# What is counted


def requirements(level: str = "", utility: str = "") -> list[Requirement]:
    """Return the requirements of a level and a utility, or of all."""
    every = load().requirements.values()
    return [each for each in every if level in ("", each.level) and utility in ("", each.utility)]


def checks(utility: str = "") -> int:
    """Return how many checks there are: of a utility, or in all."""
    paths = PACKAGE.glob(f"suite/{utility or '*'}/test_*.py")
    functions = (node for path in paths for node in tree_of(path).body if isinstance(node, ast.FunctionDef))
    return sum(node.name.startswith("test_") for node in functions)


def upper_names(path: Path) -> int:
    """Return how many constants a module defines."""
    assigned = [node for node in tree_of(path).body if isinstance(node, ast.Assign)]
    return sum(isinstance(target, ast.Name) and target.id.isupper() for node in assigned for target in node.targets)


def hostile() -> int:
    """Return how many hostile implementations there are."""
    classes = [node for node in tree_of(_tests("hostile.py")).body if isinstance(node, ast.ClassDef)]
    return sum(any(isinstance(base, ast.Name) and base.id == "Reference" for base in node.bases) for node in classes)


def _tests(name: str) -> Path:
    """Return where a module of the tests is."""
    (path,) = (ROOT / "tests").rglob(name)
    return path


def lines(paths: list[Path]) -> int:
    """Return the lines of some files."""
    return sum(len(read(path).splitlines()) for path in paths)


def rounded(count: int) -> str:
    """Return a number of lines to the nearest hundred, since every edit changes the last digits."""
    return f"{round(count, -2):,}".replace(",", " ")


# What is written


def _requirements() -> str:
    musts, shoulds = len(requirements("MUST")), len(requirements("SHOULD"))
    return f"{musts + shoulds} requirements ({musts} MUST, {shoulds} SHOULD)"


def _utilities() -> str:
    rows = ["| utility | MUST | SHOULD | checks | faults |", "|---|--:|--:|--:|--:|"]
    every = aims()
    for utility in dict.fromkeys(each.utility for each in requirements()):
        counts = [len(requirements(level, utility)) for level in ("MUST", "SHOULD")]
        faults = sum(fnmatchcase(aim, f"{utility}/*") for aim in every)
        rows.append(f"| `{utility}` | {counts[0]} | {counts[1]} | {checks(utility)} | {faults} |")
    total = [len(requirements("MUST")), len(requirements("SHOULD")), checks(), len(every)]
    return "\n".join([*rows, f"| all | {' | '.join(map(str, total))} |"])


def _judged() -> str:
    aimed = len(set(aims()))
    variants = len(list((ROOT / "tests" / "variants").rglob("*.py")))
    return "\n".join(
        [
            "| | | |",
            "|---|--:|---|",
            f"| faults | {len(aims())} | aim at {aimed} of {len(requirements())} requirements; each fails its aim and"
            " nothing that it does not list; its scripts fail as the checks did, and pass with the reference |",
            f"| variants | {variants} | correct code, written quite differently; each conforms as it claims |",
            f"| implementations that do nothing | {upper_names(_tests('nothing.py'))} | none passes a requirement"
            " (`interface/*` aside) |",
            f"| hostile implementations | {hostile()} | crash, hang, lie, print or break torch; every run ends with"
            " a result |",
        ]
    )


def _sizes() -> str:
    suite, tests = python_files(PACKAGE / "suite"), python_files(ROOT / "tests")
    machinery = [path for path in python_files(PACKAGE) if path not in suite]
    return (
        f"{rounded(lines(machinery))} lines of machinery, {rounded(lines(suite))} of checks, "
        f"{rounded(lines(python_files(ROOT / 'reference')))} of reference and {rounded(lines(tests))} of tests"
    )


def _never_met() -> str:
    """Return what is expected to fail whatever the version of torch."""
    text = read(PACKAGE / "results" / "expected" / "torch.toml")
    always = [part for part in text.split("[[expected]]")[1:] if not re.search(r"^(torch|fails|device) = ", part, re.M)]
    ids = dict.fromkeys(re.findall(r'^id = "(.+)"', "".join(always), re.MULTILINE))
    shoulds = [id for id in ids if id in load().requirements and load().requirements[id].level == "SHOULD"]
    level = "SHOULDs" if len(shoulds) == len(ids) else "requirements"
    return f"Every release of torch so far fails {len(ids)} {level}:\n" + ", ".join(f"`{id}`" for id in ids) + "."


def outcomes_by_name() -> dict[str, list[str]]:
    """Return what each known implementation fails that has all six names: the latest torchao, and then torch's."""
    complete = [code for code in known().codes if "interface/names" not in code.fails]
    latest = [code for code in complete if set(code.releases) == {"torchao"}][-1:]
    alike: dict[tuple[str, ...], list[Code]] = {}
    for code in (*latest, *(code for code in complete if "torch" in code.releases)):
        alike.setdefault(tuple(code.fails), []).append(code)
    return {named(codes): list(fails) for fails, codes in alike.items()}


def moving() -> list[str]:
    """Return the requirements that torchao's and torch's implementations do not all meet, but some do."""
    every = list(outcomes_by_name().values())
    return [id for id in load().requirements if len({id in fails for fails in every}) == 2]


def _moving() -> str:
    fails, level = outcomes_by_name(), {each.id: each.level for each in requirements()}
    rows = [f"| requirement | | {' | '.join(fails)} |", f"|---|---|{'---|' * len(fails)}"]
    for id in moving():
        cells = ["**failed**" if id in each else "passed" for each in fails.values()]
        rows.append(f"| `{id}` | {level[id]} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _moving_same() -> str:
    same = [id for id in load().requirements if all(id in fails for fails in outcomes_by_name().values())]
    return f"{len(same)} more: {', '.join(f'`{id}`' for id in same)}."


#: Blocks that need torch, or results: ``matrix --markdown``, ``pretend_table.py`` and others make them.
MADE_ELSEWHERE = ("releases", "pretend", "fidelity", "torchcts", "torchao-tests")
BLOCKS: dict[str, Callable[[], str]] = {
    "format-version": lambda: str(FORMAT_VERSION),
    "imports": rooms.imports,
    "judged": _judged,
    "moving": _moving,
    "moving-same": _moving_same,
    "never-met": _never_met,
    "package-version": lambda: __version__,
    "requirements": _requirements,
    "rooms": rooms.table,
    "sizes": _sizes,
    "specification-version": lambda: load().version,
    "utilities": _utilities,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
