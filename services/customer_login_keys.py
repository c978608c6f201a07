"""What opens a customer's portal: links that choose a password, and sessions; and which row they are about."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.errors import NotAllowed, NotFound
from models import Customer, CustomerLogin, CustomerSession, LoginToken
from services.customers import lock_survivor
from services.one_time_links import Links
from services.open_sessions import Sessions

LINKS = Links(LoginToken, "login_id")
SESSIONS = Sessions(CustomerSession, "login_id")


def locked(session: Session, login_id: int) -> tuple[CustomerLogin, Customer]:
    """The login and the record that it opens, both locked, the customer first as everywhere.

    Raises NotFound("login"), NotAllowed("erased").
    """
    customer_id = session.scalar(select(CustomerLogin.customer_id).where(CustomerLogin.id == login_id))
    if customer_id is None:
        raise NotFound("login")
    customer = lock_survivor(session, customer_id)
    query = select(CustomerLogin).where(CustomerLogin.id == login_id).with_for_update()
    row: CustomerLogin | None = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound("login")
    return row, customer


def require_open(customer: Customer) -> None:
    """A deactivated customer may not enter the portal, a blocked one may (D-12). Raises NotAllowed("login_stopped")."""
    if customer.status == "deactivated":
        raise NotAllowed("login_stopped", field="customer_id")
