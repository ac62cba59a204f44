"""Six waves of one questionnaire: expectations, ratings, importance, competitors, Kano pairs in one wave."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from world.chance import centred, groups_of
from world.exports import Dialect, Folder
from world.people import AGES, Individuals, People
from world.scales import latent_means, on_scale
from world.truth import Truth

Texts = NDArray[np.str_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TEXTS = {
    "punctual": "departs and arrives on time",
    "information": "tells me at once when something changes",
    "frequency": "runs often enough",
    "seats": "seats are comfortable",
    "temperature": "cabin is neither too hot nor too cold",
    "clean": "bus is clean",
    "entertainment": "something to do on the way",
    "staff": "drivers are polite and help",
    "safety": "drives safely",
    "tickets": "buying a ticket is easy",
    "price": "price is fair",
    "access": "getting on is easy with a pram or a wheelchair",
}
_OVERALL = 4.7
# Shares within 0-6, 7-8 and 9-10 of the likelihood to recommend.
_DETRACTORS = (0.04, 0.03, 0.06, 0.10, 0.14, 0.28, 0.35)
_PASSIVES = (0.45, 0.55)
_PROMOTERS = (0.55, 0.45)
# Pairs of answers (if it is there, if it is not; 1 I like it ... 5 I dislike it) of each class in Kano's table.
_KANO = {
    "attractive": ((1, 2), (1, 3), (1, 4)),
    "one-dimensional": ((1, 5),),
    "must-be": ((2, 5), (3, 5), (4, 5)),
    "indifferent": ((2, 3), (3, 3), (3, 2), (4, 3)),
}


@dataclass(frozen=True)
class Headers:
    """The names that the survey tool gave the columns in one release."""

    respondent: str
    customer: str
    day: str
    line: str
    rating: tuple[str, ...]
    expectation: tuple[str, ...]
    importance: tuple[str, ...]
    overall: str
    recommend: str
    competitors: tuple[tuple[str, ...], ...]
    weight: str
    kano: tuple[str, ...]


def headers(truth: Truth, wave: int) -> Headers:
    """Two waves each were run with one release of the tool; the names drifted twice."""
    numbers = range(1, len(truth.needs) + 1)
    codes = [rival["code"] for rival in truth["competitors"].values()]
    if wave < 2:
        return Headers(
            *("RESPNUM", "CUSTNO", "DATE", "LINE"),
            tuple(f"P{n:02d}" for n in numbers),
            tuple(f"E{n:02d}" for n in numbers),
            tuple(f"W{n:02d}" for n in numbers),
            *("OVERALL", "NPS"),
            tuple(tuple(f"{code}_{n:02d}" for n in numbers) for code in codes),
            "WEIGHT",
            tuple(f"K{n:02d}{side}" for n in numbers for side in "FD"),
        )
    if wave < 4:
        return Headers(
            *("*RESPNUM", " Cust no ", "Interview date", "Line"),
            tuple(f"Q1a_{n:02d}" for n in numbers),
            tuple(f"Q1b_{n:02d}" for n in numbers),
            tuple(f"Q2_{n:02d}" for n in numbers),
            *("Q3", "Q4"),
            tuple(tuple(f"Q5{side}_{n:02d}" for n in numbers) for side in "ab"),
            "Weight",
            (),
        )
    return Headers(
        *("Response ID", "Customer number", "Completed on", "Home line"),
        tuple(f"Rating: {TEXTS[need]}" for need in truth.needs),
        tuple(f"Expected: {TEXTS[need]}" for need in truth.needs),
        tuple(f"Important: {TEXTS[need]}" for need in truth.needs),
        *("Overall satisfaction", "Likelihood to recommend"),
        tuple(tuple(f"{rival}: {TEXTS[need]}" for need in truth.needs) for rival in truth["competitors"]),
        "Survey weight",
        (),
    )


_DIALECTS = (
    Dialect(",", "utf-8-sig", "\r\n"),
    Dialect(",", "utf-8-sig", "\r\n"),
    Dialect(";", "cp1252", "\r\n"),
    Dialect(";", "cp1252", "\r\n"),
    Dialect("\t", "utf-16", "\r\n"),
    Dialect(",", "utf-8", "\n"),
)
_DAY_FORMATS = ("%d/%m/%Y", "%d/%m/%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d", "%Y-%m-%d")


@dataclass(frozen=True)
class Wave:
    """Who answered in one wave. position: place among the individuals, -1 for a contract account's contact."""

    id: str
    respondents: list[str]
    customers: list[str]
    position: Ints
    days: list[date]
    weight: Floats


