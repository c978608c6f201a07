"""Who gets in, by which link, with which rights: no more than somebody may give who holds them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from billing.errors import AlreadyDone, Conflict, Invalid, NotAllowed, NotFound
from extensions import db
from models import Activity, Message, Role, StaffSession, StaffToken
from services import (
    api_keys,
    clock,
    mail_writing,
    messages,
    roles,
    secrets_box,
    staff,
    staff_access,
    staff_invitation,
    staff_mails,
    staff_sessions,
    staff_tokens,
)
from services.actor import SYSTEM, Actor
from services.default_roles import make_default_roles
from services.permissions import DEFAULT_ROLES, OWNER, PERMISSIONS, held, with_reading
from services.staff_rights import rights_of
from services.unit import end_reading, write

OLD, NEW = "ein langer alter Satz", "ein langer neuer Satz"


def hire(email: str, role: str = "Support", password: str = OLD) -> Actor:
    staff.add_staff(SYSTEM, email, role=role, name=email.partition("@")[0].title(), password=password)
    return actor_of(email)


def actor_of(email: str) -> Actor:
    end_reading()
    row = staff.by_email(email)
    assert row is not None
    return Actor("staff", row.id, row.name)


def make_role(name: str, *permissions: str, by: Actor = SYSTEM, enabled: bool = True) -> int:
    return roles.save_role(by, None, name=name, description="", is_enabled=enabled, permissions=set(permissions))


def role_id(name: str) -> int:
    return db.session.scalars(select(Role.id).where(Role.name == name)).one()


def change(by: Actor, email: str, **what: Any) -> None:
    row = staff.by_email(email)
    assert row is not None
    values: dict[str, Any] = {
        "name": row.name,
        "role_id": row.role_id,
        "is_active": row.is_active,
        "language_code": "de",
        **what,
    }
    staff_access.change_staff(by, row.id, **values)
    end_reading()


def enter(email: str, password: str = OLD) -> staff.Login:
    return staff.log_in(email, password, address="192.0.2.1", agent="Firefox")


def told(template: str) -> list[str]:
    query = select(Message.recipient).where(Message.template == template).order_by(Message.id)
    return list(db.session.scalars(query))


def activities() -> list[str]:
    return list(db.session.scalars(select(Activity.code).order_by(Activity.id)))


def link_of(message_id: int) -> str:
    """The token as it goes out of the house."""
    order = db.session.get_one(Message, message_id)
    written = mail_writing.write_mail(
        mail_writing.Order(order.id, 1, order.template, order.language_code, order.recipient, "", None, order.facts)
    )
    found = re.search(r"/admin/choose/([\w-]+)", written.mail.text)
    assert found
    return found[1]


def last_link() -> str:
    return link_of(db.session.scalars(select(func.max(Message.id))).one())


@pytest.fixture
def owner(context: Flask) -> Actor:
    return hire("chefin@example.com", OWNER)


# Roles


@pytest.mark.feature("M2-25")
def test_the_default_roles_are_made_once_and_never_brought_back(owner: Actor) -> None:
    assert set(db.session.scalars(select(Role.name))) == set(DEFAULT_ROLES)
    roles.delete_role(owner, role_id("Support"))
    make_default_roles()
    end_reading()
    assert set(db.session.scalars(select(Role.name))) == {OWNER, "Buchhaltung"}


@pytest.mark.feature("M2-24")
def test_the_owner_holds_what_later_releases_bring(owner: Actor) -> None:
    assert rights_of(owner) == PERMISSIONS
    assert held((), is_builtin=True, name=OWNER) == PERMISSIONS
    assert held((), is_builtin=False, name=OWNER) == frozenset(), "the name alone gives nothing"
    assert held({"gone.read", "tags.read"}, is_builtin=True, name="Support") == {"tags.read"}


@pytest.mark.feature("M2-29")
def test_two_people_of_one_role_have_the_same_rights_at_once(owner: Actor) -> None:
    anna, bert = hire("anna@example.com"), hire("bert@example.com")
    assert rights_of(anna) == rights_of(bert) == DEFAULT_ROLES["Support"][1]
    roles.save_role(owner, role_id("Support"), name="Support", description="", is_enabled=True,
                    permissions={"tags.read"})  # fmt: skip
    end_reading()
    assert rights_of(anna) == rights_of(bert) == {"tags.read"}


@pytest.mark.feature("M2-27")
def test_a_role_is_made_changed_and_deleted_freely(owner: Actor) -> None:
    made = make_role("Lager", "products.read", by=owner)
    roles.save_role(owner, made, name="Werkstatt", description="Räder", is_enabled=True, permissions={"tags.read"},
                    requires_totp=True)  # fmt: skip
    end_reading()
    row = db.session.get_one(Role, made)
    assert (row.name, row.requires_totp, [p.permission for p in row.permissions]) == ("Werkstatt", True, ["tags.read"])
    roles.delete_role(owner, made)
    end_reading()
    assert db.session.get(Role, made) is None
    assert activities()[-3:] == ["role.saved", "role.saved", "role.deleted"]


@pytest.mark.parametrize(
    ("name", "permissions", "error"),
    [("", {"tags.read"}, Invalid), ("x" * 61, {"tags.read"}, Invalid), ("Neu", {"tags.fly"}, Invalid),
     ("Support", {"tags.read"}, Conflict)],
)  # fmt: skip
def test_a_role_needs_a_name_of_its_own_and_known_rights(
    owner: Actor, name: str, permissions: set[str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        make_role(name, *permissions, by=owner)


def test_a_role_that_somebody_has_stays(owner: Actor) -> None:
    hire("anna@example.com")
    with pytest.raises(NotAllowed, match="role_in_use"):
        roles.delete_role(owner, role_id("Support"))


@pytest.mark.parametrize(("name", "enabled"), [("Chefin", True), (OWNER, False)])
def test_the_owners_role_keeps_its_name_and_stays_enabled(owner: Actor, name: str, enabled: bool) -> None:
    with pytest.raises(NotAllowed, match="owner_role_stays"):
        roles.save_role(owner, role_id(OWNER), name=name, description="", is_enabled=enabled, permissions=set())
    with pytest.raises(NotAllowed, match="owner_role_stays"):
        roles.delete_role(owner, role_id(OWNER))


def test_the_owners_role_cannot_be_made_smaller(owner: Actor) -> None:
    roles.save_role(owner, role_id(OWNER), name=OWNER, description="neu", is_enabled=True, permissions=set())
    end_reading()
    assert rights_of(owner) == PERMISSIONS


def test_whoever_may_change_may_also_see() -> None:
    assert with_reading({"tags.write", "runs.start"}) == {"tags.write", "tags.read", "runs.start", "runs.read"}


@pytest.mark.feature("M2-32")
def test_disabling_a_role_is_told_to_everybody_who_has_it(owner: Actor) -> None:
    for name in ("anna", "bert"):
        hire(f"{name}@example.com")
    support: dict[str, Any] = {"name": "Support", "description": "", "permissions": DEFAULT_ROLES["Support"][1]}
    roles.save_role(owner, role_id("Support"), is_enabled=False, **support)
    assert told("staff_changed") == ["anna@example.com", "bert@example.com"]


# No more than one holds


@pytest.fixture
def clerk(owner: Actor) -> Actor:
    """May look after staff and see customers, and nothing else."""
    make_role("Personal", "staff.read", "staff.write", "customers.read")
    return hire("personal@example.com", "Personal")


@pytest.mark.feature("S22")
def test_nobody_makes_a_role_that_holds_more_than_they_do(clerk: Actor) -> None:
    with pytest.raises(NotAllowed, match="beyond_own_rights"):
        make_role("Löschen", "customers.read", "customers.delete", by=clerk)
    make_role("Sehen", "customers.read", by=clerk)


@pytest.mark.feature("S22")
def test_nobody_widens_their_own_role_or_narrows_one_above_them(clerk: Actor) -> None:
    mine = {"staff.read", "staff.write", "customers.read", "customers.delete"}
    for name, permissions in (("Personal", mine), ("Support", {"customers.read"})):
        with pytest.raises(NotAllowed, match="beyond_own_rights"):
            roles.save_role(clerk, role_id(name), name=name, description="", is_enabled=True, permissions=permissions)


@pytest.mark.feature("S22")
@pytest.mark.parametrize("role", [OWNER, "Support"])
def test_nobody_gives_themselves_or_others_a_role_above_their_own(clerk: Actor, role: str) -> None:
    hire("neu@example.com", "Personal")
    for email in ("personal@example.com", "neu@example.com"):
        with pytest.raises(NotAllowed, match="beyond_own_rights"):
            change(clerk, email, role_id=role_id(role))
    with pytest.raises(NotAllowed, match="beyond_own_rights"):
        staff_invitation.invite(clerk, "dritte@example.com", name="Dritte", role=role)


@pytest.mark.feature("S22")
def test_nobody_touches_the_access_of_somebody_above_them(clerk: Actor, owner: Actor) -> None:
    enter("chefin@example.com")
    assert owner.id is not None
    with pytest.raises(NotAllowed, match="beyond_own_rights"):
        change(clerk, "chefin@example.com", is_active=False)
    with pytest.raises(NotAllowed, match="beyond_own_rights"):
        staff_invitation.send_link(clerk, owner.id)
    with pytest.raises(NotAllowed, match="beyond_own_rights"):
        staff_sessions.end_others(clerk, owner.id)


@pytest.mark.feature("S23")
def test_nobody_makes_a_key_that_opens_more_than_they_may(clerk: Actor, owner: Actor) -> None:
    for scope in ("read", "full"):
        with pytest.raises(NotAllowed, match="beyond_own_rights"):
            api_keys.add_api_key(clerk, "it@example.com", scope=scope)
        api_keys.add_api_key(owner, "it@example.com", scope=scope)


@pytest.mark.parametrize("what", [{"is_active": False}, {"role": "Support"}])
def test_the_last_owner_stays(owner: Actor, what: dict[str, object]) -> None:
    if "role" in what:
        what = {"role_id": role_id("Support")}
    with pytest.raises(NotAllowed, match="last_owner"):
        change(SYSTEM, "chefin@example.com", **what)
    hire("zweite@example.com", OWNER)
    change(SYSTEM, "chefin@example.com", **what)


def test_nobody_locks_themselves_out(owner: Actor) -> None:
    hire("zweite@example.com", OWNER)
    with pytest.raises(NotAllowed, match="not_yourself"):
        change(owner, "chefin@example.com", is_active=False)


# A change of rights


@pytest.mark.feature("M2-31")
@pytest.mark.feature("M2-32")
@pytest.mark.parametrize("what", ["role_id", "is_active"])
def test_another_role_or_none_ends_the_sessions_and_is_told(owner: Actor, what: str) -> None:
    hire("anna@example.com")
    enter("anna@example.com")
    change(owner, "anna@example.com", **{what: False if what == "is_active" else role_id("Buchhaltung")})
    assert told("staff_changed") == ["anna@example.com"]
    assert db.session.scalar(select(func.count()).where(StaffSession.ended_at.is_(None))) == 0
    assert activities()[-1] == "staff.changed"


def test_another_name_is_no_reason_for_a_mail(owner: Actor) -> None:
    hire("anna@example.com")
    change(owner, "anna@example.com", name="Anna Anders")
    assert told("staff_changed") == []


def test_people_change_about_themselves_what_is_theirs_and_no_more(owner: Actor) -> None:
    assert owner.id is not None
    staff_access.change_own(owner, owner.id, name="Chefin", theme="dark", page_size=100, language_code="en")
    end_reading()
    row = staff.require(owner.id)
    assert (row.name, row.theme, row.page_size, row.language_code) == ("Chefin", "dark", 100, "en")
    for field, value in (
        ("role_id", 1),
        ("theme", "pink"),
        ("language_code", "fr"),
        ("page_size", 9999),
        ("name", " "),
    ):
        with pytest.raises(Invalid):
            staff_access.change_own(owner, owner.id, **{field: value})


# Links


@pytest.mark.feature("M2-32")
def test_an_invitation_is_a_link_by_which_the_person_chooses_the_password(owner: Actor) -> None:
    made = staff_invitation.invite(owner, "Neu@Example.com ", name="Nora", role="Support")
    with pytest.raises(NotAllowed, match="login_failed"):
        enter("neu@example.com")
    ticket = staff_tokens.choose_password(last_link(), NEW)
    assert (ticket.staff_id, ticket.purpose) == (made.staff_id, "invitation")
    assert enter("neu@example.com", NEW).staff_id == made.staff_id
    assert "staff.invitation_used" in activities()


def test_without_a_mail_server_the_inviting_person_gets_the_link(owner: Actor) -> None:
    made = staff_invitation.invite(owner, "neu@example.com", name="Nora", role="Support")
    assert made.link and made.link.endswith(last_link())


@pytest.mark.parametrize("email", ["", "kein Mensch", "@example.com", "anna@", "a b@example.com", "a" * 200 + "@b.de"])
def test_what_is_no_address_is_not_invited(owner: Actor, email: str) -> None:
    with pytest.raises(Invalid):
        staff_invitation.invite(owner, email, name="x", role="Support")


@pytest.mark.feature("S5")
def test_the_link_lies_nowhere_in_clear(owner: Actor) -> None:
    staff_invitation.invite(owner, "neu@example.com", name="Nora", role="Support")
    token = last_link()
    message = db.session.scalars(select(func.max(Message.id))).one()
    assert messages.send(message) == "sent"
    end_reading()
    kept = db.session.get_one(Message, message)
    assert token not in str(kept.facts) + str(kept.body) and "/admin/choose/•••" in str(kept.body)
    assert db.session.scalars(select(StaffToken.token_digest)).one() == staff_sessions.digest(token)


@pytest.mark.feature("S5")
@pytest.mark.parametrize(("purpose", "lasts"), staff_tokens.LASTS.items())
def test_a_link_lasts_for_a_while_and_works_once(owner: Actor, purpose: str, lasts: timedelta) -> None:
    anna = hire("anna@example.com")
    token = staff_tokens.make(anna.id or 0, purpose).token
    with clock.stand_at(clock.instant() + lasts), pytest.raises(NotAllowed, match="link_void"):
        staff_tokens.choose_password(token, NEW)
    with clock.stand_at(clock.instant() + lasts - timedelta(seconds=9)):
        staff_tokens.choose_password(token, NEW)
        with pytest.raises(NotAllowed, match="link_void"):
            staff_tokens.choose_password(token, OLD)
    assert enter("anna@example.com", NEW)


@pytest.mark.feature("S5")
def test_a_guessed_an_older_and_a_locked_out_persons_link_open_nothing(owner: Actor) -> None:
    anna = hire("anna@example.com")
    older = staff_tokens.make(anna.id or 0, "reset").token
    newer = staff_tokens.make(anna.id or 0, "reset").token
    for token in ("", "geraten", older, newer + "x"):
        with pytest.raises(NotAllowed, match="link_void"):
            staff_tokens.look(token)
    change(owner, "anna@example.com", is_active=False)
    change(owner, "anna@example.com", is_active=True)
    with pytest.raises(NotAllowed, match="link_void"):
        staff_tokens.look(newer)


def test_looking_at_the_page_of_a_link_uses_nothing_up(owner: Actor) -> None:
    token = staff_tokens.make(hire("anna@example.com").id or 0, "reset").token
    assert staff_tokens.look(token) == staff_tokens.look(token)
    with pytest.raises(Invalid):
        staff_tokens.choose_password(token, "kurz")
    assert staff_tokens.look(token).email == "anna@example.com"


@pytest.mark.feature("S5")
def test_a_new_password_by_link_ends_all_sessions_and_is_told(owner: Actor) -> None:
    hire("anna@example.com")
    enter("anna@example.com")
    staff_invitation.forgot(" Anna@example.com")
    staff_tokens.choose_password(last_link(), NEW)
    assert db.session.scalar(select(func.count()).where(StaffSession.ended_at.is_(None))) == 0
    assert told("staff_password") == ["anna@example.com"]


def test_a_link_is_sent_to_nobody_who_may_not_log_in(owner: Actor) -> None:
    anna = hire("anna@example.com")
    change(owner, "anna@example.com", is_active=False)
    with pytest.raises(NotAllowed, match="locked_out"):
        staff_invitation.send_link(owner, anna.id or 0)
    staff_invitation.forgot("anna@example.com")
    assert told("staff_reset") == []


@pytest.fixture
def statements(context: Flask) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: object, _u: object, statement: str, *_rest: object) -> None:
        seen.append(" ".join(statement.split()))

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.feature("S4")
def test_asking_for_an_unknown_address_does_the_same_work_and_leaves_nothing(
    owner: Actor, statements: list[str]
) -> None:
    hire("anna@example.com")
    end_reading()
    work = []
    for email in ("anna@example.com", "niemand@example.com"):
        statements.clear()
        staff_invitation.forgot(email)
        work.append(list(statements))
        end_reading()
    assert work[0] == work[1]
    assert told("staff_reset") == ["anna@example.com"]
    assert db.session.scalar(select(func.count(StaffToken.id))) == 1


def test_a_changed_key_makes_a_waiting_link_unreadable_and_nothing_worse(owner: Actor, context: Flask) -> None:
    staff_invitation.invite(owner, "neu@example.com", name="Nora", role="Support")
    message = db.session.scalars(select(func.max(Message.id))).one()
    context.config["SECRET_KEY"] = "another"
    assert messages.send(message) == "pending"
    end_reading()
    assert db.session.get_one(Message, message).error == "cannot_be_written: key_changed"
    with pytest.raises(NotAllowed, match="key_changed"):
        secrets_box.unseal("other", secrets_box.seal("one", "x"))


def test_every_mail_to_staff_can_be_written_in_both_languages(owner: Actor) -> None:
    hire("anna@example.com")
    for language in ("de", "en"):
        with write():
            anna = staff.by_email("anna@example.com")
            assert anna is not None
            anna.language_code = language
            for deed in ("on", "off", "reset", "recovery"):
                staff_mails.tell_second_factor(anna, deed)
            staff_mails.tell_password(anna)
            staff_mails.tell_change(anna)
            made = staff_tokens.make(anna.id, "reset")
            for template in ("staff_access", "staff_reset"):
                staff_mails.send_link(template, anna, made.token, made.expires_at, by="Chefin")
    for message in db.session.scalars(select(Message.id).order_by(Message.id)).all():
        assert messages.send(message) == "sent"
    subjects = list(db.session.scalars(select(Message.subject)))
    assert len(set(subjects)) == 16 and all(subjects)


# Sessions


@pytest.mark.feature("S6")
def test_people_end_their_own_sessions_and_no_others(owner: Actor) -> None:
    anna = hire("anna@example.com")
    enter("anna@example.com")
    here = enter("anna@example.com")
    enter("chefin@example.com")
    sessions = {row.id: row.staff_id for row in db.session.scalars(select(StaffSession))}
    hers = next(number for number, person in sessions.items() if person == owner.id)
    with pytest.raises(NotFound):
        staff_sessions.end_one(anna, anna.id or 0, hers)
    with pytest.raises(NotAllowed, match="beyond_own_rights"):
        staff_sessions.end_one(anna, owner.id or 0, hers)
    mine = db.session.scalars(
        select(StaffSession.id).where(StaffSession.token_digest == staff_sessions.digest(here.token))
    ).one()
    assert staff_sessions.end_others(anna, anna.id or 0, but=mine) == 1
    staff_sessions.end_one(anna, anna.id or 0, mine)
    with pytest.raises(AlreadyDone):
        staff_sessions.end_one(anna, anna.id or 0, mine)
    end_reading()
    assert list(db.session.scalars(select(StaffSession.id).where(StaffSession.ended_at.is_(None)))) == [hers]


@pytest.mark.feature("S6")
def test_a_renewed_session_leaves_its_old_token_behind(owner: Actor) -> None:
    old = enter("chefin@example.com").token
    (number,) = db.session.scalars(select(StaffSession.id))
    new = staff_sessions.renew(number)
    end_reading()
    assert list(db.session.scalars(select(StaffSession.token_digest))) == [staff_sessions.digest(new)]
    assert new != old
    with pytest.raises(NotFound):
        staff_sessions.renew(number + 1)
