"""Guessed cycles: what was planted in made files must be found, and every guess must load as it stands."""

import random
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nonagon.basics.errors import InputError
from nonagon.imports.guess import GuessedCycle, guess_cycle
from nonagon.imports.load import Imported, load_facts
from nonagon.imports.mapping import Source


def write(folder: Path, name: str, header: list[str], rows: list[list[Any]], delimiter: str = ",") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [header, *([str(cell) for cell in row] for row in rows)]
    path.write_text("\n".join(delimiter.join(line) for line in lines) + "\n", encoding="utf-8")
    return path


def as_read(cycle: GuessedCycle) -> dict[str, Source]:
    """The sources as the rendered text says them, which must be what the guesses say."""
    sources = {name: Source.model_validate(entry) for name, entry in tomllib.loads(cycle.text)["data"].items()}
    assert sources == {source.name: source.source() for source in cycle.sources}
    assert not [fault for source in sources.values() for fault in source.faults()]
    return sources


def load(cycle: GuessedCycle, folder: Path) -> Imported:
    return load_facts(as_read(cycle), folder, folder.parent / "out")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def survey_rows(draw: random.Random, count: int) -> list[list[Any]]:
    answers = [1, 2, 3, 4, 5, 5, 4, 0, 6]
    return [
        [n, f"{draw.randint(13, 28)}/0{draw.randint(1, 9)}/2024", draw.choice(["north", "south"])]
        + [draw.choice(answers) for _ in range(4)]
        + [draw.choice([*range(11), 99]), f"the bus was late on day {n} and nobody told us why"]
        for n in range(1, count + 1)
    ]


SURVEY = ["RESPNUM", "Interview date", "Region", "Clean", "On time", "Friendly", "Overall", "NPS", "Comments"]


def test_a_wide_survey_in_two_waves(folder: Path) -> None:
    draw = random.Random(7)
    files = [write(folder, f"survey_{year}.csv", SURVEY, survey_rows(draw, 80), ";") for year in (2023, 2024)]
    cycle = guess_cycle(files, folder)
    survey, comments = cycle.sources
    assert survey.mapping["table"] == "answers"
    assert survey.mapping["files"] == "survey_202*.csv"
    assert survey.mapping["columns"]["date"] == "Interview date"
    assert survey.mapping["columns"]["respondent_id"]["join"][1] == "RESPNUM"
    assert "file" in survey.mapping["columns"]["wave"]
    assert list(survey.mapping["items"].values()) == ["Clean", "On time", "Friendly", "Overall", "NPS"]
    assert survey.mapping["attributes"] == {"region": "Region"}
    assert survey.mapping["values"]["value"] == {"not_answers": [0, 6]}
    assert survey.mapping["values"]["nps"] == {"not_answers": [99]}
    assert survey.mapping["values"]["date"] == {"date_order": "day-first"}
    kinds = {item.id: (item.kind, item.scale_min, item.scale_max) for item in survey.items}
    assert kinds["nps"] == ("recommend", 0, 10)
    assert kinds["overall"] == ("overall", 1, 5)
    assert kinds["clean"] == ("satisfaction", 1, 5)
    assert comments.mapping["table"] == "verbatims"
    assert comments.mapping["columns"]["text"] == "Comments"
    result = load(cycle, folder)
    assert result.versions["verbatims"].rows == 160
    assert result.kinds["refused"] == 0
    assert cycle.items_csv.splitlines()[0] == "id,text,kind,need,scale_min,scale_max"
    assert len(cycle.items_csv.splitlines()) == 6


