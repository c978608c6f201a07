"""Fees, interest and lump sum beside an invoice: given up, or paid (MAH-6)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from admin import formats
from admin.fields import text
from admin.lists import row_id
from admin.payment_forms import OnceForm, ReceiptForm
from admin.people import actor
from models import Payment
from queries.cards.dunning import DamageRow, damage_of
from services import clock, payments, write_offs
from services.payments import Receipt


class WaiveForm(OnceForm):
    reason = text(_l("Reason"), Payment.__table__.c.note, required=True,
                  help=_l("Why it is given up; stands in the books."))  # fmt: skip


class BesideInvoice:
    """Mixed into the screen of dunning, which asks (`admin/asking.py`) and names the permissions."""

    asked: Any

    @expose("/waive/", methods=("GET", "POST"))
    def waive(self) -> ResponseReturnValue:
        """A fee, interest or lump sum is given up; the invoice itself stays as it is."""
        row, invoice_id, currency = _damage()
        form = WaiveForm()
        return self.asked(
            form, lambda: write_offs.write_off(actor(), row.id, form.reason.data, key=form.key.data),
            title=gettext("Waive"),
            what=[gettext("%(sum)s are given up. The invoice itself stays as it is.",
                          sum=formats.money(row.open_cents, currency))],
            verb=gettext("Waive"), said=gettext("It is waived."), danger=True, back=to_invoice(invoice_id),
            extra={"id": row.id, "key": form.key.data or ""},
        )  # fmt: skip

    @expose("/paid/", methods=("GET", "POST"))
    def paid(self) -> ResponseReturnValue:
        """Money came for a fee, interest or lump sum."""
        row, invoice_id, currency = _damage()
        form = ReceiptForm(data={"received_on": clock.today(), "method": "bank", "amount": _euros(row)})
        form.in_currency(currency, row.open_cents)
        return self.asked(
            form, lambda: payments.receive(actor(), row.id, Receipt(
                form.money(currency), form.received_on.data, form.method.data, form.reference.data or "",
                form.note.data or "", form.key.data)),
            title=gettext("Book a payment"),
            what=[gettext("%(sum)s are open.", sum=formats.money(row.open_cents, currency))],
            verb=gettext("Book payment"), said=gettext("The payment is booked."), back=to_invoice(invoice_id),
            extra={"id": row.id, "key": form.key.data or ""},
        )  # fmt: skip


def to_invoice(invoice_id: int) -> str:
    return url_for("admin_invoices.details_view", id=invoice_id, _anchor="dunning")


def _damage() -> tuple[DamageRow, int, str]:
    return damage_of(row_id(request.values.get("id")) or 0) or abort(404)


def _euros(row: DamageRow) -> Decimal | None:
    """What is open, as the field of an amount takes it."""
    return Decimal(row.open_cents).scaleb(-2) if row.open_cents > 0 else None
