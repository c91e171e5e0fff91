"""What visitors ask of a network at the same time, gathered into one pass at the gate.

Several images in a batch cost less than one after another (`python -m bench.cover`).
The first thread that asks waits at the gate; those that ask meanwhile join its batch.
Once it is through, the next of them goes to the gate with all that are waiting by then.
So at most one of them stands in line with the visitors of other pages.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.gate import PATIENCE, Busy, inference_slot

MOST = 8  # images of a batch; one that asks for more at once has a batch alone
IN_LINE = 24  # that may wait
REST = 1.0  # of a batch's time that the next one leaves to others

Images = NDArray[np.float32]
Compute = Callable[[Images], NDArray[np.floating[Any]]]


@dataclass(eq=False)
class _Asked:
    images: Images
    woken: threading.Event = field(default_factory=threading.Event)
    leads: bool = False
    answer: NDArray[np.floating[Any]] | None = None
    error: BaseException | None = None


class Batches:
    """Of one network.

    Args:
        compute: from images (n, …) to answers (n, …).
        rest: share of a batch's time for which the gate is left to others after it.
    """

    def __init__(self, compute: Compute, rest: float = REST) -> None:
        self._compute, self._rest = compute, rest
        self._lock = threading.Lock()
        self._waiting: deque[_Asked] = deque()
        self._led = False  # whether somebody is at the gate
        self._next = 0.0  # when the next batch may begin, by time.monotonic
        self.passes = 0  # batches that went through

    @property
    def waiting(self) -> int:
        """Those who wait for a batch, its leader among them."""
        return len(self._waiting)

    def ask(self, images: Images) -> NDArray[np.floating[Any]]:
        """The answers to some images, in order; waits for its batch.

        Raises:
            model.gate.Busy: too many visitors at once.
        """
        mine = _Asked(images)
        with self._lock:
            if len(self._waiting) >= IN_LINE:
                raise Busy(
                    f"{IN_LINE} visitors are waiting for the network already. "
                    "Please try again in a minute."
                )
            self._waiting.append(mine)
            mine.leads = not self._led
            self._led = True
        if not mine.leads:
            self._wait(mine)
        if mine.leads:
            self._lead(mine)
        if mine.error is not None:
            raise mine.error
        assert mine.answer is not None
        return mine.answer

    def _wait(self, mine: _Asked) -> None:
        """Until there is an answer, or it is `mine` that goes to the gate."""
        if mine.woken.wait(2 * PATIENCE):
            return
        with self._lock:
            if mine in self._waiting and not mine.leads:
                self._waiting.remove(mine)
                mine.error = Busy(
                    f"The network was busy for {2 * PATIENCE:.0f} seconds with other "
                    "visitors. Please try again."
                )
                return
        mine.woken.wait()  # it is in a batch by now, or leads one

    def _lead(self, mine: _Asked) -> None:
        """Goes to the gate with all that wait, and names who goes next."""
        batch = [mine]
        try:
            time.sleep(max(0.0, self._next - time.monotonic()))
            with inference_slot():
                batch = self._take(mine)
                began = time.monotonic()
                answers = self._compute(np.concatenate([x.images for x in batch]))
                ended = time.monotonic()
            self._next = ended + self._rest * (ended - began)
            at = 0
            for one in batch:
                one.answer = answers[at : at + len(one.images)]
                at += len(one.images)
            self.passes += 1
        except BaseException as error:
            for one in batch:
                one.error = error
        with self._lock:
            for one in batch:
                if one in self._waiting:
                    self._waiting.remove(one)
            following = self._waiting[0] if self._waiting else None
            if following:
                following.leads = True
            self._led = following is not None
        for one in batch:
            one.woken.set()
        if following:
            following.woken.set()

    def _take(self, mine: _Asked) -> list[_Asked]:
        """`mine` and those behind it, in their order, MOST images in all."""
        with self._lock:
            batch, images = [mine], len(mine.images)
            for one in self._waiting:
                if one is mine:
                    continue
                if images + len(one.images) > MOST:
                    break
                batch.append(one)
                images += len(one.images)
            for one in batch:
                self._waiting.remove(one)
        return batch
