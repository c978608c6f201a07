"""Contracts that pause, end, are withdrawn, switched off, and collected on another day."""

from __future__ import annotations

from datetime import date

import pytest

from billing.errors import AlreadyDone, Invalid, KontorError, NotAllowed
from billing.periods import Interval
from extensions import db
from models import Subscription
from services.unit import end_reading
from tests.scenarios.story import Story
from tests.scenarios.test_changed import charged, credited


def state(contract: int) -> str:
    end_reading()
    row = db.session.get(Subscription, contract)
    assert row is not None
    return row.status


@pytest.mark.feature("B-07")
@pytest.mark.parametrize("followed", [True, False])
def test_a_pause_over_a_billing_day_is_not_charged_and_the_billing_day_stays(story: Story, followed: bool) -> None:
    contract = story.on("2027-03-01").subscribe("31.00")
    story.on("2027-03-01").run()
    story.on("2027-03-15").pause(contract, "2027-03-22")
    assert state(contract) == "active"
    if followed:
        assert story.on("2027-03-22").follow() == 1
        assert (state(contract), credited(story)) == ("paused", [("2027-03-22 - 2027-03-31", -1000, (10, 31))])
    assert story.on("2027-04-01").run().due == 0
    story.on("2027-04-11").resume(contract)
    assert (state(contract), story.on("2027-04-11").run().issued) == ("active", 1)
    story.bill_until("2027-05-01")
    assert credited(story) == [("2027-03-22 - 2027-03-31", -1000, (10, 31))]
    assert charged(story, contract) == [
        ("2027-03-01 - 2027-03-31", 3100, None), ("2027-04-11 - 2027-04-30", 2067, (20, 30)),
        ("2027-05-01 - 2027-05-31", 3100, None),
    ]  # fmt: skip


@pytest.mark.feature("B-07")
def test_a_pause_with_both_its_days_known_needs_nobody_on_either(story: Story) -> None:
    contract = story.on("2027-03-01").subscribe("31.00")
    story.on("2027-03-05").pause(contract, "2027-03-11", "2027-04-16")
    story.bill_until("2027-05-01")
    assert story.on("2027-05-01").follow() == 0, "a pause that nobody looked at in its days has left nothing to do"
    assert charged(story, contract) == [
        ("2027-03-01 - 2027-03-10", 1000, (10, 31)), ("2027-04-16 - 2027-04-30", 1550, (15, 30)),
        ("2027-05-01 - 2027-05-31", 3100, None),
    ]  # fmt: skip


@pytest.mark.feature("B-07")
@pytest.mark.parametrize("billed_first", [True, False])
def test_a_pause_that_is_withdrawn_before_it_begins_leaves_no_trace_in_the_sums(
    story: Story, billed_first: bool
) -> None:
    contract = story.on("2027-02-20").subscribe("31.00", starts="2027-03-01")
    if billed_first:
        story.on("2027-03-01").run()
    story.on("2027-03-01").pause(contract, "2027-03-22", "2027-04-11")
    story.on("2027-03-02").run()
    story.on("2027-03-10").resume(contract)
    story.bill_until("2027-04-01")
    assert sum(net for _, net, _ in charged(story, contract)) == 6200
    assert credited(story) == []


@pytest.mark.feature("B-07")
def test_whoever_resumes_on_the_day_of_the_pause_bills_again_what_it_credited(story: Story) -> None:
    contract = story.on("2027-03-01").subscribe("31.00")
    story.on("2027-03-01").run()
    for _ in range(2):
        story.on("2027-03-11").pause(contract)
        story.on("2027-03-11").resume(contract)
    story.bill_until("2027-04-01")
    assert state(contract) == "active"
    assert credited(story) == [("2027-03-11 - 2027-03-31", -2100, (21, 31))]
    assert charged(story, contract) == [
        ("2027-03-01 - 2027-03-31", 3100, None), ("2027-03-11 - 2027-03-31", 2100, (21, 31)),
        ("2027-04-01 - 2027-04-30", 3100, None),
    ]  # fmt: skip


@pytest.mark.feature("B-07")
def test_a_pause_is_prolonged_cut_short_and_taken_again(story: Story) -> None:
    contract = story.on("2027-03-01").subscribe("31.00")
    story.on("2027-03-01").run()
    story.on("2027-03-11").pause(contract, ends="2027-04-01")
    with pytest.raises(NotAllowed, match="wrong_state"):
        story.on("2027-03-12").pause(contract)
    story.on("2027-03-12").resume(contract, "2027-03-21")
    story.on("2027-03-21").follow()
    story.bill_until("2027-04-01")
    story.on("2027-04-16").pause(contract)
    assert [net for _, net, _ in charged(story, contract)] == [3100, 1100, 3100]
    assert [net for _, net, _ in credited(story)] == [-2100, -1550]


