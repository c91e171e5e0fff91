"""Moments as the visitor's clock says them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

import clock


def _zone() -> tzinfo | None:
    """The visitor's; None: this machine's."""
    try:
        return ZoneInfo(st.context.timezone) if st.context.timezone else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def clock_time(at: float) -> str:
    """A moment as the visitor's clock says it; with the day, if that is not today."""
    zone = _zone()
    then, now = (datetime.fromtimestamp(x, zone) for x in (at, clock.now()))
    today = then.date() == now.date()
    return then.strftime("%H:%M:%S" if today else "%Y-%m-%d %H:%M")


def day_time(at: float) -> str:
    """A moment with its day, to the minute."""
    return datetime.fromtimestamp(at, _zone()).strftime("%Y-%m-%d %H:%M")


def day(at: float) -> str:
    """The day of a moment."""
    return datetime.fromtimestamp(at, _zone()).strftime("%Y-%m-%d")


def moment(on: date, at: time) -> float:
    """A day and a time of the visitor's clock as seconds since 1970."""
    return datetime.combine(on, at, _zone()).timestamp()


def day_and_time(at: float) -> tuple[date, time]:
    """A moment as a day and a time of the visitor's clock, to the minute."""
    then = datetime.fromtimestamp(at, _zone())
    return then.date(), then.time().replace(second=0, microsecond=0)


def in_a_week(hour: int) -> float:
    """That hour of the visitor's day in a week, as seconds since 1970."""
    today = datetime.fromtimestamp(clock.now(), _zone()).date()
    return moment(today + timedelta(days=7), time(hour))


def zone_name() -> str:
    """The visitor's time zone, as Europe/Berlin; this machine's, if not known."""
    zone = _zone()
    return str(zone) if zone else datetime.now().astimezone().tzname() or "UTC"
