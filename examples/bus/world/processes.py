"""How the buses run: delays, cabin temperature, ticket machines, screens, complaints.

Within a phase each series is drawn point by point, and a point at which one of the eight Nelson rules would
fire is drawn again: a process in control, as a control chart sees it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from world.exports import Dialect, Folder
from world.truth import Truth

Floats = NDArray[np.float64]
_DEPARTURES = ("07:40", "09:10", "12:25", "16:05", "18:45")
_C4_OF_FIVE = 0.9400
_D2_OF_TWO = 1.128


@dataclass(frozen=True)
class Delays:
    """Departure delays in minutes: one row a day, one column a departure."""

    days: list[date]
    phase: list[str]
    minutes: Floats


def _quiet(z: list[float]) -> bool:
    """Whether no rule fires at the last of the standardised points. The margins allow for estimated limits."""
    run = z[-7:]
    rises = [later > earlier for earlier, later in pairwise(z)]
    return not (
        abs(z[-1]) > 2.75
        or (len(run) == 7 and (min(run) > -0.2 or max(run) < 0.2))
        or (len(rises) >= 4 and len(set(rises[-4:])) == 1)
        or (len(rises) >= 12 and all(a != b for a, b in zip(rises[-12:], rises[-11:], strict=False)))
        or max(sum(v > 1.8 for v in z[-3:]), sum(v < -1.8 for v in z[-3:])) >= 2
        or max(sum(v > 0.85 for v in z[-5:]), sum(v < -0.85 for v in z[-5:])) >= 4
        or (len(z) >= 11 and all(abs(v) < 1.1 for v in z[-11:]))
        or (len(z) >= 6 and all(abs(v) > 0.9 for v in z[-6:]))
    )


def _in_control(
    count: int, draw: Callable[[], Floats], charted: Callable[[list[Floats]], list[float]]
) -> list[Floats]:
    """`count` values of which no chart signals. charted: the last value as a standardised point on each chart."""
    kept: list[Floats] = []
    points: list[list[float]] = []
    tries = 0
    while len(kept) < count:
        kept.append(draw())
        points.append(charted(kept))
        tries += 1
        if all(_quiet(list(chart)) for chart in zip(*points[-14:], strict=True)):
            tries = 0
        else:
            # Where no point can follow (six above the centre, the last three falling), go back a little.
            back = 1 if tries < 200 else min(6, len(kept))
            tries = 0 if back > 1 else tries
            del kept[-back:], points[-back:]
    return kept


def _days(start: date, end: date, step: int = 1) -> list[date]:
    return [start + timedelta(days=step * number) for number in range((end - start).days // step + 1)]


def make_delays(truth: Truth) -> Delays:
    """Draw the delays of one line, phase by phase."""
    draw, settings = truth.stream("delays"), truth["processes"]["departure_delay"]
    days: list[date] = []
    names: list[str] = []
    minutes: list[Floats] = []
    for phase in settings["phases"]:
        within = _days(phase["start"], phase["end"])
        days += within
        names += [phase["phase"]] * len(within)
        drawn = np.array(_subgroups(draw, len(within), settings["size"]))
        # The phase has exactly the planted mean and the planted standard deviation within subgroups.
        within_sd = drawn.std(axis=1, ddof=1).mean() / _C4_OF_FIVE
        minutes += list(np.round(phase["mean"] + phase["sd"] * (drawn - drawn.mean()) / within_sd, 1))
    return Delays(days, names, np.array(minutes))


def _subgroups(draw: np.random.Generator, count: int, size: int) -> list[Floats]:
    """Subgroups of standard normal values."""

    def charted(kept: list[Floats]) -> list[float]:
        centre = kept[-1].mean() * np.sqrt(size)
        spread = (kept[-1].std(ddof=1) - _C4_OF_FIVE) / np.sqrt(1 - _C4_OF_FIVE**2)
        return [float(centre), float(spread)]

    return _in_control(count, lambda: draw.standard_normal(size), charted)


def write_processes(truth: Truth, delays: Delays, folder: Folder) -> None:
    """One file a process, each from the tool that measures it."""
    _write_delays(truth, delays, folder)
    _write_temperature(truth, folder)
    _write_notice_time(truth, folder)
    _write_counts(truth, folder)


def _write_delays(truth: Truth, delays: Delays, folder: Folder) -> None:
    name, line = "process/delays_C1.csv", truth["processes"]["departure_delay"]["line"]
    rows = [
        [line, f"{day:%Y-%m-%d} {clock}", f"{day:%Y-%m-%d}", phase, f"{value:.1f}"]
        for day, phase, values in zip(delays.days, delays.phase, delays.minutes, strict=True)
        for clock, value in zip(_DEPARTURES, values, strict=True)
    ]
    draw = truth.stream(name)
    for place in sorted(draw.choice(len(rows), truth.bad(name, "not_measured"), replace=False), reverse=True):
        like = rows[place]
        rows.insert(place, [line, f"{like[2]} 23:59", *like[2:4], "999"])
    folder.text(name, ["line", "departed_at", "day", "phase", "delay_min"], rows, Dialect(",", "utf-8", "\n"))


def _write_temperature(truth: Truth, folder: Folder) -> None:
    days, values = _singles(truth, "cabin_temperature")
    rows = [
        [f"{day:%d.%m.%Y} 14:00", f"{value:.2f}".replace(".", ",")]
        for day, value in zip(days, values, strict=True)
    ]
    header = ["Zeitpunkt", "Innentemperatur (°C)"]
    folder.text("process/cabin_temperature.csv", header, rows, Dialect(";", "cp1252", "\r\n"))


def _write_notice_time(truth: Truth, folder: Folder) -> None:
    days, values = _singles(truth, "notice_time")
    rows = [[f"{day:%Y-%m-%d}", f"{value:.2f}"] for day, value in zip(days, values, strict=True)]
    header = ["day", "minutes until passengers were told"]
    folder.text("process/notice_time.csv", header, rows, Dialect("\t", "utf-8", "\n"))


def _singles(truth: Truth, name: str) -> tuple[list[date], Floats]:
    """One value a day, with exactly the planted mean and standard deviation (as moving ranges see it)."""
    draw, settings = truth.stream(name), truth["processes"][name]
    days = _days(settings["start"], settings["end"])

    def charted(kept: list[Floats]) -> list[float]:
        # A moving range above 3.69 standard deviations would signal.
        moved = float(abs(kept[-1][0] - kept[-2][0])) if len(kept) > 1 else 0.0
        return [float(kept[-1][0]) if moved < 3.3 else 9.0]

    drawn = np.array(_in_control(len(days), lambda: draw.standard_normal(1), charted))[:, 0]
    spread = np.abs(np.diff(drawn)).mean() / _D2_OF_TWO
    return days, settings["mean"] + settings["sd"] * (drawn - drawn.mean()) / spread


def _write_counts(truth: Truth, folder: Folder) -> None:
    """Weekly counts in one long file: what was found among the checked, or a thousand trips or kilometres."""
    rows: list[list[str]] = []
    for name, settings in truth["processes"].items():
        if "checked" not in settings and "thousands" not in settings:
            continue
        draw = truth.stream(name)
        for phase in settings["phases"]:
            weeks = _days(phase["start"], phase["end"], 7)
            drawn = _weekly(draw, len(weeks), phase, settings)
            while abs(_distance(drawn, phase)) > 1:
                drawn = _weekly(draw, len(weeks), phase, settings)
            rows += [
                [name, f"{week:%Y-%m-%d}", phase["phase"], f"{count:.0f}", f"{size:g}"]
                for week, (count, size) in zip(weeks, drawn, strict=True)
            ]
    header = ["what", "week from", "phase", "count", "checked or thousands"]
    folder.text("process/weekly_counts.csv", header, rows, Dialect(",", "utf-8", "\n"))


def _weekly(
    draw: np.random.Generator, count: int, phase: dict[str, Any], settings: dict[str, Any]
) -> list[Floats]:
    def one() -> Floats:
        if "rate" in phase:
            size = round(settings["thousands"] * float(draw.uniform(0.94, 1.06)), 1)
            return np.array([draw.poisson(phase["rate"] * size), size])
        size = settings["checked"] - int(draw.integers(0, 12))
        return np.array([draw.binomial(size, phase["share"]), size])

    return _in_control(count, one, lambda kept: [_distance(kept[-1:], phase)])


def _distance(counted: list[Floats], phase: dict[str, Any]) -> float:
    """Of the counts from what was planted, in standard errors."""
    found, size = np.sum(counted, axis=0)
    if "rate" in phase:
        return float((found / size - phase["rate"]) / np.sqrt(phase["rate"] / size))
    return float((found / size - phase["share"]) / np.sqrt(phase["share"] * (1 - phase["share"]) / size))
