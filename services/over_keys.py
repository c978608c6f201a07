"""What opened a door once and opens none any more is thrown away: sessions, links and codes, of staff and customers.

They hold addresses of machines, digests and mailboxes, and nobody asks for them again: who came in and who was invited
stands in the trail. A week remains for whoever has to look into something (Art. 5 (1) e GDPR).
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, or_

from models import CustomerCode
from services import clock, customer_login_keys, staff_sessions, staff_tokens
from services.one_time_links import Links
from services.open_sessions import Sessions
from services.unit import write

KEPT = timedelta(days=7)
SESSIONS: tuple[Sessions, ...] = (staff_sessions.SESSIONS, customer_login_keys.SESSIONS)
LINKS: tuple[Links, ...] = (staff_tokens.LINKS, customer_login_keys.LINKS)


def forget_old() -> None:
    """Throw away what ended, was used or ran out a week ago, whoever's it was."""
    before = clock.real() - KEPT
    with write() as session:
        for sessions in SESSIONS:  # one that nobody ended ends of itself some hours after it was used last
            over = or_(sessions.model.ended_at < before, sessions.model.last_seen_at < before)
            session.execute(delete(sessions.model).where(over))
        for links in LINKS:
            session.execute(
                delete(links.model).where(or_(links.model.used_at < before, links.model.expires_at < before))
            )
        session.execute(delete(CustomerCode).where(CustomerCode.expires_at < before))
