"""What the recorded runs say of the paper's factor: every number is read off them."""

from __future__ import annotations

import streamlit as st

from lab.results.findings import Finding, finding
from ui.experiments import source
from ui.experiments.guess import guess
from ui.kit import cache
from ui.kit.runs import run_names, series_sentences


def findings(page: str) -> list[Finding]:
    """Of the page's recordings."""
    return [
        found
        for name, recording in cache.recordings().items()
        if source.page_of(recording.experiment) == page
        and (found := finding(name, recording)) is not None
    ]


def panel(page: str) -> None:
    """Folded away, and each setting after the guess about it: it is the answer."""
    every = findings(page)
    if not every:
        return
    text = source.text().table("findings")
    found = [one for one in every if guess.unlocked(one.recording.experiment.name)]
    with st.expander(text["title"], icon=":material/fact_check:"):
        if not found:
            st.caption(text["waits"])
            return
        st.markdown(series_sentences.findings_summary(found))
        for one in found:
            st.markdown(f"- {series_sentences.finding_sentence(one)}")
        st.caption(text["say"])
        if more := len(every) - len(found):
            st.caption(text["more"].format(more=run_names.counted("settings", more)))
