"""failed events of payment providers are found without reading all that were done"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

FAILED = sa.text("state = 'failed'")


def upgrade():
    op.create_index("ix_gateway_events_failed", "gateway_events", ["id"], sqlite_where=FAILED, postgresql_where=FAILED)


def downgrade():
    op.drop_index("ix_gateway_events_failed", table_name="gateway_events")
