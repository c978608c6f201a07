"""One look at a house: a width, a theme, a language; every screen, its dialogs, and a form that was sent empty."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error, Page

from commands.shooting.demo import Access
from commands.shooting.walk import SIGNED_OUT, screens, slug

HEIGHTS = {1400: 900, 390: 844}


@dataclass(frozen=True)
class Look:
    """How a screen is looked at."""

    width: int
    theme: str
    language: str

    @property
    def name(self) -> str:
        return f"{self.width}-{self.theme}-{self.language}"

    def context(self) -> dict[str, Any]:
        locale = {"de": "de-DE", "en": "en-GB"}[self.language]
        size = {"width": self.width, "height": HEIGHTS.get(self.width, 900)}
        return {"viewport": size, "color_scheme": self.theme, "locale": locale}


def shoot(browser: Browser, access: Access, look: Look, folder: Path, only: str) -> list[Path]:
    """Take the pictures of one look; gives their files."""
    context = browser.new_context(**look.context())
    context.set_default_timeout(15_000)
    page = context.new_page()
    taken = [] if only else [_take(page, access.url + path, look, folder, "out" + path) for path in SIGNED_OUT]
    log_in(page, access, look)
    for kind, address in screens(page, access.url + "/admin/", only).items():
        taken.append(_take(page, address, look, folder, kind))
        taken += _dialogs(page, look, folder, kind)
        taken += _refused(page, look, folder, kind)
    context.close()
    return taken


def log_in(page: Page, access: Access, look: Look) -> None:
    """In by the front door, then the person's language."""
    page.goto(access.url + "/admin/login")
    page.fill("[name=email]", access.email)
    page.fill("[name=password]", access.password)
    page.click("form [type=submit]")
    page.wait_for_url("**/admin/")
    button = page.locator(f"[name=language_code][value={look.language}]")
    if page.get_attribute("html", "lang") != look.language:
        button.evaluate("button => button.form.requestSubmit(button)")
        page.wait_for_function("want => document.documentElement.lang === want", arg=look.language)


def _take(page: Page, address: str, look: Look, folder: Path, kind: str, whole: bool = True) -> Path:
    page.goto(address)
    return _picture(page, folder / f"{slug(kind)}--{look.name}.png", whole)


def _picture(page: Page, file: Path, whole: bool = True) -> Path:
    page.evaluate("document.fonts.ready")
    page.screenshot(path=file, full_page=whole)
    return file


def _dialogs(page: Page, look: Look, folder: Path, kind: str) -> list[Path]:
    """The first question that the screen asks."""
    link = page.locator("main a[data-dialog]:visible").first
    if not link.count():
        return []
    link.click()
    try:
        page.wait_for_selector("dialog[open]", timeout=5_000)
    except Error:
        return []
    file = _picture(page, folder / f"{slug(kind)}-dialog--{look.name}.png", whole=False)
    page.keyboard.press("Escape")
    return [file]


def _refused(page: Page, look: Look, folder: Path, kind: str) -> list[Path]:
    """A new thing's form, sent with nothing in it."""
    if not kind.endswith("/new/"):
        return []
    button = page.locator("main form[method=post] button.primary[type=submit]").first
    if not button.count():
        return []
    button.click()
    page.wait_for_load_state()
    return [_picture(page, folder / f"{slug(kind)}-refused--{look.name}.png")]
