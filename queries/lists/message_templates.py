"""Templates for messages to customers."""

from __future__ import annotations

from sqlalchemy import select

from models import MessageTemplate
from queries.lists.conditions import Rows
from queries.lists.shape import Listing, Sort


def _templates() -> Rows:
    return select(
        MessageTemplate.id, MessageTemplate.name, MessageTemplate.language_code, MessageTemplate.subject,
        MessageTemplate.updated_at,
    )  # fmt: skip


MESSAGE_TEMPLATES = Listing(
    statement=_templates, key=MessageTemplate.id, order="name", sorts={"name": Sort((MessageTemplate.name,))}
)
