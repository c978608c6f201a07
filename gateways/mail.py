"""A mail as plain data, and as MIME (RFC 5322)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from billing.errors import GatewayError

_POLICY: Final = SMTP.clone(cte_type="7bit")
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0a-\x1f\x7f\u0085\u2028\u2029]")
_NAMED: Final = re.compile(r"\s*(.*?)\s*<([^<>]*)>\s*")


@dataclass(frozen=True, slots=True)
class Attachment:
    filename: str
    media_type: str  # application/pdf
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to at least one recipient. Addresses are bare (`post@radwerk.example`); `html` may be empty."""

    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    sent_at: datetime
    message_id: str  # <unique@domain>
    sender_name: str = ""
    copies: tuple[str, ...] = ()
    reply_to: str = ""
    html: str = ""
    attachments: tuple[Attachment, ...] = ()


def compose(mail: Mail) -> EmailMessage:
    """The mail as MIME. Raises GatewayError(code="unsafe_header") for anything that could add a header (S28)."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = _address(mail.sender, mail.sender_name)
    message["To"] = [_address(recipient) for recipient in mail.recipients]
    if mail.copies:
        message["Cc"] = [_address(copy) for copy in mail.copies]
    if mail.reply_to:
        message["Reply-To"] = _address(mail.reply_to)
    message["Subject"] = _one_line(mail.subject)
    message["Date"] = format_datetime(mail.sent_at)
    message["Message-ID"] = _one_line(mail.message_id)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence note needs to answer
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    for attachment in mail.attachments:
        _attach(message, attachment)
    return message


def bare(address: str) -> str:
    """The address as the envelope takes it: ASCII, an umlaut domain as IDNA. Raises as `compose` does."""
    return _address(address).addr_spec


def split_name(value: str) -> tuple[str, str]:
    """(name, address) of `Radwerk GmbH <post@radwerk.example>`; a bare address has no name."""
    found = _NAMED.fullmatch(value)
    return (found[1].strip('"'), found[2].strip()) if found else ("", value.strip())


def _address(value: str, name: str = "") -> Address:
    """Exactly one address: `a@b, c@d` in a field for one would make a list of recipients."""
    local, _, domain = value.partition("@")
    try:
        if not local or not domain or re.search(r"[\x00-\x20\x7f@<>(),;:\"\\\[\]]", local + domain):
            raise ValueError
        local.encode("ascii")  # a local part beyond ASCII needs SMTPUTF8, which few servers take
        return Address(_one_line(name), local, domain.encode("idna").decode("ascii"))
    except (ValueError, IndexError):
        raise GatewayError("not one address", permanent=True, code="unsafe_header") from None


def _one_line(value: str) -> str:
    if _FORBIDDEN.search(value):
        raise GatewayError("control character in a header", permanent=True, code="unsafe_header")
    return value


def _attach(message: EmailMessage, attachment: Attachment) -> None:
    kind, _, subtype = attachment.media_type.partition("/")
    name = _one_line(attachment.filename)
    message.add_attachment(attachment.content, maintype=kind, subtype=subtype, filename=name)
