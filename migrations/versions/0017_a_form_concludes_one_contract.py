"""the key of the form that concluded a contract"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("subscriptions", sa.Column("order_key", sa.String(length=80), nullable=True))
    op.create_index("uq_subscriptions_order_key", "subscriptions", ["order_key"], unique=True)


def downgrade():
    op.drop_index("uq_subscriptions_order_key", "subscriptions")
    op.drop_column("subscriptions", "order_key")
