"""Follow-up cases as the customer office writes them down, in the columns of decisions/cases.csv."""

from datetime import date, timedelta

import numpy as np

from world.chance import choose, even
from world.truth import Truth

# What each kind of case is to the cycle: kind, need, causes, actions.
_SORTS = {
    "delay": ("complaint", "punctual", ("driver short", "road works", "late depot exit"), "turn times lengthened"),
    "lost_property": ("request", "staff", ("bus not searched at the end",), "search at the last stop"),
    "driver": ("complaint", "staff", ("stress at a late running", "no training"), "talk and training"),
    "refund": ("request", "price", ("machine took the money", "double booking"), "refund paid"),
    "cleanliness": (
        "complaint",
        "clean",
        ("no time to clean at the terminus", "cleaner short"),
        "cleaning turned",
    ),
    "temperature": (
        "low_score",
        "temperature",
        ("thermostat set for winter", "door left open"),
        "setting changed",
    ),
}
CASE_COLUMNS = (
    *(
        "id",
        "kind",
        "opened",
        "acknowledged",
        "answered",
        "closed",
        "severity",
        "need",
        "version",
        "cause",
        "action",
    ),
    *("outcome", "satisfied", "follow_up"),
)


def make_cases(truth: Truth) -> list[list[str]]:
    """The cases in the order of their opening; the last ones are open still."""
    draw, settings = truth.stream("cases"), truth["cases"]
    total, still_open = settings["total"], settings["open"]
    same = np.zeros(total, dtype=np.int64)
    sorts = [
        list(settings["kinds"])[place]
        for place in choose(np.array(list(settings["kinds"].values())), even(draw, same))
    ]
    quick, soon = (
        even(draw, same) < settings["acknowledged_in_time"],
        even(draw, same) < settings["closed_in_time"],
    )
    asked, happy = even(draw, same) < settings["asked"], even(draw, same) < settings["satisfied"]
    rows = []
    for number, opened in enumerate(_openings(truth, draw, total, still_open)):
        kind, need, causes, action = _SORTS[sorts[number]]
        acknowledged = opened + timedelta(days=int(draw.integers(0, 3) if quick[number] else draw.integers(3, 6)))
        took = int(draw.integers(3, 19) if soon[number] else draw.integers(21, 40))
        closed = acknowledged + timedelta(days=max(took - (acknowledged - opened).days, 1))
        ended = number < total - still_open and closed <= settings["ends"]
        answered = min(acknowledged + timedelta(days=int(draw.integers(1, 6))), closed)
        outcome = str(
            draw.choice(["solved", "partly_solved", "not_solved", "withdrawn"], p=[0.74, 0.14, 0.08, 0.04])
        )
        satisfied = ("true" if happy[number] else "false") if ended and asked[number] else ""
        rows.append(
            [
                *(f"CASE{number + 1:03d}", kind, str(opened), _if(acknowledged, settings["ends"])),
                *(str(answered) if ended else "", str(closed) if ended else ""),
                str(draw.choice(["low", "medium", "high"], p=[0.35, 0.5, 0.15])),
                *(need, truth["sales"]["version_after"], str(draw.choice(causes)) if ended else ""),
                *(action if ended else "", outcome if ended else "", satisfied),
                "after_trip" if kind == "low_score" else "",
            ]
        )
    return rows


def _openings(truth: Truth, draw: np.random.Generator, total: int, still_open: int) -> list[date]:
    """Days of opening: the open ones in the last fortnight, all others early enough to be closed."""
    starts, ends = truth["cases"]["starts"], truth["cases"]["ends"]
    span = (ends - starts).days - 45
    days = np.sort(draw.integers(0, span, total - still_open)).tolist()
    days += np.sort((ends - starts).days - draw.integers(3, 14, still_open)).tolist()
    return [starts + timedelta(days=int(day)) for day in days]


def _if(day: date, last: date) -> str:
    return str(day) if day <= last else ""
