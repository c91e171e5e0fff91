"""What a class guessed before its experiments, against what was measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import streamlit as st

from classroom.exams import gradebook
from classroom.people import activities
from classroom.people.roles import Instructor
from lab.results import prediction
from lab.results.prediction import Prediction
from ui.classes.names import students
from ui.classes.results.answers import page_words
from ui.kit import widgets
from ui.kit.runs import guesses, run_names
from viz import results


def show(who: Instructor, class_id: str) -> None:
    """The tab: a chart of each experiment, and a table of all guesses.

    Raises:
        NotAllowed: the class is another's.
    """
    text = page_words().table("predictions")
    found = [*guessed_together(who, class_id)]
    found += [
        guesses.looked_up(guess)
        for guess in gradebook.guesses(who, class_id)
        if "arm" in guess.guess
    ]
    if not found:
        st.info(text["none"], icon=":material/psychology:")
        return
    st.markdown(text["say"])
    by_name: dict[str, list[Prediction]] = {}
    for one in found:
        by_name.setdefault(one.experiment.name, []).append(one)
    for name, group in by_name.items():
        _experiment(name, group)
    names = students(gradebook.pupils(who, class_id))
    st.dataframe(
        {
            text["student"]: [
                names.get(p.guess.member, page_words()["left"]) for p in found
            ],
            text["experiment"]: [run_names.preset(p.experiment.name) for p in found],
            text["guess"]: [guesses.amount(p, p.guessed, p.by) for p in found],
            text["result"]: [guesses.measured(p) for p in found],
            text["verdict"]: [guesses.verdict(p) for p in found],
        },
        hide_index=True,
        alt=text["table_alt"].format(count=len(found)),
    )


def guessed_together(who: Instructor, class_id: str) -> Iterator[Prediction]:
    """What the class guessed at once, before a run that it watched together."""
    for activity in activities.finished(who, class_id):
        given = activities.guesses(who, activity)
        if not given:
            continue
        known = guesses.with_class(activity, given[0].guess)  # its outcome, once
        for one in given:
            guess = replace(known.guess, member=one.member_id, guess=dict(one.guess))
            yield replace(known, guess=guess)


def _experiment(name: str, group: list[Prediction]) -> None:
    """How often each arm was guessed to be ahead, and how often it was."""
    text = page_words().table("predictions")
    st.header(run_names.question(name), anchor=False)
    over = [p for p in group if p.came_true is not None]
    more = len(group) - len(over)
    rest = run_names.counted("runs", more) if more else ""
    st.caption(
        text["came_true"].format(
            right=sum(bool(p.came_true) for p in over),
            over=run_names.counted("guesses", len(over)),
        )
        + (f" {text['rest'].format(runs=rest)}" if rest else "")
    )
    labels = prediction.arms(group)
    guessed = Counter(p.guessed for p in group)
    ahead = Counter(p.ahead for p in over if p.ahead is not None)
    most = max(ahead, key=lambda x: ahead[x]) if ahead else None
    for column, head, counts in zip(
        st.columns(2, gap="large"),
        ("guessed", "measured"),
        (guessed, ahead),
        strict=True,
    ):
        shown = [label or text["same"] for label in labels]
        listed = ", ".join(
            f"{name} {counts[x]}" for name, x in zip(shown, labels, strict=True)
        )
        with column:
            st.markdown(f"**{text[head]}**")
            st.vega_lite_chart(
                spec=results.bars(
                    shown,
                    [counts[label] for label in labels],
                    [label == most for label in labels],
                    widgets.scheme(),
                ),
                key=f"class_{head}_{name}",
                alt=text[f"{head}_alt"].format(
                    experiment=run_names.preset(name), said=listed
                ),
            )
