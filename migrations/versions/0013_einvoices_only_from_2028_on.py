"""a company whose turnover lets it wait until 2028 with e-invoices (section 27 (38) UStG)"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("company", sa.Column("einvoice_from_2028", sa.Boolean(), server_default=sa.false(), nullable=False))
    if op.get_bind().dialect.name == "postgresql":  # the default was for the row that stands; ours is always given
        op.alter_column("company", "einvoice_from_2028", server_default=None)


def downgrade():
    op.drop_column("company", "einvoice_from_2028")
