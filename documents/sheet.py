"""From marked-up text to the bytes of a PDF: the one closed place where xhtml2pdf is called, for every paper."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from xml.dom import minidom

from xhtml2pdf.config.resources import RenderLimitError, ResourceAccessPolicy, render_budget, use_policy
from xhtml2pdf.context import pisaContext
from xhtml2pdf.parser import pisaLoop
from xhtml2pdf.util import reset_caches

from documents.errors import PaperError
from documents.fonts import ALL_FAMILIES, FAMILY, register_fonts, register_other_fonts
from documents.lines import keep_sums_with_lines
from documents.pages import Imprint, PaperDoc, add_page_frames
from documents.styles import stylesheet
from documents.text import needs_other_fonts

MAX_SECONDS: Final = 20
# Nothing is fetched and no file is read (S9): the faces are registered, and pictures stand in the paper itself.
POLICY: Final = ResourceAccessPolicy.server(None, allow_remote=False, max_render_seconds=MAX_SECONDS)
# The library quotes the paper in its warnings, and a log must not hold names and addresses (S19).
logging.getLogger("xhtml2pdf").setLevel(logging.CRITICAL)


def draw_sheet(markup: str, css: str, imprint: Imprint) -> bytes:
    """The PDF of well-formed XHTML under the rules of `css`. The same input gives the same bytes.

    Raises PaperError: `too_large` when it takes longer than MAX_SECONDS, else `drawing_failed`.
    """
    with drawing(), _ALONE, _without_collector(), use_policy(POLICY), render_budget(POLICY):
        try:
            return PaperDoc(_told(markup, css), imprint).bytes()
        finally:
            reset_caches()


@contextmanager
def drawing() -> Iterator[None]:
    """Whatever goes wrong within becomes a PaperError that names the kind of failure and quotes nothing."""
    try:
        yield
    except PaperError:
        raise
    except RenderLimitError:
        raise PaperError("too_large", limit_seconds=MAX_SECONDS) from None
    except Exception as failure:
        # `from None`: the library quotes the text it failed on, and errors end in logs and job results.
        raise PaperError("drawing_failed", kind=type(failure).__name__) from None


def _told(markup: str, css: str) -> pisaContext:
    """The document as the library's story: what `pisaStory` does, with styles resolved before by `styles`.

    Parsing as XML instead of HTML is faster, and refuses markup that escaped its field instead of mending it.
    """
    register_fonts()
    context = pisaContext()
    context.resource_policy = POLICY
    context.fontList = {family: family for family in ALL_FAMILIES.split(", ")}
    context.css = None
    add_page_frames(context)
    document = minidom.parseString(markup.encode("utf-8"))
    assert document.documentElement is not None
    stylesheet(_in_fonts(css, markup)).dress(document.documentElement)
    pisaLoop(document, context)
    document.unlink()
    if context.err or context.warn:  # a picture or a rule it could not use and left out: half a paper is none
        raise PaperError("drawing_failed", kind="left_out")
    keep_sums_with_lines(context.story)
    return context


def _in_fonts(css: str, markup: str) -> str:
    """The rules with the families of other scripts where the paper needs them: asking them costs every word time."""
    if not needs_other_fonts(markup):
        return css
    register_other_fonts()
    return css.replace(f"font-family: {FAMILY};", f"font-family: {ALL_FAMILIES};")


# The drawing library keeps fonts and caches in globals of the process: one paper at a time.
_ALONE: Final = threading.Lock()


@contextmanager
def _without_collector() -> Iterator[None]:
    """Drawing makes very many small objects that live to its end: looking for cycles among them is wasted time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
