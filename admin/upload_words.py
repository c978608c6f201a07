"""What a field for files says about itself."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel.speaklater import LazyString

from services.uploads import most_bytes


def what_is_kept() -> LazyString:
    """Said when the form is drawn, because the limit is a setting."""
    return LazyString(_said)


def _said() -> str:
    return gettext("A PDF, a picture, plain text, or a document of an office program; at most %(most)s MB.",
                   most=most_bytes() // 1_000_000)  # fmt: skip
