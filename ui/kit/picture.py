"""Choose, upload or photograph a picture once; every page uses it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import streamlit as st

from model.pictures import Picture, PictureRefused, load_picture
from model.pictures.samples import right_first, samples
from ui.kit import cache, state, uploads, widgets, words
from ui.kit.components.copy_link import copy_link
from ui.kit.components.own_photo import own_photo

CAMERA_WIDTH = 280  # pixels: all of it fits a window 800 pixels high
MEGABYTES = 20  # as in .streamlit/config.toml and at the picture door


@dataclass(frozen=True)
class Chosen:
    """The picture on every page, and what to call it."""

    picture: Picture
    title: str
    alt: str
    description: str  # what to look for, for samples


def _take(widget: str) -> None:
    """The file in a widget goes through the door: it is kept as pixels, or refused.

    A callback, so that the very next drawing has a new, empty widget: the file's bytes
    are dropped with the old one.
    """
    file = state.held(widget)
    if file is None:
        return
    try:
        with st.spinner(words.page("picture")["reading"], show_time=True):
            picture = load_picture(file.getvalue())
    except PictureRefused as refusal:
        state.REFUSAL.set(str(refusal))
    else:
        state.OWN_PICTURE.set(picture)
        state.OWN_PICTURE_NAME.set(file.name)
        state.PICTURE.set("own")
        state.REFUSAL.set("")
    state.UPLOADS.set(state.UPLOADS.get() + 1)
    uploads.drop(file)


def _titles() -> dict[str, str]:
    own_picture = (
        {"own": words.page("picture")["own"]} if state.OWN_PICTURE.get() else {}
    )
    return own_picture | {name: words.sample(name)["title"] for name in right_first()}


def choose() -> Chosen:
    """The picture widgets, and the picture chosen."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        _widgets(labelled=True)
        with st.container(width="content"):
            copy_link()
    notices()
    return current()


def choose_in_a_row() -> Chosen:
    """The same within a row of other controls; `notices` are drawn below that."""
    _widgets(labelled=False)
    return current()


def _widgets(*, labelled: bool) -> None:
    """The list of pictures and the ways to bring one's own, side by side."""
    text = words.page("picture")
    note_lost()
    picker = st.container(width=330 if labelled else 200, key="picture_picker")
    number = state.UPLOADS.get()
    # A new key for each picture: the popover closes once one has come.
    with st.popover(text["open"], icon=":material/upload:", key=f"own_{number}"):
        _ways_in(number)
    with picker:
        widgets.selection(state.PICTURE, text["choose"], _titles(), labelled=labelled)


def note_lost() -> None:
    """Remembers that the address asks for a picture of the visitor's that is gone."""
    if state.PICTURE.get() == "own" and state.OWN_PICTURE.get() is None:
        state.OWN_PICTURE_LOST.set(state.page())


def notices() -> None:
    """What became of a picture that is not here any more, or was refused."""
    text = words.page("picture")
    if state.OWN_PICTURE_LOST.get():
        chosen = state.PICTURE.get()
        if (
            chosen != state.PICTURE.default
            or state.OWN_PICTURE_LOST.get() != state.page()
        ):
            state.OWN_PICTURE_LOST.set("")
        else:
            title = _titles()[chosen]
            st.info(text["lost"].format(title=title), icon=":material/image:")
    if state.REFUSAL.get():
        refusal = words.translated("picture", state.REFUSAL.get())
        st.error(refusal, icon=":material/broken_image:")
        state.REFUSAL.set("")  # said once; the next click finds it gone


def uploader(number: int) -> str:
    """The widget that takes a picture's file; returns its key."""
    key = f"upload_{number}"
    st.file_uploader(
        words.page("picture")["upload"],
        key=key,
        max_upload_size=MEGABYTES,
        on_change=_take,
        args=(key,),
    )
    return key


def _ways_in(number: int) -> None:
    """A file, a phone's camera, or the browser's own."""
    text = words.page("picture")
    key = uploader(number)
    own_photo(text["photograph"], None, key=f"photograph_{number}", uploader=key)
    if not camera_allowed():
        st.caption(text["camera_insecure"])
    elif st.toggle(text["camera_switch"], **state.CAMERA.widget):
        st.camera_input(
            text["camera"],
            key=f"camera_{number}",
            on_change=_take,
            args=(f"camera_{number}",),
            width=CAMERA_WIDTH,
        )
    st.caption(text["privacy"])


def camera_allowed() -> bool:
    """Whether browsers open the camera for the address that the visitor uses.

    They do for https and, whatever the scheme, for the machine itself (W3C, Secure
    Contexts).
    """
    address = urlsplit(st.context.url or "")
    host = address.hostname or ""
    return (
        address.scheme != "http"
        or host in ("localhost", "::1")
        or host.startswith("127.")
        or host.endswith(".localhost")
    )


def current() -> Chosen:
    """The picture chosen, without its widgets."""
    name = state.PICTURE.get()
    own_picture: Picture | None = state.OWN_PICTURE.get()
    if name == "own" and own_picture is not None:
        text = words.page("picture")
        width, height = own_picture.size
        alt = text["own_alt"].format(width=width, height=height)
        return Chosen(own_picture, state.OWN_PICTURE_NAME.get() or text["own"], alt, "")
    known = samples()
    sample = known.get(name, known[state.PICTURE.default])
    text = words.sample(sample.name)
    return Chosen(
        cache.sample_picture(sample.name), text["title"], text["alt"], text["say"]
    )
