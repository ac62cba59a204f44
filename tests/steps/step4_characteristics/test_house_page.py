"""The page of step 4: what it shows, how its cells are kept, and the weights of a house that is being typed."""

import json
from typing import Any

import pytest

from nonagon.methods.priorities.qfd_importance import qfd_importance

pytestmark = pytest.mark.django_db


def url(cycle: Any, rest: str = "") -> str:
    return f"/c/{cycle.key}/characteristics/{rest}"


def posted(client: Any, address: str, body: Any) -> Any:
    return client.post(address, json.dumps(body), content_type="application/json")


def cell(need: str, characteristic: str, strength: int | None, judge: str = "") -> dict[str, Any]:
    name = f"@need={need}&characteristic={characteristic}&judge={judge}"
    value = None if strength is None else {"strength": strength}
    return {"op": "put", "path": ["relationships", name], "value": value}


def cells_of(cycle: Any) -> dict[tuple[str, str, str], int]:
    from nonagon.process import documents

    found: Any = documents.current(cycle, 4)[0]
    return {(one.need, one.characteristic, one.judge): one.strength for one in found.relationships}


def version_of(cycle: Any) -> int:
    from nonagon.process import documents

    return documents.current(cycle, 4)[1]


def test_the_page_holds_the_house_with_the_rows_of_the_analysis(client_of: Any, computed_cycle: Any) -> None:
    from nonagon.deliverables.step4 import CharacteristicsDeliverable
    from nonagon.process import results

    answer = client_of("analyst").get(url(computed_cycle))
    assert answer.status_code == 200
    house = answer.context["house"]
    result = results.latest(computed_cycle, 4, whole=True)
    assert result is not None
    stored = CharacteristicsDeliverable.model_validate_json(results.deliverable_of(result))
    assert [one["id"] for one in house["needs"]] == [row.need for row in stored.rows]
    assert [one["importance"] for one in house["needs"]] == [
        row.importance.value if row.importance else None for row in stored.rows
    ]
    assert [one["id"] for one in house["characteristics"]] == [one.id for one in stored.characteristics]
    assert ["fast", "waiting", "", 9] in house["cells"]
    assert 'id="house-data"' in answer.text


def test_an_empty_cycle_has_a_page_that_says_what_to_do(client_of: Any, cycle: Any) -> None:
    answer = client_of("analyst").get(url(cycle))
    assert answer.status_code == 200
    assert "The house is empty" in answer.text


def test_a_viewer_reads_and_cannot_change(client_of: Any, computed_cycle: Any) -> None:
    viewer = client_of("viewer")
    assert "data-readonly" in viewer.get(url(computed_cycle)).text
    sent = {"base": version_of(computed_cycle), "edits": [cell("fast", "training", 3)]}
    assert posted(viewer, url(computed_cycle, "edit"), sent).status_code == 403
    assert ("fast", "training", "") not in cells_of(computed_cycle)


def test_a_stranger_does_not_learn_that_the_cycle_exists(stranger_client: Any, computed_cycle: Any) -> None:
    assert stranger_client.get(url(computed_cycle)).status_code == 404
    body = {"relationships": [[[9]]], "importance": [1]}
    assert posted(stranger_client, url(computed_cycle, "preview"), body).status_code == 404
    assert posted(stranger_client, url(computed_cycle, "pairs"), {"needs": 2, "pairs": []}).status_code == 404


def test_two_people_at_different_cells_do_not_disturb_each_other(client_of: Any, computed_cycle: Any) -> None:
    base = version_of(computed_cycle)
    one = posted(
        client_of("analyst"), url(computed_cycle, "edit"), {"base": base, "edits": [cell("fast", "training", 3)]}
    )
    # the second saw the same version: they take one cell away and set another
    edits = [cell("kind", "training", None), cell("kind", "waiting", 1)]
    two = posted(client_of("owner"), url(computed_cycle, "edit"), {"base": base, "edits": edits})
    assert (one.status_code, two.status_code) == (200, 200)
    found = cells_of(computed_cycle)
    assert found["fast", "training", ""] == 3
    assert found["kind", "waiting", ""] == 1
    assert ("kind", "training", "") not in found


def test_the_second_at_the_same_cell_is_told(client_of: Any, computed_cycle: Any) -> None:
    base = version_of(computed_cycle)
    sent = {"base": base, "edits": [cell("fast", "training", 3)]}
    assert posted(client_of("analyst"), url(computed_cycle, "edit"), sent).status_code == 200
    second = posted(
        client_of("owner"), url(computed_cycle, "edit"), {"base": base, "edits": [cell("fast", "training", 9)]}
    )
    assert second.status_code == 409
    assert second.json()["conflict"]["theirs"]["strength"] == 3
    assert cells_of(computed_cycle)["fast", "training", ""] == 3


def test_my_cell_is_taken_back_although_others_went_on(client_of: Any, computed_cycle: Any) -> None:
    base = version_of(computed_cycle)
    posted(
        client_of("analyst"), url(computed_cycle, "edit"), {"base": base, "edits": [cell("fast", "training", 3)]}
    )
    posted(client_of("owner"), url(computed_cycle, "edit"), {"base": base, "edits": [cell("kind", "waiting", 1)]})
    undone = posted(client_of("analyst"), url(computed_cycle, "undo"), {})
    assert undone.status_code == 200
    found = cells_of(computed_cycle)
    assert ("fast", "training", "") not in found
    assert found["kind", "waiting", ""] == 1


