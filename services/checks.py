"""check-books: the invariants of the whole database (docs/features.md, L1 to L7), over one unmoving view.

Each check is a generator of findings and reads in streams, so memory does not grow with the books. The view is one
read transaction (repeatable read on PostgreSQL): a run that goes on meanwhile disturbs nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import Connection

from extensions import db
from models import guards
from services import (
    checks_bank,
    checks_claims,
    checks_collecting,
    checks_corrections,
    checks_debits,
    checks_discounts,
    checks_documents,
    checks_dunning,
    checks_ledger,
    checks_methods,
    checks_notes,
    checks_payments,
    checks_refunds,
    sealing,
)
from services.findings import Finding
from services.unit import end_reading

MOST = 1000  # findings that are listed; the rest is counted


def guards_in_place(connection: Connection) -> Iterator[Finding]:
    """L6: the triggers that keep issued rows unchanged are there and switched on."""
    for name in guards.missing(connection):
        yield Finding("L6", "guards", None, "guard_missing", {"guard": name})


Check = Callable[[Connection], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    guards_in_place,
    checks_ledger.entries_balance,
    checks_ledger.open_amounts_are_their_postings,
    checks_ledger.settled_is_paid,
    checks_ledger.receivables_are_their_invoices,
    checks_ledger.invoices_are_booked,
    checks_payments.payments_are_their_entries,
    checks_payments.what_was_undone_has_its_other_half,
    checks_payments.no_more_is_given_up_than_was_owed,
    checks_payments.no_credit_is_overdrawn,
    checks_methods.the_record_names_its_default,
    checks_methods.what_a_provider_keeps_has_its_token,
    checks_debits.files_are_their_debits,
    checks_debits.debits_are_where_they_say,
    checks_collecting.what_was_accepted_is_booked,
    checks_collecting.a_charge_is_booked_once,
    checks_collecting.no_charge_is_undone_here_only,
    checks_collecting.what_is_reserved_is_being_collected,
    checks_collecting.collections_fit_their_documents,
    checks_refunds.refunds_follow_a_cancellation,
    checks_refunds.refunds_stay_within_their_documents,
    checks_refunds.refunds_stay_within_their_payments,
    checks_refunds.refunds_are_their_rows,
    checks_refunds.what_is_under_way_is_held_back,
    checks_refunds.chargebacks_stay_within_their_payments,
    checks_bank.matched_lines_are_booked_whole,
    checks_bank.matches_are_their_payments,
    checks_bank.parts_have_their_sum,
    checks_claims.claimed_once,
    checks_claims.claims_and_lines_meet,
    checks_claims.periods_tile,
    checks_claims.marks_are_not_late,
    checks_claims.active_contracts_run,
    checks_documents.numbers_have_no_gaps,
    checks_documents.numbers_and_days_ascend,
    checks_documents.contents_are_unchanged,
    checks_corrections.corrections_stay_within_their_originals,
    checks_corrections.originals_are_invoices,
    checks_discounts.usage_is_billed_once,
    checks_discounts.usage_lines_are_their_records,
    checks_discounts.coupons_stay_within_their_limits,
    checks_discounts.vouchers_and_grants_hold_their_rest,
    checks_discounts.discounts_stand_on_their_lines,
    checks_discounts.prepaid_is_booked,
    checks_dunning.levels_are_their_reminders,
    checks_dunning.damages_are_their_reminders,
    checks_dunning.lump_sums_are_once,
    checks_dunning.reminders_go_out,
    checks_documents.letterheads_are_unchanged,
    checks_documents.text_sets_are_unchanged,
    checks_documents.papers_are_stored,
    checks_documents.survivors_are_flat,
    sealing.verify,
)


@dataclass(slots=True)
class Books:
    """The result: `ok` is true without findings; `more` counts those beyond the listed. `notes` break no rule:
    money that a person has to see to."""

    ok: bool = True
    findings: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    more: int = 0
    checks: int = len(CHECKS)
    seconds: float = 0.0


def check_books() -> Books:
    """Run every check over the whole database."""
    end_reading()
    began = time.monotonic()
    books = Books()
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        for check in CHECKS:
            for finding in check(connection):
                _note(books, finding)
        told = (note for each in checks_notes.NOTES for note in each(connection))
        books.notes = [asdict(note) for note in islice(told, MOST)]
    books.seconds = round(time.monotonic() - began, 3)
    return books


def _note(books: Books, finding: Finding) -> None:
    books.ok = False
    if len(books.findings) < MOST:
        books.findings.append(asdict(finding))
    else:
        books.more += 1
