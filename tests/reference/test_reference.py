"""The reference cases, where they are present beside the repository."""

import json
from pathlib import Path

import pytest

from .run import adapters, differences

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "reference"
CASES = [
    pytest.param(case, id=case["id"])
    for path in sorted(FOLDER.glob("*.json"))
    for case in json.loads(path.read_text(encoding="utf-8"))
]


@pytest.mark.shared
@pytest.mark.skipif(not CASES, reason="the reference cases are not beside the repository")
@pytest.mark.parametrize("case", CASES)
def test_case(case: dict) -> None:
    assert differences(case, adapters()[case["method"]](case["inputs"])) == []
