"""What people decide in step 4: the House of Quality, the ideas they compared, and the houses that follow."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from nonagon.deliverables.decisions import DecisionDocument, Fault, Known, repeated
from nonagon.deliverables.evidence import Number, Value
from nonagon.deliverables.references import CharacteristicId, Defines, NeedId, Place, Refers

Sign = Literal["++", "+", "-", "--"]


def _from_text(value: Any) -> Any:
    """A CSV's cell is text; a whole number in it is meant as a number."""
    return int(value) if isinstance(value, str) and value.strip().isdecimal() else value


Strength = Annotated[Literal[0, 1, 3, 9], BeforeValidator(_from_text)]

CharacteristicPair = Annotated[str, Refers(("characteristic",), between="/")]
_HOUSE_ROW = Refers(("characteristic",), checked=False)


class CharacteristicDecision(Value):
    """One internal quality characteristic, operational enough that two people would measure the same."""

    id: Annotated[str, Defines("characteristic")] = Field(
        description="key, used by relationships, activities and control items"
    )
    name: str = Field(description="what is measured, in plain words")
    unit: str = Field("", description="unit of the measurement, such as minutes, share, per 1000 trips")
    direction: Literal["higher", "lower", "target"] = Field("higher", description="which way is better")
    target: Number | None = Field(None, description="the value to reach, in the unit")
    lower_limit: Number | None = Field(None, description="lower specification limit, in the unit")
    upper_limit: Number | None = Field(None, description="upper specification limit, in the unit")
    measurement: str | None = Field(
        None, description="the name in the measurements table's characteristic column, if measured there"
    )
    definition: str = Field("", description="how it is measured: what, where, how often, by which rule")
    source: str = Field("", description="where the data come from")
    difficulty: Number | None = Field(None, ge=1, le=10, description="how hard to change, 1 easy to 10 hard")
    cost: Number | None = Field(None, ge=0, description="cost of reaching the target, in the cycle's currency")


class Relationship(Value):
    """How strongly a characteristic serves a need, as one judge (or the team) sees it."""

    need: NeedId = Field(description="id of the need (a row)")
    characteristic: CharacteristicId = Field(description="id of the characteristic (a column)")
    strength: Strength = Field(description="9 strong, 3 medium, 1 weak, 0 none (only to record a judge's no)")
    judge: str = Field("", description="role or number of the judge where several judged; no names of persons")


class RoofDecision(Value):
    """How two characteristics act on each other."""

    a: CharacteristicId = Field(description="id of one characteristic")
    b: CharacteristicId = Field(description="id of the other")
    sign: Sign = Field(description="++ strongly supports, + supports, - hinders, -- strongly hinders")


class ImportanceDecision(Value):
    """An importance set by people in place of step 3's, with the reason."""

    need: NeedId = Field(description="id of the need")
    value: Number = Field(ge=0, description="importance, on the scale that all rows share")
    low: Number | None = Field(None, ge=0, description="lowest plausible value, if uncertain")
    high: Number | None = Field(None, ge=0, description="highest plausible value, if uncertain")
    reason: str = Field("", description="why it is not taken from step 3")


class NeedTarget(Value):
    """The planning part of the house for one need: where we are, where we want to be, does it sell."""

    need: NeedId = Field(description="id of the need")
    now: Number | None = Field(None, gt=0, description="our rating now; step 3's satisfaction where left out")
    target: Number | None = Field(None, gt=0, description="the rating to reach; improvement ratio = target / now")
    sales_point: Number = Field(1, ge=1, le=2, description="1 none, 1.2 moderate, 1.5 strong selling point")


class TechnicalRating(Value):
    """What one characteristic measures at us or at a competitor."""

    characteristic: CharacteristicId = Field(description="id of the characteristic")
    subject: str = Field("us", description="us, or the competitor's name")
    value: Number = Field(description="the measured value, in the characteristic's unit")


class WeightedCriterion(Value):
    """One criterion for comparing ideas."""

    name: str = Field(description="the criterion, such as cost or pleasure")
    weight: Number = Field(1, gt=0, description="its weight")


class Idea(Value):
    """One idea for serving a need in a new way."""

    id: str = Field(description="key of the idea")
    name: str = Field(description="the idea in a few words")
    scores: dict[str, Literal[-2, -1, 0, 1, 2]] = Field(
        default_factory=dict, description="criterion -> worse (-), same (0), better (+) than the datum"
    )


