"""What tests of the process share: a worker that runs what a test hands it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest


@pytest.fixture
def handled() -> Iterator[Callable[[str, Any], None]]:
    """`handled("compute", function)`: what the worker does for jobs of that kind, until the test is over."""
    from nonagon.process import jobs

    before = dict(jobs._handlers)

    def declare(kind: str, function: Any) -> None:
        jobs._handlers[kind] = function

    yield declare
    jobs._handlers.clear()
    jobs._handlers.update(before)
