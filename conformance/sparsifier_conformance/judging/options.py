"""What can be requested: one table, from which the command, the plugin and ``judge`` take their options.

This module is imported in every pytest session of an environment, so it imports nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest


@dataclass(frozen=True)
class Option:
    """An option: ``--NAME`` of the command, ``--sparsifier-NAME`` and the ini key ``sparsifier_NAME`` of the plugin.

    Parameters:
        name: with dashes.
        help: one line.
        default: the value where nothing is requested; also says of which type the value is: ``()`` for an option that
            may be repeated, a number, False for a flag, None for text.
        metavar: what stands for the value in the help.
        choices: the values that there are, if they can be listed.
        least: the smallest value of a number.
        most: the largest one, if there is one.
        writes: what is written there, if the value is a path: ``file``, ``new file`` or ``folder``.
        in_plugin: whether the plugin has it too; the rest is pytest's own business there.
    """

    name: str
    help: str
    default: Any = None
    metavar: str | None = None
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    writes: str | None = None
    in_plugin: bool = True

    @property
    def keyword(self) -> str:
        """The name with underscores."""
        return self.name.replace("-", "_")

    def value(self, given: Any) -> Any:
        """Return a value as its type wants it.

        Raises:
            ValueError: if it makes no sense; the message is one line that names the option.
        """
        if self.choices and str(given).lower() not in self.choices:
            raise ValueError(f"{self.name} is {given!r}; it must be {' or '.join(self.choices)}")
        if self.choices:
            return str(given).lower()
        if self.least is None:
            return given
        if isinstance(given, bool) or not str(given).isdecimal() or int(str(given)) < self.least:
            raise ValueError(f"{self.name} is {given!r}; it must be a whole number, {self.least} or more")
        if self.most is not None and int(str(given)) > self.most:
            raise ValueError(f"{self.name} is {given!r}; it must be {self.most} or less, as more would never end")
        return int(str(given))


TABLE = (
    Option(
        "device",
        "cpu, meta, cuda, cuda:1, …, fake:cuda, pretend, pretend:no-float64, or all (the default); repeatable",
        default=(),
        metavar="DEVICE",
    ),
    Option("only", "judge this utility or requirement only; repeatable", default=(), metavar="UTILITY|ID"),
    Option(
        "model",
        "judge beside drawn models by one of your own, which this callable builds; repeatable",
        default=(),
        metavar="WHERE:CALLABLE",
    ),
    Option("level", "judge MUST only, or SHOULD too", default="should", choices=("must", "should")),
    Option(
        "examples",
        "inputs tried for each property; a quarter of them where a device holds no values",
        default=10,
        metavar="N",
        least=1,
    ),
    Option(
        "exhaustive",
        "try every model of up to so many modules: 2 321 of up to 3, 60 497 of up to 4, the most",
        default=3,
        metavar="N",
        least=1,
        most=4,
    ),
    Option("seed", "seed of the inputs", default=0, metavar="N", least=0),
    Option(
        "expect",
        "expected failures (TOML), or torch, torchao for theirs; repeatable, later ones override",
        default=(),
        metavar="FILE",
    ),
    Option("fail-fast", "stop at the first failed MUST", default=False),
    Option("json", "write the result to this file", metavar="FILE", writes="file"),
    Option("sarif", "write what failed to this file, as SARIF for code scanning", metavar="FILE", writes="file"),
    Option(
        "write-expected",
        "write what fails to this new file, as expected failures; one that is there already is refused",
        metavar="FILE",
        writes="new file",
    ),
    Option(
        "reproducers",
        "write a script for each failed requirement to this folder; it needs torch and the implementation alone",
        metavar="DIR",
        writes="folder",
    ),
    Option("junit", "write pytest's own JUnit XML to this file", metavar="FILE", writes="file", in_plugin=False),
    Option(
        "timeout",
        "time limit of each check, and of importing the implementation, in seconds",
        default=60,
        metavar="SECONDS",
        least=1,
        in_plugin=False,
    ),
)
BY_NAME = {option.name: option for option in TABLE}
IMPLEMENTATION = "--sparsifier-implementation"


def add_to_pytest(parser: pytest.Parser) -> None:
    """Add the options to pytest's command line, and to its configuration all but those that name files to write."""
    group = parser.getgroup(
        "sparsifier", "conformance of sparsifier utilities (with --pyargs sparsifier_conformance.suite)"
    )
    group.addoption(
        IMPLEMENTATION,
        metavar="WHERE",
        help="package.module, package.module:attribute, path/to/file.py[:attribute], or a registered name",
    )
    parser.addini("sparsifier_implementation", f"the implementation to judge, as {IMPLEMENTATION}", default="")
    for option in TABLE:
        if not option.in_plugin:
            continue
        flag = f"--sparsifier-{option.name}"
        group.addoption(flag, default=None, **arguments_for(option))
        if option.writes is None:
            kind: Any = "bool" if option.default is False else "args" if option.default == () else None
            parser.addini(f"sparsifier_{option.keyword}", f"as {flag}", type=kind, default=option.default)


def arguments_for(option: Option) -> dict[str, Any]:
    """Return the arguments by which a parser, argparse's or pytest's, adds an option, without its default."""
    if option.default is False:
        return {"action": "store_true", "help": option.help}
    if option.default == ():
        return {"action": "append", "metavar": option.metavar, "help": option.help}
    help = option.help if option.default is None else f"{option.help} (default: {option.default})"
    return {"metavar": option.metavar or "|".join(option.choices), "help": help}


def given(config: pytest.Config, option: Option) -> Any:
    """Return what a session requests: on the command line, or else in the configuration, or else the default.

    Raises:
        ValueError: if it makes no sense.
    """
    value = config.getoption(f"--sparsifier-{option.name}")
    if value is None and option.writes is None:
        value = config.getini(f"sparsifier_{option.keyword}")
    return value if value is None else option.value(value)


def is_named(config: pytest.Config) -> bool:
    """Return whether an implementation is named, by the option or the key."""
    return bool(config.getoption(IMPLEMENTATION) or config.getini("sparsifier_implementation"))
