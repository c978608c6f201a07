"""What each kind of mail has to tell, gathered when it is sent: from frozen rows, or from the order's own facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask import current_app
from sqlalchemy import func, select

from billing.errors import NotFound
from documents import figures
from documents.paper import InvoicePaper
from documents.words import words
from extensions import db
from models import Customer, Invoice, ParkedCustomer
from services import (
    chargeback_letter_facts,
    customer_letters,
    customer_login_letters,
    debit_letter_facts,
    paper_links,
    papers,
    payment_letter_facts,
    refund_letters,
    reminder_letters,
    staff_links,
)
from services.checks_notes import WORDS
from services.mail_texts import greeting
from services.paper_data import invoice_paper
from services.templating import ENTRIES

MOST_NAMED = ENTRIES  # parked customers or findings that one mail lists

# Why a run left a customer out, for people: code -> (German, English).
REASONS: Mapping[str, tuple[str, str]] = {
    "too_many_open_periods": (
        "mehr als 12 offene Zeiträume; bitte am Abonnement bestätigen",
        "more than 12 open periods; please confirm them on the subscription",
    ),
    "missing_fields": (
        "Angaben, die das Gesetz verlangt, fehlen",
        "details that the law asks for are missing",
    ),
    "vat_id_invalid": (
        "die USt-IdNr. ist nicht gültig; bitte in der Kundenakte berichtigen oder löschen",
        "the VAT ID is not valid; please correct or delete it in the record",
    ),
    "vat_id_unconfirmed": (
        "die USt-IdNr. ist nicht aktuell bestätigt; bitte in der Kundenakte prüfen",
        "the VAT ID has not been confirmed lately; please check it in the record",
    ),
    "small_business_limit": (
        "die Rechnung ginge über die Grenze für Kleinunternehmer; bitte den Wechsel zur Regelbesteuerung bestätigen",
        "the invoice would go beyond the limit of a small business; please confirm the change to regular VAT",
    ),
    "no_vat_rate": (
        "für das Land und den Tag der Leistung ist kein Steuersatz hinterlegt",
        "no VAT rate is known for the country and the day of supply",
    ),
    "amount_too_large": ("der Betrag ist zu groß", "the amount is too large"),
    "too_many_periods": ("der Zeitraum ist zu lang", "the period is too long"),
    "outside_calendar": (
        "ein Tag des Vertrags liegt außerhalb des Kalenders",
        "a day of the contract lies outside the calendar",
    ),
    "part_outside_period": ("ein Teil eines Zeitraums liegt außerhalb", "a part of a period lies outside of it"),
    "unknown_currency": ("die Währung des Vertrags ist unbekannt", "the currency of the contract is not known"),
    "currency_mismatch": ("zwei Währungen in einem Vertrag", "two currencies in one contract"),
    "percent_out_of_range": ("ein Steuersatz ist unmöglich", "a VAT rate is impossible"),
    "rates_overlap": ("zwei Steuersätze gelten am selben Tag", "two VAT rates hold for the same day"),
    "postings_not_balanced": ("die Buchungen gehen nicht auf", "the postings do not balance"),
    **dict.fromkeys(
        ("count_out_of_range", "unreadable_interval"),
        ("der Rhythmus des Vertrags lässt sich nicht abrechnen", "the rhythm of the contract cannot be billed"),
    ),
    **dict.fromkeys(
        ("unknown_number_range", "number_too_long", "number_out_of_range", "pattern_too_long", "pattern_unreadable",
         "pattern_without_counter", "counter_width_out_of_range"),
        ("der Nummernkreis gibt keine Nummer her", "the number range gives no number"),
    ),
    **dict.fromkeys(
        ("unexpected", "not_a_number", "negative_weight", "float_near_money", "not_whole_cents", "no_weight",
         "wrong_state", "unknown_machine", "no_company"),
        ("ein unerwarteter Fehler; siehe Protokoll", "an unexpected error; see the log"),
    ),
}  # fmt: skip


def facts_of(template: str, language: str, invoice_id: int | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that the template names. NotFound for a template that no event knows."""
    gather = _GATHERERS.get(template)
    if gather is None:
        raise NotFound("template", template=template)
    return gather(language, invoice_id, facts)


def reason(code: str, language: str) -> str:
    """A parked customer's reason in words; a code that nobody has put into words yet stands for itself."""
    pair = REASONS.get(code, (code.replace("_", " "),) * 2)
    return pair[0] if language == "de" else pair[1]


def _invoice(language: str, invoice_id: int | None, _facts: Mapping[str, Any]) -> dict[str, Any]:
    if invoice_id is None:
        raise NotFound("invoice")
    paper = invoice_paper(invoice_id, with_logo=False)
    row = db.session.get_one(Invoice, invoice_id)
    found = papers.paper_for_invoice(invoice_id)
    buyer = row.buyer
    customer = {
        "greeting": greeting(buyer, language),
        "name": " ".join(filter(None, (buyer.get("first_name"), buyer.get("last_name")))) or row.buyer_name,
        "organization": buyer.get("organization", ""),
        "number": row.customer_number,
    }
    invoice = {
        "kind": words(language)[paper.kind],
        "number": paper.number,
        "date": figures.day(paper.issued_on, language),
        "due": figures.day(paper.due_on, language) if paper.due_on else "",
        "amount": figures.money(paper.gross_cents, paper.currency, language),
        "period": _service_period(paper, language),
        "payment": paper.payment_text,
        "link": paper_links.link(found.token) if found and not found.revoked else "",
    }
    return {"customer": customer, "invoice": invoice}


