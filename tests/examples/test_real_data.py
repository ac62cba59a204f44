"""The two examples on real data: every figure is computed here too, from the files, with the standard library.

Student's t is the one thing taken from scipy. The data stand beside the repository; without them all is skipped.
"""

import csv
import gzip
import json
import math
import re
import shutil
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import pytest
from scipy.stats import t as student

from builders import workbook
from builders.codes import found_by_rule
from nonagon.pipeline.run import run

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
STAYS = DATA / "airbnb-albany"
SURVEY = DATA / "sfo-survey"
DELAYS = DATA / "ttc"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real data are not beside the repository"),
]

Json = dict[str, Any]
Rows = list[dict[str, str]]
STEPS = range(1, 10)


@dataclass(frozen=True)
class Done:
    """A finished run: its folder, its deliverables by step, run.json and the rejects."""

    out: Path
    steps: dict[int, Json]
    record: Json
    rejects: Rows

    def rows(self) -> dict[str, int]:
        """Rows of each fact table."""
        return {name: table["rows"] for name, table in self.record["facts"].items()}

    def rejected(self) -> Counter[tuple[str, str]]:
        """How many rejects of each source and kind."""
        return Counter((row["source"], row["kind"]) for row in self.rejects)

    def need(self, name: str) -> Json:
        """A need of step 3."""
        return next(one for one in self.steps[3]["needs"] if one["id"] == name)


def finished(out: Path) -> Done:
    steps = {}
    for number in STEPS:
        file = out / f"deliverables/step{number}.json"
        if file.exists():
            steps[number] = json.loads(file.read_bytes())
    with (out / "rejects.csv").open(newline="", encoding="utf-8") as stream:
        return Done(out, steps, json.loads((out / "run.json").read_bytes()), list(csv.DictReader(stream)))


@pytest.fixture(scope="session")
def albany(tmp_path_factory: pytest.TempPathFactory) -> Done:
    out = tmp_path_factory.mktemp("albany")
    run(EXAMPLES / "albany", data=STAYS, out=out)
    return finished(out)


@pytest.fixture(scope="session")
def toronto(tmp_path_factory: pytest.TempPathFactory) -> Done:
    out = tmp_path_factory.mktemp("toronto")
    run(EXAMPLES / "toronto", data=DATA, out=out)
    return finished(out)


