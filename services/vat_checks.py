"""Asking whether a VAT id is valid, and keeping every answer as it came (INV-9, section 18e UStG).

The question goes out between two transactions. What was asked stands in the row, so that an id that changed meanwhile
is not taken for confirmed. A sandbox asks nobody unless an address is set: its check digits answer, and say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import current_app
from sqlalchemy.orm import Session
from stdnum.eu import vat as eu_vat

from billing.errors import Invalid, NotAllowed
from extensions import db
from gateways import vies
from gateways.vies import Answer, Question
from models import Company, Customer, VatCheck
from services import activities, clock, vat_bells, vat_reliance
from services.actor import SYSTEM, Actor
from services.company import get_company
from services.customers import find_survivor
from services.unit import end_reading, write

SANDBOX = "sandbox"  # the reason that marks a sandbox's own answer
MOST_OFFLINE = 10_000


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of it; `result` as in `VatCheck`."""

    check_id: int
    result: str
    reason: str


def check(actor: Actor, customer_id: int) -> Checked:
    """Ask about the customer's VAT id now and keep the answer. Some ten seconds at most.

    Raises NotFound, NotAllowed("no_vat_id_to_check") where nothing would rest on an answer.
    """
    end_reading()
    row, own = find_survivor(db.session(), customer_id), get_company()
    if not vat_reliance.concerns(own, row.country_code, row.customer_type, row.vat_id):
        raise NotAllowed("no_vat_id_to_check", field="vat_id")
    question = _question(row, own)
    key, mode = int(row.id), own.mode
    end_reading()
    return _keep(actor, key, question, _asked(question, mode))


def decide(actor: Actor, customer_id: int, reason: str) -> Checked:
    """A person relies on the VAT id all the same, for as long as a good answer would count, and says why (EB-46).

    Raises NotFound, Invalid("reason", "missing"), NotAllowed("no_vat_id_to_check").
    """
    words = " ".join(reason.split())[:200]
    if not words:
        raise Invalid("reason", "missing")
    with write() as session:
        row, own = find_survivor(session, customer_id), get_company()
        if not vat_reliance.concerns(own, row.country_code, row.customer_type, row.vat_id):
            raise NotAllowed("no_vat_id_to_check", field="vat_id")
        question = Question(row.vat_id, own.vat_id)
        return _keep(actor, row.id, question, Answer("decided", words))


def answer_offline(session: Session, on: date) -> None:
    """Before a sandbox's run: its own answers for all whom the run may concern, inside the open transaction."""
    own = get_company()
    if own.mode != "sandbox" or _url():
        return
    for customer_id in vat_bells.waiting(MOST_OFFLINE, on):
        question = _question(session.get_one(Customer, customer_id), own)
        _keep(SYSTEM, customer_id, question, _asked(question, own.mode))


def _question(row: Customer, own: Company) -> Question:
    name = row.organization or f"{row.first_name} {row.last_name}".strip()
    return Question(row.vat_id, own.vat_id, name, row.address, row.zipcode, row.city)


def _asked(question: Question, own_mode: str) -> Answer:
    """Offline first: a wrong check digit needs no service. Nothing is asked where the operator switched it off."""
    offline = _answered_offline(question, own_mode)
    return offline or vies.ask(_url() or vies.URL, question)


def _answered_offline(question: Question, mode: str) -> Answer | None:
    if not eu_vat.is_valid(question.vat_id):
        return Answer("invalid", "check_digit")
    if _url() == "off":
        return Answer("unavailable", "switched_off")
    return Answer("valid", SANDBOX) if mode == "sandbox" and not _url() else None


def _url() -> str:
    return str(current_app.config["KONTOR"].vies_url)


def _keep(actor: Actor, customer_id: int, question: Question, answer: Answer) -> Checked:
    with write() as session:
        row = VatCheck(
            customer_id=customer_id, vat_id=question.vat_id, requester=question.requester, result=answer.result,
            reason=answer.reason, name_match=answer.name_match, address_match=answer.address_match,
            request_id=answer.request_id, actor_kind=actor.kind, actor_id=actor.id, checked_at=clock.instant(),
        )  # fmt: skip
        session.add(row)
        session.flush()
        code = "customer.vat_id_decided" if answer.result == "decided" else "customer.vat_id_checked"
        activities.record(actor, code, "customer", customer_id, customer_id=customer_id, vat_id=question.vat_id,
                          result=answer.result, reason=answer.reason, request_id=answer.request_id)  # fmt: skip
        return Checked(row.id, answer.result, answer.reason)
