"""A visitor's part in the lesson of a class, as states and transitions.

Each run of a page compares three places: where the page is, where the class is, and
where the class was when the page last went along (`taken`). Their differences make an
event; `TRANSITIONS` has the state that comes next, and whether the page goes where the
class is or the class where the page is. A class is at a step of the lesson, or at
another page that its instructor brought it to.

    a student   FOLLOWS until they go to another step themselves: then WANDERS, until
                they press "Back to the class". On a page where the class is not they
                are ELSEWHERE; what they choose on the class's page is no wandering
    the leader  LEADS: their own step moves the class, and so does a button on any
                other page (BROUGHT); a move that was made in another window of theirs
                moves the page

A class that is closed or deleted is neither followed nor led: its bar says ENDED.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType

# Class, step of its lesson, 1 if the answer is shown, and the address of the page that
# it was brought to: "" while it is at its step.
LessonPosition = tuple[str, str, int, str]


class State(StrEnum):
    """The visitor's part, as a bar on the page says it."""

    FOLLOWS = "follows"
    WANDERS = "wanders"
    LEADS = "leads"
    ENDED = "ended"  # the class is closed
    ELSEWHERE = "elsewhere"  # a student on a page where the class is not


class Event(StrEnum):
    """What has happened since the run before."""

    UNCHANGED = "unchanged"
    CLASS_MOVED = "class moved"
    PAGE_MOVED = "page moved"  # by its visitor, to another step than the class's
    RETURNED = "returned"  # by the button that leads back to the class
    BROUGHT = "brought"  # by the leader's button: everyone to this page


class Action(StrEnum):
    """The effect of an event."""

    STAY = "stay"
    PAGE_GOES = "page goes"  # where the class is
    CLASS_GOES = "class goes"  # where the page is


TRANSITIONS = MappingProxyType(
    {
        (State.FOLLOWS, Event.UNCHANGED): (State.FOLLOWS, Action.STAY),
        (State.FOLLOWS, Event.CLASS_MOVED): (State.FOLLOWS, Action.PAGE_GOES),
        (State.FOLLOWS, Event.PAGE_MOVED): (State.WANDERS, Action.STAY),
        (State.FOLLOWS, Event.RETURNED): (State.FOLLOWS, Action.PAGE_GOES),
        (State.WANDERS, Event.UNCHANGED): (State.WANDERS, Action.STAY),
        (State.WANDERS, Event.CLASS_MOVED): (State.WANDERS, Action.STAY),
        (State.WANDERS, Event.PAGE_MOVED): (State.WANDERS, Action.STAY),
        (State.WANDERS, Event.RETURNED): (State.FOLLOWS, Action.PAGE_GOES),
        (State.ELSEWHERE, Event.UNCHANGED): (State.ELSEWHERE, Action.STAY),
        (State.ELSEWHERE, Event.CLASS_MOVED): (State.ELSEWHERE, Action.STAY),
        (State.ELSEWHERE, Event.RETURNED): (State.FOLLOWS, Action.PAGE_GOES),
        (State.LEADS, Event.UNCHANGED): (State.LEADS, Action.STAY),
        (State.LEADS, Event.CLASS_MOVED): (State.LEADS, Action.PAGE_GOES),
        (State.LEADS, Event.PAGE_MOVED): (State.LEADS, Action.CLASS_GOES),
        (State.LEADS, Event.BROUGHT): (State.LEADS, Action.CLASS_GOES),
    }
)


def acts_on(state: State, event: Event) -> Action:
    """What an event brings about; STAY where the table has no entry for it."""
    return TRANSITIONS.get((state, event), (state, Action.STAY))[1]


def students_event(
    taken: LessonPosition | None, now: LessonPosition, step: str, *, by_link: bool
) -> Event:
    """What has happened on a student's page of the lesson.

    Args:
        taken: the class's position that the page last went along with; None: none yet.
        now: the class's position.
        step: the page's.
        by_link: whether a link on another page named the step. A link is the student's
            choice; a step in an address that was loaded again is not.
    """
    is_there = step == now[1] and not now[3]
    if not is_there and (by_link or taken == now):
        return Event.PAGE_MOVED
    return Event.UNCHANGED if taken == now else Event.CLASS_MOVED


def beside(
    taken: LessonPosition | None, now: LessonPosition, page: str, *, follows: bool
) -> tuple[State, Event]:
    """A student's state on another page than the lesson, and what has happened.

    Args:
        taken: as in `students_event`.
        now: the class's position.
        page: the name of the page in its address.
        follows: whether they went with the class when they were last where it was.
    """
    with_class = follows and page in (_page(now), _page(taken))
    state = State.FOLLOWS if with_class else State.ELSEWHERE
    return state, Event.UNCHANGED if taken == now else Event.CLASS_MOVED


def _page(position: LessonPosition | None) -> str | None:
    """The name of the page that a class was brought to; None: it is in the lesson."""
    page = position[3] if position is not None else ""
    return page.partition("?")[0] or None


def leaders_event(
    taken: LessonPosition | None,
    now: LessonPosition,
    page: LessonPosition,
    *,
    is_step: bool,
) -> Event:
    """What has happened on the page of the instructor who leads.

    Args:
        taken: the position that page and class last had in common; None: none yet.
        now: the class's position.
        page: the page's; on another page than the lesson, the class's own.
        is_step: whether the lesson has the page's step.
    """
    if taken is not None and taken[0] == now[0] and taken != now:
        return Event.CLASS_MOVED  # in another window of the instructor's
    return Event.PAGE_MOVED if page != now and is_step else Event.UNCHANGED
