"""Long work in the background: rows with a lease, a worker that takes them, a sweeper that offers them again.

A handler must be idempotent: after a kill the job is run again from its beginning or from what it has kept.
"""

import logging
import os
import signal
import socket
import threading
import time
import traceback
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from nonagon.accounts.access import Actor
from nonagon.accounts.models import Organization
from nonagon.basics.errors import Cancelled, NonagonError
from nonagon.process.models import Cycle, Job

log = logging.getLogger("nonagon.jobs")

LEASE = timedelta(seconds=30)
"""How long a worker may be silent before its job is offered to another."""
MOST_ATTEMPTS = 5
"""After so many times that a worker died over it, a job counts as failed."""
COALESCED = {"compute", "import"}
"""Kinds of which one waiting job a cycle is enough: it will see everything that was done before it starts.
Jobs that were asked for in different ways (`arguments`) stay apart."""

Handler = Callable[[Job, "JobProgress"], dict[str, Any] | None]
_handlers: dict[str, Handler] = {}


class LeaseLost(Exception):
    """Another worker has the job now; this one must leave it alone."""


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Declares the function that does the jobs of a kind."""

    def declare(function: Handler) -> Handler:
        _handlers[kind] = function
        return function

    return declare


def enqueue(
    kind: str,
    *,
    cycle: Cycle | None = None,
    organization: Organization | None = None,
    person: Any = None,
    arguments: dict[str, Any] | None = None,
) -> Job:
    """A waiting job, in the caller's transaction. A coalesced kind that already waits is not doubled."""
    if kind in COALESCED and cycle is not None:
        asked = arguments or {}
        # Held until the caller's transaction ends: a worker that takes it sees what the caller has written.
        held = Job.objects.select_for_update() if connection.in_atomic_block else Job.objects
        for waiting in held.filter(kind=kind, cycle=cycle, state=Job.State.WAITING):
            if waiting.arguments == asked:
                return waiting
    home = organization or (cycle.organization if cycle is not None else None)
    if home is None:
        raise ValueError("a job belongs to an organization or a cycle; got neither")
    return Job.objects.create(kind=kind, cycle=cycle, organization=home, person=person, arguments=arguments or {})


def open_of(cycle: Cycle) -> Job | None:
    """The cycle's job that runs, else the one that waits longest."""
    found = Job.objects.filter(cycle=cycle, state__in=[Job.State.RUNNING, Job.State.WAITING])
    return found.order_by("-state", "created_at").first()


def last_of(cycle: Cycle, kind: str) -> Job | None:
    """The cycle's newest job of a kind, however it stands."""
    return Job.objects.filter(cycle=cycle, kind=kind).order_by("-created_at").first()


def cancel(*, actor: Actor, job: Job) -> None:
    """Asks a job to stop: one that waits is cancelled at once, one that runs at its next step."""
    from nonagon.process import audit  # noqa: PLC0415  (audit notes nothing of jobs that run by themselves)

    with transaction.atomic():
        held = Job.objects.select_for_update().get(pk=job.pk)
        if held.state == Job.State.WAITING:
            held.state, held.finished_at = Job.State.CANCELLED, timezone.now()
        held.cancel_asked = True
        held.save(update_fields=["state", "finished_at", "cancel_asked"])
        audit.note(
            actor, "job.cancel", organization=job.organization, cycle=job.cycle, subject=job.kind, job=job.pk
        )


def sweep() -> int:
    """Offers jobs of dead workers again; gives their number. Jobs that killed many workers fail."""
    dead = Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=timezone.now())
    failed = dead.filter(attempts__gte=MOST_ATTEMPTS).update(
        state=Job.State.FAILED,
        finished_at=timezone.now(),
        message=_("The work stopped %(times)d times without a word; it is not tried again by itself.")
        % {"times": MOST_ATTEMPTS},
    )
    again = dead.filter(attempts__lt=MOST_ATTEMPTS).update(state=Job.State.WAITING, worker="", lease_until=None)
    return failed + again


def take(worker: str) -> Job | None:
    """The oldest waiting job, now held by `worker`; never two jobs of one cycle at a time."""
    with transaction.atomic():
        busy = Job.objects.filter(state=Job.State.RUNNING).exclude(cycle=None).values("cycle")
        waiting = Job.objects.select_for_update(skip_locked=_can_skip()).filter(
            Q(cycle=None) | ~Q(cycle__in=busy), state=Job.State.WAITING
        )
        job = waiting.first()
        if job is None or not _alone(job):
            return None
        job.state, job.worker = Job.State.RUNNING, worker
        job.lease_until, job.started_at = timezone.now() + LEASE, timezone.now()
        job.attempts += 1
        job.save(update_fields=["state", "worker", "lease_until", "started_at", "attempts"])
        return job


