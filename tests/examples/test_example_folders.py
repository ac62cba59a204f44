"""The examples' folders hold together without their data: mapping, decisions and every reference between them."""

import re
import tomllib
from pathlib import Path

import pytest

from nonagon.pipeline.folder import folder_mistakes

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NAMES = ("albany", "bus", "toronto")


@pytest.mark.parametrize("name", NAMES)
def test_no_mistake_in_mapping_and_decisions(name: str) -> None:
    assert folder_mistakes(EXAMPLES / name) == []


@pytest.mark.parametrize("name", ["albany", "toronto"])
def test_real_data_stay_out_of_the_repository(name: str) -> None:
    """Only the mapping, the questions, the decisions and the page about them."""
    allowed = re.compile(r"cycle\.toml|items\.csv|README\.md|decisions/[a-z_0-9]+\.(?:csv|toml)")
    files = [
        path.relative_to(EXAMPLES / name).as_posix() for path in (EXAMPLES / name).rglob("*") if path.is_file()
    ]
    found = [file for file in files if not file.startswith("out/")]
    assert [file for file in found if not allowed.fullmatch(file)] == []


def test_names_of_hosts_and_guests_are_not_read() -> None:
    mapping = tomllib.loads((EXAMPLES / "albany" / "cycle.toml").read_text(encoding="utf-8"))["data"]
    said = str([[one.get("columns"), one.get("attributes")] for one in mapping.values()])
    assert not re.search(r"host_name|reviewer_name|picture|thumbnail|_url|about", said)
