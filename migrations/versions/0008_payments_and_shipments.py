"""payments as rows of their own beside their entries, and shipments"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

RARE = sa.text("kind <> 'payment'")
# Every payment that stands in the books gets its row; all of them came by bank transfer.
OLD_PAYMENTS = (
    "INSERT INTO payments (kind, customer_id, receivable_id, received_on, amount_cents, credit_cents, currency_code, "
    "method, reference, note, entry_id, created_at) "
    "SELECT 'payment', e.customer_id, max(p.receivable_id), e.booked_on, "
    "sum(CASE WHEN p.amount_cents > 0 THEN p.amount_cents ELSE 0 END), "
    "-sum(CASE WHEN p.account = 'credit' THEN p.amount_cents ELSE 0 END), "
    "e.currency_code, 'bank', '', '', e.id, e.created_at "
    "FROM journal_entries e JOIN postings p ON p.entry_id = e.id WHERE e.kind = 'payment' "
    "GROUP BY e.id, e.customer_id, e.booked_on, e.currency_code, e.created_at ORDER BY e.id"
)


def key(name, nullable=False):
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=nullable)


def upgrade():
    op.create_table(
        "payments",
        key("id"),
        sa.Column("kind", sa.String(length=16), nullable=False),
        key("customer_id"),
        key("receivable_id", nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("credit_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency_code", sa.String(length=3), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("reference", sa.String(length=140), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        key("entry_id"),
        sa.Column("external_key", sa.String(length=80), nullable=True),
        key("belongs_to_id", nullable=True),
        key("reverses_id", nullable=True),
        key("moved_from_id", nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('payment', 'cash_discount', 'write_off', 'credit_applied', 'payout', 'reversal')",
            name=op.f("ck_payments_kind"),
        ),
        sa.CheckConstraint("method IN ('', 'bank', 'cash', 'other')", name=op.f("ck_payments_method")),
        sa.CheckConstraint(
            "amount_cents > 0 AND credit_cents BETWEEN 0 AND amount_cents", name=op.f("ck_payments_amounts")
        ),
        sa.CheckConstraint("(kind = 'reversal') = (reverses_id IS NOT NULL)", name=op.f("ck_payments_reversal")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_payments_{column}"))
            for column, table in (
                ("customer_id", "customers"),
                ("receivable_id", "receivables"),
                ("entry_id", "journal_entries"),
                ("belongs_to_id", "payments"),
                ("reverses_id", "payments"),
                ("moved_from_id", "payments"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        *(
            sa.UniqueConstraint(column, name=op.f(f"uq_payments_{column}"))
            for column in ("entry_id", "external_key", "reverses_id", "moved_from_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_payments_customer_id_id", "payments", ["customer_id", "id"])
    op.create_index("ix_payments_received_on_id", "payments", ["received_on", "id"])
    op.create_index("ix_payments_rare", "payments", ["kind", "id"], sqlite_where=RARE, postgresql_where=RARE)
    op.create_index(op.f("ix_payments_receivable_id"), "payments", ["receivable_id"])
    op.create_index(op.f("ix_payments_belongs_to_id"), "payments", ["belongs_to_id"])
    op.execute(OLD_PAYMENTS)
    make_shipments()


def make_shipments():
    op.create_table(
        "shipments",
        key("id"),
        key("subscription_id", nullable=True),
        key("invoice_id"),
        key("customer_id"),
        sa.Column("shipped_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("carrier", sa.String(length=80), nullable=False),
        sa.Column("tracking_number", sa.String(length=80), nullable=False),
        sa.Column("option", sa.String(length=200), nullable=False),
        sa.Column("articles", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('planned', 'shipped', 'delivered', 'returned')", name=op.f("ck_shipments_status")
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_shipments_{column}"))
            for column, table in (
                ("subscription_id", "subscriptions"),
                ("invoice_id", "invoices"),
                ("customer_id", "customers"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipments")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_shipments_shipped_on_id", "shipments", ["shipped_on", "id"])
    for column in ("subscription_id", "invoice_id", "customer_id"):
        op.create_index(op.f(f"ix_shipments_{column}"), "shipments", [column])


def downgrade():
    op.drop_table("shipments")
    op.drop_table("payments")
