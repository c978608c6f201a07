"""what was taken back of granted credit, and usage whose VAT the recipient may owe"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("credit_grants", sa.Column("withdrawn_cents", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("usage_records", sa.Column("is_section_13b", sa.Boolean(), server_default=sa.false(), nullable=False))
    if op.get_bind().dialect.name == "postgresql":  # the default was for the rows that stand; ours are always given
        op.alter_column("credit_grants", "withdrawn_cents", server_default=None)
        op.alter_column("usage_records", "is_section_13b", server_default=None)


def downgrade():
    op.drop_column("usage_records", "is_section_13b")
    op.drop_column("credit_grants", "withdrawn_cents")
