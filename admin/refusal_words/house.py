"""Why what the house itself is set to stays: company, taxes, numbers, test clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

REFUSALS: Mapping[str, Any] = {
    "clock_day_unreadable": _l("Please choose the day to which the clock is to go. It has not been moved."),
    "clock_is_real": _l("This is a live installation: its clock is the real one and cannot be moved."),
    "clock_only_forward": _l("The test clock only goes forward. Today is %(today)s."),
    "clock_too_far": _l("That is too far for one way. The latest day possible is %(latest)s."),
    "logo_broken": _l("This picture cannot be read. Please save it anew as PNG or JPEG."),
    "logo_empty": _l("Please choose a picture."),
    "logo_too_large": _l("The picture is larger than 2 MB. Please make it smaller."),
    "logo_too_many_pixels": _l("The picture has too many dots. Please make it at most 4000 dots wide."),
    "logo_unknown_format": _l("This is neither a PNG nor a JPEG picture. Please save it as one of these."),
    "rate_of_that_day": _l("A rate begins on this very day already."),
    "same_mode": _l("This is how we are taxed on that day already."),
    "shorter_than_check": _l("This has to be at least as long as the time after which an ID is checked again."),
    "counter_width_out_of_range": _l("The counter may have 1 to 12 digits."),
    "number_already_used": _l("Numbers of this range are in use, so this can no longer be changed."),
    "number_too_long": _l("The numbers would be longer than 30 characters."),
    "pattern_too_long": _l("The pattern is too long."),
    "pattern_unreadable": _l("The pattern may hold letters, digits, {YYYY}, {YY} and {N:5}."),
    "pattern_without_counter": _l("The pattern needs {N} exactly once."),
    "pattern_taken": _l("Another range of documents already makes its numbers by this pattern."),
    "pattern_without_year": _l("A range that begins anew each year needs {YYYY} or {YY} in its pattern."),
    "series_without_gaps": _l("Documents are numbered without gaps, so this counter cannot jump."),
    "not_a_colour": _l("Please enter a colour such as #0b6b62."),
    "not_a_website": _l("Please enter a web address such as https://www.example.com."),
}  # fmt: skip
