"""What a person reads when a service says no: the code of a KontorError in their language, and what to do next."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask import current_app
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from admin import formats, problem_words, refund_words
from billing.errors import AlreadyDone, Conflict, Invalid, KontorError, NotFound

REFUSALS: Mapping[str, Any] = {
    **refund_words.REASONS,
    "approved": _l("This refund was approved already."),
    "by_provider": _l("This refund goes by the payment provider; nobody transfers it."),
    "four_eyes": _l("Whoever ordered a refund cannot approve it. Please ask another person."),
    "in_a_file": _l("This refund stands in a file for the bank. Please withdraw it there first."),
    "refunds_under_way": _l("Money is on its way back to the customer. Please wait until it has ended."),
    "refund_under_way": _l("Money is on its way back to one of the two. Please wait until it has ended."),
    "refunded": _l("Something of this payment went back to the customer, so it stays as it is."),
    "returned": _l("This has come back already."),
    **dict.fromkeys(("unknown_charge", "unknown_refund"), _l("This payment is not known here.")),
    "withdrawn": _l("This refund was withdrawn already."),
    "addons_of_other_rhythm": _l("The add-ons are priced by the rhythm of the old plan. Please end them with the "
                                 "change, and book them anew afterwards."),
    "already_over": _l("The last day is over, so this cannot be taken back any more."),
    "before_earliest_end": _l("The earliest possible last day is %(earliest)s. For an earlier one choose the "
                              "extraordinary cancellation and give the reason."),
    "change_planned": _l("A change is planned. Please withdraw it first."),
    "in_the_past": _l("This day is over. Please choose today or a later day."),
    "in_trial": _l("The trial is free anyway. Please choose a day after it."),
    "not_cancelled": _l("This subscription is not cancelled."),
    "not_paused": _l("This subscription does not pause."),
    "nothing_due": _l("Nothing more is due for this subscription."),
    "nothing_planned": _l("Nothing is planned."),
    "outside_period": _l("Please choose a day from %(first)s to %(last)s."),
    "pause_planned": _l("A pause is under way or planned. Please resume the subscription first."),
    "too_far": _l("This day lies too far ahead. The latest possible is %(latest)s."),
    "unknown_addon": _l("This add-on is not booked."),
    "unknown_subscription": _l("There is no such subscription."),
    "bank_line_ignored": _l("This movement is ignored. Please take it up again first."),
    "not_incoming": _l("This money went out, so it cannot be booked as a payment."),
    "less_than_debit": _l("Less went out than the debit was about. Please look at it with your bank."),
    "partly_booked": _l("A part of this movement is booked already. Please undo that first."),
    "more_than_line": _l("This is more than is left of the movement."),
    "matched": _l("This movement is booked already."),
    "file_is_archive": _l("This is an archive. Please unpack it and choose the statement inside."),
    "file_no_xml": _l("This file begins like XML but cannot be read. Please download it from your bank once more."),
    "file_with_entities": _l("This file holds declarations that no bank uses; it was refused for safety."),
    "file_too_deep": _l("This file is built in a way that no bank uses; it was refused for safety."),
    "file_no_camt": _l("This XML is no bank statement of the kind camt.053. Please choose that format at your bank."),
    "field_missing": _l("Entry %(entry)s: the field %(name)s is missing."),
    "field_unreadable": _l("Entry %(entry)s: the field %(name)s cannot be read."),
    "statement_does_not_add_up": _l("The statement up to %(on)s does not add up: %(missing)s is missing between its "
                                    "movements and its balances. Nothing was brought in."),
    "statement_mixes_currencies": _l("The statement up to %(on)s has movements of several currencies. Nothing was "
                                     "brought in."),
    "csv_undecodable": _l("This file cannot be read with the chosen character set."),
    "csv_too_many_rows": _l("This file has more than %(most)s rows. Please choose a shorter period."),
    "csv_cell": _l("Row %(row)s: “%(text)s” cannot be read. Please check the layout of the columns."),
    "csv_no_rows": _l("No movement was found in this file. Please check from which row on they begin."),
    "column_twice": _l("Two columns have the same meaning. Only the purpose may stand in several."),
    "column_missing": _l("Please say which columns hold the booking day and the amount."),
    "already_merged": _l("One of the two was merged into another record meanwhile. Please open the card again."),
    "same_record": _l("This is one and the same record. Please choose another one."),
    "run_under_way": _l("A billing run still has to bill one of the two. Please wait until it is finished."),
    "amount_too_large": _l("This amount is too large."),
    "changed_meanwhile": _l("Somebody else changed this in the meantime. Your entries are below; please compare and "
                            "save again."),
    "beyond_own_rights": _l("This goes beyond your own rights. Please ask somebody who holds them."),
    "beyond_due_day": _l("The cash discount cannot run longer than the time for payment."),
    "before_start": _l("This day is before the start."),
    "clock_day_unreadable": _l("Please choose the day to which the clock is to go. It has not been moved."),
    "clock_is_real": _l("This is a live installation: its clock is the real one and cannot be moved."),
    "clock_only_forward": _l("The test clock only goes forward. Today is %(today)s."),
    "clock_too_far": _l("That is too far for one way. The latest day possible is %(latest)s."),
    "company_incomplete": _l("Company data that the law asks for are missing. Please complete them in the settings."),
    "consumers_term": _l("Consumers may be bound for two years at most (section 309 no. 9 BGB). Please choose a "
                         "shorter minimum term, or sell this plan to companies only."),
    "consumers_renewal": _l("A consumer's contract may only go on indefinitely after its minimum term (section 309 "
                            "no. 9 BGB). Please leave the renewal empty, or sell this plan to companies only."),
    "consumers_notice": _l("A consumer's notice period may be a month at most (section 309 no. 9 BGB). Please choose a "
                           "shorter one, or sell this plan to companies only."),
    "control_character": _l("This text contains characters that cannot be printed."),
    "counter_width_out_of_range": _l("The counter may have 1 to 12 digits."),
    "coupon_already_used": _l("This coupon has been used already, by this customer or for this contract."),
    "coupon_inactive": _l("This coupon is switched off."),
    "coupon_not_yet": _l("This coupon cannot be redeemed yet."),
    "coupon_other_currency": _l("This coupon is in another currency than the contract."),
    "coupon_other_customer": _l("This coupon is for another customer."),
    "coupon_other_products": _l("This coupon is for other products."),
    "coupon_over": _l("This coupon has expired."),
    "coupon_promised": _l("Somebody has redeemed this coupon, so what it gives stays. Make a new one instead."),
    "coupon_used_up": _l("This coupon is used up."),
    "other_currency_of_contract": _l("The contract is in another currency."),
    "outside_contract": _l("The contract does not run on this day."),
    "own_currency": _l("This is the product's own currency; its price stands in the product."),
    "unknown_coupon": _l("There is no coupon with this code."),
    "usage_billed": _l("This usage has been billed already, so it stays."),
    "already_active": _l("This customer is active already."),
    "already_blocked": _l("This customer is blocked already."),
    "already_deactivated": _l("This customer is deactivated already."),
    "customer_blocked": _l("The customer is blocked, so nothing new can be booked."),
    "customer_deactivated": _l("The customer is deactivated, so nothing new can be booked."),
    "email_taken": _l("Somebody already logs in with this e-mail address."),
    "export_under_way": _l("The file is being made already. Please wait a moment."),
    "erased": _l("This record has been deleted."),
    "debit_at_bank": _l("A direct debit is in a file for the bank. Please wait until the bank has answered."),
    "debits_under_way": _l("A direct debit is announced or at the bank."),
    "debits_returnable": _l("The bank may still take back a direct debit (13 months)."),
    "open_items": _l("Something is still to be paid. Please settle it first."),
    "credit_left": _l("The customer has paid credit. Please use it for an invoice or pay it out first."),
    "credit_used": _l("The credit that came of this was used or paid out since. Please undo that first."),
    "more_than_credit": _l("This is more than the customer's credit."),
    "no_credit": _l("This customer has no paid credit."),
    "not_billed_yet": _l("This contract has no invoice yet, and a shipment belongs to one."),
    "not_movable": _l("Only a payment can be moved."),
    "not_reversible": _l("What undoes something is not undone itself. Please enter it anew."),
    "not_an_article_line": _l("Each line needs a quantity and an article number, such as “2 COFFEE-1 Coffee”."),
    "nothing_to_pay": _l("There is no issued invoice of this number that could be paid."),
    "of_another_customer": _l("This invoice belongs to another customer."),
    "parts_of_a_cent": _l("Please enter an amount with at most two decimals."),
    "end_before_start": _l("The last day is before the first."),
    "too_many_movements": _l("More than %(most)s movements do not fit. Please choose a shorter period."),
    "reversed": _l("This has already been undone."),
    "same_invoice": _l("The payment stands at this invoice already."),
    "deactivated_subscriptions": _l("A deactivated subscription is not cancelled and could be activated again. Please "
                                    "cancel it first."),
    "running_subscriptions": _l("There are still running subscriptions. Please end them first."),
    "unfinished_documents": _l("A payment is under way. Please wait until it has ended."),
    "legal_hold": _l("This record must be kept: a legal hold is set."),
    "in_use": _l("This is still in use."),
    "logo_broken": _l("This picture cannot be read. Please save it anew as PNG or JPEG."),
    "logo_empty": _l("Please choose a picture."),
    "logo_too_large": _l("The picture is larger than 2 MB. Please make it smaller."),
    "logo_too_many_pixels": _l("The picture has too many dots. Please make it at most 4000 dots wide."),
    "logo_unknown_format": _l("This is neither a PNG nor a JPEG picture. Please save it as one of these."),
    "key_changed": _l("The second factor cannot be checked: the key of this installation (SECRET_KEY) has changed. "
                      "Please use a recovery code, or ask somebody who administers staff to reset it."),
    "last_owner": _l("Nobody would be left who may do everything. Please give another person the owner's role first."),
    "link_void": _l("This link does not work any more."),
    "login_stopped": _l("This customer is deactivated and cannot enter the customer portal. Please activate the record "
                        "first."),
    "login_taken": _l("This e-mail address opens the customer portal for %(number)s already. Please take another one, "
                      "or delete that login."),
    "locked_out": _l("This person may not log in, so a link would open nothing."),
    "no_setup": _l("Please begin the set-up of the second factor again."),
    "not_yourself": _l("You cannot lock yourself out. Please ask another person to do it."),
    "owner_role_stays": _l("The owner's role always stays: with its name, enabled, and with every right."),
    "role_in_use": _l("Somebody still has this role. Please give them another one first."),
    "wrong_code": _l("This code does not fit, or was used before. Please wait for the next one."),
    "login_failed": _l("E-mail address or password is not correct."),
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
    "files_full": _l("No more is kept for this customer: %(most)s MB and %(limit)s files is all there is room for. "
                     "Please delete some that nobody needs."),
    "document_in_waiting_mail": _l("A message that waits to be sent brings this document. Please stop the message "
                                   "first, or wait until it is sent."),
    "note_struck": _l("This note was struck and is not changed any more."),
    "in_the_future": _l("This day has not come yet."),
    "line_named_twice": _l("This line is named twice."),
    "missing": _l("Please fill in this field."),
    "oss_begins": _l("With this invoice, sales to consumers in the EU exceed 10,000 EUR a year. Please enter in the "
                     "tax settings from which day on their countries' rates hold."),
    "small_business_limit": problem_words.PARKED["small_business_limit"],
    "vat_id_invalid": problem_words.PARKED["vat_id_invalid"],
    "vat_id_unconfirmed": problem_words.PARKED["vat_id_unconfirmed"],
    "rate_of_that_day": _l("A rate begins on this very day already."),
    "same_mode": _l("This is how we are taxed on that day already."),
    "shorter_than_check": _l("This has to be at least as long as the time after which an ID is checked again."),
    "missing_by_law": _l("The law asks for this on an invoice. Please fill it in."),
    "no_vat_id_to_check": _l("There is no VAT ID of a business in another country of the EU to be checked here."),
    "more_than_open": _l("This is more than is still open."),
    "more_than_left": _l("This is more than is left of the line (%(left)s)."),
    "not_correctable": _l("Only an issued invoice can be cancelled or corrected."),
    "nothing_left": _l("Nothing of this is left to correct: it has been corrected before."),
    "only_whole_lines": _l("Only lines of which nothing is left can be billed again."),
    "quantity_or_days": _l("Please give either a quantity or a day."),
    "part_outside_period": _l("This day lies outside the period of the line."),
    "other_currency": _l("This is not the currency of the invoice."),
    "settled": _l("Nothing is open any more."),
    "missing_fields": _l("The law asks for data that are missing: %(fields)s."),
    "name_taken": _l("This name is already taken."),
    "net_and_gross_in_one_contract": _l("Net and gross prices cannot stand in one contract."),
    "net_and_gross_in_one_invoice": _l("Net and gross prices cannot stand on one invoice. Please type the price."),
    "no_price_in_currency": _l("The product has no price in this currency."),
    "not_a_bic": _l("This is not a valid BIC."),
    "method_not_active": _l("This payment method cannot be used any more."),
    "other_customer": _l("It belongs to another customer."),
    "no_contract": _l("There is no subscription yet that would be paid for."),
    "not_a_choice": _l("Please choose one of the values offered."),
    "not_a_colour": _l("Please enter a colour such as #0b6b62."),
    "not_a_creditor_id": _l("This is not a valid SEPA creditor ID. Please check the digits."),
    "not_a_draft": _l("This is no draft any more. What is issued stays; it can be cancelled or corrected."),
    "not_issued": _l("This has not been issued yet."),
    "not_a_leitweg_id": _l("This Leitweg-ID is not right. Please compare it with the authority's order; its last two "
                           "digits are check digits."),
    "not_a_number": _l("Please enter a number."),
    "not_a_plan": _l("This product is not a plan with an interval."),
    "not_for_consumers": _l("The terms of this plan may not bind consumers (section 309 no. 9 BGB). Please choose "
                            "another plan, or mark the customer as a company."),
    "not_a_vat_id": _l("This is not a valid VAT ID."),
    "not_an_addon": _l("This product is not an add-on."),
    "not_a_website": _l("Please enter a web address such as https://www.example.com."),
    "needed_to_ask": _l("Without an e-mail address the customer cannot be asked. Please enter one."),
    "not_an_address": _l("Please enter a web address that begins with https://."),
    "not_an_email": _l("This is not a valid e-mail address."),
    "account_missing": _l("No account is known of customer %(number)s. Please enter the IBAN in the record."),
    "debit_under_way": _l("This debit is in a file already. Please throw the file away first."),
    "discarded": _l("This file was thrown away."),
    "no_bank_account": _l("Our own IBAN is missing. Please enter it in the company data first."),
    "no_bank_day": _l("Banks do not move money on this day."),
    "nothing_to_transfer": _l("No refund waits to be transferred."),
    "not_submitted": _l("This file was not handed in yet."),
    "submitted": _l("This file was handed in already."),
    "sums_differ": _l("The sums of the file do not add up, so it was not made. Please tell us about it."),
    "too_far_ahead": _l("Banks take files at most 30 days ahead, until %(latest)s."),
    "unfit_characters": _l("The file would hold characters that banks refuse, so it was not made."),
    "not_a_reference": _l("A mandate reference may hold letters, digits and + ? / : ( ) . , ' -, at most 35 of them."),
    "mandate_ended": _l("This mandate is over. A new debit needs a new mandate with a reference of its own."),
    "no_creditor_id": _l("Direct debits need a SEPA creditor ID. Please enter it in the company data first."),
    "b2b_for_consumers": _l("The B2B scheme is for companies only."),
    "not_an_iban": _l("This is not a valid IBAN. Please check the digits."),
    "number_already_used": _l("Numbers of this range are in use, so this can no longer be changed."),
    "comma_in_tag": _l("A tag cannot contain a comma."),
    "number_too_long": _l("The numbers would be longer than 30 characters."),
    "out_of_range": _l("This value is out of range."),
    "no_levels": _l("There are no dunning levels. Please set them up in the settings first."),
    "on_hold": _l("Reminders are already stopped like this."),
    "no_hold": _l("No hold stands any more."),
    "disputed": _l("This is disputed already."),
    "not_disputed": _l("Nothing is disputed any more."),
    "no_invoice": _l("This is only possible for what an invoice asks for."),
    "plan_stands": _l("An instalment plan stands already. Please end it first."),
    "no_plan": _l("There is no instalment plan any more."),
    "not_later_than_before": _l("Each level has to come later than the one before it."),
    "above_cap": _l("A consumer may be asked for real costs only, at most %(cap)s cents here (BGH VIII ZR 95/18)."),
    "not_a_half_year": _l("A base rate holds from 1 January or 1 July."),
    "not_the_open_amount": _l("The instalments have to come to what is open."),
    "not_in_order": _l("The days have to lie ahead, one after the other."),
    "negative": _l("This must not be negative."),
    "unchanged": _l("Nothing was changed."),
    "day_out_of_range": _l("Please choose a day from %(low)s to %(high)s."),
    "addon_of_other_plans": _l("This add-on goes with other plans."),
    "password_length": _l("The password needs at least %(shortest)s characters."),
    "pattern_too_long": _l("The pattern is too long."),
    "pattern_unreadable": _l("The pattern may hold letters, digits, {YYYY}, {YY} and {N:5}."),
    "pattern_without_counter": _l("The pattern needs {N} exactly once."),
    "pattern_taken": _l("Another range of documents already makes its numbers by this pattern."),
    "pattern_without_year": _l("A range that begins anew each year needs {YYYY} or {YY} in its pattern."),
    "no_report_email": _l("Nobody is named for reports. Please enter an address in the company data first."),
    "run_not_finished": _l("The run is still under way; its report comes when it is finished."),
    "run_in_the_future": _l("A live company cannot bill a day after today."),
    "run_day_unreadable": _l("Please choose the day up to which is to be billed. Nothing has been started."),
    "run_too_far": _l("The day %(on)s lies too far ahead. The latest day possible is %(latest)s."),
    "run_just_finished": _l("The run of this day has just finished. Please start it again."),
    "same_password": _l("Please choose a password that you have not had before."),
    "series_without_gaps": _l("Documents are numbered without gaps, so this counter cannot jump."),
    "several_customers": _l("Several customers fit: %(names)s. Please type the number."),
    "taken": _l("This value is already in use elsewhere."),
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
    "too_many_exports": _l("Five of your files are still being made. Please wait until one is done."),
    "too_many_periods": _l("This start lies so far back that too many periods would be open."),
    "cannot_be_written": _l("This mail can no longer be written."),
    "too_long": _l("This text is too long (at most %(longest)s characters)."),
    "too_many_lines": _l("An invoice has at most %(most)s lines."),
    "two_tax_cases": _l("These lines are taxed in different ways and cannot stand on one invoice. Please make two."),
    "unknown_customer": _l("There is no customer with this number."),
    "unknown_line": _l("There is no such line."),
    "unknown_draft": _l("There is no such draft."),
    "unknown_invoice": _l("There is no issued invoice with this number."),
    "unknown_product": _l("There is no active product with this number."),
    "unknown_role": _l("There is no such role."),
    "wrong_password": _l("Your present password is not correct."),
    "attempt_under_way": _l("The payment is being tried, and its outcome is not known yet. Please wait for it."),
    "no_method": _l("There are no payment data that could be charged. Please ask the customer for them."),
    "not_ascending_days": _l("Please enter at most ten whole days from 1 to 90 in ascending order, such as 3, 7, 14."),
    "wrong_state": _l("This is not possible in the present state."),
}  # fmt: skip

_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_BY_KIND: tuple[tuple[type[KontorError], Any], ...] = (
    (NotFound, _l("This does not exist (any more).")),
    (Invalid, _l("This value is not possible.")),
    (Conflict, _l("Somebody else changed this in the meantime. Please look again.")),
    (AlreadyDone, _l("This had already been done.")),
)


def of_code(code: str) -> str:
    """The sentence for a bare code."""
    return in_words(KontorError(code))


def in_words(error: KontorError) -> str:
    """One or two sentences for a person; the facts fill the blanks."""
    text = REFUSALS.get(error.code)
    if text is not None:
        facts = {name: _spelled(value) for name, value in error.facts.items()}
        return str(text) % facts if "%(" in str(text) else str(text)
    for kind, sentence in _BY_KIND:
        if isinstance(error, kind):
            return str(sentence)
    return gettext("This is not possible (%(code)s).", code=error.code)


def _spelled(value: object) -> object:
    """A day as people write it; services tell it as a date or in ISO's form. Fields are told by their labels."""
    if isinstance(value, list):
        told: Callable[[str, object], str] = current_app.jinja_env.globals["told"]  # it stands on the forms, they on us
        return told("fields", value)
    if not isinstance(value, str) or not _ISO_DAY.fullmatch(value):
        return formats.day(value) if isinstance(value, date) else value
    try:
        return formats.day(date.fromisoformat(value))
    except ValueError:
        return value
