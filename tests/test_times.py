"""Days and times are those of the visitor's clock, in summer and in winter."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
import streamlit as st

import clock
from ui.kit import times


def at(text: str) -> float:
    """A moment in UTC as seconds since 1970."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> None:
    zone = property(lambda _: "Europe/Berlin")
    monkeypatch.setattr(type(st.context), "timezone", zone)


@pytest.mark.parametrize(
    ("day", "hour", "moment"),
    [
        (date(2026, 10, 24), time(20), "2026-10-24T18:00"),  # summer time
        (date(2026, 10, 25), time(20), "2026-10-25T19:00"),  # from that night on, not
        (date(2026, 12, 3), time(23, 59), "2026-12-03T22:59"),
    ],
)
def test_a_deadline_is_meant_by_the_clock_of_who_sets_it(
    berlin: None, day: date, hour: time, moment: str
) -> None:
    assert times.moment(day, hour) == at(moment)
    assert times.day_and_time(at(moment)) == (day, hour)
    assert times.zone_name() == "Europe/Berlin"


def test_students_read_it_by_their_own_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    due = at("2026-12-03T22:59")
    monkeypatch.setattr(clock, "now", lambda: at("2026-12-01T12:00"))
    for zone, shown in (
        ("Europe/Berlin", "2026-12-03 23:59"),
        ("Asia/Tokyo", "2026-12-04 07:59"),
    ):
        named = property(lambda _, zone=zone: zone)
        monkeypatch.setattr(type(st.context), "timezone", named)
        assert times.clock_time(due) == times.day_time(due) == shown


def test_a_week_later_is_that_hour_though_clocks_changed_between(
    berlin: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: at("2026-10-20T09:00"))
    assert times.in_a_week(20) == at("2026-10-27T19:00")
