"""The instructor's own questions: chosen, tried, edited, deleted, one or many."""

from __future__ import annotations

import streamlit as st

from classroom.people.roles import Instructor, NotAllowed
from classroom.questions import custom_questions
from classroom.questions.bank import bank
from classroom.questions.custom_questions import CustomQuestion
from store.database import DatabaseAway
from ui.classes.bank import bank_question
from ui.classes.bank.bank_question import counted, page_words
from ui.kit import cache, state, widgets, words
from ui.kit.questions import question_language
from ui.session import permissions

ALL = "all"


def _delete(*names: str) -> None:
    """Deletes questions of the instructor who is signed in by now."""
    text = page_words("list")
    try:
        count = custom_questions.remove(permissions.require_instructor(), *names)
    except (NotAllowed, DatabaseAway) as refusal:  # gone already, from another window
        state.BANK_MESSAGE.set(words.refusal(refusal))
        return
    cache.class_bank.clear()
    state.BANK_MESSAGE.set(counted(text, "deleted", count))
    state.BANK_CHOSEN.set([])


def _delete_chosen() -> None:
    _delete(*state.BANK_CHOSEN.get())


def _groups(mine: list[CustomQuestion]) -> dict[str, str]:
    """What the list can be cut down to: a file, or a category."""
    text = page_words("list")
    found = {ALL: counted(text, "all", len(mine))}
    for name in dict.fromkeys(one.file for one in mine if one.file):
        count = sum(one.file == name for one in mine)
        found[f"file:{name}"] = text["of_file"].format(name=name, count=count)
    for name in dict.fromkeys(one.item.category for one in mine if one.item.category):
        count = sum(one.item.category == name for one in mine)
        found[f"category:{name}"] = text["of_category"].format(name=name, count=count)
    return found


def _in(group: str, one: CustomQuestion) -> bool:
    kind, _, name = group.partition(":")
    if kind == "file":
        return one.file == name
    return kind != "category" or one.item.category == name


def show(who: Instructor) -> None:
    """All of them, or those of a file or category."""
    text, mine = page_words("list"), custom_questions.mine(who)
    if not mine:
        st.caption(text["none"])
        return
    st.markdown(counted(text, "count", len(mine)))
    groups = _groups(mine)
    with st.container(width=480):
        group = widgets.selection(state.BANK_GROUP, text["group"], groups)
    shown = [one for one in mine if _in(group, one)]
    place = {one.id: number for number, one in enumerate(mine, 1)}
    names = {one.id: f"{place[one.id]}. {one.item.name}" for one in shown}
    _many(names)
    by_id = {one.id: one for one in shown}
    if state.BANK_OWN.get() not in by_id:
        state.BANK_OWN.set(shown[0].id)
    with st.container(width=480):
        chosen = by_id[widgets.selection(state.BANK_OWN, text["choose"], names)]
    _one(chosen)


def _many(names: dict[str, str]) -> None:
    """Deletes all that the list shows, or several of them."""
    text = page_words("list")
    with st.popover(text["delete_many"], icon=":material/delete_sweep:"):
        state.BANK_CHOSEN.keep_valid(
            [name for name in state.BANK_CHOSEN.get() or () if name in names]
        )
        chosen = st.multiselect(
            text["chosen"],
            list(names),
            format_func=names.__getitem__,
            placeholder=text["choose_some"],
            **state.BANK_CHOSEN.widget,
        )
        st.button(
            counted(text, "delete_chosen", len(chosen)),
            key="bank_delete_chosen",
            on_click=_delete_chosen,
            disabled=not chosen,
        )
        st.divider()
        st.button(
            counted(text, "delete_shown", len(names)),
            key="bank_delete_shown",
            on_click=_delete,
            args=tuple(names),
        )
        st.caption(text["delete_say"])


def _one(chosen: CustomQuestion) -> None:
    text = page_words("list")
    with st.container(border=True):
        way = widgets.choice(state.BANK_WAY, text["way"], text.table("ways"))
        if way == "try":
            bank_question.preview(chosen)
        elif way == "edit":
            bank_question.edit(chosen)
        else:
            bank_question.show(chosen.item)
        st.caption(
            text["step"].format(
                step=bank(question_language.current()).steps[chosen.step]
            )
            + (f" · {text['came_in'].format(name=chosen.file)}" if chosen.file else "")
        )
        st.button(
            text["delete"],
            icon=":material/delete:",
            key="bank_delete_one",
            on_click=_delete,
            args=(chosen.id,),
        )
