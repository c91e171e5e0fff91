"""How long classes are kept after their end."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Keep:
    """How long classes are kept after their end."""

    days: float = 365.0

    @staticmethod
    def from_environment() -> Keep:
        """From $CLASS_KEEP_DAYS where it is set.

        Raises:
            ValueError: it is not a number of 1 or more.
        """
        given = os.environ.get("CLASS_KEEP_DAYS", "")
        try:
            days = float(given) if given else Keep.days
        except ValueError:
            days = 0.0
        if not 1 <= days < math.inf:
            raise ValueError(
                f"Expected CLASS_KEEP_DAYS to be a number of days from 1. "
                f"Received: {given!r}"
            )
        return Keep(days)
