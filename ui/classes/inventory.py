"""The concept inventory of a class: its two rounds, who has answered, and the gain."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from classroom.exams import gradebook
from classroom.inventory import gain, items, rounds
from classroom.inventory.gain import Believed, ClassGain
from classroom.inventory.rounds import (
    MOMENTS,
    FormScore,
    InventoryNow,
    InventoryRefused,
    Moment,
    Results,
    RoundNow,
)
from classroom.people.roles import Instructor, NotAllowed
from store.database import DatabaseAway
from ui.classes.names import students
from ui.following.together import as_instructor
from ui.kit import state, times, widgets, words
from ui.session import permissions
from viz import results as charts

EVERY = 3.0  # seconds
ADDRESS = "/inventory"


def _text() -> words.PageWords:
    return words.page("class_inventory")


def show(who: Instructor, class_id: str) -> None:
    """The tab: both rounds, kept up to date, and what they say once both are over.

    Raises:
        NotAllowed: the class is another's.
    """
    text = _text()
    st.markdown(text["say"].format(address=ADDRESS))
    now = rounds.of_class(who, class_id)
    st.fragment(_live, run_every=EVERY)(class_id, _standing(now))
    found = rounds.results(who, class_id)
    if found.at_first and now.before.is_over:
        _at_first(found.at_first)
    if now.after.is_over:
        _results(found)
    elif now.before.opened is not None:
        st.caption(text["later"])
    _sources()
    if now.before.opened is not None:
        _start_over(class_id)


def _standing(now: InventoryNow) -> tuple[object, ...]:
    return tuple((one.opened, one.closed) for one in now.rounds)


def _live(class_id: str, known: tuple[object, ...]) -> None:
    """The rounds and their counts; the rest of the page only when a round changes."""
    try:
        if (who := permissions.instructor()) is None:  # signed out meanwhile
            state.rerun()
        now = rounds.of_class(who, class_id)
        pupils = rounds.pupils(who, class_id)
        everybody = gradebook.pupils(who, class_id)
    except DatabaseAway:
        st.warning(words.page("class")["away"], icon=":material/cloud_off:")
        return
    except NotAllowed:  # deleted while this was on screen
        st.info(words.page("class_results")["no_such"])
        return
    if _standing(now) != known:
        state.rerun()
    for column, one in zip(st.columns(2, gap="medium"), now.rounds, strict=True):
        with column, st.container(border=True):
            _round(class_id, now, one, len(everybody))
    text = _text()
    with st.expander(text["who"], icon=":material/how_to_reg:"):
        if not pupils:
            st.markdown(text["nobody"])
            return
        names = students(everybody)
        rows = [(names[x.member], x.states) for x in pupils if x.member in names]
        st.dataframe(
            {
                text["name"]: [name for name, _ in rows],
                **{
                    text[moment]: [
                        text[states[moment]] if states[moment] else ""
                        for _, states in rows
                    ]
                    for moment in MOMENTS
                },
            },
            hide_index=True,
            alt=text["who_alt"].format(count=len(rows)),
        )


def _round(class_id: str, now: InventoryNow, one: RoundNow, members: int) -> None:
    text = _text()
    if one.opened is None:
        stands = text["unopened"]
    elif one.closed is None:
        stands = text["opened"].format(time=times.clock_time(one.opened))
    else:
        stands = text["closed"].format(time=times.clock_time(one.closed))
    st.markdown(f"**{text[one.moment]}**: {stands}")
    if one.opened is not None:
        st.caption(
            text["counts"].format(
                handed=one.handed_in, begun=one.begun, members=members
            )
        )
    if one.is_open:
        is_last = one.moment == "after"
        _button(
            text["close_after" if is_last else "close"],
            f"close_{one.moment}",
            lambda who: rounds.close_round(who, class_id, one.moment),
            help_text=text["close_after_help"] if is_last else None,
        )
    elif _may_open(now, one):
        label = "reopen" if one.opened is not None else f"open_{one.moment}"
        _button(
            text[label],
            f"open_{one.moment}",
            lambda who: _open(who, class_id, one.moment),
            is_first=one.opened is None,
        )
    elif one.opened is None:
        st.caption(text["first_the_other"])


def _may_open(now: InventoryNow, one: RoundNow) -> bool:
    if not now.class_open:
        return False
    if one.moment == "before":
        return now.after.opened is None
    return now.before.opened is not None and one.opened is None


def _open(who: Instructor, class_id: str, moment: Moment) -> None:
    try:
        rounds.open_round(who, class_id, moment)
    except InventoryRefused as refusal:
        state.CLASS_MESSAGE.set(words.refusal(refusal))


def _button(
    label: str,
    name: str,
    do: Callable[[Instructor], object],
    *,
    help_text: str | None = None,
    is_first: bool = False,
) -> None:
    st.button(
        label,
        key=f"inventory_{name}",
        type="primary" if is_first else "secondary",
        help=help_text,
        on_click=_do,
        args=(do,),
    )


def _do(act: Callable[[Instructor], object]) -> None:
    as_instructor(act)


def _start_over(class_id: str) -> None:
    text = _text()
    with st.popover(text["start_over"], icon=":material/delete:"):
        st.markdown(text["start_over_sure"])
        _button(
            text["start_over_now"],
            "start_over",
            lambda who: rounds.start_over(who, class_id),
        )


# --- what it says ---------------------------------------------------------------------


def _points(share: float) -> float:
    return 100 * share


def _link(name: str) -> str:
    return items.sources()[name].link


def _results(found: Results) -> None:
    text, count = _text(), len(items.concepts())
    st.header(text["results"], anchor=False)
    if found.gain is None:
        st.info(text["nobody_both"], icon=":material/info:")
    else:
        for sentence in sentences(found.gain, count):
            st.markdown(sentence)
    if found.only_one:
        name = "only_one_1" if found.only_one == 1 else "only_one"
        st.caption(text[name].format(count=found.only_one))
    if len(found.forms) == len(items.FORMS):
        st.caption(_forms(found.forms, count))
    if found.gain is not None:
        _concepts(found.gain)
        _thought(found.believed)


def sentences(of: ClassGain, count: int) -> list[str]:
    """What is said of all concepts together.

    Args:
        count: of the concepts.
    """
    text, name = _text(), "gain_1" if of.students == 1 else "gain"
    found = [
        text[name].format(
            students=of.students,
            before=of.before * count,
            after=of.after * count,
            count=count,
            gain=_points(of.gain),
        )
    ]
    if of.interval is not None:
        zero = text["with_zero" if of.interval.has(0) else "without_zero"]
        interval = text["interval"].format(
            students=of.students,
            low=_points(of.interval.low),
            high=_points(of.interval.high),
        )
        found.append(f"{interval} {zero}")
    if of.normalised is not None:
        found.append(text["normalised"].format(g=of.normalised, link=_link("hake1998")))
    return found


def _forms(scores: Sequence[FormScore], count: int) -> str:
    text = _text()
    said: dict[str, float | str] = {}
    for one in scores:
        name = "students_1" if one.students == 1 else "students"
        said[one.form.lower()] = one.right * count
        said[f"{one.form.lower()}_students"] = text[name].format(count=one.students)
    return str(text["forms"].format(count=count, **said))


def _concepts(of: ClassGain) -> None:
    text, all_of = _text(), items.concepts(words.language())
    st.subheader(text["concepts"], anchor=False)
    st.caption(
        text["concepts_say"].format(
            link=_link("newcombe1998"),
            count=len(all_of),
            miss=1 - gain.CONFIDENCE ** len(all_of),
        )
    )
    names = [one.name for one in all_of]
    lines = [
        text["chart_one"].format(
            name=name,
            before=x.before,
            after=x.after,
            students=x.students,
            gain=_points(x.gain),
            low=_points(x.interval.low),
            high=_points(x.interval.high),
        )
        for name, x in zip(names, of.concepts, strict=True)
    ]
    widgets.chart(
        charts.gains(
            names,
            [_points(x.gain) for x in of.concepts],
            [(_points(x.interval.low), _points(x.interval.high)) for x in of.concepts],
            text["axis"],
            widgets.scheme(),
        ),
        key="inventory_gains",
        alt=text["chart_alt"].format(count=len(names), said=" ".join(lines)),
    )
    with st.expander(text["numbers"], icon=":material/table:"):
        st.dataframe(
            {
                text["concept"]: names,
                text["right_before"]: [x.before for x in of.concepts],
                text["right_after"]: [x.after for x in of.concepts],
                text["learned"]: [x.learned for x in of.concepts],
                text["lost"]: [x.lost for x in of.concepts],
                text["column_gain"]: [round(_points(x.gain)) for x in of.concepts],
                text["column_interval"]: [
                    text["from_to"].format(
                        low=_points(x.interval.low), high=_points(x.interval.high)
                    )
                    for x in of.concepts
                ],
            },
            hide_index=True,
            alt=" ".join(lines),
        )


def _at_first(found: Sequence[Believed]) -> None:
    """Misconceptions before the lesson, which the instructor may teach to."""
    text = _text()
    with st.expander(text["thought_before"], icon=":material/visibility_off:"):
        st.caption(text["thought_before_say"])
        ordered = sorted(found, key=lambda x: -x.before)
        _table(ordered, {text["students_before"]: [x.before for x in ordered]})


def _thought(found: Sequence[Believed]) -> None:
    text = _text()
    if not found:
        return
    with st.expander(text["thought"], icon=":material/psychology:"):
        st.caption(text["thought_say"])
        _table(
            found,
            {
                text["students_before"]: [x.before for x in found],
                text["students_after"]: [x.after for x in found],
            },
        )


def _table(found: Sequence[Believed], counts: dict[str, list[int]]) -> None:
    text = _text()
    about = [items.concept(x.concept, words.language()) for x in found]
    st.dataframe(
        {
            text["misconception"]: [
                one.misconceptions[x.misconception]
                for one, x in zip(about, found, strict=True)
            ],
            **counts,
            text["concept"]: [one.name for one in about],
        },
        hide_index=True,
        alt=text["thought_alt"].format(count=len(found)),
    )


def _sources() -> None:
    text = _text()
    with st.expander(text["sources"], icon=":material/menu_book:"):
        st.markdown(text["sources_say"])
        st.markdown(
            "\n".join(f"- [{one.text}]({one.link})" for one in items.sources().values())
        )
