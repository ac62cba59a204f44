"""The page of step 2."""

from django.http import HttpRequest, HttpResponse

from nonagon.steps.step2_market import selectors
from nonagon.ui.frame import cycle_of, step_page


def page(request: HttpRequest, key: str) -> HttpResponse:
    """The frame of the step with the SWOT board and its other decisions."""
    _actor, cycle = cycle_of(request, key)
    board = selectors.board(cycle)
    more = {
        "board": list(board.items()),
        "standing": [one for entries in board.values() for one in entries if one.stands],
        "undecided": sum(
            1 for entries in board.values() for one in entries if not one.stands and not one.decision
        ),
    }
    return step_page(request, key, 2, template="step2/page.html", context=more)
