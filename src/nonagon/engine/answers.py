"""Queries on answers: counts a value, sums and cross-products; never a row a respondent.

Weights: every sum is taken with the survey weight (1 where there is none); `n` counts answers,
`weights` and `weights_squared` give Kish's effective n = weights^2 / weights_squared.
"""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nonagon.engine.customers import ClassRule, flags, of_classes
from nonagon.engine.facts import Columns, Facts
from nonagon.engine.periods import period_of

if TYPE_CHECKING:
    import ibis.expr.types as ir

GROUPS = ("class_id", "wave", "subject", "item")
"""What answers may be grouped by."""

_OPTIONAL = (
    ("customer_id", "string"),
    ("wave", "string"),
    ("date", "date"),
    ("subject", "string"),
    ("weight", "float64"),
)


def answers(
    facts: Facts, *, items: Sequence[str] = (), subjects: Sequence[str] = (), waves: Sequence[str] = ()
) -> "ir.Table":
    """The answers with blanks filled in (subject: us, wave: "", weight: 1), narrowed to what is named."""
    import ibis  # noqa: PLC0415

    table = facts.table("answers")
    blanks = {name: ibis.null(kind) for name, kind in _OPTIONAL if name not in table.columns}
    table = table.mutate(**blanks) if blanks else table
    table = table.mutate(subject=table.subject.fill_null(facts.our_subject), wave=table.wave.fill_null(""))
    table = table.mutate(weight=table.weight.fill_null(1.0))
    for column, wanted in (("item", items), ("subject", subjects), ("wave", waves)):
        if wanted:
            table = table.filter(table[column].isin(list(wanted)))
    return table


def waves(facts: Facts) -> Columns:
    """The waves in the order of their first date, then of their name: wave, first, last, respondents, answers."""
    table = answers(facts)
    found = table.group_by("wave").aggregate(
        respondents=table.respondent_id.nunique(),
        answers=table.count(),
        first=table.date.min(),
        last=table.date.max(),
    )
    return facts.collect(found, order=["first", "wave"])


def moments(
    facts: Facts,
    *,
    by: Sequence[str] = ("item",),
    items: Sequence[str] = (),
    subjects: Sequence[str] = (),
    waves: Sequence[str] = (),
    classes: Sequence[ClassRule] = (),
) -> Columns:
    """Sums of the answers by group: by..., n, weights, weights_squared, total, total_of_squares, lowest, highest.

    by: any of GROUPS; `class_id` needs `classes` and counts an answer in every class its customer is in.
    classes: without `class_id` in `by`, only answers of customers in any of them, each counted once.
    Subjects are ours alone unless `subjects` names others or `by` holds `subject`.
    """
    table = _narrowed(facts, by, items, subjects, waves, classes)
    grouped = table.group_by(*by).aggregate(
        n=table.count(),
        weights=table.weight.sum(),
        weights_squared=(table.weight * table.weight).sum(),
        total=(table.weight * table.value).sum(),
        total_of_squares=(table.weight * table.value * table.value).sum(),
        lowest=table.value.min(),
        highest=table.value.max(),
    )
    return facts.collect(grouped, order=list(by))


def class_cells(
    facts: Facts, classes: Sequence[ClassRule], *, items: Sequence[str] = (), waves: Sequence[str] = ()
) -> Columns:
    """Respondents to our items by the set of classes they are in: item, class_0, class_1, ..., persons.

    class_i is 1 where they are in the i-th class. These are the finest groups that a breakdown by these classes
    can tell apart, so they show what could be found by subtraction.
    """
    table = _narrowed(facts, (), items, (), waves, ())
    names = [f"class_{at}" for at in range(len(classes))]
    marked = flags(facts, classes).rename(member="customer_id")
    joined = table.left_join(marked, table.customer_id == marked.member)
    filled = joined.mutate(**{name: joined[name].cast("int64").fill_null(0) for name in names})
    cells = filled.group_by("item", *names).aggregate(persons=filled.respondent_id.nunique())
    return facts.collect(cells, order=["item", *names])


def subject_pairs(facts: Facts, other: str, *, items: Sequence[str] = ()) -> Columns:
    """Ours minus the other subject's answers of respondents who rated both, by item and wave.

    item, wave, n, weights, weights_squared, total, total_of_squares (of the differences).
    """
    table = answers(facts, items=items, subjects=(facts.our_subject, other))
    both = table.group_by("respondent_id", "item", "wave").aggregate(
        ours=table.value.mean(where=table.subject == facts.our_subject),
        theirs=table.value.mean(where=table.subject == other),
        weight=table.weight.max(),
    )
    both = both.filter(both.ours.notnull() & both.theirs.notnull())
    difference = both.ours - both.theirs
    grouped = both.group_by("item", "wave").aggregate(
        n=both.count(),
        weights=both.weight.sum(),
        weights_squared=(both.weight * both.weight).sum(),
        total=(both.weight * difference).sum(),
        total_of_squares=(both.weight * difference * difference).sum(),
    )
    return facts.collect(grouped, order=["item", "wave"])


