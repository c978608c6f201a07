"""A record's bank data and its mandate in step: whoever writes the record, the mandate follows (X-05, SEP-1).

`customers.mandate_reference`, `mandate_signed_on` and the account tell of the one mandate that holds, or of none. The
rows here are what was signed: they keep every mandate that ever held, each with its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from billing.debits import is_reference, plain_reference
from billing.errors import Conflict, Invalid
from models import Customer, Mandate, PaymentMethod
from services import activities, clock, numbers, planned_debits
from services.actor import Actor
from services.unit import write

DEBIT = 2  # M1-18
FOLLOWED = frozenset((
    "mandate_reference", "mandate_signed_on", "bank_iban", "bank_bic", "bank_account_owner", "payment_type",
))  # fmt: skip
_SIGNED = ("holder", "iban", "bic", "signed_on")


@dataclass(frozen=True, slots=True)
class Signed:
    """What the record says of its mandate."""

    reference: str
    signed_on: date
    holder: str
    iban: str
    bic: str


def drawn(session: Session) -> str:
    """A new reference from the range of mandates; one that somebody else's mandate bears is passed over."""
    return numbers.draw("mandate", clock.today(), lambda number: _bearing(session, plain_reference(number)) is not None)


def follow(actor: Actor, row: Customer) -> Mandate | None:
    """Bring the mandates of a record, locked, in step with what it says; gives the one that holds now.

    A mandate without an account, a reference or the day of its signature is none. One that was used is never changed:
    another account makes a row of its own that amends it. Raises Invalid("mandate_reference"): "not_a_reference" with
    characters that no bank reads, "mandate_ended" for one that was used and is over; Conflict("taken") for another
    customer's.
    """
    with write() as session:
        wanted, standing = _signed(row), active(session, row.id)
        kept = next((each for each in standing if wanted and each.reference == wanted.reference), None)
        for each in standing:
            if each is not kept:
                end(actor, session, each, "replaced" if wanted else "revoked")
        if wanted is not None:
            kept = _kept(actor, session, row, kept, wanted) if kept else _granted(actor, session, row, wanted)
            _follow_method(session, row, kept)
        return kept


def active(session: Session, customer_id: int) -> Sequence[Mandate]:
    """The mandates that hold, of the record and of those merged into it, the oldest first."""
    family = select(Customer.id).where(or_(Customer.id == customer_id, Customer.survivor_id == customer_id))
    query = select(Mandate).where(Mandate.customer_id.in_(family), Mandate.state == "active").order_by(Mandate.id)
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()


def end(actor: Actor, session: Session, mandate: Mandate, state: str, **more: Any) -> None:
    """The mandate is over: nobody debits by it any more, its payment method goes, and what was announced by it, too,
    unless another mandate takes its place."""
    mandate.state, mandate.ended_on = state, clock.today()
    methods = select(PaymentMethod).where(PaymentMethod.mandate_id == mandate.id, PaymentMethod.state == "active")
    for method in session.scalars(methods):
        method.state, method.is_default, method.ended_at = "removed", False, clock.instant()
    session.flush()
    activities.record(actor, f"mandate.{state}", "mandate", mandate.id, customer_id=mandate.customer_id,
                      reference=mandate.reference, **more)  # fmt: skip
    if state != "replaced":
        planned_debits.take_back_of(session, actor, mandate)


def _signed(row: Customer) -> Signed | None:
    reference = plain_reference(row.mandate_reference)
    if not (reference and row.mandate_signed_on and row.bank_iban):
        return None
    if not is_reference(reference):
        raise Invalid("mandate_reference", "not_a_reference")
    person = " ".join(filter(None, (row.first_name, row.last_name)))
    holder = (row.bank_account_owner or row.organization or person)[:100]
    return Signed(reference, row.mandate_signed_on, holder, row.bank_iban, row.bank_bic)


