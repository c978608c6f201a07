"""What can be done in any story: to contracts, to invoices, with money. Any deed, at any moment, to any row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from billing.corrections import Part
from billing.money import Money
from models import CreditGrant, Customer, Invoice, InvoiceLine, Payment, Receivable, Subscription, UsageRecord
from services import (
    contract_changes,
    contract_ends,
    contract_pauses,
    contract_rhythm,
    contract_switch,
    corrections,
    credit,
    customer_status,
    customers,
    drafts,
    merge,
    paid_credit,
    payment_changes,
    payments,
    redemptions,
    usage,
    write_offs,
)
from services.actor import SYSTEM
from services.bookings import Booking
from services.contract_changes import Change
from services.drafts import Position
from services.payments import Receipt
from services.subscriptions import Order, create_subscription
from services.usage import Used
from tests.faults.market import ADDONS, COUPONS, CUSTOMERS, PLANS, USED
from tests.faults.walker import Walker, an_id, is_issued, one_of, picks
from tests.scenarios.story import ADDRESS

FIRST = (date(2027, 12, 28), date(2028, 1, 31), date(2028, 2, 29), date(2027, 6, 15))
quantities = st.sampled_from(("1", "1", "3", "2.5"))
soon = st.one_of(st.none(), st.integers(-3, 40))  # days from today, or whatever the house thinks right


class ContractDeeds(Walker):
    @initialize(day=st.sampled_from(FIRST), bookings=st.lists(st.tuples(picks, picks), min_size=1, max_size=4),
                days=st.integers(0, 45))  # fmt: skip
    def begin(self, day: date, bookings: Sequence[tuple[int, int]], days: int) -> None:
        """Some contracts, and the runs of their first weeks."""
        self.day = day
        self.story.on(day)
        for who, plan in bookings:
            self.subscribe(who, plan, bool(plan % 3), "1", 0)
        self.bill()
        self.the_timetable_is_kept(days)

    @rule(who=picks, plan=picks, addon=st.booleans(), quantity=quantities, ahead=st.integers(-40, 20))
    def subscribe(self, who: int, plan: int, addon: bool, quantity: str, ahead: int) -> None:
        chosen = PLANS[plan % len(PLANS)]
        order = Order(
            customer_id=an_id(Customer.id, who), plan=Booking(chosen["number"], Decimal(quantity)),
            addons=(_addon_of(chosen),) if addon else (), starts_on=self.day + timedelta(ahead),
        )  # fmt: skip
        self.deed(lambda: create_subscription(SYSTEM, order))

    @rule(which=picks, plan=picks, quantity=st.one_of(st.none(), quantities), later=st.booleans(),
          addon=st.sampled_from(("as it is", "added", "taken away")))  # fmt: skip
    def change(self, which: int, plan: int, quantity: str | None, later: bool, addon: str) -> None:
        chosen = PLANS[plan % len(PLANS)]
        wanted = Change(
            plan=Booking(chosen["number"]) if plan % 3 else None, quantity=Decimal(quantity) if quantity else None,
            addons=(_addon_of(chosen),) if addon == "added" else (), reset_addons=addon == "taken away",
            at_period_end=later,
        )  # fmt: skip
        self.deed(lambda: contract_changes.change(SYSTEM, an_id(Subscription.id, which), wanted))

    @rule(which=picks, ahead=soon, days=st.one_of(st.none(), st.integers(0, 70)))
    def pause(self, which: int, ahead: int | None, days: int | None) -> None:
        first = self._day(ahead)
        until = None if days is None else (first or self.day) + timedelta(days)
        self.deed(lambda: contract_pauses.pause(SYSTEM, an_id(Subscription.id, which), first, until))

    @rule(which=picks, ahead=soon)
    def resume(self, which: int, ahead: int | None) -> None:
        self.deed(lambda: contract_pauses.resume(SYSTEM, an_id(Subscription.id, which), self._day(ahead)))

    @rule(which=picks, ahead=soon, at_once=st.booleans())
    def cancel(self, which: int, ahead: int | None, at_once: bool) -> None:
        day = self._day(ahead)
        self.deed(lambda: contract_ends.cancel(SYSTEM, an_id(Subscription.id, which), day, "umgezogen",
                                               extraordinary=at_once))  # fmt: skip

    @rule(which=picks)
    def withdraw_cancellation(self, which: int) -> None:
        self.deed(lambda: contract_ends.withdraw_cancellation(SYSTEM, an_id(Subscription.id, which)))

    @rule(which=picks, way=st.sampled_from(("postpone", "renew", "next", "for good")), ahead=st.integers(0, 60))
    def move_the_collection(self, which: int, way: str, ahead: int) -> None:
        contract, day = an_id(Subscription.id, which), self.day + timedelta(ahead)
        self.deed({
            "postpone": lambda: contract_rhythm.postpone(SYSTEM, contract, 1 + ahead % 3),
            "renew": lambda: contract_rhythm.renew(SYSTEM, contract),
            "next": lambda: contract_rhythm.set_next_payment(SYSTEM, contract, day),
            "for good": lambda: contract_rhythm.move_billing_day(SYSTEM, contract, day),
        }[way])  # fmt: skip

    @rule(which=picks, on=st.booleans())
    def switch(self, which: int, on: bool) -> None:
        deed = contract_switch.activate if on else contract_switch.deactivate
        self.deed(lambda: deed(SYSTEM, an_id(Subscription.id, which)))

    @rule(who=picks, action=st.sampled_from(("block", "deactivate", "activate")))
    def set_status(self, who: int, action: str) -> None:
        self.deed(lambda: customer_status.change_status(SYSTEM, an_id(Customer.id, who), action))

    @rule(which=picks, article=st.sampled_from(USED), quantity=st.sampled_from(("1", "0.5", "1234.56")),
          ago=st.integers(0, 50))  # fmt: skip
    def use(self, which: int, article: dict[str, str], quantity: str, ago: int) -> None:
        used = Used(an_id(Subscription.id, which), article["number"], Decimal(quantity),
                    used_on=self.day - timedelta(ago))  # fmt: skip
        self.deed(lambda: usage.record_usage(SYSTEM, used))

    @rule(which=picks)
    def forget_usage(self, which: int) -> None:
        self.deed(lambda: usage.delete_usage(SYSTEM, an_id(UsageRecord.id, which)))

    @rule(which=picks, coupon=st.sampled_from(COUPONS))
    def redeem(self, which: int, coupon: dict[str, str]) -> None:
        self.deed(lambda: redemptions.redeem(SYSTEM, an_id(Subscription.id, which), coupon["code"]))

    def _day(self, ahead: int | None) -> date | None:
        return None if ahead is None else self.day + timedelta(ahead)


class InvoiceDeeds(Walker):
    @rule(who=picks, prices=st.lists(st.sampled_from(("0.01", "9.99", "100", "33.333")), min_size=1, max_size=3),
          is_gross=st.booleans(), percent=st.sampled_from(("", "2")))  # fmt: skip
    def sell_once(self, who: int, prices: Sequence[str], is_gross: bool, percent: str) -> None:
        discount = {"cash_discount_percent": Decimal(percent), "cash_discount_days": 10} if percent else {}
        values = {"service_from": self.day, "is_gross": is_gross} | discount
        positions = [Position(f"Leistung {n}", Decimal(price)) for n, price in enumerate(prices)]

        def issue() -> None:
            drafts.issue_draft(SYSTEM, drafts.create_draft(SYSTEM, an_id(Customer.id, who), values, positions))

        self.deed(issue)

    @rule(which=picks, again=st.booleans())
    def cancel_invoice(self, which: int, again: bool) -> None:
        invoice = an_id(Invoice.id, which, is_issued())
        self.deed(lambda: corrections.cancel(SYSTEM, invoice, reason="", bill_again=again))

    @rule(which=picks, quantity=st.sampled_from((None, "1", "0.5")), days=st.integers(0, 40), again=st.booleans())
    def correct(self, which: int, quantity: str | None, days: int, again: bool) -> None:
        row = one_of(which, InvoiceLine.id, InvoiceLine.invoice_id, InvoiceLine.period_start)
        if row is None:
            return
        since = row.period_start + timedelta(days) if days and row.period_start and not quantity else None
        part = Part(row.id, Decimal(quantity) if quantity else None, since)
        self.deed(lambda: corrections.correct(SYSTEM, row.invoice_id, [part], reason="", bill_again=again))


class MoneyDeeds(Walker):
    @rule(which=picks, percent=st.sampled_from((1, 50, 98, 99, 100, 100, 130)), settled_too=st.booleans())
    def pay(self, which: int, percent: int, settled_too: bool) -> None:
        open_ones = True if settled_too else Receivable.open_cents > 0
        row = one_of(which, Receivable.id, Receivable.open_cents, Receivable.currency_code, where=open_ones)
        if row is None:
            return
        paid = Money(max(row.open_cents * percent // 100, 1), row.currency_code)
        receipt = Receipt(paid, surplus=percent > 100)
        self.moving(paid.cents, lambda: payments.receive(SYSTEM, row.id, receipt))

    @rule(who=picks, cents=st.integers(1, 20_000))
    def pay_ahead(self, who: int, cents: int) -> None:
        self.moving(cents, lambda: payments.prepay(SYSTEM, an_id(Customer.id, who), Receipt(Money(cents, "EUR"))))

    @rule(who=picks, cents=st.integers(1, 5_000))
    def pay_out(self, who: int, cents: int) -> None:
        self.moving(-cents, lambda: paid_credit.pay_out(SYSTEM, an_id(Customer.id, who), Money(cents, "EUR")))

    @rule(which=picks, whole=st.booleans())
    def write_off(self, which: int, whole: bool) -> None:
        row = one_of(which, Receivable.id, Receivable.open_cents, Receivable.currency_code)
        if row is None:
            return
        part = None if whole else Money(max(row.open_cents // 3, 1), row.currency_code)
        self.deed(lambda: write_offs.write_off(SYSTEM, row.id, "nichts mehr zu holen", part))

    @rule(which=picks)
    def use_credit(self, which: int) -> None:
        self.deed(lambda: paid_credit.apply_credit(SYSTEM, an_id(Receivable.id, which, Receivable.open_cents > 0)))

    @rule(who=picks, cents=st.integers(1, 5_000))
    def grant(self, who: int, cents: int) -> None:
        self.deed(lambda: credit.grant_credit(SYSTEM, an_id(Customer.id, who), Money(cents, "EUR")))

    @rule(which=picks)
    def withdraw_grant(self, which: int) -> None:
        self.deed(lambda: credit.withdraw_credit(SYSTEM, an_id(CreditGrant.id, which)))

    @rule(which=picks, to=picks)
    def move_payment(self, which: int, to: int) -> None:
        target = one_of(to, Receivable.invoice_id)
        if target is not None:
            deed = payment_changes.move
            self.deed(lambda: deed(SYSTEM, an_id(Payment.id, which), invoice_id=target[0], reason="verwechselt"))

    @rule(which=picks)
    def undo(self, which: int) -> None:
        row = one_of(which, Payment.id, Payment.kind, Payment.amount_cents)
        if row is not None:
            cents = {"payment": -row.amount_cents, "payout": row.amount_cents}.get(row.kind, 0)
            self.moving(cents, lambda: payment_changes.cancel(SYSTEM, row.id, "vertippt"))


class RecordDeeds(Walker):
    """Somebody who is here already comes once more, and later the records become one."""

    @rule(who=picks, plan=picks)
    def come_again(self, who: int, plan: int) -> None:
        row = one_of(who, Customer.id, Customer.last_name)
        chosen = PLANS[plan % len(PLANS)]

        def deed() -> None:
            again = customers.create_customer(SYSTEM, ADDRESS | {"last_name": row.last_name or "Muster"})
            create_subscription(SYSTEM, Order(customer_id=again, plan=Booking(chosen["number"]), starts_on=self.day))

        self.deed(deed)

    @rule(who=picks, which=picks, swapped=st.booleans(), choice=st.sampled_from(("this", "other")))
    def merge(self, who: int, which: int, swapped: bool, choice: str) -> None:
        """Mostly the later record goes into an earlier one; nobody is asked whether that was done before."""
        pair = an_id(Customer.id, who), an_id(Customer.id, which, Customer.id > len(CUSTOMERS))
        survivor, other = reversed(pair) if swapped and which % 4 == 0 else pair
        self.deed(lambda: merge.merge(SYSTEM, survivor, other, {"customer_type": choice, "country_code": choice}))


def _addon_of(plan: dict[str, object]) -> Booking:
    return Booking(ADDONS[bool(plan.get("is_gross"))]["number"])
