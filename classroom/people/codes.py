"""Codes of classes and students, and how often a wrong one may be typed."""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections import deque

from classroom.people.names import ClassRefused

# None of 0 O, 1 I L: what is read off a wall is typed as it was meant.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE = 6  # characters: 31**6 are 888 million
OWN_CODE = 8

# Wrong codes within `TRY_SECONDS`, of one visitor and of all at one address (a whole
# school comes from one). The first is what a person may mistype; after the second no
# wrong code is told from one that was not looked at. Guessing one of ten classes' codes
# at twenty a second, all that the server answers, takes weeks.
TRIES = 10
ADDRESS_TRIES = 300
TRY_SECONDS = 600.0


def clean_code(text: str) -> str:
    """A code as it is kept: upper case, without spaces and dashes."""
    return re.sub(r"[\s\-–—·.]", "", text[:40]).upper()


def spaced(code: str) -> str:
    """A code as it is read aloud: in groups of three or four."""
    group = 4 if len(code) % 4 == 0 else 3
    return " ".join(code[i : i + group] for i in range(0, len(code), group))


def new_code(length: int = CODE) -> str:
    """A code drawn by chance."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


class Tries:
    """Recent wrong tries, by visitor and address. In memory: a restart clears them."""

    MOST = 10_000  # of whom tries are remembered

    def __init__(self, seconds: float = TRY_SECONDS) -> None:
        self.seconds = seconds
        self._lock = threading.Lock()
        self._at: dict[str, deque[float]] = {}

    def count(self, whose: str) -> int:
        """How many there were within the time."""
        with self._lock:
            return len(self._of_late(whose))

    def add(self, whose: str) -> None:
        """One more, now."""
        with self._lock:
            if whose not in self._at and len(self._at) >= self.MOST:
                for name in list(self._at):
                    if not self._of_late(name):
                        del self._at[name]
                while len(self._at) >= self.MOST:  # the oldest goes
                    del self._at[next(iter(self._at))]
            self._at.setdefault(whose, deque(maxlen=ADDRESS_TRIES)).append(
                time.monotonic()
            )

    def _of_late(self, whose: str) -> deque[float]:
        times = self._at.get(whose, deque())
        while times and times[0] < time.monotonic() - self.seconds:
            times.popleft()
        return times


recent_tries = Tries()


def may_try(visitor: str) -> None:
    """A browser's own wrong codes count against it; those beside it never do.

    Raises:
        ClassRefused: it has typed too many.
    """
    if recent_tries.count(f"visitor {visitor}") >= TRIES:
        raise _too_many()


def _too_many() -> ClassRefused:
    return ClassRefused(
        "Too many codes were wrong. Please wait "
        f"{TRY_SECONDS / 60:.0f} minutes, then try again."
    )


def wrong(visitor: str, address: str, sentence: str) -> ClassRefused:
    """The message for a wrong code. A right one is taken whatever came before it.

    Else one who types three hundred wrong codes would lock a whole school out.
    """
    if recent_tries.count(f"address {address}") >= ADDRESS_TRIES:
        return _too_many()
    recent_tries.add(f"visitor {visitor}")
    recent_tries.add(f"address {address}")
    return ClassRefused(sentence)
