"""L3, L6, L7: numbers without gaps, documents as they were issued, papers as they were drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from hashlib import file_digest, sha256
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, exists, select

from billing.errors import KontorError
from billing.taxes import tax_lines
from models import Company, File, Invoice, InvoiceLine, InvoiceTaxLine, Letterhead, Paper, Purge, TextSet
from models.base import canonical_json
from services import clock, files, text_sets
from services.bulk import bound
from services.digests import INVOICE_COLUMNS, LINE_COLUMNS, TAX_COLUMNS, document_digest
from services.findings import BATCH, Finding, stream

PENDING_FOR = timedelta(hours=1)


def numbers_have_no_gaps(connection: Connection) -> Iterator[Finding]:
    """Per series and year: as many documents as numbers drawn, from the first to the last."""
    query = """
        SELECT s.id, r.code, s.year, s.first_value, s.next_value, count(i.id) AS found,
               min(i.number_value) AS lowest, max(i.number_value) AS highest
        FROM sequences s JOIN number_ranges r ON r.id = s.range_id
        LEFT JOIN invoices i ON i.range_id = s.range_id AND i.number_year = s.year AND i.issued_at IS NOT NULL
        WHERE r.code IN ('invoice', 'cancellation', 'correction')
        GROUP BY s.id, r.code, s.year, s.first_value, s.next_value"""
    for row in stream(connection, query):
        drawn = row.next_value - row.first_value
        whole = row.found == drawn and (not drawn or (row.lowest, row.highest) == (row.first_value, row.next_value - 1))
        if not whole:
            facts = {"series": row.code, "year": row.year, "drawn": drawn, "found": row.found}
            yield Finding("L3", "sequences", row.id, "numbers_with_gaps", facts)
    query = """
        SELECT i.id, i.number FROM invoices i
        LEFT JOIN sequences s ON s.range_id = i.range_id AND s.year = i.number_year
        WHERE i.issued_at IS NOT NULL AND s.id IS NULL"""
    for row in stream(connection, query):
        yield Finding("L3", "invoices", row.id, "number_without_series", {"number": row.number})


def numbers_and_days_ascend(connection: Connection) -> Iterator[Finding]:
    """No document is dated before the one numbered before it."""
    query = """
        SELECT id, number FROM (
            SELECT id, number, issued_on, lag(issued_on) OVER (PARTITION BY range_id ORDER BY number_year, number_value)
                   AS before FROM invoices WHERE issued_at IS NOT NULL) AS dated
        WHERE before > issued_on"""
    for row in stream(connection, query):
        yield Finding("L3", "invoices", row.id, "dated_before_its_predecessor", {"number": row.number})


def contents_are_unchanged(connection: Connection) -> Iterator[Finding]:
    """L6 and L7: every document's digest, taken again over all that is stored of it, and its sums worked out again."""
    after = 0
    columns = [getattr(Invoice, name) for name in INVOICE_COLUMNS]
    purged = set(connection.scalars(select(Purge.row_id).where(Purge.subject == "invoices")))
    while True:
        query = select(*columns, Invoice.digest).where(Invoice.id > after, Invoice.issued_at.is_not(None))
        heads = connection.execute(query.order_by(Invoice.id).limit(BATCH)).all()
        if not heads:
            return
        within = (heads[0][0], heads[-1][0])
        lines, taxes = (
            _parts(connection, InvoiceLine, LINE_COLUMNS, within),
            _parts(connection, InvoiceTaxLine, TAX_COLUMNS, within),
        )
        stored = bound(connection, Invoice, INVOICE_COLUMNS, [tuple(row[:-1]) for row in heads])
        for head, values in zip(heads, stored, strict=True):
            mine, my_taxes = lines.get(head[0], []), taxes.get(head[0], [])
            if (
                head[0] not in purged
                and document_digest(values, [raw for raw, _ in mine], [raw for raw, _ in my_taxes]) != head[-1]
            ):
                yield Finding("L6", "invoices", head[0], "document_changed", {"number": head.number})
            yield from _sums(head, [row for _, row in mine], [row for _, row in my_taxes])
        after = within[1]


_Part = tuple[tuple[Any, ...], Any]


def _parts(
    connection: Connection, model: Any, columns: tuple[str, ...], within: tuple[int, int]
) -> dict[int, list[_Part]]:
    """invoice id -> its rows, each in the driver's form (for the digest) and as values (for the sums)."""
    query = select(*(getattr(model, name) for name in columns)).where(model.invoice_id.between(*within))
    rows = connection.execute(query.order_by(model.invoice_id, model.id)).all()
    pairs = list(zip(bound(connection, model, columns, [tuple(row) for row in rows]), rows, strict=True))
    return {key: list(group) for key, group in groupby(pairs, key=lambda pair: pair[1].invoice_id)}


