"""evidence for VAT: checked VAT ids and where a consumer lives; section 13b, OSS, and rates of the Union's countries"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OF_UNION = "tax_case IN ('union_consumer', 'oss')"
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHEN = sa.DateTime(timezone=True)


def text(name, length, default):
    return sa.Column(name, sa.String(length), nullable=False, server_default=default)


def flag(name):
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def columns():
    """Table and new column; plain ALTER TABLE, as in 0002."""
    yield "company", text("vat_check", 12, "before_issue")
    yield "company", sa.Column("vat_check_days", sa.Integer(), nullable=False, server_default="30")
    yield "company", sa.Column("vat_rely_days", sa.Integer(), nullable=False, server_default="90")
    yield "company", text("vat_unconfirmed", 10, "hold")
    yield "company", sa.Column("oss_from", sa.Date(), nullable=True)
    yield "vat_rates", text("origin", 10, "law")
    yield "products", flag("is_section_13b")
    yield "subscription_items", flag("is_section_13b")
    yield "customers", flag("owes_vat")


# Standard rates of the Union's countries as far as known, in hundredths of a per cent: a proposal that the operator
# has to look over before selling there.
RATES = (
    ("AT", 2000, "2016-01-01"), ("BE", 2100, "2000-01-01"), ("BG", 2000, "2007-01-01"), ("CY", 1900, "2014-01-13"),
    ("CZ", 2100, "2013-01-01"), ("DK", 2500, "2000-01-01"), ("EE", 2400, "2025-07-01"), ("ES", 2100, "2012-09-01"),
    ("FI", 2550, "2024-09-01"), ("FR", 2000, "2014-01-01"), ("GR", 2400, "2016-06-01"), ("HR", 2500, "2013-07-01"),
    ("HU", 2700, "2012-01-01"), ("IE", 2300, "2021-03-01"), ("IT", 2200, "2013-10-01"), ("LT", 2100, "2009-09-01"),
    ("LU", 1700, "2024-01-01"), ("LV", 2100, "2012-07-01"), ("MT", 1800, "2004-05-01"), ("NL", 2100, "2012-10-01"),
    ("PL", 2300, "2011-01-01"), ("PT", 2300, "2011-01-01"), ("RO", 2100, "2025-08-01"), ("SE", 2500, "2000-01-01"),
    ("SI", 2200, "2013-07-01"), ("SK", 2300, "2025-01-01"),
)  # fmt: skip


def upgrade():
    for table, column in columns():
        op.add_column(table, column)
    for country, percent, since in RATES:
        op.execute(
            "INSERT INTO vat_rates (country_code, category, percent, valid_from, origin) "
            f"SELECT '{country}', 'standard', {percent}, '{since}', 'proposal' FROM company WHERE NOT EXISTS "
            f"(SELECT 1 FROM vat_rates WHERE country_code = '{country}' AND category = 'standard')"
        )
    op.create_table(
        "vat_checks",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("customer_id", KEY, nullable=False),
        sa.Column("vat_id", sa.String(20), nullable=False),
        sa.Column("requester", sa.String(20), nullable=False),
        sa.Column("result", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("name_match", sa.String(10), nullable=False),
        sa.Column("address_match", sa.String(10), nullable=False),
        sa.Column("request_id", sa.String(60), nullable=False),
        sa.Column("actor_kind", sa.String(10), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("checked_at", WHEN, nullable=False),
        sa.CheckConstraint(
            "result IN ('valid', 'invalid', 'unavailable', 'timeout', 'decided')", name=op.f("ck_vat_checks_result")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_vat_checks_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vat_checks")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_vat_checks_customer_id_id", "vat_checks", ["customer_id", "id"])
    op.create_table(
        "location_evidence",
        sa.Column("invoice_id", KEY, autoincrement=False, nullable=False),
        sa.Column("country_code", sa.String(2), nullable=False),
        sa.Column("proofs", sa.Text(), nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("fk_location_evidence_invoice_id"), deferrable=True,
            initially="DEFERRED",
        ),
        sa.PrimaryKeyConstraint("invoice_id", name=op.f("pk_location_evidence")),
    )  # fmt: skip
    where = sa.text(OF_UNION)
    op.create_index("ix_invoices_union_consumers", "invoices", ["tax_case", "id"], sqlite_where=where,
                    postgresql_where=where)  # fmt: skip


def downgrade():
    op.drop_index("ix_invoices_union_consumers", "invoices")
    op.drop_table("location_evidence")
    op.drop_table("vat_checks")
    op.execute("DELETE FROM vat_rates WHERE origin = 'proposal'")
    for table, column in columns():
        op.drop_column(table, column.name)
