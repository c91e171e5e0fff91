"""The instructor's tab for questions: the bank out to Moodle, their own in."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from classroom.escape import escape_markdown
from classroom.people.roles import Instructor, NotAllowed
from classroom.questions import custom_questions, gift, levels
from classroom.questions.bank import bank
from classroom.questions.gift import GiftRefused, Problem
from classroom.questions.question_files import LEVELS, Bank
from store.database import DatabaseAway
from ui.classes.bank import bank_list, bank_question
from ui.classes.bank.bank_question import counted, page_words
from ui.classes.results.export_routes import address
from ui.kit import cache, state, uploads, widgets, words
from ui.kit.questions import question_language
from ui.session import permissions

FEW = 20  # lines of a list


def show(who: Instructor) -> None:
    """The tab."""
    _levels()
    _export(who)
    _import(who)
    bank_list.show(who)


def _levels() -> None:
    """How many questions each topic has on each level, in a table to be opened."""
    text, names = page_words("levels"), words.page("class_tests").table("level")
    found = levels.by_topic(bank())
    heads = [level for level in LEVELS if any(row[level] for row in found.values())]
    totals = [sum(row[level] for row in found.values()) for level in heads]
    st.header(text["heading"], anchor=False)
    listed = ", ".join(
        f"{names[level]} {total}" for level, total in zip(heads, totals, strict=True)
    )
    st.markdown(text["say"].format(all=sum(totals), levels=listed))
    with st.expander(text["by_topic"], icon=":material/table:"):
        st.dataframe(
            {text["topic"]: [_bank().topics[topic] for topic in found]}
            | {names[one]: [row[one] for row in found.values()] for one in heads}
            | {text["all"]: [sum(row.values()) for row in found.values()]},
            hide_index=True,
            alt=text["alt"].format(count=len(found)),
        )


def _bank() -> Bank:
    return bank(question_language.current())


def _export(who: Instructor) -> None:
    text = page_words("export")
    exported = custom_questions.export(who, state.BANK_SEED.get())
    left_out = question_language.titles(exported.left_out)
    st.header(text["heading"], anchor=False)
    mine = exported.questions + len(exported.left_out) - len(bank().questions)
    st.markdown(
        text["say"].format(count=exported.questions - mine, all=len(bank().questions))
    )
    st.caption(
        text["left_out"].format(
            count=len(exported.left_out), names=", ".join(left_out.values())
        )
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        state.BANK_SEED.keep_valid(max(1, state.BANK_SEED.get()))
        seed = st.number_input(
            text["seed"], 1, 99_999_999, step=1, width=180, **state.BANK_SEED.widget
        )
        asked = urlencode({"format": "gift", "seed": seed})
        st.link_button(text["download"], address(asked), icon=":material/download:")


# --- in -------------------------------------------------------------------------------


def _keep() -> None:
    """Keeps what the page has just shown, for the instructor signed in by now."""
    text = page_words("import")
    try:
        who = permissions.require_instructor()
        _, name, found = state.BANK_FOUND.get()
        added = custom_questions.add(who, found.items, state.BANK_STEP.get(), name)
    except (GiftRefused, NotAllowed, DatabaseAway) as refusal:
        state.BANK_MESSAGE.set(words.refusal(refusal))
        return
    cache.class_bank.clear()
    message = counted(text, "kept", added.kept)
    if added.there:
        message += " " + counted(text, "there", added.there)
    state.BANK_MESSAGE.set(message)
    uploads.drop(state.held(f"bank_file_{state.BANK_FILES.get()}"))
    state.BANK_FILES.set(state.BANK_FILES.get() + 1)
    state.BANK_FOUND.set(None)


def _import(who: Instructor) -> None:
    text = page_words("import")
    st.header(text["heading"], anchor=False)
    st.markdown(text["say"])
    if message := state.BANK_MESSAGE.get():
        st.info(message, icon=":material/info:")
        state.BANK_MESSAGE.set("")
    uploaded = st.file_uploader(
        text["file"],
        ["txt", "gift"],
        key=f"bank_file_{state.BANK_FILES.get()}",
        max_upload_size=gift.BYTES // 1_000_000,
    )
    if uploaded is None:
        return
    known = state.BANK_FOUND.get()
    if known is None or known[0] != uploaded.file_id:
        try:
            found = custom_questions.read(uploaded.getvalue())
        except GiftRefused as refusal:
            st.error(escape_markdown(words.refusal(refusal)), icon=":material/block:")
            return
        known = uploaded.file_id, uploaded.name, found
        state.BANK_FOUND.set(known)
    _found(who, known[2])


def _found(who: Instructor, found: gift.Read) -> None:
    """What a file holds, what of it was read, and what becomes of it."""
    text = page_words("import")
    kinds = ", ".join(
        text["of_kind"].format(count=count, kind=page_words("kind")[kind])
        for kind, count in found.kinds.items()
    )
    summary = counted(text, "held", found.held).format(
        read=len(found.items), refused=len(found.problems)
    )
    if found.sentence:
        st.warning(
            escape_markdown(words.refusal(found.sentence)), icon=":material/translate:"
        )
    whole = found.items and not found.problems
    (st.success if whole else st.warning)(
        f"{summary} {text['kinds'].format(kinds=kinds)}" if kinds else summary,
        icon=":material/check:" if whole else ":material/rule:",
    )
    _lines("refused", found.problems)
    _lines("noted", found.notes)
    _lines("described", found.descriptions)
    if not found.items:
        return
    fresh = custom_questions.new_ones(who, found.items)
    if there := len(fresh) - sum(fresh):
        st.info(counted(text, "there", there), icon=":material/content_copy:")
    if any(fresh):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            with st.container(width=340):
                widgets.selection(state.BANK_STEP, text["step"], dict(_bank().steps))
            st.button(
                counted(text, "keep", sum(fresh)),
                type="primary",
                icon=":material/library_add:",
                on_click=_keep,
            )
        st.caption(text["step_help"])
    names = {
        at: text["one"].format(line=line, name=item.name)
        for at, (line, item) in enumerate(zip(found.lines, found.items, strict=True))
    }
    at = widgets.selection(state.BANK_LOOK, text["look"], names)
    with st.container(border=True):
        bank_question.show(found.items[at])


def _lines(name: str, problems: tuple[Problem, ...]) -> None:
    """Notes on some questions, each with its line."""
    text = page_words("import")
    if not problems:
        return
    lines = [
        text["problem"].format(
            line=problem.line,
            name=escape_markdown(problem.name),
            what=escape_markdown(words.refusal(problem.what)),
        )
        for problem in problems[:FEW]
    ]
    with st.expander(
        counted(text, name, len(problems)),
        icon=":material/rule:" if name == "refused" else ":material/notes:",
        expanded=name == "refused",
    ):
        st.markdown("\n".join(f"- {line}" for line in lines))
        if more := problems[FEW:]:
            numbers = ", ".join(str(problem.line) for problem in more[:200])
            st.caption(text["more"].format(count=len(more), lines=numbers))
