"""references of mandates come from a range of their own and are compared in capitals; a file can be thrown away"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("payment_files", sa.Column("discarded_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE mandates SET reference = upper(reference)")
    op.execute(
        "INSERT INTO number_ranges (code, pattern, yearly, first_value, created_at, updated_at, version) "
        "SELECT 'mandate', 'M-{N:6}', yearly, 1, created_at, updated_at, 1 FROM number_ranges WHERE code = 'customer' "
        "AND NOT EXISTS (SELECT 1 FROM number_ranges WHERE code = 'mandate')"
    )


def downgrade():
    op.execute("DELETE FROM sequences WHERE range_id IN (SELECT id FROM number_ranges WHERE code = 'mandate')")
    op.execute("DELETE FROM number_ranges WHERE code = 'mandate'")
    op.drop_column("payment_files", "discarded_at")
