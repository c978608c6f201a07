"""discounts on the lines that they reduce, and a series for corrections"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("invoice_lines", sa.Column("discounts", sa.Text(), server_default="[]", nullable=False))
    if op.get_bind().dialect.name == "postgresql":  # the default was for the rows that stand; ours are always given
        op.alter_column("invoice_lines", "discounts", server_default=None)
    op.execute(
        "INSERT INTO number_ranges (code, pattern, yearly, first_value, created_at, updated_at, version) "
        "SELECT 'correction', 'RK-{YYYY}-{N:5}', yearly, 1, created_at, updated_at, 1 FROM number_ranges "
        "WHERE code = 'cancellation' AND NOT EXISTS (SELECT 1 FROM number_ranges WHERE code = 'correction')"
    )


def downgrade():
    op.execute("DELETE FROM number_ranges WHERE code = 'correction' AND id NOT IN (SELECT range_id FROM sequences)")
    op.drop_column("invoice_lines", "discounts")
