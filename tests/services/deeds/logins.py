"""Deeds with a customer's way into the portal."""

from __future__ import annotations

from collections.abc import Mapping

from models import CustomerSession
from services import customer_access, customer_logins
from services.customer_login_keys import LINKS
from tests.services.deeds.world import OTHER_PASSWORD, PASSWORD, PORTAL, Deed, enter

DEEDS: Mapping[str, tuple[Deed, ...]] = {
    "customer_logins.invite": (
        Deed(lambda w: customer_logins.invite(w.actor, w.customer, "zweite@kundin.example"), "login.invited"),),
    "customer_logins.send_link": (
        Deed(lambda w: customer_logins.send_link(w.actor, w.more["login"]), "login.reset_sent"),
        Deed(lambda w: customer_logins.send_link(
            w.actor, customer_logins.invite(w.actor, w.customer, "dritte@kundin.example").login_id),
             "login.invitation_sent")),
    "customer_logins.set_password": (
        Deed(lambda w: customer_logins.set_password(w.actor, w.more["login"], OTHER_PASSWORD), "login.password_set"),),
    "customer_logins.end_sessions": (
        Deed(lambda w: customer_logins.end_sessions(w.actor, w.more["login"]), "login.session_ended"),),
    "customer_logins.delete_login": (
        Deed(lambda w: customer_logins.delete_login(w.actor, w.more["login"]), "login.deleted"),),
    "customer_access.log_in": (Deed(lambda w: enter(), "login.logged_in", by="customer"),),
    "customer_access.log_out": (
        Deed(lambda w: customer_access.log_out(enter().token), "login.logged_out", by="customer"),),
    "customer_access.forgot": (
        Deed(lambda w: customer_access.forgot(PORTAL), "login.reset_asked", by="customer"),),
    "customer_access.choose_password": tuple(
        Deed(lambda w, purpose=purpose: customer_access.choose_password(
            LINKS.make(w.more["login"], purpose).token, OTHER_PASSWORD), f"login.{purpose}_used", by="customer")
        for purpose in ("invitation", "reset")),
    "customer_access.change_own_password": (
        Deed(lambda w: customer_access.change_own_password(
            w.more["login"], PASSWORD, OTHER_PASSWORD, w.last(CustomerSession.id)), "login.password_changed",
             by="customer"),),
}  # fmt: skip
