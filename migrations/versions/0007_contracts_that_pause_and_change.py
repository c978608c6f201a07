"""contracts that pause, change, move one collection, and are switched off on a day"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

COLUMNS = (("deactivated_on", sa.Date()), ("moved", sa.Text()), ("planned_on", sa.Date()), ("planned", sa.Text()))
INDEXES = (
    ("ix_subscriptions_ending", "ends_on", "ends_on IS NOT NULL AND status <> 'closed'"),
    ("ix_subscriptions_planned", "planned_on", "planned_on IS NOT NULL"),
)


def upgrade():
    for name, kind in COLUMNS:
        op.add_column("subscriptions", sa.Column(name, kind, nullable=True))
    op.add_column("subscription_items", sa.Column("rhythm", sa.Text(), nullable=True))
    for name, column, where in INDEXES:
        op.create_index(name, "subscriptions", [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_table(
        "subscription_pauses",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("subscription_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_on IS NULL OR ends_on > starts_on", name=op.f("ck_subscription_pauses_days")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.id"], name=op.f("fk_subscription_pauses_subscription_id_subscriptions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription_pauses")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_subscription_pauses_subscription_id"), "subscription_pauses", ["subscription_id"])


def downgrade():
    op.drop_table("subscription_pauses")
    for name, *_ in INDEXES:
        op.drop_index(name, "subscriptions")
    op.drop_column("subscription_items", "rhythm")
    for name, _ in reversed(COLUMNS):
        op.drop_column("subscriptions", name)
