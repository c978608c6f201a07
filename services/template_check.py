"""Whether a text is one of our language, and how large it may become: asked when it is saved (S10)."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Final

from jinja2 import TemplateSyntaxError, nodes

from billing.errors import Invalid
from services.templating import DEEPEST, ENTRIES, FILTERS, LARGEST, Known, Placeholder, dotted, tree

# What the tags that Jinja2 reads and we do not offer are called.
_TAGS: Final[Mapping[type[nodes.Node], str]] = {
    nodes.Include: "include", nodes.Import: "import", nodes.FromImport: "from", nodes.Extends: "extends",
    nodes.Block: "block", nodes.Macro: "macro", nodes.CallBlock: "call", nodes.FilterBlock: "filter",
    nodes.With: "with", nodes.Assign: "set", nodes.AssignBlock: "set", nodes.ScopedEvalContextModifier: "autoescape",
    nodes.Scope: "autoescape",
}  # fmt: skip


def check(source: str, offered: Known, *, field: str, longest: int, largest: int = LARGEST) -> None:
    """Refuse what is no text of this language. Raises Invalid(field) with the line and what stands there.

    `longest` is of the text itself, `largest` of what it may become; both in characters.
    """
    if len(source) > longest:
        raise Invalid(field, "too_long", longest=longest)
    try:
        size = _Check(field, offered).body(tree(source).body, 0)
    except TemplateSyntaxError as error:
        raise _unreadable(field, error) from None
    except (RecursionError, ValueError, OverflowError):
        raise Invalid(field, "template_too_deep") from None
    if size > largest:
        raise Invalid(field, "template_too_large", largest=largest)


class _Check:
    """One pass over what was read: everything that is not allowed is an error, everything else has a greatest size."""

    def __init__(self, field: str, offered: Known) -> None:
        self.field, self.offered = field, offered
        self.loop: tuple[str, Placeholder] | None = None  # the entry's name and its list, within a `for`

    def body(self, body: Sequence[nodes.Node], depth: int) -> int:
        if depth > DEEPEST:
            raise Invalid(self.field, "template_too_deep")
        return sum(self._node(node, depth) for node in body)

    def _node(self, node: nodes.Node, depth: int) -> int:
        if isinstance(node, nodes.Output):
            return sum(self._output(part) for part in node.nodes)
        if isinstance(node, nodes.If):
            return self._if(node, depth)
        if isinstance(node, nodes.For):
            return self._for(node, depth)
        raise self._no("template_tag", node, _TAGS.get(type(node), type(node).__name__.lower()))

    def _output(self, part: nodes.Expr) -> int:
        if isinstance(part, nodes.TemplateData):
            return len(part.data)
        if isinstance(part, nodes.Filter):
            return self._filter(part)
        return self._value(part).longest

    def _filter(self, part: nodes.Filter) -> int:
        if part.name not in FILTERS:
            raise self._no("template_filter", part, part.name)
        if part.node is None or part.kwargs or part.dyn_args or part.dyn_kwargs:
            raise self._no("template_filter", part, part.name)
        wanted = 1 if part.name == "default" else 0
        words = [arg.value for arg in part.args if isinstance(arg, nodes.Const) and isinstance(arg.value, str)]
        if len(part.args) != wanted or len(words) != wanted:
            raise self._no("template_filter", part, part.name)
        return max(self._output(part.node), *(len(word) for word in words), 0)

    def _value(self, part: nodes.Expr) -> Placeholder:
        placeholder = self._placeholder(part)
        if placeholder.parts:
            raise self._no("template_list_as_value", part, placeholder.name)
        return placeholder

    def _placeholder(self, part: nodes.Node) -> Placeholder:
        name = dotted(part)
        if name is None:
            raise self._no("template_expression", part, _kind_of(part))
        if self.loop and name.partition(".")[0] == self.loop[0]:
            if name.partition(".")[2] in self.loop[1].parts:
                return Placeholder(name)
        elif name in self.offered:
            return self.offered[name]
        raise self._unknown(part, name)

    def _if(self, node: nodes.If, depth: int) -> int:
        self._condition(node.test)
        branches = [self.body(node.body, depth + 1), self.body(node.else_, depth + 1)]
        branches += [self._if(other, depth + 1) for other in node.elif_]
        return max(branches)

    def _condition(self, test: nodes.Node) -> None:
        if isinstance(test, (nodes.And, nodes.Or)):
            self._condition(test.left)
            self._condition(test.right)
        elif isinstance(test, nodes.Not):
            self._condition(test.node)
        elif isinstance(test, nodes.Compare):
            self._comparison(test)
        else:
            self._placeholder(test)

    def _comparison(self, test: nodes.Compare) -> None:
        plain = len(test.ops) == 1 and test.ops[0].op in ("eq", "ne") and isinstance(test.ops[0].expr, nodes.Const)
        if not plain:
            raise self._no("template_expression", test, _kind_of(test))
        self._value(test.expr)

    def _for(self, node: nodes.For, depth: int) -> int:
        listed = self.offered.get(dotted(node.iter) or "")
        if self.loop or node.recursive or node.test or node.else_ or not isinstance(node.target, nodes.Name):
            raise self._no("template_loop", node)
        if listed is None or not listed.parts:
            raise self._no("template_loop_over", node, dotted(node.iter) or _kind_of(node.iter))
        self.loop = (node.target.name, listed)
        size = ENTRIES * self.body(node.body, depth + 1)
        self.loop = None
        return size

    def _unknown(self, part: nodes.Node, name: str) -> Invalid:
        names = [entry for entry, placeholder in self.offered.items() if not placeholder.parts]
        if self.loop:
            names += [f"{self.loop[0]}.{entry}" for entry in self.loop[1].parts]
        close = difflib.get_close_matches(name[:80], names, 1, 0.7)
        return self._no("template_unknown_meant" if close else "template_unknown", part, name, *close)

    def _no(self, code: str, node: nodes.Node, what: str = "", meant: str = "") -> Invalid:
        # A few nodes of Jinja2 carry no line; what stands in them does.
        line = next((one.lineno for one in (node, *node.iter_child_nodes()) if one.lineno), 1)
        return Invalid(self.field, code, line=line, what=what[:80], meant=meant)


def _kind_of(part: nodes.Node) -> str:
    """Jinja2's own word for it, as code: call, add, getitem ..."""
    if isinstance(part, nodes.Getattr):
        return _kind_of(part.node) if not isinstance(part.node, nodes.Const) else "getattr"
    return type(part).__name__.lower()


def _unreadable(field: str, error: TemplateSyntaxError) -> Invalid:
    """Jinja2's own sentences are English and many; these are the ones that people meet."""
    message = error.message or ""
    if message.startswith("Encountered unknown tag"):
        return Invalid(field, "template_tag", line=error.lineno, what=message.split("'")[1][:80])
    if message.startswith("No filter named"):
        return Invalid(field, "template_filter", line=error.lineno, what=message.split("'")[1][:80])
    unclosed = ("end of template", "Missing end of", "end of print", "unclosed", "unexpected '}'", "end of statement")
    code = "template_unclosed" if any(words in message for words in unclosed) else "template_unreadable"
    return Invalid(field, code, line=error.lineno)
