"""Files for the bank: made once, the same bytes on every download, handed in once, or thrown away (SEP-6).

A debit or a refund is in one file at a time: its row names the file, under its lock. A file that was not handed in can
be thrown away, and what was in it waits again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.debits import execution_day, sequence
from billing.errors import AlreadyDone, Invalid, NotAllowed, NotFound
from documents.sepa import House, debit_file, transfer_file
from extensions import db
from models import Debit, Mandate, PaymentFile, Refund
from services import activities, clock, files
from services.actor import Actor
from services.bulk import draw_keys
from services.company import get_company
from services.files import Stored
from services.payment_orders import (
    MOST,
    by_number,
    collectable,
    debit_order,
    nobody_to_pay,
    payee,
    transfer_order,
    transfers,
    without_mandate_in,
)
from services.payment_rows import lock
from services.payment_settings import payment_settings
from services.planned_debits import mandate_now, without_mandate
from services.unit import write

AHEAD = timedelta(30)  # further ahead no bank takes a file
XML = "application/xml"


@dataclass(frozen=True, slots=True)
class Made:
    """The ids of the files, and how many debits were taken back instead (paid since, mandate over)."""

    file_ids: tuple[int, ...] = ()
    withdrawn: int = 0


def make_debit_files(actor: Actor, until: date) -> Made:
    """Put every announced debit due until that day into files, one for each day of collection and scheme.

    Raises NotAllowed: "no_creditor_id", "no_bank_account"; Invalid("until") too far ahead, or with the field that a
    bank would refuse and the `number` of the invoice.
    """
    with write() as session:
        house, today = _house(), clock.today()
        if not house.creditor_id:
            raise NotAllowed("no_creditor_id")
        if until > today + AHEAD:
            raise Invalid("until", "too_far_ahead", latest=today + AHEAD)
        groups, withdrawn = collectable(session, actor, until, today)
        made = [
            _make_debits(session, actor, house, day, scheme, pairs[start : start + MOST])
            for (day, scheme), pairs in sorted(groups.items())
            for start in range(0, len(pairs), MOST)
        ]
        return Made(tuple(made), withdrawn)


def make_transfer_file(actor: Actor) -> int:
    """Put every refund that is to be transferred and in no file yet into one; gives the file's id (SEP-7).

    Who has no account stops nobody else's money: that refund waits for the next file. Raises
    NotAllowed("nothing_to_transfer"), "no_bank_account", and Invalid("bank_iban", number=...) where nobody's is known.
    """
    with write() as session:
        house, now = _house(), clock.berlin(clock.instant())
        rows = session.execute(transfers().where(payee.bank_iban != "")).all()
        if not rows:
            raise nobody_to_pay(session)
        orders = [transfer_order(*row) for row in rows]
        day = execution_day(clock.today(), clock.today())
        key = _draw(session)
        content = transfer_file(_message_id("T", key), now, house, day, orders)
        file = _store(session, actor, key, "T", day, content, [order.cents for order in orders])
        for refund, _, _ in rows:
            refund.file_id, refund.state = file.id, "sent"
        session.flush()
        return int(file.id)


def download(file_id: int) -> Stored:
    """The bytes, proved to be those that were made. NotFound, also for a file that was thrown away."""
    row = db.session.get(PaymentFile, file_id)
    if row is None or row.discarded_at is not None:
        raise NotFound("payment_file")
    return files.read(row.file_id)


def submit(actor: Actor, file_id: int, *, already_there: bool = False) -> None:
    """The file was handed in at the bank: its debits are under way and their mandates used. Once.

    `already_there`: the bank had it before a mandate of it ended. Raises NotFound, AlreadyDone("submitted"),
    NotAllowed("discarded"), and NotAllowed("mandate_over", orders=...) where a mandate of it is over by now: nobody is
    debited by that (section 675j (2) BGB).
    """
    with write() as session:
        row = _open_file(session, file_id)
        if not already_there and (orders := without_mandate_in(session, row.id)):
            raise NotAllowed("mandate_over", orders=", ".join(orders))
        row.submitted_at, row.submitted_by = clock.instant(), f"{actor.kind}:{actor.id or 0}"
        debits = _debits_in(session, row)
        for debit in debits:
            debit.state = "submitted"
        session.flush()
        _use(session, {debit.mandate_id for debit in debits}, row.execute_on)
        activities.record(actor, "payment_file.submitted", "payment_file", row.id, number=row.message_id,
                          count=row.count, amount_cents=row.total_cents, currency=row.currency_code)  # fmt: skip


def discard(actor: Actor, file_id: int) -> None:
    """Throw a file away that was not handed in; what was in it waits for the next one. A debit whose mandate is over
    does not: its customer is asked for a transfer instead.

    Raises NotFound, AlreadyDone("discarded"), NotAllowed("submitted"), and NotAllowed("bank_answered") where money
    of it moved already: then it was handed in.
    """
    with write() as session:
        row = _locked_file(session, file_id)
        if row.submitted_at is not None:
            raise NotAllowed("submitted")
        if row.discarded_at is not None:
            raise AlreadyDone("discarded")
        owed = lock(session, session.scalars(select(Debit.receivable_id).where(Debit.file_id == row.id)).all())
        debits, refunds = _debits_in(session, row), _refunds_in(session, row)
        if len(debits) + len(refunds) < row.count:
            raise NotAllowed("bank_answered")
        row.discarded_at = clock.instant()
        for debit in debits:
            debit.state, debit.file_id, debit.sequence = "planned", None, ""
            debit.amount_cents = debit.announced_cents  # the next file looks anew at what is open
        for refund in refunds:
            refund.state, refund.file_id = "approved" if refund.approved_by else "ordered", None
        session.flush()
        still_owed = [debit for debit in debits if owed[debit.receivable_id].open_cents > 0]
        over = [debit for debit in still_owed if mandate_now(session, debit, debit.collect_on) is None]
        without_mandate(session, actor, over)
        activities.record(actor, "payment_file.discarded", "payment_file", row.id, number=row.message_id,
                          count=row.count, amount_cents=row.total_cents, currency=row.currency_code)  # fmt: skip


def _make_debits(
    session: Session, actor: Actor, house: House, day: date, scheme: str, rows: Sequence[tuple[Debit, Mandate, str]]
) -> int:
    key, always = _draw(session), payment_settings().always_recurring
    for debit, mandate, _ in rows:
        debit.sequence = sequence(used=mandate.last_used_on is not None, once=mandate.is_once, always_recurring=always)
    orders = [debit_order(session, *row) for row in rows]
    try:
        content = debit_file(_message_id("D", key), clock.berlin(clock.instant()), house, scheme, day, orders)
    except Invalid as problem:
        raise by_number(problem, rows) from None
    file = _store(session, actor, key, "D", day, content, [order.cents for order in orders])
    for debit, _, _ in rows:
        debit.state, debit.file_id = "in_file", file.id
    session.flush()
    return int(file.id)


def _house() -> House:
    own = get_company()
    if not own.iban:
        raise NotAllowed("no_bank_account")
    return House(own.bank_owner or own.name, own.iban, own.bic, own.creditor_id)


def _draw(session: Session) -> int:
    (key,) = draw_keys(session.connection(), {"payment_files": 1})["payment_files"]
    return int(key)


def _message_id(letter: str, key: int) -> str:
    """Of the row: the same file is the same message for the bank, whoever sends it twice."""
    return f"KONTOR-{letter}-{key:06d}"


def _store(
    session: Session, actor: Actor, key: int, letter: str, day: date, content: bytes, cents: Sequence[int]
) -> PaymentFile:
    message_id = _message_id(letter, key)
    kind = "debit" if letter == "D" else "transfer"
    stored = files.store(content, f"{message_id}-{day:%Y-%m-%d}.xml", XML, kind="bank")
    row = PaymentFile(
        id=key, kind=kind, message_id=message_id, file_id=stored, execute_on=day, count=len(cents),
        total_cents=sum(cents), currency_code="EUR", created_at=clock.instant(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    activities.record(actor, "payment_file.made", "payment_file", row.id, number=message_id, count=row.count,
                      amount_cents=row.total_cents, currency="EUR")  # fmt: skip
    return row


def _open_file(session: Session, file_id: int) -> PaymentFile:
    row = _locked_file(session, file_id)
    if row.discarded_at is not None:
        raise NotAllowed("discarded")
    if row.submitted_at is not None:
        raise AlreadyDone("submitted")
    return row


def _locked_file(session: Session, file_id: int) -> PaymentFile:
    row: PaymentFile | None = session.get(PaymentFile, file_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("payment_file")
    return row


def _debits_in(session: Session, file: PaymentFile) -> Sequence[Debit]:
    """Those that still wait in the file, locked: what the bank told of in this minute stays as the bank told it."""
    query = select(Debit).where(Debit.file_id == file.id, Debit.state == "in_file").order_by(Debit.id)
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()


def _refunds_in(session: Session, file: PaymentFile) -> Sequence[Refund]:
    """The same for refunds: one that a person noted as sent does not wait again."""
    query = select(Refund).where(Refund.file_id == file.id, Refund.state == "sent").order_by(Refund.id)
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()


def _use(session: Session, mandate_ids: set[int], on: date) -> None:
    wanted = select(Mandate).where(Mandate.id.in_(mandate_ids)).order_by(Mandate.id)
    for mandate in session.scalars(wanted.with_for_update()):
        mandate.first_used_on = mandate.first_used_on or on
        mandate.last_used_on = max(mandate.last_used_on or on, on)
    session.flush()
