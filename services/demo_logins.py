"""Who of the demo's customers can enter the portal: some do, one is invited, one has let the invitation pass."""

from __future__ import annotations

import secrets
from datetime import date, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import Customer, CustomerLogin, LoginToken
from services import clock, customer_access, customer_logins
from services.actor import Actor
from services.customer_login_keys import LINKS
from services.demo_hours import OFFICE, at

# E-mail address of the record -> days ago that it was invited, and whether a password was chosen. Nobody knows it: who
# wants to look in sets a new one on the card.
INVITED = (
    ("anna.petersen@post.example", 40, True),
    ("freja.lindholm@post.example", 21, True),
    ("chiara.dangelo@post.example", 12, False),
    ("mehmet.aydin@post.example", 1, False),
)


def give_logins(session: Session, support: Actor, today: date) -> None:
    """Inside the open transaction of the seed."""
    for email, days, chosen in INVITED:
        day = at(today - timedelta(days), OFFICE)
        customer_id = session.scalar(select(Customer.id).where(Customer.email == email, Customer.erased_at.is_(None)))
        if customer_id is None:
            continue
        with clock.stand_at(day):
            login_id = customer_logins.invite(support, customer_id, email).login_id
            if chosen:
                token = LINKS.make(login_id, "invitation").token
                customer_access.choose_password(token, secrets.token_urlsafe(24))
        # Links keep to the real time; those of the demo were made on their day.
        made = {"created_at": day, "expires_at": day + timedelta(days=7)}
        session.execute(update(LoginToken).where(LoginToken.login_id == login_id).values(**made))
        if chosen:
            seen = {"last_login_at": at(today - timedelta(days // 4), OFFICE)}
            session.execute(update(CustomerLogin).where(CustomerLogin.id == login_id).values(**seen))
