"""What a page costs: its number of queries is held, and no page computes statistics."""

import json
import os
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from builders.pages import CHOSEN, addresses, filled

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
BASELINE = ROOT / "bench" / "web_queries.json"
"""Queries of each page on the small cycle. `WRITE_QUERIES=1 pytest tests/web/test_queries.py` writes it anew."""


def pages(client: Any, key: str) -> list[str]:
    """The addresses that answer with a page."""
    found = []
    for path in (*addresses(), *CHOSEN):
        answer = client.get(filled(path, key))
        assert answer.status_code < 500, path
        kind = answer.headers.get("Content-Type", "")
        if answer.status_code == 200 and kind.startswith("text/html"):
            found.append(path)
    return found


def test_no_page_asks_the_database_more_often_than_it_did(
    computed_cycle: Any, client_of: Callable[[str], Any], actor_of: Callable[[str], Any]
) -> None:
    from nonagon.process import audit

    client = client_of("owner")
    audit.note(actor_of("owner"), "cycle.copy", cycle=computed_cycle)  # an empty log is not even asked for
    counted = {}
    for path in pages(client, computed_cycle.key):
        with CaptureQueriesContext(connection) as queries:
            client.get(filled(path, computed_cycle.key))
        counted[path] = len(queries)
    if os.environ.get("WRITE_QUERIES"):
        BASELINE.write_text(json.dumps(counted, indent=1) + "\n", encoding="utf-8")
    held = json.loads(BASELINE.read_text(encoding="utf-8"))
    new = sorted(set(counted) - set(held))
    assert not new, f"pages without a baseline: {new}; see BASELINE above"
    more = {path: (count, held[path]) for path, count in counted.items() if count > held[path]}
    assert not more, f"more queries than in {BASELINE.name} (now, before): {more}"


def test_queries_do_not_grow_with_the_cycles_of_others(
    computed_cycle: Any,
    client_of: Callable[[str], Any],
    other_organization: Any,
    django_assert_max_num_queries: Any,
) -> None:
    from nonagon.process.models import Cycle

    client = client_of("owner")
    with CaptureQueriesContext(connection) as before:
        client.get("/")
    for number in range(5):
        Cycle.objects.create(key=f"x{number}", organization=other_organization, name="x")
    with django_assert_max_num_queries(len(before)):
        client.get("/")


def _is_work(file: str) -> str | None:
    """What of the computing a source file is; None for everything else."""
    if "/nonagon/methods/" in file:
        return "methods"
    if "/nonagon/engine/" in file:
        return "engine"
    if "/nonagon/steps/" in file and "/analysis/" in file:
        return "analysis"
    return None


class Watch:
    """Notes every call into the parts of the product that compute, in this thread."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()

    def __enter__(self) -> "Watch":
        sys.setprofile(self._note)
        return self

    def __exit__(self, *_given: object) -> None:
        sys.setprofile(None)

    def _note(self, frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        # Running a module's own text is loading it, not computing.
        if (
            event == "call"
            and code.co_name not in {"<module>", "<genexpr>", "<lambda>"}
            and "<" not in code.co_name
        ):
            part = _is_work(code.co_filename)
            if part is not None and not _loads(frame):
                self.calls[f"{part}: {Path(code.co_filename).stem}.{code.co_name}"] += 1


def _loads(frame: FrameType | None) -> bool:
    """Whether a module is being loaded."""
    while frame is not None:
        if frame.f_code.co_name == "<module>" and frame.f_code.co_filename.startswith(str(ROOT / "src")):
            return True
        frame = frame.f_back
    return False


def test_the_watch_sees_computing(computed_cycle: Any) -> None:
    from builders.web import Silent
    from nonagon.process.models import Result
    from nonagon.workspace.compute import compute_cycle

    Result.objects.all().delete()
    with Watch() as watch:
        compute_cycle(computed_cycle, Silent())
    assert {one.partition(":")[0] for one in watch.calls} == {"methods", "engine", "analysis"}


NAMES = "analysis: rows."
"""The rows of the House of Quality are listed and named by the analysis' own function; it computes no number."""
ROWS_OF_FACTS = {
    "/c/{key}/aftersales/cases/low-scores/",
    "/c/{key}/characteristics/",
    "/c/{key}/customers/",
    "/c/{key}/customers/register/",
    "/c/{key}/needs/verbatims/",
    "/c/{key}/trace/",
}
"""Pages that list rows of the facts (answers, comments, customers, values of attributes): rows, not numbers."""


def test_no_page_computes_statistics(computed_cycle: Any, client_of: Callable[[str], Any]) -> None:
    client = client_of("owner")
    found = {}
    for path in pages(client, computed_cycle.key):  # asked for once: what is loaded late is loaded now
        with Watch() as watch:
            client.get(filled(path, computed_cycle.key))
        if watch.calls:
            found[path] = dict(watch.calls.most_common(8))
    computing = {
        path: said for path, said in found.items() if any(not one.startswith(("engine", NAMES)) for one in said)
    }
    assert not computing, computing
    asking = {path: said for path, said in found.items() if path.partition("?")[0] not in ROWS_OF_FACTS}
    assert not asking, asking
