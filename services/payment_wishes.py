"""What customers wish for their payment methods: by their link the first needs no code, a change does (D-11); at the
portal they proved themselves by their password already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, cast

from sqlalchemy.orm import Session

from billing.errors import Invalid, NotAllowed, NotFound
from gateways.base import Kind
from models import Customer
from services import customer_codes, method_removal, method_rows, method_setups, payment_methods
from services.accountdata import actor_of
from services.customers import lock_survivor
from services.method_setups import Way
from services.unit import write

PURPOSE = "payment_method"
ADD, CHOOSE, REMOVE = "add", "choose", "remove"
_TOLD = ("payment_type",)


@dataclass(frozen=True, slots=True)
class Wish:
    """`deed` is ADD (a kind at a gateway), CHOOSE or REMOVE (a method of the customer's)."""

    deed: str
    kind: str = ""
    gateway: str = ""
    method_id: int = 0

    @property
    def way(self) -> Way:
        return Way(cast(Kind, self.kind), self.gateway)


@dataclass(frozen=True, slots=True)
class Answer:
    """`state`: done, wrong, over (as `accountdata.Confirmation`); the wish where it is done, or may be gone on with."""

    state: str
    wish: Wish | None = None


def ask(customer_id: int, wish: Wish) -> bool:
    """Whether the wish may be gone on with at once; otherwise a code is on its way to the address known so far.

    Raises NotFound, NotAllowed ("customer_deactivated", and as `customer_codes.send_code`), Invalid("kind").
    """
    with write() as session:
        row = _record(session, customer_id)
        _check(session, row, wish)
        if wish.deed == ADD and not _is_something_there(session, row):
            return True
        customer_codes.send_code(actor_of(row), row, PURPOSE, asdict(wish), _TOLD)
        return False


def confirm(customer_id: int, typed: str) -> Answer:
    """Do what waited if the code is right; adding goes on at the provider. A wrong one counts."""
    with write() as session:
        row = _record(session, customer_id)
        try:
            code = customer_codes.use_code(actor_of(row), row.id, PURPOSE, typed)
        except NotFound:
            return Answer("over")
        if code is None:
            return Answer("wrong")
        wish, code.wanted = _wish(code.wanted), {}
        _check(session, row, wish)
        _do(row, wish)
        return Answer("done", wish)


def do(customer_id: int, wish: Wish) -> None:
    """Do at once what a customer wishes who is logged in; adding goes on at the provider. Raises as `ask`, and as
    `payment_methods.make_default`, `method_removal.remove`. The address known so far is told of it all the same."""
    with write() as session:
        row = _record(session, customer_id)
        _check(session, row, wish)
        _do(row, wish)


def send_again(customer_id: int) -> None:
    """A new code for what still waits. NotFound("code") where nothing does."""
    with write() as session:
        row = _record(session, customer_id)
        code = customer_codes.open_code(row.id, PURPOSE)
        if code is None or not code.wanted:
            raise NotFound("code")
        customer_codes.send_code(actor_of(row), row, PURPOSE, dict(code.wanted), _TOLD)


def is_own(customer_id: int, method_id: int) -> bool:
    """Whether a method, in whatever state, is this customer's."""
    return customer_id == payment_methods.owner_of(method_id)


def _record(session: Session, customer_id: int) -> Customer:
    row = lock_survivor(session, customer_id)
    if row.status == "deactivated":
        raise NotAllowed("customer_deactivated")
    return row


def _check(session: Session, row: Customer, wish: Wish) -> None:
    if wish.deed == ADD and wish.way not in method_setups.ways(row):
        raise Invalid("kind", "not_a_choice")
    if wish.deed in (CHOOSE, REMOVE) and not is_own(row.id, wish.method_id):
        raise NotFound("payment_method")
    if wish.deed not in (ADD, CHOOSE, REMOVE):
        raise Invalid("deed", "not_a_choice")


def _do(row: Customer, wish: Wish) -> None:
    if wish.deed == CHOOSE:
        payment_methods.make_default(actor_of(row), wish.method_id)
    elif wish.deed == REMOVE:
        method_removal.remove(actor_of(row), wish.method_id)


def _is_something_there(session: Session, row: Customer) -> bool:
    """Transfer is where everybody begins (M1-18): as long as nothing else is known, this completes the record."""
    known = (row.bank_iban, row.mandate_reference, row.payment_token)
    return row.payment_type != method_rows.TRANSFER or any(known) or bool(method_rows.active(session, row.id))


def _wish(wanted: Mapping[str, Any]) -> Wish:
    return Wish(wanted["deed"], wanted["kind"], wanted["gateway"], int(wanted["method_id"]))
