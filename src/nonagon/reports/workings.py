"""Sheets on which the arithmetic of a step can be followed: the House of Quality, ideas, priorities, money.

The inputs stand as numbers and the results as formulas over them, so that a reader may change a number and see
what follows. Each formula is checked against the deliverable before it is written.
"""

from collections.abc import Sequence

from nonagon.deliverables.evidence import Deliverable, Estimate
from nonagon.deliverables.step4 import CharacteristicsDeliverable, HouseRow, IdeaComparison
from nonagon.deliverables.step5 import OpportunitiesDeliverable
from nonagon.deliverables.step6 import ImprovementsDeliverable
from nonagon.reports.sheets import Book, Sheet, cells, place

MONEY = "#,##0"
PERCENT = "0.0%"


def house_sheet(made: Book, deliverable: Deliverable | None) -> Sheet | None:
    """The House of Quality: technical importance = sum over needs of weight x strength."""
    if not isinstance(deliverable, CharacteristicsDeliverable):
        return None
    if not deliverable.rows or not deliverable.characteristics:
        return None
    sheet = made.sheet("House of Quality", title="House of Quality")
    sheet.line(
        "Needs down the side, characteristics across. Weight = importance × target / now × sales point, the "
        "importance alone where no target is set. Technical importance = the sum of weight × strength."
    )
    sheet.row += 1
    _House(sheet, deliverable).write()
    sheet.finish(A=34)
    return sheet


