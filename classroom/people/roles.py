"""Who asks. Every question about a class is asked by one of these, or refused.

`people.accounts` alone makes an `Instructor`, `people.classes` alone a `Student`, each
from what the database says of the browser that asks, and anew for every run of a
page. Whoever has neither cannot call what needs one.
"""

from __future__ import annotations

from dataclasses import dataclass


class NotAllowed(PermissionError):
    """Who asks may not; the message is one sentence for them."""


@dataclass(frozen=True)
class Instructor:
    """Somebody who has signed in."""

    account: str  # id
    name: str


@dataclass(frozen=True)
class Student:
    """Somebody who has joined a class by its code."""

    member: str  # id
    class_id: str
    name: str
