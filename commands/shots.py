"""Pictures of every screen, to be looked at."""

from __future__ import annotations

import html
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WIDTHS, THEMES, LANGUAGES = ("1400", "390"), ("light", "dark"), ("de", "en")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--width", "widths", multiple=True, type=click.IntRange(320, 4000), help="Default: 1400 and 390.")
@click.option("--theme", "themes", multiple=True, type=click.Choice(THEMES), help="Default: both.")
@click.option("--language", "languages", multiple=True, type=click.Choice(LANGUAGES), help="Default: both.")
@click.option("--only", default="", help="Only addresses that contain this.")
@click.option("--url", default="", help="A house that runs already, instead of a demo house of its own.")
@click.option("--login", default="", help="EMAIL:PASSWORD for --url.")
def command(
    folder: Path, widths: tuple[int, ...], themes: tuple[str, ...], languages: tuple[str, ...], only: str, url: str,
    login: str,
) -> None:  # fmt: skip
    """Take pictures of every screen into FOLDER: desktop and phone, light and dark, German and English.

    Without --url a demo house is started for it and ended afterwards. Needs Chromium; FOLDER/index.html shows all.
    """
    from commands.shooting.camera import Look, shoot
    from commands.shooting.demo import Access, demo_house

    if url and ":" not in login:
        raise click.UsageError("--url needs --login EMAIL:PASSWORD")
    given = Access(url.rstrip("/"), *login.split(":", 1)) if url else None
    looks = [Look(width, theme, language) for language in languages or LANGUAGES
             for width in widths or (1400, 390) for theme in themes or THEMES]  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    taken: list[Path] = []
    with chromium() as browser, nullcontext(given) if given else demo_house() as access:
        for look in looks:
            taken += shoot(browser, access, look, folder, only)
            click.echo(f"{look.name}: {len(taken)} pictures so far")
    (folder / "index.html").write_text(overview(taken), encoding="utf-8")
    click.echo(f"{len(taken)} pictures; look at {folder / 'index.html'}")


@contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's Chromium."""
    from playwright.sync_api import sync_playwright

    found = os.environ.get("KONTOR_CHROMIUM") or shutil.which("chromium")
    if not found:
        raise click.ClickException("there is no Chromium here; install Debian's package chromium, or name the program "
                                   "in KONTOR_CHROMIUM")  # fmt: skip
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


def overview(taken: list[Path]) -> str:
    """A page with all pictures."""
    cells = "".join(
        f'<a href="{html.escape(file.name)}"><figure><img loading="lazy" src="{html.escape(file.name)}" width="320" '
        f'alt=""><figcaption>{html.escape(file.stem)}</figcaption></figure></a>\n'
        for file in sorted(set(taken))
    )
    return f'<!doctype html><meta charset="utf-8"><title>Kontor</title>\n{cells}'
