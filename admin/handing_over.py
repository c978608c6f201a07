"""What a person reads beside a link or a password that has to be handed over, because no mail brings it: how long it
works, and what to do when it is lost. The same words wherever a link is made."""

from __future__ import annotations

from flask_babel import gettext


def link_told(purpose: str) -> str:
    """`purpose` is invitation or reset, as in services.one_time_links."""
    if purpose == "invitation":
        return gettext("No mail leaves this house at the moment, so please hand the link over yourself. It works once, "
                       "for seven days. If it gets lost or its time is over, “Invite again” makes a new one; you find "
                       "it in the tab “Logins”.")  # fmt: skip
    return gettext("No mail leaves this house at the moment, so please hand the link over yourself. It works once, for "
                   "30 minutes. After that you can make a new one in the tab “Logins”.")  # fmt: skip


def staff_link_told(purpose: str) -> str:
    """The same for a person of the house."""
    if purpose == "invitation":
        return gettext("No mail server is set, so please hand the link over yourself. It works once, for seven days. "
                       "If it gets lost or its time is over, make a new one on the page of this person.")  # fmt: skip
    return gettext("No mail server is set, so please hand the link over yourself. It works once, for 30 minutes. After "
                   "that you can make a new one on the page of this person.")  # fmt: skip
