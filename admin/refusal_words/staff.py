"""Why somebody does not get in, or may not do it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

REFUSALS: Mapping[str, Any] = {
    "beyond_own_rights": _l("This goes beyond your own rights. Please ask somebody who holds them."),
    "key_changed": _l("The second factor cannot be checked: the key of this installation (SECRET_KEY) has changed. "
                      "Please use a recovery code, or ask somebody who administers staff to reset it."),
    "last_owner": _l("Nobody would be left who may do everything. Please give another person the owner's role first."),
    "link_void": _l("This link does not work any more."),
    "locked_out": _l("This person may not log in, so a link would open nothing."),
    "no_setup": _l("Please begin the set-up of the second factor again."),
    "not_yourself": _l("You cannot lock yourself out. Please ask another person to do it."),
    "owner_role_stays": _l("The owner's role always stays: with its name, enabled, and with every right."),
    "role_in_use": _l("Somebody still has this role. Please give them another one first."),
    "wrong_code": _l("This code does not fit, or was used before. Please wait for the next one."),
    "login_failed": _l("E-mail address or password is not correct."),
    "password_length": _l("The password needs at least %(shortest)s characters."),
    "same_password": _l("Please choose a password that you have not had before."),
    "wrong_password": _l("Your present password is not correct."),
    "unknown_role": _l("There is no such role."),
}  # fmt: skip
