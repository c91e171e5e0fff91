"""A visitor's part in the lesson of a class, as states and transitions.

Each run of the lesson compares three places: where the page is, where the class is, and
where the class was when the page last went along (`taken`). Their differences make an
event; `TRANSITIONS` has the state that comes next, and whether the page goes where the
class is or the class where the page is.

    a student   FOLLOWS until they go to another step themselves: then WANDERS, until
                they press "Back to the class"
    the leader  LEADS: their own step moves the class; a move that was made in another
                window of theirs moves the page

A class that is closed or deleted is neither followed nor led: its bar says ENDED.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType

# Class, step of its lesson, 1 if the answer is shown.
LessonPosition = tuple[str, str, int]


class State(StrEnum):
    """The visitor's part, as a bar on the page says it."""

    FOLLOWS = "follows"
    WANDERS = "wanders"
    LEADS = "leads"
    ENDED = "ended"  # the class is closed
    ELSEWHERE = "elsewhere"  # a student on another page than the lesson
    NOTES = "notes"  # the leader's second window


class Event(StrEnum):
    """What has happened since the run before."""

    UNCHANGED = "unchanged"
    CLASS_MOVED = "class moved"
    PAGE_MOVED = "page moved"  # by its visitor, to another step than the class's
    RETURNED = "returned"  # by the button that leads back to the class


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
        (State.LEADS, Event.UNCHANGED): (State.LEADS, Action.STAY),
        (State.LEADS, Event.CLASS_MOVED): (State.LEADS, Action.PAGE_GOES),
        (State.LEADS, Event.PAGE_MOVED): (State.LEADS, Action.CLASS_GOES),
    }
)


def acts_on(state: State, event: Event) -> Action:
    """What an event brings about; STAY where the table has no entry for it."""
    return TRANSITIONS.get((state, event), (state, Action.STAY))[1]


def students_event(
    taken: LessonPosition | None, now: LessonPosition, step: str, *, by_link: bool
) -> Event:
    """What has happened on a student's page.

    Args:
        taken: the class's position that the page last went along with; None: none yet.
        now: the class's position.
        step: the page's.
        by_link: whether a link on another page named the step. A link is the student's
            choice; a step in an address that was loaded again is not.
    """
    if step != now[1] and (by_link or taken == now):
        return Event.PAGE_MOVED
    return Event.UNCHANGED if taken == now else Event.CLASS_MOVED


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
        page: the page's.
        is_step: whether the lesson has the page's step.
    """
    if taken is not None and taken[0] == now[0] and taken != now:
        return Event.CLASS_MOVED  # in another window of the instructor's
    return Event.PAGE_MOVED if page != now and is_step else Event.UNCHANGED
