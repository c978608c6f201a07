"""The outbox (L9): a row is an order for a mail; it is written, frozen and sent here, at most once.

Who moves a row's next attempt into the future has it for that long. Just before the text goes to the server the row
keeps what is sent, committed: if no answer is ever recorded (the machine stops, the line dies after DATA) the mail may
have arrived. Nobody sends it again by himself; it stands as failed, `outcome_unknown`, and a person decides (F11).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from flask import current_app
from sqlalchemy import select, update

from billing.errors import AlreadyDone, Conflict, GatewayError, KontorError, NotFound
from billing.states import move
from extensions import db
from gateways import smtp
from models import Message
from services import activities, clock, mail_secrets, papers
from services.actor import SYSTEM, Actor
from services.mail_orders import order, ring
from services.mail_writing import AttachmentGone, Order, PaperNotReady, Written, write_mail
from services.unit import after_commit, end_reading, write

__all__ = ["order", "retry", "send", "stays_here", "stop", "waiting"]

LEASE = timedelta(minutes=10)  # longer than a slow server may take in all
PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 240, 480, 720, 720, 720))  # two days in all
WAIT_FOR_PAPER = timedelta(minutes=1)
# What a mail says that would not be true any more: nothing is owed (MAH-7), or a refund came back.
MOOT = ("paid_meanwhile", "refund_not_gone")
OF_STAFF = ("staff_", "mail_test")

logger = logging.getLogger("kontor.messages")


def send(message_id: int) -> str:
    """Send a waiting mail if its turn has come; gives the row's state afterwards. NotFound for an unknown id.

    Whatever is wrong with the mail or the server stands in the row and is not raised.
    """
    claimed = _claim(message_id)
    if claimed is None:
        return _state(message_id)
    try:
        written = write_mail(claimed)
    except PaperNotReady as error:
        return _wait_for_paper(claimed, error.code)
    except AttachmentGone as error:
        return _note(claimed, GatewayError("", permanent=True, code=error.code))
    except Exception as error:
        code = error.code if isinstance(error, KontorError) else type(error).__name__
        if code in MOOT:
            return _update(claimed, state="stopped", facts=mail_secrets.spent(claimed.facts)) or _state(message_id)
        return _note(claimed, GatewayError("", permanent=False, code=f"cannot_be_written: {code}"))
    return _deliver(claimed, written)


def retry(actor: Actor, message_id: int) -> None:
    """A person sends a failed mail again, perhaps for the second time. NotAllowed for any other state."""
    with write() as session:
        row = _row(message_id)
        after = move("message", row.state, "retry")
        values = {"state": after, "attempts": 0, "message_id": None, "next_attempt_at": clock.real()}
        session.execute(update(Message).where(Message.id == message_id).values(**values))
        activities.record(actor, "message.retried", "message", message_id, customer_id=row.customer_id,
                          error=row.error)  # fmt: skip
        after_commit(partial(ring, message_id))


def stop(actor: Actor, message_id: int) -> None:
    """This mail is not to be sent. Conflict("being_sent") while it is on its way; AlreadyDone if stopped before."""
    with write() as session:
        row = _row(message_id)
        if row.state == "stopped":
            raise AlreadyDone("message_stopped")
        after = move("message", row.state, "stop")
        if row.state == "pending" and row.message_id is not None:
            raise Conflict("being_sent")
        values = {"state": after, "facts": mail_secrets.spent(row.facts)}
        session.execute(update(Message).where(Message.id == message_id).values(**values))
        activities.record(actor, "message.stopped", "message", message_id, customer_id=row.customer_id)


def waiting(limit: int) -> list[int]:
    """Ids of mails whose turn it is, the longest waiting first."""
    query = select(Message.id).where(Message.state == "pending", Message.next_attempt_at <= clock.real())
    return list(db.session.scalars(query.order_by(Message.next_attempt_at).limit(limit)))


def stays_here(template: str) -> bool:
    """In a house whose test clock was moved nobody outside gets a mail of days that have not come (X-13).

    What opens the house to its own people leaves it as before.
    """
    return bool(clock.moved_by()) and not template.startswith(OF_STAFF)


def _claim(message_id: int) -> Order | None:
    """Take the row for LEASE. None where it is not due, or where a sending before never got its answer."""
    now = clock.real()
    with write() as session:
        row = session.execute(
            update(Message)
            .where(Message.id == message_id, Message.state == "pending", Message.next_attempt_at <= now)
            .values(attempts=Message.attempts + 1, next_attempt_at=now + LEASE)
            .returning(
                Message.id, Message.attempts, Message.template, Message.language_code, Message.recipient,
                Message.copy_to, Message.invoice_id, Message.facts, Message.message_id,
            )
            .execution_options(synchronize_session=False)
        ).one_or_none()  # fmt: skip
        if row is None:
            return None
        claimed = Order(*row[:8])
        if row.message_id is None:
            return claimed
        _update(claimed, state="failed", error=smtp.UNKNOWN)
        logger.error("mail %s: no answer was recorded, it may have arrived", message_id)
        return None


def _deliver(claimed: Order, written: Written) -> str:
    url = current_app.config["KONTOR"].smtp_url
    if not url or stays_here(claimed.template):
        return _sent(claimed, written, "outbox")
    try:
        with smtp.connect(smtp.read_url(url)) as line:
            # Frozen and committed before it goes out, and only if nobody stopped the mail meanwhile.
            if _update(claimed, **written.frozen()) is None:
                return _state(claimed.id)
            refused = line.send(written.mail)
    except GatewayError as error:
        return _note(claimed, error)
    # Anything else that breaks from here on leaves the row handed over without an answer, which is the truth.
    if refused:
        logger.warning("mail %s: %s of its addresses refused", claimed.id, len(refused))
    return _sent(claimed, written, "smtp")


def _sent(claimed: Order, written: Written, delivery: str) -> str:
    values = {"state": "sent", "delivery": delivery, "error": "", "sent_at": clock.instant(),
              "facts": mail_secrets.spent(claimed.facts)}  # fmt: skip
    return _update(claimed, **values, **written.frozen()) or _state(claimed.id)


def _note(claimed: Order, error: GatewayError) -> str:
    """After a failure: again later, or a person has to look. An unknown outcome is never tried again by itself."""
    told = f"{error.code} ({error.facts['status']})" if "status" in error.facts else error.code
    values: dict[str, Any] = {"error": told[:300]}  # never the server's words: they quote people
    if error.code != smtp.UNKNOWN:
        values["message_id"] = None  # certain: it did not go out
    final = error.permanent or error.code == smtp.UNKNOWN or claimed.attempt > len(PAUSES)
    if final:
        values["state"] = "failed"
    else:
        values["next_attempt_at"] = clock.real() + PAUSES[claimed.attempt - 1]
    level = logging.ERROR if final else logging.WARNING
    logger.log(level, "mail %s: attempt %s failed (%s)", claimed.id, claimed.attempt, told)
    return _update(claimed, **values) or _state(claimed.id)


def _wait_for_paper(claimed: Order, code: str) -> str:
    """The mail waits for its document and loses no attempt by it; why, stands in both rows."""
    paper = papers.paper_for_invoice(claimed.invoice_id) if claimed.invoice_id else None
    again = max(paper.next_attempt_at, clock.real()) if paper else clock.real()
    values = {"attempts": claimed.attempt - 1, "error": f"waiting_for_paper: {code}",
              "next_attempt_at": again + WAIT_FOR_PAPER}  # fmt: skip
    return _update(claimed, **values) or _state(claimed.id)


def _update(claimed: Order, **values: Any) -> str | None:
    """Change the row if it is still ours; gives its state, None where it is not."""
    mine = (Message.id == claimed.id, Message.state == "pending", Message.attempts == claimed.attempt)
    with write() as session:
        statement = update(Message).where(*mine).values(**values).returning(Message.state, Message.customer_id)
        row = session.execute(statement.execution_options(synchronize_session=False)).one_or_none()
        if row is None:
            return None
        if "state" in values and row.customer_id is not None:
            _record(claimed, row.customer_id, values)
        return str(row.state)


def _record(claimed: Order, customer_id: int, values: Mapping[str, Any]) -> None:
    """P-09: what became of the mail stands with the customer. To people of the house a deed of its own says it."""
    failed = {"error": values["error"]} if values["state"] == "failed" else {}
    activities.record(SYSTEM, f"message.{values['state']}", "message", claimed.id, customer_id=customer_id,
                      template=claimed.template, **failed)  # fmt: skip


def _state(message_id: int) -> str:
    end_reading()
    state = db.session.scalar(select(Message.state).where(Message.id == message_id))
    if state is None:
        raise NotFound("message", message_id=message_id)
    return state


def _row(message_id: int) -> Message:
    """Under its lock, as it is now."""
    query = select(Message).where(Message.id == message_id).with_for_update()
    row: Message | None = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound("message", message_id=message_id)
    return row
