"""Every deed of the house, once: what it is done with, and the activity that it must leave (P-09, GOB-2).

tests/services/test_every_deed.py does them all in one furnished house (`world`) and reads the code for those that are
missing. Who adds a service that writes adds a line to DEEDS of its subject, or to WITHOUT of `untold` with the reason
why nobody has to be told.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.services.deeds import (
    banking,
    collecting,
    contracts,
    customers,
    debits,
    dunning,
    house,
    invoices,
    logins,
    mails,
    money,
    people,
    refunds,
)
from tests.services.deeds.world import Deed

SUBJECTS = (
    customers,
    logins,
    contracts,
    invoices,
    dunning,
    banking,
    debits,
    collecting,
    refunds,
    money,
    mails,
    house,
    people,
)
DEEDS: Mapping[str, tuple[Deed, ...]] = {name: deeds for subject in SUBJECTS for name, deeds in subject.DEEDS.items()}
