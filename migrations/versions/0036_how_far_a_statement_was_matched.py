"""how far the lines of a statement were matched, and how often that was asked for"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("bank_statements", sa.Column("matched_to", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("bank_statements", sa.Column("asked", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_bank_lines_alike", "bank_lines", ["iban", "booked_on", "amount_cents"])


def downgrade():
    op.drop_index("ix_bank_lines_alike", "bank_lines")
    op.drop_column("bank_statements", "asked")
    op.drop_column("bank_statements", "matched_to")
