"""How descriptions are drawn.

Text and numbers come from lists of telling ones: they shrink to something readable, and do not depend on
what else is imported, as the pools of Hypothesis' own strategies do.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import product
from math import factorial

from hypothesis import strategies as st
from torch import nn

from ..descriptions import Tree
from .parametrized import Chains

KINDS = ("Module", "Sequential", "ModuleList", "ModuleDict")
_LETTERS = tuple("abx_019- éß名\u0301\u200b😀/:'\"\\")
_WORDS = (
    "a",
    "b",
    "weight",
    "conv1",
    "0",
    "1",
    "10",
    "01",
    "-1",
    "a b",
    " ",
    "名前",
    "Ünicode",
    "__a",
    "parametrization",
)
#: What wrappers call what they wrap.
WRAPPED = (
    *("module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module", "base_layer", "_forward_module"),
    *("model", "inner"),
)
#: Names that only the checks draw whose subject they are, lest one fault is seen by many.
_WRAPPERS = (
    # What some take out of names.
    *(*WRAPPED, "original"),
    # What torch itself adds under these names.
    *("original0", "activation_post_process", "weight_fake_quant"),
    # What is lost where text is taken line by line, or where the case of letters is.
    *("a\nb", "\n", "\r", "A", "Conv1"),
    # What is another text where one writes letters in a normal form, digits as numbers, or code.
    *("n\u0303", "\ufb01", "\u00b2", "\u0663", "class", "None"),
    # What is another text as a template, in columns, and without what tells it from one of the same name.
    *("{}%s\\1", "a\tb", "conv_1"),
)
#: Names of which each stands in some check as a child's, whatever is drawn: the last is longer than that of a file.
TELLING_NAMES = (*_WORDS, *_WRAPPERS, "long" * 70)
#: Text that is another one to some reader: of templates, replacements, escapes, patterns, paths, or a language.
TEMPLATES = (
    *("{}", "{0}", "{{net}}", "{{", "{name}", "%s", "%(name)s", "%%", "%d", "$name", "${name}", "$$", "#{name}"),
    *("\\1", "\\g<0>", "\\n", "\\\\", "\\x41", "\\u0041", "%20", "+", "&amp;", "=41", "xn--n"),
    *("*", "?", "[ab]", "(a)", "^", "~", "/", "//", "a/", "\\", "'a'", '"a"', "#", "//a", "0x1", "1e3", "a,b", "a b"),
)
# Names that add_module refuses, and those of a child that every parametrized module has.
_RESERVED = frozenset({"parametrizations"}.union(*(dir(getattr(nn, kind)()) for kind in KINDS)))
_LIST_LIKE = ("Sequential", "ModuleList")


def _allowed(name: str) -> str:
    return name + "_" if name in _RESERVED else name


#: Words, letters and pairs of letters. One draw for each name: spelling it letter by letter costs more than the checks.
_NAMES = tuple(
    dict.fromkeys(
        map(_allowed, (*_WORDS, *_LETTERS, *(first + second for first, second in product(_LETTERS, _LETTERS))))
    )
)


@lru_cache(maxsize=2)
def names(*, of_wrappers: bool = False) -> st.SearchStrategy[str]:
    """Draw the name of a child or a tensor: text without a dot that a module accepts.

    Parameters:
        of_wrappers: whether it may also be one that some take out of paths, or that paths lose on their way.
    """
    return st.sampled_from((*_WORDS, *_WRAPPERS) if of_wrappers else _NAMES)


def prefixes() -> st.SearchStrategy[str]:
    """Draw a prefix for paths: with and without a dot at its end, empty too, and one that looks like a template."""
    return st.sampled_from(("net.", "", "net", "a.b.", "0.", ".", " ", "名.", "{}%s\\1."))


_MOST_MODULES = 5


# Made once: a strategy that is made anew for each draw costs more than the draw.
@lru_cache(maxsize=256)
def _between(least: int, most: int) -> st.SearchStrategy[int]:
    return st.integers(least, most)


@lru_cache(maxsize=16)
def _pairs_below(count: int) -> st.SearchStrategy[tuple[int, int]]:
    """Draw a module, of so many, and one after it."""
    return st.sampled_from([(parent, child) for child in range(1, count) for parent in range(child)])


def _digits(number: int, sizes: Iterable[int]) -> list[int]:
    """Take a number apart into one below each size; 0 gives zeros."""
    digits = []
    for size in sizes:
        number, digit = divmod(number, size)
        digits.append(digit)
    return digits


@st.composite
def trees(
    draw: st.DrawFn,
    *,
    sharing: bool = False,
    absent: bool = False,
    tensors: bool = False,
    parametrized: bool = False,
    parametrizable: bool = False,
    of_wrappers: bool = False,
    classes: tuple[str, ...] = KINDS,
) -> Tree:
    """Draw a model of two or more modules.

    Parameters:
        sharing: whether some modules may have several paths.
        absent: whether at least one child is registered as None (without it some may be, too).
        tensors: whether there are parameters and buffers, one at least.
        parametrized: whether at least one tensor is parametrized; implies ``tensors``.
        parametrizable: whether there may be tensors, parametrized or not; none in the plainest model.
        of_wrappers: whether names may be such as wrappers use, see ``names``.
        classes: the classes of modules.
    """
    named = names(of_wrappers=of_wrappers)
    holds = tensors or parametrized or parametrizable
    count = draw(_between(2, _MOST_MODULES))
    # One draw for all kinds, one for all parents, and one for the order: a draw costs more than to build a module.
    chosen = draw(_between(0, len(classes) ** count - 1))
    kinds = tuple(classes[kind] for kind in _digits(chosen, [len(classes)] * count))
    parents = _digits(draw(_between(0, factorial(count - 1) - 1)), range(1, count))
    edges: list[tuple[int, int | None]] = list(zip(parents, range(1, count), strict=True))
    if sharing:
        pairs = _pairs_below(count)
        edges += [draw(pairs) for _ in range(draw(_between(0, 3)))]
    edges += [(draw(_between(0, count - 1)), None) for _ in range(draw(_between(int(absent), 2)))]
    size = len(edges)
    places = _digits(draw(_between(0, factorial(size) - 1)), range(size, 0, -1))
    edges = [edges.pop(place) for place in places]
    taken: dict[int, list[str]] = {module: [] for module in range(count)}
    children = tuple((parent, _child_name(draw, kinds[parent], taken[parent], named), child) for parent, child in edges)
    least = int(tensors or parametrized)
    return Tree(kinds, children, _tensors(draw, taken, least, parametrized, parametrizable) if holds else ())


def _child_name(draw: st.DrawFn, kind: str, taken: list[str], named: st.SearchStrategy[str]) -> str:
    """Give a child the next index in a list, and any name elsewhere."""
    return _unique(str(len(taken)) if kind in _LIST_LIKE else draw(named), taken)


def _unique(name: str, taken: list[str]) -> str:
    while name in taken:
        name += "_"
    taken.append(name)
    return name


@lru_cache(maxsize=4)
def _tensors_parametrized(least: int, most: int) -> st.SearchStrategy[tuple[int, str]]:
    """Draw how often a tensor is parametrized, and of which kind it is."""
    return st.sampled_from(list(product(range(least, most + 1), ("parameter", "buffer"))))


def _tensors(
    draw: st.DrawFn, taken: dict[int, list[str]], least: int, parametrized: bool, parametrizable: bool
) -> tuple[tuple[int, str, str, int], ...]:
    drawn, most = [], 2 if parametrized or parametrizable else 0
    for position in range(draw(_between(least, 4))):
        module = draw(_between(0, len(taken) - 1))
        count, kind = draw(_tensors_parametrized(int(position == 0 and parametrized), most))
        drawn.append((module, _unique(draw(names()), taken[module]), kind, count))
    return tuple(drawn)


def chains_of(*kinds: type[nn.Module]) -> st.SearchStrategy[Chains]:
    """Draw, for some of the tensors, the parametrizations on each, in order."""
    tensors = st.sampled_from(("weight", "bias", "mean", "scale"))
    return st.dictionaries(tensors, st.lists(st.sampled_from(kinds), min_size=1, max_size=3), min_size=1)