def test_sales_with_money_written_the_continental_way(folder: Path) -> None:
    rows = [
        [f"R-{n}", f"K{n % 30:03d}", f"{n % 28 + 1}.03.2024", n % 4 + 1, f"1.{n:03d},50 €"]
        for n in range(100, 200)
    ]
    file = write(folder, "umsatz.csv", ["Rechnung", "Kunde", "Datum", "Anzahl", "Betrag"], rows, ";")
    cycle = guess_cycle([file], folder)
    (sales,) = cycle.sources
    assert sales.mapping["columns"] == {
        "sale_id": "Rechnung",
        "customer_id": "Kunde",
        "date": "Datum",
        "quantity": "Anzahl",
        "amount": "Betrag",
    }
    assert sales.mapping["values"]["amount"] == {"strip": ["€"], "decimal": ",", "thousands": "."}
    assert sales.mapping["values"]["date"] == {"date_order": "day-first"}
    result = load(cycle, folder)
    assert (result.versions["sales"].rows, result.rejected) == (100, 0)


def test_quantity_times_price_and_ids_with_a_needless_point(folder: Path) -> None:
    rows = [
        [500 + n // 3, f"{17000 + n % 40}.0", f"2024-01-{n % 28 + 1:02d}", n % 7 + 1, f"{n % 9}.25"]
        for n in range(90)
    ]
    file = write(folder, "2024-01.csv", ["InvoiceNo", "CustomerID", "InvoiceDate", "Quantity", "UnitPrice"], rows)
    (sales,) = guess_cycle([file], folder).sources
    assert sales.mapping["columns"]["amount"] == {"multiply": ["Quantity", "UnitPrice"]}
    assert sales.mapping["values"]["customer_id"] == {"whole": True}


def test_reviews_customers_measurements_and_a_long_survey(folder: Path) -> None:
    reviews = write(
        folder,
        "reviews.csv",
        ["id", "reviewer_id", "date", "comments"],
        [[n, n % 20, f"2024-02-{n % 28 + 1:02d}", f"we liked the quiet room number {n} a lot"] for n in range(60)],
    )
    customers = write(
        folder,
        "customers.csv",
        ["Customer no.", "Kind", "Customer since", "Region"],
        [
            [f"C{n}", "internal" if n % 9 == 0 else "external", f"2020-01-{n % 28 + 1:02d}", "NS"[n % 2]]
            for n in range(60)
        ],
    )
    delays = write(
        folder,
        "delays.csv",
        ["day", "line", "delay_min"],
        [[f"2024-03-{n % 28 + 1:02d}", f"L{n % 3}", f"{n % 17}.{n % 10}"] for n in range(90)],
    )
    answers = write(
        folder,
        "pulse.csv",
        ["respondent", "question", "score", "answered"],
        [[n // 3, ["clean", "fast", "kind"][n % 3], n % 5 + 1, f"2024-04-{n % 28 + 1:02d}"] for n in range(90)],
    )
    cycle = guess_cycle([reviews, customers, delays, answers], folder)
    by_name = {source.name: source.mapping for source in cycle.sources}
    assert by_name["reviews"]["columns"] == {
        "verbatim_id": "id",
        "customer_id": "reviewer_id",
        "date": "date",
        "text": "comments",
    }
    assert by_name["customers"]["columns"] == {
        "customer_id": "Customer no.",
        "kind": "Kind",
        "since": "Customer since",
    }
    assert by_name["delays"]["columns"] == {
        "characteristic": {"constant": "delay_min"},
        "at": "day",
        "value": "delay_min",
    }
    assert by_name["pulse"]["columns"]["item"] == "question"
    assert by_name["pulse"]["columns"]["value"] == "score"
    result = load(cycle, folder)
    assert {table: version.rows for table, version in result.versions.items()} == {
        "verbatims": 60,
        "customers": 60,
        "measurements": 90,
        "answers": 90,
    }
    assert result.rejected == 0


def test_drifting_headers_become_alternatives(folder: Path) -> None:
    header = ["Date", "Route", "Vehicle", "Location", "Min Delay"]
    rows = [[f"2024-01-{n % 28 + 1:02d}", n % 9, n, "stop", n % 30 + 0.5] for n in range(60)]
    one = write(folder, "a1.csv", header, rows)
    two = write(folder, "a2.csv", [*header[:-1], "Delay"], rows)
    (delays,) = guess_cycle([one, two], folder).sources
    assert delays.mapping["columns"]["value"] == ["Min Delay", "Delay"]
    assert load(guess_cycle([one, two], folder), folder).versions["measurements"].rows == 120


def test_an_open_order_of_day_and_month_is_said_to_be_a_guess(folder: Path) -> None:
    rows = [[f"0{n % 9 + 1}/0{n % 7 + 1}/2024", n % 23 + 0.5] for n in range(60)]
    cycle = guess_cycle([write(folder, "m.csv", ["Date", "Temperature"], rows)], folder)
    assert "so the order is a guess" in cycle.text


def test_files_that_cannot_be_looked_at_are_all_named(folder: Path, tmp_path: Path) -> None:
    (folder / "empty.csv").write_text("")
    outside = write(tmp_path, "outside.csv", ["a"], [["1"]])
    with pytest.raises(InputError) as caught:
        guess_cycle([folder / "empty.csv", outside, folder / "nothing.csv", folder / "x.docx"], folder)
    said = [str(mistake) for mistake in caught.value.mistakes]
    assert [text.rpartition(": ")[2].split(";")[0] for text in said[:3]] == [
        "is empty",
        f"lies outside the data folder {folder}",
        "is not there",
    ]
    assert len(said) == 4


def test_no_header_breaks_the_toml(folder: Path) -> None:
    header = ['He said "x" \\ y', "Straße #1", "a.b = [c]", "名前", "date"]
    rows = [
        ['"' + f"text {n} with some more words in it" + '"', n, n % 3, "ä", f"2024-01-{n % 28 + 1:02d}"]
        for n in range(40)
    ]
    file = write(folder, "odd name's.csv", ['"' + title.replace('"', '""') + '"' for title in header], rows)
    cycle = guess_cycle([file], folder)
    as_read(cycle)
    assert load(cycle, folder).versions["verbatims"].rows == 40


# --- files as people have them: other languages, totals at the end, codes, descriptions -------------------

GERMAN = ["Nr", "Datum", "Region", "Pünktlichkeit", "Sauberkeit", "Größe der Sitze", "Weiterempfehlung"]


def german_rows(count: int) -> list[list[Any]]:
    """Three of eleven respondents leave one score open, each in another of the usual words."""
    open_words = {3: "k.A.", 7: "keine Angabe", 10: "-"}
    draw = random.Random(5)
    rows: list[list[Any]] = []
    for n in range(1, count + 1):
        scores: list[Any] = [draw.randint(1, 5) for _ in range(3)]
        scores[1] = open_words.get(n % 11, scores[1])
        scores[2] = "weiß nicht" if n % 17 == 0 else scores[2]
        rows.append([n, f"{n % 28 + 1}.03.2025", draw.choice(["Nord", "Süd"]), *scores, draw.randint(0, 10)])
    return rows


def mean_row(rows: list[list[Any]], name: str) -> list[Any]:
    columns = [[row[place] for row in rows if isinstance(row[place], int)] for place in range(3, 7)]
    return [name, "", "", *(f"{sum(one) / len(one):.2f}".replace(".", ",") for one in columns)]


@pytest.mark.parametrize("ends", [[], ["Mittelwert"], ["Summe:", "Ø"], ["Mittelwert", "Standardabweichung", "n"]])
def test_a_german_survey_with_open_answers_and_rows_that_sum_up(folder: Path, ends: list[str]) -> None:
    rows = german_rows(120)
    file = write(folder, "umfrage.csv", GERMAN, [*rows, *(mean_row(rows, name) for name in ends)], ";")
    cycle = guess_cycle([file], folder)
    (survey,) = cycle.sources
    assert survey.mapping["table"] == "answers"
    assert survey.mapping["items"] == {
        "puenktlichkeit": "Pünktlichkeit",
        "sauberkeit": "Sauberkeit",
        "groesse_der_sitze": "Größe der Sitze",
        "weiterempfehlung": "Weiterempfehlung",
    }
    assert survey.mapping["values"]["*"] == {"missing": ["-", "k.A.", "keine Angabe", "weiß nicht"]}
    kinds = {item.id: (item.kind, item.scale_min, item.scale_max) for item in survey.items}
    assert kinds["weiterempfehlung"] == ("recommend", 0, 10)
    filters = [{"column": "Nr", "none_of": ends}] if ends else []
    assert survey.mapping.get("filters", []) == filters
    for place, name in enumerate(ends):
        assert (
            f"# A record at the end of 'umfrage.csv' ({name!r} in line {122 + place}) seems to be a " in cycle.text
        )
    result = load(cycle, folder)
    open_answers = sum(isinstance(cell, str) for row in rows for cell in row[3:])
    assert result.versions["answers"].rows == 120 * 4 - open_answers
    assert dict(result.kinds).get("refused", 0) == 0
    assert dict(result.kinds).get("set_aside", 0) == len(ends)


def test_a_mean_row_without_a_name(folder: Path) -> None:
    rows = german_rows(90)
    file = write(folder, "umfrage.csv", GERMAN, [*rows, mean_row(rows, "")], ";")
    cycle = guess_cycle([file], folder)
    (survey,) = cycle.sources
    assert survey.mapping["filters"] == [{"column": "Nr", "at_least": 1}]
    assert "(without a 'Nr' in line 92) seems to be a mean" in cycle.text
    assert dict(load(cycle, folder).kinds)["set_aside"] == 1


@pytest.mark.parametrize(
    "last",
    [
        ["200", "Total", "5", "7.5"],  # a product of that name that others bought too
        ["200", "Total station", "", "surveying tool"],  # holds a text besides: a record
    ],
)
def test_a_record_that_only_sounds_like_a_total_is_kept(folder: Path, last: list[str]) -> None:
    rows = [[str(n), ["Total", "Elf", "Agip"][n % 3], n % 9, f"{n % 7}.5"] for n in range(60)]
    file = write(folder, "fuel.csv", ["Receipt", "Product", "Quantity", "Amount"], [*rows, last])
    (source,) = guess_cycle([file], folder).sources
    assert "filters" not in source.mapping


def test_a_total_under_the_sales(folder: Path) -> None:
    rows = [[f"R{n}", f"2025-01-{n % 28 + 1:02d}", n % 4 + 1, f"{n}.25"] for n in range(50)]
    total = ["Gesamtsumme", "", sum(row[2] for row in rows), f"{sum(range(50)) + 12.5}"]
    file = write(folder, "kasse.csv", ["Beleg", "Datum", "Stück", "Umsatz"], [*rows, total])
    cycle = guess_cycle([file], folder)
    (sales,) = cycle.sources
    assert sales.mapping["table"] == "sales"
    assert sales.mapping["columns"]["quantity"] == "Stück"
    assert sales.mapping["filters"] == [{"column": "Beleg", "none_of": ["Gesamtsumme"]}]
    assert load(cycle, folder).versions["sales"].rows == 50


@pytest.mark.parametrize(
    "header",
    ["Stück", "Stueck", "Stk.", "Menge", "Anzahl", "Qty", "Quantité", "Cantidad", "Aantal", "الكمية", "数量"],
)
def test_quantities_in_several_languages(folder: Path, header: str) -> None:
    rows = [[f"R{n}", f"2025-01-{n % 28 + 1:02d}", n % 4 + 1, f"{n}.25"] for n in range(50)]
    file = write(folder, "sales.csv", ["Receipt", "Date", header, "Amount"], rows)
    (sales,) = guess_cycle([file], folder).sources
    assert sales.mapping["columns"]["quantity"] == header


def test_a_discount_is_no_quantity(folder: Path) -> None:
    rows = [[f"R{n}", f"2025-01-{n % 28 + 1:02d}", n % 4 + 1, f"{n}.25"] for n in range(50)]
    file = write(folder, "sales.csv", ["Receipt", "Date", "Discount", "Amount"], rows)
    (sales,) = guess_cycle([file], folder).sources
    assert "quantity" not in sales.mapping["columns"]


def test_questions_in_another_script_are_numbered_and_keep_their_text(folder: Path) -> None:
    header = ["id", "النظافة", "الالتزام بالمواعيد", "لطف السائق", "المنطقة"]
    draw = random.Random(3)
    rows = [
        [
            n,
            *(draw.choice([1, 2, 3, 4, 5, "لا ينطبق" if n % 12 == 0 else 5]) for _ in range(3)),
            "شمال" if n % 2 else "جنوب",
        ]
        for n in range(1, 101)
    ]
    cycle = guess_cycle([write(folder, "استبيان.csv", header, rows)], folder)
    (survey,) = cycle.sources
    assert survey.name == "data"
    assert survey.mapping["items"] == {"q1": header[1], "q2": header[2], "q3": header[3]}
    assert survey.mapping["attributes"] == {"attribute1": "المنطقة"}
    assert [line.split(",")[:2] for line in cycle.items_csv.splitlines()[1:]] == [
        ["q1", header[1]],
        ["q2", header[2]],
        ["q3", header[3]],
    ]
    assert load(cycle, folder).kinds.get("refused", 0) == 0


def test_accents_are_dropped_from_ids(folder: Path) -> None:
    header = ["id", "Qualité générale", "Propreté", "Señalización", "Żółty"]
    rows = [[n, n % 5 + 1, n * 3 % 5 + 1, n * 2 % 5 + 1, n * 4 % 5 + 1] for n in range(1, 91)]
    (survey,) = guess_cycle([write(folder, "enquête.csv", header, rows)], folder).sources
    assert survey.name == "enquete"
    assert list(survey.mapping["items"]) == ["qualite_generale", "proprete", "senalizacion", "zolty"]


def delays(values: list[Any]) -> list[list[Any]]:
    return [[f"2025-03-{n % 28 + 1:02d}", f"L{n % 3}", value] for n, value in enumerate(values)]


@pytest.mark.parametrize(
    ("codes", "hint", "rule"),
    [
        ([999] * 4, "999 stands 4 times", 'cap = { at = 999, then = "missing" }'),
        ([9999], "9999 stands once", 'cap = { at = 9999, then = "missing" }'),
        ([-99, -99], "-99 stands 2 times", 'missing = ["-99"]'),
    ],
)
def test_a_number_that_looks_like_a_code_is_hinted_at(
    folder: Path, codes: list[int], hint: str, rule: str
) -> None:
    ordinary = [n % 40 + 0.5 for n in range(100)]
    file = write(folder, "delays.csv", ["day", "line", "delay_min"], delays([*ordinary, *codes]))
    cycle = guess_cycle([file], folder)
    as_read(cycle)
    lines = cycle.text.splitlines()
    place = next(number for number, line in enumerate(lines) if hint in line)
    assert lines[place].startswith("# ")
    assert f"# {rule}" in lines
    # As written nothing is left out; with the signs taken away, the codes are.
    assert load(cycle, folder).versions["measurements"].rows == 100 + len(codes)
    taken = "\n".join(
        line.removeprefix("# ") if line == f"# {rule}" or "data.delays.values.value" in line else line
        for line in lines
    )
    sources = {name: Source.model_validate(one) for name, one in tomllib.loads(taken)["data"].items()}
    result = load_facts(sources, folder, folder.parent / "second")
    assert result.versions["measurements"].rows == 100


def test_numbers_that_go_on_are_no_codes(folder: Path) -> None:
    file = write(folder, "delays.csv", ["day", "line", "delay_min"], delays([n + 0.5 for n in range(98)] + [99]))
    assert "stands once" not in guess_cycle([file], folder).text


def test_a_description_of_fields_is_left_out(folder: Path) -> None:
    data = write(folder, "delays.csv", ["Day", "Line", "Min Delay"], delays([n % 40 + 0.5 for n in range(100)]))
    fields = [
        ["Day", "The day on which the delay-causing incident occurred", "2025-03-01"],
        ["Line", "The number of the bus line", "L1"],
        ["Min Delay", "The delay in minutes to the schedule of the next bus", "10"],
    ]
    notes = write(folder, "about.csv", ["Field Name", "Description", "Example"], fields)
    cycle = guess_cycle([data, notes], folder)
    assert [source.mapping["table"] for source in cycle.sources] == ["measurements"]
    said = "'about.csv' describes fields ('Field Name', 'Description'; 3 rows) and holds no facts"
    assert cycle.left_out == (said,)
    assert f"# Left out: {said}." in cycle.text
    as_read(cycle)


def test_complaints_with_a_description_are_no_description_of_fields(folder: Path) -> None:
    rows = [
        [f"C{n}", f"2025-03-{n % 28 + 1:02d}", f"the heating on line {n} did not work again"] for n in range(60)
    ]
    file = write(folder, "complaints.csv", ["Case ID", "Date", "Description"], rows)
    (source,) = guess_cycle([file], folder).sources
    assert source.mapping["table"] == "verbatims"


def test_a_state_code_is_no_missing_value(folder: Path) -> None:
    rows = [[f"C{n}", ["ND", "KA", "TX"][n % 3]] for n in range(60)]
    (source,) = guess_cycle([write(folder, "customers.csv", ["Customer", "State"], rows)], folder).sources
    assert "*" not in source.mapping["values"]


TORONTO = Path(__file__).resolve().parents[3] / "shared" / "data" / "ttc"


@pytest.mark.shared
@pytest.mark.skipif(not TORONTO.is_dir(), reason="the real data are not beside the repository")
def test_the_readme_workbook_of_the_bus_delays() -> None:
    files = [TORONTO / "ttc-bus-delay-data-readme.xlsx", TORONTO / "ttc-bus-delay-data-2018.xlsx"]
    cycle = guess_cycle(files, TORONTO)
    (delays_of_2018,) = cycle.sources
    assert delays_of_2018.mapping["table"] == "measurements"
    assert cycle.left_out[0].startswith("'ttc-bus-delay-data-readme.xlsx' describes fields")
    # counted with another reader: the first sheet has 999 in "Min Delay" 10 times among its 6,969 records,
    # some of them beyond the sample of 5,000
    assert '# cap = { at = 999, then = "missing" }' in cycle.text


cells = st.one_of(
    st.integers(-3, 120).map(str),
    st.sampled_from(
        ["", "NA", "x", "2024-01-05", "3/4/2024", "1,5", "$7", "yes", "a longer text that says something"]
    ),
)


@given(
    width=st.integers(1, 6),
    data=st.data(),
    titles=st.lists(
        st.sampled_from(
            ["id", "Date", "Amount", "Score", "Comment", "Q1", "Q2", "Customer", "Item", "", "NPS", "時"]
        ),
        min_size=6,
        max_size=6,
    ),
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_table_gives_a_cycle_that_can_be_read(
    folder: Path, width: int, data: st.DataObject, titles: list[str]
) -> None:
    rows = data.draw(st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=30))
    header = titles[:width]
    quoted = [[f'"{cell}"' for cell in row] for row in rows]
    file = write(folder, "any.csv", header, quoted)
    try:
        cycle = guess_cycle([file], folder)
    except InputError:
        assert not any(header)  # a header of blanks is none
        return
    as_read(cycle)
