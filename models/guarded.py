"""What is guarded: which rows never change once they are issued or written, and what a purge alone may do to them.

How it becomes triggers stands in models/guards.py.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Opening:
    """What a purge may do to a row that is otherwise frozen: empty the `blank` columns (name, value as SQL) once
    `purges` holds (subject, the row's `key`), and nothing else. Whether its time is over, `purges` itself is asked."""

    subject: str
    key: str
    blank: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Guard:
    """Refuse `event` on `table` where `when` holds (empty: always).

    `differs` names columns that may not change; `parent` (key column, parent table, condition) refuses where the
    parent row meets the condition; `taken` lists unique keys whose row must not be there yet. The last is for SQLite's
    INSERT OR REPLACE, which deletes the row that stands there without asking the guard of DELETE.
    """

    table: str
    event: str
    message: str
    when: str = ""
    differs: tuple[str, ...] = ()
    parent: tuple[str, str, str] | None = None
    taken: tuple[tuple[str, ...], ...] = ()
    opening: Opening | None = None
    looks: str = ""  # a condition that asks other tables: PostgreSQL wants a function for it

    @property
    def name(self) -> str:
        return f"guard_{self.table}_{self.event.lower()}"


def _append_only(table: str, opening: Opening | None = None) -> list[Guard]:
    said = f"{table}: rows are never changed"
    return [Guard(table, "UPDATE", said, opening=opening), Guard(table, "DELETE", said)]


def _part_of_issued(table: str, opening: Opening | None = None) -> list[Guard]:
    parent, said = ("invoice_id", "invoices", "issued_at IS NOT NULL"), f"{table}: the invoice is issued"
    return [
        Guard(table, "INSERT", said, parent=parent, taken=_id("INSERT")),
        Guard(table, "UPDATE", said, parent=parent, opening=opening),
        Guard(table, "DELETE", said, parent=parent),
    ]


def _id(event: str) -> tuple[tuple[str, ...], ...]:
    return (("id",),) if event == "INSERT" else ()


def _never_replaced(table: str, *keys: tuple[str, ...]) -> Guard:
    """Only keys that no statement of ours meets with ON CONFLICT DO NOTHING: a guard cannot tell that from REPLACE."""
    return Guard(table, "INSERT", f"{table}: a row that stands is never replaced", taken=keys or (("id",),))


def _given_back(table: str, *fixed: str) -> list[Guard]:
    """A use of credit: it stays, and only giving it back changes it, once."""
    return [
        Guard(table, "DELETE", f"{table}: rows are never deleted"),
        Guard(table, "UPDATE", f"{table}: only giving it back changes a use", "OLD.released_at IS NOT NULL",
              ("id", *fixed)),
    ]  # fmt: skip


def _year(column: str) -> str:
    """The year of a day or an instant, spelled alike for both databases."""
    return f"CAST(substr(CAST({column} AS TEXT), 1, 4) AS INTEGER)"


def _over(subject: str, day: str) -> str:
    """The row's eight years from the end of its calendar year are over, its record is erased and not held (RET-1)."""
    return (
        f"(NEW.subject = '{subject}' AND EXISTS (SELECT 1 FROM {subject} r JOIN customers m ON m.id = r.customer_id "
        "JOIN customers c ON c.id = m.survivor_id WHERE r.id = NEW.row_id AND c.erased_at IS NOT NULL "
        f"AND NOT c.legal_hold AND {_year('NEW.purged_on')} > {_year('r.' + day)} + 8))"
    )


# A live house cannot write a day that has not come; a sandbox may have moved its clock.
_NOT_YET = "NEW.purged_on > CURRENT_DATE AND NOT EXISTS (SELECT 1 FROM company WHERE mode = 'sandbox')"
PURGEABLE = {"invoices": "issued_on", "payments": "received_on", "vat_checks": "checked_at"}
_TIME_IS_OVER = " OR ".join(_over(subject, day) for subject, day in PURGEABLE.items())
_OF_INVOICE = Opening("invoices", "id", (("buyer", "'{}'"), ("buyer_name", "''"), ("customer_number", "''"),
                                         ("introtext", "''"), ("title", "''"), ("ext_uid", "NULL"),
                                         ("delivery_text", "''")))  # fmt: skip
_OF_LINE = Opening("invoices", "invoice_id", (("title", "''"), ("description", "''"), ("chosen", "NULL")))
_OF_PAYMENT = Opening("payments", "id", (("reference", "''"), ("note", "''"), ("external_key", "NULL")))
_OF_CHECK = Opening("vat_checks", "id", (("vat_id", "''"), ("reason", "''"), ("request_id", "''")))
OPENINGS = {"invoices": _OF_INVOICE, "invoice_lines": _OF_LINE, "payments": _OF_PAYMENT, "vat_checks": _OF_CHECK}

GUARDS: tuple[Guard, ...] = (
    Guard("invoices", "UPDATE", "invoices: the invoice is issued", "OLD.issued_at IS NOT NULL", opening=_OF_INVOICE),
    Guard("invoices", "DELETE", "invoices: the invoice is issued", "OLD.issued_at IS NOT NULL"),
    *_part_of_issued("invoice_lines", _OF_LINE),
    *_part_of_issued("invoice_tax_lines"),
    *_append_only("journal_entries"),
    Guard(
        "postings",
        "INSERT",
        "postings: the entry is closed",
        parent=("entry_id", "journal_entries", "TRUE"),
        taken=(("id",),),
    ),
    *_append_only("postings"),
    *_append_only("payments", _OF_PAYMENT),
    *_append_only("letterheads"),
    *_append_only("text_sets"),
    *_append_only("vat_checks", _OF_CHECK),
    *_append_only("location_evidence"),
    *_append_only("activities"),
    Guard("activity_details", "UPDATE", "activity_details: rows are never changed"),
    *_append_only("activity_seals"),
    Guard("note_versions", "UPDATE", "note_versions: a correction is a version of its own"),
    *_append_only("activity_members"),
    *_append_only("deletions"),
    *_append_only("purges"),
    Guard("purges", "INSERT", "purges: its time is not over", looks=f"({_NOT_YET}) OR NOT ({_TIME_IS_OVER})",
          taken=(("subject", "row_id"),)),
    Guard("claims", "DELETE", "claims: a claim is released, never deleted"),
    Guard(
        "claims",
        "UPDATE",
        "claims: only a release changes a claim",
        when="OLD.released_at IS NOT NULL OR OLD.state <> NEW.state AND OLD.state NOT IN ('reserved', 'given_up')",
        differs=("id", "item_id", "kind", "period_start", "period_end"),
    ),
    Guard("usage_records", "DELETE", "usage_records: what was billed stays", "OLD.claim_id IS NOT NULL"),
    Guard(
        "usage_records",
        "UPDATE",
        "usage_records: only billing changes a record",
        differs=("id", "external_id", "subscription_id", "item_id", "product_id", "quantity", "unit_price",
                 "currency_code", "vat_category", "used_on", "recorded_on"),
    ),
    Guard("coupon_redemptions", "DELETE", "coupon_redemptions: rows are never deleted"),
    *_given_back("coupon_uses", "redemption_id", "billing_on", "invoice_id", "cents"),
    Guard("credit_grants", "DELETE", "credit_grants: rows are never deleted"),
    Guard(
        "credit_grants",
        "UPDATE",
        "credit_grants: what was granted stays",
        differs=("id", "currency_code", "amount_cents"),
    ),
    *_given_back("credit_uses", "grant_id", "invoice_id", "cents"),
    Guard("receivables", "DELETE", "receivables: rows are never deleted"),
    Guard(
        "receivables",
        "UPDATE",
        "receivables: what was owed stays",
        differs=("id", "kind", "customer_id", "invoice_id", "currency_code", "amount_cents"),
    ),
    Guard("reminders", "DELETE", "reminders: what was sent stays"),
    Guard(
        "reminders",
        "UPDATE",
        "reminders: what was sent stays",
        differs=("id", "customer_id", "receivable_id", "round", "level", "name", "reminded_on", "pay_until",
                 "open_cents", "currency_code", "fee_cents", "interest_cents", "lump_sum_cents"),
    ),
    Guard("sequences", "DELETE", "sequences: counters are never deleted"),
    Guard(
        "sequences",
        "UPDATE",
        "sequences: a number is never used again",
        when="NEW.next_value < OLD.next_value",
        differs=("id", "range_id", "year", "first_value"),
    ),
    Guard("files", "UPDATE", "files: stored bytes stay", differs=("id", "storage_key", "sha256", "size")),
    Guard(
        "papers",
        "UPDATE",
        "papers: a drawn paper stays",
        # Its link may still be revoked or replaced. NULL is named: the databases spell a NULL-safe <> differently.
        when="OLD.file_id IS NOT NULL AND (NEW.file_id IS NULL OR NEW.file_id <> OLD.file_id OR NEW.state <> OLD.state "
        "OR NEW.invoice_id <> OLD.invoice_id OR NEW.kind <> OLD.kind OR NEW.drawn_at IS NULL "
        "OR NEW.drawn_at <> OLD.drawn_at)",
    ),
    Guard("papers", "DELETE", "papers: a drawn paper stays", "OLD.file_id IS NOT NULL"),
    Guard("files", "DELETE", "files: a stored file is erased, its row stays"),
    _never_replaced("invoices", ("id",), ("number",), ("range_id", "number_year", "number_value")),
    _never_replaced("journal_entries"),
    _never_replaced("payments", ("id",), ("entry_id",), ("external_key",), ("reverses_id",), ("moved_from_id",)),
    _never_replaced("letterheads", ("id",), ("digest",)),
    _never_replaced("text_sets", ("id",), ("digest",)),
    _never_replaced("vat_checks"),
    _never_replaced("location_evidence", ("invoice_id",)),
    _never_replaced("activities"),
    _never_replaced("activity_details", ("activity_id",)),
    _never_replaced("note_versions", ("id",), ("note_id", "version")),
    _never_replaced("activity_seals", ("id",), ("seal",)),
    _never_replaced("activity_members", ("activity_id",)),
    _never_replaced("deletions"),
    _never_replaced("claims"),
    _never_replaced("receivables", ("id",), ("invoice_id",)),
    _never_replaced("reminders", ("id",), ("receivable_id", "round", "level")),
    _never_replaced("sequences", ("id",), ("range_id", "year")),
    _never_replaced("files", ("id",), ("storage_key",)),
    _never_replaced("papers", ("id",), ("token",), ("invoice_id", "kind")),
)  # fmt: skip
