"""The page of a business letter: DIN 5008 form B on A4, what repeats on every page, and the file's own data."""

from __future__ import annotations

import io
from calendar import timegm
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import TimeStamp
from xhtml2pdf.builders.printmarks import MarkedCanvas
from xhtml2pdf.context import pisaContext
from xhtml2pdf.xhtml2pdf_reportlab import PmlBaseDoc, PmlFrame, PmlPageTemplate

from documents.errors import PaperError
from documents.fonts import BOLD, FACES, REGULAR

# Left edge, top edge, width and height in mm of the place that takes the element of that id; "content" takes the rest.
_FOOT: Final = (25, 264, 165, 26)
_PAGES: Final[dict[str, dict[str, tuple[float, float, float, float]]]] = {
    "first": {
        "brand": (25, 16, 165, 20),
        "sender": (25, 56.4, 80, 5.5),
        "buyer": (25, 62.7, 80, 27.3),
        "facts": (122, 50, 68, 44),
        "foot": _FOOT,
        "content": (25, 99, 165, 158),
    },
    "more": {"again": (25, 17, 165, 5), "foot": _FOOT, "content": (25, 27, 165, 230)},
}
# How tall in mm a place may become where its content is too much even in the smallest type: it grows upwards.
_MOST: Final = {"sender": 16.9, "foot": 60.0, "again": 14.0}
SHORTEST_PAGE: Final = (230 - (60 - 26)) * mm  # what a further page above the tallest foot has room for
_SOFT: Final = HexColor("#5a5f5c")
_HAIRLINE: Final = HexColor("#cbc7be")
_WATERMARK: Final = HexColor("#efede9")


@dataclass(frozen=True, slots=True)
class Imprint:
    """What the file says of itself. `page_words` holds {page} and {pages}; `watermark` stands across every page."""

    title: str
    author: str
    language: str
    issued_on: date
    page_words: str
    watermark: str = ""


def add_page_frames(context: pisaContext) -> None:
    """Tell the library's document where on the first and on further pages things stand."""
    for page, places in _PAGES.items():
        frames = {name: _frame(name, place) for name, place in places.items()}
        template = _Page(id=page, frames=[frames.pop("content")], pagesize=A4)
        template.pisaStaticList = list(frames.values())
        context.templateList[page] = template
        for name, frame in frames.items():
            context.frameStatic.setdefault(name, []).append(frame)


class PaperDoc(PmlBaseDoc):
    """The library's document, drawn in one pass with our face, a fixed date and "page x of y"."""

    def __init__(self, context: pisaContext, imprint: Imprint) -> None:
        self._out = io.BytesIO()
        self._imprint = imprint
        self._story = context.story
        super().__init__(
            self._out, pagesize=A4, title=imprint.title, author=imprint.author, lang=imprint.language,
            invariant=1, initialFontName=REGULAR,
        )  # fmt: skip
        self._doSave = 0
        self.pisaPositioned = context.positioned
        self.addPageTemplates(list(context.templateList.values()))

    def bytes(self) -> bytes:
        """Draw the story."""
        self.build(self._story, canvasmaker=_PaperCanvas)
        return self._out.getvalue()

    def _makeCanvas(self, *args: Any, **options: Any) -> MarkedCanvas:
        canvas = super()._makeCanvas(*args, **options)
        canvas._doc._timeStamp = _Noon(self._imprint.issued_on)
        return canvas

    def beforePage(self) -> None:
        """Under the text of each page: the watermark, the marks, and a blank for "page x of y"."""
        super().beforePage()
        self.canv.saveState()
        if self._imprint.watermark:
            _draw_watermark(self.canv, self._imprint.watermark)
        _draw_fold_marks(self.canv)
        self.canv.translate(0, self.pageTemplate.rise)
        self.canv.doForm(f"page{self.page}")
        self.canv.restoreState()

    def _endBuild(self) -> None:
        """Fill the blanks now that the number of pages is known: a page count of the library's own lays out twice."""
        super()._endBuild()
        for page in range(1, self.page + 1):
            self.canv.beginForm(f"page{page}")
            self.canv.setFont(REGULAR, 7)
            self.canv.setFillColor(_SOFT)
            words = self._imprint.page_words.format(page=page, pages=self.page)
            self.canv.drawRightString(190 * mm, A4[1] - 262 * mm, words)
            self.canv.endForm()
        self.canv.save()


