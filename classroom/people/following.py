"""Presence of a class's followers in this process: sent at once, stored in batches.

A follower's browser asks "is there anything but version 7?" and is answered when there
is, or when an exam or the concept inventory has opened or closed since the news that it
knows. The instructor's move wakes those who wait in this process; what another process
did is noticed by one look at the database a second, for all classes that somebody here
waits for. Where no request waits, nothing runs.

Presence is taken from these questions, kept in memory and written every few seconds in
one transaction.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import threading
import time
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import clock
from store import database
from store.activities import Activities
from store.answers.answers import Answers, StoredExam
from store.answers.inventories import Inventories
from store.classes import Classes, Seen, StoredClass
from store.database import DatabaseAway

LOOK = 1.0  # seconds between two looks at what other processes did
WRITE = 5.0  # seconds between two batches of presence
KNOWN = 30.0  # seconds for which a place in a class is believed without asking again
MOST_KNOWN = 5_000

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ClassPosition:
    """Where a class is."""

    version: int
    step: str
    reveal: bool
    is_open: bool
    news: str = ""  # another one whenever an exam or the inventory opens or closes
    page: str = ""  # that it was brought to; "": at its step
    together: str = ""  # what the class does together: its id; "": nothing


@dataclass
class _Present:
    """The open requests of a member's tabs."""

    step: str
    follows: bool
    shown: bool  # whether the tab that said so is looked at
    seen: float
    waiting: int = 0  # questions that are not answered yet
    waiting_shown: int = 0  # of tabs that are looked at
    is_written: bool = False


def position_of(record: StoredClass) -> ClassPosition:
    """Where a class of the database is."""
    return ClassPosition(
        record.version,
        record.step,
        record.reveal,
        record.closed is None,
        page=record.page,
    )


def news_of(exams: Sequence[StoredExam], inventory: str, now: float) -> str:
    """A short text that is another whenever an exam or the inventory opens or closes.

    Args:
        exams: those of a class that are open or were.
        inventory: the moment of its concept inventory that is open; "": none is.

    Returns:
        "" where there is nothing of either.
    """
    if not exams and not inventory:
        return ""
    known = [(one.id, one.title, one.opened, one.is_open(now)) for one in exams]
    told = json.dumps([sorted(known), inventory])
    return hashlib.sha256(told.encode()).hexdigest()[:12]


class ClassGone(LookupError):
    """The class has been deleted."""


