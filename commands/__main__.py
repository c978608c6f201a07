"""The root of the command line: finds the command's file and hands over."""

from __future__ import annotations

import gc
import importlib
import pkgutil
from typing import Any

import click

import commands
from commands._failures import expected

# Python's own 700 suit a program without half a million objects of imported code: looking at all of them again and
# again was a seventh of every start.
GARBAGE = (50_000, 20, 50)


class CommandsByFile(click.Group):
    """Each module of this package with a `command` in it is a command; nothing is imported before it is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(module_names())

    def invoke(self, ctx: click.Context) -> Any:
        """Whatever command fails in an expected way ends as one sentence and exit code 1."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            failure = expected(error)
            if failure is None:
                raise
            raise click.ClickException(failure.sentence) from None

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = module_names().get(cmd_name)
        if module is None:
            return None
        gc.set_threshold(*GARBAGE)
        command: click.Command = importlib.import_module(f"commands.{module}").command
        return command


def module_names() -> dict[str, str]:
    """Command name -> module name. Packages and modules beginning with _ are helpers."""
    names = (found.name for found in pkgutil.iter_modules(commands.__path__) if not found.ispkg)
    return {name.rstrip("_").replace("_", "-"): name for name in names if not name.startswith("_")}


@click.command(cls=CommandsByFile, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def main() -> None:
    """Kontor, the back office of a team that lives from subscriptions."""


if __name__ == "__main__":
    main(prog_name="kontor")
