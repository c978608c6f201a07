"""The language of texts that staff edit: placeholders out of a list, `if`, one `for` over a list; nothing else (S10).

Jinja2 reads the text, so that it looks the way many know it. What was read is checked against the list of the text and
walked here: no line of it ever becomes code, attributes and methods of objects cannot be named at all, and values are
never read as a text again. Every placeholder has a greatest length and every list a greatest number of entries, so the
greatest size of a text is known when it is saved, whatever data it will meet (docs/adr/0018-texts-are-walked.md).
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from billing.errors import Invalid, KontorError

SHORT, LINE, ADDRESS, LONG = 60, 300, 1000, 4000  # greatest lengths of values, in characters
ENTRIES = 50  # that a list tells; the rest is for the reader of the back office
LARGEST = 200_000  # characters of a rendered text
DEEPEST = 6  # tags within tags

# Only for reading: `parse` makes a tree, and nothing here compiles or runs one.
_reader = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A name that a text may use, dotted; `parts` are what each entry of a list has, empty for a plain value."""

    name: str
    longest: int = LINE
    parts: tuple[str, ...] = ()


Known = Mapping[str, Placeholder]


def known(placeholders: Iterable[Placeholder]) -> Known:
    """By name."""
    return {placeholder.name: placeholder for placeholder in placeholders}


def check(source: str, offered: Known, *, field: str, longest: int, largest: int = LARGEST) -> None:
    """Refuse what is no text of this language. Raises Invalid(field) with the line and what stands there.

    `longest` is of the text itself, `largest` of what it may become; both in characters.
    """
    if len(source) > longest:
        raise Invalid(field, "too_long", longest=longest)
    try:
        size = _Check(field, offered).body(_tree(source).body, 0)
    except TemplateSyntaxError as error:
        raise _unreadable(field, error) from None
    except (RecursionError, ValueError, OverflowError):
        raise Invalid(field, "template_too_deep") from None
    if size > largest:
        raise Invalid(field, "template_too_large", largest=largest)


def render(source: str, offered: Known, values: Mapping[str, Any], *, largest: int = LARGEST) -> str:
    """The text with its values, as plain text; whoever makes HTML of it has to escape it.

    `values` nests as the names do. Raises KontorError: `placeholder_without_value`, `text_too_large`, and for a text
    that was never checked `template_unreadable`.
    """
    parts: list[str] = []
    size = 0
    try:
        for part in _Walk(offered, values).body(_tree(source).body, {}):
            size += len(part)
            if size > largest:
                raise KontorError("text_too_large", largest=largest)
            parts.append(part)
    except (TemplateSyntaxError, RecursionError):
        raise KontorError("template_unreadable") from None
    return "".join(parts)


@lru_cache(maxsize=256)
def _tree(source: str) -> nodes.Template:
    return _reader.parse(source)


def _default(value: str, otherwise: str) -> str:
    return value or otherwise


FILTERS: Final[Mapping[str, Callable[..., str]]] = {"lower": str.lower, "upper": str.upper, "default": _default}

# What the tags that Jinja2 reads and we do not offer are called.
_TAGS: Final[Mapping[type[nodes.Node], str]] = {
    nodes.Include: "include", nodes.Import: "import", nodes.FromImport: "from", nodes.Extends: "extends",
    nodes.Block: "block", nodes.Macro: "macro", nodes.CallBlock: "call", nodes.FilterBlock: "filter",
    nodes.With: "with", nodes.Assign: "set", nodes.AssignBlock: "set", nodes.ScopedEvalContextModifier: "autoescape",
    nodes.Scope: "autoescape",
}  # fmt: skip


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
        name = _dotted(part)
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
        listed = self.offered.get(_dotted(node.iter) or "")
        if self.loop or node.recursive or node.test or node.else_ or not isinstance(node.target, nodes.Name):
            raise self._no("template_loop", node)
        if listed is None or not listed.parts:
            raise self._no("template_loop_over", node, _dotted(node.iter) or _kind_of(node.iter))
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
        return self._clipped(self._text(part, entry), _dotted(_inner(part)) or "", entry)

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
        name = _dotted(part)
        if name is None:
            raise KontorError("template_unreadable")
        found: Any = {**self.values, **entry}
        for key in name.split("."):
            if not isinstance(found, Mapping) or key not in found:
                raise KontorError("placeholder_without_value", what=name[:80])
            found = found[key]
        return found


def _dotted(part: nodes.Node) -> str | None:
    """`a` or `a.b.c`; None for anything else."""
    names: list[str] = []
    while isinstance(part, nodes.Getattr):
        names.append(part.attr)
        part = part.node
    return ".".join((part.name, *reversed(names))) if isinstance(part, nodes.Name) else None


def _inner(part: nodes.Expr) -> nodes.Expr:
    """What filters stand behind."""
    while isinstance(part, nodes.Filter) and part.node is not None:
        part = part.node
    return part


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
