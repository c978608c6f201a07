"""The second factor: a code counts once, for a moment; a login opens nothing before it; paper helps when it is lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyotp
import pytest
from flask import Flask
from sqlalchemy import func, select

from billing.errors import AlreadyDone, Invalid, NotAllowed
from extensions import db
from models import Activity, Message, RecoveryCode, StaffSession
from services import clock, second_factor, staff
from services.actor import SYSTEM, Actor
from services.permissions import OWNER
from services.unit import end_reading

PASSWORD = "ein langer alter Satz"
EMAIL = "anna@example.com"


class Phone:
    """Anna, her phone, and the login at which she sits."""

    def __init__(self) -> None:
        staff.add_staff(SYSTEM, EMAIL, role=OWNER, name="Anna", password=PASSWORD)
        end_reading()
        row = staff.by_email(EMAIL)
        assert row is not None
        self.id: int = row.id
        self.actor = Actor("staff", self.id, "Anna")
        self.session = self.log_in()
        self.secret = ""

    def log_in(self) -> int:
        staff.log_in(EMAIL, PASSWORD, address="", agent="")
        end_reading()
        return db.session.scalars(select(func.max(StaffSession.id))).one()

    def begin(self) -> None:
        second_factor.begin(self.actor, self.id)
        made = second_factor.setup(self.id)
        assert made is not None
        self.secret = made.secret

    def code(self, off: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(clock.instant() + timedelta(seconds=30 * off))

    def switch_on(self) -> list[str]:
        self.begin()
        codes = list(second_factor.confirm(self.actor, self.id, self.session, self.code()).codes)
        end_reading()
        return codes

    def show(self, code: str) -> str:
        return second_factor.show(self.actor, self.id, self.session, code)


@pytest.fixture
def phone(context: Flask) -> Phone:
    return Phone()


def later(seconds: int) -> Any:
    return clock.stand_at(clock.instant() + timedelta(seconds=seconds))


def deeds() -> list[str]:
    return list(db.session.scalars(select(Activity.code).where(Activity.code.like("staff.%")).order_by(Activity.id)))


def told() -> list[str]:
    query = select(Message.facts).where(Message.template == "staff_second_factor").order_by(Message.id)
    return [facts["deed"] for facts in db.session.scalars(query)]


@pytest.mark.feature("S5")
def test_it_counts_only_once_the_phone_has_shown_a_right_code(phone: Phone) -> None:
    phone.begin()
    assert not staff.log_in(EMAIL, PASSWORD, address="", agent="").waits_for_code
    with pytest.raises(Invalid, match="wrong_code"):
        second_factor.confirm(phone.actor, phone.id, phone.session, "000000" if phone.code() != "000000" else "111111")
    end_reading()
    assert staff.require(phone.id).totp_confirmed_at is None
    second_factor.confirm(phone.actor, phone.id, phone.session, phone.code())
    assert staff.log_in(EMAIL, PASSWORD, address="", agent="").waits_for_code
    assert told() == ["on"]


def test_the_secret_lies_sealed_in_the_database(phone: Phone) -> None:
    phone.switch_on()
    kept = staff.require(phone.id).totp_secret or ""
    assert phone.secret not in kept and len(kept) <= 200


def test_the_address_for_the_phone_names_the_company_and_the_person(phone: Phone) -> None:
    phone.begin()
    made = second_factor.setup(phone.id)
    assert made and made.address.startswith("otpauth://totp/Radwerk%20Musterstadt%20GmbH:anna%40example.com?")


@pytest.mark.feature("S5")
def test_a_code_counts_once(phone: Phone) -> None:
    phone.switch_on()
    phone.session = phone.log_in()
    with pytest.raises(Invalid, match="wrong_code"):
        phone.show(phone.code())  # the one that confirmed it
    with later(60):
        seen = phone.code()
        phone.show(seen)
        phone.session = phone.log_in()
        with pytest.raises(Invalid, match="wrong_code"):
            phone.show(seen)
        with pytest.raises(Invalid, match="wrong_code"):
            phone.show(phone.code(-1))  # an older one, seen over the shoulder


@pytest.mark.feature("S5")
@pytest.mark.parametrize(("off", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_the_phones_clock_may_be_half_a_minute_off(phone: Phone, off: int, right: bool) -> None:
    phone.switch_on()
    with later(300):
        phone.session = phone.log_in()
        if right:
            assert phone.show(phone.code(off))
        else:
            with pytest.raises(Invalid, match="wrong_code"):
                phone.show(phone.code(off))


@pytest.mark.parametrize("code", ["", " ", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "x" * 500, "%%%%", "' OR 1=1 --"])
def test_what_is_no_code_is_refused(phone: Phone, code: str) -> None:
    phone.switch_on()
    with pytest.raises(Invalid, match="wrong_code"):
        phone.show(code)


@pytest.mark.feature("S6")
def test_the_session_gets_a_new_id_and_the_others_end(phone: Phone) -> None:
    elsewhere = phone.log_in()
    before = db.session.get_one(StaffSession, phone.session).token_digest
    phone.switch_on()
    assert db.session.get_one(StaffSession, phone.session).token_digest != before
    assert db.session.get_one(StaffSession, elsewhere).ended_at is not None


@pytest.mark.feature("S5")
def test_each_recovery_code_opens_once_and_is_told(phone: Phone) -> None:
    codes = phone.switch_on()
    assert len(set(codes)) == 10
    kept = list(db.session.scalars(select(RecoveryCode.code_digest)))
    assert not {code.replace("-", "") for code in codes} & set(kept)
    phone.show(codes[3].upper().replace("-", " "))
    with pytest.raises(Invalid, match="wrong_code"):
        phone.show(codes[3])
    assert second_factor.codes_left(phone.id) == 9
    assert told() == ["on", "recovery"] and "staff.recovery_code_used" in deeds()


def test_new_recovery_codes_replace_the_old_ones(phone: Phone) -> None:
    old = phone.switch_on()
    with pytest.raises(Invalid, match="wrong_code"):
        second_factor.renew_codes(phone.actor, phone.id, old[0])  # needs the phone
    with later(60):
        new = second_factor.renew_codes(phone.actor, phone.id, phone.code())
    with pytest.raises(Invalid, match="wrong_code"):
        phone.show(old[0])
    assert phone.show(new[0])


def test_another_persons_recovery_code_opens_nothing(phone: Phone) -> None:
    codes = phone.switch_on()
    staff.add_staff(SYSTEM, "bert@example.com", role="Support", password=PASSWORD)
    other = staff.by_email("bert@example.com")
    assert other is not None
    bert = Actor("staff", other.id, "Bert")
    second_factor.begin(bert, other.id)
    with pytest.raises(Invalid, match="wrong_code"):
        second_factor.show(bert, other.id, phone.session, codes[0])


def test_switching_off_needs_the_password_and_a_code(phone: Phone) -> None:
    codes = phone.switch_on()
    for password, code, wrong in (("falsch falsch", codes[0], "wrong_password"), (PASSWORD, "123456", "wrong_code")):
        with pytest.raises(Invalid, match=wrong):
            second_factor.switch_off(phone.actor, phone.id, password, code)
    second_factor.switch_off(phone.actor, phone.id, PASSWORD, codes[0])
    end_reading()
    assert not staff.log_in(EMAIL, PASSWORD, address="", agent="").waits_for_code
    assert db.session.scalar(select(func.count(RecoveryCode.id))) == 0
    with pytest.raises(AlreadyDone):
        second_factor.renew_codes(phone.actor, phone.id, "123456")
    assert told() == ["on", "recovery", "off"]


def test_a_lost_one_is_reset_by_somebody_who_may_and_ends_all_sessions(phone: Phone) -> None:
    phone.switch_on()
    staff.add_staff(SYSTEM, "bert@example.com", role="Support", password=PASSWORD)
    bert = staff.by_email("bert@example.com")
    assert bert is not None
    with pytest.raises(NotAllowed, match="beyond_own_rights"):
        second_factor.reset(Actor("staff", bert.id, "Bert"), phone.id)
    second_factor.reset(SYSTEM, phone.id)
    end_reading()
    assert db.session.scalar(select(func.count()).where(StaffSession.ended_at.is_(None))) == 0
    assert told() == ["on", "reset"] and deeds()[-1] == "staff.second_factor_reset"
    with pytest.raises(AlreadyDone):
        second_factor.reset(SYSTEM, phone.id)


def test_a_changed_key_of_the_installation_leaves_the_recovery_codes(phone: Phone, context: Flask) -> None:
    codes = phone.switch_on()
    context.config["SECRET_KEY"] = "another"
    with later(60), pytest.raises(NotAllowed, match="key_changed"):
        phone.show(phone.code())
    assert phone.show(codes[0])


def test_a_set_up_that_the_key_can_no_longer_open_begins_anew(phone: Phone, context: Flask) -> None:
    phone.begin()
    context.config["SECRET_KEY"] = "another"
    assert second_factor.setup(phone.id) is None
    with pytest.raises(NotAllowed, match="key_changed"):
        second_factor.confirm(phone.actor, phone.id, phone.session, "123456")
    phone.begin()
    assert phone.secret


def test_it_is_begun_and_confirmed_in_this_order_and_once(phone: Phone) -> None:
    with pytest.raises(NotAllowed, match="no_setup"):
        second_factor.confirm(phone.actor, phone.id, phone.session, "123456")
    phone.switch_on()
    with pytest.raises(AlreadyDone):
        second_factor.begin(phone.actor, phone.id)
    with pytest.raises(NotAllowed, match="no_setup"):
        second_factor.confirm(phone.actor, phone.id, phone.session, phone.code(1))


def test_a_login_is_noted_when_it_is_complete(phone: Phone) -> None:
    phone.switch_on()
    before = deeds().count("staff.logged_in")
    phone.session = phone.log_in()
    assert deeds().count("staff.logged_in") == before
    with later(60):
        phone.show(phone.code())
    assert deeds().count("staff.logged_in") == before + 1