class Following:
    """The followers of this process. Every method but `wait` is for any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._positions: dict[str, ClassPosition] = {}
        self._told: dict[str, float] = {}  # when this process moved a class itself
        self._present: dict[str, _Present] = {}
        self._members: dict[tuple[str, str], tuple[float, str]] = {}
        self._may: dict[tuple[str, str], float] = {}
        # Of the event loop alone:
        self.waiting: dict[str, set[asyncio.Future[None]]] = {}
        self._looks: dict[str, asyncio.Task[None]] = {}  # the first ones, under way
        self._asked: dict[str, float] = {}  # when a class was last asked about
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ticking: asyncio.Task[None] | None = None
        self._ending = False

    # --- who may ask ------------------------------------------------------------------

    def allow(self, visitor: str, class_id: str, seconds: float) -> None:
        """An instructor's browser may ask about a class for a while."""
        now = time.monotonic()
        with self._lock:
            if len(self._may) > MOST_KNOWN:
                self._may = {k: end for k, end in self._may.items() if end > now}
            self._may[visitor, class_id] = now + seconds

    def member(self, visitor: str, class_id: str) -> str | None:
        """The visitor's id in the class; "" for its instructor; None: may not ask.

        Asks the database at most every `KNOWN` seconds.

        Raises:
            DatabaseAway: it has to be asked, and cannot.
        """
        now = time.monotonic()
        with self._lock:
            asked, member = self._members.get((visitor, class_id), (0.0, ""))
            if member and now - asked < KNOWN:
                return member
            if self._may.get((visitor, class_id), 0.0) > now:
                return ""
        record = Classes(database.shared()).membership(visitor, class_id)
        if record is None:
            self.forget(visitor)
            return None
        with self._lock:
            if len(self._members) >= MOST_KNOWN:
                self._members.clear()
            self._members[visitor, class_id] = (now, record.id)
        return record.id

    def forget(self, visitor: str) -> None:
        """What was believed of a visitor: they joined, came back or left."""
        with self._lock:
            for key in [key for key in self._members if key[0] == visitor]:
                del self._members[key]

    def forget_member(self, member: str) -> None:
        """A member has left; the place in their name is given up."""
        with self._lock:
            one = self._present.get(member)
            if one is not None and not one.waiting:
                del self._present[member]

    # --- where a class is -------------------------------------------------------------

    def tell(self, class_id: str, now: ClassPosition | None) -> None:
        """Where a class is now, None: it is gone; wakes those who wait for it."""
        with self._lock:
            self._told[class_id] = time.monotonic()
            known = self._positions.get(class_id)
        if now is not None and known is not None:  # a move is no news of these
            now = replace(now, news=known.news, together=known.together)
        self._set(class_id, now)

    def changed(self, class_id: str) -> None:
        """An exam, the inventory or an activity has: wakes waiting requests."""
        with self._lock:
            if class_id not in self._asked:  # no student of it asks
                return
        try:
            self._look([class_id])
        except DatabaseAway:
            return  # the next look tells it
        with self._lock:
            self._told[class_id] = time.monotonic()

    def _set(self, class_id: str, now: ClassPosition | None) -> None:
        with self._lock:
            if class_id not in self._asked:  # no student of it asks
                return
            if self._positions.get(class_id) == now:
                return
            if now is None:
                del self._positions[class_id]
            else:
                self._positions[class_id] = now
        if (loop := self._loop) is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake, class_id)

    def _wake(self, class_id: str) -> None:
        for future in self.waiting.get(class_id, ()):
            if not future.done():
                future.set_result(None)

    async def wait(
        self,
        class_id: str,
        version: int,
        seconds: float,
        gone: Awaitable[object],
        news: str | None = None,
    ) -> ClassPosition | None:
        """Where a class is, as soon as that is not `version`, or its news not `news`.

        Args:
            news: of exams and the inventory, that are known already; None: who asks
                wants none.
            gone: is done when who asked has gone away.

        Returns:
            None after `seconds`, when who asked has gone, or when the server ends.

        Raises:
            ClassGone: the class is.
            DatabaseAway: nothing is known of the class, and cannot be.
        """
        self._loop = loop = asyncio.get_running_loop()
        self._asked[class_id] = loop.time()
        if class_id not in self._positions:
            await self._first_look(class_id)
        self._tick()
        leaves = asyncio.ensure_future(gone)
        waiting = self.waiting.setdefault(class_id, set())
        ends = loop.time() + seconds
        changed: asyncio.Future[None] | None = None
        try:
            while True:
                if (now := self._positions.get(class_id)) is None:
                    raise ClassGone(class_id)
                if now.version != version or news not in (None, now.news):
                    return now
                left = ends - loop.time()
                if left <= 0 or self._ending or leaves.done():
                    return None
                changed = loop.create_future()
                waiting.add(changed)
                await asyncio.wait(
                    (changed, leaves),
                    timeout=left,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                waiting.discard(changed)
        finally:
            leaves.cancel()
            if changed is not None:
                waiting.discard(changed)
            self._asked[class_id] = loop.time()

    def begin(self) -> None:
        """Questions may wait: the server has started."""
        self._ending = False

    def end(self) -> None:
        """Answers waiting requests, and new ones at once: the server is ending.

        For signal handlers too.
        """
        self._ending = True
        if (loop := self._loop) is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake_all)

    def _wake_all(self) -> None:
        for class_id in list(self.waiting):
            self._wake(class_id)

    # --- presence ---------------------------------------------------------------------

    def tabs(self, member: str) -> int:
        """How many questions of a member wait for an answer."""
        with self._lock:
            one = self._present.get(member)
            return 0 if one is None else one.waiting

    @contextmanager
    def asking(
        self, member: str, step: str, follows: bool, shown: bool
    ) -> Iterator[None]:
        """Counts a member as present, at a step, during a tab's request.

        A tab in the background says so only where no other tab is looked at.
        """
        with self._lock:
            one = self._present.get(member)
            if one is None:
                one = self._present[member] = _Present(
                    step, follows, shown, clock.now()
                )
            elif shown or not one.waiting_shown:
                one.step, one.follows, one.shown = step, follows, shown
            one.seen = clock.now()
            one.is_written = False
            one.waiting += 1
            one.waiting_shown += shown
        try:
            yield
        finally:
            with self._lock:
                one.waiting -= 1
                one.waiting_shown -= shown
                one.seen = clock.now()
                one.is_written = False

    def here(self) -> dict[str, Seen]:
        """The positions of members whom this process has seen recently."""
        now = clock.now()
        with self._lock:
            return {
                member: Seen(
                    member, now if one.waiting else one.seen, one.step, one.follows
                )
                for member, one in self._present.items()
            }

    def place(self, member: str) -> Seen | None:
        """A member's position, if this process has seen them recently."""
        with self._lock:
            one = self._present.get(member)
            if one is None:
                return None
            return Seen(member, one.seen, one.step, one.follows)

    def write(self) -> None:
        """Stores changes of presence, and drops members who have gone.

        Raises:
            DatabaseAway: it is kept for the next time.
        """
        with self._lock:
            new = [m for m, one in self._present.items() if not one.is_written]
            new += [
                m for m, one in self._present.items() if one.is_written and one.waiting
            ]
        if not new:
            return
        places = self.here()
        Classes(database.shared()).saw(places[m] for m in new if m in places)
        with self._lock:
            for member in new:
                one = self._present.get(member)
                if one is None or one.seen > places[member].seen:
                    continue
                one.is_written = True
                if not one.waiting:
                    del self._present[member]

    # --- looking, now and then --------------------------------------------------------

    def _tick(self) -> None:
        if self._ticking is None or self._ticking.done():
            self._ticking = asyncio.create_task(self._ticks(), name="following")

    async def _ticks(self) -> None:
        """Runs once a second while there are requests or unsaved changes."""
        last_write = time.monotonic()
        while self._asked or self._present:
            await asyncio.sleep(LOOK)
            long_ago = asyncio.get_running_loop().time() - KNOWN
            for class_id, asked in list(self._asked.items()):
                if not self.waiting.get(class_id) and asked < long_ago:
                    with self._lock:
                        del self._asked[class_id]
                        self._positions.pop(class_id, None)
                        self._told.pop(class_id, None)
                    self.waiting.pop(class_id, None)
            try:
                if self._asked:
                    await asyncio.to_thread(self._look, list(self._asked))
                if time.monotonic() - last_write >= WRITE:
                    last_write = time.monotonic()
                    await asyncio.to_thread(self.write)
            except DatabaseAway as error:
                log.warning("Classes cannot be followed for now. %s", error)

    async def _first_look(self, class_id: str) -> None:
        """One query for all concurrent requests."""
        look = self._looks.get(class_id)
        if look is None or look.done():
            look = asyncio.create_task(asyncio.to_thread(self._look, [class_id]))
            self._looks[class_id] = look
        try:
            await asyncio.shield(look)  # others wait for it too
        finally:
            if look.done():
                self._looks.pop(class_id, None)

    def _look(self, ids: list[str]) -> None:
        """Classes as stored, unless this process has moved them meanwhile."""
        began, now = time.monotonic(), clock.now()
        found = {record.id: record for record in Classes(database.shared()).some(ids)}
        exams: dict[str, list[StoredExam]] = {}
        for exam in Answers(database.shared()).opened(ids):
            exams.setdefault(exam.class_id, []).append(exam)
        inventories = Inventories(database.shared()).open_moments(ids)
        together = Activities(database.shared()).current(ids)
        for class_id in ids:
            with self._lock:
                if self._told.get(class_id, 0.0) >= began:
                    continue
            record = found.get(class_id)
            if record is None:
                self._set(class_id, None)
            else:
                inventory = inventories.get(class_id, "")
                news = news_of(exams.get(class_id, ()), inventory, now)
                one = together.get(class_id)
                position = replace(position_of(record), news=news)
                if one is not None:
                    position = replace(position, together=one.id)
                self._set(class_id, position)


following = Following()
