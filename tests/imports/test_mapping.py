"""The mapping's models: what TOML may say, what it may not, and that a mapping comes back from JSON unchanged."""

import json
import subprocess
import sys
import tomllib

import pytest
from pydantic import ValidationError

from nonagon.imports.mapping import Bucket, Joined, Rules, Source, Taken

ANSWERS = {"table": "answers", "files": "survey.csv", "columns": {"respondent_id": "ID"}, "items": {"q1": "Q1"}}


def source(**changes: object) -> Source:
    return Source.model_validate({**ANSWERS, **changes})


def test_a_whole_source_as_toml() -> None:
    text = """
    table = "answers"
    files = ["2015_SFO.csv", "20*_SFO.csv"]
    encoding = "cp1252"
    delimiter = "\\t"
    [columns]
    respondent_id = { join = [{ file = '^(\\d{4})' }, ["RESPNUM", "*RESPNUM"]], with = "/" }
    wave = { bucket = "Date", by = "quarter" }
    [items]
    art = ["Q7ART", "Q6A"]
    [values."*"]
    not_answers = [0, 6]
    missing = "NA"
    [[filters]]
    column = "Country"
    none_of = ["Test"]
    """
    read = Source.model_validate(tomllib.loads(text))
    assert read.delimiter == "\t"
    assert isinstance(read.columns["respondent_id"], Joined)
    assert [list(taken.names) for taken in read.columns["respondent_id"].sources()] == [["RESPNUM", "*RESPNUM"]]
    assert isinstance(read.columns["wave"], Bucket)
    assert read.rules_for("art").not_answers == ("0", "6")
    assert not list(read.faults())


def test_a_mapping_comes_back_from_json_unchanged() -> None:
    read = source(
        columns={"respondent_id": {"join": ["A", {"constant": " "}], "with": " "}, "date": {"from": "D"}}
    )
    assert Source.model_validate_json(read.model_dump_json(by_alias=True)) == read
    assert Source.model_validate_json(read.model_dump_json(by_alias=True, exclude_unset=True)) == read


def test_blanks_in_marks_are_kept() -> None:
    read = source(columns={"respondent_id": {"join": ["A", "B"], "with": " "}})
    joined = read.columns["respondent_id"]
    assert isinstance(joined, Joined)
    assert joined.between == " "
    assert Rules(thousands=" ").thousands == " "


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"table": "answer"}, "customers"),
        ({"files": "../secret.csv"}, "inside the data folder"),
        ({"files": "/etc/passwd"}, "inside the data folder"),
        ({"encoding": "utf-99"}, "is no known encoding"),
        ({"delimiter": "||"}, "must be one character"),
        ({"delimiter": '"'}, "must be one character"),
        ({"delimiter": "'", "quote": "'"}, "must differ"),
        ({"columns": {"date": {"foo": 1}}}, "none of the keys"),
        ({"columns": {"date": 7}}, "must be a column name"),
        ({"columns": {"wave": {"file": "abc"}}}, "exactly one group"),
        ({"columns": {"wave": {"file": "(a"}}}, "regular expression"),
        ({"columns": {"wave": {"bucket": "D", "by": "week"}}}, "by"),
        ({"columns": {"wave": {"constant": "x", "with": "y"}}}, "with"),
        ({"filters": [{"column": "A"}]}, "one of the tests"),
        ({"values": {"q1": {"decimal": ",", "thousands": ","}}}, "must differ"),
        ({"attributes": {"a b": "X"}}, "letters, digits"),
        ({"header_row": -1}, "greater than or equal to 0"),
        ({"sheets": "*"}, "Extra inputs"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        source(**changes)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        ({"columns": {"respondent_id": "ID", "valu": "V"}}, ("columns", "valu"), "did you mean value?"),
        ({"items": {}}, ("columns",), "must say where item comes from"),
        ({"columns": {}}, ("columns",), "must say where respondent_id comes from"),
        ({"columns": {"respondent_id": "ID", "value": "V"}}, ("columns", "value"), "is filled by items already"),
        ({"table": "sales"}, ("items",), "items fill only the tables answers and measurements"),
        ({"attributes": {"weight": "W"}}, ("attributes", "weight"), "put it under columns"),
        ({"unique": "date"}, ("unique",), "neither under columns nor under attributes"),
        ({"values": {"valu": {"missing": "x"}}}, ("values", "valu"), "did you mean value?"),
    ],
)
def test_faults_name_the_key(changes: dict[str, object], path: tuple[str, ...], said: str) -> None:
    faults = [fault.message for fault in source(**changes).faults() if fault.path == path]
    assert any(said in message for message in faults)


