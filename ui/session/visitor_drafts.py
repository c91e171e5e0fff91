"""What visitors without a class have begun to answer: in memory, for half an hour.

It is found again by the browser's cookie, so that a reload loses nothing. A student in
a class has it in the database (`classroom.exams.attempts`).
"""

from __future__ import annotations

import threading
from collections import OrderedDict

import clock
from classroom.questions.grading import Answer
from classroom.questions.variants import Variant

LASTS = 1800.0  # seconds
MOST = 3_000  # answers of all visitors; the oldest goes first

_kept: OrderedDict[tuple[str, Variant], tuple[float, Answer]] = OrderedDict()
_lock = threading.Lock()


def keep(visitor: str, variant: Variant, answer: Answer) -> float:
    """Keeps what a visitor has begun to answer, in place of the text before; when."""
    now = clock.now()
    with _lock:
        _kept[visitor, variant] = (now, answer)
        _kept.move_to_end((visitor, variant))
        while len(_kept) > MOST or next(iter(_kept.values()))[0] < now - LASTS:
            _kept.popitem(last=False)
    return now


def of(visitor: str, variant: Variant) -> Answer:
    """What the visitor has begun to answer; None: nothing."""
    with _lock:
        at, answer = _kept.get((visitor, variant), (0.0, None))
    return answer if at >= clock.now() - LASTS else None


def forget(visitor: str, variant: Variant) -> None:
    """It has been answered."""
    with _lock:
        _kept.pop((visitor, variant), None)
