"""Deeds with bank statements and their movements."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select

from billing.bank_matching import Suggestion
from documents.bank_csv import Layout
from extensions import db
from models import BankBatch, BankLine, Invoice, Payment, Receivable, Refund
from services import (
    bank_answers,
    bank_batches,
    bank_booking,
    bank_facts,
    bank_import,
    bank_layouts,
    bank_matching,
    bank_orders,
    bank_sums,
)
from tests.documents.statements import Entry, Part, camt, notice, paid_in
from tests.services.deeds.refunds import refund
from tests.services.deeds.world import TODAY, Deed, World

_LAYOUT = Layout({0: "booked_on", 1: "amount"})


def _bank_line(w: World, purpose: str = "danke") -> int:
    """A statement with one payment of 1.00 that waits; gives its line."""
    content = camt([paid_in("1.00", purpose, day=TODAY.isoformat())], key=purpose)
    bank_import.bring_in(w.actor, bank_import.keep(content, "auszug.xml"))
    return int(db.session.scalars(select(func.max(BankLine.id))).one())


def _outgoing(w: World, amount: str, **part: str) -> int:
    """A statement with one movement that went out; gives its line."""
    content = camt([Entry(f"-{amount}", day=TODAY.isoformat(), parts=[Part(**part)])], key=amount)
    bank_import.bring_in(w.actor, bank_import.keep(content, "auszug.xml"))
    return int(db.session.scalars(select(func.max(BankLine.id))).one())


def _went_out(w: World) -> None:
    row = db.session.get_one(Refund, refund(w))
    line_id = _outgoing(w, f"{row.amount_cents / 100:.2f}", end_to_end=f"R-{row.id}")
    ((_, order),) = bank_orders.sure([db.session.get_one(BankLine, line_id)])
    bank_orders.book(w.actor, line_id, order)


def _took_back(w: World) -> None:
    payment = db.session.get_one(Payment, w.payment)
    line_id = _outgoing(w, f"{payment.amount_cents / 100 + 3:.2f}", code="MD06")
    invoice_id = int(w.first(Receivable.invoice_id, Receivable.id == payment.receivable_id))
    bank_orders.take_back(w.actor, line_id, invoice_id, 300)


def _number(w: World) -> str:
    return str(w.first(Invoice.number, Invoice.id == w.open_invoice))


def _named(w: World) -> int:
    """A statement with a payment that names its invoice."""
    line_id = _bank_line(w, _number(w))
    return int(w.first(BankLine.statement_id, BankLine.id == line_id))


def _accept(w: World) -> None:
    line_id, offer = _offered(w)
    bank_booking.accept(w.actor, line_id, offer.mark)


def _take(w: World) -> None:
    line_id, offer = _offered(w)
    bank_booking.take(w.actor, line_id, offer, "number")


def _offered(w: World) -> tuple[int, Suggestion]:
    """A payment that names an invoice, and what is suggested for it."""
    line = db.session.get_one(BankLine, _bank_line(w, _number(w)))
    (offer, *_) = bank_facts.offers([line])[line.id]
    return line.id, offer


def _notified(w: World, reference: str = "") -> None:
    """A notification of a sum of 1.00 in two parts."""
    parts = [Part(["A"], amount="0.40"), Part(["B"], amount="0.60")]
    told = notice([Entry("1.00", TODAY.isoformat(), parts, reference)])
    bank_import.bring_in(w.actor, bank_import.keep(told, "avis.xml"))


def _take_apart(w: World) -> None:
    line_id = _bank_line(w)
    _notified(w)
    bank_batches.take_apart(w.actor, line_id, int(w.first(BankBatch.id, BankBatch.ended_at.is_(None))))


def _resolve(w: World) -> None:
    _notified(w, "S-1")
    content = camt([Entry("1.00", TODAY.isoformat(), [Part()], "S-1")], key="S-1")
    (made,) = bank_import.bring_in(w.actor, bank_import.keep(content, "auszug.xml")).statement_ids
    bank_batches.resolve(w.actor, made)


def _resolve_sum(w: World) -> None:
    """One statement has a sum of 1.00, another one its two parts."""
    parts = [Part([each], amount="0.50") for each in "AB"]
    for each in ([Part()], parts):
        content = camt([Entry("1.00", TODAY.isoformat(), each, "S-2")], key=str(len(each)))
        (made,) = bank_import.bring_in(w.actor, bank_import.keep(content, "auszug.xml")).statement_ids
    bank_sums.resolve(w.actor, made)


def _undo_line(w: World) -> None:
    line_id = _bank_line(w)
    bank_booking.book(w.actor, line_id, [], w.customer, 100)
    bank_answers.undo(w.actor, line_id, "Falsch")


DEEDS: Mapping[str, tuple[Deed, ...]] = {
    "bank_notices.keep": (Deed(lambda w: _notified(w), "bank_batch.brought_in", None),),
    "bank_batches.take_apart": (Deed(lambda w: _take_apart(w), "bank_line.taken_apart", None),),
    "bank_batches.resolve": (Deed(lambda w: _resolve(w), "bank_line.taken_apart", None),),
    "bank_sums.resolve": (Deed(lambda w: _resolve_sum(w), "bank_line.taken_apart", None),),
    "bank_layouts.save": (
        Deed(lambda w: bank_layouts.save(w.actor, "Hausbank", _LAYOUT), "csv_layout.saved", None),),
    "bank_layouts.remove": (
        Deed(lambda w: bank_layouts.remove(w.actor, bank_layouts.save(w.actor, "Hausbank", _LAYOUT)),
             "csv_layout.removed", None),),
    "bank_import.bring_in": (Deed(lambda w: _bank_line(w), "bank_statement.brought_in", None),),
    "bank_matching.match_statement": (
        Deed(lambda w: bank_matching.match_statement(_named(w)), "bank_line.matched", None, by="system"),
        Deed(lambda w: bank_matching.match_statement(_named(w)), "payment.recorded", by="system")),
    "bank_matching.work": (
        Deed(lambda w: bank_matching.work(_named(w)), "bank_line.matched", None, by="system"),),
    "bank_matching.match_few": (
        Deed(lambda w: bank_matching.match_few(w.actor, [_named(w)]), "bank_line.matched", None),),
    "bank_matching.match_all": (
        Deed(lambda w: [_bank_line(w, _number(w)), bank_matching.match_all(w.actor)], "bank_line.matched", None),),
    "bank_booking.accept": (
        Deed(lambda w: _accept(w), "bank_line.matched", None),),
    "bank_booking.take": (
        Deed(lambda w: _take(w), "bank_line.matched", None),),
    "bank_booking.book": (
        Deed(lambda w: bank_booking.book(w.actor, _bank_line(w), [], w.customer, 100), "payment.recorded"),),
    "bank_orders.book": (
        Deed(lambda w: _went_out(w), "bank_line.matched", None), Deed(lambda w: _went_out(w), "refund.sent")),
    "bank_orders.take_back": (Deed(lambda w: _took_back(w), "payment.charged_back"),),
    "bank_answers.ignore": (
        Deed(lambda w: bank_answers.ignore(w.actor, _bank_line(w), "Miete"), "bank_line.ignored", None),),
    "bank_answers.take_up": (
        Deed(lambda w: [deed(w.actor, line, *more) for line in [_bank_line(w)] for deed, more in
                        ((bank_answers.ignore, ("Miete",)), (bank_answers.take_up, ()))],
             "bank_line.taken_up", None),),
    "bank_answers.undo": (
        Deed(lambda w: _undo_line(w), "bank_line.undone", None),
        Deed(lambda w: _undo_line(w), "payment.cancelled")),
}  # fmt: skip
