"""The database is the truth, the queue a doorbell: nothing is lost with it, nothing personal lies in it (F6, S19)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from config import ROOT
from extensions import QUEUE_NAMES, db, queues
from jobs import JobFailed, documents
from jobs import messages as message_jobs
from models import Company, Customer, Invoice, Message, Paper, Run
from queries.runs import get_run
from services import billing_run, clock, messages, papers, runs, sweep
from services.actor import SYSTEM
from services.load import seed_load
from services.unit import end_reading, write
from tests.jobs.conftest import Work
from tests.servers import QueueServer

DAY = date(2026, 11, 1)


def states(model: type[Message] | type[Paper]) -> dict[str, int]:
    end_reading()
    rows = db.session.execute(select(model.state, func.count()).group_by(model.state))
    return {row[0]: row[1] for row in rows}


def count(model: type) -> int:
    end_reading()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def everything_queued() -> bytes:
    """All that lies in the queue's server, keys and values."""
    found = b""
    for key in queues.connection.scan_iter():
        kind = queues.connection.type(key)
        reading = {
            b"hash": lambda k: b"".join(a + b for a, b in queues.connection.hgetall(k).items()),
            b"list": lambda k: b"".join(queues.connection.lrange(k, 0, -1)),
            b"set": lambda k: b"".join(queues.connection.smembers(k)),
            b"zset": lambda k: b"".join(queues.connection.zrange(k, 0, -1)),
            b"stream": lambda k: str(queues.connection.xrange(k)).encode(),
            b"string": queues.connection.get,
        }
        found += key + (reading[kind](key) or b"")
    return found


def test_a_run_rings_and_the_workers_send_and_draw(house: Flask, work: Work) -> None:
    seed_load(SYSTEM, 3, DAY)
    billing_run.bill(DAY, SYSTEM)
    work()
    assert states(Message) == {"sent": 3} and states(Paper) == {"drawn": 3}
    assert queues.connection.keys("rq:job:*") == [], "what is done leaves nothing behind"


@pytest.mark.feature("X-02")
def test_the_chunks_of_a_run_are_driven_by_workers_to_its_end_and_report(house: Flask, work: Work) -> None:
    with write() as session:
        session.execute(update(Company).values(report_email="chefin@radwerk.example"))
    seed_load(SYSTEM, 4, DAY)
    run_id = billing_run.start(DAY, SYSTEM)
    work()
    assert get_run(run_id).state == "finished"
    assert count(Invoice) == 4
    report = db.session.scalars(select(Message).where(Message.event == f"run:{run_id}")).one()
    assert report.state == "sent" and "4 ausgestellt" in (report.subject or "")


@pytest.mark.feature("F6")
@pytest.mark.feature("EB-26")
def test_a_queue_restarted_empty_loses_nothing(house: Flask, work: Work, queue: QueueServer) -> None:
    seed_load(SYSTEM, 3, DAY)
    billing_run.bill(DAY, SYSTEM)
    queue.stop()
    queue.start_empty()
    queues.connection.flushall()
    work()
    assert states(Message) == {"pending": 3} and states(Paper) == {"pending": 3}
    sweep.sweep()
    work()
    assert states(Message) == {"sent": 3} and states(Paper) == {"drawn": 3}


