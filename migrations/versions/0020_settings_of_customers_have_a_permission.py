"""the settings of customers have a permission of their own; whoever could see or change them before, still can"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ALLOWED = sa.table("role_permissions", sa.column("role_id"), sa.column("permission"))
GIVEN = {
    "customers.read": "customer_settings.read",
    "customers.write": "customer_settings.write",
    "customers.delete": "customer_settings.hold",
}


def upgrade():
    for before, now in GIVEN.items():
        holders = sa.select(ALLOWED.c.role_id, sa.literal(now)).where(ALLOWED.c.permission == before)
        op.execute(ALLOWED.insert().from_select(["role_id", "permission"], holders))


def downgrade():
    op.execute(ALLOWED.delete().where(ALLOWED.c.permission.in_(GIVEN.values())))
