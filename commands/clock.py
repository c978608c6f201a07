"""The test clock of a sandbox: where it stands, and forward."""

from __future__ import annotations

import json
import sys
import time
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from commands._house import command_actor, opened_house

if TYPE_CHECKING:
    from queries.clock import ClockCard
    from services.clock_moves import Move

LOOKS = 1.0  # seconds between two looks at a move that somebody else drives


@click.command()
@click.option("--forward", metavar="SPAN", help='So far: "1 day", "1 month", "14 months".')
@click.option("--to", "day", type=click.DateTime(["%Y-%m-%d"]), help="To that day.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a sentence.")
def command(forward: str | None, day: Any, as_json: bool) -> None:
    """Show the day of this house, or move a sandbox forward, doing on each day what the timetable would have done.

    A way that is under way already is joined and brought to its end. The clock never goes back, and a live house has
    only the real one. Mails of simulated days stay in the outbox.
    """
    if forward and day:
        raise click.UsageError("either --forward or --to")
    with opened_house(as_json):
        from queries.clock import get_clock
        from services.unit import end_reading

        began = time.monotonic()
        if forward or day:
            _move(forward, day.date() if day else None, as_json)
        end_reading()
        result = _figures(get_clock(), time.monotonic() - began)
        click.echo(json.dumps(result) if as_json else _sentence(result))


def _move(forward: str | None, to: date | None, as_json: bool) -> None:
    from billing.periods import Interval
    from services import clock_moves

    target = to or clock_moves.target(Interval.parse(forward or ""))
    clock_moves.start(command_actor(), target)
    _live_through(f"Living until {target}", hidden=as_json or not sys.stderr.isatty())


def _live_through(label: str, *, hidden: bool) -> None:
    """To the end of the way, lived here or by somebody else; afterwards this process knows the day it led to."""
    from jobs.schedule import TIMETABLE
    from services import clock, clock_moves

    # standard output is the result's alone
    with click.progressbar(length=1, label=label, file=sys.stderr, hidden=hidden) as bar:

        def show(move: Move) -> None:
            bar.length = max((move.to_at - move.from_at).days, 1)
            bar.update((move.position_at - move.from_at).days - bar.pos)

        while clock_moves.running() is not None:
            if not clock_moves.work(TIMETABLE, float("inf"), show):
                _wait_for_others()
    clock.arrive()  # looked at before, and moved since, perhaps in another process


def _wait_for_others() -> None:
    """Somebody else is at it; if they die, their lease runs out and it is ours."""
    from services import clock_moves

    if clock_moves.running() is not None:
        time.sleep(LOOKS)


def _figures(card: ClockCard, seconds: float) -> dict[str, Any]:
    last = card.moves[0] if card.moves else None
    return {
        "today": card.today.isoformat(), "real_today": card.real_today.isoformat(), "days_ahead": card.days_ahead,
        "mode": card.mode, "running": card.running is not None, "issued": last.issued if last else 0,
        "failures": last.failures if last else 0, "error": last.error if last else "", "seconds": round(seconds, 3),
    }  # fmt: skip


def _sentence(result: dict[str, Any]) -> str:
    if result["mode"] == "live":
        return f"{result['today']}: a live house, whose clock is the real one."
    if not result["days_ahead"]:
        return f"{result['today']}: the test clock stands at the real day."
    told = f"{result['today']}: the test clock is {result['days_ahead']} days ahead of {result['real_today']}"
    told += f"; {result['issued']} invoices issued on the last way"
    return told + (f", {result['failures']} failures (last: {result['error']})" if result["failures"] else "") + "."
