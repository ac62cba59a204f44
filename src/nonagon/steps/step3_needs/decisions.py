"""What people decide in step 3: the need tree, how verbatims are coded to it, and what management assumed."""

import dataclasses
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from nonagon.deliverables.decisions import DecisionDocument, Fault, Known, repeated
from nonagon.deliverables.evidence import Number, Value
from nonagon.deliverables.references import Defines, NeedId, Place, Refers

NEGATIONS: dict[str, tuple[str, ...]] = {
    "en": ("not", "no", "never", "no longer", "without", "cannot", "nothing", "hardly", "neither", "nor"),
    "de": ("nicht", "kein", "keine", "keinen", "keiner", "nie", "niemals", "ohne", "kaum"),
    "fr": ("ne", "pas", "jamais", "sans", "aucun", "aucune"),
    "es": ("no", "nunca", "jamás", "sin", "ningún", "ninguna"),
    "ar": ("لا", "ليس", "ليست", "لم", "لن", "ما", "غير", "بدون"),
}
"""Words that deny what follows, by language; words that end in n't deny in English too."""

NO_NEED = "none"
"""In place of a need's id: the verbatim speaks of none."""

NeedOrNone = Annotated[str, Refers(("need",), besides=(NO_NEED,))]


class NeedDecision(Value):
    """One need of the tree."""

    id: Annotated[str, Defines("need")] = Field(description="short name that other documents use")
    name: str = Field(description="the need in the customers' words")
    parent: NeedId | None = Field(None, description="the need above it; blank for a primary need")
    level: int | None = Field(
        None, ge=1, le=3, description="1 primary, 2 secondary, 3 tertiary; where absent, by the place in the tree"
    )


class Rule(Value):
    """One coding rule: verbatims that match it speak of the need.

    A phrase matches whole words, in any case and with or without accents; a word that ends in `*` matches
    every word that begins so. A regular expression is searched in the text as written and in its plain form
    (lower case, no accents).
    """

    need: NeedId = Field(description="id of the need")
    phrases: tuple[str, ...] = Field((), description="phrases, any of which will do")
    regex: str = Field("", description="a regular expression, beside or instead of phrases")
    unless: tuple[str, ...] = Field((), description="phrases that rule the sentence out")
    language: str = Field("", description="only verbatims of this language (and those of unknown language)")
    when_negated: Literal["drop", "keep"] = Field(
        "drop",
        description="what happens when a denying word stands before the match: drop it, or keep it (for phrases "
        "that themselves complain of a lack)",
    )

    @model_validator(mode="after")
    def _matches_something(self) -> Self:
        if not self.regex and not any(phrase.strip(" *") for phrase in self.phrases):
            raise ValueError(f"a rule for {self.need!r} needs phrases or a regex; it has neither")
        return self


class Negation(Value):
    """How denial is recognized."""

    window: int = Field(3, ge=0, le=10, description="how many words before a match may deny it; 0 switches it off")
    words: dict[str, tuple[str, ...]] = Field(
        {}, description="denying words by language code; a language given here replaces its built-in list"
    )

    def by_language(self) -> dict[str, tuple[str, ...]]:
        """The denying words of every language: those given, and the built-in ones of the others."""
        return NEGATIONS | self.words


class Proposing(Value):
    """How new needs are proposed from what no rule knows."""

    most: int = Field(20, ge=0, le=200, description="proposals at most; 0 for none")
    words: int = Field(3, ge=1, le=4, description="words in a phrase at most")
    ignore: tuple[str, ...] = Field((), description="words and phrases that are no need: names, greetings")


class Assumption(Value):
    """One thing that management believed before customers were asked."""

    need: NeedId = Field(description="id of the need that it lists")
    importance_rank: int | None = Field(
        None, ge=1, description="believed rank of importance, 1 the most important"
    )
    importance: Number | None = Field(None, description="believed importance on any scale, where no rank is given")
    predicted: Number | None = Field(None, description="how management believes that customers rate us")
    by: str = Field("", description="role that believed it, no person's name")
    stated_on: date | None = Field(None, description="day it was written down; must be before the first answer")


class Seal(Value):
    """That the register of assumptions is closed: what stood in it on that day can be checked ever after."""

    sealed_on: date = Field(description="day on which it was sealed; must be before the first answer")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the register as it was sealed")
    by: str = Field("", description="role that sealed it, no person's name")


class Unsealing(Value):
    """That a sealed register was opened again, and why. It stays."""

    sealed_on: date = Field(description="day on which it had been sealed")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the register as it had been sealed")
    unsealed_on: date = Field(description="day on which it was opened")
    reason: str = Field(min_length=10, description="why it was opened")
    by: str = Field("", description="role that opened it, no person's name")


