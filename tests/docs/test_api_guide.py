"""The guide of the call API shows the services as they are declared (D-7, M2-40)."""

from __future__ import annotations

import re

import pytest

from api.registry import declared
from config import ROOT
from tests.docs import write_api_guide
from tests.docs.pages import blocks


@pytest.mark.feature("D-7")
@pytest.mark.feature("M1-32")
@pytest.mark.feature("M2-40")
def test_the_guide_is_made_from_the_declarations_of_today() -> None:
    guide = write_api_guide.GUIDE.read_text()
    assert write_api_guide.renewed(guide) == guide, "call .venv/bin/python -m tests.docs.write_api_guide"


@pytest.mark.feature("M1-32")
def test_every_service_stands_in_it_with_every_field() -> None:
    text = write_api_guide.services()
    assert re.findall(r"^### (\S+)$", text, re.MULTILINE) == sorted(service.name for service in declared())
    shown = set(re.findall(r"^\| `([A-Z0-9_]+)` \|", text, re.MULTILINE))
    assert shown == {field.name for service in declared() for field in service.fields}


@pytest.mark.feature("M2-39")
def test_the_changelog_names_every_service() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    named = set(re.findall(r"`((?:[a-z]+)\.(?:[a-z]+))`", changelog))
    assert {service.name for service in declared()} <= named


def test_the_examples_name_services_that_exist() -> None:
    guide = write_api_guide.GUIDE.read_text()
    named = re.findall(r'"SERVICE": "([^"]+)"', "".join(blocks(guide, "json")))
    named += re.findall(r"<SERVICE>([^<]+)<", "".join(blocks(guide, "xml")))
    assert named and set(named) <= {service.name for service in declared()}
