"""The concept inventory as a student takes it: one question at a time, no feedback.

In a class the instructor opens both rounds, and every choice goes into the database
at once; while that is away, choices wait in the session. Without a class both forms are
kept in the session alone. Nothing that tells the right option goes to the browser
before the results are released.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import streamlit as st

from classroom.inventory import papers, rounds
from classroom.inventory.items import RIGHT, concepts, other
from classroom.inventory.papers import Question
from classroom.inventory.rounds import (
    MOMENTS,
    InventoryRefused,
    Moment,
    Paper,
    StudentInventory,
)
from classroom.people.roles import Student
from store.database import DatabaseAway
from ui import script
from ui.kit import state, widgets, words
from ui.session import permissions

WIDTH = 720  # pixels: a line that is read easily
EVERY = 4.0  # seconds between two looks at what the instructor has opened


@dataclass
class Sheet:
    """What a visitor's session knows of the inventory."""

    place: int | None = None  # of the question shown, from 0; None: the first open
    waiting: dict[tuple[Moment, str], str] = field(default_factory=dict)  # not saved
    message: str = ""  # a word of the page, to be said once
    own: dict[Moment, Paper] = field(default_factory=dict)  # without a class


def _sheet() -> Sheet:
    found: Sheet | None = state.INVENTORY.get()
    if found is None:
        found = Sheet()
        state.INVENTORY.set(found)
    return found


class Taker(Protocol):
    """Whoever takes the inventory, and where it is kept."""

    def look(self) -> StudentInventory:
        """Both rounds as they are now."""

    def begin(self, moment: Moment) -> None:
        """Their paper, a new one if there is none."""

    def choose(self, moment: Moment, concept: str, choice: str) -> None:
        """One choice, in place of that before."""

    def hand_in(self, moment: Moment) -> None:
        """Ends the paper."""


class Alone:
    """A visitor without a class; each round opens when they want it."""

    def look(self) -> StudentInventory:
        own = _sheet().own
        done = [moment for moment in MOMENTS if moment in own and own[moment].handed_in]
        left = [moment for moment in MOMENTS if moment not in done]
        return StudentInventory(left[0] if left else None, own, not left, True)

    def begin(self, moment: Moment) -> None:
        own = _sheet().own
        if moment in own:
            return
        seed = secrets.randbelow(papers.LAST_SEED) + 1
        known = own.get("before")
        form = papers.first_form(seed, 0) if known is None else other(known.form)
        own[moment] = Paper(moment, form, seed, False, {})

    def choose(self, moment: Moment, concept: str, choice: str) -> None:
        paper = _sheet().own[moment]
        _sheet().own[moment] = replace(
            paper, choices={**paper.choices, concept: choice}
        )

    def hand_in(self, moment: Moment) -> None:
        _sheet().own[moment] = replace(_sheet().own[moment], handed_in=True)


@dataclass(frozen=True)
class InClass:
    """A student of a class."""

    student: Student

    def look(self) -> StudentInventory:
        self._save()
        found, waiting = rounds.of_student(self.student), _sheet().waiting
        if not waiting:
            return found
        shown = {
            moment: replace(paper, choices={**paper.choices, **_of(waiting, moment)})
            for moment, paper in found.papers.items()
        }
        return replace(found, papers=shown)

    def _save(self) -> None:
        """What waits, as far as the database and the rounds let us."""
        sheet = _sheet()
        for moment in MOMENTS:
            if not (given := _of(sheet.waiting, moment)):
                continue
            try:
                rounds.choose(self.student, moment, given)
            except InventoryRefused:
                sheet.message = "too_late"
            except DatabaseAway:
                return
            for concept in given:
                del sheet.waiting[moment, concept]

    def begin(self, moment: Moment) -> None:
        rounds.begin(self.student, moment)

    def choose(self, moment: Moment, concept: str, choice: str) -> None:
        _sheet().waiting[moment, concept] = choice
        self._save()

    def hand_in(self, moment: Moment) -> None:
        self._save()
        if not _of(_sheet().waiting, moment):
            rounds.hand_in(self.student, moment)


def _of(waiting: Mapping[tuple[Moment, str], str], moment: Moment) -> dict[str, str]:
    return {
        concept: choice for (at, concept), choice in waiting.items() if at == moment
    }


