"""Expected failures as one English sentence that says what to do. Never a traceback, never an address with a password.

The words are for whoever typed the command; screens and the call API have their own.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

SETTINGS = "enter them at /admin/company/"
SENTENCES = {
    "company_incomplete": "the company's data that the law asks for on an invoice are incomplete ({fields}); "
    + SETTINGS,
    "no_company": "there is no company in this data folder yet; run ./kontor start or ./kontor seed first",
    "run_in_the_future": "a live company cannot bill for {on}, a day after today; choose today or an earlier day",
    "run_too_far": "{on} is too far away to bill for; choose a day up to {latest}",
    "clock_is_real": "this is a live installation, whose clock is the real one; use a sandbox (another KONTOR_DATA)",
    "clock_only_forward": "the test clock only goes forward; choose a day after {today}",
    "clock_too_far": "that is too far for one way; choose a day up to {latest}",
    "unreadable_interval": 'write a span like "1 day", "1 month" or "14 months"',
    "einvoice_invalid": "the e-invoice does not hold, so it was not stored; broken rules: {rules}",
    "not_yet": "this paper failed a moment ago ({error}) and is tried again later; the back office says why",
    "run_just_finished": "the run of this day has just finished; call again",
    "not_an_email": "this is not a valid e-mail address; write it like name@example.com",
    "email_taken": "somebody already logs in with this e-mail address; a new password: ./kontor user password EMAIL",
    "live_installation": "this is a live installation, which gets no demo data; use another KONTOR_DATA",
    "data_folder": "the data folder {folder} cannot be made or used ({reason}); set KONTOR_DATA to a folder of yours",
    "database_address": "DATABASE_URL is not an address that Kontor understands; "
    "write postgresql://USER:PASSWORD@HOST/NAME, or leave it out for SQLite in the data folder",
    "vies_address": "VIES_URL has to be a web address that begins with https://, or off",
    "provider_address": "{field} has to be a web address that begins with https://, or with http://127.0.0.1",
    "hexadecimal_key": "{field} has to be keys of hexadecimal digits as the provider shows them, with commas between",
    "megabytes": "UPLOAD_LIMIT_MB and UPLOAD_TOTAL_MB have to be whole numbers of megabytes, 1 or more",
    "trusted_proxies": "TRUSTED_PROXIES has to be a whole number, 0 or more",
    "database_unreachable": "the database cannot be reached, or does not let Kontor in; check that it runs and that "
    "host, name, user and password in DATABASE_URL are right",
    "database_busy": "the database is busy with something else; call again in a moment",
}
CODES = {("invalid", "email"): "not_an_email"}


@dataclass(frozen=True, slots=True)
class Failure:
    """A stable code, the sentence for a person, and the facts for a machine."""

    code: str
    sentence: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        return {**self.facts, "ok": False, "error": self.code}


def expected(error: BaseException) -> Failure | None:
    """The failure that the error stands for; None for one that nobody foresaw."""
    from billing.errors import KontorError

    if isinstance(error, KontorError):
        return _of_the_house(error.code, error.facts)
    database = sys.modules.get("sqlalchemy.exc")  # if it was never imported, it raised nothing
    if database and isinstance(error, database.OperationalError):
        is_busy = "locked" in str(error.orig)
        return _of_the_house("database_busy" if is_busy else "database_unreachable", {})
    return None


def _of_the_house(code: str, facts: Mapping[str, object]) -> Failure:
    code = CODES.get((code, str(facts.get("field", ""))), code)
    told = {name: _in_words(value) for name, value in facts.items()}
    try:
        return Failure(code, SENTENCES[code].format(**told), facts)
    except KeyError:
        listed = ", ".join(f"{name}={value}" for name, value in told.items())
        return Failure(code, f"{code.replace('_', ' ')}" + (f" ({listed})" if listed else ""), facts)


def _in_words(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
