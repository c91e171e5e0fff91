"""A class guesses about one experiment: the instructor's screen, and the phones.

The instructor takes it from stage to stage (`classroom.people.activities.Stage`). What
she shows has no names. A phone shows its student's own guess, and in the end how near
it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isinf
from typing import Any

import streamlit as st

from classroom.escape import escape_markdown
from classroom.people import activities, classes
from classroom.people.activities import Stage
from classroom.people.classes import ClassNow
from classroom.people.codes import spaced
from classroom.people.roles import Student
from lab.experiments import Experiment
from lab.registry import NoSuchRun
from lab.results import crowd, outcome
from lab.results.outcome import SAME, Outcome
from lab.results.verdict import guess_line
from store.activities import StoredActivity
from store.database import DatabaseAway
from ui import script
from ui.experiments import source
from ui.experiments.guess import crowd_line, guess, room
from ui.experiments.guess.with_class import SharedRun
from ui.following import place, together
from ui.kit import state, widgets, words
from ui.kit.components.number_line import number_line
from ui.kit.runs import run_live, run_names, run_replay, run_sentences
from ui.kit.runs.run_verdict import outcome_of, verdict
from ui.session import permissions
from viz.number_line import NumberLine

EVERY = 1.0  # seconds between two looks at guesses, and at a run
NEAREST = 3  # who are named, where names are shown
Guess = Mapping[str, Any]


def page_words() -> words.PageWords:
    """The page's words."""
    return words.page("class_guess")


def page() -> None:
    """The instructor's screen, or a student's phone."""
    with widgets.language(words.language()):
        together.report()
        if permissions.instructor() is not None:
            with st.container(key="guess_room"):
                _lead()
        else:
            _student()


def _nothing(sentence: str, leads_to: str, label: str) -> None:
    st.title(page_words()["heading"], anchor=False)
    st.info(sentence, icon=":material/psychology:")
    st.page_link(script(leads_to), label=label, icon=":material/arrow_forward:")


# --- what came of it ------------------------------------------------------------------


def _outcome(shared: SharedRun, activity: StoredActivity) -> Outcome | None:
    """Of the recording or the run; None: it is gone, or not over."""
    if shared.recording:
        return None if shared.found is None else run_replay.result(shared.found)
    if activity.run_id is None:
        return None
    try:
        status, shown = source.live(activity.run_id)
    except NoSuchRun:
        return None
    return outcome_of(shown) if status.over else None


def _judgement(experiment: Experiment, guesses: Sequence[Guess], found: Outcome) -> str:
    """How many guessed the right one, and how many were near."""
    text = page_words().table("judged")
    judged = crowd.judged(experiment, guesses, found)
    if judged is None:
        return text["nothing"]
    if not judged.count:
        return text["none"]
    right = text["right"].format(right=judged.right, count=judged.count)
    if found.same:
        return right
    form = "near_factor" if experiment.target is not None else "near_points"
    return f"{right} {text[form].format(near=judged.near)}"


# --- the instructor's screen ----------------------------------------------------------


def _lead() -> None:
    text = page_words()
    led = together.led("guess")
    if led is None:
        _nothing(text["nothing_led"], "relu_vs_tanh", text["to_experiments"])
        return
    course, activity = led
    shared = SharedRun.of(activity)
    stage = Stage(activity.stage)
    st.title(run_names.question(shared.experiment.name), anchor=False)
    code = spaced(course.code)
    st.caption(text["led"].format(name=escape_markdown(course.name), code=code))
    with st.container(horizontal=True, vertical_alignment="center"):
        _go_on(shared, course, activity)
        st.button(
            text["end"],
            icon=":material/stop:",
            on_click=together.end,
            args=(course.id,),
            type="tertiary",
            key="end_together",
        )
    if stage is Stage.GUESS:
        room.ask(course, shared.experiment, activity)
        return
    who = permissions.require_instructor()
    given = activities.guesses(who, activity)
    guesses = [one.guess for one in given]
    if stage is Stage.VERDICT:
        _verdict_of_class(course, shared, activity, guesses)
        if course.names_shown:
            _names(course, shared, activity)
    if stage is Stage.CLOSED:
        crowd_line.show(shared.experiment, guesses)
        return
    st.markdown(crowd_line.counted(shared.experiment, guesses))
    _watch(shared, activity, guesses)


def _go_on(shared: SharedRun, course: ClassNow, activity: StoredActivity) -> None:
    """The button that takes the class to the next stage."""
    text, stage = page_words().table("next"), Stage(activity.stage)
    if stage not in activities.THEN:
        return
    form = stage.value
    if stage is Stage.CLOSED:
        form = "replay" if shared.recording else "train"
    waits = (
        stage is Stage.WATCH
        and not shared.recording
        and _outcome(shared, activity) is None
    )
    st.button(
        text[form],
        type="primary",
        icon=":material/arrow_forward:",
        key=f"next {stage}",
        disabled=waits,
        on_click=_next,
        args=(shared, activity),
    )


