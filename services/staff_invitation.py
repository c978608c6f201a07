"""A new colleague: the login and the mail that tells of it, in one transaction (M2-31, M2-32)."""

from __future__ import annotations

from sqlalchemy import select

from extensions import db
from models import Staff
from services import messages, staff
from services.actor import Actor
from services.company import get_company
from services.unit import write


def invite(actor: Actor, email: str, *, name: str, role: str) -> str:
    """Make a login with a first password that has to be replaced; gives it in clear, this once.

    The mail names role and address of the back office, not the password. Raises Invalid("email"), Invalid("role"),
    Conflict("email_taken").
    """
    with write():
        password = staff.add_staff(actor, email, role=role, name=name, must_change=True)
        address = email.strip().lower()
        staff_id = db.session.scalars(select(Staff.id).where(Staff.email == address)).one()
        facts = {"name": name, "role": role}
        messages.order(
            f"staff_access:{staff_id}", "staff_access", address, language=get_company().language_code, facts=facts
        )
    return password
