"""What must hold before a run may start: asked by the run itself, and beforehand by the preview and the screens."""

from __future__ import annotations

from datetime import date, timedelta

from billing.errors import Conflict, NotAllowed
from billing.lawful import missing_of_seller as missing_of_seller_data
from services import clock, company, lawful

LATEST = timedelta(days=731)  # a mistyped year must not park everybody


def missing_of_seller() -> tuple[str, ...]:
    """Fields of the company that must be filled in before anything is issued (INV-1)."""
    return tuple(field.removeprefix("seller_") for field in missing_of_seller_data(lawful.seller_data()))


def refuse_far(on: date) -> None:
    """Raises NotAllowed("run_too_far") for a day that can only be a slip of the pen."""
    latest = clock.today() + LATEST
    if on > latest:
        raise NotAllowed("run_too_far", on=on.isoformat(), latest=latest.isoformat())


def require_lawful_run(on: date) -> None:
    """Raises Conflict("company_incomplete") where the law's data of the seller are missing, and NotAllowed for a far
    day or, in a live installation, for any day after today."""
    refuse_far(on)
    missing = missing_of_seller()
    if missing:
        raise Conflict("company_incomplete", fields=list(missing))
    if company.get_company().mode == "live" and on > clock.today():
        raise NotAllowed("run_in_the_future", on=on.isoformat())
