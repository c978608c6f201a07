"""The contract with a payment provider. Plain data in, plain data out; amounts in the currency's smallest unit.

Every provider speaks it; one contract test holds all of them to it. What a provider was asked is an object at the
provider, with an id there. Where it can be made before it is set off (`Traits.prepares`), it is: `create` gives its id,
which is kept before `confirm` moves any money, so that after a crash the object can be read. Elsewhere `create` does
nothing outside, and `find` looks for what our key set off.

No answer is not a no: `Unanswered` says that nobody knows, and nobody may try again before the object was read.
Card numbers never come here: who pays enters them on the provider's own page (`begin_setup`), we keep its token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal, Protocol

from billing.errors import GatewayError, Invalid

Kind = Literal["card", "paypal", "sepa_debit"]

# Of a charge. `created`: the object stands, nothing moved. `needs_action`: the customer has to confirm at `url`.
# `processing`: taken in, the money comes later (a debit). `succeeded`: captured. The rest moved nothing.
ChargeStatus = Literal["created", "needs_action", "processing", "succeeded", "declined", "cancelled"]
RefundStatus = Literal["pending", "succeeded", "failed"]
SetupStatus = Literal["open", "done", "failed"]

# Why a charge was declined, and by that whether asking again can help (EB-51):
# soft: perhaps another day. hard: never with this method. action: not without the customer.
DeclineKind = Literal["", "soft", "hard", "action"]


@dataclass(frozen=True, slots=True)
class Traits:
    """What a provider can. `key_hours`: for so long it answers the same key with the same outcome; after that a person
    decides. `prepares`: it makes an object before any money moves. `statement` is how long a text on the customer's
    bank statement may be (0: none). `reads`: a charge and a refund can be read by their ids; where not, `fetch` and
    `fetch_refund` raise Unanswered("not_readable"), and the events carry the state themselves. `tells_chargebacks`:
    they come as events with their sums; where not, they show in the charge alone."""

    name: str
    kinds: tuple[Kind, ...]
    key_hours: int
    prepares: bool
    statement: int = 0
    reads: bool = True
    tells_chargebacks: bool = True


@dataclass(frozen=True, slots=True)
class SetupWish:
    """A customer is to enter payment data on the provider's page. `reference` is ours, it comes back with the event;
    `return_url` is where the page leads afterwards; `customer` is the provider's id of them, or empty."""

    kind: Kind
    reference: str
    return_url: str
    email: str
    name: str
    country: str
    language: str
    customer: str = ""
    currency: str = "EUR"


@dataclass(frozen=True, slots=True)
class Setup:
    """A page of the provider where payment data is entered; `id` finds it again."""

    id: str
    url: str
    customer: str = ""


@dataclass(frozen=True, slots=True)
class Method:
    """What may be charged again without the customer: the provider's `token`, and what is shown of it."""

    token: str
    kind: Kind
    customer: str = ""
    brand: str = ""  # visa, mastercard, ...
    last4: str = ""
    expires_on: date | None = None  # the last day on which it is valid
    holder: str = ""
    mandate: str = ""  # the provider's mandate reference of a debit


@dataclass(frozen=True, slots=True)
class SetupState:
    status: SetupStatus
    method: Method | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ChargeWish:
    """So much of a kept method, without the customer being there. `key` makes it one: the same key with another body
    is refused by the provider. `reference` is what the customer knows (the invoice's or the contract's number)."""

    key: str
    method: Method
    cents: int
    currency: str
    reference: str
    statement: str = ""


@dataclass(frozen=True, slots=True)
class Charge:
    """What a provider says of one charge. `cents` is what was captured or taken in, as the provider counts it."""

    id: str
    status: ChargeStatus
    cents: int
    currency: str
    key: str = ""
    decline_kind: DeclineKind = ""
    decline_code: str = ""  # the provider's own word
    url: str = ""  # where the customer has to confirm
    refunded_cents: int = 0
    charged_back_cents: int = 0


@dataclass(frozen=True, slots=True)
class RefundWish:
    key: str
    charge_id: str
    cents: int
    currency: str
    reference: str


