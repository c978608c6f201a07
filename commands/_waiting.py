"""What the terminal says while the house is not ready yet: what is happening, and when it takes too long."""

from __future__ import annotations

from pathlib import Path

SLOW_AFTER = 60.0  # seconds without an answer, then the terminal says where to look
FOUNDING_SLOW_AFTER = 600.0  # even a small machine has made the demo company by then

FOUNDING = (
    "Making the demo company, this once: a bicycle workshop with sixty customers and fourteen months of invoices.\n"
    "It takes a minute or two; the address and the log-ins follow ..."
)


class Waiting:
    """Each thing is said once. Times are monotonic seconds."""

    def __init__(self, logs: Path, now: float) -> None:
        self.logs = logs
        self.slow_at, self.founding_slow_at = now + SLOW_AFTER, now + FOUNDING_SLOW_AFTER
        self.told: set[str] = set()

    def say(self, now: float, *, is_founding: bool) -> str:
        """What is to be said at this moment, mostly nothing."""
        if not is_founding:
            return self._once(f"Kontor does not answer yet; the reasons stand in {self.logs}", now > self.slow_at)
        self.slow_at = now + SLOW_AFTER  # the house may take its time once more when the founding is done
        late = f"The demo company is still being made; how far it is stands in {self.logs}"
        return self._once(FOUNDING, True) or self._once(late, now > self.founding_slow_at)

    def _once(self, sentence: str, is_time: bool) -> str:
        if not is_time or sentence in self.told:
            return ""
        self.told.add(sentence)
        return sentence
