"""Files for the bank held to the XSD that sepaxml brings (SEP-6), by libxml2.

sepaxml's own way reads the schema anew for each file, which took longer than all the rest of making one.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files

from lxml import etree
from sepaxml.validation import ValidationError


def hold_to_schema(content: bytes, name: str) -> None:
    """Raises sepaxml's ValidationError for what pain.008.001.08 or pain.001.001.09 (`name`) refuses. It names the
    element and never what stands in it: that is people's."""
    tree, schema = etree.fromstring(content), _schema(name)
    if not schema.validate(tree):
        place = tree.xpath(schema.error_log[0].path)[0].tag
        raise ValidationError(f"{name} refuses {etree.QName(place).localname}")


@cache
def _schema(name: str) -> etree.XMLSchema:
    with as_file(files("sepaxml") / "schemas" / f"{name}.xsd") as path:
        return etree.XMLSchema(etree.parse(path))
