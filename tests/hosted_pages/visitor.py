"""A customer at their page: opens it, sends the form back with changes, finds the code in the outbox."""

from __future__ import annotations

import html
import re
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from extensions import db
from models import Company, Customer, Message
from services import messages, outbox
from services.unit import end_reading


class Visitor:
    """A browser without a screen at one customer's address."""

    def __init__(self, app: Flask, customer_id: int) -> None:
        self.app, self.client = app, app.test_client()
        with app.app_context():
            account = db.session.scalars(select(Company.account_hash)).one()
            self.path = f"/accountdata/{account}/{db.session.get_one(Customer, customer_id).hash}"
            db.session.remove()

    def form(self, query: str = "") -> dict[str, Any]:
        """The values that a browser would send back unchanged."""
        return filled(self.client.get(self.path + query).text)

    def send(self, under: str = "", **changes: Any) -> TestResponse:
        """The form with changes, and where it leads; None takes a field out."""
        values = {**self.form(), **changes} if not under else {"csrf_token": self.form()["csrf_token"], **changes}
        given = {name: value for name, value in values.items() if value is not None}
        return self.client.post(self.path + under, data=given, follow_redirects=True)

    def newest_mail(self, template: str = "customer_code") -> Message:
        """Written as the worker would."""
        with self.app.app_context():
            row = db.session.scalars(
                select(Message).where(Message.template == template).order_by(Message.id.desc()).limit(1)
            ).one()
            messages.send(row.id)
            end_reading()
            found = db.session.get_one(Message, row.id)
            db.session.refresh(found)
            db.session.expunge_all()
            db.session.remove()
            return found

    def code(self) -> str:
        """As the outbox of a house without a mail server shows it."""
        message_id = self.newest_mail().id
        with self.app.app_context():
            found = re.search(r"\b(\d{6})\b", outbox.letter_of(message_id).text)
            db.session.remove()
        assert found
        return found[1]


def filled(page: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        if 'type="checkbox"' not in tag or " checked" in tag:
            values[_attribute(tag, "name")] = _attribute(tag, "value")
    for tag, inside in re.findall(r"(<select[^>]*>)(.*?)</select>", page, re.S):
        chosen = [option for option in re.findall(r"<option[^>]*>", inside) if " selected" in option]
        values[_attribute(tag, "name")] = _attribute(chosen[0], "value") if chosen else ""
    return values


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return html.unescape(found[1]) if found else ""
