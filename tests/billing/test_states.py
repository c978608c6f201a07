"""A state changes by an action in the table, or not at all."""

from __future__ import annotations

import pytest

from billing.errors import Invalid, NotAllowed
from billing.states import MACHINES, actions, move, states


@pytest.mark.feature("P-11")
@pytest.mark.parametrize(
    ("machine", "path"),
    [
        ("customer", ["active", "block", "blocked", "deactivate", "deactivated", "activate", "active"]),
        ("customer", ["deactivated", "block", "blocked", "activate", "active"]),
        ("subscription", ["trial", "start", "active", "pause", "paused", "resume", "active", "cancel", "cancelled"]),
        ("subscription", ["cancelled", "reactivate", "active", "cancel", "cancelled", "close", "closed"]),
        ("subscription", ["active", "deactivate", "deactivated", "activate", "active"]),
        ("invoice", ["draft", "await_payment", "awaiting_payment", "issue", "issued"]),
        ("collection", ["open", "give_up", "given_up", "try_again", "open", "finish", "done"]),
        ("collection", ["given_up", "release", "released"]),
        ("attempt", ["planned", "prepare", "prepared", "send", "sent", "lose", "unknown", "accept", "accepted"]),
        ("attempt", ["planned", "send", "sent", "ask", "needs_action", "decline", "declined", "accept", "accepted"]),
        ("refund", ["waiting", "approve", "approved", "send", "sent", "lose", "unknown", "succeed", "succeeded"]),
        ("paper", ["pending", "fail", "failed", "retry", "pending", "draw", "drawn"]),
        ("message", ["pending", "fail", "failed", "retry", "pending", "send", "sent"]),
        ("message", ["failed", "stop", "stopped"]),
    ],
)
def test_the_ways_things_go(machine: str, path: list[str]) -> None:
    state = path[0]
    for action, expected in zip(path[1::2], path[2::2], strict=True):
        assert action in actions(machine, state)
        state = move(machine, state, action)
        assert state == expected


@pytest.mark.parametrize(
    ("machine", "final"),
    [
        ("subscription", "closed"),
        ("invoice", "issued"),
        ("paper", "drawn"),
        ("message", "sent"),
        ("message", "stopped"),
    ],
)
def test_what_is_over_stays_over(machine: str, final: str) -> None:
    assert actions(machine, final) == ()
    for action in {action for _, action in MACHINES[machine]}:
        with pytest.raises(NotAllowed) as refused:
            move(machine, final, action)
        assert refused.value.facts == {"machine": machine, "state": final, "action": action}


def test_every_machine_knows_the_states_of_the_design() -> None:
    assert states("subscription") == {"trial", "active", "paused", "cancelled", "closed", "deactivated"}
    assert states("customer") == {"active", "blocked", "deactivated"}
    assert states("invoice") == {"draft", "awaiting_payment", "issued"}
    assert states("paper") == {"pending", "drawn", "failed"}
    assert states("message") == {"pending", "sent", "failed", "stopped"}
    with pytest.raises(Invalid, match="unknown_machine"):
        states("payment")


@pytest.mark.parametrize(
    ("state", "possible"),
    [
        ("trial", {"start", "change", "postpone", "cancel", "close", "deactivate"}),
        ("active", {"change", "postpone", "pause", "resume", "cancel", "close", "deactivate"}),
        ("paused", {"resume", "cancel", "close", "deactivate"}),
        ("cancelled", {"postpone", "resume", "reactivate", "close", "deactivate"}),
        ("deactivated", {"activate", "cancel", "reactivate", "close"}),
        ("closed", set()),
    ],
)
def test_what_can_be_done_with_a_contract_in_each_state(state: str, possible: set[str]) -> None:
    everything = {action for _, action in MACHINES["subscription"]}
    assert set(actions("subscription", state)) == possible
    for action in everything - possible:
        with pytest.raises(NotAllowed, match="wrong_state"):
            move("subscription", state, action)
