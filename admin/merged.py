"""An address that names a record which was merged leads to the same page of its survivor (D-11).

A page is led on, so that its address says whose it is. What is sent to such an address goes on with the survivor, which
the service locks; where that could do what nobody meant, it is refused and the survivor's page is shown instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext
from sqlalchemy import select

from admin.deleted import refuse_deleted
from admin.lists import row_id
from extensions import db
from models import Customer
from services.customers import find_survivor


def lead_on(number: str, *, acts: bool = True, to: str = "", **place: Any) -> None:
    """Say that the record of this number was merged, and lead on: a page always, what is sent unless it `acts`.

    `place` is what the address says instead, `to` another endpoint than the one that was asked for.
    """
    flash(gettext("%(number)s was merged into this record.", number=number), "info")
    if request.method != "POST" or not acts:
        _led(to or str(request.endpoint), **place)


def number_of_address(name: str = "customer") -> str:
    """The customer's number that a new form begins with."""
    number = request.args.get(name, "")[:40]
    asked = select(Customer).where(Customer.number == number)
    row = db.session.scalars(asked).first() if number.isprintable() else None
    if row is None or row.survivor_id in (None, row.id):
        return number
    found = find_survivor(db.session(), row.id)
    lead_on(number, **{name: found.number})
    return str(found.number)


def survivors_of(ids: Sequence[int]) -> list[int]:
    """The records that speak for these today, each once; a page whose address names a merged one is led on."""
    merged = select(Customer.id, Customer.number, Customer.survivor_id)
    rows = db.session.execute(merged.where(Customer.id.in_(ids), Customer.survivor_id != Customer.id)).all()
    leads = {row.id: row.survivor_id for row in rows}
    found = list(dict.fromkeys(leads.get(number, number) for number in ids))
    if rows:
        numbers = ", ".join(row.number for row in rows)
        flash(gettext("Merged meanwhile, so the record that stayed is taken: %(numbers)s.", numbers=numbers), "info")
        if request.method != "POST":
            _led(str(request.endpoint), id=found)
    return found


def customer_of_address(name: str = "customer", *, acts: bool = True, reads: bool = False) -> Customer:
    """The record that speaks today for the id in the address, or 404; a deleted one as admin/deleted.py has it."""
    asked = db.session.get(Customer, row_id(request.values.get(name)) or 0) or abort(404)
    found = find_survivor(db.session(), asked.id)
    if found.id != asked.id:
        lead_on(asked.number, acts=acts, **{name: found.id})
    refuse_deleted(found, reads=reads)
    return found


def _led(endpoint: str, **place: Any) -> NoReturn:
    args = {**(request.view_args or {}), **request.args.to_dict(flat=False), **place}
    abort(redirect(url_for(endpoint, **args)))
