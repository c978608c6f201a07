"""Papers as pictures, and how far two of them differ. Called as a module it draws the kept pictures anew:

.venv/bin/python -m tests.documents.pictures
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pypdfium2
from PIL import Image, ImageChops, ImageFilter

from documents.invoice import draw_invoice
from documents.reminder import draw_reminder
from tests.documents.cases import cases, demo_company
from tests.documents.reminder_cases import reminder_cases

FOLDER: Final = Path(__file__).parent / "references"
DOTS: Final = 64  # an inch: enough to see what moved, small enough to keep
EXAMPLE: Final = Path(__file__).parents[2] / "docs" / "pictures" / "letter.png"
EXAMPLE_DOTS: Final = 110
PAGES: Final = (0, -1)  # the first page and, where there are more, the last
NOTICEABLE: Final = 40  # of 255, after blurring: more than another version's smoothing of edges
TOLERANCE: Final = 0.0002  # of the page: eighty dots, less than two figures that changed


def pictures(pdf: bytes) -> list[Image.Image]:
    """The first and the last page in grey."""
    document = pypdfium2.PdfDocument(pdf)
    numbers = sorted({number % len(document) for number in PAGES})
    return [document[number].render(scale=DOTS / 72, grayscale=True).to_pil().convert("L") for number in numbers]


def difference(one: Image.Image, other: Image.Image) -> float:
    """The part of the page, 0 to 1, that looks different to an eye."""
    if one.size != other.size:
        return 1.0
    soft = [picture.filter(ImageFilter.BoxBlur(1)) for picture in (one, other)]
    bins = ImageChops.difference(*soft).histogram()
    return sum(bins[NOTICEABLE:]) / (one.width * one.height)


def kept(name: str) -> list[Image.Image]:
    """The kept pictures of one case, in the order of pages."""
    return [Image.open(path).convert("L") for path in sorted(FOLDER.glob(f"{name}.[0-9].png"))]


def write_anew() -> None:
    """Draw every case and keep its pictures; look at each of them before it is committed."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    drawn = {name: draw_invoice(paper) for name, paper in cases().items()}
    drawn |= {name: draw_reminder(paper) for name, paper in reminder_cases().items()}
    for name, pdf in drawn.items():
        for number, picture in enumerate(pictures(pdf), start=1):
            picture.quantize(16).save(FOLDER / f"{name}.{number}.png", optimize=True)


def write_example() -> None:
    """The picture for readers of the documentation."""
    page = pypdfium2.PdfDocument(draw_invoice(demo_company()))[0]
    page.render(scale=EXAMPLE_DOTS / 72).to_pil().quantize(64).save(EXAMPLE, optimize=True)


if __name__ == "__main__":
    write_anew()
    write_example()
