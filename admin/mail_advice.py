"""What to do about a mail that did not go out: from the code in its row and the server's answer, if there is one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

_STATUS = re.compile(r"\((\d{3})\)$")

# RFC 5321 4.2.3: what a server means by its number, as far as a person can do something about it.
_BY_STATUS: Mapping[int, Any] = {
    421: _l("The server is busy. It is tried again by itself."),
    450: _l("The mailbox cannot be reached just now. It is tried again by itself."),
    451: _l("The server wants us to come back later. It is tried again by itself."),
    452: _l("The mailbox or the server is full. It is tried again by itself."),
    530: _l("The server wants a login. Please add user and password to SMTP_URL."),
    535: _l("The server does not know this login. Please check user and password in SMTP_URL."),
    550: _l("The mailbox does not exist or takes no mail from us. Please check the address with the customer, correct "
            "it in the record, and send again."),
    551: _l("The mailbox has moved. Please ask the customer for the new address."),
    552: _l("The mailbox is full, or the message too large for it. Please ask the customer, then send again."),
    553: _l("The server cannot read the address. Please check it for slips of the pen."),
    554: _l("The server took the message for unwanted. Please ask whoever runs our mail server about SPF, DKIM and "
            "blocklists, then send again."),
}  # fmt: skip
_BY_CODE: Mapping[str, Any] = {
    "outcome_unknown": _l("Please ask the customer whether it arrived. Send it again only if it did not."),
    "recipient_refused": _BY_STATUS[550],
    "sender_refused": _l("Please check the company's e-mail address, or name a sender that the server knows in "
                         "SMTP_URL (from=…)."),
    "mail_refused": _BY_STATUS[554],
    "smtp_connection_lost": _l("It is tried again by itself. If it goes on, please ask whoever runs the mail server."),
    "smtp_login_failed": _l("Please check user, password and encryption in SMTP_URL."),
    "smtp_unreachable": _l("Please check host and port in SMTP_URL, and whether the server can be reached from here."),
    "smtp_without_tls": _l("Please set starttls=1 in SMTP_URL, or use smtps://."),
    "unsafe_header": _l("Please correct the address in the record, and send again."),
    "unreadable_address": _l("SMTP_URL cannot be read. Please correct it and start Kontor again."),
    "waiting_for_paper": _l("As soon as the paper is drawn, the mail goes out by itself."),
    "attachment_gone": _l("Please write the message anew, with another document or without one."),
    "cannot_be_written": _l("Please look whether the text of this mail was changed lately, then send again."),
}  # fmt: skip


def advice(error: str) -> Any:
    """What to do next; empty where nothing is wrong."""
    if not error:
        return ""
    code = error.partition(": ")[0].partition(" (")[0]
    status = _STATUS.search(error)
    if status and code != "sender_refused" and int(status[1]) in _BY_STATUS:
        return _BY_STATUS[int(status[1])]
    return _BY_CODE.get(code, _l("Please send it again; if it fails once more, the log of the house tells more."))