class _House:
    """Where the parts of the house stand: planning columns, then a column a characteristic."""

    PLANNING = ("need", "importance", "now", "target", "sales point", "weight", "share")
    WEIGHT, SHARE, CELLS = 5, 6, 7

    def __init__(self, sheet: Sheet, house: CharacteristicsDeliverable) -> None:
        self.sheet, self.house = sheet, house
        self.head = sheet.row
        self.first = self.head + 1
        self.last = self.head + len(house.rows)
        self.strengths = {(cell.need, cell.characteristic): cell.strength for cell in house.cells}
        self.weights = [row.raw_weight for row in house.rows]

    def write(self) -> None:
        sheet, columns = self.sheet, self.house.characteristics
        for column, heading in enumerate((*self.PLANNING, *[one.name for one in columns])):
            look = {"rotation": 90} if column >= self.CELLS else {}
            sheet.cell(self.head, column, heading, bold=True, text_wrap=True, bottom=1, **look)
        if columns:
            sheet.sheet.set_row(self.head, 150)
        for place_of, row in enumerate(self.house.rows):
            self._row(self.first + place_of, row, self.weights[place_of])
        sheet.row = self.last + 1
        self._importances()
        for title, written in (
            ("share with the survey's uncertainty", [_value(one.relative) for one in columns]),
            ("low", [one.relative.low if one.relative else None for one in columns]),
            ("high", [one.relative.high if one.relative else None for one in columns]),
        ):
            self._numbers(title, written, PERCENT)
        for title, written in (
            ("now", [one.now for one in columns]),
            ("target", [one.target for one in columns]),
        ):
            self._numbers(title, written, "General")
        sheet.cell(sheet.row, 0, "unit")
        for column, one in enumerate(columns, self.CELLS):
            sheet.cell(sheet.row, column, one.unit)
        sheet.row += 1
        self._chart()

    def _row(self, at: int, row: HouseRow, weight: float | None) -> None:
        sheet = self.sheet
        sheet.cell(at, 0, row.name)
        importance = _value(row.importance)
        for column, value in enumerate((importance, row.now, row.target, row.sales_point), 1):
            sheet.number(at, column, value, "0.00")
        if weight is not None:
            formula, gives = _weight_formula(at, row, importance)
            if formula:
                sheet.formula(at, self.WEIGHT, formula, gives=gives, is_=weight, shown_as="0.00")
            else:
                sheet.number(at, self.WEIGHT, weight, "0.00")
            total = sum(one for one in self.weights if one is not None)
            share = _value(row.share)
            if total and share is not None:
                whole = cells(self.first, self.WEIGHT, self.last, self.WEIGHT)
                formula = f"={place(at, self.WEIGHT)}/SUM({whole})"
                sheet.formula(at, self.SHARE, formula, gives=weight / total, is_=share, shown_as=PERCENT)
        for column, one in enumerate(self.house.characteristics, self.CELLS):
            sheet.number(at, column, self.strengths.get((row.need, one.id)), "General", align="center")

    def _importances(self) -> None:
        """Technical importance, its share and its rank, as formulas."""
        sheet, columns = self.sheet, self.house.characteristics
        weights = cells(self.first, self.WEIGHT, self.last, self.WEIGHT)
        absolute = [_value(one.weight) for one in columns]
        if all(one is None for one in absolute):
            return
        at = sheet.row
        last = self.CELLS + len(columns) - 1
        whole = cells(at, self.CELLS, at, last)
        for offset, title in enumerate(("technical importance", "share", "rank")):
            sheet.cell(at + offset, 0, title, bold=True)
        total = sum(one for one in absolute if one is not None)
        for column, (one, value) in enumerate(zip(columns, absolute, strict=True), self.CELLS):
            if value is None:
                continue
            down = f"{place(self.first, column)}:{place(self.last, column)}"
            sheet.formula(
                at,
                column,
                f"=SUMPRODUCT({weights},{down})",
                gives=self._importance(one.id),
                is_=value,
                shown_as="0.0",
                bold=True,
                top=1,
            )
            here = place(at, column)
            if total:
                share = value / total
                sheet.formula(at + 1, column, f"={here}/SUM({whole})", gives=share, is_=share, shown_as=PERCENT)
            if one.rank is not None:
                above = 1 + sum(1 for other in absolute if other is not None and other > value)
                sheet.formula(at + 2, column, f"=RANK({here},{whole})", gives=above, is_=one.rank, shown_as="0")
        sheet.row += 3

    def _importance(self, characteristic: str) -> float:
        return sum(
            weight * self.strengths.get((row.need, characteristic), 0.0)
            for row, weight in zip(self.house.rows, self.weights, strict=True)
            if weight is not None
        )

    def _numbers(self, title: str, values: Sequence[float | None], shown_as: str) -> None:
        if all(one is None for one in values):
            return
        self.sheet.cell(self.sheet.row, 0, title)
        for column, value in enumerate(values, self.CELLS):
            self.sheet.number(self.sheet.row, column, value, shown_as)
        self.sheet.row += 1

    def _chart(self) -> None:
        """Technical importance as bars."""
        if all(one.weight is None for one in self.house.characteristics):
            return
        workbook, name = self.sheet.book.workbook, self.sheet.name
        last = self.CELLS + len(self.house.characteristics) - 1
        at = self.last + 1
        chart = workbook.add_chart({"type": "bar"})
        chart.add_series(
            {
                "name": self.sheet.book.said("technical importance"),
                "categories": [name, self.head, self.CELLS, self.head, last],
                "values": [name, at, self.CELLS, at, last],
                "fill": {"color": "#2b63c6"},
            }
        )
        chart.set_title({"name": self.sheet.book.said("Technical importance"), "name_font": {"size": 11}})
        chart.set_legend({"none": True})
        chart.set_y_axis({"reverse": True})
        chart.set_size({"width": 760, "height": 90 + 24 * len(self.house.characteristics)})
        told = "Bars: the technical importance of each characteristic, as in the row above."
        described = {"description": self.sheet.book.said(told)}
        self.sheet.sheet.insert_chart(self.sheet.row + 1, 0, chart, described)


def _weight_formula(at: int, row: HouseRow, importance: float | None) -> tuple[str, float]:
    """The weight of a need as a formula over its planning columns, and what that gives; "" where none fits."""
    if importance is None:
        return "", 0.0
    formula, gives = f"={place(at, 1)}", importance
    if row.now is not None and row.target is not None and row.now > 0 and row.improvement_ratio is not None:
        formula += f"*{place(at, 3)}/{place(at, 2)}"
        gives *= row.target / row.now
    if row.sales_point is not None:
        formula += f"*{place(at, 4)}"
        gives *= row.sales_point
    return formula, gives


