"""what a bank line was booked as, and who may see bank statements"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# Whoever had the one has the other from now on.
GRANTED = {"bank_statements.read": "payments.read", "bank_statements.write": "payments.write"}


def upgrade():
    op.create_table(
        "bank_matches",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("line_id", KEY, nullable=False),
        sa.Column("payment_id", KEY, nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_bank_matches_amount")),
        sa.ForeignKeyConstraint(["line_id"], ["bank_lines.id"], name=op.f("fk_bank_matches_line_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_bank_matches_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_matches")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_bank_matches_payment_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_bank_matches_line_id"), "bank_matches", ["line_id"])
    op.add_column("bank_statements", sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True))
    for new, known in GRANTED.items():
        op.execute(
            "INSERT INTO role_permissions (role_id, permission) "
            f"SELECT role_id, '{new}' FROM role_permissions WHERE permission = '{known}'"
        )


def downgrade():
    op.execute("DELETE FROM role_permissions WHERE permission LIKE 'bank_statements.%'")
    op.drop_column("bank_statements", "tried_at")
    op.drop_index(op.f("ix_bank_matches_line_id"), table_name="bank_matches")
    op.drop_table("bank_matches")