def _next(shared: SharedRun, activity: StoredActivity) -> None:
    """To the next stage; a run begins with the watching."""
    run_id = None
    if activity.stage == Stage.CLOSED and not shared.recording:
        run_id = source.begin(shared.experiment)
        if run_id is None:
            state.CLASS_MESSAGE.set(state.LAB_MESSAGE.get())
            return
    together.as_instructor(lambda who: activities.go_on(who, activity, run_id))


def _watch(shared: SharedRun, activity: StoredActivity, guesses: list[Guess]) -> None:
    """The recording plays, or the run goes on, with the guesses on its chart."""
    text = page_words()
    if shared.recording:
        if (found := shared.found) is None:
            st.warning(text["recording_gone"], icon=":material/videocam_off:")
            return
        run_replay.show(shared.recording, found, {}, starts=True, guesses=guesses)
        st.caption(run_names.recording_note(found))
        return
    over = _outcome(shared, activity) is not None
    st.fragment(_run, run_every=None if over else EVERY)(activity, guesses, over)


def _run(activity: StoredActivity, guesses: list[Guess], over: bool) -> None:
    """One look at the run that is trained for the class."""
    text = page_words()
    try:
        status, shown = source.live(activity.run_id or "")
    except NoSuchRun:
        st.warning(text["run_gone"], icon=":material/error:")
        return
    except DatabaseAway:
        st.warning(words.page("join")["away"], icon=":material/cloud_off:")
        return
    if status.over and not over:
        state.rerun()
    curve = outcome.CURVE_OF[shown.experiment.measure]
    title = run_names.text().table("replay", "curve_names")[curve]
    said = run_names.text().table("states")[status.state]
    st.markdown(f"{said} {run_names.in_words(status.sentence)}".strip())
    translated = [run_names.translated_guess(one) for one in guesses]
    run_live.show(shown, "epoch", title=title, guesses=translated)


def _verdict_of_class(
    course: ClassNow, shared: SharedRun, activity: StoredActivity, guesses: list[Guess]
) -> None:
    found = _outcome(shared, activity)
    said = (
        page_words().table("judged")["nothing"]
        if found is None
        else _judgement(shared.experiment, guesses, found)
    )
    st.success(said, icon=":material/flag:")


def _names(course: ClassNow, shared: SharedRun, activity: StoredActivity) -> None:
    """Whose guesses were nearest, where the class's names are shown."""
    found = _outcome(shared, activity)
    if found is None:
        return
    who = permissions.require_instructor()
    far = {
        one.member_id: crowd.distance(shared.experiment, one.guess, found)
        for one in activities.guesses(who, activity)
    }
    names = {one.id: one.name for one in classes.here(who, course.id)}
    nearest = sorted(
        (x for x in far if x in names and not isinf(far[x])), key=far.__getitem__
    )
    if nearest:
        listed = ", ".join(escape_markdown(names[x]) for x in nearest[:NEAREST])
        st.markdown(page_words()["nearest"].format(names=listed))


# --- a phone --------------------------------------------------------------------------


def _student() -> None:
    text, found = page_words(), place.here()
    if found is None:
        _nothing(text["no_place"], "join", text["to_join"])
        return
    now = activities.current(found.course.id) if found.course.is_open else None
    if now is None or now.kind != "guess":
        now = activities.last(found.student)
    if now is None:
        _nothing(text["nothing"], "lesson", text["to_lesson"])
        return
    shared = SharedRun.of(now)
    st.title(run_names.question(shared.experiment.name), anchor=False)
    mine = activities.mine(found.student, now)
    if now.stage == Stage.GUESS and now.ended is None:
        _ask(found.student, shared.experiment, now, mine)
        return
    guesses = activities.of_class(found.student, now)
    if now.stage == Stage.VERDICT:
        _how_near(shared, now, mine, guesses)
        return
    _yours(shared.experiment, mine)
    crowd_line.show(shared.experiment, guesses, mine)
    form = "closed" if now.stage == Stage.CLOSED else "watch"
    st.info(text[form if now.ended is None else "ended"], icon=":material/co_present:")


def _yours(experiment: Experiment, mine: Guess | None) -> None:
    if mine is None:
        st.markdown(page_words()["no_guess"])
        return
    said = run_sentences.guess_sentence(
        run_names.translated(experiment), run_names.translated_guess(mine)
    )
    st.markdown(f":material/psychology: {said}")


def _arm(activity: StoredActivity) -> Any:
    """Which arm was tapped: the label; "": none yet, or it is to be changed."""
    return state.setting(activity.id, "class_arm", "")


