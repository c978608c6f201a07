"""What customers are told when a payment could not be taken: kindly, once, with the link to change their data."""

from __future__ import annotations

from sqlalchemy.orm import Session

from models import Collection, PaymentAttempt
from services import payer_mails


def tell_declined(session: Session, attempt: PaymentAttempt) -> None:
    """Order the mail about one declined attempt; the event makes it one (L9)."""
    code = "expired" if attempt.decline_code == "expired" else attempt.decline_kind or "soft"
    _order(session, f"payment_declined:{attempt.id}", attempt.invoice_id, attempt.customer_id, code)


def tell_no_method(session: Session, collection: Collection) -> None:
    """Order the mail about a document that nothing can be charged for, once a try."""
    event = f"payment_missing:{collection.invoice_id}:{collection.tries}"
    reason = {"expired": "expired", "held": "hard"}.get(collection.reason, "no_method")
    _order(session, event, collection.invoice_id, collection.customer_id, reason)


def tell_action(session: Session, attempt: PaymentAttempt) -> None:
    """Order the mail with the page on which the customer confirms the payment."""
    _order(session, f"payment_action:{attempt.id}", attempt.invoice_id, attempt.customer_id, "action", attempt.id)


def _order(
    session: Session, event: str, invoice_id: int, customer_id: int, reason: str, attempt_id: int | None = None
) -> None:
    template = "payment_action" if attempt_id else "payment_declined"
    facts = {"invoice_id": invoice_id, "reason": reason, "attempt_id": attempt_id}
    payer_mails.order(session, event, template, customer_id, facts)
