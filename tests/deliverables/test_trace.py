"""The trace: chains, both ways, orphans and dead ends."""

from typing import cast

from nonagon.deliverables.evidence import Deliverable, Kind, Link
from nonagon.deliverables.step3 import NeedResult, NeedsDeliverable
from nonagon.deliverables.step5 import OpportunitiesDeliverable, Opportunity
from nonagon.deliverables.trace import Trace, trace

# One need with the whole chain, one that ends at its characteristic, a project that serves nobody.
PAIRS = [
    ("need", "punctual", "characteristic", "delay"),
    ("need", "comfort", "characteristic", "seat"),
    ("need", "punctual", "opportunity", "on time"),
    ("characteristic", "delay", "opportunity", "on time"),
    ("opportunity", "on time", "project", "timetable"),
    ("project", "timetable", "activity", "training"),
    ("activity", "training", "control_item", "delay chart"),
    ("characteristic", "delay", "control_item", "delay chart"),
    ("control_item", "delay chart", "follow_up", "after the trip"),
    ("follow_up", "after the trip", "result", "score up"),
    ("project", "new logo", "activity", "paint"),
]


def links(pairs: list[tuple[str, str, str, str]]) -> tuple[Link, ...]:
    return tuple(
        Link(from_kind=cast(Kind, one), from_id=a, to_kind=cast(Kind, other), to_id=b)
        for one, a, other, b in pairs
    )


def traced(pairs: list[tuple[str, str, str, str]], *said: NeedResult) -> Trace:
    """The links spread over two deliverables, some of them in both."""
    found = links(pairs)
    return trace([NeedsDeliverable(needs=said, links=found[:5]), Deliverable(step=6, links=found[3:])])


def need(own: str, verbatims: int, with_parts: int | None = None) -> NeedResult:
    """What step 3 says of a need that so many verbatims speak of."""
    return NeedResult(id=own, name=own, verbatims=verbatims, verbatims_with_parts=with_parts or verbatims)


SAID = (need("punctual", 2), need("comfort", 1))


def test_links_of_all_deliverables_stand_once() -> None:
    assert traced(PAIRS).links == links(PAIRS)


def test_a_whole_chain_reaches_the_result() -> None:
    punctual = next(one for one in traced(PAIRS, *SAID).chains if one.need == "punctual")
    assert punctual.verbatims == 2
    assert punctual.reaches_result
    assert punctual.forward == {
        "characteristic": ("delay",),
        "opportunity": ("on time",),
        "project": ("timetable",),
        "activity": ("training",),
        "control_item": ("delay chart",),
        "follow_up": ("after the trip",),
        "result": ("score up",),
    }
    assert list(punctual.forward) == [
        "characteristic",
        "opportunity",
        "project",
        "activity",
        "control_item",
        "follow_up",
        "result",
    ], "in the order of the trace"


def test_a_broken_chain_says_where_it_ends() -> None:
    whole = traced(PAIRS)
    comfort = next(one for one in whole.chains if one.need == "comfort")
    assert comfort.forward == {"characteristic": ("seat",)}
    assert not comfort.reaches_result
    assert [one.sentence for one in whole.dead_ends] == ["Nothing follows from the characteristic seat."]


def test_orphans_serve_no_need() -> None:
    assert [(one.kind, one.id, one.sentence) for one in traced(PAIRS).orphans] == [
        ("project", "new logo", "The project new logo serves no customer need."),
        ("activity", "paint", "The activity paint serves no customer need."),
    ]


def test_a_follow_up_and_a_control_item_are_named_in_words() -> None:
    broken = traced([("activity", "a", "control_item", "c"), ("control_item", "c", "follow_up", "f")])
    assert [one.sentence for one in broken.orphans] == [
        "The activity a serves no customer need.",
        "The control item c serves no customer need.",
        "The follow-up f serves no customer need.",
    ]


def test_a_need_that_nothing_serves_is_a_dead_end() -> None:
    alone = traced([], need("quiet", 1))
    assert [one.sentence for one in alone.dead_ends] == ["No characteristic serves the need quiet."]
    assert alone.chains[0].verbatims == 1
    assert alone.chains[0].forward == {}


def test_of_needs_without_a_characteristic_only_the_widest_is_named() -> None:
    found = traced(
        [
            ("need", "ramp", "need", "access"),
            ("need", "access", "need", "comfort"),
            ("need", "seats", "need", "comfort"),
            ("need", "seats", "characteristic", "padding"),
            ("characteristic", "padding", "result", "r"),
            ("need", "access", "opportunity", "low floors"),
        ]
    )
    assert [one.sentence for one in found.dead_ends] == [
        "No characteristic serves the need access.",
        "Nothing follows from the opportunity low floors.",
    ]


def test_what_people_did_not_take_up_is_no_dead_end() -> None:
    left = OpportunitiesDeliverable(
        opportunities=(Opportunity(id="o", need="n", name="Low floors", chosen=False),),
        links=links([("need", "n", "characteristic", "c"), ("characteristic", "c", "opportunity", "o")]),
    )
    assert trace([left]).dead_ends == ()


def test_links_that_skip_kinds_reach_the_result_too() -> None:
    short = traced([("need", "n", "project", "p"), ("project", "p", "result", "r")])
    assert short.chains[0].reaches_result
    assert short.orphans == ()
    assert [one.sentence for one in short.dead_ends] == ["No characteristic serves the need n."]


def test_a_part_of_a_need_reaches_what_the_wider_need_leads_to() -> None:
    found = traced(
        [
            ("need", "late bus", "need", "punctual"),
            ("need", "punctual", "characteristic", "delay"),
            ("characteristic", "delay", "result", "r"),
        ],
        need("late bus", 1),
        need("punctual", 1, with_parts=2),
    )
    chains = {chain.need: chain for chain in found.chains}
    assert chains["late bus"].reaches_result
    assert chains["late bus"].forward["need"] == ("punctual",)
    assert chains["punctual"].verbatims == 2, "what was said of a part was said of the whole"
    assert chains["late bus"].verbatims == 1
    assert (found.orphans, found.dead_ends) == ((), ())


def test_nothing_to_trace() -> None:
    assert trace([]) == Trace(links=(), chains=(), orphans=(), dead_ends=())


def test_the_same_links_in_another_order_give_the_same_trace() -> None:
    one, other = traced(PAIRS), traced(PAIRS[::-1])
    assert (one.chains, one.orphans, one.dead_ends) == (other.chains, other.orphans, other.dead_ends)
