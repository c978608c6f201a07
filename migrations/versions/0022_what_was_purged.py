"""what was purged when its time was over"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "purges",
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("row_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purged_on", sa.Date(), nullable=False),
        sa.CheckConstraint("subject IN ('invoices', 'payments', 'vat_checks')", name=op.f("ck_purges_subject")),
        sa.PrimaryKeyConstraint("subject", "row_id", name=op.f("pk_purges")),
    )


def downgrade():
    op.drop_table("purges")
