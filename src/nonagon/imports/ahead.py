"""Reading one chunk ahead, so that reading and judging keep two processors busy."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def ahead(things: Iterator[T]) -> Generator[T, None, None]:
    """The same things in the same order; the next one is made in another thread while one is being used.

    What making one raises is raised here, at its turn.

    >>> list(ahead(iter("abc")))
    ['a', 'b', 'c']
    """
    with ThreadPoolExecutor(1, "reading ahead") as reader:
        coming = reader.submit(next, things, None)
        while (thing := coming.result()) is not None:
            coming = reader.submit(next, things, None)
            yield thing
