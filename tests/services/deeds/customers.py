"""Deeds with a customer's record: data, status, tags, notes, documents, VAT id, merging, deleting."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

from extensions import db
from models import Customer, CustomerCode, Message, Tag
from services import (
    accountdata,
    clock,
    customer_edits,
    customer_erasure,
    customer_exports,
    customer_holds,
    customer_status,
    customer_tags,
    customer_welcome,
    customers,
    documents,
    merge,
    notes,
    purge,
    reveal,
    tags,
    vat_checks,
)
from services.code_digits import code_of
from services.unit import write
from tests.services.deeds.world import TODAY, Deed, World


def _wish(w: World) -> None:
    """The customer's own page: another address, which waits for a code."""
    row = db.session.get_one(Customer, w.customer)
    accountdata.change(w.customer, {"email": "neu@kundin.example"}, seen=row.version)


def _confirm(w: World) -> None:
    _wish(w)
    accountdata.confirm(w.customer, code_of(db.session.get_one(CustomerCode, w.last(CustomerCode.id))))


def _guess(w: World) -> None:
    _wish(w)
    right = code_of(db.session.get_one(CustomerCode, w.last(CustomerCode.id)))
    for _ in range(5):
        accountdata.confirm(w.customer, f"{(int(right) + 1) % 1_000_000:06d}")


def _purge(w: World) -> None:
    """A record with one old mail, deleted and past its time."""
    with write() as session:
        row = session.get_one(Customer, w.other)
        row.erased_at, row.retain_until = clock.instant(), date(2032, 12, 31)
        session.add(Message(event="old:1", template="free", recipient="a@example.com", customer_id=w.other,
                            state="sent", sent_at=datetime(2019, 1, 1, tzinfo=UTC)))  # fmt: skip
    purge.purge_record(w.other, clock.today())


DEEDS: Mapping[str, tuple[Deed, ...]] = {
    "accountdata.change": (Deed(_wish, "customer.code_sent", by="customer"), Deed(
        lambda w: accountdata.change(
            w.customer, {"phone": "040 1"}, seen=db.session.get_one(Customer, w.customer).version),
        "customer.changed", by="customer")),
    "accountdata.confirm": (Deed(_confirm, "customer.changed", by="customer"),
                            Deed(_guess, "customer.code_guessed", by="customer")),
    "accountdata.send_again": (
        Deed(lambda w: (_wish(w), accountdata.send_again(w.customer)), "customer.code_sent", by="customer"),),
    "accountdata.ask_to_lead_on": (
        Deed(lambda w: accountdata.ask_to_lead_on(w.customer), "customer.code_sent", by="customer"),),
    "customer_codes.send_code": (Deed(_wish, "customer.code_sent", by="customer"),),
    "purge.purge_record": (Deed(_purge, "customer.purged", "other", by="system"),),
    "customer_erasure.delete_customer": (
        Deed(lambda w: customer_erasure.delete_customer(w.actor, w.other), "customer.deleted", "other"),),
    "customer_exports.order": (
        Deed(lambda w: customer_exports.order(w.actor, w.customer), "customer.exported"),),
    "customer_status.change_status": tuple(
        Deed(lambda w, first=first, then=then: [customer_status.change_status(w.actor, w.customer, each, "Rückruf")
                                                for each in (first, then) if each], code)
        for first, then, code in (("block", "", "customer.blocked"), ("deactivate", "", "customer.deactivated"),
                                  ("block", "activate", "customer.activated"))),
    "customer_holds.set_hold": (
        Deed(lambda w: customer_holds.set_hold(w.actor, w.customer, "Rechtsstreit"), "customer.hold_set"),),
    "customer_holds.lift_hold": (
        Deed(lambda w: [deed(w.actor, w.customer, "Rechtsstreit") for deed in
                        (customer_holds.set_hold, customer_holds.lift_hold)], "customer.hold_lifted"),),
    "customer_edits.edit_customer": (
        Deed(lambda w: customer_edits.edit_customer(w.actor, w.customer, {"city": "Hamburg"}, {"city": "Plön"}),
             "customer.changed"),),
    "customer_welcome.welcome": (
        Deed(lambda w: customer_welcome.welcome(w.actor, {"last_name": "Neu", "email": "neu@kunde.example"},
                                                invited=True), "customer.created", "newest"),),
    "customer_tags.put_on": (
        Deed(lambda w: customer_tags.put_on(w.actor, w.customer, "Großkunde"), "customer.tagged"),),
    "customer_tags.take_off": (
        Deed(lambda w: customer_tags.take_off(w.actor, w.customer, w.first(Tag.id)), "customer.tagged"),),
    "customers.create_customer": (
        Deed(lambda w: customers.create_customer(w.actor, {"last_name": "Neu"}), "customer.created", "newest"),),
    "customers.update_customer": (
        Deed(lambda w: customers.update_customer(w.actor, w.customer, {"delivery_city": "Kiel"}), "customer.changed"),),
    "customers.renew_hash": (Deed(lambda w: customers.renew_hash(w.actor, w.customer), "customer.hash_renewed"),),
    "merge.merge": (
        Deed(lambda w: merge.merge(w.actor, w.customer, w.other), "customer.merged"),),
    "documents.keep_document": (
        Deed(lambda w: documents.keep_document(w.actor, w.customer, "Brief.txt", b"Guten Tag"), "document.uploaded"),),
    "documents.label_document": (
        Deed(lambda w: documents.label_document(w.actor, w.customer, w.more["document"], documents.UNNAMED.digest,
                                                documents.Labels("Rahmenvertrag")), "document.changed"),),
    "documents.delete_document": (
        Deed(lambda w: documents.delete_document(w.actor, w.customer, w.more["document"], "Doppelt"),
             "document.deleted"),),
    "notes.add_note": (
        Deed(lambda w: notes.add_note(w.actor, w.customer, notes.Words("letter", TODAY, "Kündigt.")), "note.created"),),
    "notes.correct_note": (
        Deed(lambda w: notes.correct_note(w.actor, w.more["note"], 1, notes.Words("note", TODAY, "Anders.")),
             "note.changed"),),
    "notes.strike_note": (
        Deed(lambda w: notes.strike_note(w.actor, w.more["note"], 1, "Verwechselt"), "note.struck"),),
    "reveal.customer_iban": (Deed(lambda w: reveal.customer_iban(w.actor, w.customer), "customer.iban_revealed"),),
    "tags.set_tags": (Deed(lambda w: tags.set_tags(w.actor, w.customer, ["Neu"]), "customer.tagged"),),
    "tags.add_tag": (Deed(lambda w: tags.add_tag(w.actor, "Frei"), "tag.created", None),),
    "tags.rename_tag": (Deed(lambda w: tags.rename_tag(w.actor, w.first(Tag.id), "Fair"), "tag.changed", None),),
    "tags.delete_tag": (Deed(lambda w: tags.delete_tag(w.actor, w.first(Tag.id)), "tag.deleted", None),),
    "vat_checks.check": (
        Deed(lambda w: vat_checks.check(w.actor, w.more["abroad"]), "customer.vat_id_checked", "abroad"),),
    "vat_checks.decide": (
        Deed(lambda w: vat_checks.decide(w.actor, w.more["abroad"], "Bescheid lag vor"), "customer.vat_id_decided",
             "abroad"),),
}  # fmt: skip