def make_waves(truth: Truth, people: People) -> list[Wave]:
    """Draw the respondents of all waves; some answered an earlier one."""
    draw, settings = truth.stream("respondents"), truth["survey"]
    one = people.individuals
    readiness = np.array([settings["answers_by_age"][age] for age in one.age])
    answered = np.zeros(one.ids.size, dtype=bool)
    waves = []
    for number, count in enumerate(settings["respondents"]):
        start = settings["starts"][number]
        present = one.present(truth.month(start))
        returning = round(settings["returning"] * count)
        old = _sample(draw, one, np.flatnonzero(present & answered), np.ones(one.ids.size), returning)
        new = _sample(draw, one, np.flatnonzero(present & ~answered), readiness, count - old.size)
        chosen = draw.permutation(np.concatenate([old, new]))
        answered[chosen] = True
        waves.append(_wave(truth, people, draw, number, chosen, _weights(one, present, chosen)))
    return waves


def _sample(draw: np.random.Generator, one: Individuals, pool: Ints, chance: Floats, count: int) -> Ints:
    """A systematic sample along line and disposition, so that both are spread in it as they are in the pool."""
    count = min(count, pool.size)
    order = pool[np.lexsort((one.disposition[pool], one.line[pool]))]
    steps = np.cumsum(chance[order]) / chance[pool].sum() * count
    places = np.searchsorted(steps, draw.random() + np.arange(count))
    return order[np.minimum(places, order.size - 1)]


def _weights(one: Individuals, present: NDArray[np.bool_], chosen: Ints) -> Floats:
    """Share of each age band among the customers over its share among the answers."""
    weight = np.ones(chosen.size)
    for age in AGES:
        here = one.age[chosen] == age
        weight[here] = np.mean(one.age[present] == age) / max(here.mean(), 1e-9)
    return weight


def _wave(
    truth: Truth, people: People, draw: np.random.Generator, number: int, chosen: Ints, weight: Floats
) -> Wave:
    settings = truth["survey"]
    contacts = sorted(draw.choice(len(people.accounts), settings["contract_contacts"], replace=False))
    position = np.concatenate([chosen, np.full(len(contacts), -1)])
    customers = [str(people.individuals.ids[i]) for i in chosen]
    anonymous = draw.random(len(customers)) < settings["without_id"]
    customers = ["" if hidden else key for key, hidden in zip(customers, anonymous, strict=True)]
    customers += [people.accounts[i].id for i in contacts]
    days = draw.integers(0, settings["days"], position.size)
    start = settings["starts"][number]
    return Wave(
        id=settings["waves"][number],
        respondents=[f"{start:%y%m}-{serial:04d}" for serial in range(1, position.size + 1)],
        customers=customers,
        position=position,
        days=[start + timedelta(days=int(day)) for day in days],
        weight=np.concatenate([weight, np.ones(len(contacts))]),
    )


def wanted_means(truth: Truth, people: People, wave: Wave) -> Floats:
    """The planted mean rating of each respondent (rows) for each need (columns)."""
    one, settings = people.individuals, truth["survey"]
    means = np.tile([settings["needs"][need]["rating"] for need in truth.needs], (wave.position.size, 1))
    single = wave.position >= 0
    who = wave.position[single]
    present = one.present(truth.month(settings["starts"][0]))
    for offset in settings["offsets"]:
        member = one.has(offset["field"], offset["value"])
        # Measured from the mean over all customers, so that the planted mean stays what it is.
        change = offset["points"] * (member - member[present].mean())
        means[single, truth.needs.index(offset["need"])] += change[who]
    after = np.array([day >= truth["improvements"]["punctuality"]["start"] for day in wave.days])
    for improvement in truth["improvements"].values():
        treated = np.zeros(wave.position.size, dtype=bool)
        treated[single] = np.isin(one.line[who], improvement["lines"])
        gain = improvement["satisfaction"] * (treated & after)
        means[:, truth.needs.index(improvement["need"])] += gain
    return means


