"""What is long is sampled in the ordinary run and walked in full under `--all` (KONTOR_SWEEP=full)."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable
from typing import TypeVar

FULL = os.environ.get("KONTOR_SWEEP") == "full"
SEED = os.environ.get("KONTOR_SEED", "9")

Thing = TypeVar("Thing")


def some(things: Iterable[Thing], count: int) -> list[Thing]:
    """All of them in a full sweep, else `count`, chosen by the run's seed, in their own order."""
    everything = list(things)
    if FULL or len(everything) <= count:
        return everything
    chosen = sorted(random.Random(SEED).sample(range(len(everything)), count))
    return [everything[place] for place in chosen]
