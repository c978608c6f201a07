"""The dunning run of one day, in this process."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import click

from commands._house import command_actor, opened_house
from commands._progress import bar_of


@click.command()
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day to dun for; today if left out.")
@click.option("--dry-run", is_flag=True, help="Say what would be done and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a sentence.")
def command(day: Any, dry_run: bool, as_json: bool) -> None:
    """Remind of every open invoice whose next level is due. Again on the same day means nobody.

    At most one level an invoice and run. "collected" counts attempts to collect before a level reminds; "held" are
    invoices whose step is due and that are left alone, with the reasons under "why"; "failed" are named on the run.
    "warnings" say what is missing: levels, a base rate, a bank statement of these days; and a day that has not come
    yet, which only a sandbox runs, two years ahead at most.
    """
    with opened_house(as_json):
        from services import clock

        on = day.date() if day else clock.today()
        result = _preview(on) if dry_run else _dun(on, as_json)
        click.echo(json.dumps(result) if as_json else _sentence(result, dry_run))


def _dun(on: date, as_json: bool) -> dict[str, Any]:
    from services import dunning_run

    with bar_of(f"Dunning {on}", hidden=as_json) as show:
        return _figures(dunning_run.dun(on, command_actor(), show))


def _preview(on: date) -> dict[str, Any]:
    from services import dunning_preview

    return _figures(dunning_preview.report(on)) | {"dry_run": True}


def _figures(report: Any) -> dict[str, Any]:
    done = report.done
    return {
        "run": report.run_id, "on": report.on.isoformat(), "examined": done.examined,
        "reminded": [{"invoice": number, "level": level} for number, level in done.reminded],
        "collected": done.collected, "held": done.held, "failed": len(done.failures),
        "why": dict(sorted(done.why.items())),
        "warnings": [{"code": code, **facts} for code, facts in report.warnings], "seconds": round(report.seconds, 3),
    }  # fmt: skip


def _sentence(result: dict[str, Any], dry_run: bool) -> str:
    verb = "would be reminded" if dry_run else "reminded"
    warned = "".join(f"\nNote: {_words(each)}" for each in result["warnings"])
    return (
        f"{result['on']}: {result['examined']} examined, {len(result['reminded'])} {verb}, {result['collected']} "
        f"collected first, {result['held']} held, {result['failed']} failed, {result['seconds']} s{warned}"
    )


def _words(warning: dict[str, Any]) -> str:
    return {
        "day_ahead": f"{warning.get('on')} has not come yet; only a sandbox runs ahead. The reminders bear that day.",
        "no_levels": "no dunning levels are set up, so nobody is reminded.",
        "old_statement": f"the last bank statement is of {warning.get('closed_on')}; who has paid since is not known.",
        "no_base_rate": f"no base rate is entered for the half-years from {', '.join(warning.get('half_years', ()))}; "
        "what was owed in them is reminded of without interest.",
    }[warning["code"]]
