"""How and when an e-invoice is paid (BG-16 to BG-19, BT-9, BT-20): the code fits the group, as BR-DE-23 to 25 ask."""

from __future__ import annotations

from typing import Final

from drafthorse.models.payment import PaymentMeans, PaymentTerms
from drafthorse.models.trade import TradeSettlement

from documents.einvoice_data import EinvoiceData
from documents.einvoice_text import clean
from documents.paper import InvoicePaper

# The contract's payment types (M1-18) as UNTDID 4461.
_TRANSFER_TYPES: Final = frozenset({1, 5})
_DEBIT: Final = 2
SEPA_TRANSFER, TRANSFER, SEPA_DEBIT, OTHER_DEBIT = "58", "30", "59", "49"
CASH, ONLINE, CLEARING, UNDEFINED = "10", "68", "97", "1"
# A card is collected by a provider, and the house never knows its number, which codes 48 and 54 would ask for.
_OTHERS: Final = {3: CASH, 4: ONLINE, 6: ONLINE}


def put_payment(settlement: TradeSettlement, data: EinvoiceData) -> None:
    """Means and terms. What asks for no money is settled between the parties."""
    means = PaymentMeans()
    means.type_code = code = means_code(data)
    if code in (SEPA_TRANSFER, TRANSFER):
        _put_account(means, data.paper)
    if code == SEPA_DEBIT:
        means.payer_account.iban = _compact(data.debit.iban)
        settlement.creditor_reference_id = clean(data.debit.creditor_id)
    settlement.payment_means.add(means)
    if data.due_cents > 0 and data.paper.kind == "invoice":
        settlement.terms.add(_terms(data, code))


def means_code(data: EinvoiceData) -> str:
    """UNTDID 4461."""
    paper = data.paper
    if paper.kind != "invoice" or data.due_cents <= 0:
        return CLEARING
    if paper.payment_type in _TRANSFER_TYPES:
        return _transfer_code(paper)
    if paper.payment_type == _DEBIT:  # BR-DE-30 and 31: a SEPA debit without mandate or account is none
        return SEPA_DEBIT if all((data.debit.mandate, data.debit.iban, data.debit.creditor_id)) else OTHER_DEBIT
    return _OTHERS.get(paper.payment_type, UNDEFINED)


def skonto(data: EinvoiceData) -> str:
    """The cash discount as XRechnung writes it into the payment terms (BR-DE-18), or nothing."""
    if data.cash_discount_percent <= 0 or data.due_cents <= 0:
        return ""
    return f"#SKONTO#TAGE={data.cash_discount_days}#PROZENT={data.cash_discount_percent:.2f}#\n"


def _transfer_code(paper: InvoicePaper) -> str:
    if not paper.letterhead.iban:
        return UNDEFINED  # BR-61: a transfer without an account is none
    return SEPA_TRANSFER if paper.currency == "EUR" else TRANSFER


def _put_account(means: PaymentMeans, paper: InvoicePaper) -> None:
    head = paper.letterhead
    means.payee_account.iban = _compact(head.iban)
    means.payee_account.account_name = clean(head.bank_owner or head.name)
    if head.bic:
        means.payee_institution.bic = _compact(head.bic)


def _terms(data: EinvoiceData, code: str) -> PaymentTerms:
    terms = PaymentTerms()
    sentence = clean(data.paper.payment_text).replace("#", "")  # that sign begins a cash discount (BR-DE-18)
    discount = skonto(data)
    terms.description = f"{sentence}\n{discount}" if discount else sentence
    if data.paper.due_on is not None:
        terms.due = data.paper.due_on
    if code == SEPA_DEBIT and data.debit.mandate:
        terms.debit_mandate_id = clean(data.debit.mandate)
    return terms


def _compact(value: str) -> str:
    return "".join(clean(value).split()).upper()
