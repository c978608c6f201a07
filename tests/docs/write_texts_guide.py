"""Writes the lists of placeholders in docs/guides/texts.md from the code: `python -m tests.docs.write_texts_guide`."""

from __future__ import annotations

from flask import Flask
from flask_babel import force_locale

from admin import text_words
from app import create_app
from config import ROOT, Settings
from services.text_catalogue import CATALOGUE, TextKind

PAGE = ROOT / "docs" / "guides" / "texts.md"
HEADING = "## Welcher Text welche Platzhalter hat\n\n"


def lists(app: Flask) -> str:
    """The last chapter of the page: a table of all placeholders, and which text offers which."""
    with app.test_request_context(), force_locale("de"):
        every = {name: placeholder for text in CATALOGUE.values() for name, placeholder in text.placeholders.items()}
        meanings = [f"| `{name}` | {text_words.PLACEHOLDERS[name]} |" for name in sorted(every)]
        texts = [_line(text) for text in CATALOGUE.values()]
    head = ["| Text | Platzhalter |", "|---|---|"]
    return "\n".join([*head, *texts, "", "| Platzhalter | Bedeutung |", "|---|---|", *meanings, ""])


def _line(text: TextKind) -> str:
    kind = "E-Mail" if text.kind == "mail" else "Beleg"
    names = ", ".join(f"`{name}`" for name in text.placeholders)
    return f"| {kind}: {text_words.label(text.kind, text.name)} | {names} |"


def main() -> None:
    app = create_app(Settings.from_environment({"SECRET_KEY": "docs"}))
    head = PAGE.read_text().partition(HEADING)[0]
    PAGE.write_text(head + HEADING + lists(app))


if __name__ == "__main__":
    main()
