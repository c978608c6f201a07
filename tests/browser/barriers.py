"""What axe-core finds on a page that has arrived: without its style sheets every contrast would be another one."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def violations(page: Page, options: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    page.wait_for_load_state()
    result: list[dict[str, Any]] = Axe().run(page, options=options).response["violations"]
    return result
