"""The whole house in one process group: web, workers, timetable and the embedded Valkey."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from commands import tick, web, worker
from commands._founding import Founding
from commands._waiting import Waiting
from commands.supervisor.child import Child
from commands.supervisor.house import House
from commands.supervisor.lock import AlreadyRunning, InstanceLock
from commands.supervisor.logs import Logs
from commands.supervisor.private import write_private

if TYPE_CHECKING:
    from flask import Flask

    from commands.supervisor.valkey import EmbeddedValkey

NOBODY_YET = "after ./kontor user add EMAIL --role Inhaber (nobody can yet)"


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; the default stays inside. For others to get in, set BASE_URL too.",
)
@click.option("--empty", is_flag=True, help="No demo company at the first start.")
@click.option("--live", is_flag=True, help="Make this data folder a live installation, for ever; implies --empty.")
def command(port: int, host: str, empty: bool, live: bool) -> None:
    """Start everything: web, workers, timetable, queue. Ctrl-C ends all of it.

    The first start makes the database and a demo company. Logs lie in the data folder (KONTOR_DATA, default ./var).
    """
    os.umask(0o077)  # database, files and logs are their owner's alone
    _Start(host, port, demo=not (empty or live), live=live).run()


class _Start:
    """One start, step by step."""

    def __init__(self, host: str, port: int, demo: bool, live: bool) -> None:
        self.host, self.port, self.demo, self.live = host, port, demo, live
        self.address = ""
        self.founder: Child | None = None
        self.log_in = "with your e-mail address and password (a new one: ./kontor user password EMAIL)"

    def run(self) -> None:
        data_dir = self._take_data_dir()
        self.logs = Logs(data_dir)
        self.waiting = Waiting(self.logs.folder, time.monotonic())
        self.house = House(self.logs, is_ready=self._is_ready, announce=self._announce)
        valkey = self._start_valkey(data_dir)
        try:
            self._add_children(self._prepare_app())
            self.house.run()
        finally:
            self.house.end()
            if valkey:
                valkey.clean_up()

    def _take_data_dir(self) -> Path:
        """Lock the data folder, take the port, and write down where this installation answers."""
        from config import Settings

        data_dir = Settings.from_environment().data_dir
        lock = InstanceLock(data_dir)
        try:
            lock.take(lambda: click.echo("Waiting for the last processes of a killed start to end ...", err=True))
        except AlreadyRunning as other:
            raise click.ClickException(f"Kontor is {other}") from None
        self.listener = web.listen(self.host, self.port)
        self.address = web.address(self.listener)
        lock.tell(self.address)
        web.hint_at_base_url(self.host, self.address)
        # Links in mails and on papers carry this address, also those that another command makes.
        os.environ.setdefault("BASE_URL", self.address)
        write_private(data_dir / "base_url", os.environ["BASE_URL"])
        return data_dir

    def _start_valkey(self, data_dir: Path) -> EmbeddedValkey | None:
        """The queue's server first: it is there before the house has been imported."""
        from commands.supervisor.valkey import EmbeddedValkey

        if os.environ.get("REDIS_URL"):
            return None
        valkey = EmbeddedValkey(data_dir)
        valkey.prepare()
        child = Child("valkey", valkey.run, self.logs.open)
        child.start()
        self.house.ground.append(child)
        return valkey

    def _prepare_app(self) -> Flask:
        """Import the house and bring its database up to date; no connection is left open for the forks to share."""
        from app import create_app
        from commands.upgrade import bring_up_to_date
        from extensions import db

        app = create_app()
        bring_up_to_date(app)
        with app.app_context():
            self._look_at_the_company()
            db.session.remove()
            db.engine.dispose()
        return app

    def _look_at_the_company(self) -> None:
        """A first start founds it: the demo later, beside the running web server; an empty or a live one at once."""
        from sqlalchemy import select

        from extensions import db
        from models import Staff
        from services import company
        from services.actor import SYSTEM

        if company.exists():
            self.demo = False
            if self.live and company.get_company().mode != "live":
                raise click.ClickException("this data folder is a sandbox for ever; --live needs a new KONTOR_DATA")
        elif not self.demo:
            company.found_company(SYSTEM, mode="live" if self.live else "sandbox")
        if not self.demo and db.session.scalar(select(Staff.id).limit(1)) is None:
            self.log_in = NOBODY_YET

    def _add_children(self, app: Flask) -> None:
        processes: dict[str, Callable[[], object]] = {
            "web": lambda: web.serve(app, self.listener),
            "worker-money": self._inside(lambda: worker.work(app, ["now", "money"])),
            "worker-paper": self._inside(lambda: worker.work(app, ["paper"])),
            "tick": self._inside(lambda: tick.tick_on(app)),
        }
        self.house.children += [Child(name, run, self.logs.open) for name, run in processes.items()]
        if self.demo:
            self.founding = Founding(app)
            self.founder = Child("demo", self._inside(self.founding.run), self.logs.open, once=True)
            self.founder.start()
            self.house.children.append(self.founder)

    def _inside(self, run: Callable[[], object]) -> Callable[[], object]:
        """Only web answers: the other children let go of the listening socket that they inherited."""

        def run_without_listener() -> None:
            self.listener.close()
            run()

        return run_without_listener

    def _is_ready(self) -> bool:
        """Whether the demo company is complete and /healthz says 200; the terminal says what is waited for."""
        is_founding = bool(self.founder and self.founder.pid)
        if said := self.waiting.say(time.monotonic(), is_founding=is_founding):
            click.echo(said, err=True)
        return not is_founding and answers(self.address)

    def _announce(self) -> None:
        """Two lines: where to look, how to log in."""
        if self.founder:
            logins = [f"{email} with {password}" for email, password in self.founding.logins()]
            self.log_in = " or ".join(logins) + " (shown this once)" if logins else NOBODY_YET
        click.echo(f"Kontor answers at {self.address}/admin/")
        click.echo(f"Log in {self.log_in}")
        sys.stdout.flush()


def answers(address: str) -> bool:
    """Whether /healthz there says 200. Asked under BASE_URL's name, since a foreign Host is refused."""
    import http.client

    place = urlsplit(address)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=2)
    try:
        connection.request("GET", "/healthz", headers={"Host": urlsplit(os.environ["BASE_URL"]).netloc})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
