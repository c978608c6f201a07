"""The billing run of one day, in this process."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import click

from commands._house import command_actor, opened_house
from commands._progress import bar_of


@click.command()
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day to bill for; today if left out.")
@click.option("--dry-run", is_flag=True, help="Say what would be done and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a sentence.")
def command(day: Any, dry_run: bool, as_json: bool) -> None:
    """Turn everything that is due into invoices. Again means nothing new.

    The figures count what this call itself did: documents due = issued + charging + skipped +
    failed; charging are those whose payment is attempted first. An unfinished run of the
    same day, such as one that was killed, is joined and brought to its end. The sums are in the company's currency;
    --json has the others under "totals". Customers that could not be billed are parked with their reason.
    """
    with opened_house(as_json):
        from services import clock

        on = day.date() if day else clock.today()
        result = _preview(on) if dry_run else _bill(on, as_json)
        click.echo(json.dumps(result) if as_json else _sentence(result, dry_run))


def _bill(on: date, as_json: bool) -> dict[str, Any]:
    from services import billing_run

    with bar_of(f"Billing {on}", hidden=as_json) as show:
        report = billing_run.bill(on, command_actor(), show)
    return _figures(report.run_id, on, report.counts, report.seconds)


def _preview(on: date) -> dict[str, Any]:
    import time

    from services.billing_preview import preview

    began = time.monotonic()
    found = preview(on)
    result = _figures(None, on, found.counts, time.monotonic() - began)
    parked = [{"customer": row.customer_number, "code": row.code, "facts": row.facts} for row in found.parked]
    return result | {"dry_run": True, "parked": parked}


def _figures(run_id: int | None, on: date, counts: Any, seconds: float) -> dict[str, Any]:
    from services.company import get_company

    net, gross = counts.totals.get(get_company().currency_code, (0, 0))
    return {
        "run": run_id, "on": on.isoformat(), "due": counts.due, "issued": counts.issued,
        "charging": counts.charging, "skipped": counts.skipped, "failed": counts.failed, "net_cents": net,
        "gross_cents": gross, "seconds": round(seconds, 3),
        "totals": {currency: {"net_cents": n, "gross_cents": g} for currency, (n, g) in counts.totals.items()},
    }  # fmt: skip


def _sentence(result: dict[str, Any], dry_run: bool) -> str:
    verb = "would be issued" if dry_run else "issued"
    sums = ", ".join(f"{s['gross_cents'] / 100:,.2f} {c}" for c, s in sorted(result["totals"].items())) or "0.00"
    return (
        f"{result['on']}: {result['due']} due, {result['issued']} {verb} ({sums} gross), "
        f"{result['charging']} charged first, {result['skipped']} skipped, "
        f"{result['failed']} parked, {result['seconds']} s"
    )
