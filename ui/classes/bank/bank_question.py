"""An own question: what it holds, tried as a student tries it, and edited."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from classroom.content import rich
from classroom.escape import escape_markdown
from classroom.people.roles import NotAllowed
from classroom.questions import custom_questions, grading
from classroom.questions.bank import bank, remember
from classroom.questions.custom_questions import CustomQuestion
from classroom.questions.gift import GiftChoice, GiftItem, GiftRefused, Near
from classroom.questions.question_state import QuestionState
from classroom.questions.variants import Variant
from store.database import DatabaseAway
from ui.kit import cache, state, words
from ui.kit.questions import answers, feedback, question_language
from ui.kit.questions.answers import AnswerFrame
from ui.session import permissions

SPARE = 2  # empty rows for further answers


def page_words(section: str) -> words.PageWords:
    """The tab's words."""
    return words.page("class_bank").table(section)


def counted(text: words.PageWords, name: str, count: int) -> str:
    """The words for one, or for more; what is to be filled in later stays."""
    chosen = text[f"{name}_1" if count == 1 else name]
    return chosen.replace("{count}", words.figures(f"{count:,}"))


# --- what it holds --------------------------------------------------------------------


def show(item: GiftItem) -> None:
    """A question as a student will see its text, with its answers marked."""
    text = page_words("list")
    put = rich.markdown if item.rich else escape_markdown
    st.caption(page_words("kind")[item.kind])
    st.markdown(put(item.ask))
    for choice in item.choices:
        shown = escape_markdown(choice.text) if item.kind == "short" else None
        _answer(item, choice, shown or put(choice.text), put(choice.say))
    if item.value is not None:
        st.markdown(f"✓ {_number(item.value, item.within)}")
    for near in item.nears:
        mark, worth = ("✓", "") if near.share >= 100 else ("✗", _worth(near.share))
        near_feedback = f" – {put(near.say)}" if near.say else ""
        st.markdown(f"{mark} {_number(near.value, near.within)}{worth}{near_feedback}")
    if item.otherwise:
        st.markdown(f"✗ {text['otherwise']} – {put(item.otherwise)}")
    if item.why:
        st.caption(text["model" if item.kind == "open" else "after"])
        st.markdown(put(item.why))
    for point in item.points:
        st.markdown(rich.item(put(point)))


def _answer(item: GiftItem, choice: GiftChoice, shown: str, feedback: str) -> None:
    text = page_words("list")
    after = f" – {feedback}" if feedback else ""
    if item.kind == "match":
        put = rich.markdown if item.rich else escape_markdown
        left = shown or f"*{text['nothing']}*"
        st.markdown(f"{left} – {text['pair']} – {put(choice.to)}")
        return
    mark = text["right" if choice.right else "wrong"]
    worth = _worth(choice.worth) if choice.share else ""
    sign = "✓" if choice.right else "✗"
    if rich.is_block(shown):
        st.markdown(f"{sign} ({mark}){worth}{after}")
        st.markdown(shown)
    else:
        st.markdown(f"{sign} {shown} ({mark}){worth}{after}")


def _worth(share: float) -> str:
    return (
        " · " + page_words("list")["worth"].format(share=f"{share:.5g}")
        if share
        else ""
    )


def _number(value: float, within: float) -> str:
    shown = page_words("list")["value"].format(
        value=f"{value:.12g}", within=f"{within:.12g}"
    )
    return shown


# --- as a student sees it -------------------------------------------------------------


def preview(one: CustomQuestion) -> None:
    """The question to be tried; nothing of it is kept."""
    question = custom_questions.as_question(one)
    remember([question])
    variant, text = Variant(one.id, 1), page_words("list")
    posed = question_language.pose(variant)
    name = f"bank_try_{one.id}"
    st.caption(
        words.page("quiz").table("kind")[posed.kind],
    )
    st.markdown(posed.ask)
    with st.form(name, border=False):
        answers.draw(posed, AnswerFrame(name))
        pressed = st.form_submit_button(text["check"], icon=":material/check:")
    if not pressed:
        return
    answer = answers.held(posed, name)
    grade = grading.grade(question, variant, answer)
    if not grade.self_assessed:
        feedback.verdict(grade, QuestionState(variant))
    if grade.counts or grade.self_assessed:
        feedback.solution(variant, None)


# --- edited ---------------------------------------------------------------------------


def edit(one: CustomQuestion) -> None:
    """A form with all that the question holds."""
    text, item, key = page_words("edit"), one.item, f"bank_edit_{one.id}"
    if message := state.BANK_EDIT_MESSAGE.get():
        st.error(escape_markdown(message), icon=":material/block:")
        state.BANK_EDIT_MESSAGE.set("")
    st.caption(text["marks" if item.rich else "plain"])
    with st.form(key, border=False):
        st.text_input(text["name"], item.name, key=f"{key}_name", max_chars=120)
        st.text_area(text["ask"], item.ask, key=f"{key}_ask", height=140)
        if item.kind == "number":
            _numbers(item, key)
        elif item.kind != "open":
            _rows(item, key)
        if item.kind in ("short", "number"):
            st.text_input(text["otherwise"], item.otherwise, key=f"{key}_otherwise")
        st.text_area(
            text["model" if item.kind == "open" else "why"],
            "\n".join([item.why, *(f"* {point}" for point in item.points)]).strip(),
            key=f"{key}_why",
            help=text["points"] if item.kind == "open" else None,
        )
        st.checkbox(text["rich"], item.rich, key=f"{key}_rich", help=text["marks"])
        steps = dict(bank(question_language.current()).steps)
        st.selectbox(
            page_words("import")["step"],
            list(steps),
            list(steps).index(one.step),
            format_func=steps.__getitem__,
            key=f"{key}_step",
        )
        st.form_submit_button(
            text["save"], icon=":material/save:", on_click=_save, args=(one.id, item)
        )
    st.caption(text["keeps"])


