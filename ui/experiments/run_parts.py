"""What is shown of a run: curves, where each network stands, the answer, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lab.experiments import is_sweep
from lab.recordings import of_preset
from lab.results import metrics, outcome, spread
from lab.status import ArmStatus, RunStatus
from ui.experiments import source
from ui.experiments.findings import sweep, why
from ui.experiments.guess import guess
from ui.kit import cache, state, widgets
from ui.kit.runs import run_charts, run_live, run_names, run_sentences
from ui.kit.runs.run_charts import ShownRun
from ui.kit.runs.run_verdict import outcome_of
from ui.session import presented
from viz import curves
from viz.curves import Curves, Look

SMALL = 230  # pixels: the height of the lesser charts


def names(shown: ShownRun, over: bool) -> list[str]:
    """What is shown of a run, in its order."""
    first = ["rates"] if is_sweep(shown.experiment) else []
    return [*first, "curves", "networks", *(["answer"] if over else []), "why"]


def places(page: str, wanted: Sequence[str]) -> dict[str, DeltaGenerator]:
    """A place for each part, one below the other, or a window each."""
    titles = source.text().table("part")
    return presented.parts(page, {name: titles[name] for name in wanted})


def body(
    shown: ShownRun,
    status: RunStatus | None,
    run_id: str,
    part: Mapping[str, DeltaGenerator],
) -> None:
    """Curves first; then where each network stands, the answer, and why.

    Args:
        part: where each of them is shown.
    """
    text = source.text()
    arms, over = (None, True) if status is None else (status.arms, status.over)
    swept = is_sweep(shown.experiment)
    if swept:
        with part["rates"]:
            sweep.show(shown, arms, over)
            compared = sweep.at_best(shown) if over else None
            if compared is None:
                return
            st.subheader(text.table("sweep")["compared"], anchor=False)
        shown = compared
    with part["curves"]:
        _curves(shown)
    measured = any(
        metrics.measured(shown.events, i) for i in range(len(shown.experiment.arms))
    )
    with part["networks"]:
        if not swept:
            _tiles(shown, arms)
            if begun := run_sentences.start_sentences(shown.experiment, shown.events):
                st.caption(" ".join(begun))
        if not measured:
            st.caption(text["no_points"])
            return
        others: list[outcome.Curve] = [
            curve
            for curve in ("training_error", "validation_error", "gap")
            if curve != outcome.CURVE_OF[shown.experiment.measure]
        ]
        for column, curve in zip(st.columns(2), others, strict=True):
            with column:
                _chart(shown, curve)
        if not over:
            st.caption(text["answer_waits"])
    if over:
        with part["answer"]:
            _answer(shown)
    with part["why"]:
        why.show(shown, run_id, not over)


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
            icon = f"{run_names.STATE_ICONS[now.state]} " if now is not None else ""
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


def _curves(shown: ShownRun) -> None:
    """The chart that answers the question, and what lies along its bottom edge."""
    text = source.text()
    across: Any = state.CURVE_X.get()
    overlay_place = st.container()
    overlay = _overlay(shown)
    main = outcome.CURVE_OF[shown.experiment.measure]
    with overlay_place:
        run_live.show(shown, across, title=_title(shown, main), overlay=overlay)
    widgets.choice(state.CURVE_X, text["across_label"], text.table("across_short"))


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
