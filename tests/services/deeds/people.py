"""Deeds with the people of the house and their second factor."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pyotp
from sqlalchemy import func, select

from extensions import db
from models import Role, StaffSession
from services import clock, second_factor, staff, staff_access, staff_invitation, staff_sessions, staff_tokens
from services.actor import Actor
from tests.services.deeds.world import OTHER_PASSWORD, PASSWORD, Deed, World


class _Phone:
    """Anna's phone."""

    def __init__(self, w: World) -> None:
        self.id = w.more["anna"]
        self.actor = Actor("staff", self.id, "Anna")
        second_factor.begin(self.actor, self.id)
        made = second_factor.setup(self.id)
        assert made
        self.secret = made.secret

    def code(self, off: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(clock.instant() + timedelta(seconds=30 * off))

    def switch_on(self) -> _Phone:
        self.codes = second_factor.confirm(self.actor, self.id, _session_of(self.id), self.code()).codes
        return self


def _session_of(staff_id: int) -> int:
    return int(db.session.scalars(select(func.max(StaffSession.id)).where(StaffSession.staff_id == staff_id)).one())


def _link(w: World) -> str:
    """The token in the mail about a new password."""
    made = staff_tokens.make(w.more["anna"], "reset")
    return made.token


def _reset_staff(w: World) -> None:
    second_factor.reset(w.actor, _Phone(w).switch_on().id)


def _show(phone: _Phone) -> None:
    second_factor.show(phone.actor, phone.id, _session_of(phone.id), phone.codes[0])


def _renew(phone: _Phone) -> None:
    second_factor.renew_codes(phone.actor, phone.id, phone.code(1))


def _off(phone: _Phone) -> None:
    second_factor.switch_off(phone.actor, phone.id, PASSWORD, phone.codes[0])


DEEDS: Mapping[str, tuple[Deed, ...]] = {
    "staff.enrol": (Deed(lambda w: staff.enrol(w.actor, "neu@example.com", role="Support"), "staff.created", None),),
    "staff.add_staff": (
        Deed(lambda w: staff.add_staff(w.actor, "neu@example.com", role="Support", password=PASSWORD),
             "staff.created", None),),
    "staff.set_password": (
        Deed(lambda w: staff.set_password(w.actor, w.more["anna"], OTHER_PASSWORD), "staff.password_set", None),),
    "staff.change_own_password": (
        Deed(lambda w: staff.change_own_password(
            w.actor, w.actor.id or 0, PASSWORD, OTHER_PASSWORD, _session_of(w.actor.id or 0)),
             "staff.password_set", None),),
    "staff.log_in": (
        Deed(lambda w: staff.log_in("anna@example.com", PASSWORD, address="", agent=""), "staff.logged_in", None,
             "anna"),),
    "staff.note_login": (Deed(lambda w: staff.note_login(w.actor), "staff.logged_in", None),),
    "staff.log_out": (
        Deed(lambda w: staff.log_out(w.actor, staff_sessions.open_session(w.actor.id or 0, "", "")),
             "staff.logged_out", None),),
    "staff_access.change_staff": (
        Deed(lambda w: staff_access.change_staff(
            w.actor, w.more["anna"], name="Anna B.", role_id=w.first(Role.id, Role.name == "Buchhaltung"),
            is_active=True, language_code="de"), "staff.changed", None),),
    "staff_access.change_own": (
        Deed(lambda w: staff_access.change_own(w.actor, w.actor.id or 0, theme="dark"), "staff.changed", None),),
    "staff_invitation.invite": (
        Deed(lambda w: staff_invitation.invite(w.actor, "neu@example.com", name="Neu", role="Support"),
             "staff.created", None),),
    "staff_invitation.send_link": (
        Deed(lambda w: staff_invitation.send_link(w.actor, w.more["anna"]), "staff.reset_sent", None),),
    "staff_invitation.forgot": (
        Deed(lambda w: staff_invitation.forgot("anna@example.com"), "staff.reset_asked", None, "anna"),),
    "staff_tokens.choose_password": (
        Deed(lambda w: staff_tokens.choose_password(_link(w), OTHER_PASSWORD), "staff.reset_used", None, "anna"),),
    "staff_sessions.end_one": (
        Deed(lambda w: staff_sessions.end_one(w.actor, w.more["anna"], _session_of(w.more["anna"])),
             "staff.session_ended", None),),
    "staff_sessions.end_others": (
        Deed(lambda w: staff_sessions.end_others(w.actor, w.more["anna"]), "staff.session_ended", None),),
    "second_factor.begin": (Deed(_Phone, "staff.second_factor_begun", None, "anna"),),
    "second_factor.confirm": (Deed(lambda w: _Phone(w).switch_on(), "staff.second_factor_on", None, "anna"),),
    "second_factor.show": (
        Deed(lambda w: _show(_Phone(w).switch_on()), "staff.recovery_code_used", None, "anna"),),
    "second_factor.renew_codes": (
        Deed(lambda w: _renew(_Phone(w).switch_on()), "staff.recovery_codes_made", None, "anna"),),
    "second_factor.switch_off": (
        Deed(lambda w: _off(_Phone(w).switch_on()), "staff.second_factor_off", None, "anna"),),
    "second_factor.reset": (Deed(_reset_staff, "staff.second_factor_reset", None),),
}  # fmt: skip
