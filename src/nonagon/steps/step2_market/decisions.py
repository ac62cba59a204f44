"""What people decide in step 2: who the competitors are, the market's sizes, and the SWOT board."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nonagon.deliverables.decisions import DecisionDocument, Fault, Known, repeated
from nonagon.deliverables.evidence import Number, Value
from nonagon.deliverables.references import Defines, NeedId, Refers

Quadrant = Literal["strength", "weakness", "opportunity", "threat"]

EntryId = Annotated[
    str,
    Refers(
        behind=(("weakness-lowest-", "need"), ("weakness-", "need"), ("strength-", "need")),
        checked=False,
    ),
]
"""The id of an entry of the board: proposals about a need have it behind a word."""


class Competitor(Value):
    """One competitor, by the name that the answers' `subject` and the sales' `seller` use."""

    id: Annotated[str, Defines("competitor", in_data=True)] = Field(
        description="as in the answers' subject and the sales' seller"
    )
    name: str = Field("", description="name for people; the id where absent")
    note: str = Field("", description="what kind of competitor it is")


class MarketRow(Value):
    """One line of the market table: what one seller sold in one period, from a named source."""

    period: date = Field(description="first day of the period")
    segment: str = Field("", description="part of the market; blank for the whole")
    seller: str = Field(description="us (the cycle's subject) or a competitor's id")
    amount: Number = Field(ge=0, description="sales in one unit for all rows of a segment")
    source: str = Field(description="where the figure is from: report, page, date")


class Verdict(Value):
    """What people say of one proposed entry."""

    id: EntryId = Field(description="id of the proposed entry, as the report shows it")
    decision: Literal["accept", "reject"] = Field(description="accept or reject")
    reason: str = Field("", description="why; a rejection must say")


class AddedEntry(Value):
    """An entry that people add; it must cite what it rests on."""

    id: str = Field(description="short name")
    quadrant: Quadrant = Field(description="strength, weakness, opportunity or threat")
    sentence: str = Field(description="the entry in one sentence")
    evidence: str = Field(min_length=1, description="the figure or note that it rests on, with its source")
    need: NeedId | None = Field(None, description="the need that it concerns")


class Pair(Value):
    """What to do about entries that meet: a strength for an opportunity (SO), and so on."""

    id: str = Field(description="short name")
    kind: Literal["SO", "WO", "ST", "WT"] = Field(description="which quadrants meet")
    entries: tuple[EntryId, ...] = Field(min_length=2, description="ids of entries, at least two")
    action: str = Field(description="what is to be done")


class Step2Decisions(DecisionDocument):
    """decisions/step2.toml."""

    lists: ClassVar[dict[str, str]] = {"market": "market.csv", "swot": "swot.csv"}

    market_name: str = Field("", description="the market in a sentence: what is sold, where, to whom")
    competitors: tuple[Competitor, ...] = Field((), description="the competitors")
    adjustment: Literal["holm", "BH"] = Field(
        "holm",
        description="how comparisons are adjusted for their number: holm keeps the chance of even one false "
        "difference, BH the share of false ones among those named",
    )
    period: Literal["month", "quarter", "year"] = Field("quarter", description="length of a period of the shares")
    product_breakdown: bool = Field(False, description="follow each product's growth (at most the 20 largest)")
    market: tuple[MarketRow, ...] = Field(
        (), description="the market table, where the sales hold no other sellers"
    )
    swot: tuple[Verdict, ...] = Field((), description="accepted and rejected entries")
    added: tuple[AddedEntry, ...] = Field((), description="entries that people add")
    tows: tuple[Pair, ...] = Field((), description="pairs of entries and what is to be done")

    def defines(self) -> Iterator[tuple[str, str]]:
        """Competitors, and whoever sells in the market table."""
        yield from super().defines()
        yield from (("seller", seller) for seller in dict.fromkeys(row.seller for row in self.market))

    def faults(self, known: Known) -> Iterator[Fault]:
        """Repeated ids and rows, unknown needs, rejections without a reason, pairs with a rejected entry."""
        yield from repeated(("competitors",), [one.id for one in self.competitors], "competitor")
        yield from repeated(("swot",), [one.id for one in self.swot], "entry")
        yield from repeated(("added",), [one.id for one in self.added], "entry")
        yield from repeated(("tows",), [one.id for one in self.tows], "pair")
        yield from self._market_faults(known)
        for position, one in enumerate(self.swot):
            if one.decision == "reject" and not one.reason:
                yield Fault(
                    ("swot", position, "reason"), f"the entry {one.id!r} is rejected without a reason; say why"
                )
        yield from self.unknown_references(known)
        rejected = {one.id for one in self.swot if one.decision == "reject"}
        for position, pair in enumerate(self.tows):
            for entry_id in pair.entries:
                if entry_id in rejected:
                    message = f"uses the entry {entry_id!r}, which is rejected; take another or accept it"
                    yield Fault(("tows", position, "entries"), message)

    def _market_faults(self, known: Known) -> Iterator[Fault]:
        ours = known.cycle.subject if known.cycle is not None else "us"
        competitors = {one.id for one in self.competitors}
        seen: set[tuple[date, str, str]] = set()
        for position, row in enumerate(self.market):
            key = (row.period, row.segment, row.seller)
            if key in seen:
                message = f"{row.seller!r} stands twice for {row.period} in segment {row.segment!r}; keep one row"
                yield Fault(("market", position, "seller"), message)
            seen.add(key)
            if competitors and row.seller not in competitors | {ours}:
                message = (
                    f"names the seller {row.seller!r}, which is neither us ({ours!r}) nor a competitor "
                    f"(known: {', '.join(sorted(competitors))}); add it to competitors"
                )
                yield Fault(("market", position, "seller"), message)
