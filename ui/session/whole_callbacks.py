"""Calls a widget's callback, and to its end, whatever the browser asks for meanwhile.

Streamlit breaks a run off where another one is asked for: at the next output, and at
the next look into the session's state. It looks there just before the callbacks, and a
callback does, too. The other run knows nothing of a button that was pressed for this
one, so what the visitor did was lost: a key or a click of a presenter just when her
page heard that the class had answered, for example.
"""

from __future__ import annotations

from typing import Any

from streamlit.runtime.state.safe_session_state import SafeSessionState

interruptible = SafeSessionState.on_script_will_rerun


def _go_on() -> None:
    """Nothing breaks the run off here."""


def _run_callbacks(self: SafeSessionState, *given: Any, **named: Any) -> None:
    """`on_script_will_rerun`, which calls the callbacks; another run waits for them.

    Streamlit looks for one right after them, before the page is drawn.
    """
    check = self._yield_callback
    object.__setattr__(self, "_yield_callback", _go_on)  # its own sets a session's key
    try:
        interruptible(self, *given, **named)
    finally:
        object.__setattr__(self, "_yield_callback", check)


def keep() -> None:
    """From now on, in this process."""
    SafeSessionState.on_script_will_rerun = _run_callbacks  # type: ignore[method-assign]
