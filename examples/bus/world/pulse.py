"""Three questions after the trip, twelve passengers a day: the perception that is watched every day."""

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from world.chance import centred
from world.exports import Dialect, Folder
from world.people import People
from world.processes import Delays
from world.scales import latent_means, on_scale
from world.truth import Truth

QUESTIONS = {
    "punctual": "Was the bus on time?",
    "temperature": "Was the temperature on board right?",
    "staff": "Was the driver polite and helpful?",
}


def wanted(truth: Truth, delays: Delays, day: date) -> list[float]:
    """The planted mean of each question on a day."""
    settings, fall = truth["pulse"], truth["pulse"]["fall"]
    means = dict(settings["means"])
    if day >= fall["date"]:
        means[fall["need"]] += fall["points"]
    measured = delays.minutes[delays.days.index(day - timedelta(days=settings["lag_days"]))].mean()
    usual = truth["processes"]["departure_delay"]["phases"][-1]["mean"]
    means["punctual"] += settings["points_a_minute"] * (float(measured) - usual)
    return [means[question] for question in QUESTIONS]


def write_pulse(truth: Truth, people: People, delays: Delays, folder: Folder) -> None:
    """One long file a month: a row an answer."""
    draw, settings, one = truth.stream("pulse"), truth["pulse"], people.individuals
    riders = one.line == truth["processes"]["departure_delay"]["line"]
    noise = _noise(truth, draw)
    months: dict[str, list[list[str]]] = {}
    serial = 0
    for number in range((settings["end"] - settings["start"]).days + 1):
        day = settings["start"] + timedelta(days=number)
        present = np.flatnonzero(riders & one.present(truth.month(day)))
        asked = draw.choice(present, settings["a_day"], replace=False)
        means = latent_means(wanted=np.array(wanted(truth, delays, day)), sd=settings["sd"], low=1, high=7)
        scores = on_scale(means + settings["sd"] * noise[number], low=1, high=7)
        for position, row in zip(asked, scores, strict=True):
            serial += 1
            months.setdefault(f"{day:%Y-%m}", []).extend(
                [f"PU{serial:05d}", str(one.ids[position]), f"{day:%Y-%m-%d}", text, str(score)]
                for text, score in zip(QUESTIONS.values(), row.tolist(), strict=True)
            )
    for month, rows in months.items():
        header = ["questionnaire", "customer", "answered", "question", "score"]
        folder.text(f"pulse/pulse_{month}.csv", header, rows, Dialect(",", "utf-8", "\n"))


def _noise(truth: Truth, draw: np.random.Generator) -> NDArray[np.float64]:
    """By day, passenger and question; centred within each month, May without its first day."""
    settings = truth["pulse"]
    count = (settings["end"] - settings["start"]).days + 1
    days = [settings["start"] + timedelta(days=number) for number in range(count)]
    fall = settings["fall"]["date"]
    # Days of the month of the fall that lie before it belong to the month before.
    months = [
        truth.month(day) - int((day.year, day.month) == (fall.year, fall.month) and day < fall) for day in days
    ]
    group = np.repeat(np.array(months) - min(months), settings["a_day"])
    return centred(draw, group, len(QUESTIONS)).reshape(count, settings["a_day"], len(QUESTIONS))
