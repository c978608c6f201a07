"""What several tests of services stand on: a mail server, a clock that stands, one open invoice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask

from models import Receivable
from services import billing_run, clock
from services.actor import SYSTEM
from services.load import seed_load
from tests.servers import MailServer, mail_server
from tests.services.owing import reread


@pytest.fixture
def server(app: Flask) -> Iterator[MailServer]:
    """A mail server, set as SMTP_URL."""
    with mail_server() as running:
        app.config["KONTOR"] = replace(app.config["KONTOR"], smtp_url=running.url)
        yield running


@pytest.fixture
def standing() -> Iterator[None]:
    """Time passes only where a test says so."""
    with clock.stand_at(clock.instant()):
        yield


@pytest.fixture
def owed(context: Flask) -> Receivable:
    """One invoice of 1 November 2026, wholly open."""
    day = date(2026, 11, 1)
    seed_load(SYSTEM, 1, day)
    billing_run.bill(day, SYSTEM)
    return reread()
