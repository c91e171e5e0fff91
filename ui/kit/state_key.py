"""A session key and its widget: what code sets, and what the browser sends.

A script run that the next one cuts short may have given a widget a value that the
browser lacks. The browser's next message then has the value before, and Streamlit would
take that for the visitor's choice.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import streamlit as st

T = TypeVar("T")

_RECEIVED_S = 1.0  # after so many seconds a browser has what was drawn
_WIDGETS = "widgets"  # the session key of `_Widgets`


@dataclass
class _Write:
    """A value that code has given to a widget, while the browser may not have it."""

    before: Any  # the browser's
    value: Any
    drawn: float | None = None  # when the widget was, by the steady clock

    def is_received(self) -> bool:
        """Whether the browser has the value."""
        return self.drawn is not None and time.monotonic() - self.drawn > _RECEIVED_S


@dataclass
class _Widgets:
    """What is known of a session's widgets, by the names of their keys."""

    writes: dict[str, _Write | None] = field(default_factory=dict)  # of all drawn ever
    drawing: set[str] = field(default_factory=set)  # drawn by this run
    drawn: set[str] = field(default_factory=set)  # by the last whole run of this page


def _widgets() -> _Widgets:
    found: _Widgets | None = st.session_state.get(_WIDGETS)
    if found is None:
        found = st.session_state[_WIDGETS] = _Widgets()
    return found


def _restored(name: str) -> Any:
    """The value of a key; what code has set, where the browser sent the value before.

    Another value than these two is the visitor's. None: there is no value.
    """
    value = st.session_state.get(name)
    writes = _widgets().writes
    write = writes.get(name)
    if write is None or value == write.value:
        return value
    if value is None and write.before is not None:  # the widget has gone
        return value
    if value == write.before and not write.is_received():
        write.drawn = None
        st.session_state[name] = value = write.value
    else:
        writes[name] = None
    return value


def begin_run(*, same_page: bool) -> None:
    """First in a run of a page's script.

    Args:
        same_page: whether the run before was of this page.
    """
    widgets = _widgets()
    for name in widgets.writes:
        _restored(name)
    widgets.drawing = set()
    if not same_page:
        widgets.drawn = set()


def end_run() -> None:
    """Last in a run of a page's script that was whole: the browser has its widgets."""
    widgets = _widgets()
    widgets.drawn = set(widgets.drawing)
    for name, write in widgets.writes.items():
        if write is not None and write.drawn is not None:
            widgets.writes[name] = None


@dataclass(frozen=True)
class StateKey(Generic[T]):
    """One thing that a visitor has chosen."""

    name: str
    default: T
    about: str
    pages: tuple[str, ...] = ()  # in whose address it stands; none: in no address

    def get(self) -> T:
        """The visitor's value, or the default."""
        value: T | None = _restored(self.name)
        return self.default if value is None else value

    def set(self, value: T) -> None:
        """Before the key's widget is drawn in this run, or in a callback."""
        writes = _widgets().writes
        if self.name in writes:
            write = writes[self.name]
            before = write.before if write else st.session_state.get(self.name)
            writes[self.name] = None if before == value else _Write(before, value)
        st.session_state[self.name] = value

    def keep_valid(self, value: T | None = None) -> None:
        """Before the key's widget is drawn: it finds its value (or `value`) there.

        What is there already is not written again. What a run writes, it sends to the
        browser, over what the visitor has chosen since the run began: of five steps
        of a slider, three came back. But a widget that the last whole run did not draw
        is a new one to the browser, and begins with its first option.
        """
        wanted = self.get() if value is None else value
        widgets = _widgets()
        widgets.drawing.add(self.name)
        if self.name not in widgets.drawn or st.session_state.get(self.name) != wanted:
            self.set(wanted)

    def forget(self) -> None:
        """The default from the next run on, even where a widget is drawn already."""
        _widgets().writes.pop(self.name, None)
        st.session_state.pop(self.name, None)

    def parse(self, text: str) -> T | None:
        """A value from an address; None if it cannot be one."""
        if isinstance(self.default, int):
            return int(text) if text.isdecimal() and len(text) < 9 else None  # type: ignore[return-value]
        return text if len(text) <= 40 else None  # type: ignore[return-value]

    @property
    def widget(self) -> dict[str, Any]:
        """Arguments that tie a widget to this key, whatever page it is on."""
        _restored(self.name)
        write = _widgets().writes.setdefault(self.name, None)
        if write is not None and write.drawn is None:
            write.drawn = time.monotonic()
        return {"key": self.name, "persist_state": "session"}