def ideas_sheet(made: Book, deliverable: Deliverable | None) -> Sheet | None:
    """Ideas against a datum (Pugh): the score is the sum of weight x mark."""
    if not isinstance(deliverable, CharacteristicsDeliverable) or not deliverable.concepts:
        return None
    sheet = made.sheet("Ideas", title="Ideas compared (Pugh)")
    sheet.line("Marks run from −2, much worse than the datum, to +2, much better. Score = sum of weight × mark.")
    for one in deliverable.concepts:
        _ideas(sheet, one)
    sheet.finish()
    return sheet


def _ideas(sheet: Sheet, one: IdeaComparison) -> None:
    words, question = sheet.book.tongue.words, one.question or one.id
    sheet.heading(words("{question}: ideas against “{datum}”", question=question, datum=one.datum))
    head, last = sheet.row, len(one.criteria)
    for column, heading in enumerate(("idea", *one.criteria, "score", "rank", "chosen")):
        sheet.cell(head, column, heading, bold=True, text_wrap=True, bottom=1)
    sheet.cell(head + 1, 0, "weight")
    for column, weight in enumerate(one.weights, 1):
        sheet.number(head + 1, column, weight, "General")
    weights = cells(head + 1, 1, head + 1, last)
    scores = cells(head + 2, last + 1, head + 1 + len(one.ideas), last + 1)
    for at, idea in enumerate(one.ideas, head + 2):
        sheet.cell(at, 0, idea.name)
        for column, mark in enumerate(idea.marks, 1):
            sheet.number(at, column, mark, "0")
        if not last:
            continue
        gives = sum(weight * (mark or 0) for weight, mark in zip(one.weights, idea.marks, strict=True))
        formula = f"=SUMPRODUCT({weights},{place(at, 1)}:{place(at, last)})"
        sheet.formula(at, last + 1, formula, gives=gives, is_=idea.score, shown_as="0.0", bold=True)
        above = 1 + sum(1 for other in one.ideas if other.score > idea.score)
        ranked = f"=RANK({place(at, last + 1)},{scores})"
        sheet.formula(at, last + 2, ranked, gives=above, is_=idea.rank, shown_as="0")
        sheet.cell(at, last + 3, "yes" if idea.chosen else "")
    sheet.row = head + 2 + len(one.ideas)
    sheet.line(one.reason)


def priorities_sheet(made: Book, deliverable: Deliverable | None) -> Sheet | None:
    """Opportunities with their gap to the best score, the place that each method gives, and the budget."""
    if not isinstance(deliverable, OpportunitiesDeliverable) or not deliverable.opportunities:
        return None
    sheet = made.sheet("Priorities", title="Priorities")
    _opportunities(sheet, deliverable)
    if deliverable.plan:
        _budget(sheet, deliverable)
    sheet.finish(A=38)
    return sheet


def _opportunities(sheet: Sheet, deliverable: OpportunitiesDeliverable) -> None:
    sheet.line(
        "Gap to best = the highest score less this one, on the scale on which all are compared. Behind it the "
        "place that each method of setting priorities gives."
    )
    sheet.row += 1
    methods = deliverable.methods
    headings = ("opportunity", "score", "low", "high", "compared score", "gap to best", "importance", "decision")
    head = sheet.row
    for column, heading in enumerate((*headings, *[one.title for one in methods])):
        sheet.cell(head, column, heading, bold=True, text_wrap=True, bottom=1)
    first, last = head + 1, head + len(deliverable.opportunities)
    compared = cells(first, 4, last, 4)
    known = [one.compared for one in deliverable.opportunities if one.compared is not None]
    for at, one in enumerate(deliverable.opportunities, first):
        sheet.cell(at, 0, one.name)
        score = one.score or Estimate()
        for column, value in enumerate((score.value, score.low, score.high, one.compared), 1):
            sheet.number(at, column, value, "0.00")
        if one.gap_to_best is not None and one.compared is not None:
            gap = f"=MAX({compared})-{place(at, 4)}"
            gives = max(known) - one.compared
            sheet.formula(at, 5, gap, gives=gives, is_=one.gap_to_best, shown_as="0.00")
        sheet.number(at, 6, _value(one.importance), "0.00")
        sheet.cell(at, 7, "chosen" if one.chosen else "" if one.actionable else "set apart")
        for column, method in enumerate(methods, 8):
            if one.id in method.order:
                sheet.number(at, column, method.order.index(one.id) + 1, "0")
    sheet.row = last + 1