def subjects(facts: Facts) -> tuple[str, ...]:
    """Everybody who was rated, us included, in the order of their names."""
    table = answers(facts)
    found = facts.collect(table.select("subject").distinct(), order=["subject"])
    return tuple(found["subject"])


def item_ranges(facts: Facts) -> Columns:
    """Every item that was answered, of whomever: item, lowest and highest answer, answers."""
    table = facts.table("answers")
    by_item = table.group_by("item").aggregate(
        lowest=table.value.min(), highest=table.value.max(), answers=table.count()
    )
    return facts.collect(by_item, order=["item"])


def first_day(facts: Facts) -> date | None:
    """The day of the first answer, of anybody about anybody; None where no answer is dated."""
    table = answers(facts)
    day = facts.collect(table.aggregate(day=table.date.min()))["day"][0]
    return day if isinstance(day, date) else None


def value_counts(
    facts: Facts,
    *,
    by: Sequence[str] = ("item",),
    items: Sequence[str] = (),
    subjects: Sequence[str] = (),
    waves: Sequence[str] = (),
    classes: Sequence[ClassRule] = (),
) -> Columns:
    """How often each value was answered, by group: by..., value, n, weights, weights_squared."""
    table = _narrowed(facts, by, items, subjects, waves, classes)
    counted = table.group_by(*by, "value").aggregate(
        n=table.count(),
        weights=table.weight.sum(),
        weights_squared=(table.weight * table.weight).sum(),
    )
    return facts.collect(counted, order=[*by, "value"])


def pair_counts(
    facts: Facts,
    first: str,
    second: str,
    *,
    by: Sequence[str] = (),
    waves: Sequence[str] = (),
    classes: Sequence[ClassRule] = (),
) -> Columns:
    """How often each pair of values was answered by one respondent: by..., first, second, n, weights.

    For expectation against perception, Kano's functional and dysfunctional questions, any two items of ours.
    """
    table = _narrowed(facts, by, (first, second), (), waves, classes)
    pivot = table.group_by("respondent_id", *by).aggregate(
        first=table.value.max(where=table.item == first),
        second=table.value.max(where=table.item == second),
        weight=table.weight.max(),
    )
    both = pivot.filter(pivot.first.notnull() & pivot.second.notnull())
    counted = both.group_by(*by, "first", "second").aggregate(n=both.count(), weights=both.weight.sum())
    return facts.collect(counted, order=[*by, "first", "second"])


def paired_counts(facts: Facts, pairs: Sequence[tuple[str, str]]) -> Columns:
    """`pair_counts` of many pairs of our items at once, by wave: item (the first), wave, first, second, n.

    No item may be the first of two pairs.
    """
    import ibis  # noqa: PLC0415

    items = list(dict.fromkeys(item for pair in pairs for item in pair))
    places = {item: f"x{at}" for at, item in enumerate(items)}
    table = _narrowed(facts, (), items, (), (), ())
    wide = _wide(table.filter(table.respondent_id.notnull() & table.wave.notnull()), items, by=("wave",))
    # A row a respondent, kept for all pairs: one join over all answers would hold each of them twice.
    kept = facts.computed("paired", wide.drop("respondent_id"))
    counted = []
    for first, second in pairs:
        both = kept.filter(kept[places[first]].notnull() & kept[places[second]].notnull())
        one = both.group_by("wave", first=both[places[first]], second=both[places[second]]).aggregate(
            n=both.count()
        )
        counted.append(one.select(ibis.literal(first).name("item"), "wave", "first", "second", "n"))
    return facts.collect(ibis.union(*counted), order=["item", "wave", "first", "second"])


def cross_products(
    facts: Facts, items: Sequence[str], *, waves: Sequence[str] = (), classes: Sequence[ClassRule] = ()
) -> tuple[int, NDArray[np.float64], NDArray[np.float64]]:
    """Complete cases of our `items`: how many, their sums (k), their cross-products X'X (k x k).

    One row a respondent who answered all of them; unweighted. n is 0 where nobody did.
    """
    table = _narrowed(facts, (), items, (), waves, classes)
    wide = _wide(table, items)
    wide = wide.drop_null([f"x{i}" for i in range(len(items))], how="any")
    columns = [wide[f"x{i}"] for i in range(len(items))]
    pairs = [(i, j) for i in range(len(items)) for j in range(i, len(items))]
    sums = {f"s{i}": column.sum() for i, column in enumerate(columns)}
    products = {f"p{i}_{j}": (columns[i] * columns[j]).sum() for i, j in pairs}
    found = facts.collect(wide.aggregate(n=wide.count(), **sums, **products))
    n = int(found["n"][0])
    k = len(items)
    if n == 0:
        return 0, np.zeros(k), np.zeros((k, k))
    total = np.array([float(found[f"s{i}"][0]) for i in range(k)])
    products_matrix = np.zeros((k, k))
    for i, j in pairs:
        products_matrix[i, j] = products_matrix[j, i] = float(found[f"p{i}_{j}"][0])
    return n, total, products_matrix


