"""when a refund was sent; what a chargeback brought with it; refunding and approving are permissions of their own"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ALLOWED = sa.table("role_permissions", sa.column("role_id"), sa.column("permission"))
GIVEN = ("payments.refund", "payments.approve")


def upgrade():
    """Who may book payments could give money back before, by paying credit out."""
    op.add_column("refunds", sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "chargebacks",
        sa.Column("payment_id", KEY, autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("fee_receivable_id", KEY, nullable=True),
        sa.Column("excess_receivable_id", KEY, nullable=True),
        sa.Column("fee_cents", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["excess_receivable_id"], ["receivables.id"],
                                name=op.f("fk_chargebacks_excess_receivable_id")),
        sa.ForeignKeyConstraint(["fee_receivable_id"], ["receivables.id"],
                                name=op.f("fk_chargebacks_fee_receivable_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_chargebacks_payment_id")),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_chargebacks")),
    )  # fmt: skip
    for permission in GIVEN:
        holders = sa.select(ALLOWED.c.role_id, sa.literal(permission)).where(ALLOWED.c.permission == "payments.write")
        op.execute(ALLOWED.insert().from_select(["role_id", "permission"], holders))


def downgrade():
    op.execute(ALLOWED.delete().where(ALLOWED.c.permission.in_(GIVEN)))
    op.drop_table("chargebacks")
    op.drop_column("refunds", "sent_at")
