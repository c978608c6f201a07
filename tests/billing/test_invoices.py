"""The planner: wanted minus claimed, sorted into drafts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from billing.charges import billed_elsewhere, next_due_on, wanted
from billing.contracts import ClaimKey, Terms
from billing.drafts import total
from billing.periods import Period
from billing.pricing import Part
from billing.taxes import DOMESTIC, INTRA_EU_GOODS, REVERSE_CHARGE, Buyer
from tests.billing.makers import day, item, keys, planned, run_by_run, terms

FRENCH_FIRM = Buyer("FR", True, "FR40303265045")


def test_a_month_is_due_on_its_first_day() -> None:
    contract = terms(anchor="2026-01-31")
    assert wanted(contract, date(2026, 1, 30)) == []
    (charge,) = wanted(contract, date(2026, 1, 31))
    assert charge.key == ClaimKey(1, "period", date(2026, 1, 31))
    assert charge.period == Period(date(2026, 1, 31), date(2026, 2, 28))
    assert (charge.due_on, charge.counter, charge.amount_cents) == (date(2026, 1, 31), 1, 1000)
    assert charge.part == Part(28, 28)


@pytest.mark.feature("EB-1")
def test_the_31st_is_billed_48_times_in_48_months() -> None:
    charges = wanted(terms(anchor="2026-01-31"), date(2030, 1, 30))
    assert [charge.counter for charge in charges] == list(range(1, 49))
    assert charges[1].due_on == date(2026, 2, 28) and charges[2].due_on == date(2026, 3, 31)


@pytest.mark.feature("EB-17")
def test_a_run_on_a_later_day_finds_what_is_due() -> None:
    (draft,) = planned([terms(anchor="2026-01-31")], "2026-02-10").drafts
    assert draft.billing_on == date(2026, 1, 31)


def test_in_arrears_a_month_is_due_when_it_is_over() -> None:
    contract = terms(in_arrears=True)
    assert wanted(contract, date(2026, 1, 31)) == []
    (charge,) = wanted(contract, date(2026, 2, 1))
    assert (charge.period, charge.due_on) == (Period(date(2026, 1, 1), date(2026, 2, 1)), date(2026, 2, 1))


@pytest.mark.feature("EB-37")
@pytest.mark.parametrize(
    ("trial_ends", "on", "starts"),
    [
        ("2026-02-01", "2026-01-31", []),
        ("2026-02-01", "2026-02-01", ["2026-02-01"]),
        ("2026-01-31", "2026-03-01", ["2026-01-31", "2026-02-28"]),
        ("2026-01-15", "2026-02-14", ["2026-01-15"]),
    ],
)
def test_the_trial_is_free_and_the_first_period_starts_at_its_end(trial_ends: str, on: str, starts: list[str]) -> None:
    contract = terms(trial_ends=trial_ends, status="trial")
    assert [charge.period.start.isoformat() for charge in wanted(contract, day(on))] == starts


@pytest.mark.feature("D-12")
@pytest.mark.parametrize(
    ("status", "billed"),
    [("active", 1), ("trial", 1), ("cancelled", 1), ("paused", 1), ("deactivated", 0), ("closed", 0)],
)
def test_which_contracts_are_billed(status: str, billed: int) -> None:
    """The days of its items say what a paused contract still owes, whatever its state is called."""
    assert len(wanted(terms(status=status), date(2026, 1, 1))) == billed
    assert len(planned([terms(status=status)], "2026-01-01").drafts) == billed
    assert (next_due_on(terms(status=status), date(2026, 1, 1)) is not None) == bool(billed)


@pytest.mark.feature("D-12")
@pytest.mark.parametrize(("status", "billed"), [("active", 1), ("blocked", 1), ("deactivated", 0)])
def test_which_customers_are_billed(status: str, billed: int) -> None:
    assert len(planned([terms()], "2026-01-01", status=status).drafts) == billed


def test_a_contract_of_three_events_ends_after_the_third() -> None:
    assert [charge.counter for charge in wanted(terms(events=3), date(2027, 1, 1))] == [1, 2, 3]
    assert len(wanted(terms(events=0), date(2026, 12, 1))) == 12, "0 is the call API's word for unlimited"


@pytest.mark.feature("EB-7")
@pytest.mark.feature("EB-36")
@pytest.mark.parametrize(
    ("ends", "in_arrears", "last_period", "amount", "due"),
    [
        ("2026-04-01", False, ("2026-03-01", "2026-04-01"), 3100, "2026-03-01"),
        ("2026-03-16", False, ("2026-03-01", "2026-03-16"), 1500, "2026-03-01"),
        ("2026-03-02", False, ("2026-03-01", "2026-03-02"), 100, "2026-03-01"),
        ("2026-03-16", True, ("2026-03-01", "2026-03-16"), 1500, "2026-03-16"),
        ("2026-04-01", True, ("2026-03-01", "2026-04-01"), 3100, "2026-04-01"),
    ],
)
def test_the_last_period_ends_with_the_contract(
    ends: str, in_arrears: bool, last_period: tuple[str, str], amount: int, due: str
) -> None:
    contract = terms(item(price="31.00"), ends=ends, in_arrears=in_arrears)
    last = wanted(contract, date(2026, 12, 31))[-1]
    assert last.period == Period(day(last_period[0]), day(last_period[1]))
    assert (last.amount_cents, last.due_on, last.part.of_days) == (amount, day(due), 31)
    assert last.key.period_start == date(2026, 3, 1)


@pytest.mark.feature("EB-35")
def test_the_day_a_contract_ends_bills_the_old_period_and_no_day_of_a_new_one() -> None:
    contract = terms(ends="2026-02-01", in_arrears=True)
    (charge,) = wanted(contract, date(2026, 2, 1))
    assert charge.period == Period(date(2026, 1, 1), date(2026, 2, 1))


@pytest.mark.feature("EB-2")
def test_an_addon_from_within_a_month_is_charged_by_days_and_then_with_the_plan() -> None:
    contract = terms(
        item(1, "31.00", starts="2026-03-01"), item(2, "6.20", starts="2026-03-30", kind="addon"), anchor="2026-03-01"
    )
    march, late, april = run_by_run([contract], [date(2026, 4, 15)])
    assert [charge.amount_cents for charge in march.charges] == [3100]
    assert (late.billing_on, late.charges[0].amount_cents, late.charges[0].part) == (date(2026, 3, 30), 40, Part(2, 31))
    assert late.charges[0].key == ClaimKey(2, "period", date(2026, 3, 1))
    assert [charge.item.id for charge in april.charges] == [1, 2]
    assert april.billing_on == date(2026, 4, 1)


@pytest.mark.feature("EB-2")
def test_an_addon_added_on_the_30th_to_a_month_end_contract_keeps_the_contracts_days() -> None:
    contract = terms(item(1, starts="2026-01-31"), item(2, starts="2026-04-30", kind="addon"), anchor="2026-01-31")
    addon = [charge.due_on for charge in wanted(contract, date(2026, 7, 31)) if charge.item.id == 2]
    assert addon == [date(2026, 4, 30), date(2026, 5, 31), date(2026, 6, 30), date(2026, 7, 31)]


@pytest.mark.feature("RND-6")
@pytest.mark.parametrize("cut", range(1, 31))
def test_a_new_version_of_an_item_within_a_month_makes_no_cent(cut: int) -> None:
    change = date(2026, 3, 1) + timedelta(cut)
    old = item(1, "9.99", starts="2026-03-01", ends=change.isoformat())
    new = item(2, "9.99", starts=change.isoformat())
    charges = wanted(terms(old, new, anchor="2026-03-01", in_arrears=True), date(2026, 4, 1))
    assert [charge.due_on for charge in charges] == [date(2026, 4, 1)] * 2, "one invoice, not two"
    assert sum(charge.amount_cents for charge in charges) == 999
    assert [charge.part.days for charge in charges] == [cut, 31 - cut]


def test_a_setup_fee_is_charged_once_with_the_first_period() -> None:
    contract = terms(item(1), item(2, "49.00", kind="setup"), trial_ends="2026-01-15")
    first, second = run_by_run([contract], [date(2026, 1, 15), date(2026, 2, 15)])
    setup = first.charges[1]
    assert (setup.key, setup.amount_cents) == (ClaimKey(2, "setup", date(2026, 1, 1)), 4900)
    assert (setup.due_on, setup.period.days) == (date(2026, 1, 15), 1)
    assert [charge.key.kind for charge in second.charges] == ["period"]


@pytest.mark.parametrize(
    "contract",
    [
        terms(item(2, kind="setup", starts="2026-02-01"), ends="2026-02-01"),
        terms(item(2, kind="setup", ends="2026-01-01")),
        terms(item(2, kind="setup", starts="2026-04-01"), events=3),
        terms(item(1, ends="2026-01-01")),
        terms(item(1, starts="2026-02-01"), ends="2026-01-20"),
    ],
)
def test_what_was_never_served_is_never_charged(contract: Terms) -> None:
    assert wanted(contract, date(2027, 1, 1)) == []


@pytest.mark.feature("X-02")
def test_one_invoice_for_all_that_can_stand_on_one() -> None:
    contracts = [
        terms(item(1), id=1),
        terms(item(2), id=2, days_for_payment=30),
        terms(item(3), id=3, is_gross=True),
        terms(item(4), id=4, payment_type=2),
        terms(item(5), id=5, collection="charge_first"),
        terms(item(6), id=6, currency="USD"),
        terms(item(7, starts="2026-01-02"), id=7, anchor="2026-01-02"),
    ]
    drafts = planned(contracts, "2026-01-02").drafts
    assert [sorted(charge.subscription_id for charge in draft.charges) for draft in drafts] == [
        [5], [1, 2], [4], [3], [6], [7],
    ]  # fmt: skip
    assert [draft.billing_on for draft in drafts] == sorted(draft.billing_on for draft in drafts)
    assert drafts[1].days_for_payment == 30, "the longer term of the two"
    assert drafts[1].tax_case == DOMESTIC


@pytest.mark.feature("INV-10")
def test_goods_and_services_of_one_contract_go_abroad_on_two_invoices() -> None:
    contract = terms(item(1), item(2, supply="goods"))
    assert len(planned([contract], "2026-01-01").drafts) == 1
    drafts = planned([contract], "2026-01-01", buyer=FRENCH_FIRM).drafts
    assert {draft.tax_case for draft in drafts} == {REVERSE_CHARGE, INTRA_EU_GOODS}
    assert all(total(draft).tax_cents == 0 for draft in drafts)


@pytest.mark.feature("F20")
def test_the_rate_follows_the_last_day_of_the_period() -> None:
    contract = terms(item(1, "100.00", starts="2020-05-15"), anchor="2020-05-15")
    drafts = planned([contract], "2020-12-15").drafts
    assert [draft.charges[0].percent for draft in drafts] == [Decimal(p) for p in ("19", *["16"] * 6, "19")]


@pytest.mark.feature("D-13")
def test_twelve_open_periods_are_made_up_a_thirteenth_is_a_question() -> None:
    running, other = terms(item(1), item(2), id=1), terms(item(3, starts="2026-12-01"), id=2, anchor="2026-12-01")
    twelve = planned([running, other], "2026-12-01")
    assert (len(twelve.drafts), twelve.parked) == (12, [])
    thirteen = planned([running, other], "2027-01-01")
    assert [parked.code for parked in thirteen.parked] == ["too_many_open_periods"]
    assert thirteen.parked[0].facts == {"periods": 13, "first": "2026-01-01", "last": "2027-01-01"}
    assert (thirteen.parked[0].customer_id, thirteen.parked[0].subscription_id) == (7, 1)
    assert {charge.subscription_id for draft in thirteen.drafts for charge in draft.charges} == {2}
    assert len(planned([running], "2027-01-01", confirmed={1}).drafts) == 13


@pytest.mark.feature("D-13")
def test_a_start_before_the_first_known_rate_asks_for_its_many_periods_and_not_for_a_rate() -> None:
    old = terms(item(1, starts="1990-01-01"), anchor="1990-01-01")
    (parked,) = planned([old], "2026-01-01").parked
    assert (parked.code, parked.facts["periods"]) == ("too_many_open_periods", 433)
    assert [each.code for each in planned([old], "2026-01-01", confirmed={1}).parked] == ["no_vat_rate"]


@pytest.mark.feature("EB-25")
def test_a_contract_that_cannot_be_billed_is_parked_and_the_others_are_billed() -> None:
    bad = [terms(item(1, vat="luxury"), id=1), terms(item(2, price="1E+30"), id=2)]
    plan = planned([*bad, terms(item(3), id=3)], "2026-01-01")
    assert [(parked.subscription_id, parked.code, parked.facts["field"]) for parked in plan.parked] == [
        (1, "no_vat_rate", "vat_category"),
        (2, "amount_too_large", "unit_price"),
    ]
    assert keys(plan.drafts) == {ClaimKey(3, "period", date(2026, 1, 1))}


@pytest.mark.feature("EB-31")
def test_a_contract_with_no_sane_bound_is_parked_not_looped_over() -> None:
    plan = planned([terms(anchor="1800-01-01", every="1 day")], "2026-01-01", confirmed={1})
    assert [parked.code for parked in plan.parked] == ["too_many_periods"]


@pytest.mark.feature("EB-31")
def test_a_contract_however_old_is_billed_when_its_past_is_settled() -> None:
    settled = item(1, starts="1800-01-01", settled_before="2026-01-01")
    (draft,) = planned([terms(settled, anchor="1800-01-01", every="1 day")], "2026-01-01").drafts
    assert draft.billing_on == date(2026, 1, 1)


@pytest.mark.feature("D-13")
@pytest.mark.parametrize("in_arrears", [False, True])
@pytest.mark.parametrize("status", ["active", "paused"])
def test_an_imported_contract_is_billed_here_from_its_next_event_on(in_arrears: bool, status: str) -> None:
    items = (item(1, starts="2020-01-31"), item(2, starts="2020-01-31", kind="setup"))
    imported = terms(*items, anchor="2020-01-31", in_arrears=in_arrears, status=status)
    elsewhere = set(billed_elsewhere(imported, date(2026, 11, 30)))
    assert len([key for key in elsewhere if key.kind == "setup"]) == 1
    running = replace(imported, status="active")
    assert planned([running], "2026-11-29", elsewhere) == ([], [])
    (draft,) = planned([running], "2026-11-30", elsewhere).drafts
    assert [charge.due_on for charge in draft.charges] == [date(2026, 11, 30)]