def test_a_strength_that_is_no_strength_is_refused(client_of: Any, computed_cycle: Any) -> None:
    sent = {"base": version_of(computed_cycle), "edits": [cell("fast", "training", 5)]}
    answer = posted(client_of("analyst"), url(computed_cycle, "edit"), sent)
    assert answer.status_code == 422
    assert "0, 1, 3 or 9" in answer.json()["error"]["rule"]


def test_a_reason_for_an_empty_row_is_put_and_taken_away(client_of: Any, computed_cycle: Any) -> None:
    from nonagon.process import documents

    analyst = client_of("analyst")
    for value in ("not ours to change", None):
        edit = {"op": "put", "path": ["accepted_empty_rows", "clean"], "value": value}
        sent = {"base": version_of(computed_cycle), "edits": [edit]}
        assert posted(analyst, url(computed_cycle, "edit"), sent).status_code == 200
        found: Any = documents.current(computed_cycle, 4)[0]
        assert found.accepted_empty_rows.get("clean") == value


def test_the_preview_weighs_as_the_method_does(client_of: Any, computed_cycle: Any) -> None:
    # Two judges: the mean of 9 and 3 is 6. Weights 5 x 4/2 x 1.5 = 15 and 3: 15 x 6 = 90 and 3 x 9 = 27 by hand.
    body = {
        "relationships": [[[9, 0], [0, 9]], [[3, 0], [0, 9]]],
        "importance": [5, 3],
        "improvement_ratio": [2, None],
        "sales_point": [1.5, None],
    }
    found = posted(client_of("viewer"), url(computed_cycle, "preview"), body).json()
    assert found["raw"] == [15, 3]
    assert found["classic"]["absolute"] == [90, 27]
    assert found["classic"]["rank"] == [1, 2]
    expected = qfd_importance(relationships=[[6, 0], [0, 9]], importance=[15, 3])
    assert found["classic"]["relative"] == expected.relative.tolist()
    # On the ratio scale 9 and 3 weigh 9 and 3.65: 15 x 6.33 and 3 x 9 (docs of qfd_uncertainty).
    first = 15 * (9 + 3.65) / 2
    assert found["ratio"]["relative"][0] == pytest.approx(first / (first + 27), abs=1e-3)


def test_the_preview_says_why_nothing_can_be_weighed(client_of: Any, computed_cycle: Any) -> None:
    body = {"relationships": [[[0, 0]]], "importance": [5]}
    answer = posted(client_of("viewer"), url(computed_cycle, "preview"), body)
    assert answer.status_code == 200
    assert "no characteristic serves a need" in answer.json()["why"]


def test_without_any_importance_every_row_counts_the_same(client_of: Any, computed_cycle: Any) -> None:
    body = {"relationships": [[[9], [3]]], "importance": [0, 0]}
    assert posted(client_of("viewer"), url(computed_cycle, "preview"), body).json()["classic"]["absolute"] == [12]


@pytest.mark.parametrize(
    "body",
    [
        {"relationships": [[[9]]], "importance": [1, 2]},
        {"relationships": [[[-1]]], "importance": [1]},
        {"relationships": [[[9] * 201]], "importance": [1]},
        {"relationships": [[[9], [1, 2]]], "importance": [1, 1]},
        ["no object"],
    ],
)
def test_numbers_that_are_no_house_are_refused(client_of: Any, computed_cycle: Any, body: Any) -> None:
    answer = posted(client_of("viewer"), url(computed_cycle, "preview"), body)
    assert answer.status_code == 422
    assert set(answer.json()["error"]) == {"thing", "rule", "received", "next"}


def test_pairs_give_weights_and_the_consistency_ratio(client_of: Any, computed_cycle: Any) -> None:
    viewer = client_of("viewer")
    assert posted(viewer, url(computed_cycle, "pairs"), {"needs": 3, "pairs": [[0, 1, 3]]}).json() == {
        "missing": 2
    }
    # 3 x 3 = 9: perfectly consistent, weights 9 : 3 : 1
    found = posted(
        viewer, url(computed_cycle, "pairs"), {"needs": 3, "pairs": [[0, 1, 3], [1, 2, 3], [0, 2, 9]]}
    ).json()
    assert found["weights"] == pytest.approx([9 / 13, 3 / 13, 1 / 13])
    assert found["consistency_ratio"] == pytest.approx(0, abs=1e-9)
    # a over b, b over c, c over a: as inconsistent as it gets
    turned = posted(
        viewer, url(computed_cycle, "pairs"), {"needs": 3, "pairs": [[0, 1, 9], [1, 2, 9], [2, 0, 9]]}
    ).json()
    assert turned["consistency_ratio"] > 1


def test_the_page_is_not_asked_for_by_get_where_it_computes(client_of: Any, computed_cycle: Any) -> None:
    assert client_of("viewer").get(url(computed_cycle, "preview")).status_code == 405
