"""A customer's account statement (Kontoauszug) as a PDF: drawn from the postings when it is asked for, never stored."""

from __future__ import annotations

from datetime import date

from billing.errors import Invalid, NotFound
from documents.paper import Party
from documents.statement_paper import StatementAccount, StatementItem, StatementPaper, StatementRow
from documents.words import words
from extensions import db
from models import Customer
from queries.account import MOST, Account, Movement, get_accounts
from services import clock
from services.company import PRINTED, get_company
from services.paper_heads import letterhead_of
from services.text_catalogue import reader_of


def accounts(customer_id: int, first: date, last: date) -> list[Account]:
    """The account of that period, by currency.

    Raises Invalid: "last" before the first day ("end_before_start"), or a period of more movements than fit ("first").
    """
    if last < first:
        raise Invalid("last", "end_before_start")
    found = get_accounts(customer_id, first, last)
    if sum(len(account.movements) for account in found) > MOST:
        raise Invalid("first", "too_many_movements", most=MOST)
    return found


def statement_pdf(customer_id: int, first: date, last: date) -> bytes:
    """The statement in the customer's language under today's letterhead. Raises NotFound, as `accounts`, and
    PaperError."""
    from documents.statement import draw_statement  # half a second of imports, which only who draws has to pay

    return draw_statement(paper(customer_id, first, last))


def paper(customer_id: int, first: date, last: date) -> StatementPaper:
    """Everything that is printed."""
    row: Customer | None = db.session.get(Customer, customer_id)
    if row is None:
        raise NotFound("unknown_customer", field="customer_id")
    company, language = get_company(), reader_of(row.language_code)
    return StatementPaper(
        letterhead=letterhead_of({field: getattr(company, field) for field in PRINTED}, company.logo_file_id),
        buyer=_party(row), customer_number=row.number, drawn_on=clock.today(), first=first, last=last,
        accounts=tuple(_told(account, language) for account in accounts(customer_id, first, last)), language=language,
        sandbox=company.mode == "sandbox",
    )  # fmt: skip


def what(movement: Movement, language: str) -> str:
    """The kind of a movement in the reader's words."""
    word = words(language)
    if movement.undoes:
        return word["undone"].format(what=word[f"entry_{movement.undoes}"])
    return word.get(f"entry_{movement.kind}", movement.kind)


def _told(account: Account, language: str) -> StatementAccount:
    word = words(language)
    return StatementAccount(
        account.currency, account.opening_cents,
        tuple(StatementRow(each.on, what(each, language), " · ".join(filter(None, (each.number, each.reference))),
                           each.cents, each.balance_cents) for each in account.movements),
        account.closing_cents,
        tuple(StatementItem(f"{word[f'item_{each.kind}']} {each.number}".strip(), each.due_on, each.amount_cents,
                            each.open_cents) for each in account.items),
        account.credit_cents,
    )  # fmt: skip


def _party(row: Customer) -> Party:
    return Party(
        organization=row.organization, salutation=row.salutation, title=row.title_academic, first_name=row.first_name,
        last_name=row.last_name, address=row.address, address_2=row.address_2, zipcode=row.zipcode, city=row.city,
        state=row.state, country_code=row.country_code,
    )  # fmt: skip
