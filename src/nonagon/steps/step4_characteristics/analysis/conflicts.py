"""Conflicts: characteristics that hinder each other, and targets that pull the same measurement apart."""

from collections.abc import Mapping, Sequence
from itertools import combinations

from nonagon.deliverables.step4 import Characteristic, Conflict
from nonagon.steps.step4_characteristics.decisions import Step4Decisions

_WORDS = {"-": "hinders", "--": "strongly hinders"}


def conflicts_of(decisions: Step4Decisions, columns: Sequence[Characteristic]) -> tuple[Conflict, ...]:
    """Every negative pair of the roof, and every pair that asks one measurement to go both ways."""
    by_id = {column.id: column for column in columns}
    found = [
        _conflict(
            by_id[one.a], by_id[one.b], one.sign, f"{_WORDS[one.sign]}", columns, decisions.accepted_conflicts
        )
        for one in decisions.roof
        if one.sign in _WORDS and one.a in by_id and one.b in by_id
    ]
    known = {frozenset((one.a, one.b)) for one in found}
    found += [
        _conflict(
            a,
            b,
            "--",
            "wants the same measurement to go the other way than",
            columns,
            decisions.accepted_conflicts,
        )
        for a, b in combinations(columns, 2)
        if _opposed(a, b) and frozenset((a.id, b.id)) not in known
    ]
    return tuple(found)


def _opposed(a: Characteristic, b: Characteristic) -> bool:
    same = a.measurement is not None and a.measurement == b.measurement
    return same and {a.direction, b.direction} == {"higher", "lower"}


def _conflict(
    a: Characteristic,
    b: Characteristic,
    sign: str,
    word: str,
    columns: Sequence[Characteristic],
    accepted: Mapping[str, str],
) -> Conflict:
    matters = all(_matters(one, len(columns)) for one in (a, b))
    both = "both matter to customers" if matters else "not both carry much weight"
    return Conflict(
        a=a.id,
        b=b.id,
        sign="--" if sign == "--" else "-",
        matters=matters,
        sentence=f"{a.name} {word} {b.name}; {both}.",
        resolution=accepted.get(f"{a.id}/{b.id}") or accepted.get(f"{b.id}/{a.id}") or "",
    )


def _matters(one: Characteristic, columns: int) -> bool:
    """It carries at least an even share of the weight."""
    return one.relative is not None and one.relative.value is not None and one.relative.value >= 1 / columns
