"""One document, its lists beside it: every mistake with file, line and key."""

from datetime import date
from pathlib import Path

import pytest
from pydantic import Field

from nonagon.deliverables.evidence import Number, Value
from nonagon.pipeline.documents import Reading, read_document


class Cost(Value):
    amount: Number = Field(gt=0)
    currency: str = "EUR"


class Task(Value):
    id: str
    days: int = Field(1, ge=0)
    start: date | None = None
    after: tuple[str, ...] = ()
    cost: Cost | None = None


class Plan(Value):
    name: str = ""
    limit: Number | None = None
    tasks: tuple[Task, ...] = ()
    by_team: dict[str, Task] = Field(default={})


LISTS = {"tasks": "tasks.csv"}


def read(folder: Path, toml: str | None = None, tasks: str | bytes | None = None) -> Reading[Plan]:
    if toml is not None:
        (folder / "plan.toml").write_text(toml, encoding="utf-8")
    if isinstance(tasks, bytes):
        (folder / "tasks.csv").write_bytes(tasks)
    elif tasks is not None:
        (folder / "tasks.csv").write_text(tasks, encoding="utf-8", newline="")
    return read_document(Plan, folder / "plan.toml", LISTS)


def said(folder: Path, reading: Reading[Plan]) -> list[str]:
    """The mistakes as the user sees them, without the folder."""
    return [str(one).replace(f"{folder}/", "") for one in reading.mistakes]


# --- what is right


def test_a_missing_document_is_an_empty_one(tmp_path: Path) -> None:
    assert read(tmp_path) == Reading(Plan(), read(tmp_path).places)


def test_toml_and_list_make_one_value(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        'name = "upgrade"\nlimit = 5\n',
        "id,days,start,after\nA,2,2026-01-05,\nB,,,A; C ;\nC,0,,\n",
    )
    assert reading.mistakes == ()
    assert reading.value == Plan(
        name="upgrade",
        limit=5,
        tasks=(
            Task(id="A", days=2, start=date(2026, 1, 5)),
            Task(id="B", after=("A", "C")),
            Task(id="C", days=0),
        ),
    )


@pytest.mark.parametrize(
    "tasks",
    [
        "id,days\r\nA,2\r\n\r\nB,3\r\n",
        "\ufeffid,days\nA,2\n ,\nB,3\n",
        'id,days\n"A","2"\nB,3',
        " id , days \n A , 2 \n B , 3 \n",
    ],
    ids=["blank line and CRLF", "byte order mark and a row of blanks", "quotes, no last newline", "blanks around"],
)
def test_the_same_list_in_several_hands(tmp_path: Path, tasks: str) -> None:
    assert read(tmp_path, "", tasks).value == Plan(tasks=(Task(id="A", days=2), Task(id="B", days=3)))


def test_a_cell_may_hold_line_breaks_and_unusual_separators(tmp_path: Path) -> None:
    reading = read(tmp_path, "", 'id,days\n"two\nlines",1\n"a\u2028b",x\n')
    # the record with the wrong cell begins on line 4: the one before takes two lines
    assert said(tmp_path, reading) == ["tasks.csv:4: days: must be a whole number; got 'x'"]


def test_the_same_separators_outside_quotes_do_not_part_records(tmp_path: Path) -> None:
    value = read(tmp_path, "", "id,days\na\u2028b,1\nc\x85d,2\n").value
    assert value is not None
    assert [one.id for one in value.tasks] == ["a\u2028b", "c\x85d"]


# --- what is wrong in the TOML


@pytest.mark.parametrize(
    ("toml", "mistake"),
    [
        ('name = "x"\nlimit = = 2\n', "plan.toml:2: is not valid TOML here: Invalid value"),
        ('name = "x', "plan.toml:1: is not valid TOML here: Unterminated string"),
        (
            "limit = nan\n",
            "plan.toml:1: limit: a number in a deliverable must be finite; got nan",
        ),
        (
            'name = "x"\nlimit = "much"\n',
            "plan.toml:2: limit: must be a number with a point for decimals; got 'much'",
        ),
        ('nam = "x"\n', "plan.toml:1: nam: is no key here; did you mean name?"),
        (
            "colour = 1\n",
            "plan.toml:1: colour: is no key here; known are name, limit, tasks, by_team",
        ),
        ("[[tasks]]\ndays = 1\n", "plan.toml:1: tasks[1].id: is missing; add it"),
        (
            '[[tasks]]\nid = "A"\n[[tasks]]\nid = "B"\ndays = -1\n',
            "plan.toml:5: tasks[2].days: must be greater than or equal to 0; got -1",
        ),
        (
            '[[tasks]]\nid = "A"\ndayz = 1\n',
            "plan.toml:3: tasks[1].dayz: is no key here; did you mean days?",
        ),
        (
            '[[tasks]]\nid = "A"\n[tasks.cost]\namount = 1\ncurency = "EUR"\n',
            "plan.toml:5: tasks[1].cost.curency: is no key here; did you mean currency?",
        ),
        (
            '[by_team.north]\nid = "A"\n[by_team.north.cost]\namount = 0\n',
            "plan.toml:4: by_team.north.cost.amount: must be greater than 0; got 0",
        ),
        (
            '[by_team.north]\nid = "A"\nstrat = 2026-01-01\n',
            "plan.toml:3: by_team.north.strat: is no key here; did you mean start?",
        ),
        ('tasks = "A"\n', "plan.toml:1: tasks: must be a valid tuple; got 'A'"),
    ],
)
def test_a_mistake_in_the_toml(tmp_path: Path, toml: str, mistake: str) -> None:
    reading = read(tmp_path, toml)
    assert said(tmp_path, reading) == [mistake]
    assert reading.value is None


