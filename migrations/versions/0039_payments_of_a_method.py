"""an index on the method of payments, by which those of a rare one are found in the order of their list"""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

NAME = "ix_payments_method_received_on_id"


def upgrade():
    op.create_index(NAME, "payments", ["method", "received_on", "id"])


def downgrade():
    op.drop_index(NAME, table_name="payments")