def _ask(
    student: Student,
    experiment: Experiment,
    activity: StoredActivity,
    mine: Guess | None,
) -> None:
    """One button for each arm, then by how much; until guessing is closed."""
    text, arm = page_words(), _arm(activity)
    if mine is not None and not arm.get():
        st.success(text["is_in"], icon=":material/how_to_vote:")
        _yours(experiment, mine)
        st.markdown(text["waits"])
        if not state.setting(activity.id, "class_again", False).get():
            st.button(
                text["change"],
                key="change_guess",
                icon=":material/edit:",
                on_click=state.setting(activity.id, "class_again", False).set,
                args=(True,),
            )
            return
    st.markdown(f"**{room.which(experiment)}**")
    with st.container(horizontal=True, gap="small", key="class_arms"):
        for number, one in enumerate(experiment.arms):
            st.button(
                run_names.in_words(one.label),
                key=f"arm {number}",
                width="stretch",
                type="primary" if arm.get() == one.label else "secondary",
                on_click=arm.set,
                args=(one.label,),
            )
        st.button(
            run_names.text().table("guess")["same"],
            key="arm same",
            width="stretch",
            on_click=_give,
            args=(student, activity, {"arm": SAME, "by": None}),
        )
    if arm.get() in {one.label for one in experiment.arms}:
        _by(student, experiment, activity, arm.get())


def _by(
    student: Student, experiment: Experiment, activity: StoredActivity, arm: str
) -> None:
    """By how much: the line that shows the result later."""
    timed = experiment.target is not None
    ticks, _ = guess_line(timed)
    form = run_names.text().table("verdict", "amount")["factor" if timed else "points"]
    of = run_names.text().table("guess", run_sentences.kind(experiment))
    by = state.setting(activity.id, "class_by", 0.0)
    number_line(
        NumberLine([(x, form.format(by=x)) for x in ticks], timed),
        guess.guess_places(experiment, arm),
        by.get(),
        of["by"].format(arm=run_names.in_words(arm)),
        run_names.text().table("guess")["unset"],
        by.set,
        key=f"class guess {activity.id}",
        colour=widgets.palette().accent,
        language=words.language(),
    )
    st.button(
        page_words()["give"],
        type="primary",
        icon=":material/how_to_vote:",
        key="give_guess",
        width="stretch",
        disabled=not by.get(),
        on_click=_give,
        args=(student, activity, {"arm": arm, "by": by.get()}),
    )


def _give(student: Student, activity: StoredActivity, given: Guess) -> None:
    text = page_words()
    try:
        kept = activities.guess(student, activity, given)
    except DatabaseAway:  # what was chosen stays on the page
        state.CLASS_MESSAGE.set(text["not_kept"])
        return
    _arm(activity).set("")
    state.setting(activity.id, "class_again", False).set(False)
    if not kept:
        state.CLASS_MESSAGE.set(text["too_late"])


def _how_near(
    shared: SharedRun,
    activity: StoredActivity,
    mine: Guess | None,
    guesses: Sequence[Guess],
) -> None:
    """The result on the line, the student's own guess, and how many were nearer."""
    text, found = page_words().table("judged"), _outcome(shared, activity)
    experiment = run_names.translated(shared.experiment)
    guess.tell(experiment.name)
    own = run_names.translated_guess(mine or {})
    every = [run_names.translated_guess(one) for one in guesses]
    shown = None if found is None else verdict(experiment, own, found, every)
    _yours(shared.experiment, mine)
    if found is None or shown is None:
        st.info(text["nothing"], icon=":material/help:")
        return
    st.header(shown.headline, anchor=False)
    st.markdown(shown.detail)
    if compared := run_sentences.compared_with_guess(experiment, own, found):
        st.markdown(f"**{compared}** {_rank(shared.experiment, mine, guesses, found)}")
    crowd_line.picture(shown)
    st.markdown(_judgement(shared.experiment, guesses, found))
    run_id = activity.run_id or source.RECORDED + shared.recording
    st.page_link(
        script(source.page_of(experiment)),
        label=page_words()["replay_here"],
        icon=":material/play_circle:",
        query_params={state.RUN.name: run_id},
    )


def _rank(
    experiment: Experiment, mine: Guess | None, guesses: Sequence[Guess], found: Outcome
) -> str:
    """How many guesses of the class were nearer than the student's."""
    judged = crowd.judged(experiment, guesses, found)
    if mine is None or judged is None or found.same:
        return ""
    far = crowd.distance(experiment, mine, found)
    if isinf(far):
        return ""
    text, nearer = page_words().table("judged"), judged.nearer(far)
    others = judged.count - 1
    if not others:
        return ""
    return text["nearer" if nearer else "nearest"].format(nearer=nearer, others=others)