def pairwise_products(
    facts: Facts, items: Sequence[str], *, waves: Sequence[str] = ()
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """For every pair of our items, of those who answered both: counts, sums of the first, sums of products."""
    table = _narrowed(facts, (), items, (), waves, ())
    wide = _wide(table, items)
    k = len(items)
    asked = {}
    for i in range(k):
        for j in range(k):
            both = wide[f"x{i}"].notnull() & wide[f"x{j}"].notnull()
            asked[f"s{i}_{j}"] = wide[f"x{i}"].sum(where=both)
            if j >= i:
                asked[f"n{i}_{j}"] = both.cast("int64").sum()
                asked[f"p{i}_{j}"] = (wide[f"x{i}"] * wide[f"x{j}"]).sum()
    found = facts.collect(wide.aggregate(**asked))
    counts, sums, products = np.zeros((k, k), dtype=np.int64), np.zeros((k, k)), np.zeros((k, k))
    for i in range(k):
        for j in range(k):
            low, high = min(i, j), max(i, j)
            counts[i, j] = int(np.nan_to_num(found[f"n{low}_{high}"][0]))
            sums[i, j] = float(np.nan_to_num(found[f"s{i}_{j}"][0]))
            products[i, j] = float(np.nan_to_num(found[f"p{low}_{high}"][0]))
    return counts, sums, products


def by_day(facts: Facts, item: str, *, since: date | None = None, classes: Sequence[ClassRule] = ()) -> Columns:
    """Our answers to one item by day, in order: date, n, total, total_of_squares. Undated answers are left out."""
    table = _narrowed(facts, (), (item,), (), (), classes)
    table = table.filter(table.date.notnull())
    if since is not None:
        table = table.filter(table.date >= since)
    days = table.group_by("date").aggregate(
        n=table.count(), total=table.value.sum(), total_of_squares=(table.value * table.value).sum()
    )
    return facts.collect(days, order=["date"])


def by_period(
    facts: Facts, item: str, *, unit: str = "month", by: Sequence[str] = (), classes: Sequence[ClassRule] = ()
) -> Columns:
    """Our answers to one item by calendar period: by..., period, n, total, total_of_squares.

    unit: day, week, month, quarter or year; a period is named by its first day. classes: only customers in
    any of them; with by=("class_id",) one series a class. Undated answers are left out.
    """
    table = _narrowed(facts, by, (item,), (), (), classes)
    table = table.filter(table.date.notnull())
    table = table.mutate(period=period_of(table.date, unit))
    grouped = table.group_by(*by, "period").aggregate(
        n=table.count(), total=table.value.sum(), total_of_squares=(table.value * table.value).sum()
    )
    return facts.collect(grouped, order=[*by, "period"])


def before_and_after(
    facts: Facts,
    item: str,
    start: date,
    *,
    since: date | None = None,
    end: date | None = None,
    classes: Sequence[ClassRule] = (),
) -> Columns:
    """Customers who answered `item` before `start`, with what they answered from then on: first, second, n.

    since, end: the first day that counts as before and the last that counts as after, those of the data where
    None. first, second: a customer's mean answer before and after; second is NaN for those who did not answer
    again. For separating a change of mind from a change of people; needs customer_id and date.
    """
    table = _narrowed(facts, (), (item,), (), (), classes)
    table = table.filter(table.customer_id.notnull() & table.date.notnull())
    if since is not None:
        table = table.filter(table.date >= since)
    if end is not None:
        table = table.filter(table.date <= end)
    pivot = table.group_by("customer_id").aggregate(
        first=table.value.mean(where=table.date < start), second=table.value.mean(where=table.date >= start)
    )
    asked = pivot.filter(pivot.first.notnull())
    counted = asked.group_by("first", "second").aggregate(n=asked.count())
    return facts.collect(counted, order=["first", "second"])


def _wide(table: "ir.Table", items: Sequence[str], *, by: Sequence[str] = ()) -> "ir.Table":
    """One row a respondent and `by`: x0, x1, ..., the answers to `items`, null where there is none."""
    values = {f"x{at}": table.value.max(where=table.item == item) for at, item in enumerate(items)}
    return table.group_by("respondent_id", *by).aggregate(**values)


def _narrowed(
    facts: Facts,
    by: Sequence[str],
    items: Sequence[str],
    subjects: Sequence[str],
    waves: Sequence[str],
    classes: Sequence[ClassRule],
) -> "ir.Table":
    ours_only = not subjects and "subject" not in by
    table = answers(facts, items=items, subjects=(facts.our_subject,) if ours_only else subjects, waves=waves)
    return of_classes(facts, table, classes, apart="class_id" in by)
