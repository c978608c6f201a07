"""A diary for each scenario; after every one of them the invariants of the whole database are checked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.scenarios.story import Story


@pytest.fixture
def story(context: Flask) -> Iterator[Story]:
    story = Story()
    yield story
    assert story.check_books() == []
