"""Choose, upload or photograph a picture once; every page uses it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from model.pictures import Picture, PictureRefused, load_picture
from model.pictures.samples import samples
from ui import cache, state, uploads, widgets, words

MEGABYTES = 20  # as in .streamlit/config.toml and at the picture door


@dataclass(frozen=True)
class Chosen:
    """The picture on every page, and what to call it."""

    picture: Picture
    title: str
    alt: str
    say: str  # what to look for, for samples


def _take(widget: str) -> None:
    """The file in a widget goes through the door: it is kept as pixels, or refused.

    A callback, so that the very next drawing has a new, empty widget: the file's bytes
    are dropped with the old one.
    """
    file = st.session_state.get(widget)
    if file is None:
        return
    try:
        with st.spinner(words.page("picture")["reading"], show_time=True):
            picture = load_picture(file.getvalue())
    except PictureRefused as refusal:
        state.REFUSAL.set(str(refusal))
    else:
        state.OWN.set(picture)
        state.OWN_NAME.set(file.name)
        state.PICTURE.set("own")
        state.REFUSAL.set("")
    state.UPLOADS.set(state.UPLOADS.get() + 1)
    uploads.drop(file)


def _titles() -> dict[str, str]:
    own = {"own": words.page("picture")["own"]} if state.OWN.get() else {}
    return own | {name: sample.title for name, sample in samples().items()}


def choose() -> Chosen:
    """The picture widgets, and the picture chosen."""
    text = words.page("picture")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        picker = st.container(width=330)
        number = state.UPLOADS.get()
        # A new key for each picture: the popover closes once one has come.
        with st.popover(text["open"], icon=":material/upload:", key=f"own_{number}"):
            st.file_uploader(
                text["upload"],
                key=f"upload_{number}",
                max_upload_size=MEGABYTES,
                on_change=_take,
                args=(f"upload_{number}",),
            )
            if st.toggle(text["camera_switch"], **state.CAMERA.widget):
                st.camera_input(
                    text["camera"],
                    key=f"camera_{number}",
                    on_change=_take,
                    args=(f"camera_{number}",),
                )
            st.caption(text["privacy"])
    titles = _titles()
    with picker:
        widgets.selection(state.PICTURE, text["choose"], titles)
    if state.REFUSAL.get():
        st.error(state.REFUSAL.get(), icon=":material/broken_image:")
        state.REFUSAL.set("")  # said once; the next click finds it gone
    return current()


def current() -> Chosen:
    """The picture chosen, without its widgets."""
    name = state.PICTURE.get()
    own: Picture | None = state.OWN.get()
    if name == "own" and own is not None:
        text = words.page("picture")
        width, height = own.size
        alt = text["own_alt"].format(width=width, height=height)
        return Chosen(own, state.OWN_NAME.get() or text["own"], alt, "")
    known = samples()
    sample = known.get(name, known[state.PICTURE.default])
    return Chosen(
        cache.sample_picture(sample.name), sample.title, sample.alt, sample.say
    )
