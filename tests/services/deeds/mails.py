"""Deeds with mails."""

from __future__ import annotations

from collections.abc import Mapping

from extensions import db
from models import Customer, Run
from services import customer_messages, message_templates, messages, outbox, reports
from tests.services.deeds.world import TODAY, WORDING, Deed, World


def letter_to(made: World) -> customer_messages.Wish:
    """To the first address that the record knows."""
    to = customer_messages.addresses_of(db.session.get_one(Customer, made.customer))[:1]
    return customer_messages.Wish(tuple(to), customer_messages.Words("Betreff", "Guten Tag"))


def _deliver(w: World) -> None:
    """By itself: the outbox of a house without a mail server keeps it readable. A mail without papers, to be quick."""
    found = messages.order("deliver", "customer_changed", "alt@kundin.example", customer_id=w.customer,
                           facts={"customer_id": w.customer, "fields": ["email"], "on": TODAY.isoformat()})  # fmt: skip
    assert found
    messages.send(found)


DEEDS: Mapping[str, tuple[Deed, ...]] = {
    "customer_messages.send_message": (
        Deed(lambda w: customer_messages.send_message(w.actor, w.customer, letter_to(w), "0123456789abcdef"),
             "customer.message_ordered"),),
    "message_templates.create_template": (
        Deed(lambda w: message_templates.create_template(w.actor, {**WORDING, "name": "Neu"}),
             "message_template.created", None),),
    "message_templates.update_template": (
        Deed(lambda w: message_templates.update_template(w.actor, w.more["template"], {**WORDING, "name": "Neu"}),
             "message_template.changed", None),),
    "message_templates.delete_template": (
        Deed(lambda w: message_templates.delete_template(w.actor, w.more["template"]),
             "message_template.deleted", None),),
    "messages.send": (Deed(_deliver, "message.sent", by="system"),),
    "messages.retry": (Deed(lambda w: messages.retry(w.actor, w.more["failed"]), "message.retried"),),
    "messages.stop": (Deed(lambda w: messages.stop(w.actor, w.more["waits"]), "message.stopped"),),
    "outbox.send_test": (
        Deed(lambda w: outbox.send_test(w.actor, "chefin@radwerk.example", "de"), "message.tested", None),),
    "reports.send_run_report_again": (
        Deed(lambda w: reports.send_run_report_again(w.actor, w.last(Run.id)), "run.report_sent_again", None),),
}  # fmt: skip
