"""the test clock's moves"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

UNDER_WAY = sa.text("state = 'running'")


def upgrade():
    op.create_table(
        "clock_moves",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("to_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("position_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offset_seconds", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=60), nullable=False),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('running', 'done')", name=op.f("ck_clock_moves_state")),
        sa.CheckConstraint("offset_seconds >= 0", name=op.f("ck_clock_moves_forward")),
        sa.CheckConstraint("from_at < to_at", name=op.f("ck_clock_moves_ahead")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_moves")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_clock_moves_running", "clock_moves", ["state"], unique=True, sqlite_where=UNDER_WAY,
        postgresql_where=UNDER_WAY,
    )  # fmt: skip


def downgrade():
    op.drop_table("clock_moves")