class _Page(PmlPageTemplate):
    """A page whose places are all filled: the library would leave out one that fails, and with it the recipient."""

    rise = 0.0  # points by which the foot is taller than planned

    def _storyHeight(self, story: Any, frame: PmlFrame, canvas: MarkedCanvas) -> float:
        """The height of what stands in a place, which becomes taller before the library would shrink the type."""
        needed: float = PmlPageTemplate._storyHeight(story, frame, canvas)
        more = min(needed, _MOST.get(frame.id, 0) * mm) - frame._aH
        if more > 0:
            _grow(frame, more)
            if frame.id == "foot":
                _grow(self.frames[0], self.rise - more, from_below=True)
                self.rise = more
        return needed

    def _paintStaticFrame(self, frame: PmlFrame, canvas: MarkedCanvas, renumber: Any) -> None:
        self._drawStaticFrame(frame, canvas, renumber)

    def _firstComplaint(self, complaint: str, frame_id: str) -> bool:
        if complaint == "dropped":
            raise PaperError("drawing_failed", kind="left_out", place=frame_id)
        return False


class _PaperCanvas(MarkedCanvas):
    """A canvas that knows our faces only: an empty table cell would name Helvetica, which is embedded nowhere."""

    def setFont(self, psfontname: str, size: float, leading: float | None = None) -> None:
        super().setFont(psfontname if psfontname in FACES else REGULAR, size, leading)


class _Noon(TimeStamp):
    """Noon (UTC) of the day of issue, so that a paper drawn again is the same file to the byte."""

    def __init__(self, on: date) -> None:
        super().__init__(invariant=1)
        self.YMDhms = (on.year, on.month, on.day, 12, 0, 0)
        self.lt = (*self.YMDhms, on.weekday(), on.timetuple().tm_yday, 0)
        self.t = timegm(self.lt)


def _frame(name: str, place: tuple[float, float, float, float]) -> PmlFrame:
    left, top, width, height = (length * mm for length in place)
    frame = PmlFrame(
        left, A4[1] - top - height, width, height,
        id=name, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0,
    )  # fmt: skip
    frame.pisaStaticStory = []
    frame.pisaStaticOverflowMode = "shrink"
    frame.pisaPages = "all"
    return frame


def _grow(frame: PmlFrame, more: float, from_below: bool = False) -> None:
    """Make a place taller by points, upwards, or downwards; less than nothing makes it shorter."""
    if from_below:
        frame._y1 -= more
    frame._height += more
    frame._geom()
    frame._reset()


def _draw_fold_marks(canvas: MarkedCanvas) -> None:
    """Fold at 105 and 210 mm, punch at 148.5 mm from the top (DIN 5008 form B)."""
    canvas.setStrokeColor(_HAIRLINE)
    canvas.setLineWidth(0.4)
    for top, length in ((105, 4), (148.5, 6), (210, 4)):
        height = A4[1] - top * mm
        canvas.line(4 * mm, height, (4 + length) * mm, height)


def _draw_watermark(canvas: MarkedCanvas, text: str) -> None:
    canvas.saveState()
    canvas.translate(A4[0] / 2, A4[1] / 2)
    canvas.rotate(54)
    canvas.setFillColor(_WATERMARK)
    size = min(120.0, 720.0 / len(text))  # a longer word would reach the block of facts
    canvas.setFont(BOLD, size)
    canvas.drawCentredString(0, -size * 0.35, text)
    canvas.restoreState()