@pytest.mark.feature("B-07")
@pytest.mark.feature("X-09")
def test_a_pause_does_not_prolong_the_minimum_term(story: Story) -> None:
    contract = story.on("2027-03-01").subscribe(
        "31.00", term=Interval.parse("1 year"), notice=Interval.parse("1 month")
    )
    story.on("2027-04-01").pause(contract)
    story.on("2027-07-01").resume(contract)
    assert story.on("2027-08-01").cancel(contract) == date(2028, 3, 1)


@pytest.mark.feature("X-09")
@pytest.mark.feature("EB-35")
@pytest.mark.feature("EB-36")
def test_a_contract_cancelled_within_a_paid_month_is_credited_when_it_ends(story: Story) -> None:
    contract = story.on("2027-03-01").subscribe("31.00", notice=Interval.parse("14 days"))
    story.on("2027-03-01").run()
    assert story.on("2027-03-06").cancel(contract) == date(2027, 3, 21)
    assert (state(contract), story.on("2027-03-20").follow()) == ("cancelled", 0)
    assert story.on("2027-03-21").follow() == 1
    assert (state(contract), credited(story)) == ("closed", [("2027-03-21 - 2027-03-31", -1100, (11, 31))])
    assert story.bill_until("2027-06-01") == []


@pytest.mark.feature("X-09")
def test_a_cancellation_that_a_run_has_seen_is_withdrawn_and_the_rest_of_the_month_billed(story: Story) -> None:
    contract = story.on("2027-02-01").subscribe("31.00", notice=Interval.parse("1 month"))
    story.on("2027-02-01").run()
    assert story.on("2027-02-20").cancel(contract) == date(2027, 3, 21)
    story.on("2027-03-01").run()
    story.on("2027-03-20").withdraw(contract)
    story.bill_until("2027-04-01")
    assert state(contract) == "active"
    assert charged(story, contract) == [
        ("2027-02-01 - 2027-02-28", 3100, None), ("2027-03-01 - 2027-03-20", 2000, (20, 31)),
        ("2027-03-21 - 2027-03-31", 1100, (11, 31)), ("2027-04-01 - 2027-04-30", 3100, None),
    ]  # fmt: skip
    assert credited(story) == []


@pytest.mark.feature("X-09")
def test_whom_a_notice_binds_and_what_an_extraordinary_one_may(story: Story) -> None:
    contract = story.on("2027-03-01").subscribe("31.00", term=Interval.parse("1 year"))
    story.on("2027-03-01").run()
    with pytest.raises(Invalid, match="before_earliest_end") as refused:
        story.on("2027-03-10").cancel(contract, "2027-09-01")
    assert refused.value.facts["earliest"] == "2028-02-29"
    with pytest.raises(Invalid, match="missing"):
        story.on("2027-03-10").cancel(contract, "2027-03-11", extraordinary=True)
    assert story.on("2027-03-10").cancel(contract, "2027-03-11", "Todesfall", extraordinary=True) == date(2027, 3, 11)
    with pytest.raises(AlreadyDone):
        story.on("2027-03-10").cancel(contract)
    story.on("2027-03-11").follow()
    assert (state(contract), [net for _, net, _ in credited(story)]) == ("closed", [-2100])
    with pytest.raises(NotAllowed):
        story.on("2027-03-11").withdraw(contract)


def test_a_contract_that_ends_is_closed_only_when_its_last_period_is_billed(story: Story) -> None:
    contract = story.on("2027-03-01").subscribe("31.00", in_arrears=True)
    story.on("2027-03-05").cancel(contract)
    assert story.on("2027-04-01").follow() == 1
    assert state(contract) == "cancelled"
    story.on("2027-04-01").run()
    story.on("2027-04-02").follow()
    assert (state(contract), [net for _, net, _ in charged(story, contract)]) == ("closed", [3100])


def test_a_number_of_events_closes_the_contract_and_counts_what_was_paused(story: Story) -> None:
    contract = story.on("2027-03-01").subscribe("31.00", number_events=3)
    story.bill_until("2027-03-01")
    story.on("2027-04-01").pause(contract)
    story.on("2027-05-01").resume(contract)
    story.bill_until("2027-08-01")
    story.on("2027-05-31").follow()
    assert state(contract) == "active"
    story.on("2027-06-01").follow()
    assert (state(contract), [net for _, net, _ in charged(story, contract)]) == ("closed", [3100, 3100])


@pytest.mark.feature("D-12")
def test_a_contract_switched_off_skips_its_periods_and_goes_on_with_the_next(story: Story) -> None:
    contract = story.on("2027-03-01").subscribe("31.00")
    story.on("2027-03-10").deactivate(contract)
    assert story.on("2027-05-10").run().issued == 1, "March was due before it was switched off"
    story.on("2027-05-20").activate(contract)
    story.bill_until("2027-06-01")
    assert [period for period, _, _ in charged(story, contract)] == [
        "2027-03-01 - 2027-03-31", "2027-06-01 - 2027-06-30"
    ]  # fmt: skip


