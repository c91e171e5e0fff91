"""A run on screen: its head, its curves, its answer. Live, kept or recorded alike."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lab.experiments import is_sweep
from lab.recordings import of_preset
from lab.registry import NoSuchRun
from lab.results import metrics, outcome, spread
from lab.status import ArmStatus, RunStatus
from store.database import DatabaseAway
from ui.experiments import access, queue, runs, source
from ui.experiments.findings import seeds, sweep, why
from ui.experiments.guess import guess
from ui.experiments.source import RECORDED
from ui.kit import cache, state, widgets
from ui.kit.components.copy_link import copy_link
from ui.kit.runs import run_charts, run_live, run_names, run_replay, run_sentences
from ui.kit.runs.run_charts import ShownRun
from ui.kit.runs.run_verdict import outcome_of
from viz import curves
from viz.curves import Curves, Look

EVERY = 1.0  # seconds
ICONS = {
    "queued": ":material/hourglass_empty:",
    "waiting": ":material/hourglass_empty:",
    "starting": ":material/power:",
    "running": ":material/play_arrow:",
    "paused": ":material/pause:",
    "finished": ":material/check:",
    "stopped": ":material/stop:",
    "failed": ":material/error:",
    "killed": ":material/error:",
}
SMALL = 230  # pixels: the height of the lesser charts


def show(page: str, run_id: str) -> None:
    """The run that the page is about; a live one is redrawn every second."""
    text = source.text()
    if run_id.startswith(RECORDED):
        name = run_id.removeprefix(RECORDED)
        shown = source.recorded(name, guess.of_run(run_id).get())
        if shown is None:
            return
        _about(page, shown)
        if not guess.gate(cache.recordings()[name].experiment, run_id):
            run_replay.show(name, cache.recordings()[name], guess.of_run(run_id).get())
            _body(shown, None, run_id)
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
        runs.take_away(run_id)
    else:
        st.fragment(_run, run_every=EVERY)(page, run_id, False)
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
    _body(shown, status, run_id)
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
    icon = ICONS[status.state]
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


# --- the arms, the curves, the answer ----------------------------------------------


def _tiles(shown: ShownRun, arms: tuple[ArmStatus, ...] | None) -> None:
    """A tile an arm: pass, errors, gap, speed."""
    text = source.text().table("tile")
    labels = shown.labels
    columns = st.columns(min(len(labels), 4), border=True)
    for index, label in enumerate(labels):
        latest = next(
            (e.report for e in reversed(shown.events) if e.arm == index), None
        )
        with columns[index % len(columns)]:
            now = arms[index] if arms is not None else None
            icon = f"{ICONS[now.state]} " if now is not None else ""
            st.markdown(f"**{icon}{label}**")
            if latest is None:
                st.caption(text["waiting"])
                continue
            st.markdown(
                text["numbers"].format(
                    epoch=latest.epoch,
                    training=run_sentences.share(latest, "training_error"),
                    validation=run_sentences.percent(
                        latest.validation_accuracy,
                        outcome.counted_on(latest, "validation_error"),
                    ),
                    gap=run_sentences.share(latest, "gap"),
                )
            )
            # A recording's machine is named above it.
            form = "speed_on" if now is not None and now.device else "speed"
            st.caption(
                text[form].format(
                    speed=latest.pictures_per_second,
                    loss=latest.loss,
                    device=now.device if now is not None else "",
                    seconds=latest.seconds,
                )
            )
            if now is not None and now.sentence:
                st.caption(run_names.in_words(now.sentence))


def _title(shown: ShownRun, curve: outcome.Curve) -> str:
    """What is drawn, and whether it was recorded."""
    text = source.text()
    title = text.table("replay", "curve_names")[curve]
    return (
        title if shown.kind == "run" else f"{title} ({text.table('line')[shown.kind]})"
    )


def _chart(shown: ShownRun, curve: outcome.Curve) -> None:
    """One of the two lesser charts."""
    text = source.text()
    across: Any = state.CURVE_X.get()
    kind = text.table("line")[shown.kind]
    points = run_charts.points(shown.experiment, shown.events, curve, across, kind)
    target = None
    if shown.experiment.target is not None and curve == "training_error":
        label = text.table("curves")["target"].format(target=shown.experiment.target)
        target = (shown.experiment.target, label)
    largest = outcome.baseline(shown.events, curve)
    base = None
    if largest is not None:
        base = (largest, text.table("curves")["largest"].format(error=largest))
    frame = run_charts.frame(shown.experiment, points, curve, across)
    widgets.chart(
        spec=curves.lines(
            Curves(points, shown.labels, [kind], target=target, baseline=base),
            Look(
                text.table("across")[across],
                _title(shown, curve),
                height=SMALL,
                legend=False,
                frame=None if shown.over else frame,
            ),
            widgets.scheme(),
        ),
        key=f"small {curve}",
        alt=run_charts.describe(shown.experiment, shown.events, curve),
    )


def _body(shown: ShownRun, status: RunStatus | None, run_id: str) -> None:
    """Curves first; then where each network stands, the answer, and why."""
    text = source.text()
    arms, over = (None, True) if status is None else (status.arms, status.over)
    swept = is_sweep(shown.experiment)
    if swept:
        sweep.show(shown, arms, over)
        compared = sweep.at_best(shown) if over else None
        if compared is None:
            return
        st.subheader(text.table("sweep")["compared"], anchor=False)
        shown = compared
    across: Any = state.CURVE_X.get()
    overlay_place = st.container()
    overlay = _overlay(shown)
    main = outcome.CURVE_OF[shown.experiment.measure]
    with overlay_place:
        run_live.show(shown, across, title=_title(shown, main), overlay=overlay)
    widgets.choice(state.CURVE_X, text["across_label"], text.table("across_short"))
    if not swept:
        _tiles(shown, arms)
        if begun := run_sentences.start_sentences(shown.experiment, shown.events):
            st.caption(" ".join(begun))
    if not any(
        metrics.measured(shown.events, i) for i in range(len(shown.experiment.arms))
    ):
        st.caption(text["no_points"])
        return
    others: list[outcome.Curve] = [
        curve
        for curve in ("training_error", "validation_error", "gap")
        if curve != main
    ]
    for column, curve in zip(st.columns(2), others, strict=True):
        with column:
            _chart(shown, curve)
    if over:
        _answer(shown)
    else:
        st.caption(text["answer_waits"])
    why.show(shown, run_id, not over)


def _overlay(shown: ShownRun) -> ShownRun | None:
    """A recording of the same preset to lie over a run, if wanted."""
    preset = shown.experiment.name
    if shown.kind == "recorded" or not guess.unlocked(preset) or not shown.events:
        return None
    found = {
        name: recording
        for name, recording in of_preset(cache.recordings(), preset).items()
        if not is_sweep(recording.experiment)
    }
    if not found:
        return None
    text = source.text()
    state.OVERLAY.keep_valid()
    if not st.toggle(text["overlay"], **state.OVERLAY.widget):
        return None
    name, recording = next(iter(found.items()))
    st.caption(run_names.recording_note(recording))
    return source.recorded(name)


def _answer(shown: ShownRun) -> None:
    """What was measured, against the guess and against the textbook."""
    text, experiment = source.text(), shown.experiment
    events, pictures = shown.events, shown.pictures
    sentences = run_sentences.result_sentences(experiment, events, pictures)
    head, over = text["measured"], ""
    if shown.seeds:
        head = text["measured_seed"].format(seed=experiment.arms[0].seed)
    found = outcome_of(shown)
    if spread.outcome(shown.seeds) is not None:
        over = f"**{text['over_seeds'].format(count=len(shown.seeds))}** "
    with st.container(border=True):
        st.markdown(f"**{head}** " + " ".join(sentences))
        compared = run_sentences.compared_with_guess(experiment, shown.guess, found)
        if compared:
            st.markdown(f":material/psychology: {over}{compared}")
        theirs = run_sentences.compared_with_guess(
            experiment, shown.theirs, found, "theirs"
        )
        if theirs:
            st.markdown(f":material/psychology: {theirs}")
        if book := run_sentences.textbook_sentence(experiment, events, found):
            st.markdown(f":material/menu_book: {over}{book}")
    widgets.folded_table(
        text.table("table")["title"],
        "curves",
        lambda: run_charts.table(experiment, events),
        text.table("table")["alt"].format(count=len(events)),
    )
