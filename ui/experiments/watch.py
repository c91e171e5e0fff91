"""A run on screen: its head, its curves, its answer. Live, kept or recorded alike."""

from __future__ import annotations

import streamlit as st

from lab.experiments import is_sweep
from lab.registry import NoSuchRun
from lab.status import RunStatus
from store.database import DatabaseAway
from ui.experiments import access, queue, run_parts, runs, source
from ui.experiments.findings import seeds
from ui.experiments.guess import guess
from ui.experiments.source import RECORDED
from ui.kit import cache, state, widgets
from ui.kit.components.copy_link import copy_link
from ui.kit.runs import run_names, run_replay, run_sentences
from ui.kit.runs.run_charts import ShownRun
from ui.session import presented

EVERY = 1.0  # seconds


def show(page: str, run_id: str) -> None:
    """The run that the page is about; a live one is redrawn every second."""
    text = source.text()
    if run_id.startswith(RECORDED):
        name = run_id.removeprefix(RECORDED)
        shown = source.recorded(name, guess.of_run(run_id).get())
        if shown is None:
            return
        _about(page, shown)
        recording = cache.recordings()[name]
        if not guess.told(recording.experiment.name):
            with run_parts.places(page, ["question"])["question"]:
                guess.gate(recording.experiment, run_id)
            return
        part = run_parts.places(
            page, ["replay", *run_parts.names(shown, True), "seeds"]
        )
        with part["replay"]:
            run_replay.show(name, recording, guess.of_run(run_id).get())
        run_parts.body(shown, None, run_id, part)
        with part["seeds"]:
            seeds.recorded(name)
        return
    try:
        status, shown = source.live(run_id)
    except NoSuchRun as gone:
        st.warning(run_names.in_words(str(gone)))
        source.show_nothing(page)
        return
    except DatabaseAway as trouble:
        st.fragment(_wait, run_every=EVERY)(run_id, str(trouble))
        return
    with widgets.looked_at():
        _about(page, shown)
    if status.over or source.mine(status):  # they see it, or guessed before
        guess.tell(shown.experiment.name)
    if status.over:
        _run(page, run_id, True)
        if not presented.is_presented(page):
            runs.take_away(run_id)
    else:
        st.fragment(_run, run_every=EVERY)(page, run_id, False)
    if presented.is_presented(page):  # what is said of the run fits a window
        return
    seeds.series(page, status)
    if not status.over:
        st.caption(text["leave"])
    copy_link()


def _show_away(trouble: str) -> None:
    """The store cannot be read just now; nothing is lost by that."""
    st.warning(
        f"{run_names.in_words(trouble)} {source.text()['away']}",
        icon=":material/database_off:",
    )


def _wait(run_id: str, trouble: str) -> None:
    """Until the store can be read again; then the page is drawn."""
    try:
        source.live(run_id)
    except DatabaseAway:
        _show_away(trouble)
        return
    except NoSuchRun:  # the page says that
        pass
    state.rerun()


def _about(page: str, shown: ShownRun) -> None:
    """What was set up, in one line: the question, its settings, the guess."""
    text, experiment = source.text(), shown.experiment
    question = text.find("preset", experiment.name, "question")
    left, right = st.columns([4, 1], vertical_alignment="center")
    left.header(question or shown.name, anchor=False)
    right.button(
        text["another"],
        icon=":material/arrow_back:",
        width="stretch",
        on_click=source.show_nothing,
        args=(page,),
    )
    facts = [run_names.settings(experiment)]
    if guessed := run_sentences.guess_sentence(experiment, shown.guess):
        facts.append(f":material/psychology: {guessed}")
    # Before the end, theirs would tell others what to expect.
    theirs = shown.theirs if shown.over else {}
    if sentence := run_sentences.guess_sentence(experiment, theirs, "theirs"):
        facts.append(f":material/psychology: {sentence}")
    st.markdown(" ".join(facts))
    if shown.note:
        st.info(shown.note, icon=":material/videocam:")


