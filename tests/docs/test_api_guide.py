"""The guide of the call API shows the services as they are declared (D-7, M2-40)."""

from __future__ import annotations

import re

import pytest

from api import reference
from api.registry import declared
from tests.docs.pages import blocks


@pytest.mark.feature("D-7")
@pytest.mark.feature("M1-32")
@pytest.mark.feature("M2-40")
def test_the_guide_is_made_from_the_declarations_of_today() -> None:
    guide = reference.GUIDE.read_text()
    assert reference.renewed(guide) == guide, "call .venv/bin/python -m api.reference"


@pytest.mark.feature("M1-32")
def test_every_service_stands_in_it_with_every_field() -> None:
    text = reference.services_as_markdown()
    assert re.findall(r"^### (\S+)$", text, re.MULTILINE) == sorted(service.name for service in declared())
    shown = set(re.findall(r"^\| `([A-Z0-9_]+)` \|", text, re.MULTILINE))
    assert shown == {field.name for service in declared() for field in service.fields}


def test_every_service_of_the_changelog_is_there_and_the_other_way_round() -> None:
    changelog = (reference.ROOT / "CHANGELOG.md").read_text()
    named = set(re.findall(r"`((?:[a-z]+)\.(?:[a-z]+))`", changelog))
    assert {service.name for service in declared()} <= named


def test_the_examples_name_services_that_exist() -> None:
    guide = reference.GUIDE.read_text()
    named = re.findall(r'"SERVICE": "([^"]+)"', "".join(blocks(guide, "json")))
    named += re.findall(r"<SERVICE>([^<]+)<", "".join(blocks(guide, "xml")))
    assert named and set(named) <= {service.name for service in declared()}
