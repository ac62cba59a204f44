"""How fast verbatims are coded by rules, in how much memory, and what it takes to do it again.

Run: make bench, or .venv/bin/python bench/coding.py [--verbatims 100000] [--keep]
(--verbatims 5000000: some minutes and 2 GB of disk).

The comments are those of examples/bus, written anew under new keys until there are enough of them: each keeps its
sentences and gets one more that no other has (a time of day, a number of a line, a stop), so that no two texts are
equal and new words keep coming. The rules are those of the bus company. A tenth of the comments lies in a file of
its own, the new wave.

In one run, each in a process of its own, the fastest way first told:
1. a plain pass over the texts: polars counts one phrase, on one thread (the limit of whoever reads every text);
2. coding with as many workers as there are processors, then with one: equal codes, or the exit code is 1;
3. suggesting needs for the comments without one, by the same workers, after 2,000 comments were coded by hand;
   then the queue's two questions of what is stored;
4. the same again, when everything is known; with the new wave, when only that is not; with one code by hand, when
   only counting is asked for; the counts of step 3 by query.
Seconds on the clock; MB at the most (VmHWM) of the process itself and of its largest worker.
"""
# ruff: noqa: PLC0415  (what a child does not measure, it does not load)

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BUS = ROOT / "examples" / "bus"
HOME = ROOT / ".cache" / "bench-coding"
BLOCK = 200_000
"""Comments made at a time."""
PHRASE = "late"
NEW_WAVE = 0.1
LEARNED = 2_000
"""Comments that are coded by hand before needs are suggested."""


def bus_comments() -> Any:
    """The comments of the bus company, imported by the product from the exports that its example makes."""
    import polars as pl

    from nonagon.facts.store import FactStore
    from nonagon.imports.load import load_facts
    from nonagon.pipeline.folder import read_folder

    out = HOME / "bus"
    store = FactStore(out / "facts")
    if "verbatims" not in store.tables():
        subprocess.run(
            [sys.executable, str(BUS / "make.py"), str(out / "data")], check=True, stdout=subprocess.DEVNULL
        )
        load_facts(read_folder(BUS).sources, out, out)
    return pl.read_parquet(list(store.uris("verbatims")))


def make(many: int, place: Path) -> None:
    """Writes the facts of two versions: without the new wave in `before`, with it in `after`."""

    from nonagon.facts.store import FactStore, TableVersion

    base = bus_comments()
    old = round(many * (1 - NEW_WAVE))
    for name, rows in (("before", old), ("after", many)):
        store = FactStore(place / name)
        with store.writing():
            mark = f"{name}{many:050d}"
            frames = (made(base, at, min(BLOCK, rows - at), old) for at in range(0, rows, BLOCK))
            version, files, written = store.write_table("verbatims", mark, frames, dict(base.schema))
            found = TableVersion("verbatims", mark, version, files, written, ("note",))
            store.publish({"verbatims": found})
        print(f"  {written:>10,} comments in {name}", flush=True)


