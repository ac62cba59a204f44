"""What every deliverable is made of: numbers with their origin, findings in plain words, links of the trace."""

import math
import re
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, model_validator

Kind = Literal[
    "verbatim",
    "need",
    "characteristic",
    "opportunity",
    "project",
    "activity",
    "control_item",
    "follow_up",
    "result",
]
"""The ends of a link, in the order of the trace."""


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"a number in a deliverable must be finite; got {value}")
    return value.item() if hasattr(value, "item") else value


def _shorten(value: float) -> float:
    """Twelve significant digits: more than any reader needs, and stable between runs."""
    return float(f"{value:.12g}")


Number = Annotated[float, BeforeValidator(_finite), PlainSerializer(_shorten)]
"""A finite float; NaN and infinity are refused, numpy's scalars are taken."""


class Value(BaseModel):
    """A frozen value that knows all its fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)


class Origin(Value):
    """Where a number comes from, so that it can be opened and computed again.

    data: the fact tables with their content versions, such as `answers@5f0c2a9be1d3`;
    filter: which rows, in plain words ("" for all); method: the module that computed it, such as
    `nonagon.methods.survey.mean`, or `decision` for what people decided (`filter` then names the document);
    variant: what tools disagree on; assumptions: one sentence each.
    """

    data: tuple[str, ...] = ()
    filter: str = ""
    method: str
    variant: str = ""
    assumptions: tuple[str, ...] = ()


class Estimate(Value):
    """One number with its uncertainty and its origin.

    value is None where the number does not exist or may not be shown; `why` then says why.
    low and high enclose the truth with `confidence` (a fraction). n: answers, customers or rows behind it.
    unit: "share" for fractions of one, "points" for scores, a currency, "days" and so on.
    origin: key into the deliverable's `origins`.
    """

    value: Number | None = None
    low: Number | None = None
    high: Number | None = None
    confidence: Number | None = None
    n: int | None = None
    unit: str = ""
    why: str = ""
    origin: str = ""

    @property
    def beyond_chance(self) -> bool:
        """Whether the interval leaves 0 out: of a difference or an effect, that it is more than chance."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def _typeset(text: Any) -> Any:
    """A minus sign before a number is a minus sign; hyphens inside words and dates stay."""
    return re.sub(r"(?<![\w.-])-(?=\d)", "−", text) if isinstance(text, str) else text


Sentence = Annotated[str, BeforeValidator(_typeset)]
"""Plain words for people."""


class Finding(Value):
    """One plain sentence.

    kind: `shown` (the data show it beyond chance), `not_shown` (looked for, and nothing was shown),
    `note` (a description without a claim), `warning` (a person should look at it).
    headline: the number of SPEC.md's sixteen headlines that it answers, if any.
    """

    kind: Literal["shown", "not_shown", "note", "warning"]
    sentence: Sentence
    headline: int | None = None
    origin: str = ""


class Lack(Value):
    """What a step could not do, and what it would need: `needs` names the data or the decision."""

    what: str
    needs: str


class Link(Value):
    """One link of the trace, from the customers' side towards the result; never backwards.

    Needs may lead to needs: from a need to the wider one that it is part of.
    """

    from_kind: Kind
    from_id: str
    to_kind: Kind
    to_id: str

    @model_validator(mode="after")
    def _leads_onwards(self) -> Self:
        kinds = get_args(Kind)
        one, other = kinds.index(self.from_kind), kinds.index(self.to_kind)
        within = one == other and (self.from_kind != "need" or self.from_id == self.to_id)
        if one > other or within:
            raise ValueError(f"a link leads onwards along the trace; got {self.from_kind} to {self.to_kind}")
        return self


class Criterion(Value):
    """One exit criterion of a step.

    sentence: what must hold; met; reason: why it is (not) met, with the figure; mend: the file and key to
    edit, or the data to add.
    """

    id: str
    sentence: str
    met: bool
    reason: Sentence
    mend: str = ""


class Deliverable(Value):
    """What one step hands on. `origins` explains every number; `lacks` says what could not be done."""

    step: int
    origins: dict[str, Origin] = {}
    findings: tuple[Finding, ...] = ()
    lacks: tuple[Lack, ...] = ()
    links: tuple[Link, ...] = ()
