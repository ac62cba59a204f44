"""Step 9 as it is read: its reference page, and its section as the report shows it."""

import html
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from builders.facts import facts_of
from nonagon.charts.section import Chart, Figures, Paragraph, Section, Table
from nonagon.deliverables.cycle import Cycle, Item
from nonagon.deliverables.decisions import Known
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.effectiveness import effectiveness, step_state
from nonagon.deliverables.step1 import Condition, CustomerClass, CustomersDeliverable
from nonagon.deliverables.step3 import NeedResult, NeedsDeliverable
from nonagon.deliverables.step6 import ImprovementsDeliverable, Project
from nonagon.deliverables.step9 import ResultsDeliverable
from nonagon.deliverables.trace import trace
from nonagon.pipeline.rooms import ROOMS
from nonagon.reports.html import html_report
from nonagon.reports.inputs import ReportInput
from nonagon.steps.step9_results.analysis import analyse
from nonagon.steps.step9_results.criteria import criteria
from nonagon.steps.step9_results.decisions import (
    BenefitDecision,
    CarryDecision,
    EffectDecision,
    MeasureItem,
    ReviewApproval,
    ReviewDecision,
    ReviewInputDecision,
    Step9Decisions,
)
from nonagon.steps.step9_results.section import section

PAGE = (Path(__file__).parents[3] / "docs/reference/decisions-step9.md").read_text(encoding="utf-8")
MODELS = (
    Step9Decisions,
    EffectDecision,
    MeasureItem,
    BenefitDecision,
    CarryDecision,
    ReviewDecision,
    ReviewInputDecision,
    ReviewApproval,
)


# --- the reference page


def test_the_example_is_valid_and_uses_every_key() -> None:
    decisions = Step9Decisions.model_validate(tomllib.loads(PAGE.split("```toml\n")[1].split("```")[0]))
    known = Known(
        {
            "item": frozenset({"r_punctual", "r_safety"}),
            "class": frozenset({"programme_lines", "other_lines"}),
            "need": frozenset({"punctual"}),
            "project": frozenset({"punctuality", "machines"}),
            "effect": frozenset(one.id for one in decisions.effects),
        }
    )
    assert [one.message for one in decisions.faults(known)] == []
    assert decisions.model_fields_set == set(Step9Decisions.model_fields)
    for name in Step9Decisions.lists:
        rows = getattr(decisions, name)
        assert {key for row in rows for key in row.model_fields_set} == set(type(rows[0]).model_fields), name


def test_every_key_is_explained() -> None:
    for model in MODELS:
        part = PAGE.split(f"## {model.__name__}\n")[-1] if model is not Step9Decisions else PAGE
        for name, field in model.model_fields.items():
            start, end = f"| `{name}` |", f"| {field.description} |"
            row = next(line for line in part.splitlines() if line.startswith(start) and line.endswith(end))
            assert ("| required |" in row) == field.is_required(), name
            if isinstance(field.default, int):
                default = {True: "yes", False: "no"}[field.default] if field.annotation is bool else field.default
                assert f"| {default} | {field.description} |" in row, name


def test_every_list_names_its_file() -> None:
    for name, file in Step9Decisions.lists.items():
        assert f"`{name}` in `decisions/{file}`" in PAGE


# --- the section

HOSTILE = "<script>alert('x')</script> & \"y\" {{ 7*7 }}"
CYCLE = Cycle(
    name="c",
    organization="Bus",
    currency="EUR",
    items=(
        Item(id="q_fast", text="Fast"),
        Item(id="overall", text="All in all", kind="overall"),
        Item(id="rec", text="Recommend", kind="recommend", scale_min=0, scale_max=10),
    ),
)


