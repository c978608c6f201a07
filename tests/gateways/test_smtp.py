"""Mail over a real socket: what the caller must know is whether the server has it (F11, S28)."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.errors import GatewayError, Invalid
from gateways import smtp
from gateways.mail import Attachment, Mail, compose, split_name
from tests.servers import MailServer, mail_server

MAIL = Mail(
    sender="post@radwerk.example",
    sender_name="Müller & Söhne, GmbH",
    recipients=("kundin@example.com",),
    subject="Rechnung RE-2026-00001 – Größe & Maß",
    text="Guten Tag,\n\n.ein Punkt am Anfang\n.\nund Grüße\n",
    html="<p>Grüße</p>",
    sent_at=datetime(2026, 11, 21, 8, 30, tzinfo=UTC),
    message_id="<1.abc@radwerk.example>",
    reply_to="service@radwerk.example",
    attachments=(Attachment("RE-2026-00001.pdf", "application/pdf", bytes(range(256)) * 20),),
)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


def send(server: MailServer, mail: Mail = MAIL, url: str = "") -> tuple[str, ...]:
    with smtp.connect(smtp.read_url(url or server.url)) as line:
        return line.send(mail)


def refused(server: MailServer, mail: Mail = MAIL, url: str = "") -> GatewayError:
    with pytest.raises(GatewayError) as failure:
        send(server, mail, url)
    return failure.value


def test_a_mail_arrives_as_it_was_written(server: MailServer) -> None:
    assert send(server) == ()
    (arrived,) = server.accepted
    assert arrived["From"] == '"Müller & Söhne, GmbH" <post@radwerk.example>'
    assert arrived["To"] == "kundin@example.com"
    assert arrived["Reply-To"] == "service@radwerk.example"
    assert arrived["Subject"] == MAIL.subject
    assert arrived["Message-ID"] == MAIL.message_id
    assert arrived["Date"] == "Sat, 21 Nov 2026 08:30:00 +0000"
    text, html = arrived.get_body(("plain",)), arrived.get_body(("html",))
    assert text is not None and text.get_content().replace("\r\n", "\n") == MAIL.text
    assert html is not None and html.get_content().strip() == MAIL.html
    (paper,) = arrived.iter_attachments()
    assert (paper.get_filename(), paper.get_content()) == ("RE-2026-00001.pdf", MAIL.attachments[0].content)


def test_several_mails_share_one_line(server: MailServer) -> None:
    with smtp.connect(smtp.read_url(server.url)) as line:
        for n in range(3):
            line.send(replace(MAIL, message_id=f"<{n}@radwerk.example>"))
    assert [mail["Message-ID"] for mail in server.accepted] == [f"<{n}@radwerk.example>" for n in range(3)]


def test_copies_get_the_mail_and_a_refused_copy_does_not_stop_it(server: MailServer) -> None:
    server.answer_to_recipient["weg@example.com"] = "550 unknown"
    mail = replace(MAIL, recipients=("a@example.com", "b@example.com"), copies=("weg@example.com", "c@example.com"))
    assert send(server, mail) == ("weg@example.com",)
    assert server.envelopes == [("post@radwerk.example", ["a@example.com", "b@example.com", "c@example.com"])]


def test_an_umlaut_domain_travels_in_its_ascii_form(server: MailServer) -> None:
    send(server, replace(MAIL, recipients=("info@bücher.example",)))
    assert server.envelopes[0][1] == ["info@xn--bcher-kva.example"]


@pytest.mark.feature("F11")
@pytest.mark.parametrize(
    ("setting", "answer", "permanent", "code"),
    [
        ("answer_to_sender", "550 not you", True, "sender_refused"),
        ("answer_to_sender", "451 later", False, "sender_refused"),
        ("answer_to_text", "554 spam", True, "mail_refused"),
        ("answer_to_text", "452 disk full", False, "mail_refused"),
    ],
)
def test_a_refusal_is_for_good_or_for_now(
    server: MailServer, setting: str, answer: str, permanent: bool, code: str
) -> None:
    setattr(server, setting, answer)
    error = refused(server)
    assert (error.permanent, error.code, error.facts["status"]) == (permanent, code, int(answer[:3]))
    assert server.accepted == []


@pytest.mark.feature("F11")
@pytest.mark.parametrize(
    ("answers", "permanent"),
    [
        ({"a@example.com": "550 unknown", "b@example.com": "550 unknown"}, True),
        ({"a@example.com": "450 greylisted", "b@example.com": "450 greylisted"}, False),
        ({"a@example.com": "550 unknown", "b@example.com": "450 greylisted"}, False),
    ],
)
def test_a_mail_that_no_recipient_takes_waits_as_long_as_one_of_them_may(
    server: MailServer, answers: dict[str, str], permanent: bool
) -> None:
    server.answer_to_recipient.update(answers)
    error = refused(server, replace(MAIL, recipients=("a@example.com", "b@example.com"), copies=("c@example.com",)))
    assert (error.code, error.permanent) == ("recipient_refused", permanent)
    assert server.accepted == []


@pytest.mark.feature("F11")
def test_silence_after_the_text_is_unknown_neither_sent_nor_failed(server: MailServer) -> None:
    server.silent = True
    error = refused(server)
    assert (error.code, error.permanent) == (smtp.UNKNOWN, False)
    assert len(server.accepted) == 1, "this server had accepted it"


@pytest.mark.feature("F11")
def test_a_server_that_hangs_after_the_text_is_unknown_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "SECONDS", 0.5)
    with _script([b"250 ok", b"250 ok", b"250 ok", b"354 go"]) as url, pytest.raises(GatewayError) as failure:
        send(MailServer(), url=url)
    assert failure.value.code == smtp.UNKNOWN


@pytest.mark.feature("F11")
@pytest.mark.parametrize("answers", [[], [b"250 ok"], [b"250 ok", b"250 ok"], [b"250 ok", b"250 ok", b"250 ok"]])
def test_a_line_that_breaks_before_the_text_is_certain(answers: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "SECONDS", 0.5)
    with _script(answers) as url, pytest.raises(GatewayError) as failure:
        send(MailServer(), url=url)
    assert failure.value.code in ("smtp_connection_lost", "smtp_login_failed")
    assert not failure.value.permanent


@pytest.mark.feature("F11")
def test_no_server_at_all_is_temporary() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error = refused(MailServer(), url=f"smtp://127.0.0.1:{port}")
    assert (error.code, error.permanent) == ("smtp_unreachable", False)


def test_user_and_password_are_used(server: MailServer) -> None:
    send(server, url=f"smtp://post%40radwerk:right@127.0.0.1:{server.port}")
    assert server.logins == [("post@radwerk", "right")]


def test_a_wrong_password_waits_until_somebody_mends_it(server: MailServer) -> None:
    error = refused(server, url=f"smtp://u:wrong@127.0.0.1:{server.port}")
    assert (error.code, error.permanent) == ("smtp_login_failed", False)
    assert "wrong" not in str(error) + error.message


def test_a_password_never_travels_in_clear_to_another_machine() -> None:
    with pytest.raises(GatewayError) as failure, smtp.connect(smtp.read_url("smtp://u:p@mail.example:25")):
        pass
    assert failure.value.code == "smtp_without_tls"


def test_demanded_encryption_is_never_given_up(server: MailServer) -> None:
    error = refused(server, url=f"smtp://127.0.0.1:{server.port}?starttls=1")
    assert not error.permanent and server.attempts == 0


@pytest.mark.feature("S28")
@pytest.mark.parametrize(
    "mail",
    [
        replace(MAIL, recipients=("a@example.com\r\nBcc: b@example.com",)),
        replace(MAIL, recipients=("a@example.com, b@example.com",)),
        replace(MAIL, recipients=("a@example.com b@example.com",)),
        replace(MAIL, recipients=("A <a@example.com>",)),
        replace(MAIL, recipients=("a@example.com>\r\nRCPT TO:<b@example.com",)),
        replace(MAIL, recipients=("nobody",)),
        replace(MAIL, copies=("c@example.com\nX: y",)),
        replace(MAIL, reply_to="r@example.com\r\nBcc: b@example.com"),
        replace(MAIL, sender="s@example.com\r\nBcc: b@example.com"),
        replace(MAIL, sender_name="Radwerk\r\nBcc: b@example.com"),
        replace(MAIL, subject="Rechnung\r\nBcc: b@example.com"),
        replace(MAIL, subject="Rechnung\nBcc: b@example.com"),
        replace(MAIL, subject="Rechnung\u2028Bcc: b@example.com"),
        replace(MAIL, message_id="<a@b>\r\nBcc: b@example.com"),
        replace(MAIL, attachments=(Attachment('x"\r\nX: y', "application/pdf", b"x"),)),
    ],
)
def test_nothing_can_add_a_header_or_a_recipient(server: MailServer, mail: Mail) -> None:
    error = refused(server, mail)
    assert (error.code, error.permanent) == ("unsafe_header", True)
    assert server.attempts == 0, "nothing was said to the server"


@pytest.mark.feature("S28")
@given(st.text(max_size=80), st.text(max_size=40))
def test_whatever_stands_in_subject_and_name_the_recipients_stay(subject: str, name: str) -> None:
    try:
        message = compose(replace(MAIL, subject=subject, sender_name=name, attachments=(), html=""))
    except GatewayError as error:
        assert error.code == "unsafe_header"
        return
    head = message.as_bytes().partition(b"\r\n\r\n")[0].lower()
    assert head.count(b"\r\nto:") == 1 and b"\r\nbcc:" not in head and b"\r\ncc:" not in head
    assert b"\n" not in head.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", smtp.Server("mail.example", 25, "", "", "none")),
        ("smtp://mail.example?starttls=1", smtp.Server("mail.example", 587, "", "", "starttls")),
        ("smtps://u:p%2Fw@mail.example", smtp.Server("mail.example", 465, "u", "p/w", "full")),
        ("smtp://h:26?starttls=0", smtp.Server("h", 26, "", "", "none")),
        (
            "smtp://u%40x:p@h:587?starttls=1&from=Radwerk%20GmbH%20%3Ca@b.example%3E",
            smtp.Server("h", 587, "u@x", "p", "starttls", "Radwerk GmbH", "a@b.example"),
        ),
        ("smtp://h?from=a@b.example", smtp.Server("h", 25, "", "", "none", "", "a@b.example")),
    ],
)
def test_the_address_of_a_server_is_read(url: str, server: smtp.Server) -> None:
    assert smtp.read_url(url) == server


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://", "smtp://h:port", ""])
def test_an_unreadable_address_is_refused_without_telling_its_password(url: str) -> None:
    with pytest.raises(Invalid) as failure:
        smtp.read_url(url)
    assert failure.value.field == "SMTP_URL"


def test_a_name_before_an_address_is_split_off() -> None:
    assert split_name('"Radwerk, GmbH" <a@b.example>') == ("Radwerk, GmbH", "a@b.example")
    assert split_name("a@b.example") == ("", "a@b.example")


@contextmanager
def _script(answers: list[bytes]) -> Iterator[str]:
    """A server that greets, gives these answers to its first commands, and then says nothing for ever."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def talk() -> None:
        line, _ = listener.accept()
        with line, line.makefile("rb") as reader:
            line.sendall(b"220 ready\r\n")
            for answer in answers:
                reader.readline()
                line.sendall(answer + b"\r\n")
            ended.wait(10)

    thread = threading.Thread(target=talk)
    thread.start()
    try:
        yield f"smtp://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        ended.set()
        thread.join()
        listener.close()
