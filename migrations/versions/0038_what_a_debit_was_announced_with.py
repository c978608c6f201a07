"""the sum that a debit was announced with beside the one that its file collects"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("debits", sa.Column("announced_cents", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute("UPDATE debits SET announced_cents = amount_cents")


def downgrade():
    op.drop_column("debits", "announced_cents")
