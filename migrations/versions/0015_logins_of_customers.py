"""logins of customers, their links and their sessions"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHEN = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        "customer_logins",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("customer_id", KEY, nullable=False),
        sa.Column("email", sa.String(200), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=True),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("invited_at", WHEN, nullable=True),
        sa.Column("last_login_at", WHEN, nullable=True),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("updated_at", WHEN, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_customer_logins_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_logins")),
        sa.UniqueConstraint("email", name=op.f("uq_customer_logins_email")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_customer_logins_customer_id"), "customer_logins", ["customer_id"])
    op.create_table(
        "login_tokens",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("login_id", KEY, nullable=False),
        sa.Column("purpose", sa.String(12), nullable=False),
        sa.Column("token_digest", sa.String(64), nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("expires_at", WHEN, nullable=False),
        sa.Column("used_at", WHEN, nullable=True),
        sa.CheckConstraint("purpose IN ('invitation', 'reset')", name=op.f("ck_login_tokens_purpose")),
        _of_login("login_tokens"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_tokens")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_login_tokens_token_digest")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_login_tokens_login_id"), "login_tokens", ["login_id"])
    op.create_table(
        "customer_sessions",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("token_digest", sa.String(64), nullable=False),
        sa.Column("login_id", KEY, nullable=False),
        sa.Column("address", sa.String(60), nullable=False),
        sa.Column("agent", sa.String(200), nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("last_seen_at", WHEN, nullable=False),
        sa.Column("ended_at", WHEN, nullable=True),
        _of_login("customer_sessions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_sessions")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_customer_sessions_token_digest")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_customer_sessions_login_id"), "customer_sessions", ["login_id"])


def _of_login(table):
    """Links and sessions are nothing without their login: they go with it."""
    name = op.f(f"fk_{table}_login_id")
    return sa.ForeignKeyConstraint(["login_id"], ["customer_logins.id"], name=name, ondelete="CASCADE")


def downgrade():
    for table in ("customer_sessions", "login_tokens", "customer_logins"):
        op.drop_table(table)
