"""A real browser at a real server on loopback, in a furnished house."""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from tests.admin.furniture import PASSWORD, PEOPLE, House
from tests.conftest import fresh_database
from tests.servers import served
from tests.sweeps import FULL, SEED

CHROMIUM = os.environ.get("KONTOR_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


SLOW = bool(os.environ.get("KONTOR_SLOW_LINE")) or (FULL and bool(os.environ.get("KONTOR_TEST_POSTGRES")))
expect.set_options(timeout=30_000)  # a ceiling: its own five seconds are too few for a server that shares two cores


@pytest.fixture(scope="session", autouse=True)
def clicks_wait_for_the_page() -> Iterator[None]:
    """Nobody clicks as fast as a program: before a page's scripts are there, a click means the page without them."""
    at_once = Locator.click

    def click(self: Locator, **options: Any) -> None:
        self.wait_for()
        self.page.wait_for_load_state()
        at_once(self, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Locator, "click", click)
        yield


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests; without one they are skipped, unless a browser is required."""
    if not Path(CHROMIUM).exists() and not os.environ.get("KONTOR_REQUIRE_BROWSER"):
        pytest.skip(f"no browser at {CHROMIUM}")
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield made
        made.close()


@pytest.fixture
def database_url(furnished: tuple[str, House], tmp_path: Path) -> Iterator[str]:
    """The test's own copy of it."""
    with fresh_database(furnished[0], tmp_path) as url:
        yield url


@pytest.fixture
def address(app: Flask, house: House) -> Iterator[str]:
    """Where the application answers."""
    with served(slow_line(app) if SLOW else app) as (host, port):
        yield f"http://{host}:{port}"


def slow_line(app: Flask) -> Callable[..., Iterable[bytes]]:
    """The application on a line where no two answers take equally long: what only works in one order fails."""
    chance = random.Random(SEED)

    def answer(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        time.sleep(chance.choice((0, 0.02, 0.15, 0.5)))
        return app(environ, start)

    return answer


class Guest:
    """A person at the browser. Whatever the browser complains about is kept: a page has to be silent."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context = context
        self.address = address
        self.complaints: list[str] = []
        self.page = self.new_page()

    def new_page(self) -> Page:
        page = self.context.new_page()
        page.on("console", lambda said: self._note(said.type, said.text))
        page.on("pageerror", lambda error: self._note("error", str(error)))
        page.on("dialog", lambda dialog: (self._note("error", f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("requestfailed", lambda request: self._failed(request))
        return page

    def open(self, path: str) -> Page:
        self.page.goto(self.address + path)
        return self.page

    def log_in(self, role: str = "Inhaber") -> None:
        page = self.open("/admin/")
        page.get_by_label("E-Mail-Adresse").fill(PEOPLE[role])
        page.get_by_label("Passwort").fill(PASSWORD)
        page.get_by_role("button", name="Anmelden").click()
        page.wait_for_url("**/admin/")

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(f"{self.page_url()}: {text}")

    def _failed(self, request: Any) -> None:
        if "ERR_ABORTED" not in (request.failure or ""):  # a page that was left, or a download
            self.complaints.append(f"{request.url}: {request.failure}")

    def page_url(self) -> str:
        pages = self.context.pages
        return pages[-1].url if pages else ""


@pytest.fixture
def guest(browser: Browser, address: str) -> Iterator[Guest]:
    """A browser of its own, 1400 wide, German."""
    context = browser.new_context(viewport={"width": 1400, "height": 900}, locale="de-DE", accept_downloads=True)
    context.set_default_timeout(15_000)
    context.set_default_navigation_timeout(45_000)  # a ceiling: the server shares two cores with other tests
    yield Guest(context, address)
    context.close()
