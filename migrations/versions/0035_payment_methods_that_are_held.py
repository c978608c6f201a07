"""payment methods that nobody charges by themselves any more"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("payment_methods", sa.Column("held_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("payment_methods", sa.Column("held_reason", sa.String(12), nullable=False, server_default=""))


def downgrade():
    op.drop_column("payment_methods", "held_reason")
    op.drop_column("payment_methods", "held_at")
