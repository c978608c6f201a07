"""Floor 0: the thinking. Standard library only; no clock, no database, no network, no words for people."""
