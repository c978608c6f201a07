"""What mails about direct debits tell, read when the mail is written: amount, reason, what happens now (SEP-5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents import figures
from extensions import db
from models import Customer, Debit, Invoice, Mandate, Receivable
from services import paper_texts, texts
from services.company import get_company
from services.customer_letters import addressed, data_link
from services.customers import find_survivor
from services.text_catalogue import reader_of

# The banks' codes in words for people (SEP-5); what was our own fault says so.
_GONE = ("Die angegebene Bankverbindung gibt es nicht mehr.", "The account that we were given does not exist any more.")
_CLOSED = (
    "Ihre Bank lässt Lastschriften von diesem Konto nicht zu.",
    "Your bank allows no direct debits on this account.",
)
_OBJECTED = ("Der Abbuchung wurde widersprochen.", "The debit was objected to.")
_OURS = ("Der Fehler lag auf unserer Seite; das tut uns leid.", "The mistake was ours; we are sorry.")
_WORDS: Mapping[str, tuple[str, str]] = {
    "AC01": _GONE, "AC04": _GONE, "AC06": _CLOSED, "AG01": _CLOSED, "SL01": _CLOSED, "AC13": _CLOSED,
    "AM04": ("Auf dem Konto war an diesem Tag nicht genug Geld.", "There was not enough money on the account."),
    "MD01": ("Ihrer Bank liegt dafür keine Erlaubnis vor.", "Your bank knows of no permission for it."),
    "MD06": _OBJECTED, "MS02": _OBJECTED,
    **dict.fromkeys(("AM05", "DT01", "FF01", "RC01", "RR01", "TM01"), _OURS),
}  # fmt: skip
_UNSAID = ("Ihre Bank hat uns keinen Grund genannt.", "Your bank gave us no reason.")
_SETTLED = (
    "Es ist nichts mehr offen; Sie müssen nichts tun.",
    "Nothing is open any more; there is nothing you need to do.",
)
_PAY = (
    "Bitte überweisen Sie {amount} auf unser Konto {iban}, Verwendungszweck {number}.",
    "Please transfer {amount} to our account {iban}, naming {number}.",
)
_PAY_EACH = (
    "Bitte überweisen Sie die offenen Beträge einzeln auf unser Konto {iban}, jeweils mit der Rechnungsnummer als "
    "Verwendungszweck.",
    "Please transfer what is open to our account {iban}, each amount by itself and naming the number of its invoice.",
)
_OVER: Mapping[str, tuple[str, str]] = {
    "revoked": ("Ihr SEPA-Lastschriftmandat ist widerrufen.", "Your SEPA direct debit mandate is revoked."),
    "stopped": ("Von Ihrem Konto können wir nichts mehr einziehen.", "We cannot collect from your account any more."),
}
_LAPSED = ("Ihr SEPA-Lastschriftmandat gilt nicht mehr.", "Your SEPA direct debit mandate is not valid any more.")
_STOPPED = ("Von diesem Konto ziehen wir nichts mehr ein.", "We collect nothing more from this account.")


def facts_of_debit(language: str, _invoice_id: int | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    """`facts`: customer_id, debit_id, again_id (the debit that is announced), fee_cents. What is open, and the link, as
    they are when the mail is written."""
    payer = find_survivor(cast(Session, db.session()), facts["customer_id"])
    debit = db.session.get_one(Debit, facts["debit_id"])
    again = db.session.get(Debit, facts["again_id"]) if facts.get("again_id") else None
    fee = facts.get("fee_cents") or 0
    return {
        "customer": addressed(payer.id, language), "link": data_link(payer.hash),
        "payment": {
            "subject": _number(debit), "amount": _money(debit, debit.amount_cents, language), "method": "",
            "reason": _WORDS.get(debit.return_code, _UNSAID)[language != "de"],
        },
        "debit": {
            "next": announcement(payer, again, language) if again else _what_now(debit, language),
            "fee": _money(debit, fee, language) if fee else "",
        },
    }  # fmt: skip


def facts_of_cancelled(language: str, _invoice_id: int | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    """`facts`: customer_id, debit_ids (at least one), why (the state that the mandate ended in). What is open, and the
    link, as they are when the mail is written."""
    payer = find_survivor(cast(Session, db.session()), facts["customer_id"])
    query = select(Debit).where(Debit.id.in_(facts["debit_ids"])).order_by(Debit.collect_on, Debit.id)
    debits = db.session.scalars(query).all()
    items = [{"number": _number(each), "amount": _money(each, each.amount_cents, language),
              "date": figures.day(each.collect_on, language)} for each in debits]  # fmt: skip
    return {
        "customer": addressed(payer.id, language), "link": data_link(payer.hash),
        "payment": {
            "subject": ", ".join(each["number"] for each in items), "method": "",
            "amount": _money(debits[0], sum(each.amount_cents for each in debits), language),
            "reason": _OVER.get(facts["why"], _LAPSED)[language != "de"],
        },
        "debit": {"items": items, "next": _how_to_pay_all(debits, language)},
    }  # fmt: skip


def announcement(payer: Customer, debit: Debit, language: str) -> str:
    """The sentence of the invoice for this debit: all that the law of direct debits asks to be told (SEP-2)."""
    mandate = db.session.get_one(Mandate, debit.mandate_id)
    values = {
        "invoice": {"number": _number(debit), "date": "", "due": figures.day(debit.collect_on, language), "period": "",
                    "amount": _money(debit, debit.amount_cents, language)},
        "customer": {"name": mandate.holder, "number": payer.number}, "company": {"name": get_company().name},
        "debit": {"date": figures.day(debit.collect_on, language), "creditor": get_company().creditor_id,
                  "mandate": mandate.reference, "account": f"{mandate.iban[:2]}…{mandate.iban[-4:]}"},
    }  # fmt: skip
    words = texts.wording("paper", "debit_announced", reader_of(language)).body
    return paper_texts.sentence({"debit_announced": words}, "debit_announced", values)


def example(language: str, day: str) -> dict[str, Any]:
    """Values for trying the words out."""
    told = {
        "amount": figures.money(3900, "EUR", language),
        "iban": "DE89 3704 0044 0532 0130 00",
        "number": "RE-2026-00042",
    }
    items = [{"number": told["number"], "amount": told["amount"], "date": day}]
    return {
        "next": _PAY[language != "de"].format(**told), "fee": figures.money(300, "EUR", language), "items": items,
    }  # fmt: skip


def _what_now(debit: Debit, language: str) -> str:
    stopped = db.session.get_one(Mandate, debit.mandate_id).state == "stopped"
    is_owed = db.session.get_one(Receivable, debit.receivable_id).open_cents > 0
    said = [_STOPPED[language != "de"]] if stopped and is_owed else []
    return " ".join([*said, _pay(debit, language)])


def _pay(debit: Debit, language: str) -> str:
    row = db.session.get_one(Receivable, debit.receivable_id)
    if row.open_cents <= 0:
        return _SETTLED[language != "de"]
    return how_to_pay(row.open_cents, debit.currency_code, _number(debit), language)


def how_to_pay(cents: int, currency: str, number: str, language: str) -> str:
    """The sentence that asks for a transfer of so much."""
    iban = figures.grouped(get_company().iban)
    told = {"amount": figures.money(cents, currency, language), "iban": iban, "number": number}
    return _PAY[language != "de"].format(**told)


def _how_to_pay_all(debits: Sequence[Debit], language: str) -> str:
    """How to pay what is still open of them."""
    owed = select(Receivable.id).where(Receivable.open_cents > 0)
    still = set(db.session.scalars(owed.where(Receivable.id.in_([each.receivable_id for each in debits]))))
    open_ones = [each for each in debits if each.receivable_id in still]
    if len(open_ones) > 1:
        return _PAY_EACH[language != "de"].format(iban=figures.grouped(get_company().iban))
    return _pay((open_ones or debits)[0], language)


def _number(debit: Debit) -> str:
    number = select(Invoice.number).join(Receivable, Receivable.invoice_id == Invoice.id)
    return db.session.scalar(number.where(Receivable.id == debit.receivable_id)) or debit.end_to_end_id


def _money(debit: Debit, cents: int, language: str) -> str:
    return figures.money(cents, debit.currency_code, language)