def test_rules_of_everything_do_not_make_codes_of_ids() -> None:
    read = source(
        columns={"respondent_id": "ID", "date": "D", "weight": "W"},
        values={"*": {"not_answers": [0], "missing": ["NA"], "decimal": ",", "map": {"a": "1"}, "upper": 5}},
    )
    own = read.rules_for("q1")
    assert (own.not_answers, own.decimal, own.map, own.upper) == (("0",), ",", {"a": "1"}, 5)
    of_id = read.rules_for("respondent_id")
    assert (of_id.not_answers, of_id.missing, of_id.map, of_id.upper) == ((), ("NA",), {}, None)
    of_weight = read.rules_for("weight")
    assert (of_weight.not_answers, of_weight.decimal, of_weight.upper) == ((), ",", None)


def test_an_items_rules_go_before_those_of_value_and_of_everything() -> None:
    read = source(
        values={"q1": {"not_answers": [9]}, "value": {"not_answers": [8], "upper": 7}, "*": {"lower": 1}}
    )
    rules = read.rules_for("q1")
    assert (rules.not_answers, rules.upper, rules.lower) == (("9",), 7, 1)


def test_markers_written_as_numbers_are_texts() -> None:
    assert Rules.model_validate({"missing": [99, 99.0, -1.5, "NA", True]}).missing == (
        "99",
        "99",
        "-1.5",
        "NA",
        "true",
    )


def test_a_column_may_be_optional() -> None:
    form = source(columns={"respondent_id": "ID", "weight": {"from": "W", "optional": True}}).columns["weight"]
    assert isinstance(form, Taken)
    assert form.optional


def test_the_mapping_loads_nothing_heavy() -> None:
    code = (
        "import sys, nonagon.imports.mapping, nonagon.imports.check;"
        "heavy = ('polars', 'pyarrow', 'deltalake', 'numpy', 'fastexcel', 'charset_normalizer');"
        "print([module for module in heavy if module in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_mapping_as_json_reads_back_as_the_same_mapping() -> None:
    """What the web application stores: what was left unsaid stays unsaid, forms keep the names people write."""
    said = {
        "table": "answers",
        "files": "a.csv",
        "columns": {
            "respondent_id": {"join": ["A", {"file": r"(\d+)"}]},
            "wave": {"bucket": "Day", "by": "quarter"},
            "date": {"from": "Day", "optional": True},
        },
        "attributes": {"room": {"lookup": "b.csv", "key": "A", "match": "id", "take": "room"}},
        "items": {"q": ["Q1", "Q 1"]},
        "values": {"*": {"missing": ["-"]}, "q": {"cap": {"at": 9}, "upper": 5}, "date": {"formats": ["%d"]}},
        "filters": [{"column": "Day", "at_least": "2025-01-01"}],
    }
    source = Source.model_validate(said)
    stored = json.loads(json.dumps(source.model_dump(mode="json")))
    again = Source.model_validate(stored)
    assert again == source
    assert again.rules_for("q").missing == ("-",)
    fingerprint = {"mode": "json", "by_alias": True, "exclude_unset": True}
    assert json.dumps(again.model_dump(**fingerprint)) == json.dumps(source.model_dump(**fingerprint))  # type: ignore[arg-type]
