"""The instructor's tab for questions: the bank out to Moodle, their own in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import streamlit as st

from classroom import gift, own
from classroom.escape import escape_markdown
from classroom.gift import GiftRefused, Item
from classroom.own import Own
from classroom.questions import bank
from classroom.roles import Instructor, NotAllowed
from store.database import DatabaseAway
from ui import permissions, state, uploads, widgets
from ui import words as all_words
from ui.export_routes import address

FEW = 20  # refused blocks that are named


def _text(section: str) -> dict[str, Any]:
    return all_words.page("class_bank")[section]  # type: ignore[no-any-return]


def _counted(say: dict[str, Any], name: str, count: int) -> str:
    """The words for one, or for more."""
    return str(say[f"{name}_1" if count == 1 else name].format(count=count))


def show(who: Instructor) -> None:
    """The tab."""
    _export(who)
    _import()
    _list(who)


def _export(who: Instructor) -> None:
    say = _text("export")
    exported = own.export(who, state.BANK_SEED.get())
    st.header(say["heading"], anchor=False)
    mine = exported.questions + len(exported.left_out) - len(bank().questions)
    st.markdown(
        say["say"].format(count=exported.questions - mine, all=len(bank().questions))
    )
    st.caption(
        say["left_out"].format(
            count=len(exported.left_out), names=", ".join(exported.left_out)
        )
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        state.BANK_SEED.settle(max(1, state.BANK_SEED.get()))
        seed = st.number_input(
            say["seed"], 1, 99_999_999, step=1, width=180, **state.BANK_SEED.widget
        )
        asked = urlencode({"format": "gift", "seed": seed})
        st.link_button(say["download"], address(asked), icon=":material/download:")


# --- in -------------------------------------------------------------------------------


def _keep(items: tuple[Item, ...]) -> None:
    say = _text("import")
    try:
        who = permissions.require_instructor()
        count = own.add(who, items, state.BANK_STEP.get())
    except (GiftRefused, NotAllowed, DatabaseAway) as refusal:
        state.BANK_SAID.set(str(refusal))
        return
    state.BANK_SAID.set(_counted(say, "kept", count))
    uploads.drop(st.session_state.get(f"bank_file_{state.BANK_FILES.get()}"))
    state.BANK_FILES.set(state.BANK_FILES.get() + 1)


def _import() -> None:
    say = _text("import")
    st.header(say["heading"], anchor=False)
    st.markdown(say["say"].format(megabytes=gift.BYTES // 1_000_000))
    if said := state.BANK_SAID.get():
        st.info(said, icon=":material/info:")
        state.BANK_SAID.set("")
    uploaded = st.file_uploader(
        say["file"],
        ["txt", "gift"],
        key=f"bank_file_{state.BANK_FILES.get()}",
        max_upload_size=gift.BYTES // 1_000_000,
    )
    if uploaded is None:
        return
    try:
        found = own.read(uploaded.getvalue())
    except GiftRefused as refusal:
        st.error(str(refusal), icon=":material/block:")
        return
    _refused(found)
    if not found.items:
        st.warning(say["nothing"])
        return
    st.success(_counted(say, "read", len(found.items)), icon=":material/check:")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=340):
            widgets.selection(state.BANK_STEP, say["step"], dict(bank().steps))
        st.button(
            _counted(say, "keep", len(found.items)),
            type="primary",
            icon=":material/library_add:",
            on_click=_keep,
            args=(found.items,),
        )
    st.caption(say["step_help"])
    for item in found.items:
        with st.expander(escape_markdown(item.name)):
            _question(item)


def _refused(found: gift.Read) -> None:
    """Blocks that are no question of ours, with line and reason."""
    say, problems = _text("import"), found.problems
    if not problems:
        return
    lines = [
        say["problem"].format(
            line=problem.line,
            name=escape_markdown(problem.name),
            what=escape_markdown(problem.what),
        )
        for problem in problems[:FEW]
    ]
    if len(problems) > FEW:
        lines.append(say["more"].format(count=len(problems) - FEW))
    listed = "\n".join(f"- {line}" for line in lines)
    st.warning(
        f"{_counted(say, 'refused', len(problems))}\n\n{listed}", icon=":material/rule:"
    )


def _question(item: Item) -> None:
    """A question as it was typed, its answers marked."""
    say = _text("list")
    st.caption(_text("kind")[item.kind])
    st.text(item.ask)
    for choice in item.choices:
        if item.kind == "match":
            st.text(f"{choice.text} – {say['pair']} – {choice.to}")
        else:
            mark = say["right" if choice.right else "wrong"]
            after = f" – {choice.say}" if choice.say else ""
            st.text(f"{'✓' if choice.right else '✗'} {choice.text} ({mark}){after}")
    if item.value is not None:
        st.text(f"✓ {say['value'].format(value=item.value, within=item.within)}")
    for near in item.nears:
        st.text(f"✗ {near.value:g} – {near.say}")
    if item.why:
        st.caption(say["model" if item.kind == "open" else "after"])
        st.text(item.why)
    for point in item.points:
        st.text(f"• {point}")


# --- what is kept ---------------------------------------------------------------------


def _delete(name: str) -> None:
    try:
        own.remove(permissions.require_instructor(), name)
    except (NotAllowed, DatabaseAway) as refusal:  # gone already; signed out
        state.BANK_SAID.set(str(refusal))
        return
    state.BANK_SAID.set(_text("list")["deleted"])


def _list(who: Instructor) -> None:
    say, mine = _text("list"), own.mine(who)
    if not mine:
        st.caption(say["none"])
        return
    st.markdown(_counted(say, "count", len(mine)))
    by_id = {one.id: one for one in mine}
    names = {one.id: f"{number}. {one.item.name}" for number, one in enumerate(mine, 1)}
    if state.BANK_OWN.get() not in by_id:
        state.BANK_OWN.set(mine[0].id)
    with st.container(width=480):
        chosen: Own = by_id[widgets.selection(state.BANK_OWN, say["choose"], names)]
    with st.container(border=True):
        _question(chosen.item)
        st.caption(say["step"].format(step=bank().steps[chosen.step]))
        st.button(
            say["delete"],
            icon=":material/delete:",
            on_click=_delete,
            args=(chosen.id,),
        )
