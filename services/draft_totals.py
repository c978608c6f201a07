"""What a draft comes to as of today: its recipient, its lines with tax, its sums, and what the law still asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.drafts import Draft, Totals, total
from billing.errors import Invalid
from billing.lines import Line
from billing.periods import Period
from billing.taxes import DOMESTIC
from models import Customer, Invoice
from services import clock, company, draft_lines, lawful
from services.debtors import Debtor, debtors_of
from services.draft_lines import Clean, Terms


@dataclass(frozen=True, slots=True)
class Composed:
    """A draft as it would be issued now."""

    debtor: Debtor
    draft: Draft
    totals: Totals
    cleans: tuple[Clean, ...]


def compose(session: Session, row: Invoice, cleans: Sequence[Clean]) -> Composed:
    """The draft's lines with tax and sums by today's recipient and rates. Raises Invalid where no tax can be found."""
    debtor = _debtor(session, row.customer_id)
    period = Period(row.service_from, row.service_to) if row.service_from and row.service_to else None
    today = clock.today()
    terms = Terms(
        row.currency_code, row.is_gross, debtor.buyer, company.tax_facts(today), today, debtor.language_code, period
    )
    lines = tuple(_priced(each, terms) for each in cleans)
    cases = {line.tax_case for line in lines}
    if len(cases) > 1:
        raise Invalid("positions", "two_tax_cases")
    case = next(iter(cases), DOMESTIC)
    draft = Draft(
        debtor.id, row.currency_code, row.is_gross, row.payment_type, row.collection, case, today,
        row.days_for_payment, (), lines,
    )  # fmt: skip
    totals = total(draft) if lines else Totals(0, 0, 0, (), ())
    return Composed(debtor, draft, totals, tuple(cleans))


def _priced(clean: Clean, terms: Terms) -> Line:
    """The line; what is wrong with it names it."""
    try:
        return draft_lines.priced(clean, terms)
    except Invalid as error:
        if clean.line is not None:
            error.facts["line"] = clean.line
        raise


def missing_of(row: Invoice, made: Composed) -> tuple[str, ...]:
    """What the law asks for and this draft lacks, by name (INV-1, INV-2): lines, or of seller, recipient, supply."""
    if not made.draft.lines:
        return ("positions",)
    return lawful.missing(made.debtor, made.draft, made.totals, row.delivery_text)


def _debtor(session: Session, customer_id: int) -> Debtor:
    """Whom the invoice goes to today; a merged customer's draft goes to the survivor."""
    survivor = session.scalar(select(Customer.survivor_id).where(Customer.id == customer_id)) or customer_id
    return debtors_of(session, [survivor])[survivor]
