"""monthly figures of the overview, and indexes that find money's movements and failed mails"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOVED = sa.text("kind <> 'invoice'")
FAILED = sa.text("state = 'failed'")
OPEN = sa.text("open_cents <> 0")


def upgrade():
    op.create_table(
        "monthly_figures",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=10), nullable=False),
        sa.Column("currency_code", sa.String(length=3), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("name IN ('recurring', 'issued', 'settled')", name=op.f("ck_monthly_figures_name")),
        sa.PrimaryKeyConstraint("month", "name", "currency_code", name=op.f("pk_monthly_figures")),
    )
    op.create_index(
        "ix_journal_entries_moved", "journal_entries", ["booked_on"], sqlite_where=MOVED, postgresql_where=MOVED
    )
    op.create_index("ix_messages_failed", "messages", ["id"], sqlite_where=FAILED, postgresql_where=FAILED)
    widen_open_due("due_on", "customer_id", "currency_code", "open_cents")


def widen_open_due(*columns):
    """The index of what is open, anew."""
    op.drop_index("ix_receivables_open_due", "receivables")
    op.create_index("ix_receivables_open_due", "receivables", list(columns), sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade():
    widen_open_due("due_on", "customer_id")
    op.drop_index("ix_messages_failed", "messages")
    op.drop_index("ix_journal_entries_moved", "journal_entries")
    op.drop_table("monthly_figures")
