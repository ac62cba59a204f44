"""Whether the charter is complete: every field that is missing, by name."""

from collections.abc import Iterator

from nonagon.deliverables.step5 import CharterObjective, CharterSummary
from nonagon.steps.step5_opportunities.decisions import Charter


def summed_up(charter: Charter) -> CharterSummary:
    """The charter with the names of what is not filled in."""
    fields = list(_fields(charter))
    missing = tuple(name for name, filled in fields if not filled)
    return CharterSummary(
        title=charter.title,
        version=charter.version,
        approved_on=charter.approved_on,
        mission=charter.mission,
        objectives=tuple(CharterObjective(**one.model_dump()) for one in charter.objectives),
        budget=charter.operating.budget,
        start=charter.start,
        end=charter.end,
        filled=len(fields) - len(missing),
        fields=len(fields),
        missing=missing,
    )


def _fields(charter: Charter) -> Iterator[tuple[str, bool]]:
    """Every field of the charter in words, and whether it is filled in."""
    yield "title", bool(charter.title)
    yield "version", bool(charter.version)
    yield "approved by", bool(charter.approved_by)
    yield "approved on", charter.approved_on is not None
    yield "mission", bool(charter.mission)
    yield "objectives", bool(charter.objectives)
    for position, one in enumerate(charter.objectives, start=1):
        yield f"measure of objective {position}", bool(one.measure)
        yield f"baseline of objective {position}", one.baseline is not None
        yield f"target of objective {position}", one.target is not None
        yield f"date of objective {position}", one.due is not None
    operating = charter.operating
    yield "authority", bool(operating.authority)
    yield "budget", operating.budget is not None
    yield "meeting rhythm", bool(operating.meetings)
    yield "decision rule", bool(operating.decision_rule)
    yield "escalation", bool(operating.escalation)
    yield "confidentiality", bool(operating.confidentiality)
    yield "sponsor", bool(charter.sponsor)
    yield "members", bool(charter.members)
    for position, member in enumerate(charter.members, start=1):
        yield f"share of time of member {position} ({member.role})", member.share_of_time is not None
    yield "scope in", bool(charter.scope_in)
    yield "scope out", bool(charter.scope_out)
    yield "start", charter.start is not None
    yield "end", charter.end is not None
