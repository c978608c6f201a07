"""Logins of customers: who is let into the portal, by which link, and who is not (R-11 to R-16, D-10, D-12)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update

from billing.errors import AlreadyDone, Conflict, Invalid, KontorError, NotAllowed, NotFound
from extensions import db
from models import Activity, ActivityDetail, Customer, CustomerLogin, CustomerSession, LoginToken, Message
from models.fates import FATES, Erase, Merge
from queries.customer_sessions import LONGEST, find_visitor
from services import (
    clock,
    customer_access,
    customer_erasure,
    customer_logins,
    customers,
    mail_writing,
    merge,
    messages,
    outbox,
    staff,
    staff_tokens,
)
from services.actor import SYSTEM, Actor
from services.customer_login_keys import LINKS
from services.customer_status import change_status
from services.one_time_links import LASTS, Links
from services.open_sessions import digest
from services.unit import end_reading, write
from tests.at_once import at_once

ANNA = Actor("staff", 7, "Anke Beispiel")
OLD, NEW = "ein langer alter Satz", "ein langer neuer Satz"
EMAIL = "erika@kundin.example"


def record(**more: Any) -> int:
    return customers.create_customer(SYSTEM, {"first_name": "Erika", "last_name": "Öztürk", **more})


def login_with_password(customer_id: int, email: str = EMAIL, password: str = OLD) -> int:
    made = customer_logins.invite(ANNA, customer_id, email)
    customer_access.choose_password(token_of(made), password)
    end_reading()
    return made.login_id


def token_of(made: customer_logins.Invitation) -> str:
    assert made.link, "without a mail server somebody hands the link over"
    return made.link.rpartition("/")[2]


def enter(email: str = EMAIL, password: str = OLD) -> customer_access.Entered:
    return customer_access.log_in(email, password, address="192.0.2.1", agent="Firefox")


def inside(entered: customer_access.Entered) -> bool:
    end_reading()
    return find_visitor(digest(entered.token), clock.real()) is not None


def refusal(deed: Callable[[], object]) -> str:
    with pytest.raises(KontorError) as refused:
        deed()
    end_reading()
    return refused.value.code


def activities() -> list[str]:
    query = select(Activity.code).where(Activity.object_kind == "login").order_by(Activity.id)
    return list(db.session.scalars(query))


def mails() -> list[tuple[str, str]]:
    end_reading()
    return [(row.template, row.recipient) for row in db.session.scalars(select(Message).order_by(Message.id))]


def written(template: str) -> str:
    """The newest mail of a kind as it leaves the house."""
    row = db.session.scalars(select(Message).where(Message.template == template).order_by(Message.id.desc())).first()
    assert row is not None
    facts = (row.id, 1, row.template, row.language_code, row.recipient, "", None, row.facts)
    return mail_writing.write_mail(mail_writing.Order(*facts)).mail.text


# Being let in


@pytest.mark.feature("R-13")
@pytest.mark.feature("D-10")
def test_an_invited_customer_chooses_a_password_and_is_in(context: Flask) -> None:
    customer_id = record()
    made = customer_logins.invite(ANNA, customer_id, "  Erika@Kundin.Example ")
    assert refusal(enter) == "login_failed"
    customer_access.choose_password(token_of(made), OLD)
    entered = enter("ERIKA@kundin.example")
    assert (entered.login_id, entered.must_change_password) == (made.login_id, False) and inside(entered)
    row = db.session.get_one(CustomerLogin, made.login_id)
    assert (row.customer_id, row.email) == (customer_id, EMAIL) and row.last_login_at
    assert activities() == ["login.invited", "login.invitation_used", "login.logged_in"]


@pytest.mark.feature("R-13")
@pytest.mark.parametrize("language", ["de", "en"])
def test_the_invitation_greets_tells_who_invites_and_leads_to_the_door(context: Flask, language: str) -> None:
    made = customer_logins.invite(ANNA, record(language_code=language, salutation="mrs"), EMAIL)
    text = written("customer_invitation")
    greeting = {"de": "Sehr geehrte Frau Öztürk,", "en": "Dear Ms Öztürk,"}[language]
    assert greeting in text and "Anke Beispiel" in text and EMAIL in text and (made.link or "?") in text
    assert "/portal/choose/" in text


@pytest.mark.feature("S5")
@pytest.mark.feature("S22")
def test_neither_the_outbox_nor_the_trail_nor_a_table_knows_the_link(context: Flask) -> None:
    made = customer_logins.invite(ANNA, record(), EMAIL)
    token = token_of(made)
    message_id = db.session.scalars(select(func.max(Message.id))).one()
    assert messages.send(message_id) == "sent"
    end_reading()
    row = db.session.get_one(Message, message_id)
    kept = f"{row.subject} {row.body} {row.facts} {outbox.letter_of(message_id)}"
    trail = " ".join(db.session.scalars(select(ActivityDetail.details)))
    assert token not in kept + trail and "sealed" not in row.facts and "/portal/choose/•••" in kept
    assert db.session.scalars(select(LoginToken.token_digest)).one() == digest(token)


@pytest.mark.parametrize(("email", "code"), [
    ("", "missing"), ("  ", "missing"), ("erika", "not_an_email"), ("a@b", "not_an_email"),
    ("a@kundin.example, b@kundin.example", "not_an_email"), (f"{'a' * 60}@{'b' * 200}.example", "too_long"),
])  # fmt: skip
def test_what_is_no_address_is_told_at_its_field(context: Flask, email: str, code: str) -> None:
    customer_id = record()
    with pytest.raises(Invalid) as refused:
        customer_logins.invite(ANNA, customer_id, email)
    assert (refused.value.field, refused.value.code) == ("email", code)
    assert db.session.scalar(select(func.count()).select_from(CustomerLogin)) == 0


@pytest.mark.feature("D-4")
def test_an_address_opens_one_portal_only_and_the_error_names_the_other_record(context: Flask) -> None:
    first, second = record(), record()
    customer_logins.invite(ANNA, first, EMAIL)
    with pytest.raises(Conflict) as refused:
        customer_logins.invite(ANNA, second, "Erika@KUNDIN.example")
    number = db.session.get_one(Customer, first).number
    assert (refused.value.code, refused.value.facts) == ("login_taken", {"field": "email", "number": number})
    customer_logins.invite(ANNA, first, "zweite@kundin.example")  # a customer may have several


@pytest.mark.feature("D-4")
def test_of_two_invitations_of_one_address_at_once_one_is_made(app: Flask) -> None:
    with app.app_context():
        keys = [record(), record()]
    outcomes = at_once(app, [lambda key=key: customer_logins.invite(ANNA, key, EMAIL) and None for key in keys])
    assert outcomes in (["done", "email_taken"], ["done", "login_taken"])
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(CustomerLogin)) == 1
        assert db.session.scalar(select(func.count()).select_from(Message)) == 1, "nobody else was written to"
        db.session.remove()


# Links


@pytest.mark.feature("S5")
@pytest.mark.parametrize(("purpose", "lasts"), LASTS.items())
def test_a_link_lasts_its_time_and_works_once(context: Flask, purpose: str, lasts: timedelta) -> None:
    login_id = customer_logins.invite(ANNA, record(), EMAIL).login_id
    token = LINKS.make(login_id, purpose).token
    over = clock.real() + lasts
    with write() as session:
        session.execute(update(LoginToken).where(LoginToken.token_digest == digest(token)).values(expires_at=over))
    end_reading()
    assert customer_access.look(token).email == EMAIL, "looking uses nothing up"
    assert customer_access.choose_password(token, OLD).purpose == purpose
    assert refusal(lambda: customer_access.choose_password(token, NEW)) == "link_void"
    assert refusal(lambda: customer_access.look(token)) == "link_void"
    assert inside(enter())


@pytest.mark.feature("S5")
def test_a_link_whose_time_is_over_opens_nothing(context: Flask) -> None:
    made = customer_logins.invite(ANNA, record(), EMAIL)
    with write() as session:
        row = session.scalars(select(LoginToken)).one()
        assert row.expires_at - row.created_at == timedelta(days=7)
        row.expires_at = clock.real()
    assert refusal(lambda: customer_access.choose_password(token_of(made), OLD)) == "link_void"


@pytest.mark.feature("S5")
def test_two_uses_of_one_link_at_once_are_one(app: Flask) -> None:
    with app.app_context():
        token = token_of(customer_logins.invite(ANNA, record(), EMAIL))

    def choose(password: str) -> str:
        customer_access.choose_password(token, password)
        return password

    words = [f"ein langer Satz {n}" for n in range(3)]
    outcomes = at_once(app, [lambda word=word: choose(word) for word in words])
    (won,) = [word for word in outcomes if word != "link_void"]
    assert sorted(outcomes) == sorted([won, "link_void", "link_void"])
    with app.app_context():
        assert inside(enter(password=won)), "the one that was told it is done is the one that counts"
        db.session.remove()


@pytest.mark.feature("S5")
def test_a_link_of_staff_opens_no_portal_and_a_portal_s_link_no_back_office(context: Flask) -> None:
    staff.add_staff(SYSTEM, "anna@example.com", role="Support", name="Anna", password=OLD)
    row = staff.by_email("anna@example.com")
    assert row is not None
    ours, theirs = staff_tokens.make(row.id, "reset").token, token_of(customer_logins.invite(ANNA, record(), EMAIL))
    assert refusal(lambda: customer_access.look(ours)) == refusal(lambda: staff_tokens.look(theirs)) == "link_void"


def test_a_password_that_is_too_short_leaves_the_link_as_it_was(context: Flask) -> None:
    token = token_of(customer_logins.invite(ANNA, record(), EMAIL))
    assert refusal(lambda: customer_access.choose_password(token, "kurz")) == "password_length"
    assert customer_access.look(token).purpose == "invitation"


@pytest.mark.feature("R-16")
def test_inviting_again_ends_the_link_of_before(context: Flask) -> None:
    first = customer_logins.invite(ANNA, record(), EMAIL)
    second = customer_logins.send_link(ANNA, first.login_id)
    assert refusal(lambda: customer_access.look(token_of(first))) == "link_void"
    assert customer_access.look(token_of(second)).purpose == "invitation"
    assert mails() == [("customer_invitation", EMAIL)] * 2 and activities()[-1] == "login.invitation_sent"


@pytest.mark.feature("R-14")
def test_who_has_a_password_is_sent_a_link_of_half_an_hour(context: Flask) -> None:
    login_id = login_with_password(record())
    made, entered = customer_logins.send_link(ANNA, login_id), enter()
    row = db.session.scalars(select(LoginToken).where(LoginToken.used_at.is_(None))).one()
    assert (row.purpose, row.expires_at - row.created_at) == ("reset", timedelta(minutes=30))
    assert inside(enter()), "until the link is used everything is as before"
    customer_access.choose_password(token_of(made), NEW)
    assert not inside(entered) and refusal(enter) == "login_failed" and inside(enter(password=NEW))
    assert mails()[-1] == ("customer_password", EMAIL), "whoever did not do it hears of it"


# What the house does


@pytest.mark.feature("R-14")
@pytest.mark.parametrize("given", ["", NEW])
def test_a_password_that_the_house_sets_is_changed_when_it_is_first_used(context: Flask, given: str) -> None:
    login_id = login_with_password(record())
    before, open_link = enter(), customer_logins.send_link(ANNA, login_id)
    password = customer_logins.set_password(ANNA, login_id, given)
    assert password == given or len(password) >= 10
    assert not inside(before) and refusal(lambda: customer_access.look(token_of(open_link))) == "link_void"
    entered = enter(password=password)
    assert entered.must_change_password
    assert "Anke Beispiel hat am" in written("customer_password") and password not in written("customer_password")
    visitor = find_visitor(digest(entered.token), clock.real())
    assert visitor is not None and visitor.must_change_password
    token = customer_access.change_own_password(login_id, password, "noch ein langer Satz", visitor.session_id)
    end_reading()
    after = find_visitor(digest(token), clock.real())
    assert after is not None and not after.must_change_password and not inside(entered), "the cookie is a new one"


@pytest.mark.feature("R-15")
@pytest.mark.feature("R-16")
def test_a_deleted_login_is_gone_with_links_and_sessions_and_may_be_invited_anew(context: Flask) -> None:
    customer_id = record()
    login_id = login_with_password(customer_id)
    entered, made = enter(), customer_logins.send_link(ANNA, login_id)
    customer_logins.delete_login(ANNA, login_id)
    assert not inside(entered) and refusal(enter) == "login_failed"
    assert refusal(lambda: customer_access.look(token_of(made))) == "link_void"
    for table in (CustomerLogin, CustomerSession, LoginToken):
        assert db.session.scalar(select(func.count()).select_from(table)) == 0
    assert refusal(lambda: customer_logins.delete_login(ANNA, login_id)) == "login"
    again = customer_logins.invite(ANNA, customer_id, EMAIL)
    assert again.login_id > login_id, "no id is used twice"
    customer_access.choose_password(token_of(again), NEW)
    assert inside(enter(password=NEW))


@pytest.mark.feature("S6")
def test_the_house_ends_all_sessions_of_a_login(context: Flask) -> None:
    login_id = login_with_password(record())
    entered = [enter(), enter()]
    assert customer_logins.end_sessions(ANNA, login_id) == 2 and not any(map(inside, entered))
    assert customer_logins.end_sessions(ANNA, login_id) == 0
    assert activities().count("login.session_ended") == 1


@pytest.mark.parametrize("deed", [
    customer_logins.send_link, customer_logins.set_password, customer_logins.end_sessions, customer_logins.delete_login,
])  # fmt: skip
def test_a_login_that_is_not_there_is_told(context: Flask, deed: Callable[[Actor, int], object]) -> None:
    with pytest.raises(NotFound):
        deed(ANNA, 4711)


# In and out


@pytest.mark.feature("S4")
def test_unknown_wrong_and_uninvited_are_answered_alike_and_cost_the_same(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    from services import passwords

    login_with_password(record())
    customer_logins.invite(ANNA, record(), "ohne@kundin.example")
    tried: list[str] = []
    fits = passwords.fits
    monkeypatch.setattr(passwords, "fits", lambda known, given: tried.append(given) or fits(known, given))
    for email, password in ((EMAIL, NEW), ("niemand@kundin.example", OLD), ("ohne@kundin.example", OLD), ("\x00", OLD)):
        assert refusal(lambda email=email, password=password: enter(email, password)) == "login_failed"
    assert len(tried) == 4, "each of them is measured against a password, there or not"


@pytest.mark.feature("D-3")
@pytest.mark.feature("S4")
def test_a_forgotten_password_does_the_same_work_for_everybody(context: Flask) -> None:
    login_with_password(record())
    before = mails()
    known, unknown = (
        statements(lambda: customer_access.forgot(EMAIL)),
        statements(lambda: customer_access.forgot("x@y.de")),
    )
    assert mails() == [*before, ("customer_reset", EMAIL)] and known == unknown
    assert activities()[-1] == "login.reset_asked"


def statements(deed: Callable[[], object]) -> list[str]:
    """The first word of each statement but those that open and close transactions."""
    seen: list[str] = []

    def note(_c: object, _u: object, statement: str, *_rest: object) -> None:
        seen.append(" ".join(statement.split()[:3]))

    end_reading()
    event.listen(db.engine, "before_cursor_execute", note)
    deed()
    event.remove(db.engine, "before_cursor_execute", note)
    return seen


@pytest.mark.feature("S6")
def test_whoever_logs_out_is_out(context: Flask) -> None:
    login_with_password(record())
    entered = enter()
    customer_access.log_out(entered.token)
    assert not inside(entered)
    with pytest.raises(AlreadyDone):
        customer_access.log_out(entered.token)
    assert activities()[-1] == "login.logged_out"


@pytest.mark.feature("S6")
def test_a_session_that_nobody_uses_ends_and_none_lasts_for_ever(context: Flask) -> None:
    login_with_password(record())
    entered = enter()
    assert inside(entered)
    with write() as session:
        session.execute(update(CustomerSession).values(created_at=clock.real() - LONGEST))
    assert not inside(entered)
    with write() as session:
        session.execute(update(CustomerSession).values(created_at=clock.real(), last_seen_at=clock.real() - LONGEST))
    assert not inside(entered)


@pytest.mark.feature("D-12")
def test_a_blocked_customer_may_enter_and_a_deactivated_one_may_not(context: Flask) -> None:
    customer_id = record()
    login_id = login_with_password(customer_id)
    entered, made = enter(), customer_logins.send_link(ANNA, login_id)
    change_status(ANNA, customer_id, "block")
    assert inside(entered) and inside(enter()) and customer_access.look(token_of(made))
    change_status(ANNA, customer_id, "deactivate")
    assert not inside(entered), "at once, not at the next log-in"
    assert refusal(enter) == "login_stopped"
    assert refusal(lambda: enter(password=NEW)) == "login_failed", "only who knows the password is told"
    assert refusal(lambda: customer_access.look(token_of(made))) == "link_void"
    for deed in (lambda: customer_logins.send_link(ANNA, login_id),
                 lambda: customer_logins.invite(ANNA, customer_id, "neu@kundin.example")):  # fmt: skip
        assert refusal(deed) == "login_stopped"
    count = len(mails())
    customer_access.forgot(EMAIL)
    assert len(mails()) == count
    change_status(ANNA, customer_id, "activate")
    assert inside(enter())


@pytest.mark.feature("D-11")
def test_a_merged_record_s_login_leads_to_the_survivor(context: Flask) -> None:
    merged, survivor = record(), record(last_name="Überlebend")
    login_with_password(merged)
    with write() as session:
        session.execute(update(Customer).where(Customer.id == merged).values(survivor_id=survivor))
    entered = enter()
    visitor = find_visitor(digest(entered.token), clock.real())
    assert visitor is not None and visitor.customer_id == survivor
    assert db.session.scalars(select(Activity.customer_id).order_by(Activity.id.desc()).limit(1)).one() == survivor
    assert FATES["customer_logins"].merge is Merge.MOVES and FATES["customer_logins"].erase is Erase.GOES


def test_a_deleted_record_lets_nobody_in(context: Flask) -> None:
    customer_id = record()
    made = customer_logins.invite(ANNA, customer_id, EMAIL)
    with write() as session:
        session.execute(update(Customer).where(Customer.id == customer_id).values(erased_at=clock.real()))
    assert refusal(lambda: customer_access.look(token_of(made))) == "link_void"
    with pytest.raises(NotAllowed):
        customer_logins.invite(ANNA, customer_id, "neu@kundin.example")


@pytest.mark.feature("R-14")
@pytest.mark.parametrize(
    ("old", "new", "field"), [(NEW, NEW, "old_password"), (OLD, OLD, "password"), (OLD, "kurz", "password")]
)
def test_an_own_password_is_changed_only_by_whoever_knows_it(context: Flask, old: str, new: str, field: str) -> None:
    login_id = login_with_password(record())
    entered = enter()
    visitor = find_visitor(digest(entered.token), clock.real())
    assert visitor is not None
    with pytest.raises(Invalid) as refused:
        customer_access.change_own_password(login_id, old, new, visitor.session_id)
    assert refused.value.field == field and inside(entered) and inside(enter())


def test_where_a_mail_server_is_set_nobody_of_the_house_sees_the_link(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.customer_login_mails.leave_the_house", lambda: True)
    with app.app_context():
        assert customer_logins.invite(ANNA, record(), EMAIL).link is None
        assert re.search(r"/portal/choose/[\w-]{40,}", written("customer_invitation"))
        db.session.remove()


@pytest.mark.feature("S5")
def test_only_using_it_up_keeps_a_link_from_serving_several(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the race: without that, several of them win."""
    with app.app_context():
        token = token_of(customer_logins.invite(ANNA, record(), EMAIL))
    for guard in ("use", "void"):
        monkeypatch.setattr(Links, guard, lambda *_: None)
    deeds = [lambda n=n: customer_access.choose_password(token, f"ein langer Satz {n}") and None for n in range(3)]
    assert at_once(app, deeds) == ["done"] * 3


@pytest.mark.feature("D-11")
@pytest.mark.feature("DSG-4")
def test_logins_move_with_a_merge_and_whoever_is_inside_stays_inside(context: Flask) -> None:
    gone, survivor = record(), record(last_name="Überlebend")
    login_id = login_with_password(gone)
    entered = enter()
    merge.merge(ANNA, survivor, gone)
    end_reading()
    assert db.session.get_one(CustomerLogin, login_id).customer_id == survivor
    visitor = find_visitor(digest(entered.token), clock.real())
    assert visitor is not None and visitor.customer_id == survivor and inside(enter())


@pytest.mark.feature("D-5")
def test_deleting_the_record_takes_its_logins_links_and_sessions_with_it(context: Flask) -> None:
    customer_id = record()
    login_id = login_with_password(customer_id)
    entered = enter()
    customer_logins.send_link(ANNA, login_id)
    customer_erasure.delete_customer(ANNA, customer_id)
    assert not inside(entered) and refusal(enter) == "login_failed"
    for table in (CustomerLogin, CustomerSession, LoginToken):
        assert db.session.scalar(select(func.count()).select_from(table)) == 0