def _invoice_message(language: str, invoice_id: int | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    """`facts`: subject and text as somebody wrote them, either may be empty."""
    return {**_invoice(language, invoice_id, facts), "message": {name: facts[name] for name in ("subject", "text")}}


def _service_period(paper: InvoicePaper, language: str) -> str:
    if not paper.service_from or not paper.service_last:
        return ""
    return figures.period(paper.service_from, paper.service_last, language)


def _run_report(language: str, _invoice_id: int | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    """`facts`: run_id, on (ISO), due, issued, skipped, failed, totals (currency -> [net, gross] in cents)."""
    money = figures.money
    sums = [{"net": money(net, c, language), "gross": money(gross, c, language)}
            for c, (net, gross) in sorted(facts["totals"].items())]  # fmt: skip
    parked, more = _parked(facts["run_id"], language)
    counts = {name: facts[name] for name in ("due", "issued", "skipped", "failed")}
    run = {**counts, "date": _day(facts["on"], language), "sums": sums, "parked": parked, "more": more}
    return {"run": run, "link": f"{_back_office()}runs/details/?id={facts['run_id']}"}


def _parked(run_id: int, language: str) -> tuple[list[dict[str, str]], int]:
    """Customer numbers, no names: the mail leaves the house."""
    of_run = ParkedCustomer.run_id == run_id
    query = (
        select(Customer.number, ParkedCustomer.code)
        .join(Customer, Customer.id == ParkedCustomer.customer_id)
        .where(of_run)
        .order_by(ParkedCustomer.id)
        .limit(MOST_NAMED)
    )
    named = [{"customer": number, "reason": reason(code, language)} for number, code in db.session.execute(query)]
    count = db.session.scalar(select(func.count()).select_from(ParkedCustomer).where(of_run)) or 0
    return named, count - len(named)


def _checks_report(language: str, _invoice_id: int | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    """`facts`: on (ISO), count, findings [{rule, table, id, code}], seal {id, seal, activities} or None."""
    named = facts["findings"][:MOST_NAMED]
    findings = [{"rule": f["rule"], "table": f["table"], "row": f["id"] or "", "code": f["code"]} for f in named]
    seal = facts["seal"] or {"id": "", "seal": "", "activities": ""}
    check = {
        "notes": [{"what": _note(each, language)} for each in facts.get("notes", ())],
        "date": _day(facts["on"], language), "count": facts["count"], "more": facts["count"] - len(findings),
        "findings": findings, "seal": seal["seal"], "seal_number": seal["id"], "seal_entries": seal["activities"],
    }  # fmt: skip
    return {"check": check}


def _note(note: Mapping[str, Any], language: str) -> str:
    return WORDS[note["code"]][language != "de"].format(id=note["id"])


def _day(iso: str, language: str) -> str:
    return figures.day(date.fromisoformat(iso), language)


def _back_office() -> str:
    return f"{current_app.config['KONTOR'].base_url}/admin/"


def _mail_test(_language: str, _invoice_id: int | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    """`facts`: name of whoever asked for it."""
    return {"name": facts["name"]}


_GATHERERS: Mapping[str, Callable[[str, int | None, Mapping[str, Any]], dict[str, Any]]] = {
    "invoice": _invoice,
    "invoice_message": _invoice_message,
    "run_report": _run_report,
    "checks_report": _checks_report,
    "staff_access": staff_links.facts_of_link,
    "staff_reset": staff_links.facts_of_link,
    "staff_changed": staff_links.facts_of_news,
    "staff_password": staff_links.facts_of_news,
    "staff_second_factor": staff_links.facts_of_news,
    "mail_test": _mail_test,
    "customer_code": customer_letters.facts_of_code,
    "customer_changed": customer_letters.facts_of_change,
    "customer_message": customer_letters.facts_of_message,
    "customer_invitation": customer_login_letters.facts_of_link,
    "customer_reset": customer_login_letters.facts_of_link,
    "customer_password": customer_login_letters.facts_of_password,
    "payment_data": customer_letters.facts_of_payment_data,
    "reminder": reminder_letters.facts_of_reminder,
    **dict.fromkeys(("payment_declined", "payment_action"), payment_letter_facts.facts_of_payment),
    "payment_expiring": payment_letter_facts.facts_of_expiry,
    **dict.fromkeys(("debit_returned", "debit_again"), debit_letter_facts.facts_of_debit),
    "debit_cancelled": debit_letter_facts.facts_of_cancelled,
    "payment_charged_back": chargeback_letter_facts.facts_of_chargeback,
    "refund_paid": refund_letters.facts_of_refund,
}
