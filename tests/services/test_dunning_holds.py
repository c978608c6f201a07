"""Who is left alone, for how long, and what goes on when that is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time

import pytest
from sqlalchemy import select, text, update

from billing.errors import AlreadyDone, Invalid, KontorError, NotAllowed, NotFound
from billing.instalments import monthly
from extensions import db
from models import InstalmentPlan, Message, Receivable
from services import (
    clock,
    corrections,
    dunning_holds,
    instalments,
)
from services.dunning_lookups import mailed, respites
from services.payments import mark_paid
from services.unit import end_reading, write
from tests.services.reminding import (
    ANKE,
    after,
    dun,
    levels_of,
    of_invoice,
    sent,
)


@pytest.mark.feature("MAH-7")
@pytest.mark.parametrize(
    ("stop", "go_on"),
    [
        (lambda r: dunning_holds.hold_invoice(ANKE, r.id, "Kulanz"), lambda r: dunning_holds.lift_invoice(ANKE, r.id)),
        (lambda r: dunning_holds.hold_customer(ANKE, r.customer_id, "Anwalt"),
         lambda r: dunning_holds.lift_customer(ANKE, r.customer_id)),
        (lambda r: dunning_holds.dispute(ANKE, r.id, "Nie bestellt"),
         lambda r: dunning_holds.settle_dispute(ANKE, r.id, "Doch bestellt")),
        (lambda r: instalments.agree(ANKE, r.id, monthly(r.open_cents, 2, after(30))),
         lambda r: instalments.withdraw(ANKE, r.id)),
    ],
)  # fmt: skip
def test_who_is_left_alone_is_reminded_again_when_that_is_over(
    owed: Receivable, stop: Callable[[Receivable], None], go_on: Callable[[Receivable], None]
) -> None:
    with clock.stand_at(after(6)):
        stop(owed)
        with pytest.raises(KontorError):
            stop(of_invoice(owed))
    assert dun(after(7)).held == 1 and sent() == []
    with clock.stand_at(after(8)):
        go_on(of_invoice(owed))
        with pytest.raises(AlreadyDone):
            go_on(of_invoice(owed))
    assert levels_of(after(8)) == [1]


@pytest.mark.feature("MAH-7")
def test_a_hold_ends_by_itself_after_its_last_day(owed: Receivable) -> None:
    with clock.stand_at(after(6)):
        dunning_holds.hold_invoice(ANKE, owed.id, "Kulanz", after(9))
    assert [levels_of(after(n)) for n in (8, 9, 10)] == [[], [], [1]]


@pytest.mark.feature("MAH-7")
def test_a_plan_that_is_not_kept_ends_and_dunning_goes_on(owed: Receivable) -> None:
    with clock.stand_at(after(6)):
        instalments.agree(ANKE, owed.id, monthly(owed.open_cents, 2, after(16)), grace_days=5)
    assert [levels_of(after(n)) for n in (7, 16, 21, 22)] == [[], [], [], [1]]
    assert db.session.execute(text("SELECT ended_as FROM instalment_plans")).scalar_one() == "broken"


@pytest.mark.feature("MAH-1", "EB-18")
def test_days_that_the_law_counts_from_are_those_of_berlin(owed: Receivable) -> None:
    """Half an hour after midnight it is still the day before in UTC."""
    late = datetime.combine(after(6), time(23, 30), tzinfo=UTC)
    with clock.stand_at(late), write() as session:
        instalments.agree(ANKE, owed.id, monthly(owed.open_cents, 2, after(16)), grace_days=5)
        session.execute(update(Message).where(Message.template == "invoice").values(sent_at=late))
    with clock.stand_at(after(8)):
        found = db.session()
        assert respites(found, [owed.id], clock.today()) == {owed.id: ((after(7), after(8)),)}
        assert mailed(found, [owed.invoice_id or 0]) == {owed.invoice_id: after(7)}


@pytest.mark.feature("MAH-7")
def test_what_cannot_be_agreed_is_refused_by_its_field(owed: Receivable) -> None:
    with clock.stand_at(after(6)):
        for deed, field in (
            (lambda: dunning_holds.hold_invoice(ANKE, owed.id, " "), "reason"),
            (lambda: dunning_holds.hold_invoice(ANKE, owed.id, "x" * 61), "reason"),
            (lambda: dunning_holds.hold_invoice(ANKE, owed.id, "Kulanz", after(5)), "until"),
            (lambda: dunning_holds.hold_customer(ANKE, owed.customer_id, "Kulanz", after(5000)), "until"),
            (lambda: instalments.agree(ANKE, owed.id, monthly(owed.open_cents - 1, 2, after(16))), "instalments"),
            (lambda: instalments.agree(ANKE, owed.id, monthly(owed.open_cents, 2, after(1))), "due_on"),
            (lambda: instalments.agree(ANKE, owed.id, monthly(owed.open_cents, 2, after(9)), "", 99), "grace_days"),
            (lambda: instalments.agree(ANKE, owed.id, monthly(owed.open_cents, 3, after(190))), "due_on"),
            (lambda: instalments.agree(ANKE, owed.id, monthly(owed.open_cents, 3, date(9999, 12, 31))), "due_on"),
        ):
            with pytest.raises(Invalid) as refused:
                deed()
            assert refused.value.field == field
    with pytest.raises(NotFound):
        dunning_holds.dispute(ANKE, 999_999, "wer?")


@pytest.mark.feature("MAH-7")
@pytest.mark.parametrize(
    "stop",
    [
        lambda r: dunning_holds.hold_invoice(ANKE, r.id, "Kulanz"),
        lambda r: dunning_holds.dispute(ANKE, r.id, "Nie bestellt"),
        lambda r: instalments.agree(ANKE, r.id, monthly(100, 2, after(30))),
    ],
)
def test_what_is_paid_is_neither_held_nor_disputed_nor_paid_in_parts(
    owed: Receivable, stop: Callable[[Receivable], object]
) -> None:
    """A payment came while somebody was at it: it is said, by its field, and nothing stands there afterwards."""
    with clock.stand_at(after(6)):
        mark_paid(ANKE, owed.invoice_id or 0)
        with pytest.raises(NotAllowed) as refused:
            stop(owed)
    assert (refused.value.code, refused.value.facts["field"]) == ("settled", "receivable_id")
    row = of_invoice(owed)
    assert (row.hold_reason, row.disputed_on) == ("", None)
    assert db.session.execute(text("SELECT count(*) FROM instalment_plans")).scalar_one() == 0


@pytest.mark.feature("MAH-7")
def test_a_plan_of_instalments_ends_with_the_invoice_that_is_cancelled(owed: Receivable) -> None:
    with clock.stand_at(after(6)):
        instalments.agree(ANKE, owed.id, monthly(owed.open_cents, 2, after(30)))
        corrections.cancel(ANKE, owed.invoice_id or 0, reason="Irrtum")
        end_reading()
        assert db.session.scalars(select(InstalmentPlan.ended_as)).all() == ["withdrawn"]
        assert instalments.follow() == 0