def found_with(folder: Path, words: str) -> tuple[ResultsDeliverable, Step9Decisions]:
    """Everything that step 9 can show, with `words` wherever people or data put words of their own."""
    people = [{"customer_id": f"c{at}", "region": "north" if at < 60 else "south"} for at in range(120)]
    answers: list[dict[str, Any]] = []
    for turn, day in enumerate([date(2025, 1 + month, 1 + month) for month in range(12)]):
        for at in range(120):
            if turn > 5 and at % 10 == 0:
                continue
            who = {
                "respondent_id": f"{turn}-{at}",
                "customer_id": f"c{at}",
                "wave": f"{words} {turn // 6}",
                "date": day,
            }
            value = 2.0 + (at + turn) % 3 + (turn > 5) * (at < 60)
            answers += [{**who, "item": item, "value": value} for item in ("q_fast", "overall", "rec")]
    sales = [
        {
            "sale_id": f"{month}-{day}",
            "customer_id": f"c{(month * day) % 120}",
            "date": date(2024 + month // 12, month % 12 + 1, day),
            "amount": 100.0 + (month * day) % 7 + 30 * (month >= 18),
            "seller": "rail" if day == 5 else None,
        }
        for month in range(24)
        for day in (1, 5, 15, 28, 30 if month % 12 != 1 else 27, 31 if month == 23 else 20)
    ]
    region = Condition(field="region", one_of=("north",))
    classes = (
        CustomerClass(id="north", name=words, rule=(region,)),
        CustomerClass(id="south", name="South", rule=(Condition(field="region", none_of=("north",)),)),
    )
    before = Earlier(
        step1=CustomersDeliverable(classes=classes),
        step3=NeedsDeliverable(needs=(NeedResult(id="fast", name=words),)),
        step6=ImprovementsDeliverable(projects=(Project(id="p", name=words, opportunity="o", cost=1),)),
    )
    effect = {"improvement": words, "designed_on": "2025-08-01", "start": "2025-07-01", "placebo": "2025-04-01"}
    decisions = Step9Decisions.model_validate(
        {
            "effects": [
                {
                    **effect,
                    "id": "apart",
                    "outcome": "satisfaction",
                    "item": "q_fast",
                    "design": "difference_in_differences",
                    "treated": ["north"],
                    "control": ["south"],
                    "expected": 0.4,
                },
                {
                    **effect,
                    "id": "sold",
                    "outcome": "sales",
                    "design": "interrupted_time_series",
                    "project": "p",
                    "expected": 0.25,
                },
                {
                    **effect,
                    "id": "no",
                    "outcome": "satisfaction",
                    "item": words,
                    "design": "interrupted_time_series",
                },
            ],
            "benefits": [{"project": "p", "planned": 10, "effect": "sold"}],
            "carried": [{"need": "fast", "reason": words}],
            "review": [{"decision": words, "owner": words, "due": "2026-03-01"}],
            "reviewed_on": "2026-01-15",
        }
    )
    facts = facts_of(folder, customers=people, answers=answers, sales=sales)
    return analyse(cycle=CYCLE, facts=facts, decisions=decisions, earlier=before), decisions


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[ResultsDeliverable, Section]:
    found, decisions = found_with(tmp_path_factory.mktemp("plain"), "Second counter")
    return found, section(found, decisions)


def test_its_charts(plain: tuple[ResultsDeliverable, Section]) -> None:
    _, shown_section = plain
    charts = [block for block in shown_section.blocks if isinstance(block, Chart)]
    assert [one.title for one in charts] == [
        "Net promoter score, by wave",
        "Net promoter score by class, latest wave",
        "Satisfied customers (CSAT), by wave",
        "Satisfied customers (CSAT) by class, latest wave",
        "Satisfaction index, 0 to 100, by wave",
        "Second counter: satisfaction by month",
        "Second counter: sales by month",
    ]
    assert all(one.table.rows and one.alt and one.spec for one in charts)
    # Before the start there is nothing to expect, from it on what sales were heading for.
    sales = charts[-1].table
    assert [column for column, _ in sales.columns] == ["month", "observed", "without the improvement"]
    assert [row[2] != "" for row in sales.rows] == [False] * 18 + [True] * 6


def test_its_tables(plain: tuple[ResultsDeliverable, Section]) -> None:
    found, shown_section = plain
    tables = {block.caption: block for block in shown_section.blocks if isinstance(block, Table)}
    assert list(tables) == [
        "Effects, each by the design that was decided",
        "Our sales by quarter",
        "Benefit a year against the business plan",
        "Needs that stay open",
        "Management review of 2026-01-15",
    ]
    effects = tables["Effects, each by the design that was decided"]
    columns = [column for column, _ in effects.columns]
    assert [row[columns.index("plan counts on")].replace("\u202f", " ") for row in effects.rows] == [
        "+0.40",
        "+25.0 %",
        "",
    ]
    assert [row[-1] for row in effects.rows] == ["shown" if one.shown else "not shown" for one in found.effects]
    assert effects.rows[2][columns.index("effect")].startswith("the item Second counter has no month with")
    assert tables["Needs that stay open"].rows == (("Second counter", "Second counter", "decided"),)


def test_its_figures_and_sentences(plain: tuple[ResultsDeliverable, Section]) -> None:
    found, shown_section = plain
    figures = shown_section.blocks[0]
    assert isinstance(figures, Figures)
    assert [one.label for one in figures.figures] == [
        "Net promoter score",
        "Satisfied customers (CSAT)",
        "Satisfaction index, 0 to 100",
        "Repeat rate",
        "Share of the market",
    ]
    said = [block.text for block in shown_section.blocks if isinstance(block, Paragraph)]
    assert [one.sentence for one in found.effects] == [one for one in said if "Leaving alone" not in one]


def test_hostile_words_are_shown_as_words(tmp_path: Path) -> None:
    found, decisions = found_with(tmp_path, HOSTILE)
    states = [
        step_state(
            step=room.number,
            word=room.word,
            title=room.title,
            criteria=criteria(found, decisions) if room.number == 9 else (),
            begun=True,
        )
        for room in ROOMS
    ]
    page = html_report(
        ReportInput(
            cycle=CYCLE,
            sections=[section(found, decisions)],
            deliverables={9: found},
            effectiveness=effectiveness(tuple(states)),
            trace=trace([found]),
            versions=("answers@test",),
        )
    )
    assert "<script" not in page
    assert page.count(html.escape("<script>alert")) > 10
    assert "{{ 7*7 }}" in page
