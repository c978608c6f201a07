"""The stylesheet of papers, parsed once in a process, and the style of every kind of element resolved once.

Resolving the cascade anew for each cell of each paper takes a third of the library's time, and the answer is always
the same: our rules look at tags, classes and what stands around them, nothing else. So the answer is kept by that path.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from xml.dom.minidom import Element, Node

from xhtml2pdf.context import pisaContext
from xhtml2pdf.parser import PROPERTY_NAMES, collectCSSAttrs
from xhtml2pdf.properties import CSSAttrs
from xhtml2pdf.w3c.cssDOMElementInterface import CSSDOMElementInterface


class Stylesheet:
    """Rules without @ and without `inherit`, that look at tags and classes only: what `dress` relies on."""

    def __init__(self, css: str) -> None:
        self._context = pisaContext()  # kept: the parsed rules refer to it weakly
        self._context.addDefaultCSS(css)
        self._context.parseCSS()
        self._known: dict[tuple[Any, ...], CSSAttrs] = {}

    def dress(self, element: Element, above: tuple[Any, ...] = ()) -> None:
        """Give the element and all within it their style, and drop the line breaks between elements."""
        path = (above, element.tagName, element.getAttribute("class"), element.getAttribute("style"))
        if path not in self._known:
            self._known[path] = self._resolved(element)
        element.cssAttrs = self._known[path]
        for child in list(element.childNodes):
            if child.nodeType == Node.ELEMENT_NODE:
                self.dress(child, path)
            elif child.data.isspace() and "\n" in child.data:
                element.removeChild(child)

    def _resolved(self, element: Any) -> CSSAttrs:
        element.cssElement = CSSDOMElementInterface(element)
        element.cssAttrs = CSSAttrs()
        collectCSSAttrs(element, self._context.cssCascade, PROPERTY_NAMES)
        return element.cssAttrs


@lru_cache(maxsize=16)
def stylesheet(css: str) -> Stylesheet:
    """The parsed rules of one text; as many are kept as there are likely to be accents in use."""
    return Stylesheet(css)
