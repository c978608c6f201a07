"""What is wrong with an entry of any form, and what may stand in the way of any deed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

REFUSALS: Mapping[str, Any] = {
    "changed_meanwhile": _l("Somebody else changed this in the meantime. Your entries are below; please compare and "
                            "save again."),
    "control_character": _l("This text contains characters that cannot be printed."),
    "end_before_start": _l("The last day is before the first."),
    "in_the_future": _l("This day has not come yet."),
    "in_use": _l("This is still in use."),
    "missing": _l("Please fill in this field."),
    "name_taken": _l("This name is already taken."),
    "not_a_choice": _l("Please choose one of the values offered."),
    "not_a_leitweg_id": _l("This Leitweg-ID is not right. Please compare it with the authority's order; its last two "
                           "digits are check digits."),
    "not_a_number": _l("Please enter a number."),
    "not_a_vat_id": _l("This is not a valid VAT ID."),
    "not_an_address": _l("Please enter a web address that begins with https://."),
    "not_an_email": _l("This is not a valid e-mail address."),
    "not_zero": _l("Please enter a value above 0, or leave the field empty."),
    "out_of_range": _l("This value is out of range."),
    "negative": _l("This must not be negative."),
    "unchanged": _l("Nothing was changed."),
    "day_out_of_range": _l("Please choose a day from %(low)s to %(high)s."),
    "taken": _l("This value is already in use elsewhere."),
    "too_long": _l("This text is too long (at most %(longest)s characters)."),
    "too_many_movements": _l("More than %(most)s movements do not fit. Please choose a shorter period."),
    "too_many_exports": _l("Five of your files are still being made. Please wait until one is done."),
    "export_under_way": _l("The file is being made already. Please wait a moment."),
    "wrong_state": _l("This is not possible in the present state."),
}  # fmt: skip
