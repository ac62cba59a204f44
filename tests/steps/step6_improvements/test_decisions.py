"""Step 6's decisions: what is refused, with which message."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from nonagon.deliverables.decisions import Known
from nonagon.steps.step6_improvements.decisions import ProjectDecision, Step6Decisions, circle_in


def project(one: str, **more: object) -> dict[str, object]:
    return {"id": one, "name": one.upper(), "opportunity": "opp-delay", **more}


def activity(one: str, **more: object) -> dict[str, object]:
    return {"id": one, "project": "p", "name": one.upper(), **more}


def faults(**document: object) -> list[str]:
    decisions = Step6Decisions.model_validate(document)
    ids = {"need": frozenset({"delay"}), "characteristic": frozenset({"minutes"})}
    for kind, one in decisions.defines():
        ids[kind] = ids.get(kind, frozenset()) | {one}
    return [f"{'.'.join(map(str, one.path))}: {one.message}" for one in decisions.faults(Known(ids))]


def test_an_empty_document_is_valid() -> None:
    assert faults() == []


def test_a_circle_of_activities_is_named() -> None:
    found = faults(
        projects=[project("p")],
        activities=[
            activity("buy", after=["test"]),
            activity("fit", after=["buy"]),
            activity("test", after=["fit"]),
        ],
    )
    assert found == [
        "activities.0.after: the activities wait for each other in a circle: buy -> fit -> test -> buy; "
        "take one of these dependencies out"
    ]


def test_an_activity_that_waits_for_itself() -> None:
    (fault,) = faults(projects=[project("p")], activities=[activity("buy", after=["buy"])])
    assert "circle: buy -> buy" in fault


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (
            {"projects": [project("p", opportunity="opp-fog")]},
            "projects.0.opportunity: names the unknown opportunity 'opp-fog'",
        ),
        ({"projects": [project("p", requires=["q"])]}, "projects.0.requires.0: names the unknown project 'q'"),
        ({"projects": [project("p", excludes=["p"])]}, "projects.0.excludes.0: names the project itself ('p')"),
        (
            {"projects": [project("p", benefit_low=5, benefit_high=2)]},
            "projects.0.benefit_low: must rise from low over likely to high; got [5.0, 2.0]",
        ),
        ({"activities": [activity("a")]}, "activities.0.project: names the unknown project 'p' (known: none)"),
        (
            {"projects": [project("p")], "activities": [activity("a", after=["b"])]},
            "activities.0.after.0: names the unknown activity 'b'",
        ),
        (
            {"projects": [project("p")], "activities": [activity("a", characteristics=["minute"])]},
            "activities.0.characteristics.0: names the unknown characteristic 'minute'; did you mean minutes?",
        ),
        (
            {"projects": [project("p")], "activities": [activity("a", status="done")]},
            "activities.0.done_on: is missing although the status is done",
        ),
        (
            {"funds": [{"month": "2025-01", "amount": 1}, {"month": "2025-01", "amount": 2}]},
            "funds.1.month: the month 2025-01 stands twice; add the amounts up",
        ),
        ({"selected": ["p"]}, "selected.0: names the unknown project 'p' (known: none)"),
        (
            {"sharing": [{"party": "x", "since": "2025-02-01", "until": "2025-01-01"}]},
            "sharing.0.until: must not be before since (2025-02-01); got 2025-01-01",
        ),
        (
            {"projects": [project("p"), project("p")]},
            "projects.1.id: the project 'p' stands twice; give each its own id",
        ),
    ],
)
def test_faults_name_place_rule_and_value(document: dict[str, object], expected: str) -> None:
    assert any(fault.startswith(expected) for fault in faults(**document)), faults(**document)


def test_cells_of_a_csv_are_taken_as_meant() -> None:
    one = ProjectDecision.model_validate(
        project("p", in_house="no", cost="1200", years="4", start="2025-03", leak_risk_accepted="yes")
    )
    assert (one.in_house, one.cost, one.years, one.leak_risk_accepted) == (False, 1200, 4, True)
    with pytest.raises(ValidationError, match="String should match pattern"):
        ProjectDecision.model_validate(project("p", start="2025-13"))


@given(
    edges=st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=20),
)
def test_a_circle_is_found_exactly_where_there_is_one(edges: list[tuple[int, int]]) -> None:
    before = {str(node): [str(b) for a, b in edges if a == node] for node in range(9)}
    circle = circle_in(before)
    # Apart from the product: take out, again and again, what waits for nothing; what stays is a circle.
    left = set(before)
    while free := {node for node in left if not set(before[node]) & left}:
        left -= free
    assert bool(circle) == bool(left)
    if circle:
        assert circle[0] == circle[-1]
        assert all(first in before[second] for first, second in pairwise(circle))
