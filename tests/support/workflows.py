"""Read the workflows and the action: their steps, and the commands in a step's script."""

from __future__ import annotations

import functools
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

import environments
from running import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").iterdir())
ACTION = ROOT / "action.yml"
#: Those for a shell; the others are Python, which ruff and mypy read.
SCRIPTS = sorted(path for path in (ROOT / ".ci").iterdir() if not path.suffix and path.is_file())
#: What a shell itself understands, at the beginning of a command.
KEYWORDS = {"if", "then", "else", "elif", "fi", "do", "done", "while", "!", "{", "}"}


@dataclass(frozen=True)
class Step:
    """A step of a job, or of the action, with the variables that its script sees."""

    where: str
    body: dict[str, Any]
    job: dict[str, Any] = field(default_factory=dict)
    workflow: dict[str, Any] = field(default_factory=dict)

    @property
    def script(self) -> str:
        """What it runs; nothing if it uses an action."""
        return str(self.body.get("run", ""))

    def variable(self, name: str) -> str:
        """Return the value of an environment variable as it is written."""
        for level in (self.body, self.job, self.workflow):
            if name in level.get("env", {}):
                return str(level["env"][name])
        raise KeyError(f"{self.where}: ${name} is set nowhere")

    def values(self, word: str) -> list[str]:
        """Return all that a word of the script can be, where it is a variable that the matrix gives."""
        variable = re.fullmatch(r"\$\{?(\w+)\}?", word)
        if variable is None:
            return [word]
        key = re.fullmatch(r"\$\{\{ matrix\.(\w+) \}\}", self.variable(variable[1]))
        assert key is not None, f"{self.where}: {word} does not come from the matrix"
        matrix = self.job["strategy"]["matrix"]
        if key[1] in matrix:
            return [str(value) for value in matrix[key[1]]]
        return [row[key[1]] for row in self._generated(matrix["include"])]

    def _generated(self, expression: str) -> list[dict[str, str]]:
        """Return the rows that another job's output holds, which is what ``tests/tools/environments.py`` prints."""
        source = re.fullmatch(r"\$\{\{ fromJSON\(needs\.(\w+)\.outputs\.(\w+)\) \}\}", expression)
        assert source is not None, f"{self.where}: {expression}"
        scripts = [step.get("run", "") for step in self.workflow["jobs"][source[1]]["steps"]]
        call = rf"^{source[2]}=\$\(python tests/tools/environments\.py(| nightly)\)$"
        called = re.search(call, "\n".join(scripts), re.MULTILINE)
        assert called is not None, f"{self.where}: nothing gives {source[2]}"
        return environments.choose(all_environments(), nightly=bool(called[1]))


@functools.cache
def load(path: Path) -> dict[str, Any]:
    """Read a YAML file."""
    content: dict[str, Any] = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    return content


@functools.cache
def all_environments() -> list[str]:
    """Return the environments that tox lists."""
    return environments.listed()


def steps(path: Path) -> Iterator[Step]:
    """Return the steps of a workflow or of the action."""
    content = load(path)
    if "runs" in content:
        for number, body in enumerate(content["runs"]["steps"]):
            yield Step(f"{path.name}, step {number}", body)
    for name, job in content.get("jobs", {}).items():
        for number, body in enumerate(job.get("steps", [])):
            yield Step(f"{path.name}, job {name}, step {number}", body, job, content)


def uses(path: Path) -> list[str]:
    """Return whatever a workflow or the action uses: actions, and other workflows."""
    jobs = load(path).get("jobs", {}).values()
    return [job["uses"] for job in jobs if "uses" in job] + [
        step.body["uses"] for step in steps(path) if "uses" in step.body
    ]


def commands(script: str) -> list[list[str]]:
    """Return the commands of a shell script, each as its words, without assignments, redirections and keywords."""
    script = re.sub(r"(^|\s)#.*$", "", script.replace("\\\n", " "), flags=re.MULTILINE)
    lexer = shlex.shlex(script, posix=True, punctuation_chars="();<>|&\n")
    lexer.whitespace, lexer.commenters, lexer.whitespace_split = " \t", "", True
    found: list[list[str]] = [[]]
    target = False
    for word in lexer:
        if set(word) <= set("<>&") and set(word) & set("<>"):
            target = True
        elif target:
            target = False
        elif set(word) <= set("();|&\n"):
            found.append([])
        elif found[-1] or not (word in KEYWORDS or re.match(r"\w+=", word)):
            found[-1].append(word)
    return [words for words in found if words and words[0] != "for"]