class Concepts(Value):
    """Ideas compared with what is there today (Pugh matrix)."""

    id: str = Field(description="key of the comparison")
    question: str = Field("", description="what the ideas are to achieve")
    needs: tuple[NeedId, ...] = Field((), description="ids of the needs that the ideas serve")
    datum: str = Field("as today", description="what every idea is compared with")
    criteria: tuple[WeightedCriterion, ...] = Field((), description="the criteria with their weights")
    ideas: tuple[Idea, ...] = Field((), description="the ideas with their scores")
    chosen: tuple[str, ...] = Field((), description="ids of the ideas that people took up")
    reason: str = Field("", description="why these were chosen")


class HouseColumn(Value):
    """One column of a further house: a part, a process step or a control."""

    id: str = Field(description="key of the column")
    name: str = Field(description="what it is")
    unit: str = Field("", description="unit, where it is measured")


class HouseCell(Value):
    """How strongly a column of a further house acts on one of its rows."""

    row: str = Field(description="id of a column of the house before (a characteristic, for the first)")
    column: str = Field(description="id of a column of this house")
    strength: Strength = Field(description="9 strong, 3 medium, 1 weak")


class FurtherHouse(Value):
    """A house whose rows are the columns of the house before: parts, process, control."""

    id: str = Field(description="key of the house")
    name: str = Field("", description="its title")
    level: Literal["parts", "process", "control"] = Field(description="which of the further three houses")
    columns: tuple[HouseColumn, ...] = Field((), description="its columns")
    relationships: tuple[HouseCell, ...] = Field((), description="its cells")


class ImportancePair(Value):
    """One comparison of two needs for the analytic hierarchy process."""

    a: NeedId = Field(description="id of one need")
    b: NeedId = Field(description="id of the other")
    times: Number = Field(ge=1 / 9, le=9, description="how many times as important a is as b (1/9 to 9)")