def _budget(sheet: Sheet, deliverable: OpportunitiesDeliverable) -> None:
    names = {one.id: one.name for one in deliverable.opportunities}
    sheet.heading("Benefit and budget")
    head = sheet.row
    for column, heading in enumerate(("opportunity", "benefit a year", "low", "high", "budget", "how reckoned")):
        sheet.cell(head, column, heading, bold=True, text_wrap=True, bottom=1)
    for at, line in enumerate(deliverable.plan, head + 1):
        sheet.cell(at, 0, names.get(line.opportunity, line.opportunity))
        benefit = line.benefit or Estimate()
        for column, value in enumerate((benefit.value, benefit.low, benefit.high, line.budget), 1):
            sheet.number(at, column, value, MONEY)
        sheet.cell(at, 5, line.note)
    last = head + len(deliverable.plan)
    sheet.row = last + 1
    sheet.cell(sheet.row, 0, "Sum", bold=True, top=1)
    for column, values in (
        (1, [_value(line.benefit) for line in deliverable.plan]),
        (4, [line.budget for line in deliverable.plan]),
    ):
        total = sum(one for one in values if one is not None)
        sheet.sum_below(column, head + 1, last, total, MONEY)
    if deliverable.plan_budget is not None:
        sheet.row += 1
        sheet.cell(sheet.row, 0, "the whole budget")
        sheet.number(sheet.row, 4, deliverable.plan_budget, MONEY)
    sheet.row += 1


def money_sheet(made: Book, deliverable: Deliverable | None) -> Sheet | None:
    """Step 6's money: projects, and what is left at the end of each month."""
    if not isinstance(deliverable, ImprovementsDeliverable):
        return None
    if not deliverable.projects and not deliverable.months:
        return None
    sheet = made.sheet("Plan and money", title="The plan and its money")
    currency = deliverable.currency
    sheet.line(sheet.book.tongue.words("Amounts in {currency}.", currency=currency) if currency else "")
    if deliverable.projects:
        _projects(sheet, deliverable)
    if deliverable.months:
        _months(sheet, deliverable)
    sheet.finish(A=38)
    return sheet


