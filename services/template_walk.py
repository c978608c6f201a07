"""A checked text with its values: walked, never executed (S10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jinja2 import TemplateSyntaxError, nodes

from billing.errors import KontorError
from services.templating import ENTRIES, FILTERS, LARGEST, LINE, Known, dotted, tree


def render(source: str, offered: Known, values: Mapping[str, Any], *, largest: int = LARGEST) -> str:
    """The text with its values, as plain text; whoever makes HTML of it has to escape it.

    `values` nests as the names do. Raises KontorError: `placeholder_without_value`, `text_too_large`, and for a text
    that was never checked `template_unreadable`.
    """
    parts: list[str] = []
    size = 0
    try:
        for part in _Walk(offered, values).body(tree(source).body, {}):
            size += len(part)
            if size > largest:
                raise KontorError("text_too_large", largest=largest)
            parts.append(part)
    except (TemplateSyntaxError, RecursionError):
        raise KontorError("template_unreadable") from None
    return "".join(parts)


class _Walk:
    """What was checked, with its values. Only mappings and lists are looked into, and only by their keys."""

    def __init__(self, offered: Known, values: Mapping[str, Any]) -> None:
        self.offered, self.values = offered, values

    def body(self, body: Sequence[nodes.Node], entry: Mapping[str, Any]) -> Iterator[str]:
        for node in body:
            if isinstance(node, nodes.Output):
                yield from (self._output(part, entry) for part in node.nodes)
            elif isinstance(node, nodes.If):
                yield from self.body(self._branch(node, entry), entry)
            elif isinstance(node, nodes.For) and isinstance(node.target, nodes.Name):
                for one in list(self._value(node.iter, entry))[:ENTRIES]:
                    yield from self.body(node.body, {node.target.name: one})
            else:
                raise KontorError("template_unreadable")

    def _branch(self, node: nodes.If, entry: Mapping[str, Any]) -> Sequence[nodes.Node]:
        for branch in (node, *node.elif_):
            if self._holds(branch.test, entry):
                return branch.body
        return node.else_

    def _holds(self, test: nodes.Node, entry: Mapping[str, Any]) -> bool:
        if isinstance(test, nodes.And):
            return self._holds(test.left, entry) and self._holds(test.right, entry)
        if isinstance(test, nodes.Or):
            return self._holds(test.left, entry) or self._holds(test.right, entry)
        if isinstance(test, nodes.Not):
            return not self._holds(test.node, entry)
        if isinstance(test, nodes.Compare) and isinstance(test.ops[0].expr, nodes.Const):
            same = str(self._value(test.expr, entry)) == str(test.ops[0].expr.value)
            return same is (test.ops[0].op == "eq")
        return bool(self._value(test, entry))

    def _output(self, part: nodes.Expr, entry: Mapping[str, Any]) -> str:
        if isinstance(part, nodes.TemplateData):
            return part.data
        return self._clipped(self._text(part, entry), dotted(_inner(part)) or "", entry)

    def _text(self, part: nodes.Expr, entry: Mapping[str, Any]) -> str:
        if isinstance(part, nodes.Filter) and part.node is not None and part.name in FILTERS:
            words = [arg.value for arg in part.args if isinstance(arg, nodes.Const)]
            return FILTERS[part.name](self._text(part.node, entry), *words)
        return str(self._value(part, entry))

    def _clipped(self, text: str, name: str, entry: Mapping[str, Any]) -> str:
        placeholder = None if name.partition(".")[0] in entry else self.offered.get(name)
        longest = placeholder.longest if placeholder else LINE
        return text if len(text) <= longest else text[: longest - 1] + "…"

    def _value(self, part: nodes.Node, entry: Mapping[str, Any]) -> Any:
        name = dotted(part)
        if name is None:
            raise KontorError("template_unreadable")
        found: Any = {**self.values, **entry}
        for key in name.split("."):
            if not isinstance(found, Mapping) or key not in found:
                raise KontorError("placeholder_without_value", what=name[:80])
            found = found[key]
        return found


def _inner(part: nodes.Expr) -> nodes.Expr:
    """What filters stand behind."""
    while isinstance(part, nodes.Filter) and part.node is not None:
        part = part.node
    return part