@dataclass(frozen=True, slots=True)
class Refund:
    id: str
    status: RefundStatus
    cents: int
    currency: str
    charge_id: str = ""
    reason: str = ""


# What an event tells of. `charge` and `refund` are read anew at the provider, so that order and repetition do no harm;
# a chargeback and its undoing carry their own sums. Where the provider cannot be read (`Traits.reads`), the event
# brings the state; where it signs nothing, no event brings a sum, and a chargeback shows in the charge that is read.
EventKind = Literal["charge", "refund", "chargeback", "chargeback_reversed", "setup", "method_updated", "other"]


@dataclass(frozen=True, slots=True)
class Event:
    """One message of a provider. `id` is unique at the provider; `object_id` is the charge, refund or setup that it is
    about; `key` our own key where the provider sends it back. `facts` may have `reference` (of a setup: ours),
    `charge_id` (of a refund) and `case` (of a chargeback: several events may tell of one, it is booked once by it).
    `charge` and `refund`: the state as the event tells it, from a provider that cannot be read."""

    id: str
    kind: EventKind
    type: str  # the provider's own word
    object_id: str
    occurred_at: datetime
    key: str = ""
    cents: int = 0
    currency: str = ""
    fee_cents: int = 0
    reason: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    charge: Charge | None = None
    refund: Refund | None = None


class Unanswered(GatewayError):
    """No answer, or one that nobody understands: the deed may have been done. Only reading resolves it (EB-51)."""

    def __init__(self, code: str = "no_answer", **facts: object) -> None:
        super().__init__(code, permanent=False, code=code, **facts)


class Refused(GatewayError):
    """The provider understood and did nothing: a wrong field, a wrong key, a rule of its own. `permanent` unless it
    was only busy (429, a lock), where the same may be asked again."""

    def __init__(self, code: str, permanent: bool = True, **facts: object) -> None:
        super().__init__(code, permanent=permanent, code=code, **facts)


class BadEvent(Invalid):
    """An incoming message that is not the provider's, is too old, or says nothing that can be read (S20)."""

    def __init__(self, code: str) -> None:
        super().__init__("event", code)


class Gateway(Protocol):
    """One provider. Every method that goes out raises Unanswered and Refused; none of them raises anything else for
    what the outside does."""

    traits: Traits

    def begin_setup(self, wish: SetupWish) -> Setup:
        """A page of the provider's for payment data."""

    def read_setup(self, setup_id: str) -> SetupState:
        """What became of it."""

    def create(self, wish: ChargeWish) -> Charge | None:
        """Make the charge without setting it off; None where the provider knows no such step."""

    def confirm(self, wish: ChargeWish, charge_id: str) -> Charge:
        """Set it off. `charge_id` as `create` gave it, or empty. With the same key a second call changes nothing."""

    def fetch(self, charge_id: str) -> Charge | None:
        """Read a charge; None where the provider knows none of that id."""

    def find(self, wish: ChargeWish) -> Charge | None:
        """Read the charge that our key set off, where no id came back; None where there is none. A provider that
        cannot be asked this answers by the same key, or raises Unanswered. Where `Traits.reads` is false it is the
        deed itself: what never arrived is set off now, and after `key_hours` the money would be taken a second time,
        so whoever calls looks at the clock first."""

    def cancel(self, charge_id: str, key: str) -> Charge:
        """Give up a charge that has moved nothing. Gives its state: it may have moved meanwhile."""

    def refund(self, wish: RefundWish) -> Refund:
        """Give back so much of a charge. With the same key a second call changes nothing."""

    def fetch_refund(self, refund_id: str, charge_id: str) -> Refund | None:
        """Read a refund."""

    def find_refund(self, wish: RefundWish) -> Refund | None:
        """Read the refund that our key set off, as `find`, and with the same care."""

    def read_events(self, headers: Mapping[str, str], body: bytes, now: datetime) -> list[Event]:
        """The events of one request, its signature checked over the raw body. Raises BadEvent; more than 300 seconds
        of age are too old where the provider signs a time (S20)."""

    def forget(self, method: Method) -> None:
        """The kept method is not to be charged any more; what is gone already is fine."""


TOLERANCE = timedelta(seconds=300)