def made(base: Any, start: int, rows: int, old: int) -> Any:
    """So many comments from number `start` on; those from number `old` on are in the file of the new wave."""
    import polars as pl

    at = pl.int_range(start, start + rows, eager=True)
    found = base[(at % base.height).to_list()]
    return found.with_columns(
        verbatim_id=pl.concat_str(pl.lit("V"), at.cast(pl.String).str.zfill(9)),
        customer_id=pl.concat_str(pl.lit("C"), (at * 7919 % 1_000_003).cast(pl.String)),
        text=pl.concat_str(
            pl.col("text"),
            pl.lit(". It was the "),
            (at % 1440 // 60).cast(pl.String),
            pl.lit("."),
            (at % 60).cast(pl.String).str.zfill(2),
            pl.lit(" at stop no"),
            (at * 31 % 100_003).cast(pl.String),
        ),
        file=pl.when(at < old).then(pl.lit("old.csv")).otherwise(pl.lit("wave.csv")),
        row=at.cast(base.schema["row"]) + 1,
    ).select(base.columns)


# --- what is measured, each in a process of its own -------------------------------------------------------


def opened(place: Path, name: str) -> Any:
    """The facts of a version; `after` has the codes of `before` beside it where those were made."""
    from nonagon.engine.facts import Facts
    from nonagon.facts.store import FactStore

    return Facts.stored(FactStore(place / name))


def document(**more: Any) -> Any:
    """The decisions of step 3 of the bus company."""
    from nonagon.pipeline.folder import read_folder

    return read_folder(BUS).documents[3].model_copy(update=more)


def plain_pass(place: Path) -> dict[str, Any]:
    """Counting one phrase."""
    import polars as pl

    from nonagon.facts.store import FactStore

    scan = pl.scan_parquet(list(FactStore(place / "before").uris("verbatims")))
    found = scan.select(pl.col("text").str.contains(PHRASE, literal=True).sum())
    return {"found": int(found.collect(engine="streaming").item())}


def code(place: Path, name: str, workers: int | None) -> dict[str, Any]:
    """Coding all of it; gives a fingerprint of all files of codes, byte by byte."""
    from nonagon.steps.step3_needs.analysis.verbatims import rulebook_of
    from nonagon.steps.step3_needs.coding.whole import codes_of

    facts = opened(place, name)
    store, version = codes_of(facts, rulebook_of(document()), workers=workers)
    return told(store.files(version), version.tally.verbatims)


def knowledge(facts: Any) -> Any:
    """What is known after 2,000 comments were coded by hand: by the rules, denials set aside."""
    from nonagon.engine import verbatims
    from nonagon.steps.step3_needs.analysis.verbatims import knowledge_of, rulebook_of
    from nonagon.steps.step3_needs.decisions import HandCode

    ids = [f"V{at:09}" for at in range(LEARNED)]
    rows = verbatims.texts(facts, only=ids)
    coder = rulebook_of(document()).coder()
    codes = []
    for one, text in zip(rows["verbatim_id"], rows["text"], strict=True):
        matched = {rule for each in coder.code(text or "") for rule in each.matched}
        needs = sorted({coder.rules[rule].need for rule in matched}) or ["none"]
        codes += [HandCode(verbatim=one, need=need, coder="first") for need in needs]
    return knowledge_of(facts, document(codes=tuple(codes)))


def suggest(place: Path, workers: int | None) -> dict[str, Any]:
    """Suggesting for all of it; gives a fingerprint of all files of suggestions."""
    from nonagon.steps.step3_needs.coding.whole import suggestions_of

    facts = opened(place, "before")
    known = knowledge(facts)
    store, version = suggestions_of(facts, known, workers=workers)
    return {
        **told(store.files(version), version.tally.verbatims),
        "suggested": sum(version.tally.matched),
        "words": sum(len(own) for own in known.weights.values()),
    }


def told(files: Any, rows: int) -> dict[str, Any]:
    """A fingerprint of files, and what they hold."""
    digest, size = hashlib.sha256(), 0
    for file in files:
        content = file.read_bytes()
        digest.update(content)
        size += len(content)
    return {"codes": digest.hexdigest()[:12], "coded": rows, "MB on disk": round(size / 1e6)}


def ask(place: Path) -> dict[str, Any]:
    """The first twenty of the queue, the surest first, with what is suggested for them."""
    from nonagon.engine import coding, verbatims
    from nonagon.facts.codes import SUGGESTIONS, CodesStore
    from nonagon.steps.step3_needs.analysis.verbatims import coded_by

    facts = opened(place, "before")
    coded, _version = coded_by(facts, document())
    store = CodesStore(facts.home, SUGGESTIONS)
    newest = store.newest()
    if newest is None:
        raise SystemExit("suggestions must be stored before they are asked for")
    stored = newest.label, store.files(newest)
    rows, left = verbatims.page(
        facts, without_those_in=coding.with_need(coded), first=coding.surest(facts, *stored), most=20
    )
    return {"left": left, "with": len(coding.suggested(facts, *stored, rows["verbatim_id"].tolist()))}


def count(place: Path) -> dict[str, Any]:
    """What step 3 asks of the codes, with one verbatim coded by hand."""
    from nonagon.engine import coding
    from nonagon.steps.step3_needs.analysis.verbatims import coded_by
    from nonagon.steps.step3_needs.decisions import HandCode

    need = document().needs[-1].id
    facts = opened(place, "after")
    coded, _version = coded_by(facts, document(codes=(HandCode(verbatim="V000000001", need=need, coder="first"),)))
    counts = coding.counts(coded)
    parts = {one.id: (one.id,) for one in document().needs}
    said = coding.by_need(coded, parts)
    units = coding.incidence(coded, coding.speakers(coded))
    return {"coded": counts.coded, "by hand": counts.by_hand, "needs": len(said), "units": units.units}


def whole_step(place: Path) -> dict[str, Any]:
    """Step 3 itself, with everything known: counting, the meter, phrases in a part of the verbatims."""
    from nonagon.deliverables.earlier import Earlier
    from nonagon.pipeline.folder import read_folder
    from nonagon.steps.step3_needs.analysis import analyse

    folder = read_folder(BUS)
    facts = opened(place, "after")
    found = analyse(cycle=folder.cycle, facts=facts, decisions=document(), earlier=Earlier())
    return {"needs": len(found.needs), "proposals": len(found.proposals)}


TASKS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "a plain pass, polars": plain_pass,
    "coding, all processors": lambda place: code(place, "before", os.cpu_count()),
    "coding, one worker": lambda place: code(place, "before", 1),
    "suggesting, all processors": lambda place: suggest(place, os.cpu_count()),
    "suggesting, one worker": lambda place: suggest(place, 1),
    "the queue, twenty of it": ask,
    "coding, all known": lambda place: code(place, "before", os.cpu_count()),
    "coding, the new wave alone": lambda place: code(place, "after", os.cpu_count()),
    "counting, one code by hand": count,
    "step 3, codes known": whole_step,
}


