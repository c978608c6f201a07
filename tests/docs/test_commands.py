"""Every command that a page names exists, with its options; and every command is named."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from commands.__main__ import main, module_names
from tests.docs.pages import PAGES, blocks, name_of, spans

CALL = re.compile(r"\./kontor((?:[ \t]+[^\s#|&;)`>]+)*)")
WORD = re.compile(r"[a-z][a-z-]*")


def test_every_call_that_is_named_can_be_made() -> None:
    wrong = [f"{page}: ./kontor {' '.join(words)}: {why}" for page, words in calls() if (why := objection(words))]
    assert not wrong, wrong


def test_every_command_is_named_somewhere() -> None:
    named = {words[0] for _, words in calls() if words}
    assert named == set(module_names())


def test_a_call_of_something_else_would_be_found() -> None:
    assert objection(["bill", "--on", "2026-12-01", "--json"]) == ""
    assert objection(["blame"]) == "no such command"
    assert objection(["bill", "--loudly"]) == "no option --loudly"
    assert objection(["user", "remove"]) == "no such command"


def calls() -> Iterator[tuple[str, list[str]]]:
    """(page, words) of every call in a block or in backticks."""
    for page in PAGES:
        text = page.read_text()
        for piece in [*blocks(text, "sh"), *(span for span in spans(text) if span.startswith("./kontor"))]:
            for match in CALL.finditer(piece):
                yield name_of(page), match[1].split()


def objection(words: list[str]) -> str:
    """Why this call cannot be made; empty where it can."""
    command: click.Command = main
    with click.Context(main) as context:
        for word in words:
            if isinstance(command, click.Group) and WORD.fullmatch(word):
                found = command.get_command(context, word)
                if found is None:
                    return "no such command"
                command = found
            elif word.startswith("-") and not takes(command, word.partition("=")[0]):
                return f"no option {word}"
    return ""


def takes(command: click.Command, option: str) -> bool:
    if command.name == "test" or command.context_settings.get("ignore_unknown_options"):
        return True
    return any(option in parameter.opts for parameter in command.params) or option == "--help"
