"""The report as a workbook: a sheet a step with real tables and numbers, formulas where a person expects them.

Every formula stands with the number that the deliverable holds; where the deliverable used another arithmetic than
the formula, the number stands alone.
"""

from collections.abc import Mapping, Sequence

from nonagon import __version__
from nonagon.charts.section import Align, Chart, Figures, Heading, Paragraph, Table
from nonagon.reports.cells import Cell, Grid, Quantity, grid
from nonagon.reports.contents import CHAIN_WORDS, FINDING_WORDS, PLAN, Contents, StepPart, contents
from nonagon.reports.inputs import ReportInput
from nonagon.reports.ring import STATE_WORDS
from nonagon.reports.sheets import Book, Sheet, book, place, reference
from nonagon.reports.workings import house_sheet, ideas_sheet, money_sheet, priorities_sheet

SUMMED = ("cost", "spent", "budget", "funds")
"""A column whose heading begins so is money that adds up."""

TEXT: Align = "text"
NUMBER: Align = "number"

CHOICES = ("choice",)
"""Rows of a table that begins so are alternatives: they do not add up."""


ORIGINS, ORIGINS_BEGIN = "Origins", 3
"""The sheet of origins and the row of its first one, counted from 0."""


def excel_report(inp: ReportInput) -> bytes:
    """The whole report as a workbook (.xlsx). The same input gives the same bytes."""
    said = contents(inp)
    company = inp.cycle.organization
    made = book(title=inp.cycle.name, company=company, day=inp.day, mark=inp.mark, tongue=inp.tongue)
    first = made.sheet("Contents", title=inp.cycle.name)
    places = _Places(made.said(ORIGINS), first.name)
    leads = [(_headlines(made, said), "Headlines")]
    leads += [
        (_step(made, one, places), made.tongue.words("Step {step}", step=one.section.step)) for one in said.steps
    ]
    leads += [(one, one.name) for one in _workings(made, inp)]
    leads += [(_trace(made, said), "Trace"), (_origins(made, said), "Where the numbers come from")]
    leads.append((_intake(made, inp), "What went in"))
    _contents(first, inp, said, leads)
    return made.bytes()


class _Places:
    """Where each origin stands on its own sheet: the reference of the report, such as 3.4, to its row.

    sheet, start: the names of the sheet of origins and of the first sheet.
    """

    def __init__(self, sheet: str, start: str) -> None:
        self.start = start
        self._sheet = sheet
        self.rows: dict[str, int] = {}
        self._next = ORIGINS_BEGIN

    def of(self, one: StepPart, origin: str) -> tuple[str, str]:
        """The reference and where it leads."""
        shown = one.reference(origin)
        return shown, f"{reference(self._sheet)}!A{self.rows[shown] + 1}" if shown else ""

    def add(self, one: StepPart) -> None:
        for number, _ in one.origins:
            self.rows[f"{one.section.step}.{number}"] = self._next
            self._next += 1


def _workings(made: Book, inp: ReportInput) -> list[Sheet]:
    """Sheets on which the arithmetic of a step can be followed and played with."""
    found = [
        house_sheet(made, inp.deliverables.get(4)),
        ideas_sheet(made, inp.deliverables.get(4)),
        priorities_sheet(made, inp.deliverables.get(5)),
        None if inp.without_plan else money_sheet(made, inp.deliverables.get(PLAN)),
    ]
    return [one for one in found if one is not None]


def _contents(sheet: Sheet, inp: ReportInput, said: Contents, leads: Sequence[tuple[Sheet, str]]) -> None:
    cycle, state, words = inp.cycle, said.effectiveness, inp.tongue.words
    sheet.line(" · ".join(one for one in (cycle.organization, cycle.scope) if one))
    if cycle.period is not None:
        sheet.line(words("Looks at {start} to {end}", start=cycle.period.start, end=cycle.period.end))
    sheet.line(state.sentence, bold=True)
    sheet.line(said.left_out)
    sheet.heading("The nine steps")
    of_steps = dict(zip((one.section.step for one in said.steps), (lead for lead, _ in leads[1:]), strict=False))
    _states(sheet, inp, said, of_steps)
    if said.next_ones:
        sheet.heading("Do this next")
        for step, criterion in said.next_ones:
            sheet.line(
                words(
                    "Step {step}: {sentence} {reason}. Mend it in: {mend}.",
                    step=step,
                    sentence=criterion.sentence,
                    reason=criterion.reason,
                    mend=criterion.mend,
                )
            )
    sheet.heading("Sheets")
    for lead, title in leads:
        name = inp.tongue.office(title)
        sheet.line(f"{lead.name}: {name}" if name != lead.name else name, link=f"{reference(lead.name)}!A1")
    sheet.row += 1
    sheet.line(
        words(
            "Nonagon {version}. On the sheets of the steps numbers are as precise as the report prints them; on "
            "those with formulas they are not rounded. Breakdowns of survey results with fewer than {least} "
            "answers are not shown. Intervals are at {confidence} % unless a note says otherwise.",
            version=__version__,
            least=cycle.settings.group_minimum,
            confidence=f"{100 * cycle.settings.confidence:.0f}",
        )
    )
    sheet.finish()
    sheet.sheet.activate()


