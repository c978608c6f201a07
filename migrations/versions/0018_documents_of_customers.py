"""documents on the customer's card, and who may see, keep and delete them"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# Whoever had the one has the other from now on.
GRANTED = {
    "documents.read": "customers.read", "documents.write": "customers.write", "documents.delete": "customers.write",
}  # fmt: skip


def upgrade():
    op.create_table(
        "documents",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("file_id", KEY, nullable=False),
        sa.Column("preview_id", KEY, nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("uploaded_by", sa.String(length=200), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_by", sa.String(length=200), nullable=False),
        sa.Column("deleted_reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("(deleted_at IS NULL) = (deleted_reason = '')", name=op.f("ck_documents_deleted")),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_documents_file_id")),
        sa.ForeignKeyConstraint(["preview_id"], ["files.id"], name=op.f("fk_documents_preview_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint("file_id", name=op.f("uq_documents_file_id")),
        sa.UniqueConstraint("preview_id", name=op.f("uq_documents_preview_id")),
        sqlite_autoincrement=True,
    )
    for new, known in GRANTED.items():
        op.execute(
            "INSERT INTO role_permissions (role_id, permission) "
            f"SELECT role_id, '{new}' FROM role_permissions WHERE permission = '{known}'"
        )


def downgrade():
    op.execute("DELETE FROM role_permissions WHERE permission LIKE 'documents.%'")
    op.drop_table("documents")
