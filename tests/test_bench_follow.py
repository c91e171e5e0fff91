"""The bench of following: its sums, and a small class played for real."""

from __future__ import annotations

import pytest

from bench import class_follow
from bench.class_follow import Follower, figures
from bench.streamlit_client import Visitor
from classroom.people.classes import ClassNow

KLASS = ClassNow("c" * 32, "5b", "ABC234", 0.0, None, "start", False, 1, 0)


def follower(**arrived: float) -> Follower:
    """`follower(v2=0.5)`: the title of version 2 was there at 0.5."""
    at = {int(name[1:]): second for name, second in arrived.items()}
    done = {version: second + 0.1 for version, second in at.items()}
    return Follower(Visitor(0), "", KLASS, arrived=at, done=done)


def test_a_step_counts_when_it_was_seen_before_the_next() -> None:
    moved = {2: 0.0, 3: 5.0}
    found = figures(
        moved,
        [
            follower(v2=0.5, v3=5.5),
            follower(v2=5.1, v3=6.5),  # the first one came too late
            follower(v3=10.1),  # and both of these
        ],
    )
    assert found["follow_steps"] == 2
    assert found["follow_students"] == 3
    assert found["follow_seen"] == pytest.approx(3 / 6)
    assert found["follow_max_s"] == 1.5
    assert found["follow_p50_s"] == 0.5
    assert found["follow_done_p95_s"] == 1.5  # between 0.6 and 1.6


def test_nothing_seen_is_no_good_figure() -> None:
    found = figures({2: 0.0}, [follower()])
    assert found["follow_seen"] == 0.0


@pytest.mark.long("its figures, of answers that are given")
def test_three_follow_a_real_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_follow, "IDLE", 1.0)
    monkeypatch.setattr(class_follow, "EVERY", 3.0)
    found = class_follow.measure(students=3, seconds=9.0)
    assert (found["follow_steps"], found["follow_students"]) == (3, 3)
    assert found["follow_seen"] == 1.0
    assert 0 < found["follow_p50_s"] <= found["follow_p95_s"] < 3
    assert 0 < found["follow_cores"] < 2
