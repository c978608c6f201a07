"""Deeds with mandates, direct debits and files for the bank."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from models import Debit, Mandate, Receivable, Refund
from services import (
    clock,
    company,
    corrections,
    customers,
    debit_returns,
    debits,
    mandates,
    payment_files,
    payments,
    refused_files,
)
from services.actor import SYSTEM
from services.unit import write
from tests.services.deeds.world import IBAN, TODAY, Deed, World


def _grant(w: World) -> int:
    """A mandate of Öztürk's."""
    company.change_company(SYSTEM, {"creditor_id": "DE98ZZZ09999999999", "iban": IBAN})
    return mandates.grant(w.actor, w.customer, mandates.Grant(iban=IBAN))


def _used(w: World) -> None:
    mandate_id = _grant(w)
    with write() as session:
        row = session.get_one(Mandate, mandate_id)
        row.first_used_on = row.last_used_on = TODAY


def _amend(w: World) -> None:
    _used(w)
    customers.update_customer(w.actor, w.customer, {"bank_iban": "DE89370400440532013000"})


def _replace(w: World) -> None:
    _grant(w)
    _grant(w)


def _lapse(w: World) -> None:
    mandate_id = _grant(w)
    with write() as session:
        session.get_one(Mandate, mandate_id).last_used_on = date(2020, 1, 1)
    mandates.lapse()


def _announce(w: World) -> int:
    """A debit of the open invoice, due by now."""
    mandate_id = _grant(w)
    with write() as session:
        row = Debit(customer_id=w.customer, receivable_id=w.receivable, mandate_id=mandate_id, end_to_end_id="D-1-1",
                    amount_cents=session.get_one(Receivable, w.receivable).open_cents, currency_code="EUR",
                    announced_on=date(2026, 11, 1), collect_on=date(2026, 11, 20))  # fmt: skip
        session.add(row)
        session.flush()
        return int(row.id)


def _withdraw_settled(w: World) -> None:
    _announce(w)
    payments.mark_paid(w.actor, w.open_invoice)
    debits.withdraw_settled()


def _file(w: World) -> int:
    _announce(w)
    return payment_files.make_debit_files(w.actor, TODAY).file_ids[0]


def _handed_in(w: World) -> tuple[int, str]:
    file_id = _file(w)
    payment_files.submit(w.actor, file_id)
    return file_id, "D-1-1"


def _credit_file(w: World) -> int:
    """On a day after the bank collected it."""
    file_id, on = _handed_in(w)[0], date(2026, 12, 1)
    with clock.stand_at(on):
        return debits.mark_file_paid(w.actor, file_id, on)


def _answered(w: World, do: Callable[[str, date], object]) -> None:
    """The bank tells of it, a day after it collected."""
    name, on = _handed_in(w)[1], date(2026, 12, 1)
    with clock.stand_at(on):
        do(name, on)


def _transfer_file(w: World) -> int:
    _grant(w)
    invoice_id = w.open_invoice
    payment_id = payments.mark_paid(w.actor, invoice_id)
    correction_id = corrections.cancel(w.actor, invoice_id, reason="Irrtum")
    with write() as session:
        session.add(Refund(key="transfer", customer_id=w.customer, correction_id=correction_id, payment_id=payment_id,
                           way="transfer", amount_cents=100, currency_code="EUR", state="ordered",
                           ordered_by="staff:1"))  # fmt: skip
    return payment_files.make_transfer_file(w.actor)


DEEDS: Mapping[str, tuple[Deed, ...]] = {
    "mandates.grant": (Deed(_grant, "mandate.granted"),),
    "mandates.revoke": (Deed(lambda w: mandates.revoke(w.actor, _grant(w)), "mandate.revoked"),),
    "mandates.stop": (Deed(lambda w: mandates.stop(w.actor, _grant(w), "AC04"), "mandate.stopped"),),
    "mandates.lapse": (Deed(_lapse, "mandate.lapsed", by="system"),),
    "mandate_rows.follow": (Deed(_amend, "mandate.amended"), Deed(_replace, "mandate.replaced")),
    "debits.mark_paid": (
        Deed(lambda w: _answered(w, lambda name, on: debits.mark_paid(w.actor, name, on)), "payment.recorded"),),
    "debits.mark_file_paid": (
        Deed(_credit_file, "payment.recorded"),),
    "debits.withdraw": (Deed(lambda w: debits.withdraw(w.actor, _announce(w)), "debit.withdrawn"),),
    "debits.withdraw_settled": (Deed(_withdraw_settled, "debit.withdrawn", by="system"),),
    "debit_returns.returned": (
        Deed(lambda w: _answered(w, lambda name, on: debit_returns.returned(w.actor, name, "MD06", on)),
             "debit.returned"),
        Deed(lambda w: _answered(w, lambda name, on: debit_returns.returned(w.actor, name, "AM04", on)),
             "debit.planned_again")),
    "refused_files.put_back": (
        Deed(lambda w: refused_files.put_back(w.actor, _handed_in(w)[0], "FF01"), "payment_file.rejected", None),
        Deed(lambda w: refused_files.put_back(w.actor, _handed_in(w)[0], "FF01"), "debit.planned_again")),
    "mandates.use_up": (Deed(lambda w: mandates.use_up(w.actor, _grant(w)), "mandate.lapsed"),),
    "payment_files.make_debit_files": (Deed(lambda w: _file(w), "payment_file.made", None),),
    "payment_files.make_transfer_file": (Deed(_transfer_file, "payment_file.made", None),),
    "payment_files.submit": (Deed(lambda w: _handed_in(w), "payment_file.submitted", None),),
    "payment_files.discard": (
        Deed(lambda w: payment_files.discard(w.actor, _file(w)), "payment_file.discarded", None),),
}  # fmt: skip
