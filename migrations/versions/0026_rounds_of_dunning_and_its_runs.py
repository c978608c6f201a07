"""rounds of dunning, the chunks of its runs, and the contracts that it switched off"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHEN = sa.DateTime(timezone=True)
OFF = sa.text("resumed_on IS NULL")
OLD, NEW = "uq_reminders_receivable_id_level", "uq_reminders_receivable_id_round_level"
ON_RECEIVABLES = (("dunning_round", "INTEGER DEFAULT 0 NOT NULL"), ("reopened_on", "DATE"))


def upgrade():
    for name, kind in ON_RECEIVABLES:
        op.execute(f"ALTER TABLE receivables ADD COLUMN {name} {kind}")
    op.execute("ALTER TABLE reminders ADD COLUMN round INTEGER DEFAULT 0 NOT NULL")
    _unique_by(OLD, "receivable_id, level", NEW, "receivable_id, round, level")
    _chunks()
    _stops()


def downgrade():
    _forget_later_rounds()
    op.drop_table("dunning_stops")
    op.drop_table("dunning_chunks")
    _unique_by(NEW, "receivable_id, round, level", OLD, "receivable_id, level")
    op.execute("ALTER TABLE reminders DROP COLUMN round")
    for name, _ in ON_RECEIVABLES:
        op.execute(f"ALTER TABLE receivables DROP COLUMN {name}")


def _forget_later_rounds():
    """The release before knows one round only. Its guard, which keeps what was sent, is made anew at the end."""
    on = " ON reminders" if op.get_bind().dialect.name == "postgresql" else ""
    op.execute(f"DROP TRIGGER IF EXISTS guard_reminders_delete{on}")
    op.execute("DELETE FROM dunning_stops WHERE reminder_id IN (SELECT id FROM reminders WHERE round > 0)")
    op.execute("DELETE FROM reminders WHERE round > 0")


def _chunks():
    numbers = ("examined", "reminded", "collected", "held", "failed")
    op.create_table(
        "dunning_chunks",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("first_due_on", sa.Date(), nullable=False),
        sa.Column("first_customer_id", sa.BigInteger(), nullable=False),
        sa.Column("last_due_on", sa.Date(), nullable=False),
        sa.Column("last_customer_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in numbers),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("failures", sa.Text(), nullable=False),
        sa.Column("done_at", WHEN, nullable=True),
        sa.CheckConstraint("state IN ('pending', 'done')", name=op.f("ck_dunning_chunks_state")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_dunning_chunks_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dunning_chunks")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_dunning_chunks_run_id", "dunning_chunks", ["run_id", "id"])


def _stops():
    op.create_table(
        "dunning_stops",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("reminder_id", KEY, nullable=False),
        sa.Column("receivable_id", KEY, nullable=False),
        sa.Column("subscription_id", KEY, nullable=False),
        sa.Column("stopped_on", sa.Date(), nullable=False),
        sa.Column("resumed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["reminder_id"], ["reminders.id"], name=op.f("fk_dunning_stops_reminder_id")),
        sa.ForeignKeyConstraint(["receivable_id"], ["receivables.id"], name=op.f("fk_dunning_stops_receivable_id")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.id"], name=op.f("fk_dunning_stops_subscription_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dunning_stops")),
        sa.UniqueConstraint(
            "reminder_id", "subscription_id", name=op.f("uq_dunning_stops_reminder_id_subscription_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_dunning_stops_subscription_id"), "dunning_stops", ["subscription_id"])
    op.create_index("ix_dunning_stops_off", "dunning_stops", ["receivable_id"], sqlite_where=OFF, postgresql_where=OFF)


def _unique_by(old, old_columns, new, new_columns):
    """Another unique key of the reminders; SQLite makes the table anew for it, with its rows, indexes and last id."""
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        op.execute(f"ALTER TABLE reminders DROP CONSTRAINT {old}")
        op.execute(f"ALTER TABLE reminders ADD CONSTRAINT {new} UNIQUE ({new_columns})")
        return
    asked = "SELECT type, sql FROM sqlite_master WHERE tbl_name = 'reminders' AND type <> 'trigger' AND sql IS NOT NULL"
    made = {row.sql: row.type for row in bind.execute(sa.text(asked))}
    table = next(sql for sql, kind in made.items() if kind == "table")
    last = bind.execute(sa.text("SELECT seq FROM sqlite_sequence WHERE name = 'reminders'")).scalar()
    names = ", ".join(f'"{row.name}"' for row in bind.execute(sa.text("PRAGMA table_info(reminders)")))
    _, _, rest = table.replace(f"{old} UNIQUE ({old_columns})", f"{new} UNIQUE ({new_columns})").partition("(")
    op.execute("PRAGMA legacy_alter_table = ON")  # keys of other tables go on naming this one
    bind.exec_driver_sql(f"CREATE TABLE reminders_anew ({rest}")
    bind.exec_driver_sql(f"INSERT INTO reminders_anew ({names}) SELECT {names} FROM reminders")
    bind.exec_driver_sql("DROP TABLE reminders")
    bind.exec_driver_sql("ALTER TABLE reminders_anew RENAME TO reminders")
    op.execute("PRAGMA legacy_alter_table = OFF")
    if last is not None:
        bind.execute(sa.text("UPDATE sqlite_sequence SET seq = :last WHERE name = 'reminders'"), {"last": last})
    for sql, kind in made.items():
        if kind == "index":
            bind.exec_driver_sql(sql)
