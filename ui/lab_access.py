"""Who may do what in the training lab. Every such question is asked here.

One experiment at a time for each visitor is the engine's own rule; these are about
what costs the server, or everybody, more.
"""

from __future__ import annotations

import os

from ui import permissions

LONGEST = 600.0  # seconds of training an arm, for everybody
LONGEST_FOR_INSTRUCTORS = 6 * 3_600.0


def may_start() -> bool:
    """Whether the visitor may start experiments; else they watch."""
    closed = os.environ.get("LAB_STUDENTS_START") == "0"
    return not closed or permissions.is_instructor()


def may_bring_data() -> bool:
    """Whether the visitor may hand in the class's own pictures for everybody."""
    return permissions.is_instructor()


def longest() -> float:
    """Seconds of training an arm that the visitor may ask for."""
    return LONGEST_FOR_INSTRUCTORS if permissions.is_instructor() else LONGEST
