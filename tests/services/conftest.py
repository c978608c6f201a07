"""What several tests of services stand on: a mail server, a clock that stands, one open invoice, a
kept card."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask

from models import Receivable
from services import billing_run, clock
from services.actor import SYSTEM
from services.checks import check_books
from services.load import seed_load
from tests.servers import MailServer, mail_server
from tests.services.charged import Till, open_till
from tests.services.owing import reread
from tests.services.reminding import WITH_LETTERS, after, dun, of_invoice, set_levels


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


@pytest.fixture
def reminded(owed: Receivable) -> Receivable:
    """It with `reminding.FEE` on it: reminded twice, the second time by letter."""
    set_levels(*WITH_LETTERS)
    for days in (7, 14):
        dun(after(days))
    return of_invoice(owed)


@pytest.fixture
def till(context: Flask, standing: None) -> Iterator[Till]:
    """A customer who pays by card, at a provider whom the test holds in its hands; in the end the books hold."""
    yield open_till(context)
    found = check_books()
    assert found.ok, found.findings
