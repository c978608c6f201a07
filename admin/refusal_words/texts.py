"""Why a wording, a message or a file that is to come along is not taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

REFUSALS: Mapping[str, Any] = {
    "template_expression": _l("Line %(line)s: only placeholders such as {{ company.name }} can stand here; "
                              "calculations, calls and brackets are not possible."),
    "template_filter": _l("Line %(line)s: “%(what)s” cannot stand behind a placeholder. Possible are lower, upper and "
                          "default(\"...\")."),
    "template_list_as_value": _l("Line %(line)s: “%(what)s” is a list; its entries are told by a loop (for … endfor)."),
    "template_loop": _l("Line %(line)s: a loop cannot stand within another one, and it has no further conditions."),
    "template_loop_over": _l("Line %(line)s: “%(what)s” is no list of this text."),
    "template_tag": _l("Line %(line)s: “%(what)s” is not possible here. Possible are if, elif, else, endif, for and "
                       "endfor, each in its place."),
    "template_too_deep": _l("This text is nested too deeply."),
    "template_too_large": _l("This text could become longer than %(largest)s characters. Please use fewer "
                             "placeholders."),
    "template_unclosed": _l("Line %(line)s: something is not closed. A placeholder looks like {{ company.name }}, a "
                            "condition ends with endif, a loop with endfor."),
    "template_unknown": _l("Line %(line)s: there is no placeholder “%(what)s” in this text."),
    "template_unknown_meant": _l("Line %(line)s: there is no placeholder “%(what)s” in this text. Did you mean "
                                 "“%(meant)s”?"),
    "template_unreadable": _l("Line %(line)s: this cannot be read. A placeholder looks like {{ company.name }}."),
    "text_changed": _l("Somebody else changed this text in the meantime. Your words are below; please compare them "
                       "with the text that holds now, and save again."),
    "cannot_be_written": _l("This mail can no longer be written."),
    "file_empty": _l("Please choose a file that holds something."),
    "file_too_large": _l("This file is too large (at most %(most)s MB)."),
    "file_unknown_type": _l("This kind of file is not kept. Possible are PDF, pictures (PNG, JPEG, GIF, WebP), plain "
                            "text, and documents of Word, Excel and OpenOffice."),
    "file_is_markup": _l("Web pages (HTML) and drawings in SVG are not kept: whoever opens them would run what is in "
                         "them. Possible are PDF, pictures (PNG, JPEG, GIF, WebP), plain text, and documents of Word, "
                         "Excel and OpenOffice; please save it as a PDF."),
    "picture_broken": _l("This picture is damaged or not complete and cannot be opened. Please save or take it anew. "
                         "Possible are PNG, JPEG, GIF and WebP."),
    "picture_too_large": _l("This picture has too many dots to be opened here (at most %(most)s million). Please make "
                            "it smaller, or save it as a PDF."),
    "attached_too_large": _l("All attachments together may have at most %(most)s MB. Please untick some."),
    "too_many_attached": _l("At most %(most)s attachments. Please untick some."),
}  # fmt: skip
