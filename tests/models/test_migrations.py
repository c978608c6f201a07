"""A database that is filled is upgraded without loss, and its guards stand afterwards (F22)."""

from __future__ import annotations

import shutil
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from config import ROOT
from extensions import db
from models import guards
from services import billing_run, text_sets
from services.actor import SYSTEM
from services.checks import check_books
from services.load import seed_load
from tests.sweeps import some

MIGRATIONS = str(ROOT / "migrations")
REVISIONS = [revision.revision for revision in ScriptDirectory(MIGRATIONS).walk_revisions()]  # the newest first
EARLIER = 8  # of them a run; all of them in a full sweep


def missing_guards() -> list[str]:
    with db.engine.connect() as connection:
        return guards.missing(connection)


@pytest.fixture
def filled(context: Flask) -> Flask:
    fill()
    return context


def fill() -> None:
    seed_load(SYSTEM, 2, date(2026, 11, 1))
    billing_run.bill(date(2026, 11, 1), SYSTEM)
    db.session.remove()


@pytest.mark.feature("F22")
@pytest.mark.parametrize("revision", [REVISIONS[1], *some(REVISIONS[2:], EARLIER)])
def test_filled_data_of_every_earlier_revision_is_upgraded_and_guarded(
    context: Flask, revision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if revision == "0001":  # which froze no sentences with a document: its digest does not tell of them
        monkeypatch.setattr(text_sets, "freeze", lambda: defaultdict(lambda: None))
    fill()
    downgrade(directory=MIGRATIONS, revision=revision)
    upgrade(directory=MIGRATIONS)
    assert missing_guards() == []
    assert check_books().ok


REBUILDING = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "later", {head!r}, None, None


def upgrade():
    anew = "always" if op.get_bind().dialect.name == "sqlite" else "never"  # PostgreSQL alters in place
    with op.batch_alter_table("invoices", recreate=anew) as table:
        table.add_column(sa.Column("later", sa.Integer))
"""


@pytest.mark.feature("F22")
def test_a_migration_that_rebuilds_the_invoices_keeps_them_and_their_guards(filled: Flask, tmp_path: Path) -> None:
    """Alembic's batch mode makes a table anew: rows are copied, triggers are lost."""
    copy = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, copy)
    (copy / "versions" / "later.py").write_text(REBUILDING.format(head=REVISIONS[0]))
    upgrade(directory=str(copy))
    with db.engine.connect() as connection:
        assert connection.execute(text("SELECT count(later), count(*) FROM invoices")).one() == (0, 2)
    assert missing_guards() == []
    assert check_books().ok


def test_every_migration_says_what_it_is_for() -> None:
    for revision in ScriptDirectory(MIGRATIONS).walk_revisions():
        assert revision.doc, Path(revision.path).name
