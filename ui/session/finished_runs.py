"""Keeps the word that a part of a page is drawn, when another part begins at once.

A browser takes away what a run of a fragment has not drawn again when it hears that the
run has finished. If the run of another fragment begins before that word is sent,
Streamlit makes it "ended early, to be run again": then what is old stays, beside what
is new, until that fragment runs once more. On the quiz page that was a second "Check"
that did nothing: the number of the change runs a part of its own right after the answer
(`ui.quiz.keeper`), and after a reconnect several such runs follow each other.
"""

from __future__ import annotations

from typing import Any

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

clear_queue = ForwardMsgQueue.clear


def _finished(message: ForwardMsg) -> bool:
    """Whether it says that a fragment's run came to its end."""
    return (
        message.WhichOneof("type") == "script_finished"
        and message.script_finished == ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY
    )


def _clear_unfinished(
    self: Any,
    retain_lifecycle_msgs: bool = False,
    fragment_ids_this_run: list[str] | None = None,
) -> None:
    """`ForwardMsgQueue.clear`; a finished run of a fragment is sent whole, and as such.

    All that waits is sent in its order, and nothing of it is joined with what comes.
    """
    begins = retain_lifecycle_msgs and bool(fragment_ids_this_run)
    if begins and any(_finished(message) for message in self._queue):
        self._delta_index_map = {}
        return
    clear_queue(self, retain_lifecycle_msgs, fragment_ids_this_run)


def keep() -> None:
    """From now on, in this process."""
    ForwardMsgQueue.clear = _clear_unfinished  # type: ignore[method-assign]
