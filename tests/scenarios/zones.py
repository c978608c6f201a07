"""The diary that is told on machines in several zones: `python -m tests.scenarios.zones`."""

from __future__ import annotations

import sys
import time
from pprint import pformat

from app import create_app
from tests.scenarios.story import Story


def tell(story: Story) -> None:
    """A month's end, summer time coming and going, evenings in UTC, a trial, a contract in arrears."""
    story.on("2027-01-31").subscribe("9.99", is_gross=True)
    story.on("2027-03-14").subscribe("5.00", trial="14 days")
    story.on("2027-02-28").subscribe("80.00", in_arrears=True, ends="2027-05-10")
    story.bill_until("2027-03-25")
    story.on("2027-03-27").subscribe("1.00", "1 day", ends="2027-03-31")
    for evening in ("27T22:30", "28T21:30", "29T22:30", "30T23:30"):
        story.at(f"2027-03-{evening}+00:00").run()
    story.bill_until("2027-06-30")


if __name__ == "__main__":
    sys.stdout.write(time.strftime("zone %Z\n", time.localtime(1814400000)))  # a summer's day on this machine
    with create_app().app_context():
        story = Story()
        tell(story)
        sys.stdout.write(pformat(story.invoices(), width=200))
        sys.stdout.write(f"\nbooks {story.check_books()}\n")
