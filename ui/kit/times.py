"""Moments as the visitor's clock says them."""

from __future__ import annotations

from datetime import datetime, tzinfo
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
