"""The review queue of step 1: pairs in order of doubt, verdicts that move the counts and can be taken back."""

import shutil
from pathlib import Path

import pytest

from builders.people import doubtful_cycle
from builders.web import Silent
from nonagon.basics.errors import InputError
from nonagon.pipeline.run import run
from nonagon.process import documents
from nonagon.process.documents import DocumentError
from nonagon.process.measured import facts_of
from nonagon.steps.step1_customers import selectors, services


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return doubtful_cycle(tmp_path_factory.mktemp("duplicates") / "cycle")


@pytest.fixture
def cycle(folder, organization, owner, home, db):
    from nonagon.accounts.access import Actor
    from nonagon.workspace.compute import compute_cycle
    from nonagon.workspace.jobs import import_into
    from nonagon.workspace.services import import_folder

    found = import_folder(actor=Actor(owner), organization=organization, folder=folder).cycle
    import_into(found, Silent())
    found.refresh_from_db()
    compute_cycle(found, Silent())
    return found


def test_a_run_says_how_many_records_name_somebody_once_more(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "cycle")
    text = (copy / "cycle.toml").read_text()
    (copy / "cycle.toml").write_text(text.replace("link_above = 0.999999", "link_above = 0.95"))
    found = run(copy, steps=(1,))
    said = found.deliverables[0].read_text()
    # 60 of 120 people have a second record. Four of the vague ones say no more than name, town and a birth date
    # or so that others nearly share: they wait below 0.95. So 56 of 180 records are joined, 31.1 %.
    sentence = "180 records in the register are 124 customers; 56 name somebody once more, 31.1\u202f% of all."
    assert sentence in said
    assert found.report.is_file()
    again = run(copy, steps=(1,))
    assert again.reused == (1,)
    (copy / "cycle.toml").write_text(text.replace('mail = "email"', 'mail = "mail"'))
    with pytest.raises(InputError, match=r"identity\.columns\.mail"):
        run(copy, steps=(1,))


def test_verdicts_move_pairs_from_list_to_list_and_back(cycle, client_of, actor_of):
    from nonagon.workspace.compute import compute_cycle

    client, url = client_of("analyst"), f"/c/{cycle.key}/customers/duplicates/"
    before = selectors.duplicates(cycle, show="waiting", at=0)
    assert before.counts["decided"] == 0
    # Each of the 60 planted pairs is joined or waits; at least the twelve vague ones are not joined.
    assert before.counts["waiting"] + before.counts["joined"] >= 60
    assert before.counts["waiting"] >= 12
    pair = before.pair
    assert pair is not None
    text = client.get(url).content.decode()
    assert pair.first in text
    assert pair.second in text
    sent = {"first": pair.second, "second": pair.first, "verdict": "same", "show": "waiting", "at": "0"}
    answer = client.post(url + "decide", sent)
    assert answer.status_code == 302
    assert answer["Location"].endswith("?show=waiting&at=0")
    after = selectors.duplicates(cycle, show="decided", at=0)
    assert after.counts == {**before.counts, "waiting": before.counts["waiting"] - 1, "decided": 1}
    assert after.pair is not None
    assert after.pair.verdict == "same"
    people_before = facts_of(cycle).rows("customers")
    compute_cycle(cycle, Silent())
    assert facts_of(cycle).rows("customers") == people_before - 1
    client.post(url + "decide", {**sent, "verdict": ""})
    compute_cycle(cycle, Silent())
    assert selectors.duplicates(cycle, show="waiting", at=0).counts == before.counts
    assert facts_of(cycle).rows("customers") == people_before


def test_pairs_come_in_order_of_doubt(cycle):
    count = selectors.duplicates(cycle, show="waiting", at=0).counts["waiting"]
    pairs = [selectors.duplicates(cycle, show="waiting", at=at).pair for at in range(min(count, 8))]
    far = [abs(one.probability - 0.5) for one in pairs if one is not None and one.probability is not None]
    assert len(far) == min(count, 8) > 1
    assert far == sorted(far)


def test_a_verdict_is_kept_once_whatever_the_order_of_the_records(cycle, actor_of):
    actor = actor_of("analyst")
    services.decide_pair(actor=actor, cycle=cycle, first="p001a", second="p003a", verdict="same")
    services.decide_pair(actor=actor, cycle=cycle, first="p003a", second="p001a", verdict="different")
    document, _number = documents.current(cycle, 1)
    assert [(one.first, one.second, one.verdict) for one in document.duplicates] == [
        ("p001a", "p003a", "different")
    ]
    documents.undo(actor=actor, cycle=cycle, step=1)
    document, _number = documents.current(cycle, 1)
    assert [one.verdict for one in document.duplicates] == ["same"]


@pytest.mark.parametrize(
    ("first", "second", "verdict"), [("a", "a", "same"), ("a", "", "same"), ("a", "b", "maybe")]
)
@pytest.mark.django_db
def test_what_is_no_verdict_is_refused(computed_cycle, actor_of, first, second, verdict):
    with pytest.raises(DocumentError, match="Name two records"):
        services.decide_pair(
            actor=actor_of("analyst"), cycle=computed_cycle, first=first, second=second, verdict=verdict
        )


@pytest.mark.django_db
def test_where_nothing_was_asked_the_page_says_so(computed_cycle, client_of):
    text = client_of("analyst").get(f"/c/{computed_cycle.key}/customers/duplicates/").content.decode()
    assert "Nothing was looked for yet" in text
    assert client_of("viewer").get(f"/c/{computed_cycle.key}/customers/duplicates/").status_code == 403
