"""The guides as pages: the little Markdown in which docs/guides is written, as HTML. What is no markup is text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from markupsafe import Markup, escape

from config import ROOT

FOLDER = ROOT / "docs" / "guides"
# Those for the team, in the order of its work; the others are for who runs the house.
GUIDES = (
    "customer-record", "lists", "contracts", "discounts-usage-credit", "billing-run", "invoices", "payments",
    "rueckzahlungen", "zahlungsarten", "kontoauszuege", "lastschrift", "mahnwesen", "payment-providers", "vat",
    "e-invoice", "letter",
    "texts", "customers-change-their-data", "settings", "staff", "test-clock",
)  # fmt: skip
Linked = Callable[[str], str]  # a link as it is written -> an address, or "" where it leads to no page of the house

_INLINE = re.compile(r"`([^`]+)`|\*\*(.+?)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\(([^)\s]+)\)")
_KINDS = (
    ("fence", re.compile(r"```")), ("heading", re.compile(r"#{1,4} ")), ("table", re.compile(r"\|")),
    ("item", re.compile(r"- ")), ("step", re.compile(r"\d+\. ")), ("more", re.compile(r"\s+\S")),
)  # fmt: skip


@lru_cache(maxsize=len(GUIDES))
def text_of(name: str) -> str:
    return Path(FOLDER / f"{name}.md").read_text(encoding="utf-8")


def title_of(name: str) -> str:
    return text_of(name).partition("\n")[0].removeprefix("# ")


def as_html(text: str, linked: Linked) -> Markup:
    """Headings with anchors, paragraphs, lists, tables and code; without the title, which the page draws."""
    blocks = (_block(kind, lines, linked) for kind, lines in _blocks(text.splitlines()[1:]))
    return Markup("\n".join(blocks))


def anchor_of(heading: str) -> str:
    """As the pages where Markdown is read make them: small letters, hyphens for blanks."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def _blocks(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """(kind, lines) of what stands together; an item's further lines are joined to it."""
    for is_empty, group in groupby(lines, key=lambda line: not line.strip()):
        found: list[tuple[str, str]] = []
        for line in [] if is_empty else group:
            kind = next((name for name, begins in _KINDS if begins.match(line)), "text")
            if kind == "more" and found and found[-1][0] in ("item", "step"):
                found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
            else:
                found.append(("text" if kind == "more" else kind, line.strip()))
        for kind, together in groupby(found, key=lambda pair: pair[0]):
            yield kind, [line for _, line in together]


def _block(kind: str, lines: list[str], linked: Linked) -> str:
    if kind == "heading":
        return "".join(_heading(line, linked) for line in lines)
    if kind == "table":
        return _table(lines, linked)
    if kind in ("item", "step"):
        rows = "".join(f"<li>{_inline(line.partition(' ')[2], linked)}</li>" for line in lines)
        return f"<{'ul' if kind == 'item' else 'ol'}>{rows}</{'ul' if kind == 'item' else 'ol'}>"
    return "" if kind == "fence" else f"<p>{_inline(' '.join(lines), linked)}</p>"


def _heading(line: str, linked: Linked) -> str:
    marks, _, text = line.partition(" ")
    level = min(len(marks), 3)
    return f'<h{level} id="{escape(anchor_of(text))}">{_inline(text, linked)}</h{level}>'


def _table(lines: list[str], linked: Linked) -> str:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines if not re.fullmatch(r"[|\-: ]+", line)
    ]
    head = "".join(f'<th scope="col">{_inline(cell, linked)}</th>' for cell in rows[0])
    body = "".join("<tr>" + "".join(f"<td>{_inline(cell, linked)}</td>" for cell in row) + "</tr>" for row in rows[1:])
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _inline(text: str, linked: Linked) -> str:
    """Everything is escaped but what the marks themselves mean."""
    parts, at = [], 0
    for found in _INLINE.finditer(text):
        parts += [str(escape(text[at : found.start()])), _marked(found, linked)]
        at = found.end()
    return "".join([*parts, str(escape(text[at:]))])


def _marked(found: re.Match[str], linked: Linked) -> str:
    code, strong, stressed, label, target = found.groups()
    if code:
        return f"<code>{escape(code)}</code>"
    if label:
        url = linked(target)
        return f'<a href="{escape(url)}">{_inline(label, linked)}</a>' if url else _inline(label, linked)
    return f"<b>{_inline(strong, linked)}</b>" if strong else f"<i>{_inline(stressed, linked)}</i>"
