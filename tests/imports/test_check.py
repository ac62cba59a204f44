"""What `nonagon check` finds in the sources: every mistake at once, quickly, each with file, line and key."""

import textwrap
import tomllib
from pathlib import Path

import pytest

from nonagon.basics.errors import Mistake
from nonagon.imports.check import mistakes_of_sources
from nonagon.imports.files import NoFile, matching
from nonagon.imports.headers import Ambiguous, NotFound, position_of
from nonagon.imports.mapping import Source

TEXT = textwrap.dedent("""\
    name = "Buses"
    [data.survey]
    table = "answers"
    files = "wave*.csv"
    [data.survey.columns]
    respondent_id = ["RESPNUM", "*RESPNUM"]
    date = "Day"
    [data.survey.items]
    clean = ["Q1", "Clean"]
    fast = "Q2"
    [[data.survey.filters]]
    column = "Q3"
    one_of = 1
    """)


def found(folder: Path, text: str = TEXT) -> list[Mistake]:
    sources = {name: Source.model_validate(entry) for name, entry in tomllib.loads(text)["data"].items()}
    return mistakes_of_sources(sources, folder, file="cycle.toml", text=text)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "wave1.csv").write_text("RESPNUM,Day,Q1,Q2,Q3\n1,2018-01-01,5,5,1\n")
    (tmp_path / "wave2.csv").write_text("*RESPNUM,Day,clean,Q3\n1,2018-01-01,5,1\n")
    return tmp_path


def test_nothing_is_wrong_with_drifting_headers(folder: Path) -> None:
    assert found(folder) == []


def test_a_question_that_no_file_has_is_a_mistake(folder: Path) -> None:
    (mistake,) = found(folder, TEXT.replace('fast = "Q2"', 'fast = "Q 2"'))
    assert (mistake.line, mistake.key) == (10, "data.survey.items.fast")
    assert "wave1.csv has no column 'Q 2'; did you mean 'Q2'" in mistake.message
    assert "and so 1 more of its 2 files" in mistake.message


def test_a_column_that_one_file_lacks_is_a_mistake(folder: Path) -> None:
    (folder / "wave3.csv").write_text("RESPNUM,Datum,Q1,Q3\n1,2018-01-01,5,1\n")
    (mistake,) = found(folder)
    assert (mistake.line, mistake.key) == (7, "data.survey.columns.date")
    assert "wave3.csv has no column 'Day'" in mistake.message


def test_a_filter_needs_its_column(folder: Path) -> None:
    (mistake,) = found(folder, TEXT.replace('column = "Q3"', 'column = "Q9"'))
    assert (mistake.line, mistake.key) == (11, "data.survey.filters.0")


def test_headers_that_stand_twice_are_named_by_their_places(folder: Path) -> None:
    (folder / "wave1.csv").write_text("RESPNUM,Day,Q1,Q1,Q2,Q3\n1,2018-01-01,5,4,5,1\n")
    (mistake,) = found(folder)
    assert "'Q1' stands 2 times in the header; name the one you mean by its place: #3 and #4" in mistake.message
    assert found(folder, TEXT.replace('["Q1", "Clean"]', '["#4", "Clean"]')) == []


def test_files_that_are_not_there(folder: Path) -> None:
    (mistake,) = found(folder, TEXT.replace("wave*.csv", "waves*.csv"))
    assert (mistake.line, mistake.key) == (4, "data.survey.files")
    assert "the pattern 'waves*.csv' matches nothing; did you mean wave" in mistake.message
    assert "wave1.csv, wave2.csv" in mistake.message


@pytest.mark.parametrize(("content", "said"), [("", "is empty"), ("RESPNUM,Day,Q1,Q2,Q3\n", "no records")])
def test_empty_files(folder: Path, content: str, said: str) -> None:
    (folder / "wave2.csv").write_text(content)
    (mistake,) = found(folder)
    assert Path(mistake.file).name == "wave2.csv"
    assert said in mistake.message


def test_matching_files_come_once_and_in_order(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "wave0.csv").write_text("x")
    names = [name for name, _ in matching(["wave2.csv", "**/wave*.csv"], folder)]
    assert names == ["wave2.csv", "sub/wave0.csv", "wave1.csv"]
    with pytest.raises(NoFile, match="is a folder"):
        matching(["sub"], folder)
    with pytest.raises(NoFile, match="is not there"):
        matching(["x"], folder / "nowhere")


def test_the_exact_spelling_wins() -> None:
    assert position_of(["delay"], ["Delay", "delay"]) == 1
    assert position_of(["MIN  delay"], ["Route", "Min Delay"]) == 1
    assert position_of(["#2"], ["a", "b"]) == 1
    assert position_of(["#2"], ["#2", "b"]) == 1
    with pytest.raises(NotFound):
        position_of(["#3"], ["a", "b"])
    with pytest.raises(Ambiguous):
        position_of(["DELAY"], ["Delay", "delay"])
