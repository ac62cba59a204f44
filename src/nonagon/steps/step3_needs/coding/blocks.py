"""Coding a block of verbatims: the part that can be done anywhere, knowing nothing but the rules and the texts.

A block goes in as JSON and comes out as a file; its name is the fingerprint of that JSON. `worker` does the same
in a process of its own.
"""

import hashlib
import json
import platform
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from nonagon.facts.codes import Tally, write_block
from nonagon.steps.step3_needs.coding.rules import Coder, RuleLike

_KEPT = ("verbatim_id", "respondent_id", "customer_id", "channel")
_FILES = ("plain.py", "rules.py", "blocks.py")

Reader: TypeAlias = Callable[[bytes, Path], Tally]
"""Reads a block and writes what it finds into a file."""


class Task(Protocol):
    """What is done with every block, and all that it depends on but the texts."""

    @property
    def counted(self) -> int:
        """How many numbers its tallies have."""

    def as_json(self) -> bytes:
        """The task as it goes to a worker, in one line."""

    def fingerprint(self) -> str:
        """Of the task and of the code that does it."""

    def reader(self) -> Reader:
        """Who does it; raises OSError where the disk refuses."""


@dataclass(frozen=True, slots=True)
class PlainRule:
    """A rule as it goes to a worker; see `decisions.Rule`."""

    need: str
    phrases: tuple[str, ...]
    regex: str
    unless: tuple[str, ...]
    language: str
    when_negated: str


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All that coding depends on but the texts: the rules, denying words by language, how far these reach."""

    rules: tuple[PlainRule, ...]
    negations: Mapping[str, tuple[str, ...]]
    window: int

    @classmethod
    def of(cls, rules: Iterable[RuleLike], negations: Mapping[str, Iterable[str]], window: int) -> "Rulebook":
        """From the rules as the document states them."""
        plain = tuple(
            PlainRule(one.need, tuple(one.phrases), one.regex, tuple(one.unless), one.language, one.when_negated)
            for one in rules
        )
        return cls(plain, {language: tuple(words) for language, words in negations.items()}, window)

    @classmethod
    def from_json(cls, content: bytes) -> "Rulebook":
        """What `as_json` wrote."""
        data = json.loads(content)
        rules = [
            PlainRule(**{**one, "phrases": tuple(one["phrases"]), "unless": tuple(one["unless"])})
            for one in data["rules"]
        ]
        return cls(tuple(rules), {name: tuple(words) for name, words in data["negations"].items()}, data["window"])

    @property
    def counted(self) -> int:
        """How many rules there are."""
        return len(self.rules)

    def as_json(self) -> bytes:
        """The rulebook in one line."""
        return json.dumps(asdict(self), ensure_ascii=True, sort_keys=True).encode()

    def fingerprint(self) -> str:
        """Of the rules and of all that decides what they find: this code, Python, its tables of letters."""
        return fingerprint_of(self.as_json(), _FILES)

    def coder(self) -> Coder:
        """The rules, ready to read."""
        return Coder(self.rules, negations=self.negations, window=self.window)

    def reader(self) -> Reader:
        """Who codes blocks by these rules."""
        return partial(code_block, self.coder())


def fingerprint_of(task: bytes, files: tuple[str, ...]) -> str:
    """Of a task and of the code in these files of this folder, which does it."""
    return hashlib.sha256(task + _code(files).encode()).hexdigest()[:32]


@cache
def _code(files: tuple[str, ...]) -> str:
    here = Path(__file__).parent
    parts = [hashlib.sha256((here / name).read_bytes()).hexdigest() for name in files]
    return " ".join((platform.python_version(), unicodedata.unidata_version, *parts))


def content_of(columns: Mapping[str, Iterable[Any]]) -> bytes:
    """A block as it goes to a worker: verbatim_id, respondent_id, customer_id, channel, language, text."""
    return json.dumps({name: list(columns[name]) for name in (*_KEPT, "language", "text")}).encode()


EMPTY = content_of(dict.fromkeys((*_KEPT, "language", "text"), ()))
"""The block in which nobody says anything: where there are no verbatims at all, it stands for them."""


def name_of(content: bytes) -> str:
    """The fingerprint of a block.

    >>> name_of(b"{}")
    '44136fa355b3678a1146ad16f7e8649e'
    """
    return hashlib.sha256(content).hexdigest()[:32]


def code_block(coder: Coder, content: bytes, path: Path) -> Tally:
    """Codes a block into the file `path`; gives its tally. Raises OSError where the disk refuses."""
    block = json.loads(content)
    matched = [0] * len(coder.rules)
    rows: list[tuple[Any, ...]] = []
    kept = zip(*(block[name] for name in _KEPT), strict=True)
    for own, language, text in zip(kept, block["language"], block["text"], strict=True):
        needs, negated = coder.tell(text or "", language=language, matched=matched)
        lot = lot_of(own[0])
        rows += [(*own, need, int(place == 0), negated, lot) for place, need in enumerate(needs or (None,))]
    names = (*_KEPT, "need", "once", "negated", "lot")
    columns = {name: [row[at] for row in rows] for at, name in enumerate(names)}
    tally = Tally(len(block["text"]), tuple(matched))
    write_block(path, columns, tally)
    return tally


def lot_of(verbatim: str) -> int:
    """A number from 0 to below 2**32 that the id draws: the same ever after, and without regard to what was said.

    >>> lot_of("v1"), lot_of("v2")
    (3044503878, 3641205218)
    """
    return int.from_bytes(hashlib.blake2b(verbatim.encode(), digest_size=4).digest())
