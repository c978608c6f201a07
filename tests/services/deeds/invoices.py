"""Deeds with runs, drafts, invoices and their papers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from models import InvoiceLine, ParkedCustomer
from services import billing_run, clock, corrections, drafts, einvoices, invoice_mails, paper_links, papers, parked
from services.actor import SYSTEM
from services.draft_lines import Position
from tests.services.deeds.world import TODAY, Deed, World


def _two_lines(w: World) -> int:
    """A line of a draft that has another one."""
    drafts.update_draft(w.actor, w.draft, {}, [Position("Mehr", Decimal(5))], append=True)
    return int(w.last(InvoiceLine.id, InvoiceLine.invoice_id == w.draft))


def _bill_later() -> None:
    with clock.stand_at(date(2026, 12, 1)):
        billing_run.bill(clock.today(), SYSTEM)


def _a_part(w: World) -> list[corrections.Part]:
    return [corrections.Part(w.first(InvoiceLine.id, InvoiceLine.invoice_id == w.open_invoice))]


DEEDS: Mapping[str, tuple[Deed, ...]] = {
    "billing_run.bill": (
        Deed(lambda w: _bill_later(), "invoice.issued", by="system"),
        Deed(lambda w: _bill_later(), "run.started", None, by="system")),
    "billing_run.start": (
        Deed(lambda w: billing_run.start(TODAY, w.actor, ring=False), "run.started", None),),
    "billing_run.finish": (Deed(lambda w: _bill_later(), "run.finished", None, by="system"),),
    "parked.retry": (
        Deed(lambda w: parked.retry(w.actor, w.first(ParkedCustomer.id)), "run.retried", "nameless"),),
    "drafts.create_draft": (
        Deed(lambda w: drafts.create_draft(w.actor, w.customer, {}, [Position("Helm", Decimal(9))]), "draft.created"),),
    "drafts.update_draft": (
        Deed(lambda w: drafts.update_draft(w.actor, w.draft, {"introtext": "Guten Tag"}), "draft.changed"),),
    "drafts.remove_line": (Deed(lambda w: drafts.remove_line(w.actor, _two_lines(w)), "draft.changed"),),
    "drafts.delete_draft": (Deed(lambda w: drafts.delete_draft(w.actor, w.draft), "draft.deleted"),),
    "drafts.issue_draft": (Deed(lambda w: drafts.issue_draft(w.actor, w.draft), "invoice.issued"),),
    "corrections.cancel": (
        Deed(lambda w: corrections.cancel(w.actor, w.open_invoice, reason="Falsche Anschrift"), "invoice.cancelled"),
        Deed(lambda w: corrections.cancel(w.actor, w.open_invoice, reason="Falsch"), "cancellation.issued")),
    "corrections.correct": (
        Deed(lambda w: corrections.correct(w.actor, w.open_invoice, _a_part(w), reason="Zu viel"),
             "invoice.corrected"),
        Deed(lambda w: corrections.correct(w.actor, w.open_invoice, _a_part(w), reason="Zu viel"),
             "correction.issued")),
    "einvoices.order_xrechnung": (
        Deed(lambda w: einvoices.order_xrechnung(w.actor, w.open_invoice), "paper.ordered"),),
    "invoice_mails.send_by_email": (
        Deed(lambda w: invoice_mails.send_by_email(w.actor, w.open_invoice, "chefin@kundin.example"),
             "invoice.sent"),),
    "papers.retry": (Deed(lambda w: papers.retry(w.actor, w.paper), "paper.retried"),),
    "paper_links.revoke_link": (Deed(lambda w: paper_links.revoke_link(w.actor, w.paper), "paper.link_revoked"),),
    "paper_links.renew_link": (Deed(lambda w: paper_links.renew_link(w.actor, w.paper), "paper.link_renewed"),),
}  # fmt: skip
