"""a pause knows which items rest: those that begin on its first day cannot be told by their days"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("subscription_pauses", sa.Column("item_ids", sa.Text(), nullable=True))


def downgrade():
    op.drop_column("subscription_pauses", "item_ids")