class Step4Decisions(DecisionDocument):
    """decisions/step4.toml: characteristics and how they serve needs."""

    lists: ClassVar[dict[str, str]] = {
        "characteristics": "characteristics.csv",
        "relationships": "relationships.csv",
        "roof": "roof.csv",
        "importance": "importance.csv",
        "need_targets": "need_targets.csv",
        "technical": "technical.csv",
        "importance_pairs": "importance_pairs.csv",
    }

    rows: tuple[NeedId, ...] = Field(
        (),
        description="the needs that make the rows, in order; where empty, those that customers were asked about",
    )
    characteristics: tuple[CharacteristicDecision, ...] = Field((), description="the columns of the house")
    relationships: tuple[Relationship, ...] = Field((), description="the cells of the house")
    roof: tuple[RoofDecision, ...] = Field((), description="interactions between characteristics")
    importance: tuple[ImportanceDecision, ...] = Field((), description="importances set by people")
    need_targets: tuple[NeedTarget, ...] = Field((), description="targets and sales points of the needs")
    technical: tuple[TechnicalRating, ...] = Field((), description="technical competitive assessment")
    importance_pairs: tuple[ImportancePair, ...] = Field((), description="paired comparisons of needs (AHP)")
    concepts: tuple[Concepts, ...] = Field((), description="ideas compared in Pugh matrices")
    houses: tuple[FurtherHouse, ...] = Field((), description="the houses after this one, in order")
    accepted_empty_rows: dict[NeedId, str] = Field(
        default_factory=dict, description="need that no characteristic shall serve -> the reason"
    )
    accepted_conflicts: dict[CharacteristicPair, str] = Field(
        default_factory=dict, description='conflict, written "a/b" -> how the team resolves or why it accepts it'
    )

    def places(self) -> Iterator[Place]:
        """Every place with ids; the rows of the first further house are characteristics."""
        yield from super().places()
        for house in self.houses[:1]:
            for index, cell in enumerate(house.relationships):
                yield Place(("houses", 0, "relationships", index, "row"), cell.row, _HOUSE_ROW)

    def renaming(self, kind: str, old: str, new: str) -> Iterator[tuple[tuple[str | int, ...], Any]]:
        """What changes; a characteristic that is measured under its own id is measured under the old one still."""
        yield from super().renaming(kind, old, new)
        for position, one in enumerate(self.characteristics):
            if kind == "characteristic" and one.id == old and one.measurement is None:
                yield ("characteristics", position, "measurement"), old

    def faults(self, known: Known) -> Iterator[Fault]:
        """Unknown ids, double entries, limits the wrong way round."""
        yield from repeated(("characteristics",), [one.id for one in self.characteristics], "characteristic")
        yield from self._limit_faults()
        yield from self.unknown_references(known)
        yield from self._double_faults()
        yield from self._concept_faults()
        yield from self._house_faults()

    def _limit_faults(self) -> Iterator[Fault]:
        for position, one in enumerate(self.characteristics):
            low, high = one.lower_limit, one.upper_limit
            if low is not None and high is not None and low >= high:
                yield Fault(
                    ("characteristics", position, "lower_limit"),
                    f"must be below upper_limit ({high:g}); got {low:g}",
                )
        for position, given in enumerate(self.importance):
            low, high = given.low, given.high
            if (low is not None and low > given.value) or (high is not None and high < given.value):
                yield Fault(
                    ("importance", position, "value"),
                    f"must lie between low and high; got {given.value:g} outside {low} to {high}",
                )

    def _double_faults(self) -> Iterator[Fault]:
        judges = {one.judge for one in self.relationships}
        if "" in judges and len(judges) > 1:
            position = next(index for index, one in enumerate(self.relationships) if not one.judge)
            yield Fault(
                ("relationships", position, "judge"),
                f"is empty although other rows name {', '.join(sorted(judges - {''}))}; name a judge in every row "
                "or in none",
            )
        cells = [(one.need, one.characteristic, one.judge) for one in self.relationships]
        for position in _doubles(cells):
            need, characteristic, judge = cells[position]
            by = f" by judge {judge!r}" if judge else ""
            yield Fault(
                ("relationships", position),
                f"the cell {need!r} x {characteristic!r} is judged twice{by}; keep one row",
            )
        for position, pair in enumerate(self.roof):
            if pair.a == pair.b:
                yield Fault(("roof", position, "b"), f"must differ from a; got {pair.b!r} for both")
        for position in _doubles([_unordered(one.a, one.b) for one in self.roof]):
            pair = self.roof[position]
            yield Fault(("roof", position), f"the pair {pair.a!r} and {pair.b!r} stands twice; keep one row")
        lists: dict[str, list[tuple[str, ...]]] = {
            "importance": [(one.need,) for one in self.importance],
            "need_targets": [(one.need,) for one in self.need_targets],
            "technical": [(one.characteristic, one.subject) for one in self.technical],
            "importance_pairs": [_unordered(one.a, one.b) for one in self.importance_pairs],
        }
        for name, keys in lists.items():
            for position in _doubles(keys):
                yield Fault((name, position), f"{' x '.join(keys[position])} stands twice; keep one row")

    def _concept_faults(self) -> Iterator[Fault]:
        yield from repeated(("concepts",), [one.id for one in self.concepts], "comparison of ideas")
        for position, one in enumerate(self.concepts):
            path = ("concepts", position)
            names = [criterion.name for criterion in one.criteria]
            ids = [idea.id for idea in one.ideas]
            yield from repeated((*path, "ideas"), ids, "idea")
            for index, idea in enumerate(one.ideas):
                for name in idea.scores:
                    if name not in names:
                        yield Fault(
                            (*path, "ideas", index, "scores", name),
                            f"scores the unknown criterion {name!r} (known: {', '.join(names) or 'none'})",
                        )
            for index, chosen in enumerate(one.chosen):
                if chosen not in ids:
                    yield Fault(
                        (*path, "chosen", index),
                        f"names the unknown idea {chosen!r} (known: {', '.join(ids) or 'none'})",
                    )

    def _house_faults(self) -> Iterator[Fault]:
        yield from repeated(("houses",), [one.id for one in self.houses], "house")
        rows = {one.id for one in self.characteristics}
        for position, house in enumerate(self.houses):
            path = ("houses", position)
            columns = {column.id for column in house.columns}
            yield from repeated((*path, "columns"), [column.id for column in house.columns], "column")
            for index, cell in enumerate(house.relationships):
                for key, value, have in (("row", cell.row, rows), ("column", cell.column, columns)):
                    if value not in have:
                        yield Fault(
                            (*path, "relationships", index, key),
                            f"names the unknown {key} {value!r} (known: {', '.join(sorted(have)) or 'none'})",
                        )
            rows = columns


def _doubles(keys: Sequence[tuple[str, ...]]) -> Iterator[int]:
    """Positions of keys that stood before."""
    seen: set[tuple[str, ...]] = set()
    for position, key in enumerate(keys):
        if key in seen:
            yield position
        seen.add(key)


def _unordered(a: str, b: str) -> tuple[str, ...]:
    return (a, b) if a <= b else (b, a)
