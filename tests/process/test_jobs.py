"""Long work: leases, the sweeper, cancelling, attempts; never two jobs of one cycle, never one job twice."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from nonagon.accounts.access import Actor
from nonagon.basics.errors import NotEnoughData
from nonagon.process import jobs
from nonagon.process.models import AuditEntry, Cycle, Job

pytestmark = pytest.mark.django_db
Handled = Callable[[str, Any], None]


@pytest.fixture(autouse=True)
def _no_job_waits(cycle: Any) -> None:
    Job.objects.all().delete()


@pytest.fixture
def other_cycle(cycle: Any) -> Cycle:
    return Cycle.objects.create(key="other", organization=cycle.organization, name="Other")


def enqueue(cycle: Any, kind: str = "compute", **more: Any) -> Job:
    return jobs.enqueue(kind, cycle=cycle, **more)


def state(job: Job) -> str:
    job.refresh_from_db()
    return job.state


def lose(job: Job) -> None:
    """As if the worker had died: its lease has run out."""
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_job_is_done_and_says_how_it_went(cycle: Any, handled: Handled) -> None:
    seen = []

    def work(job: Job, progress: jobs.JobProgress) -> dict[str, Any]:
        progress.begin("reading")
        progress.count(2, 5)
        job.refresh_from_db()
        seen.append((job.stage, job.done, job.of, round(job.share, 1), job.is_open))
        return {"read": 2}

    handled("compute", work)
    job = enqueue(cycle)
    assert jobs.work(once=True) == 1
    assert state(job) == "done"
    assert (job.outcome, job.attempts, job.lease_until, job.is_open) == ({"read": 2}, 1, None, False)
    assert job.started_at is not None
    assert job.finished_at is not None
    assert job.started_at <= job.finished_at
    assert seen == [("reading", 2, 5, 0.4, True)]


def test_what_the_input_does_not_allow_is_said_to_people(cycle: Any, handled: Handled) -> None:
    def work(job: Job, progress: Any) -> None:
        raise NotEnoughData("answers: at least 10 are needed; got 3")

    handled("compute", work)
    job = enqueue(cycle)
    jobs.work(once=True)
    assert (state(job), job.message) == ("failed", "answers: at least 10 are needed; got 3")


def test_a_fault_of_ours_is_kept_for_the_log_and_tells_people_no_inner_things(
    cycle: Any, handled: Handled, caplog: pytest.LogCaptureFixture
) -> None:
    def work(job: Job, progress: Any) -> None:
        raise ZeroDivisionError("secret place")

    handled("compute", work)
    job = enqueue(cycle)
    after = enqueue(cycle, "import")
    handled("import", lambda job, progress: None)
    assert jobs.work(once=True) == 2
    assert state(job) == "failed"
    assert "secret" not in job.message
    assert f"job {job.pk}" in job.message
    assert "ZeroDivisionError" in job.outcome["traceback"]
    assert "secret place" in caplog.text
    assert state(after) == "done"  # the worker goes on


def test_waiting_compute_jobs_of_a_cycle_are_one(cycle: Any, other_cycle: Cycle) -> None:
    assert enqueue(cycle) == enqueue(cycle)
    assert enqueue(other_cycle) != enqueue(cycle)
    assert enqueue(cycle, "import") == enqueue(cycle, "import")
    assert enqueue(cycle, "import", arguments={"strict": ["shop"]}) != enqueue(cycle, "import")
    assert enqueue(cycle, "mail") != enqueue(cycle, "mail")
    Job.objects.filter(kind="compute", cycle=cycle).update(state="running")
    assert enqueue(cycle).state == "waiting"  # what runs has read already
    assert Job.objects.filter(cycle=cycle, kind="compute").count() == 2


def test_jobs_are_taken_in_order_and_never_two_of_one_cycle(cycle: Any, other_cycle: Cycle) -> None:
    first, second, third = enqueue(cycle, "import"), enqueue(cycle), enqueue(other_cycle)
    assert jobs.take("a") == first
    assert jobs.take("b") == third  # the second one's cycle is busy
    assert jobs.take("c") is None
    Job.objects.filter(pk=first.pk).update(state="done")
    assert jobs.take("c") == second


def test_jobs_of_an_organization_alone_wait_for_nobody(cycle: Any) -> None:
    enqueue(cycle)
    one, two = (jobs.enqueue("mail", organization=cycle.organization) for _ in range(2))
    assert {job.pk for job in (jobs.take("a"), jobs.take("b"), jobs.take("c")) if job} >= {one.pk, two.pk}


def test_a_dead_workers_job_is_offered_again_and_a_living_ones_is_not(cycle: Any, other_cycle: Cycle) -> None:
    dead, living = enqueue(cycle), enqueue(other_cycle)
    jobs.take("a")
    jobs.take("b")
    lose(dead)
    assert jobs.sweep() == 1
    assert (state(dead), state(living)) == ("waiting", "running")
    again = jobs.take("c")
    assert again == dead
    assert again is not None
    assert (again.attempts, again.worker) == (2, "c")


def test_a_job_that_kills_its_workers_is_given_up(cycle: Any) -> None:
    job = enqueue(cycle)
    for _attempt in range(jobs.MOST_ATTEMPTS):
        assert jobs.take("a") == job
        lose(job)
        jobs.sweep()
    assert state(job) == "failed"
    assert "5 times" in job.message
    assert jobs.take("a") is None


def test_every_word_renews_the_lease(cycle: Any) -> None:
    job = enqueue(cycle)
    taken = jobs.take("a")
    assert taken is not None
    progress = jobs.JobProgress(taken)
    for word in (lambda: progress.begin("x"), lambda: progress.count(1, 2), progress.beat):
        lose(job)
        word()
        job.refresh_from_db()
        assert job.lease_until is not None
        assert job.lease_until > timezone.now() + timedelta(seconds=20)


def test_who_lost_the_lease_leaves_the_job_alone(cycle: Any, handled: Handled) -> None:
    """Worker a is silent for too long, worker b takes the job; a must neither write nor end it."""
    told = []

    def work(job: Job, progress: jobs.JobProgress) -> dict[str, Any]:
        lose(job)
        jobs.sweep()
        other = jobs.take("b")
        assert other == job
        told.append(progress.beat())
        progress.begin("mine still?")
        return {"by": "a"}

    handled("compute", work)
    job = enqueue(cycle)
    jobs.work(once=True)
    assert told == [False]
    assert (state(job), job.worker, job.outcome, job.stage) == ("running", "b", {}, "")


def test_so_does_who_lost_it_without_a_word(cycle: Any, handled: Handled) -> None:
    def work(job: Job, progress: jobs.JobProgress) -> dict[str, Any]:
        lose(job)
        jobs.sweep()
        jobs.take("b")
        return {"by": "a"}

    handled("compute", work)
    job = enqueue(cycle)
    jobs.work(once=True)
    assert (state(job), job.worker, job.outcome) == ("running", "b", {})


def test_a_waiting_job_is_cancelled_at_once(cycle: Any, actor_of: Callable[[str], Actor]) -> None:
    job = enqueue(cycle)
    jobs.cancel(actor=actor_of("analyst"), job=job)
    assert state(job) == "cancelled"
    assert job.finished_at is not None
    assert jobs.take("a") is None
    entry = AuditEntry.objects.get(action="job.cancel")
    assert (entry.person, entry.detail["job"]) == (actor_of("analyst").person, job.pk)


def test_a_running_job_is_cancelled_at_its_next_word(
    cycle: Any, handled: Handled, actor_of: Callable[[str], Actor]
) -> None:
    said = []

    def work(job: Job, progress: jobs.JobProgress) -> None:
        progress.begin("one")
        jobs.cancel(actor=actor_of("analyst"), job=job)
        said.append(state(job))
        progress.begin("two")
        said.append("went on")

    handled("compute", work)
    job = enqueue(cycle)
    jobs.work(once=True)
    assert said == ["running"]
    assert state(job) == "cancelled"


def test_a_cancelled_job_of_a_dead_worker_is_not_done_after_all(
    cycle: Any, handled: Handled, actor_of: Callable[[str], Actor]
) -> None:
    done = []

    def work(job: Job, progress: jobs.JobProgress) -> None:
        progress.begin("one")
        done.append(1)

    handled("compute", work)
    job = enqueue(cycle)
    jobs.take("a")
    jobs.cancel(actor=actor_of("analyst"), job=job)
    lose(job)
    jobs.work(once=True)
    assert (state(job), done) == ("cancelled", [])


def test_the_heart_beats_while_a_stage_is_silent(
    cycle: Any, handled: Handled, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lease is renewed three times in its own length, by a thread of its own."""
    beats = []
    enough = threading.Event()

    def beat(progress: jobs.JobProgress) -> bool:
        beats.append(1)
        if len(beats) >= 3:
            enough.set()
        return True

    monkeypatch.setattr(jobs, "LEASE", timedelta(seconds=0.15))
    monkeypatch.setattr(jobs.JobProgress, "beat", beat)
    handled("compute", lambda job, progress: {"in time": enough.wait(10)})
    job = enqueue(cycle)
    jobs.work(once=True)
    assert state(job) == "done"
    assert job.outcome == {"in time": True}
