"""Why a bank statement is not read, a movement not booked, a file for the bank not made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

REFUSALS: Mapping[str, Any] = {
    "bank_line_ignored": _l("This movement is ignored. Please take it up again first."),
    "not_outgoing": _l("This money came in, so it takes nothing back."),
    "no_payment_fits": _l("No payment of this invoice fits the sum without the fee. Please check the number and the "
                          "fee."),
    "bank_told_of_it": _l("The bank has carried out or given back some of this file already, so it was not refused as "
                          "a whole."),
    "rejected": _l("This file is noted as refused already."),
    "not_incoming": _l("This money went out, so it cannot be booked as a payment."),
    "less_than_debit": _l("Less went out than the debit was about. Please look at it with your bank."),
    "partly_booked": _l("A part of this movement is booked already. Please undo that first."),
    "part_is_booked": _l("A part of this sum is booked. Please undo that first."),
    "part_of_a_sum": _l("This is a part of a sum that is one movement again. Please take the sum apart first."),
    "more_than_line": _l("This is more than is left of the movement."),
    "suggestion_changed": _l("The suggestion has changed in the meantime. Please look at it once more."),
    "matched": _l("This movement is booked already."),
    "file_is_archive": _l("This is an archive (such as ZIP or GZIP). Please unpack it and choose the statement inside, "
                          "camt.053 or CSV."),
    "file_is_pdf": _l("This is a PDF, which is for reading only. Please choose camt.053 (XML) or CSV when you download "
                      "the statement at your bank."),
    "file_is_spreadsheet": _l("This is a file of Excel. Please save it there as CSV, or choose camt.053 (XML) at your "
                              "bank."),
    "file_is_mt940": _l("This is an MT940 file, a form that banks are giving up. Please choose its successor camt.053 "
                        "(XML) or CSV at your bank."),
    "file_is_binary": _l("This is no bank statement. Please choose camt.053 or camt.054 (XML), or CSV, at your bank."),
    "file_no_xml": _l("This file begins like XML but cannot be read. Please download it from your bank once more."),
    "file_with_entities": _l("This file holds declarations that no bank uses; it was refused for safety."),
    "file_too_deep": _l("This file is built in a way that no bank uses; it was refused for safety."),
    "file_no_camt": _l("This XML is no bank statement (camt.053) and no notification (camt.054). Please choose that "
                       "format at your bank."),
    "field_missing": _l("Entry %(entry)s: the field %(name)s is missing."),
    "field_unreadable": _l("Entry %(entry)s: the field %(name)s cannot be read."),
    "statement_does_not_add_up": _l("The statement up to %(on)s does not add up: %(missing)s is missing between its "
                                    "movements and its balances. Nothing was brought in."),
    "statement_of_tomorrow": _l("This statement reaches to %(on)s, a day that is still to come. Please check the "
                                "file."),
    "statement_mixes_currencies": _l("The statement up to %(on)s has movements of several currencies. Nothing was "
                                     "brought in."),
    "csv_undecodable": _l("This file cannot be read with the chosen character set."),
    "csv_too_many_rows": _l("This file has more than %(most)s rows. Please choose a shorter period."),
    "csv_cell": _l("Row %(row)s: “%(text)s” cannot be read. Please check the layout of the columns."),
    "csv_cell_empty": _l("Row %(row)s: the amount is missing. Please check the layout of the columns."),
    "csv_row": _l("Row %(row)s cannot be taken apart into columns. Probably a quotation mark is never closed, or this "
                  "is no CSV file."),
    "csv_no_rows": _l("No movement was found in this file. Please check from which row on they begin."),
    "column_twice": _l("Two columns have the same meaning. Only the purpose may stand in several."),
    "column_missing": _l("Please say which columns hold the booking day and the amount."),
    "account_missing": _l("No account is known of customer %(number)s. Please enter the IBAN in the record."),
    "debit_returned": _l("This debit had been noted as given back already. Its code and its fee stay as they were "
                         "booked then."),
    "debit_withdrawn": _l("This debit had been taken back already."),
    "debit_credited": _l("This debit had been booked as credited already."),
    "debit_under_way": _l("This debit is in a file already. Please throw the file away first."),
    "bank_answered": _l("The bank has answered for this file already, so it was handed in."),
    "discarded": _l("This file was thrown away."),
    "no_bank_account": _l("Our own IBAN is missing. Please enter it in the company data first."),
    "before_collection": _l("The bank collects this file on %(earliest)s, so it was not credited before."),
    "back_before_collection": _l("The bank collects this direct debit on %(earliest)s, so it does not come back "
                                 "before."),
    "mandate_over": _l("The mandate is over for %(orders)s, and nobody is debited without one. Please throw the file "
                       "away: the others are planned anew for the next one. If the bank had it before, please say so "
                       "here."),
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
    "not_a_creditor_id": _l("This is not a valid SEPA creditor ID. Please check the digits."),
    "not_an_iban": _l("This is not a valid IBAN. Please check the digits."),
    "not_a_bic": _l("This is not a valid BIC."),
}  # fmt: skip
