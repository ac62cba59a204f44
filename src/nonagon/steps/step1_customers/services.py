"""Writes of step 1 in its own words: whether two records are one customer."""

from urllib.parse import urlencode

from django.utils.translation import gettext as _

from nonagon.accounts.access import Actor, Permission, require
from nonagon.process import documents
from nonagon.process.documents import DocumentError, Saved, Wrong
from nonagon.process.edits import Edit
from nonagon.process.models import Cycle
from nonagon.steps.step1_customers.decisions import Step1Decisions

STEP = 1
VERDICTS = ("same", "different")


def decide_pair(*, actor: Actor, cycle: Cycle, first: str, second: str, verdict: str) -> Saved:
    """Decides that two records are one customer (`same`) or two (`different`); "" takes the verdict back.

    first, second: customer ids, in any order. The records themselves stay as they are, so a verdict can be taken
    back. Raises DocumentError for another verdict and for one record with itself.
    """
    require(actor, cycle, Permission.EDIT)
    if verdict not in {*VERDICTS, ""} or not first or not second or first == second:
        said = _("Name two records and say whether they are the same customer, or different ones.")
        raise DocumentError([Wrong(("duplicates",), said)])
    decisions, number = documents.current(cycle, STEP)
    assert isinstance(decisions, Step1Decisions)
    pair = {"first": first, "second": second}
    if any((one.first, one.second) == (second, first) for one in decisions.duplicates):
        pair = {"first": second, "second": first}
    value = {**pair, "verdict": verdict} if verdict else None
    edit = Edit("put", ("duplicates", "@" + urlencode(pair)), value=value)
    return documents.edit(actor=actor, cycle=cycle, step=STEP, edits=[edit], base=number)
