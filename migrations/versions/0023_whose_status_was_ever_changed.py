"""whose status was ever changed is found by an index"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

STATUS = sa.text("code IN ('customer.activated', 'customer.blocked', 'customer.deactivated')")


def upgrade():
    op.create_index("ix_activities_status", "activities", ["customer_id", "id"], sqlite_where=STATUS,
                    postgresql_where=STATUS)  # fmt: skip


def downgrade():
    op.drop_index("ix_activities_status", table_name="activities")