def _taker() -> Taker:
    """Asked again by each click.

    Raises:
        DatabaseAway: it cannot be known who this is.
    """
    student = permissions.student()
    return Alone() if student is None else InClass(student)


def _text() -> words.PageWords:
    return words.page("inventory")


# --- the page -------------------------------------------------------------------------


def show() -> None:
    """Begin, the questions, or the results, whatever it is time for."""
    try:
        taker = _taker()
        now = taker.look()
    except DatabaseAway:
        widgets.open_page("inventory")
        st.fragment(_come_back, run_every=EVERY)()
        return
    paper = None if now.open is None else now.papers.get(now.open)
    under_way = paper is not None and not paper.handed_in
    if under_way:
        st.title(_text()["title"], anchor=False)
    else:
        widgets.open_page("inventory")
    _message()
    if paper is not None and under_way:
        st.fragment(_question)(paper)
    elif now.open is not None and paper is None:
        _door(now.open, isinstance(taker, Alone))
    elif now.released and now.papers:
        _results(now.papers, isinstance(taker, Alone))
    else:
        _wait(now)
    if isinstance(taker, InClass):
        st.fragment(_watch, run_every=EVERY)((now.open, now.released), [True])


def _message() -> None:
    sheet, text = _sheet(), _text()
    if sheet.message:
        st.warning(text[sheet.message], icon=":material/info:")
        sheet.message = ""
    if sheet.waiting:
        st.warning(text["unsaved"], icon=":material/cloud_off:")


def _come_back() -> None:
    """While the database is away: the page again, as soon as it is back."""
    st.warning(_text()["away"], icon=":material/cloud_off:")
    try:
        _taker().look()
    except DatabaseAway:
        return
    state.rerun()


def _watch(known: tuple[Moment | None, bool], fresh: list[bool]) -> None:
    """Draws the page again when a round has opened or closed, or all is saved."""
    if fresh:  # the page has just looked
        fresh.clear()
        return
    waited = bool(_sheet().waiting)
    try:
        now = _taker().look()
    except DatabaseAway:
        return
    if (now.open, now.released) != known or waited != bool(_sheet().waiting):
        state.rerun()


def _door(moment: Moment, alone: bool) -> None:
    text = _text()
    with st.container(border=True):
        if alone:
            st.markdown(text[f"alone_{moment}"])
        st.button(
            text[f"begin_{moment}"],
            type="primary",
            icon=":material/play_arrow:",
            key=f"inventory_begin_{moment}",
            on_click=_begin,
            args=(moment,),
        )


def _wait(now: StudentInventory) -> None:
    text = _text()
    handed = [x for x in MOMENTS if x in now.papers and now.papers[x].handed_in]
    if handed:
        st.success(text["thanks"], icon=":material/assignment_turned_in:")
        st.markdown(text[f"thanks_{handed[-1]}"])
    elif now.papers:
        st.info(text["over"], icon=":material/lock:")
    else:
        st.info(text["class_wait"], icon=":material/hourglass_empty:")


def _act(moment: Moment, name: str, *given: str) -> None:
    """In a callback: one of a taker's acts, and why it was not possible."""
    try:
        getattr(_taker(), name)(moment, *given)
    except InventoryRefused:
        _sheet().message = "too_late"
    except DatabaseAway:
        _sheet().message = "away"


def _begin(moment: Moment) -> None:
    _sheet().place = 0
    _act(moment, "begin")


# --- the questions --------------------------------------------------------------------


def _question(paper: Paper) -> None:
    """The question at its place. Clicks in it run nothing else of the page."""
    text, sheet = _text(), _sheet()
    asked = paper.questions(words.language())
    paper = _newest(paper)
    if sheet.place is None:  # the first time, and after a reload
        sheet.place = min((*paper.unanswered, len(asked))) - 1
    sheet.place = min(max(sheet.place, 0), len(asked) - 1)
    one = asked[sheet.place]
    st.caption(
        f"{text['question'].format(number=sheet.place + 1, count=len(asked))} · "
        + text["answered"].format(answered=len(paper.choices), count=len(asked))
    )
    with st.container(key="inventory_question", gap="small"):
        st.html(Path(__file__).with_suffix(".css"))
        _options(paper, one)
    if sheet.waiting:
        st.warning(text["unsaved"], icon=":material/cloud_off:")
    with st.container(horizontal=True, gap="small"):
        st.button(
            text["back"],
            icon=":material/arrow_back:",
            key="inventory_back",
            disabled=sheet.place == 0,
            on_click=_go,
            args=(sheet.place - 1,),
        )
        if sheet.place < len(asked) - 1:
            st.button(
                text["next"],
                icon=":material/arrow_forward:",
                type="primary",
                key="inventory_next",
                on_click=_go,
                args=(sheet.place + 1,),
            )
        else:
            _hand_in_button(paper)
    if sheet.place == len(asked) - 1:
        _what_is_left(paper)


