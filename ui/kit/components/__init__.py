"""Browser components: HTML, CSS and JavaScript files with one typed call each."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from viz.diagram import Plain

HERE = Path(__file__).parent


def _file(name: str, kind: str) -> str:
    return (HERE / name / f"{name}.{kind}").read_text("utf-8")


_mosaic = st.components.v2.component(
    "alexnet_mosaic",
    html=_file("mosaic", "html"),
    css=_file("mosaic", "css"),
    js=_file("mosaic", "js"),
)


_diagram = st.components.v2.component(
    "alexnet_diagram",
    html=_file("diagram", "html"),
    css=_file("diagram", "css"),
    js=_file("diagram", "js"),
)


def diagram(
    drawings: Sequence[Plain],
    *,
    key: str,
    selected: str,
    alt: str,
    label: str,
    tip: str,
    disabled: bool,
    on_pick: Callable[[str], None],
) -> None:
    """A network's drawing, one layer of which the visitor can choose.

    Args:
        drawings: of one network; the widest that is not shrunk is shown.
        selected: the layer that is marked; "" for none.
        tip: the name of a layer's button, with {layer}.
        on_pick: called with the layer chosen, before the script runs again. What comes
            from a browser is not trusted: only a layer of the drawing gets there.
    """

    def picked() -> None:
        state: Any = st.session_state.get(key)
        name = state.get("picked") if state is not None else None
        if name in drawings[0].places:
            on_pick(str(name))

    _diagram(
        key=key,
        data={
            "drawings": [
                {
                    "svg": one.svg,
                    "width": one.width,
                    "height": one.height,
                    "places": [[name, *box] for name, box in one.places.items()],
                }
                for one in drawings
            ],
            "selected": selected,
            "alt": alt,
            "label": label,
            "tip": tip,
            "disabled": disabled,
        },
        on_picked_change=picked,
    )


def mosaic(
    png: bytes,
    *,
    key: str,
    order: Sequence[int],
    columns: int,
    tile: tuple[int, int],
    gap: int,
    selected: int | None,
    alt: str,
    label: str,
    tip: str,
    hint: str,
    values: Sequence[Sequence[str]],
    on_pick: Callable[[int], None],
) -> None:
    """A picture of tiles, one of which the visitor can choose.

    Args:
        png: the picture; tiles of `tile` (height, width) pixels, `gap` between them.
        order: the unit shown at each tile.
        alt: text alternative of the whole picture.
        tip: sentence on the tile under the pointer, with {unit}, {0}, {1}, ….
        values: for each {n} in `tip`, the text of every unit.
        on_pick: called with the unit chosen, before the script runs again.
    """
    header = {
        "columns": columns,
        "count": len(order),
        "tile": tile,
        "gap": gap,
        "order": list(order),
        "selected": selected,
        "alt": alt,
        "label": label,
        "tip": tip,
        "hint": hint,
        "values": [list(column) for column in values],
    }
    packed = json.dumps(header, separators=(",", ":")).encode()

    def picked() -> None:
        state: Any = st.session_state.get(key)
        if state is not None and state.get("picked") is not None:
            on_pick(int(state["picked"]))

    # Bytes travel only as the whole of `data`: a length, the header, the picture.
    _mosaic(
        key=key,
        data=struct.pack("<I", len(packed)) + packed + png,
        on_picked_change=picked,
    )


_keys = st.components.v2.component(
    "alexnet_keys",
    html=_file("keys", "html"),
    css=_file("keys", "css"),
    js=_file("keys", "js"),
)


def keys(
    *,
    key: str,
    at: int,
    last: int,
    revealed: bool,
    role: Literal["read", "present", "notes"],
    hint: str,
    switch: tuple[str, str],
    on_wish: Callable[[int, bool], None],
    on_join: Callable[[], None] | None = None,
) -> None:
    """Steps a page by the arrow keys, and reveals by R; shows the hint.

    Args:
        at: place of the step shown, 0 to `last`.
        role: "present" tells other windows of the same browser where it is, "notes"
            goes there.
        switch: what the button says that turns the keys off and on: while they are
            on, and while they are off. The browser keeps the choice.
        on_wish: called with the place to be at and whether the answer is to be seen
            there, before the script runs again. What a browser sends otherwise is no
            wish.
        on_join: called by J.
    """

    def wish() -> tuple[int, int, bool]:
        """Its number, place and answer; number 0: there is none, or none of ours."""
        state: Any = st.session_state.get(key) or {}
        match state.get("wish"):
            case {"number": int(number), "at": int(place), "revealed": bool(revealed)}:
                return number, min(max(place, 0), last), revealed
        return 0, at, False

    def wished() -> None:
        number, place, revealed = wish()
        if number:
            on_wish(place, revealed)

    def joins() -> None:
        if on_join is not None:
            on_join()

    _keys(
        key=key,
        data={
            "at": at,
            "last": last,
            "revealed": revealed,
            "role": role,
            "hint": hint,
            "on": switch[0],
            "off": switch[1],
            "joins": on_join is not None,
            "heard": wish()[0],
        },
        on_join_change=joins,
        on_wish_change=wished,
    )


_countdown = st.components.v2.component(
    "alexnet_countdown",
    html=_file("countdown", "html"),
    css=_file("countdown", "css"),
    js=_file("countdown", "js"),
)


def countdown(
    *,
    key: str,
    left: float,
    text: str,
    soon: str,
    lost: str,
    label: str,
    on_over: Callable[[], None],
) -> None:
    """Counts seconds down, and has the script run again when none is left.

    Just before, the field that is typed in is left, so that its text is sent. What is
    in time the server decides by its own clock.

    Args:
        left: seconds, as the server has them now.
        text, soon: with {time}; `soon` in the last minute.
        lost: said after it while there is no connection (`keeper` finds out).
        label: what the clock is called.
        on_over: called before that run.
    """
    _countdown(
        key=key,
        data={
            "left": left,
            "text": text,
            "soon": soon,
            "lost": lost,
            "label": label,
        },
        on_over_change=on_over,
    )


_follow = st.components.v2.component(
    "alexnet_follow",
    html=_file("follow", "html"),
    css=_file("follow", "css"),
    js=_file("follow", "js"),
)


def follow(
    *,
    key: str,
    url: str,
    class_id: str,
    version: int,
    step: str,
    at: str,
    mode: Literal["follows", "leads", "wanders", "aside", "ended", "notes"],
    is_open: bool,
    follows: bool,
    pause: float,
    steps: Mapping[str, tuple[int, str]],
    text: Mapping[str, str],
    on_moved: Callable[[], None],
    on_back: Callable[[], None],
    on_test: Callable[[], None],
    on_who: Callable[[], None],
) -> None:
    """Asks the server where a class is, and says it; see ui/following/routes.py.

    Args:
        url: whom to ask: ui/following/routes.py's.
        version: of the class's moment that the page shows.
        step: the class's.
        at: where this page is: a step, or another page.
        mode: "follows" and "leads" run the page again when the class moves; "wanders"
            and "aside" say where it is and offer the way back; "ended" that it has;
            "notes" which it is, to its instructor.
        is_open: whether the page takes the class for open.
        follows: whether the visitor follows in the lesson; their instructor sees it.
        steps: number and title of every step.
        pause: seconds without a question after which the page runs again first, to
            see whether it is still the same person.
        text: a sentence for the mode, with {number} and {title}; "lost" for when
            there is no connection; "back" for the button; "who" the student's name
            (none: the instructor's page) and "not" the button beside it; "test_open",
            "test_running" and "test_results" with {title}, "to_test" their button;
            "results" the button of a class that has ended.
        on_moved, on_back, on_test, on_who: called before the script runs again.
    """

    def heard(name: str, do: Callable[[], None]) -> Callable[[], None]:
        def hear() -> None:
            state: Any = st.session_state.get(key)
            if state is not None and state.get(name) is not None:
                do()

        return hear

    _follow(
        key=key,
        data={
            "url": url,
            "class": class_id,
            "version": version,
            "step": step,
            "at": at,
            "mode": mode,
            "open": is_open,
            "follows": follows,
            "pause": pause,
            "steps": {slug: list(known) for slug, known in steps.items()},
            "text": dict(text),
        },
        on_moved_change=on_moved,
        on_back_change=heard("back", on_back),
        on_test_change=heard("test", on_test),
        on_who_change=heard("who", on_who),
    )


_cookie = st.components.v2.component(
    "alexnet_cookie",
    html=_file("cookie", "html"),
    css=_file("cookie", "css"),
    js=_file("cookie", "js"),
)


def cookie(
    *,
    key: str,
    url: str,
    body: Mapping[str, str],
    then: str,
    say: str,
    on_failed: Callable[[], None],
) -> None:
    """Has the server set or clear a cookie that no script can read, and goes on.

    Args:
        url: one of ui/session/routes.py's.
        then: the path to go to once it is done.
        say: shown meanwhile.
        on_failed: called if the server refuses or cannot be reached, before the script
            runs again.
    """

    def failed() -> None:
        state: Any = st.session_state.get(key)
        if state is not None and state.get("failed") is not None:
            on_failed()

    _cookie(
        key=key,
        data={"url": url, "body": json.dumps(body), "then": then, "say": say},
        on_failed_change=failed,
    )


_photograph = st.components.v2.component(
    "alexnet_photograph",
    html=_file("photograph", "html"),
    css=_file("photograph", "css"),
    js=_file("photograph", "js"),
)


def photograph(label: str, *, key: str, uploader: str) -> None:
    """A button that opens a phone's camera; nothing where there is no touch screen.

    Args:
        uploader: the key of the file uploader that gets the photograph.
    """
    _photograph(key=key, data={"label": label, "uploader": f"st-key-{uploader}"})


_keeper = st.components.v2.component(
    "alexnet_keeper",
    html=_file("keeper", "html"),
    css=_file("keeper", "css"),
    js=_file("keeper", "js"),
)


def keeper(
    *,
    key: str,
    scope: str,
    saved: str,
    alive: str,
    draft: str,
    where: Mapping[str, str],
    answers: int,
    acts: int,
    checked: bool,
    text: Mapping[str, str],
) -> None:
    """Says whether what is answered has arrived, and keeps what is being typed.

    Args:
        scope: the key of the container that the question is answered in.
        saved: of the one that says when it was saved.
        alive, draft: whom to ask for a sign of life, and where to send what is typed:
            ui/quiz/draft_routes.py's.
        where: which question, as that address takes it.
        answers: to this question, stored when the page was drawn.
        acts: the number of the next one.
        checked: whether a button sends the answer; else each change does.
        text: what is said, for each way that it can be.
    """
    _keeper(
        key=key,
        data={
            "scope": f".st-key-{scope}",
            "saved": f".st-key-{saved}",
            "alive": alive,
            "draft": draft,
            "where": dict(where),
            "answers": answers,
            "acts": acts,
            "checked": checked,
            "heard": heard(key),
            "text": dict(text),
        },
        on_number_change=_nothing,
        on_owed_change=_nothing,
    )


def _nothing() -> None:
    """The run that follows is what was wanted."""


def heard(key: str) -> int:
    """The number of the last change that a keeper says it has sent."""
    state: Any = st.session_state.get(key) or {}
    number = state.get("number")
    return number if isinstance(number, int) and not isinstance(number, bool) else 0


def owed(key: str) -> str:
    """The question whose newest answer a keeper says is not on the server yet."""
    state: Any = st.session_state.get(key) or {}
    where = state.get("owed")
    return where if isinstance(where, str) else ""
