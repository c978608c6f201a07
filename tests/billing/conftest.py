"""Properties are judged by what they say, never by how long a busy machine took to say it."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