def _alone(job: Job) -> bool:
    """Whether no other job of the cycle runs, also none that another worker takes at this moment."""
    if job.cycle_id is None:
        return True
    if Cycle.objects.select_for_update(skip_locked=_can_skip()).filter(pk=job.cycle_id).first() is None:
        return False
    return not Job.objects.filter(cycle=job.cycle_id, state=Job.State.RUNNING).exists()


def _can_skip() -> bool:
    return "postgresql" in settings.DATABASES["default"]["ENGINE"]


class JobProgress:
    """What a handler tells: the stage, how far it is. Every word renews the lease and asks whether to stop.

    Fits the pipeline's Progress. `beat` keeps the lease while a stage is silent; it runs in a thread of its own.
    """

    def __init__(self, job: Job) -> None:
        self._job, self._last = job, 0.0

    def begin(self, stage: str) -> None:
        """A stage starts."""
        self._tell(stage=stage[:200])

    def advance(self, text: str) -> None:
        """News inside the stage; at most two a second are written down."""
        if time.monotonic() - self._last > 0.5:
            self._tell(message=text[:500])

    def end(self, stage: str, seconds: float) -> None:
        """The stage is done."""
        del stage, seconds

    def count(self, done: int, of: int) -> None:
        """How much is done."""
        self._tell(done=done, of=of)

    def beat(self) -> bool:
        """Renews the lease; False where the job is no longer this worker's."""
        return bool(self._mine().update(lease_until=timezone.now() + LEASE))

    def _tell(self, **fields: Any) -> None:
        self._last = time.monotonic()
        if not self._mine().update(lease_until=timezone.now() + LEASE, **fields):
            raise LeaseLost
        if Job.objects.filter(pk=self._job.pk, cancel_asked=True).exists():
            raise Cancelled

    def _mine(self) -> Any:
        return Job.objects.filter(
            pk=self._job.pk, state=Job.State.RUNNING, worker=self._job.worker, attempts=self._job.attempts
        )


def run(job: Job) -> None:
    """Does one job that was taken, and writes down how it ended."""
    progress = JobProgress(job)
    stop = threading.Event()
    heart = threading.Thread(target=_keep_lease, args=(progress, stop), daemon=True)
    heart.start()
    try:
        outcome = _handlers[job.kind](job, progress) or {}
        _finish(job, Job.State.DONE, outcome=outcome)
    except Cancelled:
        _finish(job, Job.State.CANCELLED)
    except LeaseLost:
        log.warning("job %s went to another worker", job.pk)
    except NonagonError as error:
        _finish(job, Job.State.FAILED, message=str(error))
    except Exception:
        log.exception("job %s failed", job.pk)
        said = _("Something went wrong that is not your fault; the server's log has the details (job %(job)s).")
        _finish(
            job, Job.State.FAILED, message=said % {"job": job.pk}, outcome={"traceback": traceback.format_exc()}
        )
    finally:
        stop.set()
        heart.join(timeout=5)


def _keep_lease(progress: JobProgress, stop: threading.Event) -> None:
    """Renews the lease while a stage is silent; a database that is busy is asked again the next time."""
    try:
        while not stop.wait(LEASE.total_seconds() / 3):
            close_old_connections()
            try:
                if not progress.beat():
                    return
            except DatabaseError:
                log.warning("the lease could not be renewed; trying again", exc_info=True)
    finally:
        connection.close()


def _finish(job: Job, state: Any, *, message: str = "", outcome: dict[str, Any] | None = None) -> None:
    held = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts)
    held.update(
        state=state, message=message, outcome=outcome or {}, finished_at=timezone.now(), lease_until=None, stage=""
    )


def work(*, stop: threading.Event | None = None, once: bool = False) -> int:
    """The worker: takes and does jobs until it is told to stop; gives how many it did. once: until none waits."""
    me = f"{socket.gethostname()[:30]}-{os.getpid()}"
    done, swept = 0, 0.0
    while not (stop and stop.is_set()):
        if not once:  # else the caller's own, perhaps inside a transaction
            close_old_connections()
        if time.monotonic() - swept > 5 or once:
            sweep()
            swept = time.monotonic()
        job = take(me)
        if job is not None:
            run(job)
            done += 1
        elif once:
            return done
        else:
            (stop or threading.Event()).wait(0.5)
    return done


def work_until_signal(*, server: int | None = None) -> None:
    """The worker as a process of its own: a signal to end lets the job in hand finish first.

    server: the process that has started it, without which it ends; it may have been killed already.
    """
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_given: stop.set())
    parent = server or os.getppid()
    threading.Thread(target=_stop_with_parent, args=(parent, stop), daemon=True).start()
    work(stop=stop)


def _stop_with_parent(parent: int, stop: threading.Event) -> None:
    """A worker whose server was killed ends, so that the next server's worker is the only one."""
    while not stop.wait(2):
        if os.getppid() != parent:
            stop.set()
