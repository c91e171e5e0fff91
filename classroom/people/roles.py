"""Roles. Every request about a class needs one of them, or is refused.

`people.accounts` alone makes an `Instructor`, `people.classes` alone a `Student`, each
from what the database says of the browser that asks, and again for every run of a
page. Without one of them, what needs it cannot be called.
"""

from __future__ import annotations

from dataclasses import dataclass


class NotAllowed(PermissionError):
    """The role may not do this; the message is one sentence for the visitor."""


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
