"""usage that waits for its invoice, coupons with their uses, granted credit; paid credit is found by an index"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

HELD = sa.text("remaining_cents > 0")
RUNNING = sa.text("ended_at IS NULL")
UNRELEASED = sa.text("released_at IS NULL")
UNBILLED = sa.text("claim_id IS NULL")
CREDIT = sa.text("account = 'credit'")
TABLES = (
    "usage_records", "credit_uses", "coupon_uses", "coupon_redemptions", "coupon_products", "credit_grants", "coupons",
)  # fmt: skip


def upgrade():
    op.create_table(
        "coupons",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("code_key", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("campaign", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("percent", sa.BigInteger(), nullable=True),
        sa.Column("amount_cents", sa.BigInteger(), nullable=True),
        sa.Column("currency_code", sa.String(length=3), nullable=True),
        sa.Column("lasts", sa.String(length=10), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("period_unit", sa.String(length=5), nullable=True),
        sa.Column("period_count", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("uses_max", sa.Integer(), nullable=False),
        sa.Column("uses_per_customer", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(kind <> 'percent') = (amount_cents IS NOT NULL)", name=op.f("ck_coupons_amount_given")),
        sa.CheckConstraint("(kind = 'percent') = (percent IS NOT NULL)", name=op.f("ck_coupons_percent_given")),
        sa.CheckConstraint("kind <> 'voucher' OR lasts = 'ever'", name=op.f("ck_coupons_voucher")),
        sa.CheckConstraint("kind IN ('percent', 'amount', 'voucher')", name=op.f("ck_coupons_kind")),
        sa.CheckConstraint("lasts IN ('events', 'time', 'ever')", name=op.f("ck_coupons_lasts")),
        sa.CheckConstraint("amount_cents IS NULL OR amount_cents > 0", name=op.f("ck_coupons_amount")),
        sa.CheckConstraint("percent IS NULL OR (percent > 0 AND percent <= 10000)", name=op.f("ck_coupons_percent")),
        sa.CheckConstraint("uses_max >= 0 AND uses_per_customer >= 0", name=op.f("ck_coupons_uses")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_coupons_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupons")),
        sa.UniqueConstraint("code_key", name=op.f("uq_coupons_code_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_coupons_customer_id", "coupons", ["customer_id"])

    op.create_table(
        "credit_grants",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency_code", sa.String(length=3), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("remaining_cents", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("source IN ('api', 'staff', 'system')", name=op.f("ck_credit_grants_source")),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_credit_grants_amount")),
        sa.CheckConstraint("remaining_cents BETWEEN 0 AND amount_cents", name=op.f("ck_credit_grants_remaining")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_credit_grants_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_grants")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_credit_grants_customer_id_id", "credit_grants", ["customer_id", "id"])
    op.create_index(
        "ix_credit_grants_held", "credit_grants", ["customer_id", "id"], sqlite_where=HELD, postgresql_where=HELD
    )

    op.create_table(
        "coupon_products",
        sa.Column("coupon_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["coupon_id"], ["coupons.id"], name=op.f("fk_coupon_products_coupon_id")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_coupon_products_product_id")),
        sa.PrimaryKeyConstraint("coupon_id", "product_id", name=op.f("pk_coupon_products")),
    )
    op.create_index("ix_coupon_products_product_id", "coupon_products", ["product_id"])

    op.create_table(
        "coupon_redemptions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("coupon_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subscription_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("redeemed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("left_cents", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("left_cents IS NULL OR left_cents >= 0", name=op.f("ck_coupon_redemptions_left")),
        sa.ForeignKeyConstraint(["coupon_id"], ["coupons.id"], name=op.f("fk_coupon_redemptions_coupon_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_coupon_redemptions_customer_id")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.id"], name=op.f("fk_coupon_redemptions_subscription_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon_redemptions")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_coupon_redemptions_coupon_id_id", "coupon_redemptions", ["coupon_id", "id"])
    op.create_index("ix_coupon_redemptions_customer_id_id", "coupon_redemptions", ["customer_id", "id"])
    op.create_index(
        "ix_coupon_redemptions_running",
        "coupon_redemptions",
        ["subscription_id"],
        sqlite_where=RUNNING,
        postgresql_where=RUNNING,
    )
    op.create_index("ix_coupon_redemptions_subscription_id", "coupon_redemptions", ["subscription_id"])

    op.create_table(
        "coupon_uses",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("redemption_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("billing_on", sa.Date(), nullable=False),
        sa.Column("invoice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("cents > 0", name=op.f("ck_coupon_uses_cents")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_coupon_uses_invoice_id")),
        sa.ForeignKeyConstraint(
            ["redemption_id"], ["coupon_redemptions.id"], name=op.f("fk_coupon_uses_redemption_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon_uses")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_coupon_uses_invoice_id", "coupon_uses", ["invoice_id"])
    op.create_index(
        "uq_coupon_uses_unreleased",
        "coupon_uses",
        ["redemption_id", "billing_on", "invoice_id"],
        unique=True,
        sqlite_where=UNRELEASED,
        postgresql_where=UNRELEASED,
    )

    op.create_table(
        "credit_uses",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("grant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("invoice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("cents > 0", name=op.f("ck_credit_uses_cents")),
        sa.ForeignKeyConstraint(["grant_id"], ["credit_grants.id"], name=op.f("fk_credit_uses_grant_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_credit_uses_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_uses")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_credit_uses_grant_id_id", "credit_uses", ["grant_id", "id"])
    op.create_index("ix_credit_uses_invoice_id", "credit_uses", ["invoice_id"])

    op.create_table(
        "usage_records",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("external_id", sa.String(length=100), nullable=True),
        sa.Column("subscription_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("article_number", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=10), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("currency_code", sa.String(length=3), nullable=False),
        sa.Column("vat_category", sa.String(length=10), nullable=False),
        sa.Column("supply_kind", sa.String(length=10), nullable=False),
        sa.Column("used_on", sa.Date(), nullable=False),
        sa.Column("used_time", sa.Time(), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("invoice_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("(claim_id IS NULL) = (invoice_line_id IS NULL)", name=op.f("ck_usage_records_billed")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_usage_records_quantity")),
        sa.CheckConstraint("unit_price >= 0", name=op.f("ck_usage_records_price")),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_usage_records_claim_id")),
        sa.ForeignKeyConstraint(
            ["invoice_line_id"], ["invoice_lines.id"], name=op.f("fk_usage_records_invoice_line_id")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["subscription_items.id"], name=op.f("fk_usage_records_item_id")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_usage_records_product_id")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.id"], name=op.f("fk_usage_records_subscription_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_records")),
        sa.UniqueConstraint("claim_id", name=op.f("uq_usage_records_claim_id")),
        sa.UniqueConstraint("external_id", name=op.f("uq_usage_records_external_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_usage_records_invoice_line_id", "usage_records", ["invoice_line_id"])
    op.create_index("ix_usage_records_subscription_id_id", "usage_records", ["subscription_id", "id"])
    op.create_index(
        "ix_usage_records_unbilled",
        "usage_records",
        ["subscription_id"],
        sqlite_where=UNBILLED,
        postgresql_where=UNBILLED,
    )

    op.create_index(
        "ix_postings_credit",
        "postings",
        ["customer_id", "currency_code", "amount_cents"],
        sqlite_where=CREDIT,
        postgresql_where=CREDIT,
    )


def downgrade():
    op.drop_index("ix_postings_credit", "postings")
    for table in TABLES:
        op.drop_table(table)
