"""Which screens there are: every kind of address that a person reaches by links, and those that no link leads to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import parse_qs, urljoin, urlsplit

from playwright.sync_api import Page

# No link leads here, but people meet them: before the log-in, after a typing error, in an empty search.
SIGNED_OUT = ("/admin/login", "/admin/forgot", "/admin/nowhere/at/all")
BESIDE = ("/admin/nowhere/at/all", "/admin/customers/?search=zzzz-nobody", "/admin/invoices/?search=zzzz-nobody")
FILES = re.compile(r"/(export|file|pdf|download|image)s?(/|$)")
MOST = 200  # kinds of addresses; a house has far fewer


def kind_of(address: str) -> str:
    """Two addresses are one screen when path and names of parameters agree; ids and hashes in the path do not count."""
    parts = urlsplit(address)
    path = re.sub(r"/[0-9a-f]{32}|/[\w-]{40,64}", "/*", parts.path)
    names = sorted(name for name in parse_qs(parts.query) if name in ("id", "code", "kind", "name", "tab", "customer"))
    return f"{path}?{'&'.join(names)}" if names else path


def screens(page: Page, start: str, only: str = "", beside: Iterable[str] = BESIDE) -> dict[str, str]:
    """Kind -> first address of it, in the order met, walking from the start page; `only` is part of each address."""
    found: dict[str, str] = {}
    waiting = [start]
    while waiting and len(found) < MOST:
        address = waiting.pop(0)
        if kind_of(address) in found or FILES.search(urlsplit(address).path):
            continue
        answer = page.goto(address)
        if answer is None or not (answer.headers.get("content-type") or "").startswith("text/html"):
            continue
        found[kind_of(address)] = address
        waiting += [link for link in links(page, start) if only in link]
    found |= {path: urljoin(start, path) for path in beside}
    return {kind: address for kind, address in found.items() if only in address}


def links(page: Page, start: str) -> list[str]:
    """Addresses of this house that the page links to."""
    hrefs = page.eval_on_selector_all("a[href]:not([download])", "all => all.map(a => a.href)")
    home = urlsplit(start).netloc
    return [href.partition("#")[0] for href in hrefs if urlsplit(href).netloc == home and "/static/" not in href]


def slug(kind: str) -> str:
    """A file's name for a kind of address."""
    return re.sub(r"[^\w]+", "-", kind.replace("/admin", "", 1)).strip("-") or "overview"
