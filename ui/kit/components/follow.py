"""Polls the server for a class's position, and shows it; see ui/following/routes.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from classroom.people.follower import Action, Event, State, acts_on
from ui.kit.components import component, sent

_follow = component("follow")


@dataclass(frozen=True)
class Followed:
    """A class as the page shows it."""

    id: str
    version: int  # of the class's state that the page shows
    step: str  # the class's
    is_open: bool  # whether the page takes it for open
    steps: Mapping[str, tuple[int, str]]  # number and title of every step
    page: str = ""  # the address of the one that it was brought to; "": at its step
    pages: Mapping[str, str] = field(default_factory=dict)  # name in it -> title
    together: bool = False  # whether it does something together now


@dataclass(frozen=True)
class Visit:
    """The visitor's part in it."""

    at: str  # where this page is: a step, or another page
    mode: State
    follows: bool  # in the lesson; their instructor sees it

    @property
    def button(self) -> str:
        """The reaction that the bar's button calls; empty: it has no button."""
        match self.mode:
            case State.WANDERS | State.ELSEWHERE:
                return "back"
            case State.ENDED if self.at != "quiz":
                return "test"
            case _:
                return ""


@dataclass(frozen=True)
class Reactions:
    """What is called before the script runs again."""

    moved: Callable[[], None]
    back: Callable[[], None]
    test: Callable[[], None]
    inventory: Callable[[], None]
    who: Callable[[], None]


def follow(
    url: str,
    followed: Followed,
    visit: Visit,
    text: Mapping[str, str],
    reactions: Reactions,
    *,
    key: str,
    pause: float,
) -> None:
    """Shows where the class is.

    Args:
        url: whom to ask: ui/following/routes.py's.
        text: "sentence" with {number} and {title}; "at_page" with {title}, for a class
            at another page than the lesson; "together" for who is elsewhere while the
            class does something; "lost" for when there is no connection; "button" for
            the button; "who" the student's name (none: the instructor's page) and "not"
            the button beside it; "test_open", "test_running" and "test_results" with
            {title}, "to_test" their button; "inventory_before" and "inventory_after".
        pause: seconds without a question after which the page runs again first, to
            see whether it is still the same person.
    """

    def pressed(name: str, react: Callable[[], None]) -> Callable[[], None]:
        def react_once_sent() -> None:
            if sent(key, name) is not None:
                react()

        return react_once_sent

    _follow(
        key=key,
        data={
            "url": url,
            "class": followed.id,
            "version": followed.version,
            "step": followed.step,
            "page": followed.page,
            "pages": dict(followed.pages),
            "at": visit.at,
            "mode": visit.mode.value,
            "moves": acts_on(visit.mode, Event.CLASS_MOVED) is Action.PAGE_GOES,
            "leads": acts_on(visit.mode, Event.PAGE_MOVED) is Action.CLASS_GOES,
            "button": visit.button if text["who"] else "",
            "open": followed.is_open,
            "together": followed.together,
            "follows": visit.follows,
            "pause": pause,
            "steps": {slug: list(known) for slug, known in followed.steps.items()},
            "text": dict(text),
        },
        on_moved_change=reactions.moved,
        on_back_change=pressed("back", reactions.back),
        on_test_change=pressed("test", reactions.test),
        on_inventory_change=pressed("inventory", reactions.inventory),
        on_who_change=pressed("who", reactions.who),
    )