def _rows(item: GiftItem, key: str) -> None:
    """A row an answer, and some to be filled in."""
    text = page_words("edit")
    st.markdown(text["answers"])
    for at, choice in enumerate([*item.choices, *[GiftChoice("")] * SPARE]):
        if item.kind == "match":
            left, right = st.columns(2)
            left.text_area(text["left"], choice.text, key=f"{key}_{at}_text", height=68)
            right.text_area(text["right"], choice.to, key=f"{key}_{at}_to", height=68)
            continue
        first, second, third = st.columns([4, 2, 4])
        first.text_area(text["answer"], choice.text, key=f"{key}_{at}_text", height=68)
        second.number_input(
            text["share"],
            -100.0,
            100.0,
            _percent(item, choice),
            step=1.0,
            format="%.5g",
            key=f"{key}_{at}_share",
        )
        third.text_area(text["say"], choice.say, key=f"{key}_{at}_say", height=68)


def _percent(item: GiftItem, choice: GiftChoice) -> float:
    if item.kind != "several" or choice.share is not None or not choice.right:
        return choice.worth
    return round(100 / sum(one.right for one in item.choices), 5)


def _numbers(item: GiftItem, key: str) -> None:
    text = page_words("edit")
    st.markdown(text["numbers"])
    rows = [Near(item.value or 0.0, item.within, "", 100.0), *item.nears]
    for at, near in enumerate([*rows, *[None] * SPARE]):
        first, second, third, fourth = st.columns([3, 2, 2, 4])
        value = "" if near is None else f"{near.value:.12g}"
        within = "" if near is None else f"{near.within:.12g}"
        first.text_input(text["value"], value, key=f"{key}_{at}_value")
        second.text_input(text["within"], within, key=f"{key}_{at}_within")
        third.number_input(
            text["share"],
            0.0,
            100.0,
            0.0 if near is None else near.share,
            step=1.0,
            format="%.5g",
            key=f"{key}_{at}_share",
        )
        feedback = "" if near is None else near.say
        fourth.text_area(text["say"], feedback, key=f"{key}_{at}_say", height=68)


def _save(question: str, item: GiftItem) -> None:
    """Puts what the form holds in the question's place, if it can be asked."""
    key = f"bank_edit_{question}"

    def held(name: str) -> str:
        return str(state.held(f"{key}_{name}") or "").strip()

    rows = len(item.choices) + SPARE
    changed = replace(
        item,
        name=held("name"),
        ask=held("ask"),
        why=held("why"),
        points=(),
        otherwise=held("otherwise"),
        rich=bool(state.held(f"{key}_rich")),
    )
    try:
        if item.kind == "number":
            changed = _with_numbers(changed, key)
        elif item.kind != "open":
            changed = replace(changed, choices=_choices(item, key, rows))
        who = permissions.require_instructor()
        changed = custom_questions.checked(changed)
        step = str(state.held(f"{key}_step"))
        state.BANK_OWN.set(custom_questions.replace_with(who, question, changed, step))
    except (GiftRefused, NotAllowed, DatabaseAway, ValueError) as refusal:
        state.BANK_EDIT_MESSAGE.set(words.refusal(refusal))
        return
    cache.class_bank.clear()
    state.BANK_MESSAGE.set(page_words("edit")["saved"])


def _choices(item: GiftItem, key: str, rows: int) -> tuple[GiftChoice, ...]:
    found = []
    for at in range(rows):
        fields = {
            name: str(state.held(f"{key}_{at}_{name}") or "").strip()
            for name in ("text", "to", "say")
        }
        share = float(state.held(f"{key}_{at}_share") or 0.0)
        if not fields["text"] and not fields["to"]:
            continue
        full = share > 0 if item.kind == "several" else share >= 100
        choice = GiftChoice(fields["text"], full, fields["say"], fields["to"])
        if share and not (full and item.kind != "several"):
            choice = replace(choice, share=share)
        found.append(choice)
    return tuple(found)


def _with_numbers(item: GiftItem, key: str) -> GiftItem:
    nears = []
    for at in range(len(item.nears) + 1 + SPARE):
        value, within, feedback = (
            str(state.held(f"{key}_{at}_{name}") or "").strip()
            for name in ("value", "within", "say")
        )
        if value:
            number = custom_questions.number(f"{value}:{within}" if within else value)
            share = float(state.held(f"{key}_{at}_share") or 0.0)
            nears.append(Near(*number, feedback, share))
    return custom_questions.with_numbers(item, nears)
