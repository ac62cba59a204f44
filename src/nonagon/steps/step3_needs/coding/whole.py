"""Reading all verbatims of the facts, block by block, in processes side by side where they are many.

What is done with a block is coding it by rules, or suggesting needs for those of its verbatims without one.

Finished blocks are kept whatever happens next, so work that was stopped goes on behind them.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

from nonagon.basics.errors import NonagonError
from nonagon.engine import verbatims
from nonagon.engine.facts import Facts
from nonagon.facts.codes import CODES, SUGGESTIONS, CodesStore, CodesVersion, Tally, not_written, tally_of
from nonagon.steps.step3_needs.coding.blocks import EMPTY, Reader, Rulebook, Task, content_of, name_of

SIDE_BY_SIDE = 40_000
"""Verbatims from which on they are coded in processes of their own; fewer are done before those have started."""
_WAITING = 2
"""Blocks for each process that may wait for it: what bounds the memory where files are read faster."""


def codes_of(facts: Facts, rulebook: Rulebook, *, workers: int | None = None) -> tuple[CodesStore, CodesVersion]:
    """What the rules find in all verbatims about us: from the store where it is known, else coded now.

    workers: processes; None: as many as the machine has processors, or none of their own for few verbatims.
    `facts.tell` hears how far it is, and stops it by what it raises. Raises InputError where the folder of the
    facts can't be written or somebody else is coding in it.
    """
    return _known_or_made(facts, CodesStore(facts.home, CODES), rulebook, "coded", workers)


def suggestions_of(facts: Facts, known: Task, *, workers: int | None = None) -> tuple[CodesStore, CodesVersion]:
    """Of which needs the verbatims about us that have none by the rules may speak.

    The same way as `codes_of`, and from the same blocks. known: see `suggest.Knowledge`.
    """
    return _known_or_made(facts, CodesStore(facts.home, SUGGESTIONS), known, "read for suggestions", workers)


def _known_or_made(
    facts: Facts, store: CodesStore, task: Task, done: str, workers: int | None
) -> tuple[CodesStore, CodesVersion]:
    rules, data = task.fingerprint(), f"{facts.label('verbatims')} about {facts.our_subject}"
    known = store.find(rules, data)
    if known is not None:
        return store, known
    with store.writing():
        version = _make(facts, store, task, CodesVersion(rules, data, (), Tally(0, ()), store.kind), done, workers)
        store.publish(version)
    return store, version


def _make(
    facts: Facts, store: CodesStore, task: Task, empty: CodesVersion, told: str, workers: int | None
) -> CodesVersion:
    stretches = verbatims.stretches(facts)
    total = sum(one.rows for one in stretches)
    if workers is None:
        workers = (os.cpu_count() or 1) if total >= SIDE_BY_SIDE else 0
    done = Tally(0, (0,) * task.counted)
    names: list[str] = []
    seen: Counter[str] = Counter()
    contents = map(content_of, verbatims.blocks(facts, stretches)) if stretches else iter((EMPTY,))
    with _readers(task, workers) as readers:
        for content in contents:
            name = name_of(content)
            seen[name] += 1
            names.append(name if seen[name] == 1 else f"{name}-{seen[name]}")  # the same said twice over
            path = store.block(empty.rules, names[-1])
            known = tally_of(path)
            for tally in readers.take(content, path) if known is None else (known,):
                done += tally
            facts.tell(f"{done.verbatims:,} of {total:,} verbatims {told}")
        for tally in readers.rest():
            done += tally
            facts.tell(f"{done.verbatims:,} of {total:,} verbatims {told}")
    return CodesVersion(empty.rules, empty.data, tuple(names), done, empty.kind)


@contextmanager
def _readers(task: Task, workers: int) -> "Iterator[_Here | _Apart]":
    """Who reads; processes are ended with the block, finished or not."""
    readers = _Apart(task, workers) if workers else _Here(task.reader())
    try:
        yield readers
    finally:
        readers.end()


@dataclass(slots=True)
class _Here:
    """Reading in this process."""

    read: Reader

    def take(self, content: bytes, path: Path) -> list[Tally]:
        """Reads the block."""
        try:
            return [self.read(content, path)]
        except OSError as error:
            raise not_written(path.parent, error) from error

    def rest(self) -> list[Tally]:
        """Nothing waits."""
        return []

    def end(self) -> None:
        """Nothing is open."""


@dataclass(slots=True)
class _Apart:
    """Reading in processes of their own, started with the first block."""

    task: Task
    workers: int
    _pool: ThreadPoolExecutor | None = None
    _free: "SimpleQueue[subprocess.Popen[bytes]]" = field(default_factory=SimpleQueue)
    _started: "list[subprocess.Popen[bytes]]" = field(default_factory=list)
    _waiting: "set[Future[Tally]]" = field(default_factory=set)

    def take(self, content: bytes, path: Path) -> list[Tally]:
        """Hands the block on; gives what has come back meanwhile."""
        found = self._returned() if len(self._waiting) >= self.workers * (1 + _WAITING) else []
        pool = self._pool or self._start()
        self._waiting.add(pool.submit(self._hand_over, content, path))
        return found

    def rest(self) -> Iterator[Tally]:
        """What still waits, as it comes back."""
        while self._waiting:
            yield from self._returned()

    def end(self) -> None:
        """Ends the processes; what they had begun is no block."""
        for one in self._started:
            one.kill()
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        for one in self._started:
            one.communicate()

    def _returned(self) -> list[Tally]:
        done, self._waiting = wait(self._waiting, return_when=FIRST_COMPLETED)
        return [one.result() for one in done]

    def _start(self) -> ThreadPoolExecutor:
        """One thread for each process, which does nothing but wait for it."""
        for _ in range(self.workers):
            one = _process()
            self._started.append(one)
            with suppress(BrokenPipeError):  # told by the first block that it is asked for
                _ask(one, self.task.as_json() + b"\n")
            self._free.put(one)
        self._pool = ThreadPoolExecutor(self.workers)
        return self._pool

    def _hand_over(self, content: bytes, path: Path) -> Tally:
        one = self._free.get()
        try:
            head = json.dumps({"path": str(path), "size": len(content)}).encode()
            _ask(one, head + b"\n" + content)
            answer = json.loads(one.stdout.readline() if one.stdout else b"")
        except (BrokenPipeError, ValueError) as error:
            raise NonagonError(
                "a process that reads verbatims has ended by itself, perhaps for lack of memory; what was done "
                "so far is kept: run the same again"
            ) from error
        finally:
            self._free.put(one)
        if "strerror" in answer:
            raise not_written(path.parent, OSError(answer["errno"], answer["strerror"]))
        return Tally(answer["verbatims"], tuple(answer["matched"]))


def _process() -> "subprocess.Popen[bytes]":
    # -P: what lies in the folder where the program was started must not stand in for modules of Python.
    command: Sequence[str] = [sys.executable, "-P", "-m", "nonagon.steps.step3_needs.coding.worker"]
    # A session of its own: Ctrl-C is for the program, which then ends its processes.
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)


def _ask(one: "subprocess.Popen[bytes]", said: bytes) -> None:
    if one.stdin is not None:
        one.stdin.write(said)
        one.stdin.flush()
