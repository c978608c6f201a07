"""Which invoices a line pays, and how sure that is: the table of docs/billing-rules.md."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.bank_matching import Known, Owing, Paid, suggest
from billing.bank_numbers import mentions

HOME = "DE02120300000000202051"
RE1 = Owing(1, 7, "RE-2026-00001", "EUR", 10_000, date(2026, 11, 1))
RE2 = Owing(2, 7, "RE-2026-00002", "EUR", 5_000, date(2026, 11, 5))
DONE = Owing(3, 7, "RE-2026-00003", "EUR", 0, date(2026, 10, 1))
OTHER = Owing(4, 8, "RE-2026-00004", "EUR", 10_000, date(2026, 11, 1))
PLAIN = Owing(5, 8, "10023", "EUR", 10_000, date(2026, 11, 1))
LATE = Owing(6, 9, "RE-2026-00006", "EUR", 9_282, date(2026, 10, 1), ((7, 217), (8, 18)))  # reminded: fee, interest
ONLY = Owing(9, 9, "RE-2026-00009", "EUR", 0, date(2026, 9, 1), ((10, 70),))  # paid, but for a fee
ALL = (RE1, RE2, DONE, OTHER, PLAIN, LATE, ONLY)
BESIDE = [Owing(id_, 9, "", "EUR", cents, date(2026, 12, 1)) for id_, cents in (*LATE.hangs, *ONLY.hangs)]
KNOWN = Known(
    {each.number: each for each in ALL},
    {7: (RE2, RE1), 8: (OTHER,), 9: (LATE, *BESIDE)},
    {HOME: (7,), "AT1": (7, 8), "LATE": (9,)},
    {"K-8": 8},
)


def line(cents: int, text: str = "", iban: str = "", currency: str = "EUR", *, doubtful: bool = False) -> Paid:
    return Paid(cents, currency, iban, mentions(text, ("RE-{YYYY}-{N:5}", "{N:5}")), doubtful)


NOTHING = None
WHOLE = ((6, 9_282), (7, 217), (8, 18))
CASES = [
    ("its number, all of it", line(10_000, "RE-2026-00001"), ("number", ((1, 10_000),), 0, True)),
    ("its number, a part", line(6_000, "RE-2026-00001"), ("number", ((1, 6_000),), 0, True)),
    ("its number, too much", line(12_000, "RE-2026-00001"), ("number", ((1, 10_000),), 2_000, False)),
    ("paid before", line(10_000, "RE-2026-00003"), ("number", (), 10_000, False)),
    ("two, to the cent", line(15_000, "RE-2026-00001 RE-2026-00002"), ("number", ((1, 10_000), (2, 5_000)), 0, True)),
    ("two, too little", line(12_000, "RE-2026-00002 u. 00001 RE-2026-00001"),
     ("number", ((1, 10_000), (2, 2_000)), 0, False)),
    ("one paid before and one open", line(10_000, "RE-2026-00001, RE-2026-00003"),
     ("number", ((1, 10_000),), 0, False)),
    ("two customers in one", line(20_000, "RE-2026-00001 RE-2026-00004"),
     ("number", ((1, 10_000), (4, 10_000)), 0, True)),
    ("another currency", line(10_000, "RE-2026-00001", currency="CHF"), NOTHING),
    ("told twice", line(10_000, "RE-2026-00001", doubtful=True), ("number", ((1, 10_000),), 0, False)),
    ("without its letters, a stranger", line(10_000, "2026-00001"), ("number", ((1, 10_000),), 0, False)),
    ("without its letters, from home", line(10_000, "2026-00001", HOME), ("number", ((1, 10_000),), 0, True)),
    ("without its letters, a part", line(6_000, "2026-00001", HOME), ("number", ((1, 6_000),), 0, False)),
    ("digits that are a number, too", line(10_000, "Kd 10023"), ("number", ((5, 10_000),), 0, False)),
    ("from home, one asks for it", line(5_000, "", HOME), ("iban_amount", ((2, 5_000),), 0, False)),
    ("from home, all together", line(15_000, "", HOME), ("iban_amount", ((1, 10_000), (2, 5_000)), 0, False)),
    ("from home, other sums", line(11_000, "", HOME), ("iban", ((1, 10_000), (2, 1_000)), 0, False)),
    ("an account of two", line(10_000, "", "AT1"), ("iban_amount", ((1, 10_000),), 0, False)),
    ("a customer's number", line(300, "Kunde K-8"), ("customer", ((4, 300),), 0, False)),
    ("nobody knows", line(300, "Spende", "XX1"), NOTHING),
    ("reminded, what its reminder asks", line(9_517, "RE-2026-00006"), ("number", WHOLE, 0, True)),
    ("reminded, the invoice alone", line(9_282, "RE-2026-00006"), ("number", ((6, 9_282),), 0, True)),
    ("reminded, a part", line(5_000, "RE-2026-00006"), ("number", ((6, 5_000),), 0, True)),
    ("reminded, in between", line(9_300, "RE-2026-00006"), ("number", ((6, 9_282), (7, 18)), 0, False)),
    ("reminded, more than all", line(10_000, "RE-2026-00006"), ("number", WHOLE, 483, False)),
    ("reminded, told twice", line(9_517, "RE-2026-00006", doubtful=True), ("number", WHOLE, 0, False)),
    ("reminded, without its letters, from home", line(9_517, "2026-00006", "LATE"), ("number", WHOLE, 0, True)),
    ("reminded, no number", line(9_517, "", "LATE"), ("iban_amount", WHOLE, 0, False)),
    ("only its fee is open", line(70, "RE-2026-00009"), ("number", ((10, 70),), 0, True)),
    ("only its fee, a part", line(30, "RE-2026-00009"), ("number", ((10, 30),), 0, False)),
    ("only its fee, too much", line(100, "RE-2026-00009"), ("number", ((10, 70),), 30, False)),
    ("two with all that hangs on them", line(9_587, "RE-2026-00006 RE-2026-00009"),
     ("number", (*WHOLE, (10, 70)), 0, True)),
    ("two, in between", line(9_300, "RE-2026-00006 RE-2026-00009"), ("number", ((6, 9_282), (7, 18)), 0, False)),
    ("money that went out", line(-10_000, "RE-2026-00001", HOME), NOTHING),
]  # fmt: skip


@pytest.mark.feature("SEP-8")
@pytest.mark.feature("X-06")
@pytest.mark.feature("MAH-6")
@pytest.mark.parametrize(("paid", "wanted"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_is_done_with_a_line(paid: Paid, wanted: tuple[str, object, int, bool] | None) -> None:
    found = suggest(paid, KNOWN)
    best = found[0] if found else None
    assert (best and (best.how, best.parts, best.credit_cents, best.sure)) == wanted
    assert not any(each.sure for each in found[1:])


def test_two_places_to_look_are_both_offered_the_surer_first() -> None:
    assert [each.how for each in suggest(line(5_000, "RE-2026-00001 K-8", HOME), KNOWN)] == [
        "number", "iban_amount", "customer"]  # fmt: skip


NAMED = ["", "RE-2026-00001", "RE-2026-00001 RE-2026-00002", "RE-2026-00006", "10023", "K-8"]
PAID = st.builds(
    line, st.integers(1, 40_000), st.sampled_from(NAMED),
    st.sampled_from(["", HOME, "AT1", "LATE"]),
)  # fmt: skip


@given(PAID)
def test_every_suggestion_adds_up_to_the_line(paid: Paid) -> None:
    for each in suggest(paid, KNOWN):
        assert sum(cents for _, cents in each.parts) + each.credit_cents == paid.cents
        assert all(cents > 0 for _, cents in each.parts) and each.credit_cents >= 0


@given(PAID)
def test_what_is_sure_pays_no_more_than_is_open(paid: Paid) -> None:
    open_ = dict(pair for each in ALL for pair in (each.itself, *each.hangs))
    for each in suggest(paid, KNOWN):
        assert not each.sure or all(cents <= open_[row] for row, cents in each.parts) and not each.credit_cents


@pytest.mark.feature("X-06")
@pytest.mark.parametrize(
    "text, settled", [("RE-2026-00003", ("RE-2026-00003",)), ("RE-2026-00001 RE-2026-00003", ("RE-2026-00003",)),
                      ("RE-2026-00001", ())],
)  # fmt: skip
def test_what_is_named_and_settled_is_said(text: str, settled: tuple[str, ...]) -> None:
    (offer,) = suggest(line(10_000, text), KNOWN)
    assert offer.settled == settled


@pytest.mark.feature("X-06")
@pytest.mark.parametrize("cents, asks", [(15_000, False), (150_000, False), (150_001, True)])
def test_more_than_ten_times_what_it_pays_is_asked_first(cents: int, asks: bool) -> None:
    (offer,) = suggest(line(cents, "", HOME), KNOWN)
    assert offer.asks is asks and sum(each for _, each in offer.parts) == 15_000
    (nothing_open,) = suggest(line(10_000, "RE-2026-00003"), KNOWN)
    assert nothing_open.asks