def write_waves(truth: Truth, people: People, waves: list[Wave], folder: Folder) -> None:
    """One file a wave."""
    draw = truth.stream("answers")
    for number, wave in enumerate(waves):
        names = headers(truth, number)
        columns = _columns(truth, people, draw, number, wave, names)
        name = f"survey/wave{number + 1}_{wave.id}.csv"
        _plant_bad_cells(truth, name, draw, columns)
        rows = [list(row) for row in zip(*columns.values(), strict=True)]
        for serial in range(truth.bad(name, "too_few_fields")):
            rows.insert(100 + 200 * serial, [f"9999-{serial:04d}", "", *rows[serial][2:9]])
        folder.text(name, list(columns), rows, _DIALECTS[number])


def _columns(
    truth: Truth, people: People, draw: np.random.Generator, number: int, wave: Wave, names: Headers
) -> dict[str, list[str]]:
    one, settings = people.individuals, truth["survey"]
    single = wave.position >= 0
    disposition = np.where(single, one.disposition[wave.position], 0.0)
    programme = np.isin(one.line[wave.position], truth["improvements"]["punctuality"]["lines"]) & single
    group = groups_of(programme, one.network[wave.position] == "city", single)
    rating = _ratings(truth, draw, wanted_means(truth, people, wave), disposition, group)
    expectation = _stated(truth, draw, "expectation", wave, sd=0.9, high=7)
    importance = _stated(truth, draw, "importance", wave, sd=0.8, high=5)
    overall = _overall(truth, draw, rating)
    columns = {
        names.respondent: wave.respondents,
        names.customer: wave.customers,
        names.day: [f"{day:{_DAY_FORMATS[number]}}" for day in wave.days],
        names.line: [str(one.line[i]) if i >= 0 else "" for i in wave.position],
    }
    columns |= dict(zip(names.rating, _with_codes(truth, draw, rating), strict=True))
    columns |= dict(zip(names.expectation, _with_codes(truth, draw, expectation), strict=True))
    columns |= dict(zip(names.importance, _with_codes(truth, draw, importance), strict=True))
    columns[names.overall] = _text(overall)
    columns[names.recommend] = _recommend(truth, draw, number, overall, wave.weight)
    for rival, their in zip(truth["competitors"].values(), names.competitors, strict=True):
        columns |= dict(zip(their, _of_competitor(truth, draw, rival, disposition), strict=True))
    if wave.id == settings["kano"]["wave"]:
        columns |= dict(zip(names.kano, _kano(truth, draw, wave.position.size), strict=True))
    columns[names.weight] = [f"{weight:.4f}" for weight in wave.weight]
    return columns


def _ratings(truth: Truth, draw: np.random.Generator, wanted: Floats, disposition: Floats, group: Ints) -> Ints:
    sd, loading = truth["survey"]["sd"], truth["survey"]["loading"]
    own = np.sqrt(sd**2 - loading**2) * centred(draw, group, wanted.shape[1])
    latent = latent_means(wanted=wanted, sd=sd, low=1, high=7) + loading * disposition[:, None] + own
    return on_scale(latent, low=1, high=7)


def _stated(truth: Truth, draw: np.random.Generator, what: str, wave: Wave, *, sd: float, high: int) -> Ints:
    wanted = np.array([truth["survey"]["needs"][need][what] for need in truth.needs])
    means = latent_means(wanted=wanted, sd=sd, low=1, high=high)
    return on_scale(means + sd * draw.standard_normal((wave.position.size, wanted.size)), low=1, high=high)


