"""An experiment that a class guesses about: begun by its instructor, and what it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from lab import legacy_text
from lab.experiments import Experiment
from lab.recordings import Recording
from store.activities import StoredActivity
from ui.experiments import replay, source
from ui.following import together
from ui.kit import cache
from ui.session import permissions


@dataclass(frozen=True)
class SharedRun:
    """What a class guesses about.

    Attributes:
        recording: the file's name; "": it is trained here.
    """

    experiment: Experiment
    recording: str

    @staticmethod
    def of(activity: StoredActivity) -> SharedRun:
        """As the activity has it.

        Raises:
            ExperimentRefused: it was stored by a version of which nothing is known.
        """
        about = activity.about
        return SharedRun(
            legacy_text.experiment(about["experiment"]), str(about["recording"])
        )

    def about(self) -> dict[str, Any]:
        """As plain data."""
        return {"experiment": self.experiment.to_dict(), "recording": self.recording}

    @property
    def found(self) -> Recording | None:
        """The recording; None: there is none, or its file is gone."""
        return cache.recordings().get(self.recording)


def panel(preset: Experiment, experiment: Experiment | None) -> None:
    """For who has signed in and has an open class: guess with it.

    Args:
        experiment: as it is set up; None: it cannot be started.
    """
    if permissions.instructor() is None:
        return
    text = source.text().table("with_class")
    with st.container(border=True, key="with_class"):
        st.markdown(f"**{text['title']}** {text['say']}")
        course = together.choose_class(text["class"])
        if course is None:
            st.caption(text["no_class"])
            return
        recordings = replay.found(preset)
        name = next(iter(recordings), "")
        with st.container(horizontal=True):
            if name:
                recorded = SharedRun(recordings[name].experiment, name)
                st.button(
                    text["recording"],
                    type="primary",
                    icon=":material/groups:",
                    key="class_recording",
                    on_click=together.begin,
                    args=("guess", course.id, recorded.about()),
                )
            st.button(
                text["live"],
                icon=":material/groups:",
                key="class_live",
                disabled=experiment is None,
                on_click=together.begin,
                args=(
                    "guess",
                    course.id,
                    SharedRun(experiment or preset, "").about(),
                ),
            )
