"""A contract concluded from the customer's card (M1-06): the record looked over and mended, how it is paid, and the
contract itself, in one transaction: all of it or nothing (M1-15 to M1-17)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.errors import Conflict, Invalid, NotAllowed
from models import Customer, Subscription
from services import activities, clock, messages, payment_methods
from services.accountdata_wishes import DEBIT, new_mandate, payment_choices
from services.actor import Actor
from services.banks import with_bank
from services.customer_codes import address_of
from services.customers import lock_survivor, require_bookable, update_customer
from services.subscriptions import Order, create_subscription
from services.unit import write

REVIEWED = (
    "organization", "salutation", "first_name", "last_name", "address", "address_2", "zipcode", "city", "country_code",
    "email", "payment_mail_address", "vat_id",
)  # fmt: skip
BANK = ("bank_account_owner", "bank_iban", "bank_bic", "mandate_reference", "mandate_signed_on")


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The record as a person left it: `values` by column name (REVIEWED), `seen` the version that they looked at."""

    seen: int
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Paying:
    """How it is paid. `only_here`: the record keeps its own way, this contract has another one. `bank` (BANK) is what
    is known now; with `ask` the customer gets a mail with the link where they enter it themselves (M1-17). With
    `method_id` it is one of the methods that they have kept."""

    payment_type: int | None = None
    only_here: bool = False
    bank: Mapping[str, Any] = field(default_factory=dict)
    ask: bool = False
    method_id: int | None = None


def book(actor: Actor, order: Order, reviewed: Reviewed, paying: Paying) -> int:
    """Conclude the contract and give its id; the same form (`order.key`) again gives the one that it concluded.

    Raises as `create_subscription` and `update_customer` do; Conflict("changed_meanwhile") where the record is no
    longer the one that was looked over; Invalid: "payment_type" that is not offered to the customer, "bank_iban" for a
    debit without an account, "email" where the customer cannot be asked.
    """
    with write() as session:
        row = lock_survivor(session, order.customer_id)
        done = concluded_by(session, order.key)
        if done is not None:
            return done
        require_bookable(row)
        if row.version != reviewed.seen:
            raise Conflict("changed_meanwhile")
        _require_own(row, paying.method_id)
        own, of_contract = _paid(row, paying)
        update_customer(actor, row.id, {**_only(REVIEWED, reviewed.values), **own})
        made = create_subscription(actor, replace(order, customer_id=row.id, payment_type=of_contract))
        _pay_by(actor, made, paying)
        if paying.ask:
            _ask(actor, row, made)
        return made


def ask_for_data(actor: Actor, customer_id: int) -> None:
    """Send the customer the link of their own page once more, about their newest contract; once a day.

    Raises NotFound, Invalid("email", "needed_to_ask"), NotAllowed("no_contract").
    """
    with write() as session:
        row = lock_survivor(session, customer_id)
        newest = select(Subscription.id).where(Subscription.customer_id == row.id).order_by(Subscription.id.desc())
        contract = session.scalar(newest.limit(1))
        if contract is None:
            raise NotAllowed("no_contract")
        _ask(actor, row, contract, f":{clock.today()}")


def concluded_by(session: Session, key: str | None) -> int | None:
    """The contract that this form concluded, if it did."""
    return None if key is None else session.scalar(select(Subscription.id).where(Subscription.order_key == key))


def _paid(row: Customer, paying: Paying) -> tuple[dict[str, Any], int | None]:
    """What the record takes over, and the contract's own payment method if it has one."""
    chosen = row.payment_type if paying.payment_type is None else paying.payment_type
    if chosen not in payment_choices(row):
        raise Invalid("payment_type", "not_a_choice")
    bank = {name: value for name, value in _only(BANK, paying.bank).items() if value}
    if chosen == DEBIT:
        bank = _debited(row, bank, paying.ask)
    own = with_bank(row, bank)
    if chosen == row.payment_type:
        return own, None
    return (own, chosen) if paying.only_here else (own | {"payment_type": chosen}, None)


def _require_own(row: Customer, method_id: int | None) -> None:
    """A kept method is this customer's, or nobody books by it."""
    if method_id is not None and payment_methods.owner_of(method_id) != row.id:
        raise Invalid("payment_type", "not_a_choice")


def _pay_by(actor: Actor, subscription_id: int, paying: Paying) -> None:
    """The kept method becomes the contract's own, or what the customer pays by altogether."""
    if paying.method_id is None:
        return
    if paying.only_here:
        payment_methods.assign(actor, subscription_id, paying.method_id)
    else:
        payment_methods.make_default(actor, paying.method_id)


def _debited(row: Customer, bank: dict[str, Any], ask: bool) -> dict[str, Any]:
    """A debit needs an account and, on a new one, a mandate; its reference is drawn where nobody gives one."""
    if not bank.get("bank_iban") and not row.bank_iban and not ask:
        raise Invalid("bank_iban", "missing")
    if not bank.get("bank_iban"):
        return bank
    return {**({} if bank.get("mandate_reference") else new_mandate()), "mandate_signed_on": clock.today(), **bank}


def _ask(actor: Actor, row: Customer, subscription_id: int, again: str = "") -> None:
    """Order the mail with the link of their own data (D-11: filling what is empty needs no code)."""
    address = address_of(row)
    if not address:
        raise Invalid("email", "needed_to_ask")
    messages.order(
        f"payment_data:{subscription_id}{again}", "payment_data", address, language=row.language_code,
        customer_id=row.id, facts={"customer_id": row.id, "subscription_id": subscription_id},
    )  # fmt: skip
    activities.record(actor, "customer.payment_data_asked", "customer", row.id, customer_id=row.id)


def _only(names: tuple[str, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in names if name in values}
