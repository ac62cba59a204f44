"""The cycle folder: what is right is read, what is wrong is named with file, line and key, all at once."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from builders.folder import write_cycle
from nonagon.basics.errors import InputError
from nonagon.pipeline.check import mistakes_in
from nonagon.pipeline.folder import read_folder
from nonagon.pipeline.rooms import ROOMS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_cycle(tmp_path / "cycle")


def said(folder: Path) -> list[str]:
    return [str(one).replace(f"{folder}/", "") for one in mistakes_in(folder)]


def write(name: str, text: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_text(text, encoding="utf-8") and None


def change(name: str, old: str, new: str) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return apply


def test_a_folder_without_mistakes(folder: Path) -> None:
    assert said(folder) == []
    read = read_folder(folder)
    assert read.cycle.name == "Small cycle"
    assert [one.id for one in read.cycle.items] == ["q_fast", "q_kind", "q_clean", "overall"]
    assert [one.date for one in read.cycle.waves] == [date(2025, 2, 1), date(2025, 10, 1)]
    assert list(read.sources) == ["register", "survey", "comments", "shop", "process"]
    assert sorted(read.documents) == list(range(1, 10))
    assert read.data_folder == folder


def test_a_folder_with_nothing_but_a_name_and_an_organization(tmp_path: Path) -> None:
    (tmp_path / "cycle.toml").write_text('name = "n"\norganization = "o"\n')
    assert said(tmp_path) == []
    read = read_folder(tmp_path)
    assert all(read.documents[room.number] == room.decisions()() for room in ROOMS)


@pytest.mark.parametrize(
    ("break_it", "mistakes"),
    [
        (
            change("cycle.toml", 'currency = "EUR"', 'curency = "EUR"'),
            ["cycle.toml:3: curency: is no key here; did you mean currency?"],
        ),
        (
            change("cycle.toml", "draws = 200", "draws = 20"),
            ["cycle.toml:7: settings.draws: must be greater than or equal to 200; got 20"],
        ),
        (
            change("cycle.toml", 'id = "w2"', 'id = "w1"'),
            ["cycle.toml:14: waves[2].id: the wave 'w1' stands twice; give each its own id"],
        ),
        (
            change("cycle.toml", 'table = "sales"', 'table = "sale"'),
            [
                "cycle.toml:57: data.shop.table: must be 'customers', 'answers', 'verbatims', 'sales' or "
                "'measurements'; got 'sale'"
            ],
        ),
        (
            change("cycle.toml", 'amount = "Amount"', 'amout = "Amount"'),
            [
                "cycle.toml:65: data.shop.columns.amout: is no column of the table sales; did you mean amount? "
                "(it has sale_id, customer_id, date, product, version, seller, quantity, amount); to keep it "
                "beside them, put it under attributes",
                "cycle.toml:60: data.shop.columns: must say where amount comes from (money, in the cycle's "
                'currency); add amount = "..."',
            ],
        ),
        (
            change("items.csv", "q_kind,Staff are kind,satisfaction,kind", "q_fast,Staff,satisfaction,kin"),
            [
                "items.csv:3: id: the item 'q_fast' stands twice; give each its own id",
                "items.csv:3: need: names the unknown need 'kin'; did you mean kind? (known: clean, fast, kind)",
            ],
        ),
        (
            change("items.csv", "overall,All in all,overall,,1,5", "overall,All in all,overall,,5,5"),
            ["items.csv:5: scale_min: must lie below scale_max (5); got 5"],
        ),
        (
            change("items.csv", "q_fast,I am served fast,satisfaction", "q_fast,I am served fast,satisfied"),
            [
                "items.csv:2: kind: must be 'satisfaction', 'importance', 'expectation', 'overall', 'recommend', "
                "'kano_functional', 'kano_dysfunctional' or 'other'; got 'satisfied'"
            ],
        ),
        (
            change("decisions/relationships.csv", "kind,training,3", "kindness,training,3"),
            [
                "decisions/relationships.csv:3: need: names the unknown need 'kindness'; did you mean kind? "
                "(known: clean, fast, kind)"
            ],
        ),
        (
            change("decisions/phases.csv", "after,2025-04-15", "after,2024-04-15"),
            ["decisions/phases.csv:3: start: must lie after the phase before (2025-01-01); got 2024-04-15"],
        ),
        (
            change("decisions/control_plan.csv", "id,characteristic", "id,colour,characteristic"),
            [
                "decisions/control_plan.csv:1: colour: is no column here; known are id, characteristic, "
                "measurement, chart, activity, rules, baseline, units, sample, frequency, technique, responder, "
                "reaction",
                "decisions/control_plan.csv:2: has 8 cells, but the header has 9 columns",
            ],
        ),
        (
            change("decisions/step1.toml", 'name = "North"', 'name = "North'),
            ["decisions/step1.toml:3: is not valid TOML here: Illegal character '\\n'"],
        ),
        (
            write("decisions/step10.toml", ""),
            ["decisions/step10.toml: is read by no step; did you mean step1.toml?"],
        ),
        (
            write("decisions/phase.csv", "label,start\n"),
            ["decisions/phase.csv: is read by no step; did you mean phases.csv?"],
        ),
    ],
)  # fmt: skip
def test_a_mistake(folder: Path, break_it: Callable[[Path], None], mistakes: list[str]) -> None:
    break_it(folder)
    assert said(folder) == mistakes
    if not mistakes[0].startswith("cycle.toml:65"):  # the mapping is read together with the files
        with pytest.raises(InputError) as caught:
            read_folder(folder)
        assert [str(one).replace(f"{folder}/", "") for one in caught.value.mistakes] == mistakes


def test_activities_that_wait_for_each_other(folder: Path) -> None:
    change("decisions/activities.csv", "Build it,head of the hall,30,,", "Build it,head of the hall,30,a2,")(
        folder
    )
    assert said(folder) == [
        "decisions/activities.csv:2: after: the activities wait for each other in a circle: a1 -> a2 -> a1; take "
        "one of these dependencies out"
    ]


def test_mistakes_of_all_files_come_at_once(folder: Path) -> None:
    change("decisions/roof.csv", "waiting,training,+", "waiting,weighting,+")(folder)
    change("decisions/watches.csv", "q_fast,2025-09-01", "q_fats,2025-09-01")(folder)
    change("cycle.toml", "data/sales.csv", "data/sails.csv")(folder)
    change("cycle.toml", 'date = "Date"\nsubject', 'date = "Day"\nsubject')(folder)
    found = said(folder)
    assert [one.split(": ")[0] for one in found] == [
        "decisions/roof.csv:2",
        "decisions/watches.csv:2",
        "cycle.toml:36",
        "cycle.toml:58",
    ]
    assert "did you mean" in found[0]
    assert "did you mean q_fast?" in found[1]
    assert "'Day'" in found[2]
    assert "data/sales.csv" in found[3]


def test_no_folder_and_no_cycle(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    assert [str(one) for one in mistakes_in(nowhere)] == [
        f"{nowhere}: is no folder; give the folder that holds cycle.toml"
    ]
    assert said(tmp_path) == ["cycle.toml: is missing; `nonagon init` writes one from your data files"]


def test_files_that_are_neither_toml_nor_csv_may_lie_beside_the_decisions(folder: Path) -> None:
    (folder / "decisions" / "notes.txt").write_text("remember the milk")
    assert said(folder) == []


def test_a_class_rule_may_only_ask_for_what_a_source_says_of_customers(folder: Path) -> None:
    attribute = '[data.shop.attributes]\ncountry = "Version"\n\n[data.shop.columns]'
    change("cycle.toml", "[data.shop.columns]", attribute)(folder)
    path = folder / "decisions/step1.toml"
    before = path.read_text(encoding="utf-8")
    rule = '\n[[classes]]\nid = "a"\nname = "A"\nrule = [{ field = "%s", one_of = ["x"] }]\n'
    path.write_text(before + rule % "country", encoding="utf-8")
    (mistake,) = said(folder)
    assert mistake.startswith("decisions/step1.toml:")
    assert "rule[1].field: asks for 'country', which stands on the sales table" in mistake
    path.write_text(before + rule % "kid", encoding="utf-8")
    (mistake,) = said(folder)
    assert "names the unknown attribute 'kid'; did you mean kind?" in mistake
    path.write_text(before + rule % "days_since_last", encoding="utf-8")
    assert said(folder) == []