def _run(page: str, run_id: str, over: bool) -> None:
    """One look at a run of the engine."""
    try:
        status, shown = source.live(run_id)
    except NoSuchRun:
        state.rerun()
    except DatabaseAway as trouble:  # the next look may be luckier
        _show_away(str(trouble))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch"):
            _head(status)
        _controls(run_id, status)
    part = run_parts.places(page, run_parts.names(shown, status.over))
    run_parts.body(shown, status, run_id, part)
    if status.over and not over:
        guess.tell(status.experiment.name)  # they have watched it
        seeds.go_on(page, status)
        state.rerun()


# --- the head -----------------------------------------------------------------------


def _head(status: RunStatus) -> None:
    """Where the run stands, in a sentence."""
    text = source.text()
    sweeps = is_sweep(status.experiment) and status.state in text.table(
        "sweep", "state"
    )
    words = text.table("sweep", "state") if sweeps else text.table("state")
    headline = words[status.state].format(
        place=status.place,
        left=run_names.counted("seconds", status.seconds_left),
    )
    if status.state == "queued":
        headline = f"{headline} {run_names.waiting(status)}"
    health = source.engine()
    if status.state in ("queued", "starting") and health.sentence:
        headline = f"{headline} {run_names.in_words(health.sentence)}"
    elif status.state == "starting":
        headline = f"{headline} {run_names.first_point(status)}".strip()
    progress = status.progress
    if status.state == "starting" and (loading := status.loading) is not None:
        headline, progress = text["loading"].format(share=loading), loading
    icon = run_names.STATE_ICONS[status.state]
    sentence = run_names.in_words(status.sentence)
    widgets.announce(text.table("states")[status.state])  # not each tick
    if status.state in ("failed", "killed"):
        st.error(f"{headline} {sentence}", icon=icon)
    elif status.over:
        st.success(f"{headline} {sentence}".strip(), icon=icon)
    else:
        st.markdown(f"{icon} {headline} {sentence}".strip())
        st.progress(progress, text=None)


def _command(run_id: str, verb: str) -> None:
    """Sends a command to the engine, and shows its refusal."""
    engine = source.engine()
    if verb == "stop":
        queue.stop(run_id)
        return
    with source.refusals():
        if not source.mine(engine.status(run_id)):
            return
        if verb != "retry":
            engine.command(run_id, verb)  # type: ignore[arg-type]
        elif access.may_start():
            engine.retry(run_id, instructor=access.is_instructor())
        else:
            state.LAB_MESSAGE.set(source.text()["may_not_start"])


def _controls(run_id: str, status: RunStatus) -> None:
    """Pause, step, stop and retry, for the run's owner; stop, for an instructor."""
    text, mine = source.text(), source.mine(status)
    may_stop = not mine and not status.over and access.is_instructor()
    if not mine:
        form = "another_instructors" if status.instructor else "another_visitors"
        watch = "" if may_stop or status.over else text["watch_only"]
        st.caption(f"{text[form]} {watch}".strip())
    if message := state.LAB_MESSAGE.get():
        st.warning(message)
        state.LAB_MESSAGE.set("")
    verbs: list[tuple[str, str]] = []
    if not mine:
        verbs = [("stop", ":material/stop:")] if may_stop else []
    elif status.state == "running":
        verbs = [("pause", ":material/pause:"), ("stop", ":material/stop:")]
    elif status.state == "paused":
        verbs = [
            ("resume", ":material/play_arrow:"),
            ("step", ":material/skip_next:"),
            ("stop", ":material/stop:"),
        ]
    elif status.state in ("queued", "starting"):
        verbs = [("stop", ":material/stop:")]
    elif any(arm.state in ("failed", "killed", "stopped") for arm in status.arms):
        verbs = [("retry", ":material/replay:")]
    if verbs:
        with st.container(horizontal=True):
            for verb, icon in verbs:
                st.button(
                    text.table("verb")[verb],
                    icon=icon,
                    key=f"lab {verb}",
                    on_click=_command,
                    args=(run_id, verb),
                )
