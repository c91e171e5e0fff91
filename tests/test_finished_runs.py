"""Of a part that is drawn, a browser hears that, whatever runs next."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

from ui.session import finished_runs

DRAWN = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY
EARLY = ForwardMsg.FINISHED_EARLY_FOR_RERUN


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(ForwardMsgQueue, "clear", finished_runs.clear_queue)
    finished_runs.keep()
    yield


def drawn(fragment: str, place: int, text: str) -> ForwardMsg:
    message = ForwardMsg()
    message.metadata.delta_path.extend([0, place])
    message.delta.fragment_id = fragment
    message.delta.new_element.markdown.body = text
    return message


def finished(how: int) -> ForwardMsg:
    message = ForwardMsg()
    message.script_finished = how
    return message


def answered(how: int = DRAWN) -> ForwardMsgQueue:
    """What waits when a question and, in it, its keeper have been drawn."""
    queue = ForwardMsgQueue()
    for message in (drawn("turn", 1, "new"), drawn("watch", 2, "1"), finished(how)):
        queue.enqueue(message)
    return queue


def said(queue: ForwardMsgQueue) -> list[object]:
    return [
        m.script_finished if m.HasField("script_finished") else m.delta.fragment_id
        for m in queue.flush()
    ]


def test_a_part_that_is_drawn_stays_so_when_another_begins(kept: None) -> None:
    queue = answered()
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=["watch"])
    queue.enqueue(drawn("watch", 2, "2"))
    queue.enqueue(finished(DRAWN))
    assert said(queue) == ["turn", "watch", DRAWN, "watch", DRAWN]


def test_a_part_cut_short_and_a_page_drawn_again_are_as_before(kept: None) -> None:
    queue = answered(EARLY)
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=["watch"])
    assert said(queue) == ["turn", EARLY]
    queue = answered()
    queue.clear(retain_lifecycle_msgs=True)  # the page runs whole
    assert said(queue) == [EARLY]
    queue = answered()
    queue.clear()
    assert said(queue) == []


def test_streamlit_still_needs_it() -> None:
    """Once this fails, ui/session/finished_runs.py can go."""
    queue = answered()
    finished_runs.clear_queue(queue, True, ["watch"])
    assert said(queue) == ["turn", EARLY]
