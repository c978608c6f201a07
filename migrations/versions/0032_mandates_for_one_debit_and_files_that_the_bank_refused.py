"""mandates that hold for a single debit, and files that the bank refused as a whole"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("mandates", sa.Column("is_once", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("payment_files", sa.Column("rejected_at", sa.DateTime(timezone=True), nullable=True))


def downgrade():
    op.drop_column("payment_files", "rejected_at")
    op.drop_column("mandates", "is_once")