def _sums(head: Any, lines: Iterable[Any], taxes: Iterable[Any]) -> Iterator[Finding]:
    """L7: VAT once per rate on the document's sum, lines adding up to it, and the totals of both."""
    lines, taxes = list(lines), list(taxes)
    facts = {"number": head.number}
    amounts = [(ln.vat_category, ln.vat_percent, ln.gross_cents if head.is_gross else ln.net_cents) for ln in lines]
    try:
        wanted = {(t.category, t.percent): (t.net_cents, t.tax_cents) for t in tax_lines(amounts, head.is_gross)}
    except KontorError as error:
        yield Finding("L7", "invoices", head.id, error.code, facts)
        return
    found = {(t.vat_category, t.vat_percent): (t.net_cents, t.tax_cents) for t in taxes}
    if wanted != found and head.kind == "invoice":  # what corrections take is compared with their original
        yield Finding("L7", "invoices", head.id, "vat_differs", facts)
    sums = (head.net_cents, head.tax_cents, head.gross_cents)
    for rows, code in ((lines, "lines_do_not_add_up"), (taxes, "tax_lines_do_not_add_up")):
        if tuple(sum(values) for values in _columns(rows)) != sums:
            yield Finding("L7", "invoices", head.id, code, facts)


def _columns(rows: list[Any]) -> list[list[int]]:
    return [[getattr(row, name) for row in rows] for name in ("net_cents", "tax_cents", "gross_cents")]


def letterheads_are_unchanged(connection: Connection) -> Iterator[Finding]:
    """L6: the seller's frozen data still have the digest that they were frozen with."""
    for row in stream(connection, select(Letterhead.id, Letterhead.data, Letterhead.digest)):
        if sha256(canonical_json(row.data).encode()).hexdigest() != row.digest:
            yield Finding("L6", "letterheads", row.id, "letterhead_changed")


def text_sets_are_unchanged(connection: Connection) -> Iterator[Finding]:
    """L6: so do the sentences that papers print."""
    for row in stream(connection, select(TextSet.id, TextSet.language_code, TextSet.data, TextSet.digest)):
        if text_sets.digest_of(row.language_code, row.data) != row.digest:
            yield Finding("L6", "text_sets", row.id, "text_set_changed")


def papers_are_stored(connection: Connection) -> Iterator[Finding]:
    """L3: every issued document has its stored bytes with matching SHA-256, or waits for less than an hour.

    Nothing was late before the house stood: the demo company comes with papers of months that nobody could draw then.
    """
    query = select(Invoice.id, Invoice.number).outerjoin(Paper, Paper.invoice_id == Invoice.id)
    for row in stream(connection, query.where(Invoice.issued_at.is_not(None), Paper.id.is_(None))):
        yield Finding("L3", "invoices", row.id, "paper_missing", {"number": row.number})
    long_ago = clock.real() - PENDING_FOR
    late = select(Paper.id, Paper.state).where(Paper.state != "drawn", Paper.created_at < long_ago)
    for row in stream(connection, late.where(exists().where(Company.created_at < long_ago))):
        yield Finding("L3", "papers", row.id, "paper_not_drawn", {"state": row.state})
    lost = select(Paper.id).outerjoin(File, File.id == Paper.file_id)
    for row in stream(connection, lost.where(Paper.state == "drawn", File.id.is_(None))):
        yield Finding("L3", "papers", row.id, "file_missing")
    kept = select(File.id, File.storage_key, File.sha256).where(File.erased_at.is_(None))
    for row in stream(connection, kept):
        if _digest_of(files.path_of(row.storage_key)) != row.sha256:
            yield Finding("L3", "files", row.id, "stored_bytes_differ")


def _digest_of(path: Path) -> str:
    """Hex SHA-256 of a file, read piece by piece; empty where there is none."""
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def survivors_are_flat(connection: Connection) -> Iterator[Finding]:
    """A record leads to itself or straight to its survivor, never over a third."""
    query = """
        SELECT c.id FROM customers c LEFT JOIN customers s ON s.id = c.survivor_id
        WHERE c.survivor_id IS NULL OR s.survivor_id <> s.id"""
    for row in stream(connection, query):
        yield Finding("L2", "customers", row.id, "survivor_not_flat")
