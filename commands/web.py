"""The web server as a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from commands.supervisor.logs import log_to_standard_error

if TYPE_CHECKING:
    from flask import Flask

THREADS = 8
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@click.command()
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on. For others to get in, set BASE_URL too.",
)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
def command(host: str, port: int) -> None:
    """Serve the back office, the hosted pages and the call API (waitress)."""
    from app import create_app

    log_to_standard_error()
    listener = listen(host, port)
    app = create_app()
    hint_at_base_url(host, app.config["KONTOR"].base_url)
    click.echo(f"Serving on {address(listener)}", err=True)
    serve(app, listener)


def serve(app: Flask, listener: socket.socket) -> None:
    """Answer requests until SIGTERM or Ctrl-C; what is being answered may take five more seconds."""
    import waitress

    settings = app.config["KONTOR"]
    signal.signal(signal.SIGTERM, _leave)
    server = waitress.create_server(
        app,
        sockets=[listener],
        threads=THREADS,
        ident="",  # no version to strangers
        max_request_body_size=app.config["MAX_CONTENT_LENGTH"],
        # The app itself decides whose X-Forwarded-* count; with no trusted proxy they are dropped at the door.
        clear_untrusted_proxy_headers=not settings.trusted_proxies,
    )
    server.run()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, or one clear sentence why there is none."""
    try:
        family, kind, protocol, _name, target = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(target)
        listener.listen(1024)
    except OSError as error:
        raise click.ClickException(f"cannot listen on {host} port {port}: {error.strerror}. "
                                   "Is it in use? Choose another with --port.") from None  # fmt: skip
    return listener


def address(listener: socket.socket) -> str:
    """Where a browser on this machine finds the listener."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def hint_at_base_url(host: str, answers_to: str) -> None:
    """Say on standard error that strangers' names are refused, where that would surprise: S18 knows BASE_URL's only."""
    if os.environ.get("BASE_URL") or host in LOOPBACK:
        return
    name = urlsplit(answers_to).hostname
    click.echo(f"Hint: BASE_URL is not set, so only calls to {name} or localhost are answered. For others to get in, "
               "set it to the address that they use, such as BASE_URL=https://kontor.example", err=True)  # fmt: skip


def _leave(_number: int, _frame: object) -> None:
    sys.exit(0)
