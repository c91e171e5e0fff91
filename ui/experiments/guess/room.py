"""While a class guesses, on the projector: the question, the count, how to join."""

from __future__ import annotations

import streamlit as st

from classroom.people import activities, classes
from classroom.people.classes import ClassNow
from classroom.people.roles import NotAllowed
from lab.experiments import Experiment
from store.activities import StoredActivity
from store.database import DatabaseAway
from ui.following import follow, join_link
from ui.kit import words
from ui.kit.runs import run_names, run_sentences
from ui.session import permissions

EVERY = 1.0  # seconds between two looks at guesses


def which(experiment: Experiment) -> str:
    """The question, as the phones have it."""
    of = run_names.text().table("guess", run_sentences.kind(experiment))
    return of["which"].format(target=experiment.target or 0)


def ask(course: ClassNow, experiment: Experiment, activity: StoredActivity) -> None:
    """The question, how many have guessed, and how latecomers join."""
    text = follow.lesson_words()
    st.header(which(experiment), anchor=False)
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.fragment(_counting, run_every=EVERY)(course.id, activity)
    with right:
        join_link.card(course, text["class_join_at"], text["class_join"], 200)


def _counting(class_id: str, activity: StoredActivity) -> None:
    """How many have guessed, of those who are here."""
    text = words.page("class_guess")
    try:
        who = permissions.require_instructor()
        given = len(activities.guesses(who, activity))
        here = sum(one.here for one in classes.here(who, class_id))
    except (DatabaseAway, NotAllowed):
        st.warning(words.page("join")["away"], icon=":material/cloud_off:")
        return
    here = max(here, given)
    st.markdown(f"## {text['guessed'].format(count=given, here=here)}")
    st.progress(given / here if here else 0.0)
    st.markdown(text["guess_say"])
