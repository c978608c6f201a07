"""What may be cut: how each scene is furnished, who begins it and when, and who lives on afterwards."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import select, update

from billing.errors import AlreadyDone, NotAllowed
from billing.money import Money
from billing.refunds import TRANSFER
from extensions import db, queues
from models import Customer, Invoice, Subscription
from services import (
    bank_import,
    bank_matching,
    coupons,
    credit,
    drafts,
    dunning_run,
    dunning_settings,
    messages,
    payments,
    redemptions,
    refunds,
)
from services import clock as clocks
from services.actor import SYSTEM
from services.attempt_rows import CHARGE
from services.draft_lines import Position
from services.dunning_levels import LevelWish
from services.load import seed_load
from services.payments import Receipt
from services.timetable import Entry
from services.unit import end_reading, write
from tests.documents.statements import camt, paid_in
from tests.faults.crash_providers import Outcome, Side
from tests.faults.life import BY_NAME
from tests.services.charged import Till, keep_card
from tests.services.refunding import JULE, cancelled, paid_by_transfer

MONTH = date(2026, 11, 1)  # the contracts' first
NEXT = date(2026, 12, 1)
RUN_TIME = datetime(2026, 12, 1, 4, 1, tzinfo=UTC)  # a minute after the billing run's, in Berlin
DUN_TIME = datetime(2026, 11, 29, 7, 1, tzinfo=UTC)  # two weeks after the invoices of November were due
SOON = tuple(timedelta(minutes=m) for m in (4, 16, 80))  # every lease and patience is over by then
NEXT_DAY = (*SOON, timedelta(days=1))
RUN, DUN = (BY_NAME["billing_run"],), (BY_NAME["dunning_run"],)
Deed = Callable[[], object]


@dataclass(frozen=True)
class Scene:
    """`furnish` gives the deed that begins it, if it is not the timetable's. `is_asked_twice`: a person does it, and
    once more where no answer came."""

    name: str
    furnish: Callable[[Till, Side], Deed | None]
    told: Callable[[Outcome], Any]
    truth: Any
    at: datetime = RUN_TIME
    first: date = MONTH  # of the contracts
    entries: tuple[Entry, ...] = ()
    then: tuple[timedelta, ...] = SOON
    is_asked_twice: bool = False
    by_stripe: bool = False


# --- charging ---


def planned(card: str) -> Callable[[Till, Side], Deed]:
    """The run made an attempt and rang for it."""

    def furnish(till: Till, side: Side) -> Deed:
        side.keep(card)
        till.bill(MONTH)
        return partial(queues.ring_many, "money", CHARGE, [till.attempt.id])

    return furnish


def charged(found: Outcome) -> Any:
    """States of invoices, payments, mails that went out, charges as the provider knows them."""
    return (
        [row[1] for row in found["invoices"]], [row[0] for row in found["payments"]],
        [row[0] for row in found["messages"] if row[2] == "sent"], [status for status, _ in found["charges"]],
    )  # fmt: skip


PAID = (["issued"], ["payment"], ["invoice"], ["succeeded"])
CHARGES = (
    Scene("charged", planned("succeeds"), charged, PAID),
    Scene("charged without an answer", planned("times_out_and_succeeds"), charged, PAID),
    Scene("never charged and no answer", planned("times_out_before"), charged, PAID),
    Scene("a charge takes days", planned("debit"), charged, (*PAID[:3], ["processing"])),
    Scene("declined for now", planned("declines_soft"), charged,
          (["awaiting_payment"], [], ["payment_declined"], ["declined"])),
    Scene("declined for good", planned("declines_hard"), charged,
          (["awaiting_payment"], [], ["payment_declined"], ["declined"])),
    Scene("the customer has to confirm", planned("needs_action"), charged,
          (["awaiting_payment"], [], ["payment_action"], ["needs_action"])),
    Scene("charged by Stripe", planned("succeeds"), charged, PAID, by_stripe=True),
    Scene("declined by Stripe", planned("declines_soft"), charged,
          (["awaiting_payment"], [], ["payment_declined"], ["requires_payment_method"]), by_stripe=True),
)  # fmt: skip

# --- money back ---


def ordered(till: Till, side: Side) -> Deed:
    """A person orders the refund of a cancelled invoice."""
    side.keep("succeeds")
    till.bill(MONTH)
    till.carry_on()
    return once(partial(refunds.order, JULE, cancelled(till.invoice), key="form"))


def sent_by_hand(till: Till, _side: Side) -> Deed:
    storno = cancelled(paid_by_transfer(till))
    (refund_id,) = refunds.order(JULE, storno, TRANSFER)
    return once(partial(refunds.note_sent, JULE, refund_id))


def once(deed: Deed) -> Deed:
    """Who clicks again is told that it is done, or that it cannot be done a second time."""

    def click() -> None:
        with suppress(AlreadyDone, NotAllowed):
            deed()

    return click


def given_back(found: Outcome) -> Any:
    """States of refunds, movements, the provider's refunds, and what is held back or credit."""
    accounts = dict(found["accounts"])
    return (
        [row[1] for row in found["refunds"]], sorted(row[0] for row in found["payments"]), len(found["given_back"]),
        accounts.get("refunds_under_way", 0), accounts.get("credit", 0),
    )  # fmt: skip


BACK = (["succeeded"], ["payment", "refund"])
REFUNDS = (
    Scene("refunded", ordered, given_back, (*BACK, 1, 0, 0), is_asked_twice=True),
    Scene("refunded by transfer", sent_by_hand, given_back, (*BACK, 0, 0, 0), is_asked_twice=True),
    Scene("refunded by Stripe", ordered, given_back, (*BACK, 1, 0, 0), is_asked_twice=True, by_stripe=True),
)  # fmt: skip

