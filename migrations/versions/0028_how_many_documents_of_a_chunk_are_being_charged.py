"""how many documents of a chunk are being charged; what is given up may be billed after all"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade():
    """The guards are made anew after every upgrade, the one of claims among them."""
    op.add_column("run_chunks", sa.Column("charging", sa.Integer(), server_default="0", nullable=False))


def downgrade():
    op.drop_column("run_chunks", "charging")
