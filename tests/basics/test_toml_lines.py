"""Lines of keys in TOML: checked against texts whose lines can be counted by eye, and against tomllib's paths."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonagon.basics.toml_lines import key_lines, line_of

TEXT = '''name = "Buses" # [not.a.table]
scope = """
[also.not] = 1
key = 2
"""
items = [
  "a = 1", # b = 2
  "]",
]

[data.survey]
table = "answers"
files = ["a.csv", 'b"c.csv']
columns.respondent_id = "RESPNUM"
columns."quoted.key" = "x"
values = { "*" = { missing = ["NA"] }, other = 1 }

[[data.survey.filters]]
column = "A"

[[data.survey.filters]]
column = "B"
tests.one_of = [
  1,
]

[project.'single "quoted"']
id = \'\'\'
x = 1\'\'\'
last = true
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("name",), 1),
        (("scope",), 2),
        (("items",), 6),
        (("items", 1), 6),
        (("data",), 11),
        (("data", "survey"), 11),
        (("data", "survey", "table"), 12),
        (("data", "survey", "files", 1), 13),
        (("data", "survey", "columns", "respondent_id"), 14),
        (("data", "survey", "columns", "quoted.key"), 15),
        (("data", "survey", "columns", "value"), 14),
        (("data", "survey", "values", "*", "missing"), 16),
        (("data", "survey", "filters", 0, "column"), 19),
        (("data", "survey", "filters", 1), 21),
        (("data", "survey", "filters", 1, "column"), 22),
        (("data", "survey", "filters", 1, "tests", "one_of"), 23),
        (("data", "survey", "filters", 1, "below"), 21),
        (("project", 'single "quoted"', "id"), 28),
        (("project", 'single "quoted"', "last"), 30),
        (("nowhere",), None),
        ((), None),
    ],
)
def test_line_of_a_key_counted_by_eye(path: tuple[str | int, ...], line: int | None) -> None:
    assert line_of(TEXT, path) == line


def test_every_key_that_tomllib_sees_has_a_line() -> None:
    def tables(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
        if isinstance(value, dict):
            return [path, *(p for key, inner in value.items() for p in tables(inner, (*path, key)))]
        return [path]

    for path in tables(tomllib.loads(TEXT)):
        if path:
            assert line_of(TEXT, path) is not None


keys = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=6)
strings = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12)


@given(st.dictionaries(keys, strings, min_size=1, max_size=8))
def test_keys_of_generated_texts_stand_in_the_line_that_they_were_written_in(entries: dict[str, str]) -> None:
    quoted = [value.replace("\\", "\\\\").replace('"', '\\"') for value in entries.values()]
    text = "[top]\n" + "\n".join(f'{key} = "{value}"' for key, value in zip(entries, quoted, strict=True))
    for place, key in enumerate(entries):
        assert line_of(text, ("top", key)) == place + 2


@given(st.text(max_size=200))
def test_no_text_makes_it_fail(text: str) -> None:
    lines = key_lines(text)
    assert all(1 <= line <= text.count("\n") + 1 for line in lines.values())
