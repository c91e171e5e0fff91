"""The answers of a class as they come: each question, over all its variants."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from classroom.escape import escape_markdown
from classroom.exams import gradebook
from classroom.exams.tallies import OTHER, RIGHT, Tally
from classroom.people.roles import Instructor, NotAllowed
from classroom.questions import custom_questions
from store.database import DatabaseAway
from ui.classes.names import students
from ui.kit import cache, state, widgets, words
from ui.kit.questions import question_language
from ui.kit.state_key import StateKey
from ui.session import permissions
from viz import results

EVERY = 2.5  # seconds
FEW = 12  # answers drawn; what is rarer stands in the table


def page_words() -> words.PageWords:
    """The words of the instructor's tabs on results."""
    return words.page("class_results")


def choose(
    who: Instructor,
    class_id: str,
    key: StateKey[str],
    label: str,
    more: Mapping[str, str] | None = None,
) -> str | None:
    """Practice (None) or one of the class's exams.

    Args:
        more: what else there is to choose, after practice.

    Raises:
        NotAllowed: the class is another's.
    """
    options = {"": page_words()["practice"], **(more or {})}
    options |= {exam.id: exam.title for exam in gradebook.exams(who, class_id)}
    return widgets.selection(key, label, options) or None


def show(who: Instructor, class_id: str) -> None:
    """The tab: what is looked at, and the answers to it, kept up to date.

    Raises:
        NotAllowed: the class is another's.
    """
    with st.container(width=420):
        exam_id = choose(
            who, class_id, state.RESULTS_OF, page_words().table("answers")["what"]
        )
    st.fragment(_live, run_every=EVERY)(class_id, exam_id)


def _live(class_id: str, exam_id: str | None) -> None:
    """One refresh: a cheap query, and the rest only if something has changed."""
    try:
        if (who := permissions.instructor()) is None:  # signed out meanwhile
            state.rerun()
        stamp = gradebook.stamp(who, class_id, exam_id)
        language = question_language.current()
        tallies = cache.class_tallies(who, class_id, exam_id, stamp, language)
        pupils = gradebook.pupils(who, class_id)
        known = custom_questions.bank_of(class_id, retired=True)
    except DatabaseAway as trouble:
        st.warning(
            page_words()["away"].format(said=words.refusal(trouble)),
            icon=":material/database_off:",
        )
        return
    except NotAllowed:  # deleted while this was on screen
        st.info(page_words()["no_such"])
        return
    text = page_words().table("answers")
    st.caption(
        text["live"].format(
            answers=stamp[0],
            members=len({m for tally in tallies for m in tally.members}),
            all=len(pupils),
            every=EVERY,
        )
    )
    if not tallies:
        st.info(text["none"], icon=":material/hourglass_empty:")
        return
    names = question_language.titles([tally.question for tally in tallies])
    _overview(tallies, names)
    chosen = _one(tallies, names)
    _question(chosen, chosen.question in known.questions)
    left, right = st.columns([3, 2], gap="large")
    with left:
        if chosen.written:
            _written(chosen, students(pupils))
        else:
            _bars(chosen, names[chosen.question])
    with right:
        _mistakes(chosen)


def _overview(tallies: list[Tally], names: dict[str, str]) -> None:
    text = page_words().table("answers")
    counts = {
        text["right"]: [tally.right for tally in tallies],
        text["partly"]: [tally.partly for tally in tallies],
        text["wrong"]: [tally.wrong for tally in tallies],
    }
    overview = " ".join(
        text["overview_one"].format(
            question=names[t.question], right=t.right, partly=t.partly, wrong=t.wrong
        )
        for t in tallies
    )
    st.header(text["overview"], anchor=False)
    judged = [tally for tally in tallies if not tally.written]
    if judged:
        st.vega_lite_chart(
            spec=results.shares(
                [names[tally.question] for tally in judged],
                {
                    word: [
                        x for x, t in zip(found, tallies, strict=True) if t in judged
                    ]
                    for word, found in counts.items()
                },
                widgets.scheme(),
            ),
            key="class_overview",
            alt=text["overview_alt"].format(count=len(judged), said=overview),
        )
    with st.expander(text["table"], icon=":material/table:"):
        st.dataframe(
            {
                text["question"]: [names[tally.question] for tally in tallies],
                text["answered"]: [tally.answered for tally in tallies],
                **{word.capitalize(): found for word, found in counts.items()},
                text["written"]: [len(tally.written) for tally in tallies],
            },
            hide_index=True,
            alt=text["table_alt"].format(count=len(tallies)),
        )


def _one(tallies: list[Tally], names: dict[str, str]) -> Tally:
    """The question that is looked at closely."""
    by_id = {tally.question: tally for tally in tallies}
    if state.RESULTS_QUESTION.get() not in by_id:
        state.RESULTS_QUESTION.set(tallies[0].question)
    with st.container(width=420):
        name = widgets.selection(
            state.RESULTS_QUESTION, page_words().table("answers")["question"], names
        )
    return by_id[name]


def _question(tally: Tally, known: bool) -> None:
    """What is asked, in the variant that was answered last."""
    with st.container(border=True):
        if known:
            st.markdown(question_language.pose(tally.variant).ask)
        else:
            st.caption(page_words().table("answers")["gone"])


def _label(label: str) -> str:
    text = page_words().table("answers")
    return str({OTHER: text["other"], RIGHT: text["right"]}.get(label, label))


def _bars(tally: Tally, name: str) -> None:
    text = page_words().table("answers")
    st.markdown(f"**{text['bars']}**")
    several = sum(bar.count for bar in tally.bars) > tally.answered
    st.caption(text["bars_several" if several else "bars_say"])
    # Two answers of one name would be one bar.
    bars = {(_label(bar.label), bar.right): bar.count for bar in tally.bars}
    labels = [label for label, _ in bars]
    counts = ", ".join(
        text["bar_right" if right else "bar"].format(label=label, count=count)
        for (label, right), count in bars.items()
    )
    st.vega_lite_chart(
        spec=results.bars(
            labels[:FEW],
            list(bars.values())[:FEW],
            [right for _, right in bars][:FEW],
            widgets.scheme(),
        ),
        key="class_bars",
        alt=text["bars_alt"].format(question=name, said=counts),
    )
    with st.expander(text["table"], icon=":material/table:"):
        st.dataframe(
            {
                text["answer"]: labels,
                text["students"]: list(bars.values()),
                text["is_right"]: [text["yes"] if right else "" for _, right in bars],
            },
            hide_index=True,
            alt=counts,
        )


def _mistakes(tally: Tally) -> None:
    text = page_words().table("answers")
    st.markdown(f"**{text['mistakes']}**")
    st.caption(text["mistakes_say"])
    if not tally.mistakes:
        st.markdown(text["no_mistakes"])
    for mistake in tally.mistakes:
        st.markdown(
            text["mistake"].format(count=mistake.count, sentence=mistake.sentence)
        )


def _written(tally: Tally, names: dict[str, str]) -> None:
    """Open answers, as they were typed."""
    text = page_words().table("answers")
    st.markdown(f"**{text['open']}**")
    for one in tally.written:
        with st.container(border=True):
            st.caption(escape_markdown(names.get(one.member, page_words()["left"])))
            st.text(one.text)
