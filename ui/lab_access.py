"""Who may do what in the training lab. Every such question is asked here.

One experiment at a time for each visitor is the engine's own rule; these are settings
of the server for what costs it more.
"""

from __future__ import annotations

import os

LONGEST = 600.0  # seconds of training an arm, for everybody


def may_start() -> bool:
    """Whether the visitor may start experiments; else they watch."""
    return os.environ.get("LAB_STUDENTS_START", "1") != "0"


def may_bring_data() -> bool:
    """Whether the visitor may hand in the class's own pictures for everybody."""
    return os.environ.get("LAB_STUDENTS_BRING_DATA") == "1"
