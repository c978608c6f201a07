"""The bar of a run that this process drives, on the terminal's error line: standard output is the result's alone."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


@contextmanager
def bar_of(label: str, *, hidden: bool) -> Iterator[Callable[[int, int], None]]:
    """A function to be told (chunks done, chunks). Nothing is shown where nobody watches."""
    terminal = sys.stderr
    with click.progressbar(length=1, label=label, file=terminal, hidden=hidden or not terminal.isatty()) as bar:

        def show(done: int, chunks: int) -> None:
            bar.length = chunks
            bar.update(done - bar.pos)

        yield show