def _newest(paper: Paper) -> Paper:
    """The paper with what was chosen since the page was drawn."""
    try:
        return _taker().look().papers.get(paper.moment, paper)
    except DatabaseAway:
        given = _of(_sheet().waiting, paper.moment)
        return replace(paper, choices={**paper.choices, **given})


def _options(paper: Paper, one: Question) -> None:
    labels = dict(one.options)
    ids, name = list(labels), f"inventory_{paper.moment}_{one.concept}"
    chosen = paper.choices.get(one.concept)
    st.markdown(f"**{one.ask}**")
    st.radio(
        one.ask,
        ids,
        index=ids.index(chosen) if chosen in ids else None,
        format_func=labels.__getitem__,
        key=name,
        label_visibility="collapsed",
        on_change=_chosen,
        args=(paper.moment, one.concept, name),
    )


def _chosen(moment: Moment, concept: str, name: str) -> None:
    choice = state.held(name)
    if isinstance(choice, str):
        _act(moment, "choose", concept, choice)


def _go(place: int) -> None:
    _sheet().place = place


def _hand_in_button(paper: Paper) -> None:
    if st.button(
        _text()["hand_in"],
        icon=":material/done_all:",
        type="primary",
        key="inventory_hand_in",
        on_click=_act,
        args=(paper.moment, "hand_in"),
    ):
        state.rerun()


def _what_is_left(paper: Paper) -> None:
    text, left = _text(), paper.unanswered
    if left:
        places = ", ".join(map(str, left))
        name = "open_1" if len(left) == 1 else "open"
        st.markdown(text[name].format(places=places))
    st.caption(text["final"])


# --- the results ----------------------------------------------------------------------


def _results(taken: Mapping[Moment, Paper], alone: bool) -> None:
    """One's own answers, concept by concept, and what is right."""
    text, all_of = _text(), concepts(words.language())
    right = {
        moment: sum(paper.choices.get(one.id) == RIGHT for one in all_of)
        for moment, paper in taken.items()
    }
    st.header(text["results"], anchor=False)
    if len(taken) == len(MOMENTS):
        st.markdown(text["both"].format(**right, count=len(all_of)))
    else:
        (only,) = right.values()
        st.markdown(text["only"].format(right=only, count=len(all_of)))
    last = taken.get("after") or taken["before"]
    for one in all_of:
        with st.container(border=True, gap="small"):
            st.markdown(f"**{one.name}**")
            st.caption(" · ".join(_standing(taken, moment, one.id) for moment in MOMENTS
                                  if moment in taken))  # fmt: skip
            choice = last.choices.get(one.id)
            if choice is not None and choice != RIGHT:
                option = one.forms[last.form].options[choice]
                st.markdown(text["you_chose"].format(option=f"*{option}*"))
            st.markdown(one.idea)
            st.page_link(
                script(one.page),
                label=f"{text['see']}: {words.page(one.page)['title']}",
                icon=words.page(one.page)["icon"],
            )
    if alone:
        st.button(
            text["again"],
            help=text["again_help"],
            icon=":material/restart_alt:",
            key="inventory_again",
            on_click=_sheet().own.clear,
        )


def _standing(taken: Mapping[Moment, Paper], moment: Moment, concept: str) -> str:
    """ "before: ✓ right"."""
    text, choice = _text(), taken[moment].choices.get(concept)
    if choice is None:
        return f"{text[moment]}: – {text['none']}"
    if choice == RIGHT:
        return f"{text[moment]}: ✓ {text['right']}"
    return f"{text[moment]}: ✗ {text['other']}"
