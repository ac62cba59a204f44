"""The documents of step 1: what a rule means, and what is wrong with one."""

import pytest
from pydantic import ValidationError

from nonagon.deliverables.decisions import Fault, Known
from nonagon.deliverables.step1 import BEHAVIOURS, Condition
from nonagon.engine import customers as engine_customers
from nonagon.methods.value.rfm import SEGMENTS
from nonagon.steps.step1_customers.decisions import ClassDecision, KeyCriteria, Step1Decisions

KNOWN = Known({"need": frozenset({"punctual"})})


def faults(**document: object) -> list[Fault]:
    return list(Step1Decisions.model_validate(document).faults(KNOWN))


def test_an_empty_document_is_valid() -> None:
    assert faults() == []
    assert list(Step1Decisions().defines()) == []


@pytest.mark.parametrize("segment", SEGMENTS)
def test_every_segment_of_the_method_can_be_a_class(segment: str) -> None:
    one = ClassDecision(id="a", name="A", from_rfm=segment.title())  # type: ignore[arg-type]
    assert one.conditions() == (Condition(field="rfm_segment", one_of=(segment,)),)


def test_abc_joins_the_rule() -> None:
    rule = (Condition(field="region", one_of=("north",)),)
    one = ClassDecision(id="a", name="A", rule=rule, abc="A")
    assert one.conditions() == (*rule, Condition(field="abc", one_of=("A",)))


@pytest.mark.parametrize("tests", [{}, {"one_of": ("a",), "below": 3}, {"one_of": ("a",), "none_of": ("b",)}])
def test_a_condition_tests_exactly_one_thing(tests: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="exactly one of"):
        Condition.model_validate({"field": "region", **tests})


def test_a_range_is_one_test() -> None:
    assert Condition(field="orders", at_least=1, below=5).below == 5


def test_key_customers_need_both_kinds_of_criteria() -> None:
    with pytest.raises(ValidationError, match="loyal must state"):
        KeyCriteria.model_validate({"important": {"abc": ["A"]}})
    with pytest.raises(ValidationError, match="important must state"):
        KeyCriteria.model_validate({"loyal": {"orders_at_least": 3}})


def test_active_within_so_many_days_holds_on_the_last_of_them() -> None:
    criteria = KeyCriteria.model_validate(
        {"loyal": {"active_within_days": 90}, "important": {"revenue_share_at_least": 0.01}}
    )
    assert criteria.conditions() == (
        Condition(field="days_since_last", below=91),
        Condition(field="revenue_share", at_least=0.01),
    )


def test_a_good_map_has_no_faults() -> None:
    assert (
        faults(
            classes=[{"id": "riders", "name": "Riders"}],
            suppliers=[{"id": "garage", "name": "Garage"}],
            processes=[{"id": "depot", "name": "Depot"}, {"id": "drive", "name": "Driving"}],
            supplies=[
                {"id": "s1", "supplier": "garage", "customer": "depot", "what": "parts"},
                {
                    "id": "s2",
                    "supplier": "depot",
                    "customer": "drive",
                    "what": "buses",
                    "need": "ready at five",
                    "serves": ["punctual"],
                },
                {"id": "s3", "supplier": "drive", "customer": "riders", "what": "the ride"},
            ],
        )
        == []
    )


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"supplier": "nobody"}, ("supplies", 0, "supplier"), "unknown supplier 'nobody'"),
        ({"customer": "nobody"}, ("supplies", 0, "customer"), "unknown receiver 'nobody'"),
        ({"customer": "depot"}, ("supplies", 0, "customer"), "supplies itself"),
        ({"serves": ["punctul"]}, ("supplies", 0, "serves", 0), "did you mean punctual"),
    ],
)
def test_faults_of_a_supply(change: dict[str, object], path: tuple[str | int, ...], words: str) -> None:
    supply: dict[str, object] = {"id": "s", "supplier": "depot", "customer": "drive", "what": "buses"}
    found = faults(
        processes=[{"id": "depot", "name": "Depot"}, {"id": "drive", "name": "Driving"}],
        supplies=[supply | change],
    )
    assert [(one.path, words in one.message) for one in found] == [(path, True)]


def test_an_id_stands_once() -> None:
    classes = [{"id": "a", "name": "A"}, {"id": "a", "name": "B"}]
    assert "stands twice" in faults(classes=classes)[0].message
    key = {"id": "a", "loyal": {"orders_at_least": 1}, "important": {"abc": ["A"]}}
    assert faults(classes=classes[:1], key_customers=key)[0].path == ("key_customers", "id")


CUSTOMERS = Known(
    {
        "attribute": frozenset({"region", "ticket_type", "orders", "rfm_segment"}),
        "sales attribute": frozenset({"country"}),
    }
)


def field_faults(field: str, known: Known) -> list[Fault]:
    rule = [{"field": "region", "one_of": ["north"]}, {"field": field, "one_of": ["x"]}]
    document = Step1Decisions.model_validate({"classes": [{"id": "a", "name": "A", "rule": rule}]})
    return list(document.faults(known))


def test_a_rule_on_a_field_that_no_customer_has_is_a_mistake_with_the_nearest_name() -> None:
    (fault,) = field_faults("ticket_typ", CUSTOMERS)
    assert fault.path == ("classes", 0, "rule", 1, "field")
    assert "unknown attribute 'ticket_typ'; did you mean ticket_type?" in fault.message


def test_an_attribute_of_another_table_is_named_as_such() -> None:
    (fault,) = field_faults("country", CUSTOMERS)
    assert "'country', which stands on the sales table, not on the customers" in fault.message


def test_behaviour_and_customers_attributes_are_no_mistake() -> None:
    assert field_faults("orders", CUSTOMERS) == []
    assert field_faults("ticket_type", CUSTOMERS) == []


def test_without_a_source_of_customers_fields_are_not_judged() -> None:
    assert field_faults("anything", Known({"sales attribute": frozenset({"country"})})) == []


def test_the_behaviours_are_those_that_the_engine_computes() -> None:
    assert BEHAVIOURS == engine_customers.BEHAVIOURS
