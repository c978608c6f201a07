"""check-books finds what does not belong together in dunning."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from extensions import db
from models import Receivable
from services.checks import check_books
from services.dunning_levels import LevelWish
from services.unit import end_reading, write
from tests.services.reminding import WITH_LETTERS, after, books_hold, levels_of, set_levels
from tests.services.test_checks import tamper


@pytest.fixture
def reminded(owed: Receivable) -> Receivable:
    """Two levels, the second with a fee."""
    set_levels(*WITH_LETTERS, LevelWish("2. Mahnung", 21))
    assert levels_of(after(7)) == [1] and levels_of(after(14)) == [2]
    assert books_hold(after(14))
    end_reading()
    return owed


@pytest.mark.feature("MAH-6")
@pytest.mark.feature("MAH-7")
@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("UPDATE receivables SET dunning_level = 3 WHERE kind = 'invoice'", ("receivables", "level_differs")),
        ("DELETE FROM reminders WHERE level = 2", ("receivables", "level_differs")),
        ("UPDATE reminders SET fee_cents = fee_cents + 1 WHERE level = 2", ("receivables", "damages_differ")),
        ("UPDATE receivables SET parent_id = NULL WHERE kind = 'fee'", ("receivables", "damage_astray")),
        ("UPDATE receivables SET kind = 'lump_sum' WHERE kind = 'fee'", ("receivables", "lump_sum_differs")),
        (
            "UPDATE messages SET event = 'gone:' || event WHERE event LIKE 'reminder:%'",
            ("reminders", "reminder_unsent"),
        ),
    ],
)
def test_what_was_changed_by_plain_sql_in_dunning_is_found(
    context: Flask, reminded: Receivable, statement: str, finding: tuple[str, str]
) -> None:
    tamper(statement)
    assert finding in {(each["table"], each["code"]) for each in check_books().findings}


@pytest.mark.feature("GOB-1")
@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM reminders", "UPDATE reminders SET level = 9", "UPDATE reminders SET fee_cents = fee_cents + 1"],
)
def test_what_was_sent_stays(reminded: Receivable, statement: str) -> None:
    with pytest.raises(IntegrityError), write() as session:
        session.execute(text(statement))
    db.session.rollback()
