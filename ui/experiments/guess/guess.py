"""Predict first: the question, the visitor's guess, and what waits for it.

Whatever tells how an experiment comes out (the textbook, recordings, evidence) is shown
once the visitor has guessed, has seen such a run, or has asked for it without guessing:
preset by preset.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from lab.experiments import Experiment, without_rates
from lab.results import outcome
from lab.results.verdict import guess_line
from ui.kit import state, widgets, words
from ui.kit.components.number_line import Place, number_line
from ui.kit.runs import run_names, run_sentences
from ui.kit.runs.run_verdict import mark_label
from ui.kit.state_key import StateKey
from viz.number_line import NumberLine

Guess = dict[str, Any]  # arm: its label or SAME; by: times as long, or points
ALIKE = "about the same"  # beside the arms' labels: which is shown in words


def told(preset: str) -> bool:
    """Whether the result may be shown: the visitor has guessed or skipped the guess."""
    return preset in state.TOLD.get()


def tell(preset: str) -> None:
    """From now on nothing about it is held back."""
    if not told(preset):
        state.TOLD.set((*state.TOLD.get(), preset))


def _arm(preset: str) -> StateKey[str]:
    return state.setting(preset, "guess_arm", "")


def given(preset: str) -> bool:
    """Whether there is a guess about the preset: which arm, and by how much."""
    arm = _arm(preset).get()
    return arm == ALIKE or bool(arm and _by_key(preset).get())


def unlocked(preset: str) -> bool:
    """Whether what is known of a preset may be shown."""
    return told(preset) or given(preset)


def predict(experiment: Experiment, starts: bool = True) -> Guess | None:
    """The visitor's guess; None until there is one.

    Args:
        starts: whether buttons that start something wait for it.
    """
    text = run_names.text().table("guess")
    of = text.table(run_sentences.kind(experiment))
    options = {arm.label: run_names.in_words(arm.label) for arm in experiment.arms}
    options[ALIKE] = text["same"]
    key = _arm(experiment.name)
    with st.container(border=True):
        st.markdown(f"**{text['title']}** {text['say']}")
        if key.get() not in ("", *options):
            key.forget()
        arm = st.radio(
            of["which"].format(target=experiment.target or 0),
            list(options),
            index=None,
            format_func=options.__getitem__,
            horizontal=True,
            **key.widget,
        )
        if arm == ALIKE:
            return {"arm": outcome.SAME, "by": None}
        by = 0.0 if arm is None else _by(experiment, arm, of["by"])
        if by:
            return {"arm": arm, "by": by}
        if starts:
            st.caption(text["needed"])
        return None


def _by_key(preset: str) -> StateKey[float]:
    """By how much; 0: the mark is not set yet."""
    return state.setting(preset, "guess_by", 0.0)


def set_guess(experiment: Experiment, arm: str, by: float | None) -> None:
    """In a callback: makes this the visitor's guess."""
    _arm(experiment.name).set(ALIKE if arm == outcome.SAME else arm)
    if by is not None:
        _by_key(experiment.name).set(by)


def _by(experiment: Experiment, arm: str, label: str) -> float:
    """The line that shows the result later, with the visitor's mark alone; 0: none."""
    timed = experiment.target is not None
    ticks, _ = guess_line(timed)
    form = run_names.text().table("verdict", "amount")["factor" if timed else "points"]
    by = _by_key(experiment.name)
    number_line(
        NumberLine([(x, form.format(by=x)) for x in ticks], timed),
        guess_places(experiment, arm),
        by.get(),
        label.format(arm=run_names.in_words(arm)),
        run_names.text().table("guess")["unset"],
        by.set,
        key=f"guess {experiment.name}",
        colour=widgets.palette().accent,
        language=words.language(),
    )
    return by.get()


def guess_places(experiment: Experiment, arm: str) -> list[Place]:
    """Everything that can be guessed of an arm, in words."""
    timed = experiment.target is not None
    return [
        Place(
            by,
            mark_label("you", by, timed),
            run_sentences.guess_sentence(experiment, {"arm": arm, "by": by}),
        )
        for by in guess_line(timed)[1]
    ]


def skip(preset: str) -> None:
    """The offer to see what is known without a guess, or with it."""
    if told(preset):
        return
    text = run_names.text().table("guess")
    st.button(
        text["show" if given(preset) else "skip"],
        icon=":material/visibility:",
        type="tertiary",
        key=f"skip {preset}",
        on_click=tell,
        args=(preset,),
    )


def of_run(run_id: str) -> StateKey[Guess]:
    """What the visitor guessed about a recording."""
    return state.setting(run_id, "guess", {})


def gate(experiment: Experiment, run_id: str) -> None:
    """Asks for a guess about a recording, which is held back until then."""
    text = run_names.text().table("guess")
    st.info(text["gate"], icon=":material/visibility_off:")
    guess = predict(without_rates(experiment), starts=False)

    def go_on() -> None:
        of_run(run_id).set(guess or {})
        tell(experiment.name)

    st.button(
        text["show_it" if guess else "skip"],
        icon=":material/visibility:",
        type="primary" if guess else "secondary",
        on_click=go_on,
        key="show it",
    )