def measured(task: str, place: Path) -> dict[str, Any]:
    """Runs a task in a new process; adds its seconds and MB."""
    environment = {**os.environ, "POLARS_MAX_THREADS": "1"}
    command = [sys.executable, __file__, "--task", task, "--place", str(place)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def do(task: str, place: Path) -> None:
    """The task, in its own process."""
    workers = Watched()
    start = time.perf_counter()
    found = TASKS[task](place)
    found["seconds"] = round(time.perf_counter() - start, 2)
    found["MB"] = highest(os.getpid()) // 1024
    found["MB of a worker"] = workers.highest // 1024
    print(json.dumps(found))


def highest(process: int) -> int:
    """The largest memory of a process so far, in kB; 0 where it has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


class Watched:
    """Looks at the children of this process four times a second."""

    def __init__(self) -> None:
        self.highest = 0
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        children = Path(f"/proc/self/task/{os.getpid()}/children")
        while True:
            for child in children.read_text(encoding="ascii").split():
                self.highest = max(self.highest, highest(int(child)))
            time.sleep(0.25)


def main() -> int:
    """Measures and prints."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--verbatims", type=int, default=100_000)
    ask.add_argument("--keep", action="store_true", help="take the facts that are there")
    ask.add_argument("--task", help=argparse.SUPPRESS)
    ask.add_argument("--place", type=Path, help=argparse.SUPPRESS)
    given = ask.parse_args()
    if given.task:
        do(given.task, given.place)
        return 0
    place = HOME / f"{given.verbatims}"
    if not given.keep or not (place / "after" / "facts.json").is_file():
        shutil.rmtree(place, ignore_errors=True)
        make(given.verbatims, place)
    for name in ("before", "after"):
        for kind in ("codes", "suggestions"):
            shutil.rmtree(place / name / kind, ignore_errors=True)
    codes = {}
    reading = 0.0
    print(f"\n{'':<30}{'seconds':>9}{'a second':>12}{'x a pass':>10}{'MB':>7}{'worker':>8}")
    for task in TASKS:
        if task == "coding, one worker":
            shutil.rmtree(place / "before" / "codes")
        if task == "suggesting, one worker":
            shutil.rmtree(place / "before" / "suggestions")
        if task == "coding, the new wave alone":
            shutil.copytree(place / "before" / "codes", place / "after" / "codes")
        found = measured(task, place)
        reading = reading or found["seconds"]
        codes[task] = found.get("codes")
        rate = f"{round(found['coded'] / found['seconds']):,}" if "codes" in found else ""
        print(
            f"{task:<30}{found['seconds']:>9}{rate:>12}{found['seconds'] / reading:>10.1f}{found['MB']:>7}"
            f"{found['MB of a worker']:>8}   {found}",
            flush=True,
        )
    equal = {
        what: codes[f"{what}, all processors"] == codes[f"{what}, one worker"] for what in ("coding", "suggesting")
    }
    for what, same in equal.items():
        print(f"\nFiles of {what} by all processors and by one worker are {'equal' if same else 'NOT equal'}.")
    return 0 if all(equal.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