@pytest.mark.feature("F6")
def test_billing_goes_on_without_its_queue_and_the_sweeper_rings_later(
    house: Flask, work: Work, queue: QueueServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("extensions.SILENT_SECONDS", 0.0)
    queue.stop()
    seed_load(SYSTEM, 2, DAY)
    run_id = billing_run.start(DAY, SYSTEM)
    for chunk_id in billing_run.pending_chunks(run_id):
        billing_run.run_chunk(chunk_id)
    assert count(Invoice) == 2
    queue.start_empty()
    with clock.stand_at(clock.instant() + timedelta(minutes=2)):
        sweep.sweep()
        work()
        assert states(Message) == {"sent": 2} and states(Paper) == {"drawn": 2}
        assert get_run(run_id).state == "finished"


@pytest.mark.feature("F6")
def test_chunks_that_nobody_heard_of_are_rung_for_again(house: Flask, work: Work) -> None:
    seed_load(SYSTEM, 3, DAY)
    run_id = billing_run.start(DAY, SYSTEM, ring=False)
    assert runs.waiting_chunks(runs.BILLING, 10) == [], "whoever starts a run rings himself first"
    with clock.stand_at(clock.instant() + timedelta(minutes=2)):
        sweep.sweep()
        work()
    assert count(Invoice) == 3 and get_run(run_id).state == "finished"


def test_a_run_in_which_nothing_was_due_ends_too(house: Flask, work: Work) -> None:
    run_id = billing_run.start(DAY, SYSTEM, ring=False)
    with clock.stand_at(clock.instant() + timedelta(minutes=2)):
        sweep.sweep()
        work()
    end_reading()
    run = db.session.get_one(Run, run_id)
    assert run.finished_at is not None and run.reported_at is not None
    assert count(Message) == 0, "nothing was due: nobody needs a mail about it"


def test_the_sweeper_does_not_pile_bells_up(house: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "MOST", 2)
    for n in range(5):
        messages.order(f"books:{n}", "checks_report", "a@example.com")
    queues.get("money").empty()
    for _ in range(5):
        sweep.sweep()
    assert queues.length("money") == 2


@pytest.mark.feature("F6")
def test_the_sweeper_rings_only_for_what_nobody_rang_for(house: Flask, work: Work) -> None:
    for n in range(3):
        facts = {"on": "2026-11-01", "count": 0, "findings": [], "seal": None}
        messages.order(f"books:{n}", "checks_report", "a@example.com", facts=facts)
    assert queues.length("money") == 3
    for _ in range(3):
        sweep.sweep()
        assert queues.length("money") == 3
    first = queues.get("money").job_ids[0]
    queues.get("money").remove(first)
    sweep.sweep()
    assert queues.length("money") == 3, "the lost bell alone is rung again"
    work()
    assert states(Message) == {"sent": 3}


@pytest.mark.feature("F6")
@pytest.mark.feature("EB-20")
def test_bells_that_ring_twice_do_no_harm(house: Flask, work: Work) -> None:
    seed_load(SYSTEM, 2, DAY)
    run_id = billing_run.start(DAY, SYSTEM)
    with clock.stand_at(clock.instant() + timedelta(minutes=2)):
        for _ in range(3):
            sweep.sweep()
        work()
        sweep.sweep()
        work()
    assert count(Invoice) == 2 and states(Message) == {"sent": 2} and states(Paper) == {"drawn": 2}
    assert get_run(run_id).issued == 2


@pytest.mark.feature("S19")
def test_nothing_personal_lies_in_the_queue(house: Flask, work: Work) -> None:
    seed_load(SYSTEM, 2, DAY)
    with write() as session:
        session.execute(update(Customer).values(last_name="Kanarienvogel", email="kanarie@example.com"))
    billing_run.bill(DAY, SYSTEM)
    before = everything_queued()
    work()
    for content in (before, everything_queued()):
        assert b"anarie" not in content.lower() and b"RE-2026" not in content
    assert b"jobs.messages.send" in before


@pytest.mark.feature("S19")
def test_a_job_that_breaks_leaves_its_kind_and_no_value(
    house: Flask, work: Work, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: int) -> None:
        raise ValueError("DE02120300000000202051")

    monkeypatch.setattr(papers, "draw", broken)
    queues.ring("paper", "jobs.documents.draw", 4711)
    work()
    content = everything_queued()
    assert b"DE0212" not in content and "DE0212" not in caplog.text
    assert "jobs.documents.draw(4711,)" in caplog.text and "ValueError at" in caplog.text
    assert len(queues.get("paper").failed_job_registry) == 1


def test_an_expected_failure_is_the_rows_matter_and_no_failed_job(house: Flask, work: Work) -> None:
    queues.ring("money", "jobs.messages.send", 4711)
    queues.ring("paper", "jobs.documents.draw", 4711)
    work()
    assert len(queues.get("money").failed_job_registry) == 0
    assert len(queues.get("paper").failed_job_registry) == 0


def test_a_job_called_by_hand_runs_in_a_context_of_its_own(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    message_id = messages.order("books:1", "checks_report", "a@example.com",
                                facts={"on": "2026-11-01", "count": 0, "findings": [], "seal": None})  # fmt: skip
    message_jobs.send(message_id)
    assert states(Message) == {"sent": 1}
    monkeypatch.setattr(papers, "draw", lambda _: {}["x"])
    with pytest.raises(JobFailed):
        documents.draw(1)


def test_without_a_server_nobody_rings_and_nobody_fails(context: Flask) -> None:
    assert queues.ring("money", "jobs.messages.send", 1) is False
    assert queues.length("money") == 0


def test_every_bell_in_the_house_names_a_job_of_its_queue() -> None:
    """`ring("paper", "jobs.documents.draw", ...)` is text: a renamed job would be rung for in vain."""
    bells = re.compile(r'"(\w+)",\s*"(jobs\.\w+)\.(\w+)"')
    rooms = ("services", "jobs", "api", "admin", "hosted_pages", "commands")
    found = {
        bell for room in rooms for path in Path(ROOT, room).rglob("*.py") for bell in bells.findall(path.read_text())
    }
    assert {("paper", "jobs.documents", "draw"), ("money", "jobs.messages", "send")} <= found
    for queue_name, module, name in found:
        function = getattr(import_module(module), name)
        assert function.queue == queue_name and queue_name in QUEUE_NAMES
