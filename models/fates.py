"""What becomes of every row that belongs to a customer in a merge, an export and an erasure (DSG-4, D-5, X-19).

Each table with a customer's key, its own or one that it reaches over a contract, a document or a message, declares its
fate here; a test reads the metadata and fails on a silent one. What becomes of each column of the customer record
itself stands in models/record_fates.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Merge(StrEnum):
    """What a merge does with the rows of the record that does not survive."""

    MOVES = "moves"  # re-pointed to the survivor
    STAYS = "stays"  # keeps the id it was born with; `customers.survivor_id` joins it to the card (family_of)
    JOINED = "joined"  # both records' rows become one set on the survivor, worked out anew
    FOLLOWS = "follows"  # hangs on a row with a fate of its own and goes where that goes
    ENDS = "ends"  # holds good for the merged record alone, and is over with it


class Export(StrEnum):
    """How much of a row the customer gets (Art. 15, 20 DSGVO)."""

    WHOLE = "whole"
    WITHOUT_SECRETS = "without secrets"  # `Fate.secrets` stay in the house
    NONE = "none"  # `Fate.why_not_exported` says why


class Erase(StrEnum):
    """What erasure leaves of a row (D-5)."""

    GOES = "goes"
    EMPTIED = "emptied"  # the row stays, `Fate.emptied` lose what they hold
    STAYS = "stays"  # until the law's time is over


@dataclass(frozen=True, slots=True)
class Law:
    """Why a row must stay, and for how many years from the end of its calendar year (RET-1)."""

    cite: str
    years: int


VOUCHERS = Law("section 147 (3) AO, section 14b UStG, section 257 (4) HGB", 8)
BOOKS = Law("section 147 (3) AO, section 257 (4) HGB", 10)  # books, journals, and how they came about
LETTERS = Law("section 147 (3) AO, section 257 (4) HGB", 6)  # business letters


@dataclass(frozen=True, slots=True)
class Fate:
    """`key` is the column that leads to the customer, directly or over its parent row. What stays or is emptied has a
    law, or says in `why` what else holds it."""

    key: str
    merge: Merge
    export: Export
    erase: Erase
    law: Law | None = None
    why: str = ""
    why_not_exported: str = ""
    secrets: tuple[str, ...] = ()
    emptied: tuple[str, ...] = ()


_RECORD = "customer_id"
_SENT = "business letters where there was business; mails about access, and what was never sent, go"
_RECEIVED = "letters where there was business; notes and calls go"

FATES: Mapping[str, Fate] = {
    # --- the record and what describes it
    "customers": Fate(
        "id", Merge.STAYS, Export.WITHOUT_SECRETS, Erase.EMPTIED, VOUCHERS,
        why="goes for good where nothing refers to it; see models/record_fates.py", secrets=("hash", "payment_token"),
    ),
    "search_words": Fate(
        _RECORD, Merge.JOINED, Export.NONE, Erase.GOES, why_not_exported="words of the record, said there already"
    ),
    "customer_tags": Fate(_RECORD, Merge.JOINED, Export.WHOLE, Erase.GOES),
    "customer_codes": Fate(
        _RECORD, Merge.ENDS, Export.NONE, Erase.GOES, why_not_exported="digests of one-time codes, gone in minutes"
    ),
    "customer_logins": Fate(
        _RECORD, Merge.MOVES, Export.WITHOUT_SECRETS, Erase.GOES, secrets=("password_hash",)
    ),
    "login_tokens": Fate(
        "login_id", Merge.FOLLOWS, Export.NONE, Erase.GOES, why_not_exported="digests of links, of use for days at most"
    ),
    "customer_sessions": Fate(
        "login_id", Merge.FOLLOWS, Export.WITHOUT_SECRETS, Erase.GOES, secrets=("token_digest",)
    ),
    "customer_exports": Fate(
        _RECORD, Merge.STAYS, Export.NONE, Erase.GOES, why_not_exported="the order of an export like this one",
    ),
    "deletions": Fate(
        _RECORD, Merge.STAYS, Export.NONE, Erase.STAYS,
        why="proof of the deletion, without a personal datum (Art. 5 (2) DSGVO)",
        why_not_exported="written when everything else was gone",
    ),
    "files": Fate(
        _RECORD, Merge.MOVES, Export.WITHOUT_SECRETS, Erase.EMPTIED, VOUCHERS,
        why="papers of issued documents stay; the bytes of all others are erased, their row stays as the proof",
        secrets=("storage_key",), emptied=("filename",),
    ),
    "documents": Fate("file_id", Merge.FOLLOWS, Export.WHOLE, Erase.GOES),
    # --- contracts and what hangs on them
    "subscriptions": Fate(
        _RECORD, Merge.MOVES, Export.WITHOUT_SECRETS, Erase.EMPTIED, VOUCHERS,
        why="goes for good where nothing was ever claimed", secrets=("hash",),
        emptied=("ext_uid", "x_attributes", "cancellation_note"),
    ),
    "subscription_items": Fate("subscription_id", Merge.FOLLOWS, Export.WHOLE, Erase.STAYS, VOUCHERS),
    "subscription_pauses": Fate("subscription_id", Merge.FOLLOWS, Export.WHOLE, Erase.STAYS, VOUCHERS),
    "claims": Fate(
        "item_id", Merge.FOLLOWS, Export.NONE, Erase.STAYS, BOOKS,
        why_not_exported="which period was billed once: bookkeeping without a personal datum, the invoices say it",
    ),
    "usage_records": Fate(
        "subscription_id", Merge.FOLLOWS, Export.WHOLE, Erase.EMPTIED, VOUCHERS, emptied=("description",)
    ),
    "coupons": Fate(_RECORD, Merge.MOVES, Export.WHOLE, Erase.STAYS, VOUCHERS, why="the promise behind a discount"),
    "coupon_products": Fate("coupon_id", Merge.FOLLOWS, Export.NONE, Erase.STAYS, VOUCHERS,
                            why_not_exported="the house's assortment, no datum of the customer"),
    "coupon_redemptions": Fate(_RECORD, Merge.STAYS, Export.WHOLE, Erase.STAYS, VOUCHERS),
    "coupon_uses": Fate("redemption_id", Merge.FOLLOWS, Export.WHOLE, Erase.STAYS, VOUCHERS),
    "credit_grants": Fate(_RECORD, Merge.MOVES, Export.WHOLE, Erase.EMPTIED, VOUCHERS, emptied=("reason",)),
    "credit_uses": Fate("grant_id", Merge.FOLLOWS, Export.WHOLE, Erase.STAYS, VOUCHERS),
    # --- documents, with their frozen addresses
    "invoices": Fate(_RECORD, Merge.STAYS, Export.WITHOUT_SECRETS, Erase.STAYS, VOUCHERS, why="drafts go",
                     secrets=("digest",)),
    "invoice_lines": Fate("invoice_id", Merge.FOLLOWS, Export.WHOLE, Erase.STAYS, VOUCHERS, why="of drafts they go"),
    "invoice_tax_lines": Fate(
        "invoice_id", Merge.FOLLOWS, Export.WHOLE, Erase.STAYS, VOUCHERS, why="of drafts they go"
    ),
    "location_evidence": Fate("invoice_id", Merge.FOLLOWS, Export.WHOLE, Erase.STAYS, BOOKS,
                              why="Art. 63c of Regulation 282/2011 asks for ten years"),
    "papers": Fate("invoice_id", Merge.FOLLOWS, Export.WITHOUT_SECRETS, Erase.STAYS, VOUCHERS, secrets=("token",)),
    "shipments": Fate(
        _RECORD, Merge.STAYS, Export.WHOLE, Erase.EMPTIED, VOUCHERS, emptied=("tracking_number", "option")
    ),
    "vat_checks": Fate(_RECORD, Merge.STAYS, Export.WHOLE, Erase.STAYS, VOUCHERS, why="section 18e UStG: the evidence"),
    # --- money
    "receivables": Fate(_RECORD, Merge.STAYS, Export.WHOLE, Erase.STAYS, VOUCHERS),
    "payments": Fate(_RECORD, Merge.STAYS, Export.WHOLE, Erase.STAYS, VOUCHERS),
    "payment_methods": Fate(
        _RECORD, Merge.MOVES, Export.WITHOUT_SECRETS, Erase.EMPTIED, VOUCHERS,
        why="goes where nothing was charged; a provider's names go once it was told",
        secrets=("token", "provider_customer", "setup_id"),
        emptied=("token", "provider_customer", "setup_id", "brand", "last4", "holder", "expires_on"),
    ),
    "mandates": Fate(_RECORD, Merge.STAYS, Export.WHOLE, Erase.STAYS, VOUCHERS,
                     why="the proof of a debit, at least 14 months after its last use (SEP-1); an unused one goes"),
    "payment_attempts": Fate(_RECORD, Merge.STAYS, Export.WITHOUT_SECRETS, Erase.STAYS, BOOKS,
                             secrets=("key", "action_url")),
    "collections": Fate(_RECORD, Merge.STAYS, Export.WHOLE, Erase.STAYS, BOOKS),
    "refunds": Fate(_RECORD, Merge.STAYS, Export.WITHOUT_SECRETS, Erase.STAYS, BOOKS, secrets=("key",)),
    "chargebacks": Fate("payment_id", Merge.FOLLOWS, Export.WHOLE, Erase.STAYS, BOOKS),
    "debits": Fate(_RECORD, Merge.STAYS, Export.WHOLE, Erase.STAYS, BOOKS),
    "bank_lines": Fate("payment_id", Merge.FOLLOWS, Export.WHOLE, Erase.STAYS, VOUCHERS,
                       why="the bank's statement, as it was brought in"),
    "bank_matches": Fate("payment_id", Merge.FOLLOWS, Export.NONE, Erase.STAYS, BOOKS,
                         why_not_exported="which line of a statement a payment came from: the line itself is told"),
    "bank_parts": Fate("line_id", Merge.FOLLOWS, Export.NONE, Erase.STAYS, BOOKS,
                       why_not_exported="which sum of the bank a line is a part of: the line itself is told"),
    "bank_batches": Fate("line_id", Merge.FOLLOWS, Export.NONE, Erase.STAYS, VOUCHERS,
                         why="the bank's notification, as it was brought in",
                         why_not_exported="a sum about many customers; each one's part stands with bank_lines"),
    "reminders": Fate(_RECORD, Merge.STAYS, Export.WHOLE, Erase.STAYS, LETTERS),
    "instalment_plans": Fate(_RECORD, Merge.STAYS, Export.WHOLE, Erase.EMPTIED, LETTERS, emptied=("note",)),
    "dunning_stops": Fate("reminder_id", Merge.FOLLOWS, Export.WHOLE, Erase.STAYS, LETTERS),
    "instalments": Fate("plan_id", Merge.FOLLOWS, Export.WHOLE, Erase.STAYS, LETTERS),
    "journal_entries": Fate(_RECORD, Merge.STAYS, Export.WHOLE, Erase.STAYS, BOOKS),
    "postings": Fate(_RECORD, Merge.STAYS, Export.WHOLE, Erase.STAYS, BOOKS),
    # --- what was said and done
    "messages": Fate(_RECORD, Merge.STAYS, Export.WHOLE, Erase.STAYS, LETTERS, why=_SENT),
    "notes": Fate(_RECORD, Merge.STAYS, Export.WHOLE, Erase.STAYS, LETTERS, why=_RECEIVED),
    "note_versions": Fate("note_id", Merge.FOLLOWS, Export.WHOLE, Erase.STAYS, LETTERS, why=_RECEIVED),
    "activities": Fate(
        _RECORD, Merge.STAYS, Export.WITHOUT_SECRETS, Erase.STAYS, BOOKS, secrets=("digest",),
        why="who did what when, without a value (DSG-5)",
    ),
    "activity_details": Fate("activity_id", Merge.FOLLOWS, Export.WITHOUT_SECRETS, Erase.GOES, secrets=("salt",)),
    "activity_members": Fate("activity_id", Merge.FOLLOWS, Export.NONE, Erase.STAYS, BOOKS,
                             why_not_exported="digests: the seal of the trail"),
    # --- runs
    "parked_customers": Fate(_RECORD, Merge.STAYS, Export.NONE, Erase.STAYS, BOOKS,
                             why_not_exported="whom a run left out: a code and figures of the house"),
    "run_chunks": Fate("first_customer_id", Merge.STAYS, Export.NONE, Erase.STAYS, BOOKS,
                       why_not_exported="ranges of ids that a run walked, about nobody"),
    "dunning_chunks": Fate("first_customer_id", Merge.STAYS, Export.NONE, Erase.STAYS, BOOKS,
                           why_not_exported="ranges of ids that a run walked, about nobody"),
}  # fmt: skip

# These lead to a row that may be a customer's, and never do: the key, and why.
NOT_OF_A_CUSTOMER: Mapping[str, str] = {
    "company.logo_file_id": "the house's own picture",
    "letterheads.logo_file_id": "the house's own picture",
    "payment_files.file_id": "orders to the bank about many customers; each one's share stands with refunds and debits",
    "bank_statements.file_id": "the bank's own file about many customers; each one's share stands with bank_lines",
    "bank_batches.file_id": "the bank's own file about many customers; each one's share becomes bank_lines",
    "exports.file_id": "a list that a person of the house asked for; its file is thrown away after a while",
}
