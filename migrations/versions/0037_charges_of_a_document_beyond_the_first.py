"""an index on charges of a document beyond its first, by which those that were taken twice are found"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

NAME = "ix_payment_attempts_again"
AGAIN = sa.text("state = 'accepted' AND number > 1")


def upgrade():
    op.create_index(NAME, "payment_attempts", ["invoice_id"], sqlite_where=AGAIN, postgresql_where=AGAIN)


def downgrade():
    op.drop_index(NAME, table_name="payment_attempts")
