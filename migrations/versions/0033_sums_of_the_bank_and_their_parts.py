"""sums that the bank tells in parts by a notification of its own (camt.054)"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WAITING = sa.text("ended_at IS NULL")
COLUMNS = (("reference", 80), ("notice_id", 35))


def upgrade():
    for name, longest in COLUMNS:
        op.add_column("bank_lines", sa.Column(name, sa.String(longest), nullable=False, server_default=""))
    op.create_table(
        "bank_batches",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("iban", sa.String(length=34), nullable=False),
        sa.Column("batch_key", sa.String(length=80), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency_code", sa.String(length=3), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("message_id", sa.String(length=35), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("told_cents", sa.BigInteger(), nullable=False),
        sa.Column("file_id", KEY, nullable=False),
        sa.Column("line_id", KEY, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_bank_batches_file_id")),
        sa.ForeignKeyConstraint(["line_id"], ["bank_lines.id"], name=op.f("fk_bank_batches_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_batches")),
        sa.UniqueConstraint("iban", "batch_key", name=op.f("uq_bank_batches_iban_batch_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_bank_batches_line_id"), "bank_batches", ["line_id"])
    op.create_index(
        "ix_bank_batches_waiting",
        "bank_batches",
        ["iban", "amount_cents"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_table(
        "bank_parts",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("line_id", KEY, nullable=False),
        sa.Column("whole_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["bank_lines.id"], name=op.f("fk_bank_parts_line_id")),
        sa.ForeignKeyConstraint(["whole_id"], ["bank_lines.id"], name=op.f("fk_bank_parts_whole_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_parts")),
        sa.UniqueConstraint("line_id", name=op.f("uq_bank_parts_line_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_bank_parts_whole_id"), "bank_parts", ["whole_id"])


def downgrade():
    op.drop_table("bank_parts")
    op.drop_table("bank_batches")
    for name, _ in COLUMNS:
        op.drop_column("bank_lines", name)
