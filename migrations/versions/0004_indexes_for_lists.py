"""indexes by which lists find what is rare, numbers that a beginning finds, and how far an export is"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WHOLE = (
    ("ix_customers_customer_type_id", "customers", ["customer_type", "id"]),
    ("ix_subscriptions_status_id", "subscriptions", ["status", "id"]),
    ("ix_subscriptions_started_on_id", "subscriptions", ["started_on", "id"]),
)
PARTIAL = (
    ("ix_invoices_other_kinds", "invoices", ["kind", "id"], "kind <> 'invoice'"),
    ("ix_invoices_unissued", "invoices", ["status", "id"], "status <> 'issued'"),
    ("ix_messages_stopped", "messages", ["id"], "state = 'stopped'"),
    ("ix_messages_no_invoice", "messages", ["template", "id"], "template <> 'invoice'"),
    ("ix_activities_rare", "activities", ["code", "id"], "code <> 'invoice.issued' AND code <> 'message.sent'"),
    ("ix_activities_from_outside", "activities", ["actor_kind", "id"],
     "actor_kind <> 'system' AND actor_kind <> 'staff'"),
    ("ix_journal_entries_rare", "journal_entries", ["kind", "id"], "kind <> 'invoice' AND kind <> 'payment'"),
    ("ix_claims_not_billed", "claims", ["state", "id"], "state <> 'billed'"),
    ("ix_claims_released", "claims", ["item_id"], "released_at IS NOT NULL"),
)  # fmt: skip
NUMBERS = ("customers", "invoices")


def upgrade():
    for name, table, columns in WHOLE:
        op.create_index(name, table, columns)
    for name, table, columns, where in PARTIAL:
        op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    collate_numbers('COLLATE "C"')
    op.add_column("exports", sa.Column("position", sa.Text(), nullable=True))


def collate_numbers(collation):
    """PostgreSQL only: the beginning of a number is a range, which only bytewise order answers from the index."""
    if op.get_bind().dialect.name == "postgresql":
        for table in NUMBERS:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN number TYPE VARCHAR(40) {collation}")


def downgrade():
    op.drop_column("exports", "position")
    collate_numbers('COLLATE "default"')
    for name, table, *_ in (*PARTIAL, *WHOLE):
        op.drop_index(name, table)
