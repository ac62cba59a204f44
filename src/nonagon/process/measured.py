"""The facts of a cycle, opened for the few reads that pages make of them, such as the texts of verbatims."""

import threading
from collections import OrderedDict
from pathlib import Path

from nonagon.engine.facts import Facts
from nonagon.facts.schemas import SCHEMAS
from nonagon.facts.store import FactStore
from nonagon.process import documents
from nonagon.process.models import Cycle
from nonagon.process.places import out_of

MOST_OPEN = 2
"""Cycles whose facts a thread keeps open: opening takes longer than what most pages ask, and some megabytes."""


def facts_of(cycle: Cycle) -> Facts:
    """The fact tables as last imported; without any where nothing was imported yet.

    They stay open for the thread's next pages, until others are asked for or a table has a newer version. What a
    version of a table holds never changes, so what was read of these facts holds as long as they are open.
    """
    head, _number = documents.current(cycle, 0)
    store = FactStore(out_of(cycle) / "facts")
    found = Facts.stored(store, our_subject=str(getattr(head, "subject", "us")))
    versions = (*found.labels(*SCHEMAS), found.identities)
    return _open.kept((store.folder, found.our_subject, versions), found)


class _Open(threading.local):
    """The facts that a thread has open, those asked for last at the end: a connection serves one thread."""

    def __init__(self) -> None:
        self.facts: OrderedDict[tuple[Path, str, tuple[str, ...]], Facts] = OrderedDict()

    def kept(self, key: tuple[Path, str, tuple[str, ...]], found: Facts) -> Facts:
        """What is open under the key, or `found` from now on. Facts that are dropped close themselves."""
        self.facts.setdefault(key, found)
        self.facts.move_to_end(key)
        while len(self.facts) > MOST_OPEN:
            self.facts.popitem(last=False)
        return self.facts[key]


_open = _Open()
