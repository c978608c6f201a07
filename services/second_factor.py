"""The second factor: a code from an app on the phone (TOTP, RFC 6238), and codes on paper for when the phone is gone.

The secret is sealed with the installation's key. A code counts once, may be one step (30 seconds) early or late, and
a login opens nothing until it was shown. Recovery codes are random (80 bits), lie here as digests, and count once.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

import pyotp
from sqlalchemy import delete, func, or_, select, update

from billing.errors import AlreadyDone, Invalid, NotAllowed
from extensions import db
from models import RecoveryCode, Staff
from services import activities, clock, passwords, secrets_box, staff, staff_mails, staff_sessions
from services.actor import Actor
from services.company import get_company
from services.staff_rights import require_reach_of
from services.staff_sessions import digest
from services.unit import write

STEP = 30  # seconds that a code lasts
DRIFT = (0, -1, 1)  # steps that a phone's clock may be off
CODES = 10
_PURPOSE = "second factor"
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is mistaken for something else


@dataclass(frozen=True, slots=True)
class Setup:
    """What the app on the phone needs: the secret as text, and the same as the address that its QR code holds."""

    secret: str
    address: str


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The session's new token, and the recovery codes in clear, this once."""

    token: str
    codes: Sequence[str]


def begin(actor: Actor, staff_id: int) -> None:
    """Make a secret that does not count yet. AlreadyDone where the second factor is on."""
    with write():
        row = staff.require(staff_id)
        if row.totp_confirmed_at is not None:
            raise AlreadyDone("second_factor_on")
        row.totp_secret = secrets_box.seal(_PURPOSE, pyotp.random_base32())
        activities.record(actor, "staff.second_factor_begun", "staff", staff_id)


def setup(staff_id: int) -> Setup | None:
    """The secret that waits to be confirmed, or None; also where the installation's key has changed since."""
    row = staff.require(staff_id)
    if row.totp_secret is None or row.totp_confirmed_at is not None:
        return None
    try:
        secret = secrets_box.unseal(_PURPOSE, row.totp_secret)
    except NotAllowed:
        return None
    issuer = get_company().name.replace(":", " ")  # the label of the address parts issuer and account by a colon
    return Setup(secret, pyotp.TOTP(secret).provisioning_uri(name=row.email, issuer_name=issuer))


def confirm(actor: Actor, staff_id: int, session_id: int, code: str) -> Confirmed:
    """The phone shows the right code: from now on it is asked for. The person's other sessions end.

    Raises Invalid("code", "wrong_code"), NotAllowed("no_setup") where nothing was begun.
    """
    with write():
        row = staff.require(staff_id)
        if row.totp_secret is None or row.totp_confirmed_at is not None:
            raise NotAllowed("no_setup")
        _require_totp(row, code)
        row.totp_confirmed_at = clock.real()
        staff_sessions.end_all(staff_id, but=session_id)
        token = staff_sessions.renew(session_id, second_factor=True)
        codes = _new_codes(staff_id)
        activities.record(actor, "staff.second_factor_on", "staff", staff_id)
        staff_mails.tell_second_factor(row, "on")
        return Confirmed(token, codes)


def show(actor: Actor, staff_id: int, session_id: int, code: str) -> str:
    """The second step of a login; gives the session's new token.

    Raises Invalid("code", "wrong_code"); NotAllowed("key_changed") where only a recovery code can still help.
    """
    with write():
        row = staff.require(staff_id)
        _require_any(actor, row, code)
        staff.note_login(actor)
        return staff_sessions.renew(session_id, second_factor=True)


def renew_codes(actor: Actor, staff_id: int, code: str) -> Sequence[str]:
    """Ten new recovery codes against a code from the phone; the old ones end."""
    with write():
        row = _require_on(staff_id)
        _require_totp(row, code)
        activities.record(actor, "staff.recovery_codes_made", "staff", staff_id, count=CODES)
        return _new_codes(staff_id)


