"""What the recorded runs say of the paper's factor: every number is read off them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from lab import datasets, spread
from lab.experiments import is_sweep
from lab.recordings import Recording
from lab.spread import ArmFactor, Verdict
from ui.experiments import guess, source
from ui.kit import cache
from ui.kit.panels import run_names, series_sentences


@dataclass(frozen=True)
class Finding:
    """One recording: ReLU against the first other arm, over its seeds."""

    name: str
    recording: Recording
    factor: ArmFactor
    verdict: Verdict


def findings(page: str) -> list[Finding]:
    """Of the page's recordings in which arms are timed; sweeps tell no more."""
    found = []
    for name, recording in cache.recordings().items():
        experiment = recording.experiment
        if (
            source.page_of(experiment) != page
            or experiment.target is None
            or is_sweep(experiment)
        ):
            continue
        runs = recording.by_seed
        first, last = (arm.label for arm in experiment.arms[:2])
        factor = spread.factor(runs, first, last)
        found.append(Finding(name, recording, factor, spread.verdict(factor)))
    return found


def sentence(finding: Finding) -> str:
    """The setting, the factor with its range, and what that is of six."""
    text, factor = source.text().table("findings"), finding.factor
    experiment = finding.recording.experiment
    lines = [f"**{setting(finding)}.**"]
    if factor.values:
        lines.append(series_sentences.factor_words(experiment, factor))
    lines.append(
        text.table("verdict")[finding.verdict].format(
            first=factor.first, last=factor.last, six=spread.SIX
        )
    )
    return " ".join(lines)


def setting(finding: Finding) -> str:
    """Which preset, on which pictures, how many of them."""
    recording = finding.recording
    arm = recording.experiment.arms[0]
    preset = source.text().table("preset", recording.experiment.name)["title"]
    whole = {datasets.BUILT_IN: datasets.DRAWN_TRAIN}.get(arm.dataset)
    count = arm.pictures or whole
    form = "setting" if count else "setting_all"
    data = recording.data.partition(".")[0]
    template = source.text().table("findings")[form]
    return template.format(preset=preset, data=data, count=count)


def summary(found: Sequence[Finding]) -> str:
    """In how many settings the factor holds, shrinks, vanishes, turns round."""
    text = source.text().table("findings")
    counted = {
        name: sum(finding.verdict == name for finding in found)
        for name in text.table("counted")
    }
    lines = [
        text.table("counted")[name].format(count=number)
        for name, number in counted.items()
        if number
    ]
    count = run_names.counted("recorded", len(found))
    return text["summary"].format(count=count, said="; ".join(lines))


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
        st.markdown(summary(found))
        for finding in found:
            st.markdown(f"- {sentence(finding)}")
        st.caption(text["say"])
        if more := len(every) - len(found):
            st.caption(text["more"].format(more=run_names.counted("settings", more)))
