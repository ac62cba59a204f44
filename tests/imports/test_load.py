"""From files to facts: the law of rows, versions, and what happens when a run is stopped."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import textwrap
import tomllib
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nonagon.basics.errors import InputError
from nonagon.facts.store import FactStore
from nonagon.imports.check import place_in
from nonagon.imports.load import Imported, load_facts
from nonagon.imports.mapping import Source

Sources = dict[str, dict[str, object]]
SURVEY: dict[str, object] = {
    "table": "answers",
    "files": "survey*.csv",
    "columns": {
        "respondent_id": "ID",
        "wave": {"file": r"survey(\d+)"},
        "date": {"from": "Day", "optional": True},
    },
    "attributes": {"region": "Region"},
    "items": {"clean": ["Clean", "Cleanliness"], "fast": "Fast"},
    "values": {"*": {"not_answers": [0, 6], "missing": ["NA"], "date_order": "day-first"}},
}
SALES: dict[str, object] = {
    "table": "sales",
    "files": "sales.csv",
    "columns": {"sale_id": "No", "date": "Date", "amount": "Amount"},
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "survey1.csv").write_text(
        "ID,Day,Region,Clean,Fast\na,1/2/2018,N,5,0\nb,x,S,,NA\nc,2/2/2018,,3,four\n"
    )
    (folder / "survey2.csv").write_text("ID;Region;Cleanliness;Fast\na;N;4;2\n;S;1;1\n")
    (folder / "sales.csv").write_text("No,Date,Amount\n1,2018-01-01,10\n2,2018-01-02,-3.5\n2,2018-01-02,ten\n")
    return folder


def load(data: Path, sources: Sources, out: Path | None = None, **options: object) -> Imported:
    models = {name: Source.model_validate(source) for name, source in sources.items()}
    return load_facts(models, data, out or data.parent / "out", **options)  # type: ignore[arg-type]


def facts(result: Imported, table: str) -> pl.DataFrame:
    return pl.concat([pl.read_parquet(uri) for uri in result.store.uris(table)])


def rejected(result: Imported) -> list[dict[str, str]]:
    with result.rejects.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def message(caught: "pytest.ExceptionInfo[InputError]") -> str:
    return "\n".join(str(mistake) for mistake in caught.value.mistakes)


# --- the law of rows


def test_a_wide_survey_with_drifting_headers(data: Path) -> None:
    result = load(data, {"survey": SURVEY})
    rows = facts(result, "answers").select(
        "respondent_id", "wave", "item", "value", "attribute_region", "file", "row"
    )
    assert rows.rows() == [
        ("a", "1", "clean", 5.0, "N", "survey1.csv", 1),
        ("c", "1", "clean", 3.0, None, "survey1.csv", 3),
        ("a", "2", "clean", 4.0, "N", "survey2.csv", 1),
        ("a", "2", "fast", 2.0, "N", "survey2.csv", 1),
    ]
    assert [(row["line"], row["column"], row["value"], row["kind"]) for row in rejected(result)] == [
        ("3", "Day", "x", "refused"),
        ("3", "items", "", "empty"),
        ("4", "Fast", "four", "refused"),
        ("3", "ID", "", "refused"),
    ]
    first, second = result.tallies
    assert (first.records, first.with_facts, first.without_facts, first.facts) == (3, 2, 1, 2)
    fast = first.cells["fast"]
    assert (fast.values, fast.missing, fast.not_answers, fast.refused) == (0, 1, 1, 1)
    assert (second.records, second.with_facts, second.facts) == (2, 1, 2)
    assert [notice for notice in result.notices if "Day" in notice]


def test_an_empty_questionnaire_is_listed(data: Path) -> None:
    (data / "survey1.csv").write_text("ID,Day,Region,Clean,Fast\na,1/2/2018,N,0,\nb,1/2/2018,N,5,5\n")
    result = load(data, {"survey": {**SURVEY, "files": "survey1.csv"}})
    (row,) = rejected(result)
    assert (row["line"], row["kind"], row["reason"]) == ("2", "empty", "has no answer to any of the 2 items")


def test_a_long_file_gives_one_fact_a_record(data: Path) -> None:
    result = load(data, {"sales": SALES})
    assert facts(result, "sales").select("sale_id", "amount", "row").rows() == [("1", 10.0, 1), ("2", -3.5, 2)]
    (row,) = rejected(result)
    assert (row["line"], row["row"], row["column"], row["value"]) == ("4", "3", "Amount", "ten")
    assert row["reason"] == "amount must be a number"


def test_a_blank_reading_is_empty_and_a_blank_key_is_refused(data: Path) -> None:
    (data / "sales.csv").write_text("No,Date,Amount\n1,2018-01-01,\n,2018-01-02,5\n3,2018-01-02,5\n")
    result = load(data, {"sales": SALES})
    assert [(row["line"], row["kind"]) for row in rejected(result)] == [("2", "empty"), ("3", "refused")]
    assert "no row of sales can do without it" in rejected(result)[1]["reason"]


def test_filters_set_records_aside(data: Path) -> None:
    filters = [{"column": "Amount", "at_least": 0}, {"column": "No", "none_of": ["9"]}]
    (data / "sales.csv").write_text(
        "No,Date,Amount\n1,2018-01-01,10\n2,2018-01-02,-3.5\n9,2018-01-02,1\n3,2018-01-02,\n"
    )
    result = load(data, {"sales": {**SALES, "filters": filters}})
    assert facts(result, "sales")["sale_id"].to_list() == ["1"]
    assert [(row["line"], row["column"], row["kind"]) for row in rejected(result)] == [
        ("3", "Amount", "set_aside"),
        ("4", "No", "set_aside"),
        ("5", "Amount", "set_aside"),
    ]
    assert result.tallies[0].set_aside == 3


def test_the_last_row_of_a_customer_counts_over_all_sources(data: Path) -> None:
    (data / "c1.csv").write_text("id,kind\na,external\nb,internal\na,external\n")
    (data / "c2.csv").write_text("id,kind\nb,external\nc,partner\n")
    one: dict[str, object] = {
        "table": "customers",
        "files": "c1.csv",
        "columns": {"customer_id": "id", "kind": "kind"},
    }
    result = load(
        data, {"one": one, "two": {**one, "files": "c2.csv", "values": {"kind": {"map": {"partner": ""}}}}}
    )
    rows = facts(result, "customers").select("customer_id", "kind", "source", "row").rows()
    assert rows[:2] == [("a", "external", "one", 3), ("b", "external", "two", 1)]
    assert rows[2][0] == "c"
    replaced = [row for row in rejected(result) if row["kind"] == "replaced"]
    assert [(row["source"], row["row"], row["line"], row["value"]) for row in replaced] == [
        ("one", "1", "2", "a"),
        ("one", "2", "3", "b"),
    ]
    assert result.kinds["replaced"] == 2


def test_unique_keeps_the_last_within_a_source(data: Path) -> None:
    (data / "sales.csv").write_text("No,Date,Amount\n1,2018-01-01,10\n1,2018-01-02,20\n2,2018-01-02,5\n")
    result = load(data, {"sales": {**SALES, "unique": "sale_id"}})
    assert facts(result, "sales")["amount"].to_list() == [20.0, 5.0]
    assert result.kinds["replaced"] == 1


def test_the_same_files_may_feed_several_tables(data: Path) -> None:
    comments: dict[str, object] = {
        "table": "verbatims",
        "files": "survey2.csv",
        "columns": {"verbatim_id": {"numbered": True}, "text": "Region", "channel": {"constant": "survey"}},
    }
    result = load(data, {"survey": SURVEY, "comments": comments})
    got = facts(result, "verbatims").select("verbatim_id", "text", "channel").rows()
    assert got == [("survey2-1", "N", "survey"), ("survey2-2", "S", "survey")]


def test_a_repeated_name_of_a_verbatim_is_noticed(data: Path) -> None:
    (data / "said.csv").write_text("id,said\n1,late again\n1,too warm\n2,fine\n")
    said: dict[str, object] = {
        "table": "verbatims",
        "files": "said.csv",
        "columns": {"verbatim_id": "id", "text": "said"},
    }
    result = load(data, {"said": said})
    assert result.notices == ('said: 1 rows repeat a verbatim_id; unique = "verbatim_id" keeps the last of each',)
    assert load(data, {"said": {**said, "unique": "verbatim_id"}}).notices == ()


def test_forms(data: Path) -> None:
    (data / "till.csv").write_text(
        "Day;Time;Shop;No;Pieces;Price\n31.12.2018;23:59;A;7;2;1.250,50\n1.1.2019;0:05;A;;3;2,5\n1.1.2019;8:00;A;9;;2,5\n"
    )
    till: dict[str, object] = {
        "table": "sales",
        "files": "till.csv",
        "columns": {
            "sale_id": {"join": ["Shop", "No"], "with": "/"},
            "date": "Day",
            "version": {"bucket": "Day", "by": "quarter"},
            "amount": {"multiply": ["Pieces", "Price"]},
        },
        "values": {"*": {"date_order": "day-first", "decimal": ",", "thousands": "."}},
    }
    clock: dict[str, object] = {
        "table": "measurements",
        "files": "till.csv",
        "columns": {
            "characteristic": {"constant": "pieces"},
            "at": {"day": "Day", "time": "Time"},
            "subgroup": {"bucket": "Day", "by": "month"},
            "value": "Pieces",
        },
        "values": {"*": {"date_order": "day-first"}},
    }
    result = load(data, {"till": till, "clock": clock})
    assert facts(result, "sales").select("sale_id", "version", "amount").rows() == [("A/7", "2018-Q4", 2501.0)]
    assert [(row["source"], row["line"], row["column"], row["kind"]) for row in rejected(result)] == [
        ("till", "3", "Shop and No", "refused"),
        ("till", "4", "Pieces × Price", "empty"),
        ("clock", "4", "Pieces", "empty"),
    ]
    got = facts(result, "measurements").select(pl.col("at").dt.to_string("%Y-%m-%d %H:%M"), "subgroup").rows()
    assert got == [("2018-12-31 23:59", "2018-12"), ("2019-01-01 00:05", "2019-01")]


def test_every_column_of_the_table_is_there(data: Path) -> None:
    frame = facts(load(data, {"sales": SALES}), "sales")
    assert frame.columns == [
        *("sale_id", "customer_id", "date", "product", "version", "seller", "quantity", "amount"),
        *("source", "file", "row"),
    ]
    assert frame.schema["date"] == pl.Date
    assert frame.schema["quantity"] == pl.Float64
    assert frame.schema["row"] == pl.Int64


# --- versions


def test_unchanged_files_keep_their_version_and_write_nothing(data: Path) -> None:
    first = load(data, {"survey": SURVEY, "sales": SALES})
    before = {path: path.stat().st_mtime_ns for path in (data.parent / "out").rglob("*")}
    second = load(data, {"survey": SURVEY, "sales": SALES})
    assert {path: path.stat().st_mtime_ns for path in (data.parent / "out").rglob("*")} == before
    assert second.labels == first.labels
    assert set(second.reused) == {"answers", "sales"}
    assert second.kinds == first.kinds
    assert second.tallies == first.tallies


def test_only_the_table_that_changed_gets_a_new_version(data: Path) -> None:
    first = load(data, {"survey": SURVEY, "sales": SALES})
    old = facts(first, "sales")
    (data / "sales.csv").write_text("No,Date,Amount\n5,2018-01-01,1\n")
    second = load(data, {"survey": SURVEY, "sales": SALES})
    assert second.reused == ("answers",)
    assert second.labels["answers"] == first.labels["answers"]
    assert second.labels["sales"] != first.labels["sales"]
    assert facts(second, "sales")["sale_id"].to_list() == ["5"]
    # Stored results name the earlier version, so it can still be read.
    assert pl.read_parquet(list(second.store.uris("sales", first.labels["sales"]))).equals(old)
    assert {row["source"] for row in rejected(second)} == {"survey"}


def test_going_back_to_earlier_files_gives_the_earlier_version(data: Path) -> None:
    content = (data / "sales.csv").read_text()
    first = load(data, {"sales": SALES})
    (data / "sales.csv").write_text("No,Date,Amount\n5,2018-01-01,1\n")
    load(data, {"sales": SALES})
    (data / "sales.csv").write_text(content)
    third = load(data, {"sales": SALES})
    assert third.labels == first.labels
    assert third.reused == ("sales",)
    assert len(rejected(third)) == 1


def test_the_version_depends_on_content_and_mapping_only(data: Path, tmp_path: Path) -> None:
    here = load(data, {"sales": SALES}, tmp_path / "one").labels
    elsewhere = tmp_path / "moved"
    data.rename(elsewhere)
    assert load(elsewhere, {"sales": SALES}, tmp_path / "two").labels == here
    assert (
        load(elsewhere, {"sales": {**SALES, "values": {"*": {"missing": ["-"]}}}}, tmp_path / "3").labels != here
    )


def test_a_table_without_a_source_any_more_has_no_facts(data: Path) -> None:
    load(data, {"survey": SURVEY, "sales": SALES})
    result = load(data, {"survey": SURVEY})
    assert result.store.tables() == ("answers",)
    assert result.store.uris("sales") == ()
    assert result.store.label("sales") is None


def test_the_rejects_are_the_same_every_time(data: Path, tmp_path: Path) -> None:
    one = load(data, {"survey": SURVEY, "sales": SALES}, tmp_path / "one").rejects.read_bytes()
    two = load(data, {"survey": SURVEY, "sales": SALES}, tmp_path / "two").rejects.read_bytes()
    assert one == two
    assert one.startswith(b"source,file,sheet,line,row,column,value,reason,kind\n")


# --- stopped runs


def test_a_run_stopped_before_publishing_leaves_the_old_facts(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load(data, {"sales": SALES})
    old, old_rejects = facts(first, "sales"), first.rejects.read_bytes()
    (data / "sales.csv").write_text("No,Date,Amount\n5,2018-01-01,1\n")

    def stop(self: FactStore, versions: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(FactStore, "publish", stop)
        with pytest.raises(KeyboardInterrupt):
            load(data, {"sales": SALES})
    store = FactStore(data.parent / "out" / "facts")
    assert store.label("sales") == first.labels["sales"]
    assert pl.read_parquet(list(store.uris("sales"))).equals(old)
    assert first.rejects.read_bytes() == old_rejects
    assert len(list((store.folder / "sales").glob("*.parquet"))) == 1
    assert facts(load(data, {"sales": SALES}), "sales")["sale_id"].to_list() == ["5"]


@pytest.mark.parametrize("stage", ["reading", "writing"])
def test_a_killed_run_leaves_the_old_facts_and_the_next_one_cleans_up(data: Path, stage: str) -> None:
    first = load(data, {"sales": SALES})
    old = facts(first, "sales")
    (data / "sales.csv").write_text("No,Date,Amount\n5,2018-01-01,1\n")
    code = f"""
        import os, signal
        from pathlib import Path
        from nonagon.imports.load import load_facts
        from nonagon.imports.mapping import Source
        from nonagon.facts.store import FactStore
        def progress(what):
            if what.startswith("reading") and {stage!r} == "reading":
                os.kill(os.getpid(), signal.SIGKILL)
        if {stage!r} == "writing":
            FactStore.publish = lambda self, versions: os.kill(os.getpid(), signal.SIGKILL)
        load_facts({{"sales": Source.model_validate({SALES!r})}}, Path({str(data)!r}),
                   Path({str(data.parent / "out")!r}), progress)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    store = FactStore(data.parent / "out" / "facts")
    assert store.label("sales") == first.labels["sales"]
    assert pl.read_parquet(list(store.uris("sales"))).equals(old)
    assert (store.folder / ".staging").exists()
    second = load(data, {"sales": SALES})
    assert facts(second, "sales")["sale_id"].to_list() == ["5"]
    assert not (store.folder / ".staging").exists()
    assert len(list((store.folder / "sales").glob("*.parquet"))) == 2  # the first version and the third


