"""Bank lines that failed to be matched for a reason that nobody foresaw: they stay with a person (X-06).

The word stands in `answer` of a line that waits; whatever becomes of the line afterwards takes its place.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import update

from models import BankLine
from services.unit import write

ANSWER = "failed"


def set_aside(line_id: int) -> None:
    """A person looks. A line of which a part is booked keeps what is said of that part."""
    _change((line_id,), "", ANSWER)


def take_up(line_ids: Collection[int]) -> None:
    """These were tried again, and nothing failed."""
    _change(line_ids, ANSWER, "")


def _change(line_ids: Collection[int], old: str, new: str) -> None:
    mine = (BankLine.id.in_(line_ids), BankLine.state == "unmatched", BankLine.answer == old)
    with write() as session:
        session.execute(update(BankLine).where(*mine).values(answer=new))