def _states(sheet: Sheet, inp: ReportInput, said: Contents, leads: Mapping[int, Sheet]) -> None:
    states = said.effectiveness.steps
    headings = ("step", "title", "state", "criteria met", "of", "share", "gate", "since then")
    sheet.head(headings, len(states))
    first = sheet.row
    for one in states:
        sheet.number(sheet.row, 0, one.step, "0")
        if one.step in leads:
            sheet.link(sheet.row, 1, f"{reference(leads[one.step].name)}!A1", one.title)
        else:
            sheet.cell(sheet.row, 1, one.title)
        weak = f" {sheet.book.said('(weakest)')}" if one.step in said.effectiveness.weakest else ""
        sheet.value(sheet.row, 2, sheet.book.said(STATE_WORDS[one.state]) + weak)
        sheet.number(sheet.row, 3, one.met, "0")
        sheet.number(sheet.row, 4, one.of, "0")
        if one.of:
            share = f"={place(sheet.row, 3)}/{place(sheet.row, 4)}"
            sheet.formula(sheet.row, 5, share, gives=one.met / one.of, is_=one.share, shown_as="0%")
        gate = inp.sign_offs.get(one.step)
        sheet.value(sheet.row, 6, gate.sentence if gate else "")
        sheet.value(sheet.row, 7, gate.stale if gate else "")
        sheet.row += 1
    if states:
        sheet.cell(sheet.row, 2, "Sum", bold=True, top=1)
        for column, total in ((3, sum(one.met for one in states)), (4, sum(one.of for one in states))):
            sheet.sum_below(column, first, sheet.row - 1, total, "0")
        sheet.row += 1
    sheet.widths[1] = 38


def _headlines(made: Book, said: Contents) -> Sheet:
    sheet = made.sheet("Headlines", title="Headlines")
    sheet.line(said.left_out)
    if said.silent:
        titles = ", ".join(said.silent).lower()
        sheet.line(made.tongue.words("This run computed no figure for: {titles}.", titles=titles))
    sheet.row += 1
    rows: list[tuple[Cell, ...]] = [
        (
            Quantity(one.number, "0"),
            one.title,
            "" if one.step is None else Quantity(one.step, "0"),
            FINDING_WORDS[finding.kind],
            finding.sentence,
        )
        for one in said.headlines
        for finding in one.sentences
    ]
    _table(sheet, Grid(("headline", "title", "step", "kind", "what it says"), tuple(rows)))
    sheet.finish(E=100)
    return sheet


def _step(made: Book, one: StepPart, places: _Places) -> Sheet:
    section, state = one.section, one.state
    places.add(one)
    word = state.word if state is not None else "step"
    sheet = made.sheet(f"{section.step} {made.said(word)}", title=f"{section.step} {made.said(section.title)}")
    sheet.line("Back to the contents", link=f"{reference(places.start)}!A1")
    sheet.line(section.purpose)
    if state is not None:
        sheet.line(
            made.tongue.words(
                "{state}: {met} of {of} exit criteria are met.",
                state=STATE_WORDS[state.state].capitalize(),
                met=state.met,
                of=state.of,
            )
        )
    if one.sign_off is not None:
        sheet.line(one.sign_off.sentence, bold=True)
        sheet.line(one.sign_off.stale, bold=True, font_color="#b3261e")
    if one.findings:
        sheet.heading("What was found")
        rows: list[tuple[Cell, ...]] = []
        for finding in one.findings:
            rows.append((FINDING_WORDS[finding.kind], finding.sentence, one.reference(finding.origin)))
        _sentences(sheet, rows)
    for block in section.blocks:
        if isinstance(block, Heading):
            sheet.heading(block.text)
        elif isinstance(block, Paragraph):
            sheet.line(block.text)
        elif isinstance(block, Figures):
            _figures(sheet, block, one)
        else:
            _block(sheet, block, one, places)
    _criteria(sheet, one)
    _lacks(sheet, one)
    sheet.finish()
    return sheet


def _sentences(sheet: Sheet, rows: Sequence[tuple[Cell, ...]]) -> None:
    """Findings one below the other, each across the sheet."""
    for kind, sentence, origin in rows:
        ending = f" [{origin}]" if origin else ""
        said = sheet.book.said
        sheet.line(f"{said(str(kind))}: {said(str(sentence))}{ending}")