def test_text_in_another_encoding_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_bytes('limit = 1\nname = "Zürich"\n'.encode("latin-1"))
    assert said(tmp_path, read(tmp_path)) == [
        "plan.toml:2: is not UTF-8 text: invalid start byte; save the file as UTF-8"
    ]


def test_a_folder_in_the_place_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").mkdir()
    assert said(tmp_path, read(tmp_path)) == ["plan.toml: cannot be read: Is a directory"]


# --- what is wrong in a list


@pytest.mark.parametrize(
    ("tasks", "mistakes"),
    [
        ("", ["tasks.csv: is empty; the first line must name the columns"]),
        ("\n \n", ["tasks.csv: is empty; the first line must name the columns"]),
        ("id,dais\nA,2\n", ["tasks.csv:1: dais: is no column here; did you mean days?"]),
        (
            "id,colour\nA,2\n",
            ["tasks.csv:1: colour: is no column here; known are id, days, start, after, cost"],
        ),
        ("id,days,id\nA,2,B\n", ["tasks.csv:1: id: stands twice in the header; keep one"]),
        ("days\n2\n3\n", ["tasks.csv:1: id: is a column that must be there; add it"]),
        ("id;days\nA;two\n", ["tasks.csv:2: days: must be a whole number; got 'two'"]),
        (
            "id,days\nA,2\nB\nC,1,2\n",
            [
                "tasks.csv:3: has 1 cell, but the header has 2 columns",
                "tasks.csv:4: has 3 cells, but the header has 2 columns",
            ],
        ),
        (
            'id,days\nA,2\n"B,1\nC,4\n',
            ["tasks.csv:3: is not valid CSV: unexpected end of data; is a quote left open?"],
        ),
        (
            'id,days\n"A"x,2\n',
            ["tasks.csv:2: is not valid CSV: ',' expected after '\"'; is a quote left open?"],
        ),
        (
            "id,days,start\n\nA,two,2026-13-01\n",
            [
                "tasks.csv:3: days: must be a whole number; got 'two'",
                "tasks.csv:3: start: must be a day such as 2026-01-31; got '2026-13-01'",
            ],
        ),
        ("id,days\nA,1\n,2\n", ["tasks.csv:3: id: is missing; add it"]),
    ],
)
def test_a_mistake_in_a_list(tmp_path: Path, tasks: str, mistakes: list[str]) -> None:
    reading = read(tmp_path, 'name = "x"\n', tasks)
    assert said(tmp_path, reading) == mistakes
    assert reading.value is None


def test_a_list_in_another_encoding(tmp_path: Path) -> None:
    reading = read(tmp_path, "", "id,days\nA,1\nZürich,2\n".encode("latin-1"))
    assert said(tmp_path, reading) == [
        "tasks.csv:3: is not UTF-8 text: invalid start byte; save the file as UTF-8"
    ]


def test_a_list_that_is_given_twice(tmp_path: Path) -> None:
    reading = read(tmp_path, 'name = "x"\n[[tasks]]\nid = "A"\n', "id\nB\n")
    assert said(tmp_path, reading) == ["plan.toml:2: tasks: stands here and in tasks.csv; keep one of them"]


def test_all_mistakes_come_at_once(tmp_path: Path) -> None:
    reading = read(tmp_path, 'nam = "x"\nlimit = "much"\n', "id,days,dais\nA,two,\nB\n")
    assert said(tmp_path, reading) == [
        "tasks.csv:1: dais: is no column here; did you mean days?",
        "tasks.csv:3: has 1 cell, but the header has 3 columns",
        "plan.toml:2: limit: must be a number with a point for decimals; got 'much'",
        "tasks.csv:2: days: must be a whole number; got 'two'",
        "plan.toml:1: nam: is no key here; did you mean name?",
    ]


def test_a_list_is_read_also_where_the_toml_is_broken(tmp_path: Path) -> None:
    reading = read(tmp_path, "name = \n", "id,days\nA\n")
    assert said(tmp_path, reading) == [
        "plan.toml:1: is not valid TOML here: Invalid value",
        "tasks.csv:2: has 1 cell, but the header has 2 columns",
    ]


def test_places_name_the_line_of_a_row_or_of_a_key(tmp_path: Path) -> None:
    places = read(tmp_path, "# first\nlimit = 1\n", "id,days\nA,1\n\nB,2\n").places
    in_list = places.mistake(("tasks", 1, "after", 0), "is wrong")
    assert (in_list.file, in_list.line, in_list.key) == (tmp_path / "tasks.csv", 4, "after.0")
    whole_list = places.mistake(("tasks",), "is wrong")
    assert (whole_list.file, whole_list.line) == (tmp_path / "tasks.csv", None)
    in_toml = places.mistake(("limit",), "is wrong")
    assert (in_toml.file, in_toml.line, in_toml.key) == (tmp_path / "plan.toml", 2, "limit")


def test_a_number_that_may_mean_thousands_is_not_guessed(tmp_path: Path) -> None:
    class Month(Value):
        month: str
        amount: float

    class Funds(Value):
        funds: tuple[Month, ...] = ()

    (tmp_path / "funds.csv").write_text("month;amount\n2026-01;25.000\n2026-02;25000\n2026-03;0.125\n", "utf-8")
    reading = read_document(Funds, tmp_path / "plan.toml", {"funds": "funds.csv"})
    assert [one.message for one in reading.mistakes] == ["may mean 25000 or 25; write it without points"]
    assert reading.mistakes[0].line == 2