def switch_off(actor: Actor, staff_id: int, password: str, code: str) -> None:
    """Needs the password and a code of either kind; told by mail. Where the role demands it, a new one comes next."""
    if not passwords.fits(staff.require(staff_id).password_hash, password):
        raise Invalid("password", code="wrong_password")
    with write():
        row = _require_on(staff_id)
        _require_any(actor, row, code)
        _clear(row)
        activities.record(actor, "staff.second_factor_off", "staff", staff_id)
        staff_mails.tell_second_factor(row, "off")


def reset(actor: Actor, staff_id: int) -> None:
    """Somebody lost phone and paper: whoever administers staff takes the second factor away; sessions end.

    Raises AlreadyDone where there is none, NotAllowed("beyond_own_rights").
    """
    with write():
        row = staff.require(staff_id)
        require_reach_of(actor, row)
        if row.totp_secret is None:
            raise AlreadyDone("second_factor_off")
        _clear(row)
        staff_sessions.end_all(staff_id)
        activities.record(actor, "staff.second_factor_reset", "staff", staff_id)
        staff_mails.tell_second_factor(row, "reset")


def codes_left(staff_id: int) -> int:
    unused = (RecoveryCode.staff_id == staff_id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(select(func.count()).select_from(RecoveryCode).where(*unused)) or 0


def _require_on(staff_id: int) -> Staff:
    row = staff.require(staff_id)
    if row.totp_confirmed_at is None:
        raise AlreadyDone("second_factor_off")
    return row


def _require_any(actor: Actor, row: Staff, code: str) -> None:
    """Six digits are the phone's, everything else is looked for among the recovery codes."""
    typed = "".join(code.lower().split()).replace("-", "")
    if len(typed) == 6 and typed.isdecimal():
        _require_totp(row, typed)
        return
    _use_recovery_code(int(row.id), typed)
    left = codes_left(int(row.id))
    activities.record(actor, "staff.recovery_code_used", "staff", int(row.id), left=left)
    staff_mails.tell_second_factor(row, "recovery")


def _require_totp(row: Staff, code: str) -> None:
    """One of the codes of now, and a later one than the last that counted (replay)."""
    typed = "".join(code.split())
    totp = pyotp.TOTP(secrets_box.unseal(_PURPOSE, row.totp_secret or ""), interval=STEP)
    present = int(clock.real().timestamp()) // STEP
    # Each is compared, so that time does not tell which one it was.
    steps = [present + off for off in DRIFT]
    right = [step for step in steps if compare_digest(totp.generate_otp(step).encode(), typed.encode())]
    if not right or not _count_once(row, right[0]):
        raise Invalid("code", code="wrong_code")


def _count_once(row: Staff, step: int) -> bool:
    """Two requests with the same code: one of them."""
    later = or_(Staff.totp_last_step.is_(None), Staff.totp_last_step < step)
    counted = update(Staff).where(Staff.id == row.id, later).values(totp_last_step=step).returning(Staff.id)
    return _first(counted) is not None


def _use_recovery_code(staff_id: int, typed: str) -> None:
    its = (RecoveryCode.staff_id == staff_id, RecoveryCode.code_digest == digest(typed))
    unused = update(RecoveryCode).where(*its, RecoveryCode.used_at.is_(None))
    if _first(unused.values(used_at=clock.real()).returning(RecoveryCode.id)) is None:
        raise Invalid("code", code="wrong_code")


def _first(statement: Any) -> Any:
    with write() as session:
        return session.scalar(statement.execution_options(synchronize_session=False))


def _new_codes(staff_id: int) -> list[str]:
    codes = [_one_code() for _ in range(CODES)]
    with write() as session:
        session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
        made = clock.real()
        session.add_all(
            RecoveryCode(staff_id=staff_id, code_digest=digest(code.replace("-", "")), created_at=made)
            for code in codes
        )
    return codes


def _one_code() -> str:
    """16 characters of 31 (79 bits) in four groups, to be copied by hand."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


def _clear(row: Staff) -> None:
    row.totp_secret, row.totp_confirmed_at, row.totp_last_step = None, None, None
    with write() as session:
        session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == row.id))
