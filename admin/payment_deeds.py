"""The deeds with money by hand: each is asked with figures, in a dialog or on a page, and is one service call."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext

from admin import formats
from admin.asking import asked_from, back_again, named, this_page
from admin.deeds import attempt
from admin.fields import Form
from admin.lists import row_id
from admin.merged import customer_of_address
from admin.payment_forms import (
    CreditForm,
    PaidForm,
    PaymentForm,
    PayoutForm,
    PrepaymentForm,
    ReceiptForm,
    WriteOffForm,
)
from admin.payment_words import beside, standing
from admin.people import actor
from admin.settling_words import on_its_way
from billing.errors import AlreadyDone, Conflict
from models import Customer
from queries.cards.money import credits_of
from queries.cards.payments import InvoiceMoney, invoice_money
from queries.lists.names import name_of
from services import clock, hanging, paid_credit, payments, write_offs
from services.payments import Receipt


class Deeds:
    """Mixed into the screen of payments, before it."""

    @expose("/record/", methods=("GET", "POST"))
    def record(self: Any) -> ResponseReturnValue:
        """Money came for an invoice: all, a part, or more than is open."""
        money = _money()
        asked = money.open_cents if money.open_cents > 0 else money.hanging_cents
        form = PaymentForm(data=_today() | {"amount": _euros(asked), "surplus": money.whole_cents <= 0})
        form.in_currency(money.currency)
        if not money.discount_cents:
            del form.discount
        book = _road(form, money, payments.receive, hanging.receive)
        return self.asked(
            form, lambda: book(actor(), money.receivable_id, _receipt(form, money.currency)),
            title=gettext("Book a payment"), what=[*standing(money), *on_its_way(money.invoice_id)],
            verb=gettext("Book payment"), said=gettext("The payment is booked."),
            back=_invoice(money), extra={"invoice": money.invoice_id},
        )  # fmt: skip

    @expose("/paid/", methods=("GET", "POST"))
    def mark_paid(self: Any) -> ResponseReturnValue:
        """The whole open amount came (M2-14)."""
        money = _money()
        form = PaidForm(data=_today())
        book = _road(form, money, payments.mark_paid, hanging.mark_paid)
        if money.hanging_cents:
            form.hanging.label.text = gettext(
                "The fees and interest of %(sum)s are paid, too; together %(all)s are booked",
                sum=formats.money(money.hanging_cents, money.currency),
                all=formats.money(money.whole_cents, money.currency),
            )
        sum_ = formats.money(max(money.open_cents, 0), money.currency)
        what = [gettext("%(sum)s are booked as received for invoice %(number)s. The invoice is then paid.", sum=sum_,
                        number=money.number)]  # fmt: skip
        return self.asked(
            form, lambda: book(actor(), money.invoice_id, form.received_on.data, method=form.method.data,
                               key=form.key.data),
            title=gettext("Mark as paid"), what=[*what, *beside(money), *on_its_way(money.invoice_id)],
            verb=gettext("Mark as paid"), said=gettext("The invoice is paid."),
            back=_invoice(money), extra={"invoice": money.invoice_id},
        )  # fmt: skip

    @expose("/write-off/", methods=("GET", "POST"))
    def write_off(self: Any) -> ResponseReturnValue:
        """What is open is given up (COR-4)."""
        money = _money()
        form = WriteOffForm(data={"amount": _euros(money.open_cents)})
        form.in_currency(money.currency, money.open_cents)
        what = [
            *standing(money),
            gettext("What you enter is given up. The invoice stays as it was issued; the VAT in the amount is no "
                    "longer owed. If the money comes after all, the write-off can be taken back."),
        ]  # fmt: skip
        return self.asked(
            form, lambda: write_offs.write_off(actor(), money.receivable_id, form.reason.data,
                                               form.money(money.currency), key=form.key.data),
            title=gettext("Write off"), what=what, verb=gettext("Write off"), danger=True,
            said=gettext("The amount is written off."), back=_invoice(money), extra={"invoice": money.invoice_id},
        )  # fmt: skip

    @expose("/use-credit/", methods=("GET", "POST"))
    def apply_credit(self: Any) -> ResponseReturnValue:
        """Paid credit settles an invoice (D-9)."""
        money = _money()
        most = min(money.open_cents, money.credit_cents)
        form = CreditForm(data={"amount": _euros(most)})
        form.in_currency(money.currency, most)
        has = gettext("%(customer)s has %(sum)s of paid credit.", customer=money.customer,
                      sum=formats.money(money.credit_cents, money.currency))  # fmt: skip
        return self.asked(
            form, lambda: paid_credit.apply_credit(actor(), money.receivable_id, form.money(money.currency),
                                                   form.key.data),
            title=gettext("Use credit"), what=[*standing(money), has], verb=gettext("Use credit"),
            said=gettext("The credit is used."), back=_invoice(money), extra={"invoice": money.invoice_id},
        )  # fmt: skip

    @expose("/ahead/", methods=("GET", "POST"))
    def prepay(self: Any) -> ResponseReturnValue:
        """Money without an invoice."""
        row = customer_of_address()
        form = PrepaymentForm(data=_today() | {"currency": row.currency_code})
        return self.asked(
            form, lambda: payments.prepay(actor(), row.id, _receipt(form, form.currency.data.upper())),
            title=gettext("Payment without an invoice"),
            what=[gettext("The amount becomes paid credit of %(customer)s. It can be used for invoices or paid out.",
                          customer=name_of(row))],
            verb=gettext("Book as credit"), said=gettext("The payment is booked as credit."), back=_record(row.id),
            extra={"customer": row.id}, whose=row,
        )  # fmt: skip

    @expose("/pay-out/", methods=("GET", "POST"))
    def pay_out(self: Any) -> ResponseReturnValue:
        """Paid credit was given back by transfer or in cash; this notes it."""
        row = customer_of_address()
        credits = dict(credits_of(row.id))
        currency = request.values.get("currency", "")
        currency = currency if currency in credits else next(iter(credits), row.currency_code)
        wished = row_id(request.args.get("cents")) or credits.get(currency, 0)  # no more than there is, asked or not
        form = PayoutForm(data=_today() | {"amount": _euros(min(wished, credits.get(currency, 0)))})
        form.in_currency(currency, credits.get(currency, 0))
        has = formats.money(credits.get(currency, 0), currency)
        what = [gettext("%(customer)s has %(sum)s of paid credit.", customer=name_of(row), sum=has),
                gettext("This notes a payment that you made; it does not order one at the bank.")]  # fmt: skip
        return self.asked(
            form, lambda: paid_credit.pay_out(actor(), row.id, form.money(currency), form.received_on.data,
                                              method=form.method.data, reference=form.reference.data or "",
                                              key=form.key.data),
            title=gettext("Pay credit out"), what=what, verb=gettext("Note payout"),
            said=gettext("The payout is noted."), back=_record(row.id),
            extra={"customer": row.id, "currency": currency}, whose=row,
        )  # fmt: skip

    def asked(
        self: Any, form: Form, do: Callable[[], Any], *, title: Any, what: list[str], verb: Any, said: str, back: str,
        extra: dict[str, Any], danger: bool = False, whose: Customer | None = None,
    ) -> ResponseReturnValue:  # fmt: skip
        """The question (GET), or the deed (POST) and back to where it was asked."""
        back = asked_from() or back
        if form.validate_on_submit() and attempt(lambda: _once(do), form).done:
            flash(said, "good")
            return redirect(back)
        return self.render(
            "admin/payment_deed.html", form=form, title=title, what=what, verb=verb, danger=danger, back_to=back,
            action=this_page(), extra={**extra, **back_again()}, **named(whose),
        )  # fmt: skip


def _once(do: Callable[[], Any]) -> None:
    """The same form again is done already; that somebody else was faster is no success of this one."""
    try:
        do()
    except AlreadyDone as error:
        if error.code != "already_done":
            raise Conflict(error.code) from None


def _road(form: Form, money: InvoiceMoney, alone: Callable[..., Any], whole: Callable[..., Any]) -> Callable[..., Any]:
    """Whether what hangs on the invoice is booked, too; nobody is asked where nothing does."""
    if not money.hanging_cents:
        del form.hanging
        return alone
    return whole if form.hanging.data else alone


def _money() -> InvoiceMoney:
    return invoice_money(row_id(request.values.get("invoice")) or 0) or abort(404)


def _today() -> dict[str, Any]:
    return {"received_on": clock.today(), "method": "bank"}


def _euros(cents: int) -> Decimal | None:
    return Decimal(cents).scaleb(-2) if cents > 0 else None


def _receipt(form: ReceiptForm, currency: str) -> Receipt:
    discount, surplus = (form._fields.get(name) for name in ("discount", "surplus"))
    return Receipt(
        form.money(currency), form.received_on.data, form.method.data, form.reference.data or "", form.note.data or "",
        form.key.data, surplus=bool(surplus is not None and surplus.data),
        discount=bool(discount is not None and discount.data),
    )  # fmt: skip


def _invoice(money: InvoiceMoney) -> str:
    return url_for("admin_invoices.details_view", id=money.invoice_id)


def _record(customer_id: int) -> str:
    return url_for("admin_customer_payments.index", id=customer_id)
