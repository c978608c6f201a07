"""Rules of XRechnung that the library does not hold a CII document to: id, level, and what has to be there.

KoSIT ships them inside its schematron (2.6.0); XRechnung asks for an electronic address of both parties.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from lxml import etree

_RAM: Final = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"


class Rule(NamedTuple):
    """`test` is an XPath over the document that has to be true."""

    id: str
    level: str
    test: str


XRECHNUNG: Final = (
    Rule("PEPPOL-EN16931-R010", "fatal", "//ram:BuyerTradeParty/ram:URIUniversalCommunication/ram:URIID[string(.)]"),
    Rule("PEPPOL-EN16931-R020", "fatal", "//ram:SellerTradeParty/ram:URIUniversalCommunication/ram:URIID[string(.)]"),
)
RULES: Final[dict[str, tuple[Rule, ...]]] = {"zugferd": (), "xrechnung": XRECHNUNG}


def broken_rules(root: etree._Element, kind: str) -> Iterator[Rule]:
    """The rules of the format that do not hold."""
    return (rule for rule in RULES[kind] if not _compiled(rule.test)(root))


@cache
def _compiled(test: str) -> etree.XPath:
    return etree.XPath(f"boolean({test})", namespaces={"ram": _RAM})
