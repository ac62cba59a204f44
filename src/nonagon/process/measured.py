"""The facts of a cycle, opened for the few reads that pages make of them, such as the texts of verbatims."""

from nonagon.engine.facts import Facts
from nonagon.facts.store import FactStore
from nonagon.process import documents
from nonagon.process.models import Cycle
from nonagon.process.places import out_of


def facts_of(cycle: Cycle) -> Facts:
    """The fact tables as last imported; without any where nothing was imported yet."""
    head, _number = documents.current(cycle, 0)
    return Facts.stored(FactStore(out_of(cycle) / "facts"), our_subject=str(getattr(head, "subject", "us")))