def packed(name: str) -> Rows:
    with gzip.open(STAYS / name, "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="session")
def listings() -> Rows:
    return packed("listings.csv.gz")


@pytest.fixture(scope="session")
def reviews() -> Rows:
    return packed("reviews.csv.gz")


@pytest.fixture(scope="session")
def nights() -> Rows:
    return packed("calendar.csv.gz")


def interval(values: Sequence[float], confidence: float = 0.95) -> tuple[float, float, float]:
    """Mean and Student's t interval."""
    n, mean = len(values), fmean(values)
    half = float(student.ppf((1 + confidence) / 2, n - 1)) * stdev(values) / math.sqrt(n)
    return mean, mean - half, mean + half


def same(estimate: Json, expected: tuple[float, float, float]) -> bool:
    """Whether an estimate of a deliverable has this value and these bounds."""
    found = (estimate["value"], estimate["low"], estimate["high"])
    return all(math.isclose(one, other, rel_tol=1e-9) for one, other in zip(found, expected, strict=True))


def open_on_purpose(example: str) -> dict[int, set[str]]:
    """The criteria that the example's README says stay open, by step."""
    text = (EXAMPLES / example / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d) \| ([a-z_, ]+?) \|", text, re.MULTILINE)
    listed: dict[int, set[str]] = defaultdict(set)
    for step, criteria in rows:
        listed[int(step)] |= set(criteria.split(", "))
    return listed


@pytest.mark.parametrize(("example", "without_data"), [("albany", set()), ("toronto", {1, 2, 6})])
def test_the_readme_names_every_open_criterion(
    example: str, without_data: set[int], request: pytest.FixtureRequest
) -> None:
    done: Done = request.getfixturevalue(example)
    state = json.loads((done.out / "deliverables/effectiveness.json").read_bytes())
    open_ones = {
        step["step"]: {one["id"] for one in step["criteria"] if not one["met"]}
        for step in state["steps"]
        if step["step"] not in without_data
    }
    assert {step: found for step, found in open_ones.items() if found} == open_on_purpose(example)


# === Albany ===============================================================================================

SCORES = {
    "accuracy": "review_scores_accuracy",
    "cleanliness": "review_scores_cleanliness",
    "checkin": "review_scores_checkin",
    "communication": "review_scores_communication",
    "location": "review_scores_location",
    "value": "review_scores_value",
}


def scores(listings: Rows, column: str) -> list[float]:
    return [float(row[column]) for row in listings if row[column]]


def prices(nights: Rows) -> dict[str, float]:
    """What each place's calendar asks, at most 1,000: it is the same for all its nights."""
    asked: dict[str, set[float]] = defaultdict(set)
    for row in nights:
        asked[row["listing_id"]].add(float(row["price"].strip("$").replace(",", "")))
    assert all(len(found) == 1 for found in asked.values())
    return {place: min(1000.0, *found) for place, found in asked.items()}


def test_every_row_of_albany_is_a_fact_or_a_reject(
    albany: Done, listings: Rows, reviews: Rows, nights: Rows
) -> None:
    guests = {row["reviewer_id"] for row in reviews}
    hosts = {row["host_id"] for row in listings}
    answered = [row for row in listings if row["host_response_time"] not in ("", "N/A")]
    near = [row for row in nights if row["date"] < "2025-01-04"]
    # The README of the data counts these.
    assert (len(listings), len(reviews), len(nights), len(guests), len(hosts)) == (
        421,
        25_313,
        153_665,
        21_382,
        189,
    )
    assert albany.rows() == {
        "customers": len(guests) + len(hosts),
        "answers": sum(len(scores(listings, column)) for column in (*SCORES.values(), "review_scores_rating")),
        "verbatims": len(reviews),
        "sales": len(reviews),
        "measurements": len(near) + len(answered),
    }
    assert albany.rejected() == {
        ("guests", "replaced"): len(reviews) - len(guests),
        ("hosts", "replaced"): len(listings) - len(hosts),
        ("scores", "empty"): sum(not row["review_scores_rating"] for row in listings),
        ("nights", "set_aside"): len(nights) - len(near),
        ("answer_time", "empty"): len(listings) - len(answered),
    }
    assert {row["reason"] for row in albany.rejects if row["source"] == "answer_time"} == {
        "value has a marker for missing"
    }


def test_scores_and_their_intervals(albany: Done, listings: Rows) -> None:
    for need, column in SCORES.items():
        assert same(albany.need(need)["satisfaction"], interval(scores(listings, column))), need
    (overall,) = albany.steps[3]["overall"]
    assert same(overall["score"], interval(scores(listings, "review_scores_rating")))
    # The README of the data: location 4.685, then value 4.743.
    assert round(albany.need("location")["satisfaction"]["value"], 3) == 4.685
    assert round(albany.need("value")["satisfaction"]["value"], 3) == 4.743


def test_lowest_first_is_tempered_by_what_can_be_acted_on(albany: Done, listings: Rows) -> None:
    by_mean = sorted(SCORES, key=lambda need: fmean(scores(listings, SCORES[need])))
    ranked = sorted(
        (one for one in albany.steps[5]["opportunities"] if one["rank"] is not None), key=lambda one: one["rank"]
    )
    assert [one["need"] for one in ranked] == by_mean
    assert by_mean[:2] == ["location", "value"]
    lowest, next_lowest = ranked[:2]
    assert (lowest["actionable"], lowest["chosen"], lowest["chance_lowest"]) == (False, False, None)
    assert "cannot be changed" in lowest["why_not"]
    assert (next_lowest["actionable"], next_lowest["chosen"]) == (True, True)
    assert next_lowest["chance_lowest"]["value"] > 0.99


def test_guests_by_how_often_they_came(albany: Done, reviews: Rows) -> None:
    stays = Counter(row["reviewer_id"] for row in reviews)
    sizes = {one["id"]: one["size"] for one in albany.steps[1]["classes"]}
    assert sizes["once"] == sum(count == 1 for count in stays.values())
    assert sizes["returning"] == sum(count == 2 for count in stays.values())
    # The README of the data: 655 with three or more.
    assert sizes["regulars"] == sum(count >= 3 for count in stays.values()) == 655


def test_revenue_concentration(albany: Done, reviews: Rows, nights: Rows) -> None:
    price = prices(nights)
    revenue: dict[str, float] = defaultdict(float)
    for row in reviews:
        revenue[row["reviewer_id"]] += price[row["listing_id"]]
    ordered, total = sorted(revenue.values()), sum(revenue.values())
    n = len(ordered)
    # Gini as the mean difference of all pairs over twice the mean, for sorted values.
    gini = 2 * sum(place * value for place, value in enumerate(ordered, start=1)) / (n * total) - (n + 1) / n
    found = albany.steps[1]["concentration"]
    assert found["customers"] == n
    assert found["revenue"]["value"] == total
    assert math.isclose(found["gini"]["value"], gini, rel_tol=1e-9)
    assert math.isclose(found["hhi"]["value"], sum((one / total) ** 2 for one in ordered), rel_tol=1e-9)
    tops = {one["customers"]: one["share"]["value"] for one in found["top"]}
    assert math.isclose(tops[20], sum(ordered[-20:]) / total, rel_tol=1e-9)
    stays = Counter(row["reviewer_id"] for row in reviews)
    key = [guest for guest, count in stays.items() if count >= 3 and revenue[guest] >= 300]
    assert albany.steps[1]["key_customers"]["count"]["value"] == len(key)


def test_sales_by_quarter(albany: Done, reviews: Rows, nights: Rows) -> None:
    price = prices(nights)
    revenue: dict[str, float] = defaultdict(float)
    orders: Counter[str] = Counter()
    for row in reviews:
        year, month, _ = row["date"].split("-")
        quarter = f"{year}-{(int(month) - 1) // 3 * 3 + 1:02d}-01"
        revenue[quarter] += price[row["listing_id"]]
        orders[quarter] += 1
    found = {one["period"]: (one["revenue"], one["orders"]) for one in albany.steps[9]["quarters"]}
    assert found == {quarter: (revenue[quarter], orders[quarter]) for quarter in revenue}


def p_chart(share: float, size: int) -> tuple[float, float]:
    """Limits of three standard errors of a share, within 0 and 1."""
    width = 3 * math.sqrt(share * (1 - share) / size)
    return max(0.0, share - width), min(1.0, share + width)


def test_the_chart_of_nights(albany: Done, nights: Rows) -> None:
    taken: Counter[str] = Counter()
    places: Counter[str] = Counter()
    for row in nights:
        if row["date"] < "2025-01-04":
            places[row["date"]] += 1
            taken[row["date"]] += row["available"] == "f"
    centre = taken.total() / places.total()
    (item,) = [one for one in albany.steps[7]["items"] if one["id"] == "ci_nights"]
    assert [point["at"] for point in item["points"]] == sorted(places)
    for point in item["points"]:
        day = point["at"]
        assert math.isclose(point["value"], taken[day] / places[day])
        assert math.isclose(point["centre"], centre)
        lower, upper = p_chart(centre, places[day])
        assert math.isclose(point["lower"], lower)
        assert math.isclose(point["upper"], upper)


def test_the_chart_of_slow_answers(albany: Done, listings: Rows) -> None:
    slow: Counter[str] = Counter()
    places: Counter[str] = Counter()
    for row in listings:
        if row["host_response_time"] not in ("", "N/A"):
            year = row["host_since"][:4]
            places[year] += 1
            slow[year] += row["host_response_time"] != "within an hour"
    centre = slow.total() / places.total()
    (item,) = [one for one in albany.steps[7]["items"] if one["id"] == "ci_answers"]
    assert [point["at"] for point in item["points"]] == sorted(places)
    for point in item["points"]:
        lower, upper = p_chart(centre, places[point["at"]])
        assert math.isclose(point["value"], slow[point["at"]] / places[point["at"]], abs_tol=1e-12)
        assert math.isclose(point["lower"], lower, abs_tol=1e-12)
        assert math.isclose(point["upper"], upper)
    beyond = [year for year in places if slow[year] / places[year] > p_chart(centre, places[year])[1]]
    assert [point["at"] for point in item["points"] if point["signals"]] == sorted(beyond)


def test_guests_who_speak_of_the_internet(albany: Done, reviews: Rows) -> None:
    """The rule's six phrases, found with a plain expression: whole words, in any case."""
    spoken = re.compile(r"(?<!\w)(?:wifi|wi[- ]fi|internet|connection was|wireless)(?!\w)", re.IGNORECASE)
    guests = {row["reviewer_id"] for row in reviews if spoken.search(row["comments"])}
    wifi = albany.need("wifi")
    said = {row["id"] for row in reviews if spoken.search(row["comments"])}
    assert wifi["heard"] == len(guests)
    coded = found_by_rule(albany.out / "facts", albany.steps[3]["coding"]["codes"])["wifi"]
    assert coded <= said
    assert wifi["verbatims"] == len(coded)


def test_the_report_leads_nowhere_outside(albany: Done, toronto: Done) -> None:
    """Names of hosts and guests are not mapped (test_example_folders.py), and no link or picture is fetched."""
    for done in (albany, toronto):
        report = (done.out / "report.html").read_text(encoding="utf-8")
        assert not re.search(r"<a [^>]*href=[\"'](?!#)", report)
        assert not re.search(r"(?:src|srcset|action|poster)=[\"'](?!data:)", report)
        assert "<script" not in report


def test_a_second_run_gives_the_same_bytes(albany: Done, tmp_path: Path) -> None:
    """Read anew from the files, into another folder."""
    run(EXAMPLES / "albany", data=STAYS, out=tmp_path)
    again = json.loads((tmp_path / "run.json").read_bytes())
    assert again["files"] == albany.record["files"]
    assert (tmp_path / "rejects.csv").read_bytes() == (albany.out / "rejects.csv").read_bytes()


def welch(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float, float]:
    """Difference of means and its 95 % interval, with Welch's degrees of freedom."""
    a, b = stdev(ours) ** 2 / len(ours), stdev(theirs) ** 2 / len(theirs)
    freedom = (a + b) ** 2 / (a**2 / (len(ours) - 1) + b**2 / (len(theirs) - 1))
    difference = fmean(ours) - fmean(theirs)
    half = float(student.ppf(0.975, freedom)) * math.sqrt(a + b)
    return difference, difference - half, difference + half


def as_superhosts(folder: Path) -> Path:
    """The example's folder with the change that its README describes."""
    shutil.copytree(EXAMPLES / "albany", folder)
    text = (folder / "cycle.toml").read_text(encoding="utf-8")
    changes = (
        (
            'wave = { constant = "2024-11" }\nsubject = { constant = "us" }',
            'wave = { constant = "2024-11" }\nsubject = "host_is_superhost"',
        ),
        (
            "[data.scores.values.value]",
            '[data.scores.values.subject]\nmap = { t = "us", f = "other hosts" }\n\n[data.scores.values.value]',
        ),
        (
            "[data.stays.columns]",
            '[data.stays.values.seller]\nmap = { t = "us", f = "other hosts" }\n\n[data.stays.columns]\nseller = '
            '{ lookup = "listings.csv.gz", key = "listing_id", match = "id", take = "host_is_superhost" }',
        ),
    )
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    (folder / "cycle.toml").write_text(text, encoding="utf-8")
    return folder


def test_superhosts_against_other_hosts(tmp_path: Path, listings: Rows, reviews: Rows) -> None:
    out = tmp_path / "out"
    run(as_superhosts(tmp_path / "superhosts"), data=STAYS, out=out, steps=(1, 2))
    step2 = json.loads((out / "deliverables/step2.json").read_bytes())
    compared = {one["item"]: one for one in step2["comparisons"]}
    for item, column in SCORES.items():
        # Five places have hosts of whom it is not known; a blank subject counts as ours.
        ours = [float(row[column]) for row in listings if row[column] and row["host_is_superhost"] != "f"]
        theirs = [float(row[column]) for row in listings if row[column] and row["host_is_superhost"] == "f"]
        assert same(compared[item]["ours"], interval(ours)), item
        assert same(compared[item]["theirs"], interval(theirs)), item
        assert same(compared[item]["difference"], welch(ours, theirs)), item
        assert compared[item]["verdict"] == "better"
    facts = json.loads((out / "run.json").read_bytes())["facts"]
    assert facts["sales"]["rows"] == len(reviews)


# === Toronto, and the airport of San Francisco ============================================================

# Five questions by wave, from the code books: restaurants, restrooms, safety, finding the way, security.
QUESTIONS: dict[str, dict[str, str]] = {
    "2010": {"food": "Q6B", "clean_restrooms": "Q8F", "safe": "Q9", "finding": "Q13A", "security": "Q13B"},
    "2011": {"food": "Q8B", "clean_restrooms": "Q10F", "safe": "Q11", "finding": "Q15A", "security": "Q15B"},
    "2012": {
        "food": "Q8B_FOOD",
        "clean_restrooms": "Q10F_CLNBATH",
        "safe": "Q11SAFE",
        "finding": "Q15A_FIND",
        "security": "Q15B_SECURITY",
    },
    "2013": {
        "food": "Q7B_FOOD",
        "clean_restrooms": "Q9E_CLNBATH",
        "safe": "Q10SAFE",
        "finding": "Q14A_FIND",
        "security": "Q14B_SECURITY",
    },
    **{
        str(year): {
            "food": "Q7FOOD",
            "clean_restrooms": "Q9RESTROOM",
            "safe": "Q10SAFE",
            "finding": "Q14FIND",
            "security": "Q14PASSTHRU",
        }
        for year in range(2014, 2018)
    },
}
SCALE = frozenset("12345")


def wave_rows(year: str) -> Rows:
    with (SURVEY / f"{year}_SFO_Customer_Survey.csv").open(newline="", encoding="utf-8-sig") as stream:
        reader = csv.DictReader(stream)
        return [{name.strip(): (text or "").strip() for name, text in row.items() if name} for row in reader]


@pytest.fixture(scope="session")
def waves() -> dict[str, Rows]:
    return {year: wave_rows(year) for year in QUESTIONS}


def weighted(rows: Rows, column: str) -> tuple[int, float]:
    """How many scores 1 to 5 a question has, and their weighted mean (weight 1 where the wave has none)."""
    pairs = [(float(row[column]), float(row.get("WEIGHT") or 1)) for row in rows if row[column] in SCALE]
    return len(pairs), sum(value * weight for value, weight in pairs) / sum(weight for _, weight in pairs)


def test_scores_of_eight_waves(toronto: Done, waves: dict[str, Rows]) -> None:
    for need in QUESTIONS["2010"]:
        found = {one["wave"]: one["score"] for one in toronto.need(need)["by_wave"]}
        assert list(found) == list(QUESTIONS)
        for year, rows in waves.items():
            n, mean = weighted(rows, QUESTIONS[year][need])
            assert found[year]["n"] == n, (need, year)
            assert math.isclose(found[year]["value"], mean, rel_tol=1e-9), (need, year)


@pytest.mark.parametrize("year", ["2011", "2012"])
def test_intervals_of_the_waves_without_weights(toronto: Done, waves: dict[str, Rows], year: str) -> None:
    for need, column in QUESTIONS[year].items():
        (score,) = [one["score"] for one in toronto.need(need)["by_wave"] if one["wave"] == year]
        assert same(score, interval([float(row[column]) for row in waves[year] if row[column] in SCALE]))


def test_every_answer_of_the_survey_is_counted(toronto: Done, waves: dict[str, Rows]) -> None:
    """All questions of the mapping: 1 to 5, and 0 to 10 for the recommendation, are facts; other codes are not."""
    mapping = tomllib.loads((EXAMPLES / "toronto" / "cycle.toml").read_text(encoding="utf-8"))["data"]
    facts = silent = 0
    for year, rows in waves.items():
        items = mapping[f"survey_{min(year, '2014')}"]["items"]
        asked = {item: column for item, column in items.items() if column in rows[0]}
        for row in rows:
            answers = sum(
                row[column] in ({str(value) for value in range(11)} if item == "recommend" else SCALE)
                for item, column in asked.items()
            )
            facts += answers
            silent += answers == 0
    assert toronto.rows()["answers"] == facts
    by_source = toronto.rejected()
    assert sum(count for (source, kind), count in by_source.items() if source.startswith("survey")) == silent
    assert all(kind == "empty" for source, kind in by_source if source.startswith("survey"))


def test_the_recommendation_was_asked_once(toronto: Done, waves: dict[str, Rows]) -> None:
    rows = [row for row in waves["2017"] if row["NETPRO"] != "11" and row["NETPRO"]]
    weight = sum(float(row["WEIGHT"]) for row in rows)
    promoters = sum(float(row["WEIGHT"]) for row in rows if int(row["NETPRO"]) >= 9)
    detractors = sum(float(row["WEIGHT"]) for row in rows if int(row["NETPRO"]) <= 6)
    (nps,) = [one for one in toronto.steps[9]["measures"] if one["id"] == "nps"]
    (point,) = nps["points"]
    assert (point["wave"], point["value"]["n"]) == ("2017", len(rows))
    assert math.isclose(point["value"]["value"], 100 * (promoters - detractors) / weight, rel_tol=1e-9)


def test_the_lowest_is_not_shown_to_be_the_lowest(toronto: Done, waves: dict[str, Rows]) -> None:
    shops, food = (weighted(waves["2017"], column)[1] for column in ("Q7STORE", "Q7FOOD"))
    ranked = {one["need"]: one for one in toronto.steps[5]["opportunities"]}
    assert shops < food
    assert (ranked["shops"]["rank"], ranked["food"]["rank"]) == (1, 2)
    assert 0.5 < ranked["shops"]["chance_lowest"]["value"] < 0.95
    assert set(toronto.steps[5]["may_be_lowest"]) == {ranked["shops"]["id"], ranked["food"]["id"]}
    assert (ranked["security"]["actionable"], ranked["security"]["chance_lowest"]) == (False, None)


def test_before_and_after_terminal_2(toronto: Done, waves: dict[str, Rows]) -> None:
    (upgrade,) = toronto.steps[5]["look_back"]
    changes = {one["need"]: one["difference"]["value"] for one in upgrade["changes"]}
    for need in ("food", "clean_restrooms"):
        before = weighted(waves["2010"], QUESTIONS["2010"][need])[1]
        after = weighted(waves["2011"], QUESTIONS["2011"][need])[1]
        assert math.isclose(changes[need], after - before, rel_tol=1e-9)


# --- the delays, from the workbooks' XML


@dataclass(frozen=True)
class Incident:
    """One row of a workbook of delays."""

    day: date
    delay: float | None
    incident: str


def incidents(file: str) -> Iterator[Incident]:
    for row in workbook.records(DELAYS / file):
        delay = row.get("Min Delay", row.get("Delay", ""))
        day = row.get("Report Date", row.get("Date", ""))
        yield Incident(workbook.day_of(day), float(delay) if delay else None, row["Incident"])


@pytest.fixture(scope="session")
def buses() -> list[Incident]:
    return [one for year in (2018, 2019, 2020) for one in incidents(f"ttc-bus-delay-data-{year}.xlsx")]


@pytest.fixture(scope="session")
def streetcars() -> list[Incident]:
    return list(incidents("ttc-streetcar-delay-data-2019.xlsx"))


def reasons(done: Done, source: str) -> Counter[str]:
    return Counter(row["reason"] for row in done.rejects if row["source"] == source)


def good(found: Sequence[Incident]) -> list[tuple[date, float]]:
    return [(one.day, one.delay) for one in found if one.delay is not None and 0 <= one.delay < 999]


def test_delays_that_are_none_are_listed_with_their_reason(
    toronto: Done, buses: list[Incident], streetcars: list[Incident]
) -> None:
    # The README of the data: 73,927 + 62,376 + 36,151 and 11,882 rows; 999 stands 660 + 231 + 62 times.
    assert (len(buses), len(streetcars)) == (172_454, 11_882)
    assert sum(one.delay == 999 for one in buses) == 953
    for source, found in (("bus_delays", buses), ("streetcar_delays", streetcars)):
        expected = {
            "value stands at or above the cap 999": sum(
                one.delay is not None and one.delay >= 999 for one in found
            ),
            "value is below the least possible value 0.0": sum(
                one.delay is not None and one.delay < 0 for one in found
            ),
            "value is blank": sum(one.delay is None for one in found),
        }
        assert reasons(toronto, source) == {reason: count for reason, count in expected.items() if count}
    blank = sum(not one.incident for one in buses)
    assert reasons(toronto, "breakdowns") == {"value is blank": blank}
    assert toronto.rows()["measurements"] == len(good(buses)) + len(good(streetcars)) + len(buses) - blank


def c4(size: int) -> float:
    """Mean of the standard deviation of `size` normal values, in sigmas (Montgomery, appendix VI)."""
    return math.sqrt(2 / (size - 1)) * math.exp(math.lgamma(size / 2) - math.lgamma((size - 1) / 2))


PHASES = {
    "2018": (date(2018, 1, 1), date(2019, 1, 1)),
    "2019": (date(2019, 1, 1), date(2020, 1, 1)),
    "2020 before the pandemic": (date(2020, 1, 1), date(2020, 3, 17)),
    "pandemic": (date(2020, 3, 17), date(2021, 1, 1)),
}


def test_the_chart_of_bus_delays(toronto: Done, buses: list[Incident]) -> None:
    days: dict[date, list[float]] = defaultdict(list)
    for day, delay in good(buses):
        days[day].append(delay)
    (item,) = [one for one in toronto.steps[7]["items"] if one["id"] == "ci_bus_delay"]
    points = {date.fromisoformat(one["at"]): one for one in item["points"]}
    assert list(points) == sorted(days)
    assert [(one["label"], one["points"]) for one in item["phases"]] == [
        (label, sum(begin <= day < end for day in days)) for label, (begin, end) in PHASES.items()
    ]
    for label, (begin, end) in PHASES.items():
        groups = {day: values for day, values in days.items() if begin <= day < end}
        centre = fmean(value for values in groups.values() for value in values)
        sigma = fmean(stdev(values) / c4(len(values)) for values in groups.values())
        for day, values in groups.items():
            point = points[day]
            assert (point["phase"], bool(point["signals"])) == (
                label,
                not point["lower"] <= point["value"] <= point["upper"],
            )
            assert math.isclose(point["value"], fmean(values), rel_tol=1e-9)
            assert math.isclose(point["centre"], centre, rel_tol=1e-9)
            assert math.isclose(point["upper"], centre + 3 * sigma / math.sqrt(len(values)), rel_tol=1e-9)
            assert math.isclose(
                point["lower"], centre - 3 * sigma / math.sqrt(len(values)), rel_tol=1e-6, abs_tol=1e-9
            )


def test_the_chart_of_breakdowns(toronto: Done, buses: list[Incident]) -> None:
    broke: Counter[date] = Counter()
    named: Counter[date] = Counter()
    for one in buses:
        if one.incident:
            named[one.day] += 1
            broke[one.day] += "Mechanical" in one.incident
    (item,) = [one for one in toronto.steps[7]["items"] if one["id"] == "ci_breakdowns"]
    points = {date.fromisoformat(one["at"]): one for one in item["points"]}
    assert list(points) == sorted(named)
    for begin, end in PHASES.values():
        own = [day for day in named if begin <= day < end]
        centre = sum(broke[day] for day in own) / sum(named[day] for day in own)
        for day in own:
            lower, upper = p_chart(centre, named[day])
            assert math.isclose(points[day]["value"], broke[day] / named[day], abs_tol=1e-12)
            assert math.isclose(points[day]["centre"], centre)
            assert math.isclose(points[day]["lower"], lower, abs_tol=1e-12)
            assert math.isclose(points[day]["upper"], upper)


def test_riders_by_quarter(toronto: Done) -> None:
    with (DELAYS / "TorontoMeasureData.csv").open(newline="", encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream))
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    riders: dict[str, float] = defaultdict(float)
    for row in rows:
        if row["Measure Name"] == "TTC Monthly Ridership":
            month = months.index(row["Period"]) // 3 * 3 + 1
            riders[f"{row['Year']}-{month:02d}-01"] += float(row["Value"])
    assert {one["period"]: one["revenue"] for one in toronto.steps[9]["quarters"]} == riders
    assert toronto.rejected()["riders", "set_aside"] == len(rows) - toronto.rows()["sales"] == 153


def test_an_effect_that_the_placebo_shows_too_is_not_shown(toronto: Done) -> None:
    (effect,) = toronto.steps[9]["effects"]
    assert effect["placebo"]["high"] < 0
    assert effect["shown"] is False
    assert "not shown" in effect["sentence"]


def test_one_step_again_gives_the_same_bytes(toronto: Done) -> None:
    """Unchanged facts are reused, the other steps are read from the run before, and every file stays as it was."""
    published = (toronto.out / "facts/facts.json").read_bytes()
    run(EXAMPLES / "toronto", data=DATA, out=toronto.out, steps=(7,))
    assert (toronto.out / "facts/facts.json").read_bytes() == published
    assert json.loads((toronto.out / "run.json").read_bytes())["files"] == toronto.record["files"]
