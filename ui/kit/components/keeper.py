"""Whether an answer has arrived, as the browser knows it, and what is being typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ui.kit.components import component, sent

_keeper = component("keeper")


@dataclass(frozen=True)
class Page:
    """What a keeper watches on the page, and whom it asks."""

    scope: str  # the key of the container that the question is answered in
    saved: str  # of the one that says when it was saved
    alive: str  # whom to ask for a sign of life
    draft: str  # where to send what is typed: ui/quiz/draft_routes.py's


def keeper(
    *,
    key: str,
    page: Page,
    where: Mapping[str, str],
    answers: int,
    next_number: int,
    checked: bool,
    differs: bool,
    text: Mapping[str, str],
) -> None:
    """Says whether what is answered has arrived, and keeps what is being typed.

    Args:
        where: which question, as that address takes it.
        answers: to this question, stored when the page was drawn.
        next_number: of the next response.
        checked: whether a button sends the answer; else each change does.
        differs: whether the fields hold a complete answer that was not sent yet.
        text: what is said, for each way that it can be.
    """
    _keeper(
        key=key,
        data={
            "scope": f".st-key-{page.scope}",
            "saved": f".st-key-{page.saved}",
            "alive": page.alive,
            "draft": page.draft,
            "where": dict(where),
            "answers": answers,
            "next": next_number,
            "checked": checked,
            "differs": differs,
            "received": _received(key),
            "text": dict(text),
        },
        on_number_change=_nothing,
        on_owed_change=_nothing,
    )


def _nothing() -> None:
    """The run that follows is what was wanted."""


def _received(key: str) -> int:
    """The number of the last change that a keeper says it has sent."""
    number = sent(key, "number")
    return number if isinstance(number, int) and not isinstance(number, bool) else 0


def owed(key: str) -> str:
    """The question whose newest answer a keeper says is not on the server yet."""
    where = sent(key, "owed")
    return where if isinstance(where, str) else ""
