"""The foot of a letter as it would stand under an invoice issued now: for looking, before anything is issued."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from documents.paper import Letterhead

_TEXTS = tuple(field.name for field in fields(Letterhead) if isinstance(field.default, str))


def preview_foot(values: Mapping[str, Any], language: str) -> list[list[str]]:
    """The columns of the foot for company data by column name, those of a form as well; empty ones are left out."""
    from documents.letter import footer  # with all that draws: only who looks has to pay for it

    texts: dict[str, Any] = {name: str(values.get(name) or "") for name in ("name", *_TEXTS)}
    lines = tuple(str(values.get(name) or "") for name in ("address", "address_2"))
    return footer(Letterhead(**texts, address_lines=lines), language)
