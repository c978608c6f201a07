"""L1, L2: usage stands on its line, coupons and granted credit within their limits, paid credit as it was used."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import Connection

from services.findings import Finding, stream


def usage_is_billed_once(connection: Connection) -> Iterator[Finding]:
    """X-20: a record that is billed has its own claim and its line, and a claim of usage has its record."""
    query = """
        SELECT u.id FROM usage_records u
        LEFT JOIN claims c ON c.id = u.claim_id LEFT JOIN invoice_lines l ON l.id = u.invoice_line_id
        WHERE u.claim_id IS NOT NULL
          AND (c.id IS NULL OR c.released_at IS NOT NULL OR c.kind <> 'usage:' || u.id OR c.item_id <> u.item_id
               OR l.id IS NULL OR l.reason <> 'usage' OR l.subscription_id <> u.subscription_id)"""
    for row in stream(connection, query):
        yield Finding("L2", "usage_records", row.id, "usage_claim_differs")
    query = """
        SELECT c.id, c.item_id FROM claims c LEFT JOIN usage_records u ON u.claim_id = c.id
        WHERE c.kind LIKE 'usage:%' AND c.state = 'billed' AND c.released_at IS NULL AND u.id IS NULL"""
    for row in stream(connection, query):
        yield Finding("L2", "claims", row.id, "claim_without_usage", {"item_id": row.item_id})


def usage_lines_are_their_records(connection: Connection) -> Iterator[Finding]:
    """Each line of usage is the sum of its records, unless it was taken back to be billed again."""
    query = """
        SELECT l.id, i.number, l.quantity AS said, coalesce(sum(u.quantity), 0) AS recorded
        FROM invoice_lines l JOIN invoices i ON i.id = l.invoice_id
        LEFT JOIN usage_records u ON u.invoice_line_id = l.id
        WHERE l.reason = 'usage' AND i.kind = 'invoice' AND i.issued_at IS NOT NULL
        GROUP BY l.id, i.id, i.number, l.quantity
        HAVING l.quantity <> coalesce(sum(u.quantity), 0)
           AND NOT (count(u.id) = 0 AND EXISTS (SELECT 1 FROM invoices k WHERE k.original_id = i.id))"""
    for row in stream(connection, query):
        facts = {"number": row.number, "said": int(row.said), "recorded": int(row.recorded)}  # in ten thousandths
        yield Finding("L2", "invoice_lines", row.id, "usage_does_not_add_up", facts)


def coupons_stay_within_their_limits(connection: Connection) -> Iterator[Finding]:
    """S25: no coupon is redeemed more often than it may be, in all and by one customer."""
    query = """
        SELECT c.id, c.code, count(r.id) AS uses, c.uses_max FROM coupons c
        JOIN coupon_redemptions r ON r.coupon_id = c.id
        WHERE c.uses_max > 0 GROUP BY c.id, c.code, c.uses_max HAVING count(r.id) > c.uses_max"""
    for row in stream(connection, query):
        yield Finding("L1", "coupons", row.id, "coupon_overused", {"uses": row.uses, "most": row.uses_max})
    query = """
        SELECT r.id, c.events, count(DISTINCT u.billing_on) AS events_used
        FROM coupon_redemptions r JOIN coupons c ON c.id = r.coupon_id JOIN coupon_uses u ON u.redemption_id = r.id
        WHERE c.lasts = 'events' AND u.released_at IS NULL
        GROUP BY r.id, c.events HAVING count(DISTINCT u.billing_on) > c.events"""
    for row in stream(connection, query):
        facts = {"events": row.events, "used": row.events_used}
        yield Finding("L1", "coupon_redemptions", row.id, "too_many_events", facts)


def vouchers_and_grants_hold_their_rest(connection: Connection) -> Iterator[Finding]:
    """What is left of a voucher or a grant is its amount less what invoices took and what was taken back."""
    query = """
        SELECT r.id, r.left_cents, c.amount_cents, coalesce(sum(u.cents), 0) AS used
        FROM coupon_redemptions r JOIN coupons c ON c.id = r.coupon_id
        LEFT JOIN coupon_uses u ON u.redemption_id = r.id AND u.released_at IS NULL
        WHERE r.left_cents IS NOT NULL GROUP BY r.id, r.left_cents, c.amount_cents
        HAVING r.left_cents <> c.amount_cents - coalesce(sum(u.cents), 0)"""
    for row in stream(connection, query):
        facts = {"left_cents": row.left_cents, "used_cents": int(row.used)}
        yield Finding("L1", "coupon_redemptions", row.id, "voucher_differs", facts)
    query = """
        SELECT g.id, g.remaining_cents, coalesce(sum(u.cents), 0) AS used
        FROM credit_grants g LEFT JOIN credit_uses u ON u.grant_id = g.id AND u.released_at IS NULL
        GROUP BY g.id, g.amount_cents, g.withdrawn_cents, g.remaining_cents
        HAVING g.remaining_cents <> g.amount_cents - g.withdrawn_cents - coalesce(sum(u.cents), 0)"""
    for row in stream(connection, query):
        facts = {"remaining_cents": row.remaining_cents, "used_cents": int(row.used)}
        yield Finding("L1", "credit_grants", row.id, "grant_differs", facts)


def discounts_stand_on_their_lines(connection: Connection) -> Iterator[Finding]:
    """What coupons and grants say they took off an invoice, its lines show (BG-27)."""
    used = {}
    query = """
        SELECT invoice_id, sum(cents) AS cents FROM (
            SELECT invoice_id, cents FROM coupon_uses UNION ALL SELECT invoice_id, cents FROM credit_uses) AS uses
        GROUP BY invoice_id"""
    for row in stream(connection, query):
        used[row.invoice_id] = int(row.cents)
    shown = dict.fromkeys(used, 0)
    for row in stream(connection, "SELECT invoice_id, discounts FROM invoice_lines WHERE discounts <> '[]'"):
        if row.invoice_id in shown:
            shown[row.invoice_id] += sum(cents for _, cents in json.loads(row.discounts))
    for invoice_id, cents in used.items():
        if cents > shown[invoice_id]:
            facts = {"used_cents": cents, "shown_cents": shown[invoice_id]}
            yield Finding("L1", "invoices", invoice_id, "discounts_differ", facts)


def prepaid_is_booked(connection: Connection) -> Iterator[Finding]:
    """BT-113: what an invoice says was paid by credit was booked when it was issued, and nothing else."""
    query = """
        SELECT i.id, i.number, i.prepaid_cents, coalesce(sum(p.amount_cents), 0) AS booked
        FROM invoices i
        LEFT JOIN journal_entries e ON e.invoice_id = i.id AND e.kind = 'credit_applied'
             AND NOT EXISTS (SELECT 1 FROM payments y WHERE y.entry_id = e.id)
        LEFT JOIN postings p ON p.entry_id = e.id AND p.account = 'credit'
        WHERE i.issued_at IS NOT NULL AND (i.prepaid_cents <> 0 OR e.id IS NOT NULL)
        GROUP BY i.id, i.number, i.prepaid_cents HAVING i.prepaid_cents <> coalesce(sum(p.amount_cents), 0)"""
    for row in stream(connection, query):
        facts = {"number": row.number, "prepaid_cents": row.prepaid_cents, "booked_cents": int(row.booked)}
        yield Finding("L1", "invoices", row.id, "prepaid_differs", facts)
