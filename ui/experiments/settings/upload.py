"""A class's own images on the page: bring them, see what was taken, delete them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from classroom.escape import escape_markdown
from lab.datasets import kept, uploaded
from lab.datasets.archive import MAX_ARCHIVE_MB
from lab.datasets.intake import Intake
from store.database import DatabaseAway
from ui.experiments import access, source
from ui.kit import state, uploads, widgets, words
from ui.session import own_images

QUICK = 1.0  # seconds in which most archives are read: no progress is shown before
EVERY = 0.5  # seconds between two looks at one that takes longer
TITLE = 60  # characters
LONG = 100  # files left out, beyond which their list scrolls


@dataclass(frozen=True)
class UploadOutcome:
    """What became of an archive."""

    taken: bool
    sentence: str
    classes: Mapping[str, int]
    left_out: Mapping[str, str]
    notes: tuple[str, ...] = ()


def take(choose: Callable[[str], None]) -> None:
    """Takes what has been read to its end; before the settings are drawn.

    Args:
        choose: is given the name of a set that was taken.
    """
    intake: Intake | None = state.UPLOAD_INTAKE.get()
    if intake is not None and intake.over:
        _finish(intake, choose)


def panel(choose: Callable[[str], None]) -> None:
    """Folded away, for those who may bring images.

    Args:
        choose: see `take`.
    """
    if not access.may_bring_data():
        return
    text = source.text().table("own")
    with st.expander(text["title"], icon=":material/folder_zip:"):
        st.markdown(text["say"])
        intake: Intake | None = state.UPLOAD_INTAKE.get()
        if intake is None:
            key = f"own data {state.UPLOADS.get()}"
            st.file_uploader(
                text["upload"],
                "zip",
                key=key,
                max_upload_size=MAX_ARCHIVE_MB,
                on_change=_begin,
                args=(key, choose),
            )
        else:
            st.fragment(_progress, run_every=EVERY)()
        _outcome()
        _mine()


# --- reading one ----------------------------------------------------------------------


def _begin(key: str, choose: Callable[[str], None]) -> None:
    """Has the archive in the uploader read."""
    file = state.held(key)
    if file is None:
        return
    if not access.may_bring_data():  # signed out since the page was drawn
        uploads.drop(file)
        return
    state.UPLOAD_OUTCOME.forget()
    intake = Intake(file, Path(file.name).stem[:TITLE] or "zip")
    if intake.wait(QUICK):
        _finish(intake, choose)
    else:
        state.UPLOAD_INTAKE.set(intake)


def _progress() -> None:
    """How far it is, and a way to stop it."""
    intake: Intake | None = state.UPLOAD_INTAKE.get()
    if intake is None:
        return
    if intake.over:
        state.rerun()  # the settings are drawn already: they cannot be set from here
    text = source.text().table("own")
    label = text["reading"].format(title=escape_markdown(intake.title))
    st.progress(intake.progress, text=f"{label} {intake.progress:.0%}")
    st.button(text["stop"], icon=":material/stop:", on_click=intake.stop)


def _finish(intake: Intake, choose: Callable[[str], None]) -> None:
    """Keeps what was taken and chooses it, or says why nothing was."""
    state.UPLOAD_INTAKE.forget()
    state.UPLOADS.set(state.UPLOADS.get() + 1)  # an empty uploader
    uploads.drop(intake.data)
    if intake.refusal is not None:
        refusal = intake.refusal
        state.UPLOAD_OUTCOME.set(
            UploadOutcome(False, _spoken(str(refusal)), {}, refusal.left_out)
        )
        return
    found = intake.found
    if found is None:
        state.UPLOAD_OUTCOME.set(
            UploadOutcome(False, source.text().table("own")["stopped"], {}, {})
        )
        return
    if not access.may_bring_data():  # signed out since
        return
    try:
        name = kept.keep(found, own_images.data_owner())
    except DatabaseAway as away:
        state.UPLOAD_OUTCOME.set(UploadOutcome(False, str(away), {}, {}))
        return
    state.UPLOAD_OUTCOME.set(
        UploadOutcome(
            True,
            source.text()
            .table("own")["taken"]
            .format(title=found.title, sentence=_spoken(uploaded.sentence(found))),
            found.counts,
            found.left_out,
            found.notes,
        )
    )
    choose(name)


def _spoken(sentence: str) -> str:
    """What was found in an archive or a picture, in the page's language."""
    return words.translated("picture", words.translated("lab", sentence))


def _outcome() -> None:
    """Classes with their counts, and each file left out with its reason."""
    outcome: UploadOutcome | None = state.UPLOAD_OUTCOME.get()
    if outcome is None:
        return
    text = source.text().table("own")
    show = st.success if outcome.taken else st.warning
    show(escape_markdown(outcome.sentence))
    for note in outcome.notes:
        st.caption(escape_markdown(_spoken(note)))
    if outcome.classes:
        st.dataframe(
            {
                text["class"]: list(outcome.classes),
                text["pictures"]: list(outcome.classes.values()),
            },
            hide_index=True,
            alt=text["classes_alt"].format(count=len(outcome.classes)),
        )
    if outcome.left_out:
        _left_out(outcome.left_out)


def _left_out(left_out: Mapping[str, str]) -> None:
    """Each file that was left out, with its reason; folded away."""
    text = source.text().table("own")
    title = text["left_out"].format(count=len(left_out))
    reasons = list(map(_spoken, left_out.values()))
    columns = {text["file"]: list(left_out), text["reason"]: reasons}
    if len(left_out) > LONG:  # a table of its own length would be the whole page
        widgets.folded_table(title, "left out", lambda: columns)
        return
    with st.expander(title, icon=":material/table:"):
        st.table(
            {
                name: list(map(escape_markdown, cells))
                for name, cells in columns.items()
            },
            border="horizontal",
            hide_index=True,
        )


# --- those that are kept --------------------------------------------------------------


def _mine() -> None:
    """What the visitor brought, and a way to delete each."""
    text = source.text().table("own")
    try:
        found = kept.of(own_images.data_owner())
    except DatabaseAway as away:
        st.warning(str(away))
        return
    if not found:
        return
    st.markdown(f"**{text['mine']}**")
    for one in found:
        left, right = st.columns([4, 1], vertical_alignment="center")
        left.markdown(
            text["line"].format(
                title=escape_markdown(one.title),
                count=sum(one.classes.values()),
                classes=len(one.classes),
            )
        )
        asked = state.UPLOAD_DELETING.get() == one.name
        right.button(
            text["delete_now" if asked else "delete"],
            key=f"delete {one.name}",
            icon=":material/delete:",
            type="primary" if asked else "secondary",
            width="stretch",
            on_click=_delete,
            args=(one.name,),
        )
        if asked:
            st.caption(text["delete_say"])


def _delete(name: str) -> None:
    """At the second click."""
    if not access.may_bring_data():
        return
    if state.UPLOAD_DELETING.get() != name:
        state.UPLOAD_DELETING.set(name)
        return
    state.UPLOAD_DELETING.forget()
    state.UPLOAD_OUTCOME.forget()
    try:
        kept.forget(name, own_images.data_owner())
    except DatabaseAway as away:
        state.UPLOAD_OUTCOME.set(UploadOutcome(False, str(away), {}, {}))