def _figures(sheet: Sheet, block: Figures, one: StepPart) -> None:
    sheet.row += 1
    rows = tuple(
        (figure.label, figure.value, figure.detail, one.reference(figure.origin)) for figure in block.figures
    )
    columns = (("figure", TEXT), ("value", NUMBER), ("remark", TEXT), ("origin", TEXT))
    _table(sheet, grid(Table("", columns, rows)))


def _block(sheet: Sheet, block: Table | Chart, one: StepPart, places: _Places) -> None:
    table = block.table if isinstance(block, Chart) else block
    sheet.row += 1
    shown, target = places.of(one, table.origin)
    caption = sheet.book.said(table.caption)
    sheet.line(f"{caption} [{shown}]" if shown else caption, link=target, bold=True)
    read = grid(table)
    if read.rows:
        first, last = _table(sheet, read)
        _sums(sheet, read, first, last)
    else:
        sheet.line("Nothing to show.")
    sheet.line(table.note, font_color="#5d6679")


def _table(sheet: Sheet, read: Grid) -> tuple[int, int]:
    if read.rows:
        return sheet.table(read)
    sheet.line("Nothing to show.")
    return sheet.row, sheet.row


def _sums(sheet: Sheet, read: Grid, first: int, last: int) -> None:
    """A row of sums under columns of money, where rows add up."""
    if len(read.rows) < 2 or read.headings[0] in CHOICES:
        return
    found = {
        column: [row[column] for row in read.rows if row[column] != ""]
        for column, heading in enumerate(read.headings)
        if heading.split(",")[0].split(" ")[0] in SUMMED
    }
    money = {
        column: [one for one in held if isinstance(one, Quantity)]
        for column, held in found.items()
        if held and all(isinstance(one, Quantity) and "%" not in one.shown_as for one in held)
    }
    if not money:
        return
    sheet.cell(sheet.row, 0, "Sum of all rows", bold=True, top=1)
    for column, amounts in money.items():
        total = sum(one.value for one in amounts)
        sheet.sum_below(column, first, last, total, amounts[0].shown_as)
    sheet.row += 1


def _criteria(sheet: Sheet, one: StepPart) -> None:
    if one.state is None or not one.state.criteria:
        return
    sheet.heading("Exit criteria")
    rows: list[tuple[Cell, ...]] = [
        (each.sentence, "met" if each.met else "not met", each.reason, "" if each.met else each.mend)
        for each in one.state.criteria
    ]
    _table(sheet, Grid(("criterion", "state", "why", "where to mend it"), tuple(rows)))


def _lacks(sheet: Sheet, one: StepPart) -> None:
    if not one.lacks:
        return
    sheet.heading("What could not be said, and what it would need")
    rows: list[tuple[Cell, ...]] = [(each.what, each.needs) for each in one.lacks]
    _table(sheet, Grid(("what", "needs"), tuple(rows)))


def _trace(made: Book, said: Contents) -> Sheet:
    sheet = made.sheet("Trace", title="Trace: from what customers said to the result")
    sheet.line("Each row walks one need through the chain. An empty cell is where the chain breaks.")
    sheet.line(said.left_out)
    sheet.row += 1
    headings = ("need", "verbatims", *[CHAIN_WORDS[kind].lower() for kind in said.chain_kinds])
    rows: list[tuple[Cell, ...]] = [
        (one.need, Quantity(one.verbatims, "#,##0"), *one.cells) for one in said.chains
    ]
    _table(sheet, Grid(headings, tuple(rows)))
    for title, broken in (
        ("Orphans: what serves no customer need", said.orphans),
        ("Dead ends: what leads no further", said.dead_ends),
    ):
        if broken:
            sheet.heading(title)
            for kind, records in broken:
                sheet.line(f"{made.said(kind)}: {records}")
    sheet.finish()
    return sheet


def _origins(made: Book, said: Contents) -> Sheet:
    sheet = made.sheet(ORIGINS, title="Where the numbers come from")
    headings = ("reference", "step", "method", "variant", "data version", "which rows", "assumptions")
    rows: list[tuple[Cell, ...]] = [
        (
            f"{one.section.step}.{number}",
            Quantity(one.section.step, "0"),
            origin.method,
            origin.variant,
            ", ".join(origin.data),
            origin.filter,
            " · ".join(made.said(each) for each in origin.assumptions),
        )
        for one in said.steps
        for number, origin in one.origins
    ]
    if rows:
        sheet.table(Grid(headings, tuple(rows)))
    else:
        sheet.line("This report holds no computed numbers.")
    sheet.finish(C=42, E=42, G=70)
    return sheet


def _intake(made: Book, inp: ReportInput) -> Sheet:
    sheet = made.sheet("What went in", title="What went in")
    for table in inp.intake:
        sheet.heading(table.caption)
        _table(sheet, grid(table))
        sheet.line(table.note, font_color="#5d6679")
    if not inp.intake:
        sheet.line(made.tongue.words("Facts: {versions}.", versions=", ".join(inp.versions)))
    sheet.finish()
    return sheet
