"""Who supplies whom: the SIPOC map, and how each internal need reaches an external customer."""

from collections import deque

from nonagon.deliverables.record import Record
from nonagon.deliverables.step1 import Process, SupplyPath
from nonagon.steps.step1_customers.decisions import Step1Decisions


def describe_supplies(
    record: Record, decisions: Step1Decisions
) -> tuple[tuple[Process, ...], tuple[SupplyPath, ...]]:
    """Every process and every supply with its path towards an external class."""
    if not decisions.processes:
        record.lack("internal customers and who supplies whom", "decisions/processes.csv and supplies.csv")
    external = {one.id for one in decisions.classes if one.kind == "external"}
    if decisions.key_customers is not None:
        external.add(decisions.key_customers.id)
    if decisions.processes or decisions.supplies:
        record.decided("supplies", "decisions/step1.toml: processes, supplies")
    onwards: dict[str, list[str]] = {}
    for one in decisions.supplies:
        onwards.setdefault(one.supplier, []).append(one.customer)
    supplies = tuple(
        SupplyPath(
            id=one.id,
            supplier=one.supplier,
            customer=one.customer,
            what=one.what,
            need=one.need,
            serves=one.serves,
            internal=one.customer not in external,
            path=(path := _path(one.customer, onwards, external)),
            traced=one.customer in external or bool(path and one.serves),
        )
        for one in decisions.supplies
    )
    processes = tuple(
        Process(
            id=one.id,
            name=one.name,
            owner=one.owner,
            supplied_by=tuple(dict.fromkeys(s.supplier for s in supplies if s.customer == one.id)),
            supplies=tuple(dict.fromkeys(onwards.get(one.id, ()))),
            reaches=tuple(sorted(_reached(one.id, onwards) & external)),
        )
        for one in decisions.processes
    )
    _say(record, processes, supplies)
    return processes, supplies


def _path(start: str, onwards: dict[str, list[str]], external: set[str]) -> tuple[str, ...]:
    """The shortest way from `start` to an external class, both ends included; empty where there is none."""
    came_from: dict[str, str | None] = {start: None}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        if here in external:
            way: list[str] = []
            step: str | None = here
            while step is not None:
                way.append(step)
                step = came_from[step]
            return tuple(reversed(way))
        for ahead in onwards.get(here, ()):
            if ahead not in came_from:
                came_from[ahead] = here
                waiting.append(ahead)
    return ()


def _reached(start: str, onwards: dict[str, list[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for ahead in onwards.get(waiting.pop(), ()):
            if ahead not in found:
                found.add(ahead)
                waiting.append(ahead)
    return found


def _say(record: Record, processes: tuple[Process, ...], supplies: tuple[SupplyPath, ...]) -> None:
    for one in processes:
        if not one.reaches:
            sentence = f"What the process {one.name} supplies reaches no external customer on the map."
            record.say("warning", sentence, origin="supplies")
    open_needs = [one for one in supplies if one.internal and one.need and not one.traced]
    if open_needs:
        named = ", ".join(one.id for one in open_needs[:5])
        sentence = f"{len(open_needs)} internal needs trace to no external need: {named}."
        record.say("warning", sentence, origin="supplies")