class HandCode(Value):
    """What one coder found in one verbatim by reading it; it counts in place of the rules."""

    verbatim: str = Field(description="id of the verbatim")
    need: NeedOrNone = Field(description="id of the need; `none` where the verbatim speaks of none")
    coder: str = Field("", description="who coded it, by a role or number, no person's name")


class DoubleCoding(Value):
    """One coder's code of one verbatim, for the agreement of coders."""

    verbatim: str = Field(description="id of the verbatim")
    coder: str = Field(description="coder 1 or 2, by any two names of roles")
    need: NeedOrNone = Field(description="id of the need; `none` where the verbatim speaks of none")


class AcceptedUnheard(Value):
    """That the team goes on although more may be unheard than `unknown_limit`."""

    up_to: Number = Field(gt=0, le=1, description="share of needs that may be unheard at most, by the upper bound")
    why: str = Field(min_length=1, description="why the team goes on with it")


class Step3Decisions(DecisionDocument):
    """decisions/step3.toml."""

    lists: ClassVar[dict[str, str]] = {
        "needs": "needs.csv",
        "rules": "rules.csv",
        "assumptions": "assumptions.csv",
        "codes": "codes.csv",
        "double_coding": "double_coding.csv",
    }

    needs: tuple[NeedDecision, ...] = Field((), description="the need tree")
    rules: tuple[Rule, ...] = Field((), description="the coding rules")
    negation: Negation = Field(Negation(), description="how denial is recognized")
    proposing: Proposing = Field(Proposing(), description="how new needs are proposed")
    withdrawn: tuple[str, ...] = Field((), description="ids of verbatims whose consent was withdrawn")
    assumptions: tuple[Assumption, ...] = Field((), description="what management believed before the research")
    seal: Seal | None = Field(None, description="that the register of assumptions is closed, since when")
    unsealed: tuple[Unsealing, ...] = Field((), description="every time that a sealed register was opened again")
    merged: dict[str, str] = Field(
        {}, description="needs that a sealed register names and that were merged since: old id -> id now"
    )
    codes: tuple[HandCode, ...] = Field((), description="verbatims that people coded by reading them")
    double_coding: tuple[DoubleCoding, ...] = Field((), description="verbatims that two people coded")
    unknown_limit: Number = Field(
        0.10,
        gt=0,
        lt=1,
        description="the share of needs that may stay unheard; interviews are asked for until then",
    )
    accepted_unheard: AcceptedUnheard | None = Field(
        None, description="that the team accepts more unheard than the limit, up to a share and with a reason"
    )
    interview_channels: tuple[str, ...] = Field(
        ("interview",), description="channels whose verbatims are interviews, one a respondent"
    )

    def references(self) -> Iterator[Place]:
        """Every reference; what was assumed of a need that was merged is read as of the need that it is now."""
        for one in super().references():
            now = self.need_now(one.text) if one.path[0] == "assumptions" else one.text
            yield dataclasses.replace(one, text=now)

    def renaming(self, kind: str, old: str, new: str) -> Iterator[tuple[tuple[str | int, ...], Any]]:
        """What changes; a sealed register stays as it was sealed, and `merged` leads on from the old id."""
        sealed = self.seal is not None
        for path, value in super().renaming(kind, old, new):
            if not (sealed and path[0] == "assumptions"):
                yield path, value
        merged = self._merged_when_renamed(old, new) if kind == "need" else self.merged
        if merged != self.merged:
            yield ("merged",), merged

    def _merged_when_renamed(self, old: str, new: str) -> dict[str, str]:
        back = {one: now for one, now in self.merged.items() if one != new}
        named = {one.need for one in self.assumptions if self.seal is not None} | set(back.values())
        return {**back, old: new} if old in named and old not in back else back

    def is_spoken_for(self, kind: str, new: str, old: str) -> bool:
        """Whether an id stands for no need, or leads to another one, since its own was merged under a seal."""
        return kind == "need" and (new == NO_NEED or (new in self.merged and self.need_now(new) != old))

    def levels(self) -> dict[str, int]:
        """The level of each need: as stated, or by its place in the tree (1 at the top, 3 at most)."""
        by_id = {one.id: one for one in self.needs}
        return {one.id: one.level or min(3, len(ancestors(one.id, by_id)) + 1) for one in self.needs}

    def need_now(self, need: str) -> str:
        """The id under which a need goes on after it was merged."""
        seen: set[str] = set()
        while need in self.merged and need not in seen:
            seen.add(need)
            need = self.merged[need]
        return need

    def hand_codes(self) -> dict[str, tuple[str, ...]]:
        """The needs of each verbatim that was coded by hand, as its first coder found them.

        The first coder is the one who stands first in `codes` of all who coded the verbatim; what others found
        is for the agreement of coders.
        """
        order = {coder: place for place, coder in enumerate(dict.fromkeys(one.coder for one in self.codes))}
        first: dict[str, str] = {}
        for one in self.codes:
            held = first.setdefault(one.verbatim, one.coder)
            if order[one.coder] < order[held]:
                first[one.verbatim] = one.coder
        found: dict[str, dict[str, None]] = {one.verbatim: {} for one in self.codes}
        for one in self.codes:
            if one.coder == first[one.verbatim] and one.need != NO_NEED:
                found[one.verbatim][one.need] = None
        return {verbatim: tuple(needs) for verbatim, needs in found.items()}

    def faults(self, known: Known) -> Iterator[Fault]:
        """Repeated needs, unknown parents, circles in the tree, levels that do not fit, bad rules."""
        yield from repeated(("needs",), [one.id for one in self.needs], "need")
        yield from self._tree_faults()
        for position, rule in enumerate(self.rules):
            if rule.regex:
                yield from _regex_faults(("rules", position, "regex"), rule.regex)
        seen: set[tuple[str, str]] = set()
        for position, one in enumerate(self.assumptions):
            if (one.need, one.by) in seen:
                message = f"the need {one.need!r} stands twice for {one.by or 'the same role'}; keep one"
                yield Fault(("assumptions", position, "need"), message)
            seen.add((one.need, one.by))
        yield from self._seal_faults()
        yield from self._code_faults()
        yield from self._double_coding_faults()
        yield from self.unknown_references(known)

    def _tree_faults(self) -> Iterator[Fault]:
        by_id = {one.id: one for one in self.needs}
        for position, one in enumerate(self.needs):
            if one.parent is None:
                continue
            parent = by_id.get(one.parent)
            if one.id in ancestors(one.id, by_id):
                message = f"the need {one.id!r} stands below itself; break the circle of parents"
                yield Fault(("needs", position, "parent"), message)
            elif parent is not None and one.level is not None and one.level <= (parent.level or 0):
                message = (
                    f"level {one.level} is not below the level {parent.level} of its parent {parent.id!r}; "
                    f"give it {(parent.level or 0) + 1}"
                )
                yield Fault(("needs", position, "level"), message)

    def _seal_faults(self) -> Iterator[Fault]:
        if self.seal is not None and self.seal.sha256 != seal_of(self.assumptions):
            message = (
                f"the assumptions are not those that were sealed on {self.seal.sealed_on}; put them back, or take "
                "the seal off and say why under unsealed"
            )
            yield Fault(("seal", "sha256"), message)

    def _code_faults(self) -> Iterator[Fault]:
        seen: set[tuple[str, str, str]] = set()
        none = {(one.verbatim, one.coder) for one in self.codes if one.need == NO_NEED}
        for position, one in enumerate(self.codes):
            if one.need != NO_NEED and (one.verbatim, one.coder) in none:
                message = f"the verbatim {one.verbatim!r} is coded to a need and to none; keep one of them"
                yield Fault(("codes", position, "need"), message)
            if (one.verbatim, one.need, one.coder) in seen:
                message = f"the verbatim {one.verbatim!r} stands twice with {one.need!r} of one coder; keep one"
                yield Fault(("codes", position, "need"), message)
            seen.add((one.verbatim, one.need, one.coder))

    def _double_coding_faults(self) -> Iterator[Fault]:
        coders = list(dict.fromkeys(one.coder for one in self.double_coding))
        for position, one in enumerate(self.double_coding):
            if one.coder in coders[2:]:
                message = (
                    f"names the third coder {one.coder!r}; agreement is between two ({coders[0]}, {coders[1]})"
                )
                yield Fault(("double_coding", position, "coder"), message)


def seal_of(assumptions: Iterable[Assumption]) -> str:
    """SHA-256 of the register: the entries in their order as JSON, keys in alphabetical order, without blanks.

    >>> seal_of([])
    '4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945'
    """
    entries = [one.model_dump(mode="json") for one in assumptions]
    text = json.dumps(entries, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def ancestors(need: str, by_id: dict[str, NeedDecision]) -> list[str]:
    """Ids above a need, nearest first; ends where the tree ends or closes into a circle."""
    found: list[str] = []
    here = by_id.get(need)
    while here is not None and here.parent is not None and here.parent not in found:
        found.append(here.parent)
        here = by_id.get(here.parent)
    return found


def _regex_faults(path: tuple[str | int, ...], text: str) -> Iterator[Fault]:
    try:
        compiled = re.compile(text, re.IGNORECASE)
    except re.error as error:
        yield Fault(path, f"is no regular expression: {error}; got {text!r}")
        return
    if compiled.match(""):
        yield Fault(path, f"matches every text, even an empty one; make it ask for something; got {text!r}")
