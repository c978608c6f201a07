"""payment methods, mandates, attempts, refunds, files for the bank, statements, reminders"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHEN = sa.DateTime(timezone=True)
KINDS = ("payment", "cash_discount", "write_off", "credit_applied", "payout", "reversal")
METHODS = ("", "bank", "cash", "other")
MORE_KINDS = (*KINDS, "refund", "chargeback")
MORE_METHODS = (*METHODS, "card", "paypal", "sepa_debit")
NEW = (
    "base_rates",
    "csv_layouts",
    "dunning_levels",
    "gateway_events",
    "mandates",
    "bank_statements",
    "payment_files",
    "payment_methods",
    "collections",
    "payment_attempts",
    "instalment_plans",
    "reminders",
    "bank_lines",
    "debits",
    "instalments",
    "refunds",
)


def upgrade():
    _new_tables()
    _new_columns()
    _payments(KINDS, MORE_KINDS, METHODS, MORE_METHODS)
    _mandates_of_records()


def downgrade():
    _payments(MORE_KINDS, KINDS, MORE_METHODS, METHODS)
    op.drop_index(op.f("ix_subscriptions_payment_method_id"), table_name="subscriptions")
    op.drop_index(op.f("ix_receivables_parent_id"), table_name="receivables")
    for table, columns in reversed(list(COLUMNS.items())):
        for name, _, _ in columns:
            _drop_column(table, name)
    for table in reversed(NEW):
        op.drop_table(table)


# Of each column: name, type with its default for the rows that stand, the table that it leads to.
COLUMNS = {
    "customers": (("dunning_hold_until", "DATE", ""), ("dunning_hold_reason", "VARCHAR(60) DEFAULT '' NOT NULL", "")),
    "payments": (("gateway", "VARCHAR(12) DEFAULT '' NOT NULL", ""), ("provider_id", "VARCHAR(200)", "")),
    "receivables": (("parent_id", "BIGINT", "receivables"), ("cause", "VARCHAR(16) DEFAULT '' NOT NULL", ""),
                    ("reminded_on", "DATE", ""), ("disputed_on", "DATE", "")),
    "subscriptions": (("payment_method_id", "BIGINT", "payment_methods"),),
}  # fmt: skip


def _new_columns():
    """Plain columns: SQLite adds them without making the table anew. Bulk inserts rest on their defaults."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table, columns in COLUMNS.items():
        for name, kind, leads_to in columns:
            kind = kind if postgresql else kind.replace("BIGINT", "INTEGER")
            key = f" CONSTRAINT fk_{table}_{name} REFERENCES {leads_to} (id)" if leads_to else ""
            op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}{key}")
    op.create_index(op.f("ix_receivables_parent_id"), "receivables", ["parent_id"])
    op.create_index(op.f("ix_subscriptions_payment_method_id"), "subscriptions", ["payment_method_id"])


def _drop_column(table, name):
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {table} DROP COLUMN {name} CASCADE")
        return
    leads_to = {column: target for column, _, target in COLUMNS[table]}[name]
    if leads_to:  # SQLite drops no column that has a key
        _rebuilt(table, lambda sql: _without(sql, name), leave=name)
    else:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")


def _payments(kinds, kinds_now, methods, methods_now):
    """What a payment may be, and that a provider's is there once."""
    growing = len(kinds_now) > len(kinds)
    unique = "CONSTRAINT uq_payments_gateway_provider_id UNIQUE (gateway, provider_id)"
    if op.get_bind().dialect.name == "postgresql":
        for name, now in (("kind", kinds_now), ("method", methods_now)):
            op.execute(f"ALTER TABLE payments DROP CONSTRAINT ck_payments_{name}")
            op.execute(f"ALTER TABLE payments ADD CONSTRAINT ck_payments_{name} CHECK ({name} IN {now})")
        op.execute(f"ALTER TABLE payments {'ADD ' + unique if growing else 'DROP CONSTRAINT ' + unique.split()[1]}")
        return

    def changed(sql):
        sql = sql.replace(f"kind IN {kinds}", f"kind IN {kinds_now}")
        sql = sql.replace(f"method IN {methods}", f"method IN {methods_now}")
        end = sql.rindex(")")
        return sql[:end].rstrip() + f", {unique}\n)" if growing else sql.replace(f", {unique}", "")

    _rebuilt("payments", changed)