def _overall(truth: Truth, draw: np.random.Generator, rating: Ints) -> Ints:
    """A weighted sum of the ratings: the planted drivers."""
    needs = truth["survey"]["needs"].values()
    usual = np.array([need["rating"] for need in needs])
    driver = np.array([need["driver"] for need in needs])
    latent = _OVERALL + (rating - usual) @ driver + 0.55 * draw.standard_normal(len(rating))
    return on_scale(latent, low=1, high=7)


def _recommend(truth: Truth, draw: np.random.Generator, number: int, overall: Ints, weight: Floats) -> list[str]:
    """The wave's planted shares of 0..10, given out in the order of overall satisfaction plus chance."""
    planted = truth["survey"]["nps"]
    down, up = planted["detractors"][number], planted["promoters"][number]
    shares = [down * part for part in _DETRACTORS] + [(1 - down - up) * part for part in _PASSIVES]
    shares += [up * part for part in _PROMOTERS]
    order = np.argsort(overall + 0.8 * draw.standard_normal(overall.size), kind="stable")
    place = np.empty(overall.size)
    place[order] = (np.cumsum(weight[order]) - weight[order] / 2) / weight.sum()
    answers = _text(np.searchsorted(np.cumsum(shares)[:-1], place))
    silent = draw.random(overall.size) < 0.015
    return ["99" if no else answer for answer, no in zip(answers, silent, strict=True)]


def _of_competitor(
    truth: Truth, draw: np.random.Generator, rival: dict[str, Any], disposition: Floats
) -> list[list[str]]:
    settings, difference = truth["survey"], rival["difference"]
    wanted = np.array([settings["needs"][need]["rating"] + difference[need] for need in truth.needs])
    means = latent_means(wanted=wanted, sd=settings["sd"], low=1, high=7)
    common, own = 0.3, np.sqrt(settings["sd"] ** 2 - 0.3**2)
    latent = means + common * disposition[:, None] + own * draw.standard_normal((disposition.size, wanted.size))
    columns = _with_codes(truth, draw, on_scale(latent, low=1, high=7))
    knows = draw.random(disposition.size) < rival["rated_by"]
    return [[cell if known else "" for cell, known in zip(column, knows, strict=True)] for column in columns]


def _kano(truth: Truth, draw: np.random.Generator, count: int) -> list[list[str]]:
    """Two columns a need: how one feels if it is there, and if it is not."""
    classes = list(_KANO)
    columns: list[list[str]] = []
    for need in truth["survey"]["needs"].values():
        others = [name for name in classes if name != need["kano"]]
        chosen = np.where(
            draw.random(count) < truth["survey"]["kano"]["clear"],
            need["kano"],
            np.array(others)[draw.integers(0, len(others), count)],
        )
        pick = draw.random(count)
        pairs = [_KANO[name][int(p * len(_KANO[name]))] for name, p in zip(chosen, pick, strict=True)]
        columns += [[str(pair[side]) for pair in pairs] for side in (0, 1)]
    return columns


def _with_codes(truth: Truth, draw: np.random.Generator, values: Ints) -> list[list[str]]:
    """Columns of text, some cells with the codes 0 (no answer) and 9 (does not apply)."""
    settings = truth["survey"]
    chance = draw.random(values.shape)
    coded = np.where(chance < settings["no_answer"], 0, values)
    coded = np.where(chance > 1 - settings["does_not_apply"], 9, coded)
    return [_text(column) for column in coded.T]


def _text(values: Ints) -> list[str]:
    return [str(value) for value in values.tolist()]


def _plant_bad_cells(truth: Truth, name: str, draw: np.random.Generator, columns: dict[str, list[str]]) -> None:
    written = {"outside_scale": "8", "not_a_number": "good"}
    for bad in truth["bad_rows"]:
        if bad["file"] == name and bad["fault"] in written:
            column = columns[bad["column"]]
            for place in draw.choice(500, bad["count"], replace=False):
                column[place] = written[bad["fault"]]
