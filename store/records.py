"""A table's record as a frozen dataclass, which other rooms get."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeVar

Data = TypeVar("Data")


def as_data(kind: type[Data], record: object, **given: Any) -> Data:
    """What a record has under the names of the dataclass's fields.

    Args:
        given: fields that are no columns, or are stored as JSON.
    """
    names = [x.name for x in fields(kind)]  # type: ignore[arg-type]
    return kind(**{x: given[x] if x in given else getattr(record, x) for x in names})