def _granted(actor: Actor, session: Session, row: Customer, wanted: Signed, amends: Mandate | None = None) -> Mandate:
    known = _bearing(session, wanted.reference)
    if known is not None:
        return _revived(actor, session, row, known, wanted)
    made = Mandate(customer_id=row.id, reference=wanted.reference, created_at=clock.instant(),
                   amends_id=amends.id if amends else None, scheme=amends.scheme if amends else "CORE",
                   prenotice_days=amends.prenotice_days if amends else None, **_told(wanted))  # fmt: skip
    session.add(made)
    session.flush()
    code = "mandate.amended" if amends else "mandate.granted"
    activities.record(actor, code, "mandate", made.id, customer_id=row.id, reference=made.reference,
                      signed_on=wanted.signed_on.isoformat())  # fmt: skip
    return made


def _revived(actor: Actor, session: Session, row: Customer, known: Mandate, wanted: Signed) -> Mandate:
    """A slip of the pen is taken back; what was used and is over stays over."""
    owner = session.get_one(Customer, known.customer_id)
    if (owner.survivor_id or owner.id) != row.id:
        raise Conflict("taken", field="mandate_reference", other_id=owner.id, other_number=owner.number)
    if known.first_used_on is not None or known.state not in ("revoked", "replaced"):
        raise Invalid("mandate_reference", "mandate_ended")
    known.state, known.ended_on, known.stop_code = "active", None, ""
    _set(known, wanted)
    session.flush()
    activities.record(actor, "mandate.granted", "mandate", known.id, customer_id=row.id, reference=known.reference,
                      signed_on=wanted.signed_on.isoformat())  # fmt: skip
    return known


def _kept(actor: Actor, session: Session, row: Customer, mandate: Mandate, wanted: Signed) -> Mandate:
    """The same reference: written anew before its first use, amended by a row of its own after it (SEP-1)."""
    if all(getattr(mandate, name) == getattr(wanted, name) for name in _SIGNED):
        return mandate
    if mandate.first_used_on is None:
        _set(mandate, wanted)
        session.flush()
        return mandate
    end(actor, session, mandate, "replaced")
    row.mandate_reference = drawn(session)
    anew = Signed(plain_reference(row.mandate_reference), wanted.signed_on, wanted.holder, wanted.iban, wanted.bic)
    return _granted(actor, session, row, anew, mandate)


def _follow_method(session: Session, row: Customer, mandate: Mandate) -> None:
    """The method by which the customer pays so: there while the mandate holds, the default while the record says so."""
    of_mandate = select(PaymentMethod).where(PaymentMethod.mandate_id == mandate.id, PaymentMethod.state == "active")
    method = session.scalars(of_mandate).one_or_none()
    if method is None:
        method = PaymentMethod(customer_id=row.id, kind="sepa_debit", mandate_id=mandate.id, is_default=False,
                               created_at=clock.instant())  # fmt: skip
        session.add(method)
    method.last4, method.holder = mandate.iban[-4:], mandate.holder
    others = select(PaymentMethod).where(PaymentMethod.customer_id == row.id, PaymentMethod.is_default,
                                         PaymentMethod.mandate_id.is_distinct_from(mandate.id))  # fmt: skip
    if row.payment_type == DEBIT and not method.is_default and not _debited_elsewhere(session, others):
        for other in session.scalars(others):
            other.is_default = False
        session.flush()
        method.is_default = True
    elif row.payment_type != DEBIT:
        method.is_default = False
    session.flush()


def _debited_elsewhere(session: Session, others: Any) -> bool:
    """A provider's debit that somebody chose stays the default."""
    return any(each.kind == "sepa_debit" and each.gateway for each in session.scalars(others))


def _bearing(session: Session, reference: str) -> Mandate | None:
    return session.scalars(select(Mandate).where(Mandate.reference == reference)).one_or_none()


def _told(wanted: Signed) -> dict[str, Any]:
    return {name: getattr(wanted, name) for name in _SIGNED}


def _set(mandate: Mandate, wanted: Signed) -> None:
    for name, value in _told(wanted).items():
        setattr(mandate, name, value)
