"""Which verbatims speak of which need: asked of the codes, since no deliverable holds them."""

from pathlib import Path

import pyarrow.parquet as pq

from nonagon.engine import coding
from nonagon.engine.facts import Facts
from nonagon.facts.codes import CodesStore
from nonagon.steps.step3_needs.analysis.verbatims import coded_by
from nonagon.steps.step3_needs.decisions import Step3Decisions


def said(facts: Facts, decisions: Step3Decisions) -> dict[str, tuple[str, ...]]:
    """The ids of the verbatims of each need that rules or people found in these facts."""
    coded, _version = coded_by(facts, decisions)
    found = {one.need for one in decisions.rules} | {one.need for one in decisions.codes}
    ids = {need: coding.ids(coded, [need], most=10**6)[0] for need in sorted(found)}
    return {need: tuple(own) for need, own in ids.items() if own}


def found_by_rule(facts_folder: Path, label: str) -> dict[str, set[str]]:
    """The ids of the verbatims of each need in the version `label` of the codes beside these facts, as files."""
    store = CodesStore(facts_folder)
    version = store.version(label)
    assert version is not None, f"{label} is not in {store.folder}"
    rows = [row for file in store.files(version) for row in pq.read_table(file).to_pylist()]
    needs: dict[str, set[str]] = {}
    for row in rows:
        if row["need"] is not None:
            needs.setdefault(row["need"], set()).add(row["verbatim_id"])
    return needs