def _projects(sheet: Sheet, deliverable: ImprovementsDeliverable) -> None:
    sheet.heading("Projects")
    head = sheet.row
    headings = ("project", "in the plan", "cost", "benefit a year", "low", "high", "worth today", "years")
    for column, heading in enumerate(headings):
        sheet.cell(head, column, heading, bold=True, text_wrap=True, bottom=1)
    for at, one in enumerate(deliverable.projects, head + 1):
        sheet.cell(at, 0, one.name)
        sheet.cell(at, 1, "yes" if one.selected else "no")
        benefit = one.benefit or Estimate()
        worth = (one.cost, benefit.value, benefit.low, benefit.high, _value(one.npv))
        for column, value in enumerate(worth, 2):
            sheet.number(at, column, value, MONEY)
        sheet.number(at, 7, one.years, "0")
    first, last = head + 1, head + len(deliverable.projects)
    sheet.row = last + 1
    sheet.cell(sheet.row, 0, "Sum of all projects", bold=True, top=1)
    sheet.sum_below(2, first, last, sum(one.cost for one in deliverable.projects), MONEY)
    sheet.row += 1
    chosen = sum(one.cost for one in deliverable.projects if one.selected)
    sheet.cell(sheet.row, 0, "Sum of those in the plan", bold=True)
    formula = f'=SUMIF({cells(first, 1, last, 1)},"{sheet.book.said("yes")}",{cells(first, 2, last, 2)})'
    sheet.formula(sheet.row, 2, formula, gives=chosen, is_=chosen, shown_as=MONEY, bold=True)
    sheet.row += 1
    if deliverable.budget is not None:
        sheet.cell(sheet.row, 0, "Budget")
        sheet.number(sheet.row, 2, deliverable.budget, MONEY)
        sheet.row += 1
        sheet.cell(sheet.row, 0, "Left of the budget")
        left = deliverable.budget - chosen
        formula = f"={place(sheet.row - 1, 2)}-{place(sheet.row - 2, 2)}"
        sheet.formula(sheet.row, 2, formula, gives=left, is_=left, shown_as=MONEY)
        sheet.row += 1


def _months(sheet: Sheet, deliverable: ImprovementsDeliverable) -> None:
    """Each month's balance = the one before + funds − cost."""
    months = deliverable.months
    sheet.heading("Money by month")
    head = sheet.row
    for column, heading in enumerate(("month", "planned", "cost", "funds", "balance", "state")):
        sheet.cell(head, column, heading, bold=True, bottom=1)
    # What there was before the first month is what the first balance does not explain.
    before = months[0].balance - months[0].funds + months[0].cost
    sheet.cell(head + 1, 0, "before")
    sheet.number(head + 1, 4, before, MONEY)
    for at, month in enumerate(months, head + 2):
        sheet.cell(at, 0, month.month)
        for column, value in enumerate((month.planned, month.cost, month.funds), 1):
            sheet.number(at, column, value, MONEY)
        gives = before + month.funds - month.cost
        formula = f"={place(at - 1, 4)}+{place(at, 3)}-{place(at, 2)}"
        sheet.formula(at, 4, formula, gives=gives, is_=month.balance, shown_as=f"{MONEY};[Red]-{MONEY}")
        sheet.cell(at, 5, "over" if month.finished else "falls short" if month.short else "")
        before = month.balance
    first, last = head + 2, head + 1 + len(months)
    sheet.row = last + 1
    sheet.cell(sheet.row, 0, "Sum", bold=True, top=1)
    for column, values in (
        (1, [one.planned for one in months]),
        (2, [one.cost for one in months]),
        (3, [one.funds for one in months]),
    ):
        sheet.sum_below(column, first, last, sum(values), MONEY)
    sheet.row += 2
    _cash_chart(sheet, first, last)


def _cash_chart(sheet: Sheet, first: int, last: int) -> None:
    """Cost as columns, what is left as a line."""
    workbook, name = sheet.book.workbook, sheet.name
    months = [name, first, 0, last, 0]
    chart = workbook.add_chart({"type": "column"})
    values = [name, first, 2, last, 2]
    cost, balance = sheet.book.said("cost"), sheet.book.said("balance")
    chart.add_series({"name": cost, "categories": months, "values": values, "fill": {"color": "#2b63c6"}})
    line = workbook.add_chart({"type": "line"})
    values = [name, first, 4, last, 4]
    line.add_series({"name": balance, "categories": months, "values": values, "line": {"color": "#1d2433"}})
    chart.combine(line)
    chart.set_title({"name": sheet.book.said("Cost by month and what is left"), "name_font": {"size": 11}})
    chart.set_legend({"position": "top"})
    chart.set_size({"width": 760, "height": 300})
    told = "Columns: the cost of each month; line: the balance at its end, as in the table."
    described = {"description": sheet.book.said(told)}
    sheet.sheet.insert_chart(sheet.row, 0, chart, described)
    sheet.row += 16


def _value(one: Estimate | None) -> float | None:
    return None if one is None else one.value
