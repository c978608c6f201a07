"""what a person chose for a line of a draft: rate and kind of supply, from which its tax is decided anew at issue"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("invoice_lines", sa.Column("chosen", sa.Text(), nullable=True))


def downgrade():
    op.drop_column("invoice_lines", "chosen")
