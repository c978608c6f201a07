"""a reminder's letter that nobody draws any more, because what it reminds of was paid"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("reminders", sa.Column("letter_stopped_on", sa.Date(), nullable=True))


def downgrade():
    op.drop_column("reminders", "letter_stopped_on")
