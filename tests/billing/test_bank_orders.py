"""What a bank line about our own orders is: by our own name alone, or by a click."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from billing.bank_orders import Collected, Filed, Ours, Refunded, Told, orders, spoken

DAY = date(2026, 11, 20)
HOME, AWAY = "DE02120300000000202051", "DE75512108001245126199"
OURS = Ours(
    refunds=(
        Refunded(7, "R-7", 2_000, "EUR", HOME),
        Refunded(8, "R-8", 2_500, "EUR", HOME, may_go=False),
        Refunded(9, "R-9", 3_000, "EUR", HOME, is_sent=True),
        Refunded(10, "R-10", 3_000, "EUR", HOME, is_sent=True, on_a_line=True),
    ),
    files=(
        Filed(3, "transfer", "KONTOR-T-000003", 5_000, "EUR", DAY),
        Filed(4, "debit", "KONTOR-D-000004", 28_000, "EUR", DAY, returned_cents=2_000),
        Filed(5, "debit", "KONTOR-D-000005", 9_000, "EUR", date(2026, 12, 1)),
    ),
    collected=(
        Collected("debit", 11, 2_000, "EUR", HOME, "M-1"),
        Collected("debit", 12, 2_200, "EUR", HOME, "M-1"),
        Collected("payment", 13, 2_000, "EUR", number="RE-1"),
    ),
)


def said(cents: int, **more: Any) -> list[tuple[str, int, int, bool]]:
    told = Told(cents, "EUR", DAY, **more)
    return [(each.kind, each.id, each.fee_cents, each.sure) for each in orders(told, OURS)]


@pytest.mark.feature("X-06", "SEP-8")
@pytest.mark.parametrize(("cents", "more", "wanted"), [
    (-2_000, {"end_to_end": "R-7"}, [("refund", 7, 0, True)]),
    (-3_000, {"end_to_end": "R-9"}, [("refund", 9, 0, True)]),
    (-3_000, {"end_to_end": "R-10"}, []),
    (-2_500, {"end_to_end": "R-8"}, []),
    (-1_900, {"end_to_end": "R-7"}, []),
    (-2_000, {"iban": HOME}, [("refund", 7, 0, False)]),
    (-2_000, {"iban": AWAY}, []),
    (-5_000, {"words": "SAMMELKONTOR-T-000003-1"}, [("transfer_file", 3, 0, True)]),
    (-5_000, {}, [("transfer_file", 3, 0, False)]),
    (-4_999, {"words": "KONTOR-T-000003"}, []),
    (3_000, {"end_to_end": "R-9", "code": "AC04"}, [("refund_back", 9, 0, True)]),
    (3_000, {"end_to_end": "R-9"}, [("refund_back", 9, 0, False)]),
    (2_000, {"end_to_end": "R-7", "code": "AC04"}, []),
    (28_000, {"words": "KONTOR-D-000004-1"}, [("debit_file", 4, 0, True)]),
    (30_000, {"words": "KONTOR-D-000004-1"}, [("debit_file", 4, 0, True)]),
    (28_000, {}, [("debit_file", 4, 0, False)]),
    (9_000, {}, []),
    (28_000, {"end_to_end": "ANOTHER"}, []),
    (-2_300, {"code": "MD06", "mandate": "m-1"}, [("debit", 12, 100, False), ("debit", 11, 300, False)]),
    (-2_300, {"code": "MD06", "iban": HOME}, [("debit", 12, 100, False), ("debit", 11, 300, False)]),
    (-2_300, {"code": "MD06", "numbers": frozenset({"RE-1"})}, [("payment", 13, 300, False)]),
    (-12_300, {"code": "MD06", "mandate": "M-1"}, []),
    (-1_900, {"code": "MD06", "mandate": "M-1"}, []),
    (-2_000, {"code": "MD06"}, []),
])  # fmt: skip
def test_what_is_done_with_a_line_about_an_order_of_ours(
    cents: int, more: dict[str, Any], wanted: list[tuple[str, int, int, bool]]
) -> None:
    assert said(cents, **more) == wanted


@pytest.mark.feature("SEP-8")
def test_nothing_is_sure_without_our_own_name() -> None:
    unnamed = [(cents, {"iban": HOME, "code": code, "mandate": "M-1"})
               for cents in (-2_000, -5_000, -28_000, 28_000, 3_000) for code in ("", "AC04")]  # fmt: skip
    assert not [each for cents, more in unnamed for each in said(cents, **more) if each[3]]


def test_a_name_is_found_however_the_bank_breaks_it() -> None:
    assert spoken(["sammel kontor-d-", "000004 -1"]) == "SAMMELKONTOR-D-000004-1"
