"""The bus company's run finds what was planted: every expected number stands in examples/bus/TRUTH.toml.

The expectations are read from TRUTH.toml and, where they are counts, counted in the raw exports with the standard
library: nothing here is computed by the product.
"""

import csv
import gzip
import io
import json
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from builders.codes import found_by_rule
from nonagon.pipeline.run import Run, run

BUS = Path(__file__).resolve().parents[2] / "examples" / "bus"
TRUTH: dict[str, Any] = tomllib.loads((BUS / "TRUTH.toml").read_text(encoding="utf-8"))
SURVEY = TRUTH["survey"]
NEEDS = list(SURVEY["needs"])
LINES = [*TRUTH["lines"]["city"], *TRUTH["lines"]["intercity"]]
SHARE = dict(zip(LINES, TRUTH["lines"]["share"], strict=True))
STEPS = range(1, 10)

# What leaving alone adds to every rating until the last wave, in points (TRUTH: leaving, survey.loading).
DRIFT = TRUTH["leaving"]["disposition_last_wave"] * SURVEY["loading"] + 0.02

Json = dict[str, Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cycle folder with freshly made exports, away from the working tree."""
    target = tmp_path_factory.mktemp("bus") / "bus"
    shutil.copytree(BUS, target, ignore=shutil.ignore_patterns("data", "out", "__pycache__"))
    subprocess.run([sys.executable, target / "make.py"], check=True, capture_output=True)
    return target


@pytest.fixture(scope="module")
def done(folder: Path) -> Run:
    """The run, once for all tests."""
    return run(folder)


@pytest.fixture(scope="module")
def steps(done: Run) -> dict[int, Json]:
    """The deliverables as they were written."""
    return {number: json.loads((done.out / f"deliverables/step{number}.json").read_bytes()) for number in STEPS}


@pytest.fixture(scope="module")
def needs(steps: dict[int, Json]) -> dict[str, Json]:
    """Step 3's needs by id."""
    return {one["id"]: one for one in steps[3]["needs"]}


@pytest.fixture(scope="module")
def planted(folder: Path) -> list[dict[str, str]]:
    """What each comment was made to say."""
    with (folder / "data/planted/comments.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def holds(estimate: Json, value: float, slack: float = 0.0) -> bool:
    """Whether the interval, widened by `slack` on both sides, holds the value."""
    return bool(estimate["low"] - slack <= value <= estimate["high"] + slack)


def planted_rating(need: str, *, after: bool) -> float:
    """The mean over all customers: the rating, and what the improvements add on the share of their lines."""
    rating: float = SURVEY["needs"][need]["rating"]
    if after:
        for one in TRUTH["improvements"].values():
            if one["need"] == need:
                rating += one["satisfaction"] * sum(SHARE[line] for line in one["lines"])
    return rating


# --- the run -------------------------------------------------------------------------------------------------


def test_all_criteria_are_met_but_those_shown_on_purpose(done: Run) -> None:
    state = json.loads((done.out / "deliverables/effectiveness.json").read_bytes())
    unmet = {(step["step"], one["id"]) for step in state["steps"] for one in step["criteria"] if not one["met"]}
    assert unmet == {(one["step"], one["criterion"]) for one in TRUTH["on_purpose"]}


def test_a_second_run_gives_the_same_bytes(folder: Path, done: Run) -> None:
    files = [*done.deliverables, done.report, done.out / "rejects.csv"]
    before = {file: file.read_bytes() for file in files}
    again = run(folder)
    assert again.deliverables == done.deliverables
    assert {file: file.read_bytes() for file in files} == before


def test_the_exports_are_the_same_bytes_each_time(folder: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, folder / "make.py", tmp_path / "again"], check=True, capture_output=True)
    names = sorted(one.relative_to(folder / "data") for one in (folder / "data").rglob("*") if one.is_file())
    assert len(names) >= 29
    for name in names:
        assert (tmp_path / "again" / name).read_bytes() == (folder / "data" / name).read_bytes(), name


def test_the_committed_lists_come_out_of_the_same_world(tmp_path: Path) -> None:
    subprocess.run([sys.executable, BUS / "make.py", "decisions", tmp_path], check=True, capture_output=True)
    for name in ("cases.csv", "market.csv"):
        assert (tmp_path / name).read_bytes() == (BUS / "decisions" / name).read_bytes(), name


def test_rejects_are_the_planted_bad_rows(done: Run) -> None:
    with (done.out / "rejects.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        # Who did not rate a competitor leaves all of that competitor's columns empty.
        if not (row["source"] in {"coach", "rail"} and row["kind"] == "empty"):
            found[row["source"], row["file"], row["kind"]] += 1
    readers = {"survey/wave5_2026-01.csv": ("survey", "coach", "rail")}
    sources = {
        "crm/customers.csv": "register",
        "voices/comments.tsv.gz": "comments",
        "sales/tickets_2024.csv": "tickets_2024",
        "sales/tickets_2025.csv": "tickets",
        "sales/tickets_2026.csv": "tickets",
        "market/market_report.xlsx": "market",
        "process/delays_C1.csv": "delays",
    }
    wanted: Counter[tuple[str, str, str]] = Counter()
    for bad in TRUTH["bad_rows"]:
        for source in readers.get(bad["file"], (sources.get(bad["file"], "survey"),)):
            wanted[source, f"data/{bad['file']}", bad["kind"]] += bad["count"]
    assert found == wanted


# --- 1 and 2: customers and market ---------------------------------------------------------------------------


def test_customers_and_classes(steps: dict[int, Json]) -> None:
    settings = TRUTH["customers"]
    accounts = settings["schools"] + settings["companies"] + settings["authorities"]
    internal = sum(settings["internal"].values())
    bad_dates = sum(
        one["count"] for one in TRUTH["bad_rows"] if one["fault"] == "impossible_date" and "crm" in one["file"]
    )
    classes = {one["id"]: one for one in steps[1]["classes"]}
    assert steps[1]["customers"] == settings["individuals"] + accounts + internal + bad_dates
    assert steps[1]["internal_customers"] == internal
    assert classes["contracts"]["size"] == accounts
    assert classes["drivers"]["size"] == settings["internal"]["drivers"]


def test_revenue_concentration(steps: dict[int, Json]) -> None:
    top = {one["customers"]: one["share"]["value"] for one in steps[1]["concentration"]["top"]}
    assert top[10] == pytest.approx(TRUTH["contracts"]["top10_share"], abs=TRUTH["contracts"]["tolerance"])


@pytest.mark.parametrize("segment", ["city", "intercity"])
def test_market_shares_by_quarter(steps: dict[int, Json], segment: str) -> None:
    market = next(one for one in steps[2]["markets"] if one["segment"] == segment)
    ours = next(one for one in market["sellers"] if one["ours"])
    assert ours["shares"] == pytest.approx(TRUTH["market"][segment], abs=1e-5)


def test_competitors_need_by_need(steps: dict[int, Json]) -> None:
    """Large planted differences are found, none is found the wrong way round, and nearly all intervals hold."""
    inside = 0
    for one in steps[2]["comparisons"]:
        difference = TRUTH["competitors"][one["competitor"]]["difference"][one["need"]]
        theirs = planted_rating(one["need"], after=False) + difference
        inside += holds(one["theirs"], theirs, slack=DRIFT / 2)
        gain = planted_rating(one["need"], after=True) - theirs
        if one["verdict"] == "better":
            assert gain > 0, one["need"]
        if one["verdict"] == "worse":
            assert gain < 0, one["need"]
        if abs(gain) > 0.55:
            assert one["verdict"] == ("better" if gain > 0 else "worse"), one["need"]
    # 24 intervals of 95 %: fewer than 21 inside has a chance below 0.02.
    assert inside >= 21


# --- 3: needs ------------------------------------------------------------------------------------------------


def test_ratings_in_the_first_and_the_last_wave(needs: dict[str, Json]) -> None:
    for need in NEEDS:
        waves = {one["wave"]: one["score"] for one in needs[need]["by_wave"]}
        assert list(waves) == SURVEY["waves"]
        assert holds(waves[SURVEY["waves"][0]], planted_rating(need, after=False)), need
        # Leavers raise every mean, by as much as TRUTH says at most.
        last, wanted = waves[SURVEY["waves"][-1]], planted_rating(need, after=True)
        assert last["low"] <= wanted + DRIFT, need
        assert last["high"] >= wanted, need


def test_weights_are_used(needs: dict[str, Json], folder: Path) -> None:
    """The need that the under-represented young rate lower: the plain mean of the file lies above the score."""
    name = f"survey/wave1_{SURVEY['waves'][0]}.csv"
    with (folder / "data" / name).open(encoding="utf-8-sig", newline="") as file:
        column = f"P{NEEDS.index(SURVEY['weights']['need']) + 1:02d}"
        scores = [int(row[column]) for row in csv.DictReader(file)]
    plain = [score for score in scores if 1 <= score <= 7]
    score = needs[SURVEY["weights"]["need"]]["by_wave"][0]["score"]
    assert sum(plain) / len(plain) > score["value"] + 0.02
    assert score["n"] == len(plain)


def test_importance_expectation_and_kano(needs: dict[str, Json]) -> None:
    inside = 0
    for need, planted in SURVEY["needs"].items():
        inside += holds(needs[need]["stated"], planted["importance"])
        gap = planted_rating(need, after=True) - planted["expectation"]
        assert needs[need]["gap"]["value"] == pytest.approx(gap, abs=0.2), need
        assert needs[need]["kano"] == planted["kano"], need
    # 12 intervals of 95 %: fewer than 10 inside has a chance below 0.02.
    assert inside >= 10


def test_what_drives_overall_satisfaction(needs: dict[str, Json]) -> None:
    order = sorted(NEEDS, key=lambda need: -needs[need]["derived"]["value"])
    assert set(order[:3]) == set(SURVEY["drivers"]["first"])
    assert order[0] == SURVEY["drivers"]["first"][0]


def test_a_class_below_the_smallest_group_is_not_shown(needs: dict[str, Json]) -> None:
    contacts = next(one for one in needs["punctual"]["by_class"] if one["class_id"] == "contracts")
    assert SURVEY["contract_contacts"] < 10
    assert contacts["score"]["value"] is None
    assert contacts["score"]["why"]


def test_unknown_needs(steps: dict[int, Json]) -> None:
    settings = TRUTH["interviews"]
    meter = next(one for one in steps[3]["unknown"] if one["class_id"] is None)
    unheard = 1 - settings["heard"] / settings["universe"]
    assert (meter["unit"], meter["units"], meter["heard"]) == ("interviews", settings["units"], settings["heard"])
    assert meter["unheard_at_least"]["value"] <= unheard <= meter["unheard_at_most"]["value"]


@pytest.fixture(scope="module")
def said(done: Run, steps: dict[int, Json]) -> dict[str, set[str]]:
    """The verbatims of each need."""
    return found_by_rule(done.out / "facts", steps[3]["coding"]["codes"])


def test_comments_are_coded_to_their_needs(
    needs: dict[str, Json], said: dict[str, set[str]], planted: list[dict[str, str]]
) -> None:
    """At least 85 % of what was planted is found, and 95 % of what is found was planted."""
    coded: dict[str, set[str]] = {need: set() for need in NEEDS}
    for one in needs.values():
        if one["parent"] in coded:
            found = said.get(one["id"], set())
            coded[one["parent"]] |= {verbatim for verbatim in found if verbatim.startswith("V")}
    for need in NEEDS:
        meant = {one["id"] for one in planted if need in one["needs"].split(";") and one["praise"] == "no"}
        right = len(coded[need] & meant)
        assert right >= 0.85 * len(meant), need
        assert right >= 0.95 * len(coded[need]), need


def test_praise_in_the_complaints_words_is_set_aside(
    steps: dict[int, Json], said: dict[str, set[str]], planted: list[dict[str, str]]
) -> None:
    praise = {one["id"] for one in planted if one["praise"] == "yes"}
    assert len(praise) == sum(TRUTH["comments"]["better"].values())
    coded = set().union(*said.values())
    assert len(praise & coded) <= 0.05 * len(praise)
    assert steps[3]["coding"]["negated"] >= 0.95 * len(praise)


def test_the_two_needs_that_nobody_asked_about_are_proposed(steps: dict[int, Json], folder: Path) -> None:
    first = {one["phrase"]: one for one in steps[3]["proposals"][:2]}
    assert set(first) == set(TRUTH["unasked"]["phrases"])
    text = gzip.decompress((folder / "data/voices/comments.tsv.gz").read_bytes()).decode()
    comments = [row["comment"].lower() for row in csv.DictReader(io.StringIO(text), delimiter="\t")]
    for phrase, proposal in first.items():
        holding = sum(phrase in comment for comment in comments)
        assert proposal["sentences"] >= 0.9 * holding > 0
    rules = (folder / "decisions/rules.csv").read_text(encoding="utf-8")
    assert not any(need in rules for need in TRUTH["unasked"]["needs"])


def test_what_management_assumed(steps: dict[int, Json]) -> None:
    beliefs = {one["need"]: one for one in steps[3]["audit"]["beliefs"]}
    assert all(one["sealed"] for one in beliefs.values())
    with (BUS / "decisions/assumptions.csv").open(encoding="utf-8", newline="") as file:
        predicted = {row["need"]: float(row["predicted"]) for row in csv.DictReader(file)}
    for need, value in predicted.items():
        error = value - planted_rating(need, after=True)
        if abs(error) > 0.3:
            assert beliefs[need]["verdict"] == "wrong", need
    assert set(NEEDS) - set(predicted) == {"information", "entertainment", "access"}


# --- 4 to 6: characteristics, opportunities, plan ------------------------------------------------------------


def test_empty_rows_of_the_house(steps: dict[int, Json]) -> None:
    assert set(steps[4]["empty_rows"]) == {"access", "price"}
    assert steps[4]["empty_columns"] == []


def test_the_lowest_score_and_the_gap(steps: dict[int, Json]) -> None:
    lowest = steps[5]["opportunities"][0]
    assert lowest["need"] == SURVEY["lowest"]["need"]
    assert lowest["chance_lowest"]["value"] > 0.95
    assert holds(steps[5]["spread"], SURVEY["lowest"]["spread_after"])
    assert holds(steps[5]["narrowing"], SURVEY["lowest"]["spread_before"] - SURVEY["lowest"]["spread_after"])


def test_two_needs_that_cannot_be_told_apart_are_a_tie(steps: dict[int, Json]) -> None:
    places = {one["need"]: one for one in steps[5]["opportunities"]}
    first, second = (places[need] for need in SURVEY["lowest"]["tied"])
    assert first["rank_low"] <= second["rank"] <= first["rank_high"]
    assert second["rank_low"] <= first["rank"] <= second["rank_high"]


def test_what_cannot_be_acted_on_is_set_apart(steps: dict[int, Json]) -> None:
    apart = [one["need"] for one in steps[5]["opportunities"] if not one["actionable"]]
    assert apart == ["price"]


def test_the_month_in_which_the_money_runs_short(steps: dict[int, Json]) -> None:
    planted = next(one["month"] for one in TRUTH["on_purpose"] if "month" in one)
    assert steps[6]["short_month"] == planted


def test_projects_left_out_have_their_reason(steps: dict[int, Json]) -> None:
    out = {one["id"]: one["reason"] for one in steps[6]["projects"] if not one["selected"]}
    assert set(out) == {"evening", "luxury_seats", "low_floor"}
    assert all(out.values())


# --- 7 and 8: control and after-sales ------------------------------------------------------------------------


def test_the_delay_fell_by_the_planted_shift(steps: dict[int, Json]) -> None:
    item = next(one for one in steps[7]["items"] if one["id"] == "ci_delay")
    settings = TRUTH["processes"]["departure_delay"]
    assert holds(item["shift"], settings["shift"])
    assert [one["label"] for one in item["phases"]] == [one["phase"] for one in settings["phases"]]
    for found, planted in zip(item["phases"], settings["phases"], strict=True):
        assert found["level"] == pytest.approx(planted["mean"], abs=0.02)
        assert found["sigma"] == pytest.approx(planted["sd"], abs=0.02)
    assert holds(item["capability"], settings["cpk_after"])


def test_all_processes_are_in_control(steps: dict[int, Json]) -> None:
    assert {one["id"]: one["stable"] for one in steps[7]["items"]} == {
        one["id"]: True for one in steps[7]["items"]
    }
    assert len(steps[7]["items"]) == 10


@pytest.mark.parametrize(
    "name", ["ticket_machines", "screens_out", "cancelled_trips", "worn_seats", "dirty_buses"]
)
def test_shares_of_defectives(steps: dict[int, Json], name: str) -> None:
    item = next(one for one in steps[7]["items"] if one["characteristic"] == name)
    assert holds(item["level"], TRUTH["processes"][name]["phases"][-1]["share"])


@pytest.mark.parametrize("name", ["complaints", "hard_braking"])
def test_rates(steps: dict[int, Json], name: str) -> None:
    item = next(one for one in steps[7]["items"] if one["characteristic"] == name)
    assert holds(item["level"], TRUTH["processes"][name]["phases"][-1]["rate"])


def test_only_the_promise_that_was_hardly_measured_is_not_shown(steps: dict[int, Json]) -> None:
    open_ones = [one for one in steps[7]["prerequisites"] if one["verdict"] != "met"]
    assert [(one["need"], one["characteristic"], one["verdict"]) for one in open_ones] == [
        ("information", "notice_time", "not_shown")
    ]


def test_early_warning(steps: dict[int, Json]) -> None:
    watches = {one["item"]: one for one in steps[8]["warnings"]}
    fall = TRUTH["pulse"]["fall"]
    warned = watches[f"pulse_{fall['need']}"]
    assert warned["raised"]
    assert fall["date"] <= date.fromisoformat(warned["on"]) <= TRUTH["pulse"]["end"]
    assert warned["in_control"] is True
    assert not watches["pulse_punctual"]["raised"]
    assert not watches["pulse_staff"]["raised"]


def test_perception_follows_the_process(steps: dict[int, Json]) -> None:
    shown = [one for one in steps[8]["process_links"] if one["shown"]]
    assert [(one["need"], one["lag"]["value"]) for one in shown] == [("punctual", TRUTH["pulse"]["lag_days"] / 7)]


def test_cases(steps: dict[int, Json]) -> None:
    settings, cases = TRUTH["cases"], steps[8]["cases"]
    assert (cases["opened"], cases["open"]) == (settings["total"], settings["open"])
    assert holds(cases["acknowledged"], settings["acknowledged_in_time"])
    assert holds(cases["closed_in_time"], settings["closed_in_time"])
    assert holds(cases["satisfied"], settings["satisfied"])


# --- 9: results ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def effects(steps: dict[int, Json]) -> dict[str, Json]:
    """The effects by id."""
    return {one["id"]: one for one in steps[9]["effects"]}


@pytest.mark.parametrize(
    ("effect", "improvement", "outcome"),
    [
        ("punctuality_satisfaction", "punctuality", "satisfaction"),
        ("punctuality_sales", "punctuality", "sales"),
        ("screens_satisfaction", "screens", "satisfaction"),
    ],
)
def test_planted_effects_are_shown(effects: dict[str, Json], effect: str, improvement: str, outcome: str) -> None:
    found = effects[effect]
    assert found["shown"]
    assert found["designed_before"]
    assert holds(found["effect"], TRUTH["improvements"][improvement][outcome])


def test_the_music_system_did_nothing(effects: dict[str, Json]) -> None:
    found = effects["music_satisfaction"]
    assert not found["shown"]
    assert holds(found["effect"], TRUTH["improvements"]["music"]["satisfaction"])
    assert "no effect" in found["sentence"]


def test_nothing_happened_at_the_placebo_date(effects: dict[str, Json]) -> None:
    for name, found in effects.items():
        assert found["placebo"]["value"] is not None, name
        assert holds(found["placebo"], TRUTH["placebo"]["effect"]), name


def test_the_negative_control_shows_nothing(effects: dict[str, Json]) -> None:
    for name, found in effects.items():
        if found["negative"] is not None:
            assert holds(found["negative"], 0.0), name


def test_leavers_were_less_content(effects: dict[str, Json]) -> None:
    """Who left was unhappier (TRUTH: leaving.unhappy), so the adjusted effect has an interval of its own."""
    found = effects["punctuality_satisfaction"]
    assert found["adjusted"] is not None
    assert holds(found["adjusted"], TRUTH["improvements"]["punctuality"]["satisfaction"])


def test_nps_by_wave(steps: dict[int, Json]) -> None:
    nps = next(one for one in steps[9]["measures"] if one["id"] == "nps")
    found = {point["wave"]: point["value"] for point in nps["points"]}
    for wave, planted in zip(SURVEY["waves"], SURVEY["nps"]["scores"], strict=True):
        assert holds(found[wave], planted), wave


def test_open_needs_are_carried_over(steps: dict[int, Json]) -> None:
    assert {"punctual", TRUTH["pulse"]["fall"]["need"], "information"} <= set(steps[9]["carried"])