@pytest.mark.feature("M1-07")
@pytest.mark.feature("D-6")
def test_a_next_payment_date_moves_one_collection_and_no_other(story: Story) -> None:
    contract = story.on("2027-01-31").subscribe("31.00")
    story.bill_until("2027-01-31")
    story.on("2027-02-10").set_next_payment(contract, "2027-04-15")
    days = story.bill_until("2027-05-31")
    assert [str(day) for day in days] == ["2027-03-31", "2027-04-15", "2027-04-30", "2027-05-31"]
    assert [period for period, _, _ in charged(story, contract)] == [
        "2027-01-31 - 2027-02-27", "2027-03-31 - 2027-04-29", "2027-02-28 - 2027-03-30", "2027-04-30 - 2027-05-30",
        "2027-05-31 - 2027-06-29",
    ]  # fmt: skip


@pytest.mark.feature("D-6")
def test_postponed_moved_back_and_brought_forward(story: Story) -> None:
    contract = story.on("2027-03-01").subscribe("31.00")
    story.bill_until("2027-03-01")
    story.on("2027-03-10").postpone(contract, 2)
    story.on("2027-03-11").set_next_payment(contract, "2027-04-01")
    story.bill_until("2027-04-01")
    story.on("2027-04-10").renew(contract)
    assert story.on("2027-04-10").run().issued == 1
    with pytest.raises(Invalid, match="in_the_past"):
        story.on("2027-04-10").set_next_payment(contract, "2027-04-09")
    story.bill_until("2027-06-01")
    assert [str(bill.issued_on) for bill in story.invoices()] == [
        "2027-03-01",
        "2027-04-01",
        "2027-04-10",
        "2027-06-01",
    ]


@pytest.mark.feature("D-6")
@pytest.mark.feature("EB-6")
def test_a_billing_day_moved_for_good(story: Story) -> None:
    contract = story.on("2027-01-31").subscribe("31.00")
    story.bill_until("2027-01-31")
    assert story.on("2027-02-10").move_billing_day(contract, "2027-03-15") == date(2027, 2, 28)
    story.on("2027-02-28").follow()
    story.bill_until("2027-04-15")
    assert charged(story, contract) == [
        ("2027-01-31 - 2027-02-27", 3100, None), ("2027-02-28 - 2027-03-14", 1661, (15, 28)),
        ("2027-03-15 - 2027-04-14", 3100, None), ("2027-04-15 - 2027-05-14", 3100, None),
    ]  # fmt: skip
    assert credited(story) == []


@pytest.mark.feature("EB-5")
def test_three_months_without_a_run_or_a_look_come_to_the_same(story: Story) -> None:
    contract = story.on("2027-03-01").subscribe("31.00", addons=["6.20"])
    story.on("2027-03-16").pause(contract, "2027-04-11", "2027-05-16")
    story.on("2027-03-17").postpone(contract, 1)
    story.on("2027-06-20").run()
    story.on("2027-06-20").follow()
    assert sorted(charged(story, contract)) == [
        ("2027-03-01 - 2027-03-31", 620, None), ("2027-03-01 - 2027-03-31", 3100, None),
        ("2027-04-01 - 2027-04-10", 207, (10, 30)), ("2027-04-01 - 2027-04-10", 1033, (10, 30)),
        ("2027-05-16 - 2027-05-31", 320, (16, 31)), ("2027-05-16 - 2027-05-31", 1600, (16, 31)),
        ("2027-06-01 - 2027-06-30", 620, None), ("2027-06-01 - 2027-06-30", 3100, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("word", "arguments", "code"),
    [
        ("pause", ("2027-03-09",), "in_the_past"),
        ("pause", ("2027-03-12", "2027-03-12"), "before_start"),
        ("resume", (), "not_paused"),
        ("withdraw", (), "wrong_state"),
        ("withdraw_change", (), "nothing_planned"),
        ("activate", (), "wrong_state"),
        ("move_billing_day", ("2027-05-01",), "outside_period"),
        ("set_next_payment", ("2031-01-01",), "too_far"),
        ("set_next_payment", ("2027-04-01",), "unchanged"),
        ("postpone", (0,), "out_of_range"),
        ("set_quantity", ("0",), "out_of_range"),
        ("set_addons", ([("nothing", "0")],), "unknown_addon"),
    ],
)
def test_what_is_not_possible_says_why_and_changes_nothing(
    story: Story, word: str, arguments: tuple[object, ...], code: str
) -> None:
    contract = story.on("2027-03-01").subscribe("31.00")
    story.on("2027-03-01").run()
    with pytest.raises(KontorError) as refused:
        getattr(story.on("2027-03-10"), word)(contract, *arguments)
    assert refused.value.code == code
    story.bill_until("2027-05-01")
    assert [net for _, net, _ in charged(story, contract)] == [3100] * 3
