"""The classes' own images: whose they are, and who may see them."""

from __future__ import annotations

from lab.datasets import kept
from lab.datasets.kept import Kept
from store.database import DatabaseAway
from ui.session import permissions


def data_owner() -> str | None:
    """The account that owns the images that the visitor uploads.

    None is who sits at the machine before there is an account; they must be allowed to
    bring any.

    Raises:
        DatabaseAway: it cannot be known now.
    """
    who = permissions.instructor()
    return None if who is None else who.account


def data_sets() -> list[Kept]:
    """The own images that the visitor may see and train on: theirs, and their class's.

    None while the database cannot be read.
    """
    found: list[Kept] = []
    try:
        if permissions.is_instructor():
            found += kept.of(data_owner())
        student = permissions.student()
        if student is not None:
            found += kept.of_class(student.class_id)
    except DatabaseAway:
        return []
    return list({one.name: one for one in found}.values())
