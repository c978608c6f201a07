"""What the drawing of a paper may raise."""

from __future__ import annotations

from billing.errors import KontorError


class PaperError(KontorError):
    """A paper could not be drawn; there are no bytes, never half a PDF. The invoice itself stands (F9).

    `code` is one of `broken_logo` (drawing again helps once the logo is replaced), `too_large` (outgrew a limit of
    time or size) and `drawing_failed`. `facts` name the kind of failure, never the text of the paper: what the
    drawing library says quotes names and addresses, and errors end in logs.
    """
