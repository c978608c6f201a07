"""What came back of a direct debit is a Rücklastschrift, of a card a Rückbuchung: the same word wherever it stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask

from queries.account import get_accounts
from queries.cards.customer_lists import payments_of
from queries.cards.invoices import get_invoice_card
from queries.cards.payments import payments_of_invoice
from queries.lists.books import LEDGER
from queries.lists.listing import page
from queries.lists.payments import PAYMENTS
from queries.lists.shape import Listing, Wish
from services import account_statement, clock
from services.checks import check_books
from tests.services.charged import Till, open_till
from tests.services.refunding import charged_back, paid_by_card, won

CASES = [("succeeds", "chargeback", "Rückbuchung"), ("debit", "returned_debit", "Rücklastschrift")]


@pytest.fixture
def till(context: Flask) -> Iterator[Till]:
    with clock.stand_at(clock.instant()):
        yield open_till(context)
        assert check_books().ok


def kinds(listing: Listing, **narrow: str) -> set[Any]:
    return {row.kind for row in page(listing, Wish(narrow=narrow), 50).rows}


@pytest.mark.feature("M1-03", "F19")
@pytest.mark.parametrize(("card", "kind", "word"), CASES)
def test_money_taken_back_bears_one_name_on_every_screen(till: Till, card: str, kind: str, word: str) -> None:
    invoice = paid_by_card(till, card)
    charged_back(till)
    other = next(each for _, each, _ in CASES if each != kind)
    for listing in (PAYMENTS, payments_of(till.customer_id), LEDGER):
        assert kind in kinds(listing) and other not in kinds(listing)
    for listing in (PAYMENTS, LEDGER):
        assert (kinds(listing, kind=kind), kinds(listing, kind=other)) == ({kind}, set())
    card_page = get_invoice_card(invoice.id, clock.today())
    assert card_page is not None and kind in {row.kind for row in card_page.postings}
    assert [row.called for row in payments_of_invoice(invoice.id)] == ["payment", kind]
    won(till)
    (account,) = get_accounts(till.customer_id, date(2026, 1, 1), clock.today())
    told = [account_statement.what(row, "de") for row in account.movements]
    assert {word, f"Zurückgenommen: {word}"} <= set(told)
    assert not [each for each in told if each[:1].islower()], "no code of the house stands on a customer's paper"


@pytest.mark.feature("F19")
@pytest.mark.parametrize(("card", "cause"), [("succeeds", "chargeback"), ("debit", "returned_debit")])
def test_the_fee_is_called_as_what_it_is_for(till: Till, card: str, cause: str) -> None:
    paid_by_card(till, card)
    charged_back(till)
    assert [row.cause for row in till.receivables] == ["", cause]
