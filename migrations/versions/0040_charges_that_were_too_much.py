"""an index on charges of which something became credit: what was paid before, or was collected once more"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

NAME = "ix_payments_too_much"
WHERE = sa.text("credit_cents > 0 AND gateway <> ''")


def upgrade():
    op.create_index(NAME, "payments", ["receivable_id"], sqlite_where=WHERE, postgresql_where=WHERE)


def downgrade():
    op.drop_index(NAME, table_name="payments")
