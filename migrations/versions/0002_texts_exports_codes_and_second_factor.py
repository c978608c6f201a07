"""texts that staff edit, exports as jobs, one-time codes of hosted pages, the second factor, names to sort by"""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "text_sets",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("language_code", sa.String(length=2), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_sets")),
        sa.UniqueConstraint("digest", name=op.f("uq_text_sets_digest")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "text_templates",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("language_code", sa.String(length=2), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('mail', 'paper')", name=op.f("ck_text_templates_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_templates")),
        sa.UniqueConstraint("kind", "name", "language_code", name=op.f("uq_text_templates_kind_name_language_code")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "customer_codes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("sent_to", sa.String(length=200), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_customer_codes_attempts")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_customer_codes_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_codes")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("customer_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customer_codes_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "exports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("format", sa.String(length=4), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("rows_all", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("error", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("format IN ('csv', 'xlsx', 'json')", name=op.f("ck_exports_format")),
        sa.CheckConstraint("state IN ('pending', 'running', 'done', 'failed')", name=op.f("ck_exports_state")),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_exports_file_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_exports_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("exports", schema=None) as batch_op:
        batch_op.create_index("ix_exports_staff_id_id", ["staff_id", "id"], unique=False)
        waiting = sa.text("state IN ('pending', 'running')")
        batch_op.create_index("ix_exports_waiting", ["next_attempt_at"], sqlite_where=waiting, postgresql_where=waiting)

    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_recovery_codes_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("recovery_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_codes_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "staff_tokens",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("purpose", sa.String(length=12), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('invitation', 'reset')", name=op.f("ck_staff_tokens_purpose")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_tokens_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_tokens")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_staff_tokens_token_digest")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("staff_tokens", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_tokens_staff_id"), ["staff_id"], unique=False)

    # Plain ALTER TABLE wherever SQLite can: batch mode makes a table anew and forgets its CHECKs and AUTOINCREMENT.
    word = sa.String(80).with_variant(sa.String(80, collation="C"), "postgresql")
    op.add_column("customers", sa.Column("sort_name", word, nullable=False, server_default=""))
    op.create_index("ix_customers_sort_name_id", "customers", ["sort_name", "id"])
    op.create_index("ix_customers_status_id", "customers", ["status", "id"])
    fill_sort_names()

    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    key = "CONSTRAINT fk_invoices_text_set_id REFERENCES text_sets (id)"
    op.execute(f"ALTER TABLE invoices ADD COLUMN text_set_id {kind} {key}")

    op.drop_column("staff", "totp_secret")  # it was never filled
    op.add_column("staff", sa.Column("totp_secret", sa.String(200), nullable=True))
    op.add_column("staff", sa.Column("totp_confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("staff", sa.Column("totp_last_step", sa.BigInteger(), nullable=True))
    op.add_column("staff_sessions", sa.Column("second_factor_at", sa.DateTime(timezone=True), nullable=True))


def fill_sort_names():
    """The name as lists sort it, of the records that are there already."""
    customers = sa.table(
        "customers", *(sa.column(name) for name in ("id", "organization", "last_name", "first_name", "sort_name"))
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(customers)).all():
        name = sort_key(row.organization or f"{row.last_name} {row.first_name}")
        connection.execute(customers.update().where(customers.c.id == row.id).values(sort_name=name))


def sort_key(text):
    """As billing.words.sort_key was at this revision."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(char if char.isalnum() else " " for char in folded if not unicodedata.combining(char))
    return " ".join(kept.split())[:80]


def downgrade():
    op.drop_column("staff_sessions", "second_factor_at")
    op.drop_column("staff", "totp_last_step")
    op.drop_column("staff", "totp_confirmed_at")
    op.drop_column("staff", "totp_secret")
    op.add_column("staff", sa.Column("totp_secret", sa.String(64), nullable=True))
    op.drop_column("invoices", "text_set_id")
    op.drop_index("ix_customers_status_id", "customers")
    op.drop_index("ix_customers_sort_name_id", "customers")
    op.drop_column("customers", "sort_name")
    for table in ("staff_tokens", "recovery_codes", "exports", "customer_codes", "text_templates", "text_sets"):
        op.drop_table(table)
