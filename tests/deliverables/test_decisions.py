"""What decision documents say of references that do not fit."""

from nonagon.deliverables.decisions import Fault, Known, repeated, unknown

KNOWN = Known({"need": frozenset({"punctual", "punctuality", "comfort"}), "control_item": frozenset()})


def test_a_known_id_is_no_fault() -> None:
    assert list(unknown(("needs", 0), "need", "comfort", KNOWN)) == []


def test_an_unknown_id_is_named_with_the_nearest() -> None:
    assert list(unknown(("needs", 0), "need", "punctal", KNOWN)) == [
        Fault(
            ("needs", 0),
            "names the unknown need 'punctal'; did you mean punctual or punctuality? "
            "(known: comfort, punctual, punctuality)",
        )
    ]


def test_an_unknown_id_without_anything_near() -> None:
    (fault,) = unknown(("x",), "control_item", "delay", KNOWN)
    assert fault.message == "names the unknown control item 'delay' (known: none)"
    (fault,) = unknown(("x",), "planet", "mars", KNOWN)
    assert fault.message == "names the unknown planet 'mars' (known: none)"


def test_a_long_list_of_known_ids_is_cut_and_says_so() -> None:
    many = Known({"need": frozenset(f"n{number:02d}" for number in range(12))})
    (fault,) = unknown(("x",), "need", "zzz", many)
    assert fault.message == (
        "names the unknown need 'zzz' (known: n00, n01, n02, n03, n04, n05, n06, n07 and 4 more)"
    )


def test_the_message_is_the_same_whatever_the_order_of_the_set() -> None:
    ids = [f"need {letter}" for letter in "abcdef"]
    one, other = Known({"need": frozenset(ids)}), Known({"need": frozenset(reversed(ids))})
    assert list(unknown((), "need", "need g", one)) == list(unknown((), "need", "need g", other))


def test_an_id_that_stands_twice() -> None:
    assert list(repeated(("needs",), ["a", "b", "a", "a"], "need")) == [
        Fault(("needs", 2, "id"), "the need 'a' stands twice; give each its own id"),
        Fault(("needs", 3, "id"), "the need 'a' stands twice; give each its own id"),
    ]
    assert list(repeated(("needs",), ["a", "b"], "need")) == []
