"""What a page has sent to its browser components, read off an AppTest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from streamlit.testing.v1 import AppTest


def components(app: AppTest, name: str) -> list[dict[str, Any]]:
    """The data of every component of that name, in the order of the page."""
    found = []
    for block in app._tree.children.values():
        for element in walk(block):
            proto = getattr(element, "proto", None)
            if getattr(proto, "component_name", "") == f"alexnet_{name}":
                found.append(json.loads(proto.json))
    return found


def walk(block: Any) -> Iterator[Any]:
    """Everything in a part of a page, in its order."""
    for child in block.children.values():
        yield child
        if hasattr(child, "children"):
            yield from walk(child)


def predict(app: AppTest, arm: str, by: float = 3.0) -> AppTest:
    """A page with an experiment after a guess: which arm is ahead, and by how much."""
    radio = app.main.radio[0]
    assert radio.key is not None
    app.session_state[radio.key.replace("guess_arm", "guess_by")] = by
    return radio.set_value(arm).run()
