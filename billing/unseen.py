"""Signs that nobody sees and that turn, hide or split what stands beside them.

An override such as U+202E lets "exe.pdf" read "fdp.exe", and turns whatever follows it on a page or a paper. Text that
is written from right to left needs none of them: its letters know their direction. The joiners U+200C and U+200D stay,
Persian words and composed emoji are spelled with them.
"""

from __future__ import annotations

import re

_UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


def without_unseen(text: str) -> str:
    """The text without them."""
    return _UNSEEN.sub("", text)


def as_read(text: str) -> str:
    """What somebody typed or pasted, as it is read: nothing unseen, no blank around it."""
    return without_unseen(text).strip()
