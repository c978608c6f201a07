"""Why a draft is not issued, an invoice not corrected, a run not started."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from admin import problem_words

REFUSALS: Mapping[str, Any] = {
    "not_correctable": _l("Only an issued invoice can be cancelled or corrected."),
    "nothing_left": _l("Nothing of this is left to correct: it has been corrected before."),
    "only_whole_lines": _l("Only lines of which nothing is left can be billed again."),
    "quantity_or_days": _l("Please give either a quantity or a day."),
    "part_outside_period": _l("This day lies outside the period of the line."),
    "more_than_left": _l("This is more than is left of the line (%(left)s)."),
    "missing_fields": _l("The law asks for data that are missing: %(fields)s."),
    "missing_by_law": _l("The law asks for this on an invoice. Please fill it in."),
    "net_and_gross_in_one_invoice": _l("Net and gross prices cannot stand on one invoice. Please type the price."),
    "not_a_draft": _l("This is no draft any more. What is issued stays; it can be cancelled or corrected."),
    "not_issued": _l("This has not been issued yet."),
    "too_many_lines": _l("An invoice has at most %(most)s lines."),
    "two_tax_cases": _l("These lines are taxed in different ways and cannot stand on one invoice. Please make two."),
    "unknown_line": _l("There is no such line."),
    "line_named_twice": _l("This line is named twice."),
    "unknown_draft": _l("There is no such draft."),
    "unknown_invoice": _l("There is no issued invoice with this number."),
    "company_incomplete": _l("Company data that the law asks for are missing. Please complete them in the settings."),
    "beyond_due_day": _l("The cash discount cannot run longer than the time for payment."),
    "oss_begins": _l("With this invoice, sales to consumers in the EU exceed 10,000 EUR a year. Please enter in the "
                     "tax settings from which day on their countries' rates hold."),
    "small_business_limit": problem_words.PARKED["small_business_limit"],
    "vat_id_invalid": problem_words.PARKED["vat_id_invalid"],
    "vat_id_unconfirmed": problem_words.PARKED["vat_id_unconfirmed"],
    "no_vat_id_to_check": _l("There is no VAT ID of a business in another country of the EU to be checked here."),
    "no_report_email": _l("Nobody is named for reports. Please enter an address in the company data first."),
    "run_not_finished": _l("The run is still under way; its report comes when it is finished."),
    "run_in_the_future": _l("A live company cannot bill a day after today."),
    "run_day_unreadable": _l("Please choose a day. Nothing has been started."),
    "run_too_far": _l("The day %(on)s lies too far ahead. The latest day possible is %(latest)s."),
    "run_just_finished": _l("The run of this day has just finished. Please start it again."),
}  # fmt: skip
