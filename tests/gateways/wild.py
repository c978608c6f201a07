"""Answers that no description has: whatever comes, a gateway refuses, calls it unanswered, or gives plain data."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

from gateways import wire
from gateways.base import Charge, Refused, Unanswered


def answers(*names: str) -> st.SearchStrategy[Any]:
    """Anything that JSON can say, under names that the provider does use."""
    return st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(names), inner, max_size=4),
        max_leaves=8,
    )


def saying(told: Any, status: int) -> wire.Send:
    """A line on which every call is answered so."""

    def send(*_: object) -> wire.Answer:
        return wire.Answer(status, {}, json.dumps(told).encode())

    return send


def require_plain(deeds: Sequence[Callable[[], object]]) -> None:
    for ask in deeds:
        try:
            answer = ask()
        except (Refused, Unanswered):
            continue
        assert not isinstance(answer, Charge) or answer.id