def _rebuilt(table, changed, leave=""):
    """SQLite: the table anew with `changed` applied to how it was made; its rows, indexes and last id are kept."""
    bind = op.get_bind()
    schema = bind.execute(
        sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name"), {"name": table}
    )
    indexes = bind.execute(
        sa.text("SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :name AND sql IS NOT NULL"),
        {"name": table},
    )  # fmt: skip
    made, indexed = schema.scalar_one(), [row.sql for row in indexes]
    columns = [row.name for row in bind.execute(sa.text(f"PRAGMA table_info({table})")) if row.name != leave]
    names = ", ".join(f'"{name}"' for name in columns)
    head, _, rest = changed(made).partition("(")
    last = bind.execute(sa.text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table}).scalar()
    op.execute("PRAGMA legacy_alter_table = ON")  # keys of other tables go on naming this one
    bind.exec_driver_sql(f"CREATE TABLE {table}_anew ({rest}")
    bind.exec_driver_sql(f"INSERT INTO {table}_anew ({names}) SELECT {names} FROM {table}")
    bind.exec_driver_sql(f"DROP TABLE {table}")
    bind.exec_driver_sql(f"ALTER TABLE {table}_anew RENAME TO {table}")
    op.execute("PRAGMA legacy_alter_table = OFF")
    if last is not None:
        bind.execute(
            sa.text("UPDATE sqlite_sequence SET seq = :last WHERE name = :name"), {"last": last, "name": table}
        )
    for sql in indexed:
        bind.exec_driver_sql(sql)


def _without(sql, column):
    """How the table was made, less one column that stands at its end."""
    begin = sql.index(f", {column} ")
    depth, end = 0, begin + 2
    while depth or sql[end] not in ",)":
        depth += {"(": 1, ")": -1}.get(sql[end], 0)
        end += 1
    return sql[:begin] + sql[end:]


def _mandates_of_records():
    """A record that names a mandate and an IBAN has a mandate now, and who pays by debit a method by it. The record's
    own fields stay, the call API tells them."""
    bind = op.get_bind()
    rows = bind.execute(
        sa.text(
            "SELECT id, mandate_reference, mandate_signed_on, bank_iban, bank_bic, bank_account_owner, first_name, "
            "last_name, organization, payment_type, created_at FROM customers WHERE mandate_reference <> '' "
            "AND bank_iban <> '' AND erased_at IS NULL AND (survivor_id IS NULL OR survivor_id = id) ORDER BY id"
        )
    ).all()
    seen = set()
    for row in rows:
        reference = "".join(row.mandate_reference.split())[:35]
        if reference.casefold() in seen:  # the bank would take the second for the first
            continue
        seen.add(reference.casefold())
        _mandate(bind, row, reference)


def _mandate(bind, row, reference):
    holder = row.bank_account_owner or row.organization or f"{row.first_name} {row.last_name}".strip()
    mandates = sa.table("mandates", *(sa.column(name) for name in (
        "customer_id", "reference", "scheme", "signed_on", "holder", "iban", "bic", "state", "stop_code", "created_at",
    )))  # fmt: skip
    signed_on = row.mandate_signed_on or str(row.created_at)[:10]
    values = {"customer_id": row.id, "reference": reference, "scheme": "CORE", "signed_on": sa.cast(signed_on, sa.Date)
              if bind.dialect.name == "postgresql" else str(signed_on), "holder": holder[:100], "iban": row.bank_iban,
              "bic": row.bank_bic, "state": "active", "stop_code": "", "created_at": row.created_at}  # fmt: skip
    bind.execute(mandates.insert().values(**values))
    if row.payment_type != 2:
        return
    found = bind.execute(sa.text("SELECT id FROM mandates WHERE reference = :r"), {"r": reference}).scalar_one()
    methods = sa.table("payment_methods", *(sa.column(name) for name in (
        "customer_id", "kind", "gateway", "state", "is_default", "token", "provider_customer", "brand", "last4",
        "holder", "mandate_id", "created_at",
    )))  # fmt: skip
    bind.execute(methods.insert().values(
        customer_id=row.id, kind="sepa_debit", gateway="", state="active", is_default=True, token="",
        provider_customer="", brand="", last4=row.bank_iban[-4:], holder=holder[:100], mandate_id=found,
        created_at=row.created_at,
    ))  # fmt: skip