def test_what_progress_raises_stops_the_run(data: Path) -> None:
    def stop(text: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(data, {"sales": SALES}, progress=stop)
    assert not (data.parent / "out" / "facts" / "facts.json").exists()


def test_progress_names_every_file(data: Path) -> None:
    seen: list[str] = []
    load(data, {"survey": SURVEY, "sales": SALES}, progress=seen.append)
    assert seen == [
        "looking at the files",
        *("reading survey1.csv", "reading survey2.csv", "reading sales.csv"),
        *("writing answers", "writing sales"),
        "facts are ready",
    ]


def test_a_folder_that_cannot_be_written_is_named(data: Path) -> None:
    (data.parent / "out").write_text("a file where the folder should be")
    with pytest.raises(InputError, match="can't be"):
        load(data, {"sales": SALES})


@pytest.mark.skipif(os.name != "posix", reason="limits the size of files as POSIX does")
def test_a_full_disk_is_said_and_leaves_nothing_published(data: Path) -> None:
    lines = "\n".join(f"{n},2018-01-01,{n * 7919 % 10007}" for n in range(60000))
    (data / "sales.csv").write_text(f"No,Date,Amount\n{lines}\n")
    code = f"""
        import resource, signal
        from pathlib import Path
        from nonagon.basics.errors import InputError
        from nonagon.imports.load import load_facts
        from nonagon.imports.mapping import Source
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
        try:
            load_facts({{"sales": Source.model_validate({SALES!r})}}, Path({str(data)!r}),
                       Path({str(data.parent / "out")!r}))
        except InputError as error:
            print("InputError:", error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("InputError:"), done.stderr
    assert "can't be written" in done.stdout
    assert FactStore(data.parent / "out" / "facts").tables() == ()


def test_two_runs_at_once_do_not_mix(data: Path) -> None:
    pytest.importorskip("fcntl")
    store = FactStore(data.parent / "out" / "facts")
    with store.writing(), pytest.raises(InputError, match="in use by another run"):
        load(data, {"sales": SALES})
    assert load(data, {"sales": SALES}).versions["sales"].rows == 2


# --- mistakes: all at once, with file, line and key


def test_all_mistakes_come_at_once_with_their_lines(data: Path) -> None:
    text = textwrap.dedent("""\
        [data.survey]
        table = "answers"
        files = "survay*.csv"
        [data.survey.columns]
        respondent_id = "ID"
        [data.survey.items]
        clean = "Clean"

        [data.sales]
        table = "sales"
        files = "sales.csv"
        [data.sales.columns]
        sale_id = "Number"
        date = "Date"
        amount = "Amount"
        colour = "No"
        """)
    with pytest.raises(InputError) as caught:
        load(data, tomllib.loads(text)["data"], places=place_in("cycle.toml", text))
    places = [(mistake.line, mistake.key) for mistake in caught.value.mistakes]
    assert places == [
        (3, "data.survey.files"),
        (16, "data.sales.columns.colour"),
        (13, "data.sales.columns.sale_id"),
    ]
    said = message(caught)
    assert "did you mean survey" in said
    assert "sales.csv has no column 'Number'" in said
    assert "its columns: No, Date, Amount" in said
    assert not (data.parent / "out").exists()


def test_an_unclosed_quote_names_file_and_line(data: Path) -> None:
    (data / "sales.csv").write_text('No,Date,Amount\n1,2018-01-01,10\n2,"2018-01-02,5\n3,2018-01-03,5\n')
    with pytest.raises(InputError) as caught:
        load(data, {"sales": SALES})
    (mistake,) = caught.value.mistakes
    assert (Path(mistake.file).name, mistake.line) == ("sales.csv", 3)
    assert "never closed" in mistake.message
    assert not (data.parent / "out" / "facts" / "facts.json").exists()


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        ("1,01/02/2018,5\n2,13/02/2018,6\n", 'add date_order = "day-first" under values.date'),
        ("1,02/13/2018,5\n2,02/14/2018,6\n", 'add date_order = "month-first" under values.date'),
        ("1,43134,5\n2,43135,6\n", 'add formats = ["excel-serial"] under values.date'),
        (
            '1,2018-01-01,"1.234,50"\n2,2018-01-01,"7,25"\n',
            'add decimal = "," and thousands = "." under values.amount',
        ),
        ("1,2018-01-01,$5\n2,2018-01-01,$7.25\n", 'add strip = ["$"] under values.amount'),
        ("1,2018-01-01,five\n2,2018-01-01,six\n", "say what 'five', 'six' stands for"),
    ],
)
def test_a_column_of_the_wrong_type_is_a_mistake_with_the_rule_to_add(
    data: Path, content: str, advice: str
) -> None:
    (data / "sales.csv").write_text(f"No,Date,Amount\n{content}")
    with pytest.raises(InputError) as caught:
        load(data, {"sales": SALES})
    assert advice in message(caught)
    assert "2 of 2 cells of the column" in message(caught)


def test_a_damaged_manifest_is_named(data: Path) -> None:
    result = load(data, {"sales": SALES})
    (result.store.folder / "facts.json").write_text('{"format": 1')
    with pytest.raises(InputError, match="is damaged"):
        load(data, {"sales": SALES})


# --- property: whatever the file, a record is in the facts or in the rejects

piece = st.sampled_from(
    ["1", "5", "x", "2018-01-01", '"', ",", ",", ",", "\n", "\n", "\r\n", "\0", " ", "é", '""', ";"]
)


@given(
    body=st.lists(piece, min_size=1, max_size=50).map("".join),
    encoding=st.sampled_from(["utf-8", "utf-16", "cp1252", "utf-8-sig"]),
    stated=st.booleans(),
)
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_record_of_a_mangled_file_vanishes(data: Path, body: str, encoding: str, stated: bool) -> None:
    good = "".join(f"{n},2018-01-01,{n}\n" for n in range(40))
    (data / "sales.csv").write_bytes(f"No,Date,Amount\n{good}{body}\n".encode(encoding))
    source = {**SALES, "encoding": encoding} if stated else SALES
    try:
        result = load(data, {"sales": source})
    except InputError:
        return
    frame = facts(result, "sales")
    numbers = set(frame["row"].to_list()) | {int(row["row"]) for row in rejected(result)}
    assert numbers == set(range(1, result.tallies[0].records + 1))
    assert set(range(1, 41)) <= set(frame["row"].to_list())
    # As many records as a reader that forgives everything sees lines, where no quote joins any.
    if '"' not in body:
        lines = io.StringIO(body + "\n", newline="")
        assert result.tallies[0].records == 40 + sum(1 for line in lines if line.strip("\r\n"))


@given(
    records=st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "", "c"]),
            st.sampled_from(["1", "5", "0", "6", "", "NA", "x", "7,5"]),
            st.sampled_from(["1", "2", "0", "", "NA", "y"]),
        ),
        min_size=1,
        max_size=40,
    )
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_the_books_of_a_survey_balance(data: Path, records: list[tuple[str, str, str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([("ID", "Region", "Clean", "Fast"), *((a, "N", b, c) for a, b, c in records)])
    (data / "survey9.csv").write_text(text.getvalue(), newline="")
    try:
        result = load(data, {"survey": {**SURVEY, "files": "survey9.csv", "columns": {"respondent_id": "ID"}}})
    except InputError:  # more than half of an item's answers are of the wrong type
        return
    # What each cell is, said once more in plain Python.
    meaning = {
        "": "missing",
        "NA": "missing",
        "0": "not",
        "6": "not",
        "x": "refused",
        "y": "refused",
        "7,5": "refused",
    }
    known = [(a, b, c) for a, b, c in records if a]
    expected = Counter(meaning.get(cell, "value") for record in known for cell in record[1:])
    assert facts(result, "answers").height == expected["value"]
    cells = [result.tallies[0].cells[name] for name in ("clean", "fast")]
    assert sum(one.missing for one in cells) == expected["missing"]
    assert sum(one.not_answers for one in cells) == expected["not"]
    rows = rejected(result)
    unanswered = [r for r in known if not {"value", "refused"} & {meaning.get(cell, "value") for cell in r[1:]}]
    assert len(rows) == expected["refused"] + len(unanswered) + len(records) - len(known)


def test_the_manifest_is_plain_json(data: Path) -> None:
    result = load(data, {"sales": SALES})
    manifest = json.loads((result.store.folder / "facts.json").read_text())
    assert manifest["tables"]["sales"]["label"] == result.labels["sales"]
    assert manifest["tables"]["sales"]["rows"] == 2


def test_facts_stand_in_the_order_of_arrival_and_the_same_bytes_come_twice(data: Path, tmp_path: Path) -> None:
    lines = "\n".join(f"{n},2018-01-01,{n % 97}" for n in range(1, 130_001))
    (data / "sales.csv").write_text(f"No,Date,Amount\n{lines}\n")
    one, two = load(data, {"sales": SALES}, tmp_path / "one"), load(data, {"sales": SALES}, tmp_path / "two")
    assert facts(one, "sales")["row"].to_list() == list(range(1, 130_001))
    assert [Path(uri).read_bytes() for uri in one.store.uris("sales")] == [
        Path(uri).read_bytes() for uri in two.store.uris("sales")
    ]