# --- issuing ---


def due(till: Till, side: Side) -> None:
    """Three customers are due: one by card, one with a coupon, one with paid and granted credit."""
    seed_load(SYSTEM, 2, NEXT)
    contracts = {row.customer_id: row.id for row in db.session.scalars(select(Subscription))}
    end_reading()
    first, second, third = sorted(contracts)
    side.keep("succeeds")
    given = {"code": "SOMMER", "title": "Sommer", "kind": "percent", "percent": Decimal(10)}
    coupons.create_coupon(SYSTEM, given)
    redemptions.redeem(SYSTEM, contracts[second], "SOMMER")
    payments.prepay(SYSTEM, third, Receipt(Money(500, "EUR")))
    credit.grant_credit(SYSTEM, third, Money(300, "EUR"), "Kulanz")


def one_off(till: Till, _side: Side) -> Deed:
    values = {"service_from": NEXT, "service_last": NEXT}
    lines = [Position("Beratung", Decimal("80"), Decimal(2)), Position("Anfahrt", Decimal("15"))]
    return once(partial(drafts.issue_draft, SYSTEM, drafts.create_draft(SYSTEM, till.customer_id, values, lines)))


def issued(found: Outcome) -> Any:
    """Numbers, periods billed, mails, papers and runs that are left open."""
    return (
        found["numbers"], len(found["claims"]),
        [row[0] for row in found["messages"] if row[2] == "sent"], [row[1] for row in found["papers"]],
        found["unfinished"],
    )  # fmt: skip


ISSUES = (
    Scene("a billing run", due, issued,
          ([f"RE-2026-{n:05d}" for n in range(1, 4)], 3, ["invoice"] * 3, ["drawn"] * 3, []), entries=RUN, first=NEXT),
    Scene("a draft", one_off, issued, (["RE-2026-00001"], 0, ["invoice"], ["drawn"], []),
          is_asked_twice=True),
)  # fmt: skip

# --- bank statements ---


def statement(till: Till, _side: Side) -> Deed:
    """A file with a payment of each kind: the whole invoice, a part, too much, and one that nobody knows."""
    seed_load(SYSTEM, 2, MONTH)
    till.bill(MONTH)
    end_reading()
    rows = db.session.execute(select(Invoice.number, Invoice.gross_cents).order_by(Invoice.id)).all()
    end_reading()
    (whole, cents), (part, _), (more, much) = rows
    entries = [
        paid_in(f"{Decimal(cents) / 100}", f"Rechnung {whole}"), paid_in("1.00", part),
        paid_in(f"{Decimal(much + 500) / 100}", more), paid_in("2.00", "danke"),
    ]  # fmt: skip
    file_id = bank_import.keep(camt(entries), "auszug.xml")
    return lambda: bank_matching.match_few(JULE, bank_import.bring_in(JULE, file_id).statement_ids)


def brought(found: Outcome) -> Any:
    """How many statements, states of lines, payments, matches, and what is open."""
    return (
        len(found["bank_statements"]), sorted(row[1] for row in found["bank_lines"]),
        [row[0] for row in found["payments"]], len(found["bank_matches"]),
        sum(bool(row[3]) for row in found["receivables"]),
    )  # fmt: skip


IMPORTS = (
    Scene("a bank statement", statement, brought,
          (1, ["matched", "matched", "unmatched", "unmatched"], ["payment"] * 2, 2, 2), is_asked_twice=True),
)  # fmt: skip

# --- dunning ---

LEVELS = (
    LevelWish("Erinnerung", 7),
    LevelWish("Mahnung", 14, fee_cents=500, consumer_fee_cents=70, letter="always", collect_before=True,
              deactivate_after=True),
)  # fmt: skip


def late(till: Till, side: Side) -> None:
    """Four customers, reminded once, by mails that have left: a card that pays now, one that declines, none at all, and
    a firm."""
    seed_load(SYSTEM, 3, MONTH)
    with write() as session:
        session.execute(
            update(Customer).where(Customer.id == 4).values(organization="Werk GmbH", customer_type="business")
        )
    dunning_settings.save_levels(SYSTEM, LEVELS)
    till.bill(MONTH)
    day = date(2026, 11, 22)
    with clocks.stand_at(day):
        dunning_run.dun(day, SYSTEM)
        for message_id in messages.waiting(100):
            messages.send(message_id)
    keep_card(1, "succeeds")
    keep_card(2, "declines_hard")


def reminded(found: Outcome) -> Any:
    """(level, with a fee, contract off, letter) of each second reminder, mails, charges, contracts, movements, runs."""
    mails = [row[0] for row in found["messages"] if row[2] == "sent"]
    return (
        [(row[0], row[3] > 0, row[6], row[7]) for row in found["reminders"] if row[0] == 2],
        mails.count("reminder"), mails.count("payment_declined"), [status for status, _ in found["charges"]],
        sorted(row[0] for row in found["subscriptions"]), [row[0] for row in found["payments"]], found["unfinished"],
    )  # fmt: skip


REMINDERS = (
    Scene("a dunning run", late, reminded, ([(2, True, True, "drawn")] * 3, 7, 1, ["declined", "succeeded"],
          ["active", *["deactivated"] * 3], ["payment"], []), at=DUN_TIME, entries=DUN, then=NEXT_DAY),
)  # fmt: skip

KINDS = (CHARGES, REFUNDS, REMINDERS, IMPORTS, ISSUES)
SCENES = {scene.name: scene for kind in KINDS for scene in kind}