def _new_tables():
    op.create_table(
        "base_rates",
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("percent", sa.BigInteger(), nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("valid_from", name=op.f("pk_base_rates")),
    )
    op.create_table(
        "csv_layouts",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_csv_layouts")),
        sa.UniqueConstraint("name", name=op.f("uq_csv_layouts_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "dunning_levels",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("fee_cents", sa.BigInteger(), nullable=False),
        sa.Column("consumer_fee_cents", sa.BigInteger(), nullable=False),
        sa.Column("days_to_pay", sa.Integer(), nullable=False),
        sa.Column("by_mail", sa.Boolean(), nullable=False),
        sa.Column("letter", sa.String(length=8), nullable=False),
        sa.Column("with_interest", sa.Boolean(), nullable=False),
        sa.Column("with_lump_sum", sa.Boolean(), nullable=False),
        sa.Column("collect_before", sa.Boolean(), nullable=False),
        sa.Column("deactivate_after", sa.Boolean(), nullable=False),
        sa.Column("deactivation_text", sa.String(length=300), nullable=False),
        sa.CheckConstraint("letter IN ('never', 'no_mail', 'always')", name=op.f("ck_dunning_levels_letter")),
        sa.CheckConstraint("fee_cents >= 0 AND consumer_fee_cents >= 0", name=op.f("ck_dunning_levels_fee")),
        sa.CheckConstraint("level BETWEEN 1 AND 20 AND days BETWEEN 0 AND 999", name=op.f("ck_dunning_levels_days")),
        sa.PrimaryKeyConstraint("level", name=op.f("pk_dunning_levels")),
    )
    op.create_table(
        "gateway_events",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("gateway", sa.String(length=12), nullable=False),
        sa.Column("event_id", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("object_id", sa.String(length=200), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("next_look_at", WHEN, nullable=False),
        sa.Column("error", sa.String(length=60), nullable=False),
        sa.Column("received_at", WHEN, nullable=False),
        sa.Column("processed_at", WHEN, nullable=True),
        sa.CheckConstraint("state IN ('stored', 'done', 'ignored', 'failed')", name=op.f("ck_gateway_events_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway_events")),
        sa.UniqueConstraint("gateway", "event_id", name=op.f("uq_gateway_events_gateway_event_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_gateway_events_object_id"), "gateway_events", ["object_id"], unique=False)
    op.create_index(
        "ix_gateway_events_stored",
        "gateway_events",
        ["next_look_at"],
        unique=False,
        sqlite_where=sa.text("state = 'stored'"),
        postgresql_where=sa.text("state = 'stored'"),
    )
    op.create_table(
        "mandates",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("customer_id", KEY, nullable=False),
        sa.Column("reference", sa.String(length=35), nullable=False),
        sa.Column("scheme", sa.String(length=4), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("holder", sa.String(length=100), nullable=False),
        sa.Column("iban", sa.String(length=34), nullable=False),
        sa.Column("bic", sa.String(length=11), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("stop_code", sa.String(length=10), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("first_used_on", sa.Date(), nullable=True),
        sa.Column("last_used_on", sa.Date(), nullable=True),
        sa.Column("prenotice_days", sa.BigInteger(), nullable=True),
        sa.Column("amends_id", KEY, nullable=True),
        sa.Column("created_at", WHEN, nullable=False),
        sa.CheckConstraint("scheme IN ('CORE', 'B2B')", name=op.f("ck_mandates_scheme")),
        sa.CheckConstraint(
            "state IN ('active', 'revoked', 'stopped', 'lapsed', 'replaced')", name=op.f("ck_mandates_state")
        ),
        sa.ForeignKeyConstraint(["amends_id"], ["mandates.id"], name=op.f("fk_mandates_amends_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_mandates_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandates")),
        sa.UniqueConstraint("amends_id", name=op.f("uq_mandates_amends_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_mandates_reference")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_mandates_customer_id"), "mandates", ["customer_id"], unique=False)
    op.create_index(op.f("ix_mandates_iban"), "mandates", ["iban"], unique=False)
    op.create_index(
        "ix_mandates_in_use",
        "mandates",
        ["customer_id"],
        unique=False,
        sqlite_where=sa.text("state = 'active'"),
        postgresql_where=sa.text("state = 'active'"),
    )
    op.create_table(
        "bank_statements",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("iban", sa.String(length=34), nullable=False),
        sa.Column("source", sa.String(length=4), nullable=False),
        sa.Column("statement_key", sa.String(length=80), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.Column("opening_cents", sa.BigInteger(), nullable=True),
        sa.Column("closing_cents", sa.BigInteger(), nullable=True),
        sa.Column("currency_code", sa.String(length=3), nullable=False),
        sa.Column("file_id", KEY, nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.CheckConstraint("source IN ('camt', 'csv')", name=op.f("ck_bank_statements_source")),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_bank_statements_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_statements")),
        sa.UniqueConstraint("iban", "statement_key", name=op.f("uq_bank_statements_iban_statement_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_bank_statements_closed_on", "bank_statements", ["closed_on"], unique=False)
    op.create_table(
        "payment_files",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("message_id", sa.String(length=35), nullable=False),
        sa.Column("file_id", KEY, nullable=False),
        sa.Column("execute_on", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency_code", sa.String(length=3), nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("submitted_at", WHEN, nullable=True),
        sa.Column("submitted_by", sa.String(length=20), nullable=False),
        sa.CheckConstraint("kind IN ('debit', 'transfer')", name=op.f("ck_payment_files_kind")),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_payment_files_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_files")),
        sa.UniqueConstraint("message_id", name=op.f("uq_payment_files_message_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "payment_methods",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("customer_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("gateway", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("setup_id", sa.String(length=200), nullable=True),
        sa.Column("token", sa.String(length=200), nullable=False),
        sa.Column("provider_customer", sa.String(length=200), nullable=False),
        sa.Column("brand", sa.String(length=20), nullable=False),
        sa.Column("last4", sa.String(length=4), nullable=False),
        sa.Column("holder", sa.String(length=100), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("expiry_noticed_on", sa.Date(), nullable=True),
        sa.Column("mandate_id", KEY, nullable=True),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("ended_at", WHEN, nullable=True),
        sa.CheckConstraint(
            "kind IN ('transfer', 'sepa_debit', 'card', 'paypal', 'cash', 'prepayment')",
            name=op.f("ck_payment_methods_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'active', 'expired', 'failed', 'removed')", name=op.f("ck_payment_methods_state")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_payment_methods_customer_id")),
        sa.ForeignKeyConstraint(["mandate_id"], ["mandates.id"], name=op.f("fk_payment_methods_mandate_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_methods")),
        sa.UniqueConstraint("gateway", "setup_id", name=op.f("uq_payment_methods_gateway_setup_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_payment_methods_customer_id"), "payment_methods", ["customer_id"], unique=False)
    op.create_index(op.f("ix_payment_methods_mandate_id"), "payment_methods", ["mandate_id"], unique=False)
    op.create_index("ix_payment_methods_token", "payment_methods", ["gateway", "token"], unique=False)
    op.create_index(
        "uq_payment_methods_default",
        "payment_methods",
        ["customer_id"],
        unique=True,
        sqlite_where=sa.text("is_default"),
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "collections",
        sa.Column("invoice_id", KEY, autoincrement=False, nullable=False),
        sa.Column("customer_id", KEY, nullable=False),
        sa.Column("run_id", KEY, nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("ended_at", WHEN, nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'done', 'given_up', 'released', 'issued_open')", name=op.f("ck_collections_state")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_collections_customer_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_collections_invoice_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_collections_run_id")),
        sa.PrimaryKeyConstraint("invoice_id", name=op.f("pk_collections")),
    )
    op.create_index(op.f("ix_collections_customer_id"), "collections", ["customer_id"], unique=False)
    op.create_index(
        "ix_collections_due",
        "collections",
        ["next_try_on"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_collections_given_up",
        "collections",
        ["invoice_id"],
        unique=False,
        sqlite_where=sa.text("state = 'given_up'"),
        postgresql_where=sa.text("state = 'given_up'"),
    )
    op.create_table(
        "payment_attempts",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=8), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("customer_id", KEY, nullable=False),
        sa.Column("invoice_id", KEY, nullable=False),
        sa.Column("method_id", KEY, nullable=False),
        sa.Column("gateway", sa.String(length=12), nullable=False),
        sa.Column("provider_id", sa.String(length=200), nullable=True),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency_code", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("decline_kind", sa.String(length=6), nullable=False),
        sa.Column("decline_code", sa.String(length=60), nullable=False),
        sa.Column("action_url", sa.String(length=500), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("next_look_at", WHEN, nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("sent_at", WHEN, nullable=True),
        sa.Column("resolved_at", WHEN, nullable=True),
        sa.CheckConstraint(
            "decline_kind IN ('', 'soft', 'hard', 'action')", name=op.f("ck_payment_attempts_decline_kind")
        ),
        sa.CheckConstraint("purpose IN ('issue', 'collect')", name=op.f("ck_payment_attempts_purpose")),
        sa.CheckConstraint(
            "state IN ('planned', 'prepared', 'sent', 'unknown', 'needs_action', 'accepted', 'declined', 'cancelled')",
            name=op.f("ck_payment_attempts_state"),
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_payment_attempts_amount")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_payment_attempts_customer_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_payment_attempts_invoice_id")),
        sa.ForeignKeyConstraint(["method_id"], ["payment_methods.id"], name=op.f("fk_payment_attempts_method_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_attempts")),
        sa.UniqueConstraint("gateway", "provider_id", name=op.f("uq_payment_attempts_gateway_provider_id")),
        sa.UniqueConstraint("invoice_id", "number", name=op.f("uq_payment_attempts_invoice_id_number")),
        sa.UniqueConstraint("key", name=op.f("uq_payment_attempts_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_payment_attempts_customer_id"), "payment_attempts", ["customer_id"], unique=False)
    op.create_index(op.f("ix_payment_attempts_method_id"), "payment_attempts", ["method_id"], unique=False)
    op.create_index(
        "ix_payment_attempts_next_look",
        "payment_attempts",
        ["next_look_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('planned', 'prepared', 'sent', 'unknown', 'needs_action')"),
        postgresql_where=sa.text("state IN ('planned', 'prepared', 'sent', 'unknown', 'needs_action')"),
    )
    op.create_index(
        "uq_payment_attempts_under_way",
        "payment_attempts",
        ["invoice_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('planned', 'prepared', 'sent', 'unknown', 'needs_action')"),
        postgresql_where=sa.text("state IN ('planned', 'prepared', 'sent', 'unknown', 'needs_action')"),
    )
    op.create_table(
        "instalment_plans",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("customer_id", KEY, nullable=False),
        sa.Column("receivable_id", KEY, nullable=False),
        sa.Column("started_open_cents", sa.BigInteger(), nullable=False),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("ended_as", sa.String(length=10), nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("ended_at", WHEN, nullable=True),
        sa.CheckConstraint(
            "ended_as IN ('', 'paid', 'broken', 'withdrawn')", name=op.f("ck_instalment_plans_ended_as")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_instalment_plans_customer_id")),
        sa.ForeignKeyConstraint(["receivable_id"], ["receivables.id"], name=op.f("fk_instalment_plans_receivable_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instalment_plans")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_instalment_plans_customer_id"), "instalment_plans", ["customer_id"], unique=False)
    op.create_index(
        "uq_instalment_plans_standing",
        "instalment_plans",
        ["receivable_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "reminders",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("customer_id", KEY, nullable=False),
        sa.Column("receivable_id", KEY, nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("run_id", KEY, nullable=True),
        sa.Column("reminded_on", sa.Date(), nullable=False),
        sa.Column("pay_until", sa.Date(), nullable=False),
        sa.Column("open_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency_code", sa.String(length=3), nullable=False),
        sa.Column("fee_cents", sa.BigInteger(), nullable=False),
        sa.Column("interest_cents", sa.BigInteger(), nullable=False),
        sa.Column("interest_until", sa.Date(), nullable=True),
        sa.Column("lump_sum_cents", sa.BigInteger(), nullable=False),
        sa.Column("deactivated", sa.Boolean(), nullable=False),
        sa.Column("letter_state", sa.String(length=8), nullable=False),
        sa.Column("letter_file_id", KEY, nullable=True),
        sa.Column("letter_attempts", sa.Integer(), nullable=False),
        sa.Column("text_set_id", KEY, nullable=True),
        sa.Column("letterhead_id", KEY, nullable=True),
        sa.Column("created_at", WHEN, nullable=False),
        sa.CheckConstraint(
            "letter_state IN ('none', 'pending', 'drawn', 'failed')", name=op.f("ck_reminders_letter_state")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_reminders_customer_id")),
        sa.ForeignKeyConstraint(["letter_file_id"], ["files.id"], name=op.f("fk_reminders_letter_file_id")),
        sa.ForeignKeyConstraint(["letterhead_id"], ["letterheads.id"], name=op.f("fk_reminders_letterhead_id")),
        sa.ForeignKeyConstraint(["receivable_id"], ["receivables.id"], name=op.f("fk_reminders_receivable_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_reminders_run_id")),
        sa.ForeignKeyConstraint(["text_set_id"], ["text_sets.id"], name=op.f("fk_reminders_text_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
        sa.UniqueConstraint("receivable_id", "level", name=op.f("uq_reminders_receivable_id_level")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_reminders_customer_id"), "reminders", ["customer_id"], unique=False)
    op.create_index(op.f("ix_reminders_run_id"), "reminders", ["run_id"], unique=False)
    op.create_index(
        "ix_reminders_undrawn",
        "reminders",
        ["id"],
        unique=False,
        sqlite_where=sa.text("letter_state = 'pending'"),
        postgresql_where=sa.text("letter_state = 'pending'"),
    )
    op.create_table(
        "bank_lines",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("statement_id", KEY, nullable=False),
        sa.Column("iban", sa.String(length=34), nullable=False),
        sa.Column("line_key", sa.String(length=80), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency_code", sa.String(length=3), nullable=False),
        sa.Column("end_to_end_id", sa.String(length=35), nullable=False),
        sa.Column("mandate_reference", sa.String(length=35), nullable=False),
        sa.Column("return_code", sa.String(length=10), nullable=False),
        sa.Column("charges_cents", sa.Integer(), nullable=False),
        sa.Column("other_name", sa.String(length=140), nullable=False),
        sa.Column("other_iban", sa.String(length=34), nullable=False),
        sa.Column("purpose", sa.String(length=600), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("answer", sa.String(length=12), nullable=False),
        sa.Column("payment_id", KEY, nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("answered_at", WHEN, nullable=True),
        sa.CheckConstraint("state IN ('unmatched', 'matched', 'ignored')", name=op.f("ck_bank_lines_state")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_bank_lines_payment_id")),
        sa.ForeignKeyConstraint(["statement_id"], ["bank_statements.id"], name=op.f("fk_bank_lines_statement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_lines")),
        sa.UniqueConstraint("iban", "line_key", name=op.f("uq_bank_lines_iban_line_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_bank_lines_other_iban"), "bank_lines", ["other_iban"], unique=False)
    op.create_index(op.f("ix_bank_lines_payment_id"), "bank_lines", ["payment_id"], unique=False)
    op.create_index(op.f("ix_bank_lines_statement_id"), "bank_lines", ["statement_id"], unique=False)
    op.create_index(
        "ix_bank_lines_unmatched",
        "bank_lines",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 'unmatched'"),
        postgresql_where=sa.text("state = 'unmatched'"),
    )
    op.create_table(
        "debits",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("customer_id", KEY, nullable=False),
        sa.Column("receivable_id", KEY, nullable=False),
        sa.Column("mandate_id", KEY, nullable=False),
        sa.Column("end_to_end_id", sa.String(length=35), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency_code", sa.String(length=3), nullable=False),
        sa.Column("announced_on", sa.Date(), nullable=False),
        sa.Column("collect_on", sa.Date(), nullable=False),
        sa.Column("sequence", sa.String(length=4), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("return_code", sa.String(length=10), nullable=False),
        sa.Column("file_id", KEY, nullable=True),
        sa.Column("payment_id", KEY, nullable=True),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("ended_at", WHEN, nullable=True),
        sa.CheckConstraint("sequence IN ('', 'FRST', 'RCUR', 'OOFF', 'FNAL')", name=op.f("ck_debits_sequence")),
        sa.CheckConstraint(
            "state IN ('planned', 'in_file', 'submitted', 'paid', 'returned', 'withdrawn')",
            name=op.f("ck_debits_state"),
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_debits_amount")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_debits_customer_id")),
        sa.ForeignKeyConstraint(["file_id"], ["payment_files.id"], name=op.f("fk_debits_file_id")),
        sa.ForeignKeyConstraint(["mandate_id"], ["mandates.id"], name=op.f("fk_debits_mandate_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_debits_payment_id")),
        sa.ForeignKeyConstraint(["receivable_id"], ["receivables.id"], name=op.f("fk_debits_receivable_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_debits")),
        sa.UniqueConstraint("end_to_end_id", name=op.f("uq_debits_end_to_end_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_debits_customer_id"), "debits", ["customer_id"], unique=False)
    op.create_index(
        "ix_debits_due",
        "debits",
        ["collect_on"],
        unique=False,
        sqlite_where=sa.text("state IN ('planned', 'in_file', 'submitted')"),
        postgresql_where=sa.text("state IN ('planned', 'in_file', 'submitted')"),
    )
    op.create_index(op.f("ix_debits_file_id"), "debits", ["file_id"], unique=False)
    op.create_index(op.f("ix_debits_mandate_id"), "debits", ["mandate_id"], unique=False)
    op.create_index(op.f("ix_debits_receivable_id"), "debits", ["receivable_id"], unique=False)
    op.create_index(
        "uq_debits_in_flight",
        "debits",
        ["receivable_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('planned', 'in_file', 'submitted')"),
        postgresql_where=sa.text("state IN ('planned', 'in_file', 'submitted')"),
    )
    op.create_table(
        "instalments",
        sa.Column("plan_id", KEY, autoincrement=False, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_instalments_amount")),
        sa.ForeignKeyConstraint(["plan_id"], ["instalment_plans.id"], name=op.f("fk_instalments_plan_id")),
        sa.PrimaryKeyConstraint("plan_id", "due_on", name=op.f("pk_instalments")),
    )
    op.create_table(
        "refunds",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("customer_id", KEY, nullable=False),
        sa.Column("correction_id", KEY, nullable=False),
        sa.Column("payment_id", KEY, nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("gateway", sa.String(length=12), nullable=False),
        sa.Column("provider_id", sa.String(length=200), nullable=True),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency_code", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("error", sa.String(length=60), nullable=False),
        sa.Column("ordered_by", sa.String(length=20), nullable=False),
        sa.Column("approved_by", sa.String(length=20), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("next_look_at", WHEN, nullable=False),
        sa.Column("file_id", KEY, nullable=True),
        sa.Column("taken_entry_id", KEY, nullable=True),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("resolved_at", WHEN, nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'ordered', 'approved', 'sent', 'pending', 'unknown', 'succeeded', 'failed', "
            "'withdrawn')",
            name=op.f("ck_refunds_state"),
        ),
        sa.CheckConstraint("way IN ('provider', 'transfer')", name=op.f("ck_refunds_way")),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_refunds_amount")),
        sa.ForeignKeyConstraint(["correction_id"], ["invoices.id"], name=op.f("fk_refunds_correction_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_refunds_customer_id")),
        sa.ForeignKeyConstraint(["file_id"], ["payment_files.id"], name=op.f("fk_refunds_file_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_refunds_payment_id")),
        sa.ForeignKeyConstraint(["taken_entry_id"], ["journal_entries.id"], name=op.f("fk_refunds_taken_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("gateway", "provider_id", name=op.f("uq_refunds_gateway_provider_id")),
        sa.UniqueConstraint("key", name=op.f("uq_refunds_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_refunds_customer_id"), "refunds", ["customer_id"], unique=False)
    op.create_index(op.f("ix_refunds_payment_id"), "refunds", ["payment_id"], unique=False)
    op.create_index(
        "ix_refunds_under_way",
        "refunds",
        ["next_look_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('ordered', 'approved', 'sent', 'unknown', 'pending')"),
        postgresql_where=sa.text("state IN ('ordered', 'approved', 'sent', 'unknown', 'pending')"),
    )
    op.create_index(
        "uq_refunds_standing",
        "refunds",
        ["correction_id", "payment_id"],
        unique=True,
        sqlite_where=sa.text("state NOT IN ('failed', 'withdrawn')"),
        postgresql_where=sa.text("state NOT IN ('failed', 'withdrawn')"),
    )
