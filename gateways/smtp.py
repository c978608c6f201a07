"""Mail by SMTP (RFC 5321).

What a caller must know is whether the server has the mail. Up to DATA every failure is certain: it has not. Once the
text is on its way, silence means *unknown*: the server may have accepted it (F11), so nobody may send it again unasked.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from billing.errors import GatewayError, Invalid
from gateways.mail import Mail, bare, compose, split_name

SECONDS: Final = 30  # a silent server is given up
UNKNOWN: Final = "outcome_unknown"  # the code of the one failure after which the mail may have gone out
_TAKEN: Final = (250, 251)
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Server:
    """SMTP_URL, read. `tls` is none, starttls or full; `sender_name`, `sender` are those of `from=`, or empty."""

    host: str
    port: int
    user: str
    password: str
    tls: str
    sender_name: str = ""
    sender: str = ""


def read_url(url: str) -> Server:
    """`smtp://user:password@host:587?starttls=1&from=Name%20<a@b>` or `smtps://`. Raises Invalid("SMTP_URL")."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Invalid("SMTP_URL", "unreadable_address") from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise Invalid("SMTP_URL", "unreadable_address")
    query = parse_qs(parts.query)
    starttls = query.get("starttls", ["0"])[-1] in ("1", "true", "yes")
    tls = "full" if parts.scheme == "smtps" else "starttls" if starttls else "none"
    port = port or {"full": 465, "starttls": 587, "none": 25}[tls]
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Server(parts.hostname, port, user, password, tls, *split_name(query.get("from", [""])[-1]))


class Line:
    """An open connection that has been greeted, secured and logged in."""

    def __init__(self, smtp: smtplib.SMTP) -> None:
        self._smtp = smtp

    def send(self, mail: Mail) -> tuple[str, ...]:
        """Hand one mail over; gives the addresses that the server refused while it took others.

        Raises GatewayError: `permanent` for a 5xx answer and for a mail that cannot be put into headers, else
        temporary; code `outcome_unknown` when the server fell silent after the text was on its way.
        """
        message = compose(mail).as_bytes()
        refused = self._envelope(mail)
        self._text(message)
        return refused

    def _envelope(self, mail: Mail) -> tuple[str, ...]:
        with _told("smtp_connection_lost"):
            _expect(self._smtp.mail(bare(mail.sender)), "sender_refused")
            answers = {address: self._smtp.rcpt(bare(address)) for address in (*mail.recipients, *mail.copies)}
        refused = tuple(address for address, answer in answers.items() if answer[0] not in _TAKEN)
        if set(mail.recipients) <= set(refused):
            _expect(min(answers[address] for address in mail.recipients), "recipient_refused")
        return refused

    def _text(self, message: bytes) -> None:
        with _told("smtp_connection_lost"):
            _expect(self._smtp.docmd("DATA"), "mail_refused", ready=(354,))
        try:
            self._smtp.send(_dotted(message))
            answer = self._smtp.getreply()
        except (OSError, smtplib.SMTPException) as silence:
            raise GatewayError(type(silence).__name__, permanent=False, code=UNKNOWN) from None
        _expect(answer, "mail_refused")


@contextmanager
def connect(server: Server) -> Iterator[Line]:
    """A line to the server, closed at the end. Raises GatewayError, always temporary: nothing has been sent."""
    with _told("smtp_unreachable"):
        smtp = _opened(server)
    try:
        with _told("smtp_login_failed"):
            _secure_and_log_in(smtp, server)
        yield Line(smtp)
    except BaseException:
        smtp.close()  # without a farewell: a silent server would be waited for once more
        raise
    with contextlib.suppress(OSError, smtplib.SMTPException):
        smtp.quit()


def _opened(server: Server) -> smtplib.SMTP:
    if server.user and server.tls == "none" and server.host not in _LOOPBACK:
        raise GatewayError("a password is never sent in clear", permanent=False, code="smtp_without_tls")
    name = socket.gethostname()  # smtplib's own choice asks the name server, which may take its time
    if server.tls == "full":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(server.host, server.port, name, timeout=SECONDS, context=context)
    return smtplib.SMTP(server.host, server.port, name, timeout=SECONDS)


def _secure_and_log_in(smtp: smtplib.SMTP, server: Server) -> None:
    smtp.ehlo_or_helo_if_needed()
    if server.tls == "starttls":
        smtp.starttls(context=ssl.create_default_context())
        smtp.ehlo()
    if server.user:
        smtp.login(server.user, server.password)


@contextmanager
def _told(code: str) -> Iterator[None]:
    """Failures before the text went out: certain and temporary. The server's words are not kept: they quote people."""
    try:
        yield
    except (OSError, smtplib.SMTPException) as failure:
        raise GatewayError(type(failure).__name__, permanent=False, code=code) from None


def _expect(answer: tuple[int, bytes], code: str, ready: tuple[int, ...] = _TAKEN) -> None:
    """5xx is for good, 4xx for now (greylisting, a full disk), anything else out of step."""
    status = answer[0]
    if status not in ready:
        raise GatewayError(f"SMTP {status}", permanent=500 <= status <= 599, code=code, status=status)


def _dotted(message: bytes) -> bytes:
    """Lines that begin with a dot get another one, and a lone dot ends the text (RFC 5321 4.5.2)."""
    body = re.sub(rb"(?m)^\.", b"..", message)
    return body + (b"" if body.endswith(b"\r\n") else b"\r\n") + b".\r\n"
