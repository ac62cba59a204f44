"""The pages of step 1: live counts of rules, the register."""

import json

import polars as pl
import pytest

from nonagon.process.places import out_of

pytestmark = pytest.mark.django_db


def counted(client, cycle, **body):
    answer = client.post(f"/c/{cycle.key}/customers/count", json.dumps(body), content_type="application/json")
    assert answer.status_code == 200, answer.content
    return {one["id"]: one for one in answer.json()["counts"]}


def customers_of(cycle) -> pl.DataFrame:
    """The customers as they lie in the facts, read without the product."""
    return pl.read_delta(str(out_of(cycle) / "facts" / "customers"))


def test_everybody_is_counted_where_a_rule_asks_nothing(client_of, computed_cycle):
    found = counted(client_of("analyst"), computed_cycle, classes=[{"id": "all", "rule": []}])
    assert found["all"]["customers"] == customers_of(computed_cycle).height


def test_a_rule_on_behaviour_counts_its_buyers(client_of, computed_cycle):
    rule = [{"field": "orders", "at_least": 1}]
    found = counted(client_of("analyst"), computed_cycle, classes=[{"id": "buyers", "rule": rule}])
    sales = pl.read_delta(str(out_of(computed_cycle) / "facts" / "sales"))
    assert found["buyers"]["customers"] == sales["customer_id"].drop_nulls().n_unique()


def test_a_half_typed_rule_says_what_it_lacks_and_the_others_are_counted(client_of, computed_cycle):
    classes = [{"id": "half", "rule": [{"field": "orders"}]}, {"id": "all", "rule": []}]
    found = counted(client_of("analyst"), computed_cycle, classes=classes)
    assert found["half"]["customers"] is None
    assert found["half"]["problem"]
    assert "must set exactly one" in found["half"]["sentence"]
    assert found["all"]["customers"] > 0


def test_a_field_that_no_customer_has_is_named(client_of, computed_cycle):
    classes = [{"id": "odd", "rule": [{"field": "shoe_size", "at_least": 3}]}, {"id": "all", "rule": []}]
    found = counted(client_of("analyst"), computed_cycle, classes=classes)
    assert found["odd"]["problem"]
    assert "shoe_size" in found["odd"]["sentence"]
    assert not found["all"]["problem"]


def test_counting_changes_nothing(client_of, computed_cycle):
    before = computed_cycle.versions.count()
    counted(client_of("analyst"), computed_cycle, classes=[{"id": "all", "rule": []}])
    assert computed_cycle.versions.count() == before


@pytest.mark.parametrize("body", ["{", "[]", '{"classes": [1]}', '{"classes": [], "key_customers": 3}'])
def test_a_body_that_is_none_is_refused_in_the_one_shape(client_of, computed_cycle, body):
    url = f"/c/{computed_cycle.key}/customers/count"
    answer = client_of("analyst").post(url, body, content_type="application/json")
    assert answer.status_code == 400
    assert set(answer.json()["error"]) == {"thing", "rule", "received", "next"}


def test_the_register_is_searched_and_paged(client_of, computed_cycle):
    client, url = client_of("analyst"), f"/c/{computed_cycle.key}/customers/register/"
    people = customers_of(computed_cycle)["customer_id"].cast(str).sort()
    text = client.get(url).content.decode()
    assert people[0] in text
    one = client.get(url, {"search": people[0]})
    assert one.context["page"].paginator.count == people.str.contains(people[0], literal=True).sum()
    assert client.get(url, {"page": 9999}).status_code == 200
    assert client.get(url, {"class": "no-such-class"}).context["page"].paginator.count == 0


@pytest.mark.parametrize("page", ["0", "-1", "many", "\u0663", "9" * 30, "9" * 5000])
def test_pages_of_the_register_that_are_none_show_one_that_is(client_of, computed_cycle, page):
    url = f"/c/{computed_cycle.key}/customers/register/"
    shown = client_of("analyst").get(url, {"page": page}).context
    assert shown["page"].number == 1
    assert len(shown["rows"]) == 50


def test_a_page_of_the_register_goes_on_where_the_one_before_it_ends(client_of, computed_cycle):
    client, url = client_of("analyst"), f"/c/{computed_cycle.key}/customers/register/"
    people = customers_of(computed_cycle)["customer_id"].cast(str).sort().to_list()
    shown = [row[0] for number in (1, 2) for row in client.get(url, {"page": number}).context["rows"]]
    assert shown == people
    north = client.get(url, {"class": "north"}).context
    regions = customers_of(computed_cycle)["attribute_region"].to_list()
    assert north["page"].paginator.count == regions.count("north")


def test_values_of_attributes_are_read_once_for_a_version_of_the_customers(computed_cycle, monkeypatch):
    from nonagon.engine import customers
    from nonagon.steps.step1_customers import selectors

    asked = []
    read = customers.counts_by
    monkeypatch.setattr(customers, "counts_by", lambda facts, name: asked.append(name) or read(facts, name))
    first, again = selectors.rule_fields(computed_cycle), selectors.rule_fields(computed_cycle)
    assert set(first["region"]) == {"north", "south"}
    assert again == first
    assert asked == ["region"]


def test_the_register_is_for_those_who_decide(client_of, computed_cycle, stranger_client):
    url = f"/c/{computed_cycle.key}/customers/register/"
    assert client_of("viewer").get(url).status_code == 403
    assert stranger_client.get(url).status_code == 404
