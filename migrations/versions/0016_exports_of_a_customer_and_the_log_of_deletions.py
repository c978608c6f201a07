"""everything about a customer as a file, and the log of deletions"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHEN = sa.DateTime(timezone=True)
WAITING = sa.text("state IN ('pending', 'running')")


def upgrade():
    op.create_table(
        "customer_exports",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("customer_id", KEY, nullable=False),
        sa.Column("staff_id", KEY, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("files_done", sa.Integer(), nullable=False),
        sa.Column("files_all", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", WHEN, nullable=False),
        sa.Column("file_id", KEY, nullable=True),
        sa.Column("error", sa.String(length=60), nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("finished_at", WHEN, nullable=True),
        sa.CheckConstraint("state IN ('pending', 'running', 'done', 'failed')", name=op.f("ck_customer_exports_state")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_customer_exports_customer_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_customer_exports_staff_id")),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_customer_exports_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_exports")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_customer_exports_customer_id"), "customer_exports", ["customer_id"])
    op.create_index(op.f("ix_customer_exports_staff_id"), "customer_exports", ["staff_id"])
    op.create_index(
        "ix_customer_exports_waiting",
        "customer_exports",
        ["next_attempt_at"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_table(
        "deletions",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("gone", sa.Text(), nullable=False),
        sa.Column("kept", sa.Text(), nullable=False),
        sa.Column("retain_until", sa.Date(), nullable=True),
        sa.CheckConstraint("outcome IN ('erased', 'restricted', 'purged')", name=op.f("ck_deletions_outcome")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deletions")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_deletions_customer_id_id", "deletions", ["customer_id", "id"])


def downgrade():
    op.drop_table("deletions")
    op.drop_table("customer_exports")
