"""What the lesson page shows round its live things: words, question, steps, notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache as once
from functools import cached_property
from typing import Any, Literal, NamedTuple
from urllib.parse import urlencode

import streamlit as st

from classroom.content import code_2012, numbers
from classroom.content import lesson as content
from classroom.content.lesson import Lesson, Step
from classroom.content.lesson_files import Source
from classroom.content.numbers import Number
from classroom.content.terms import Finder
from lab import datasets, outcome, spread
from lab.recordings import Recording
from model import measured as recorded
from model import pace, paper, weights
from model.network import shapes
from model.network.specs import ORIGINAL
from ui import script
from ui.following import follow, languages
from ui.following.follow import Part
from ui.kit import cache, state, widgets, words
from ui.kit.components import keys
from ui.lesson import glossary as lesson_glossary
from ui.lesson.live import LIVE, past
from ui.lesson.live.parts import Say

ROW = weights.get(weights.DEFAULT)
CLAIMS = ("claim", "lesson", "paper", "authors", "app", "why")  # columns
Role = Literal["read", "present", "notes"]


class Shown(NamedTuple):
    """A step's texts as Markdown, words of the glossary linked where they are first."""

    body: str
    question: str
    answer: str


@dataclass(frozen=True)
class Opened:
    """The lesson in the visitor's language, and where they are."""

    lesson: Lesson
    step: Step
    at: int  # place among the steps
    known: Mapping[str, Number]  # the numbers that the words name
    part: Part | None = None  # the visitor's, in a class

    def say(self, text: str) -> str:
        """Words as Markdown: numbers filled in, glossary words linked."""
        return self.lesson.say(text, self.known)

    @cached_property
    def finder(self) -> Finder:
        """Of the glossary's words in the step, whose language may be another."""
        return content.load(self.step.language).finder

    def _said(self, *texts: str) -> tuple[str, ...]:
        return self.lesson.say_step(texts, self.known, self.finder)

    @cached_property
    def shown(self) -> Shown:
        """The step's texts in the order of reading."""
        return Shown(*self._said(self.step.body, self.step.question, self.step.answer))

    @cached_property
    def noted(self) -> tuple[str, ...]:
        """Note, question and answer, as the presenter's second window has them."""
        return self._said(self.step.note, self.step.question, self.step.answer)

    def word(self, name: str, **fields: object) -> str:
        """What stands on a button or over a part."""
        return str(self.lesson.words[name]).format(**fields)

    @property
    def last(self) -> int:
        """The place of the last step."""
        return len(self.lesson.steps) - 1


def measured(lesson: Lesson) -> dict[str, Number]:
    """The numbers that are not computed or cited, but measured with this app."""
    figures = recorded.figures(ROW.name)
    assert ROW.top1 is not None and ROW.top5 is not None and figures is not None
    trained = pace.recorded(ROW.spec.input_size).pace
    days = pace.training_days(paper.IMAGES, paper.EPOCHS, trained)
    return {
        "steps": Number(len(lesson.steps)),
        "app_parameters": Number(shapes.totals(ROW.spec).parameters),
        "app_classes": Number(ROW.spec.classes),
        "app_top1_error": Number(1 - ROW.top1, ".0%"),
        "app_top5_error": Number(1 - ROW.top5, ".1%"),
        "app_dropout": Number(figures.recipe["dropout"], ".0%"),
        **{name: Number(value) for name, value in numbers.SHIPPED.items()},
        "app_days": Number(days, ",.0f"),
        "app_pace": Number(trained, ",.0f"),
        "hardware_years": Number(recorded.trained_in(ROW.name) - ORIGINAL.year),
        **_recorded(),
    }


def _recorded() -> dict[str, Number]:
    """The paper's factor in the recorded runs on CIFAR-10: see /relu-vs-tanh."""
    whole, of_2012, today = (
        cache.recordings()[f"relu-{x}-cifar"] for x in ("19pct", "2012", "today")
    )
    relu, tanh = (
        one.mean for one in spread.spreads(whole.by_seed) if one.mean is not None
    )
    starts = [
        outcome.first_losses(experiment, events)["ReLU"]
        for experiment, events in today.by_seed
    ]
    losses = [loss for loss, _ in starts]

    def times(recording: Recording, first: str, last: str) -> Number:
        return Number(spread.factor(recording.by_seed, first, last).mean, ".1f")

    return {
        "recorded_all": Number(_images(whole)),
        "recorded_all_seeds": Number(len(whole.seeds)),
        "tanh_slower_all": times(whole, "ReLU", "tanh"),
        "relu_epochs_all": Number(relu, ".1f"),
        "tanh_epochs_all": Number(tanh, ".0f"),
        "recorded_few": Number(_images(of_2012)),
        "recorded_seeds": Number(len(of_2012.seeds)),
        "tanh_slower_2012": times(of_2012, "ReLU", "tanh"),
        "relu_slower_today": times(today, "tanh", "ReLU"),
        "he_loss_least": Number(min(losses), ".1f"),
        "he_loss_most": Number(max(losses), ".1f"),
        "guess_loss": Number(starts[0][1], ".2f"),
    }


def _images(recording: Recording) -> int:
    """How many images it was trained on; all of CIFAR-10's where it does not say."""
    return recording.experiment.arms[0].pictures or datasets.MOST_DRAWN


@once
def _known(language: str) -> Mapping[str, Number]:
    """The numbers that the words name: the same in every run."""
    return numbers.numbers(measured(content.load(language)))


def open_lesson(part: Part | None = None) -> Opened:
    """The lesson and the step that the address says; nonsense becomes the first."""
    if state.LANGUAGE.get() not in content.languages():
        state.LANGUAGE.set(state.LANGUAGE.default)
    lesson = content.load(state.LANGUAGE.get())
    slugs = [step.slug for step in lesson.steps]
    if state.STEP.get() not in slugs:
        state.STEP.set(state.STEP.default)
    at = slugs.index(state.STEP.get())
    known = _known(lesson.language)
    return Opened(lesson, lesson.steps[at], at, known, part)


# --- moving -------------------------------------------------------------------------


def _go(opened: Opened, place: int, revealed: bool = False) -> None:
    """To a step, its answer covered unless it is wished for."""
    state.STEP.set(opened.lesson.steps[place].slug)
    _reveal(revealed)


def _reveal(wanted: bool) -> None:
    state.REVEAL.set(int(wanted))


def _keys(opened: Opened, role: Role) -> None:
    leads = opened.part is not None and opened.part.leads
    keys.keys(
        keys.Texts(
            opened.word("class_join_keys" if leads else "keys"),
            on=opened.word("keys_on"),
            off=opened.word("keys_off"),
        ),
        key="lesson_keys",
        at=opened.at,
        last=opened.last,
        revealed=bool(state.REVEAL.get()),
        role=role,
        on_wish=lambda place, revealed: _go(opened, place, revealed),
        on_join=(lambda: state.JOIN.set(True)) if leads else None,
    )


def _moves(opened: Opened) -> None:
    """To the step before and the next one."""
    with st.container(horizontal=True, gap="small"):
        st.button(
            opened.word("previous"),
            on_click=_go,
            args=(opened, opened.at - 1),
            disabled=opened.at == 0,
            icon=":material/arrow_back:",
            key="previous_step",
        )
        st.button(
            opened.word("next"),
            on_click=_go,
            args=(opened, opened.at + 1),
            disabled=opened.at == opened.last,
            icon=":material/arrow_forward:",
            icon_position="right",
            key="next_step",
        )


def _progress(opened: Opened) -> None:
    text = opened.word("of", number=opened.at + 1, count=opened.last + 1)
    st.progress((opened.at + 1) / (opened.last + 1), text=text)


def _contents(opened: Opened) -> None:
    """All steps, to choose from."""
    titles = {
        step.slug: f"{number}. {step.title}"
        for number, step in enumerate(opened.lesson.steps, 1)
    }
    state.STEP.settle()
    st.selectbox(
        opened.word("step"),
        list(titles),
        format_func=titles.__getitem__,
        on_change=_reveal,
        args=(False,),
        **state.STEP.widget,
    )


# --- the parts of a step ------------------------------------------------------------


def _missing(opened: Opened) -> None:
    if opened.step.language != opened.lesson.language:
        text = opened.word("missing", language=opened.lesson.name)
        st.info(text, icon=":material/translate:")


def _live(opened: Opened) -> None:
    name = opened.step.live
    say = Say(opened.lesson, opened.known, opened.lesson.words["live"].get(name, {}))
    LIVE[name](say)


def _words(opened: Opened) -> None:
    _missing(opened)
    st.markdown(opened.shown.body)


def _question(opened: Opened) -> None:
    """The question, and its answer once it is asked for."""
    shown = bool(state.REVEAL.get())
    with st.container(border=True):
        st.markdown(f"**{opened.word('question')}**")
        st.markdown(opened.shown.question)
        if shown:
            st.markdown(f"**{opened.word('answer')}**")
            st.markdown(opened.shown.answer)
        st.button(
            opened.word("hide" if shown else "reveal"),
            on_click=_reveal,
            args=(not shown,),
            icon=":material/visibility_off:" if shown else ":material/visibility:",
            key="reveal_answer",
        )


def _doors(opened: Opened) -> None:
    """Pages that go deeper."""
    if not opened.step.doors:
        return
    st.markdown(f"**{opened.word('deeper')}**")
    with st.container(horizontal=True, gap="small"):
        for door in opened.step.doors:
            text = words.page(door.page)
            st.page_link(
                script(door.page),
                label=text["title"],
                icon=text["icon"],
                query_params=dict(door.query),
            )


def _glossary_of_step(opened: Opened, heading: Any, *texts: str) -> None:
    """The glossary's words that texts of a step use: where links in them lead.

    The heading is one level below the step's title.
    """
    used = opened.finder.used(texts)
    if not used:
        return
    heading(opened.word("glossary"), anchor="words")
    st.markdown(lesson_glossary.definitions(opened.lesson, opened.known, used))


def _words_of_step(opened: Opened, heading: Any) -> None:
    """Those of the step itself, the answer's only once it is shown."""
    step = opened.step
    answer = (step.answer,) if state.REVEAL.get() else ()
    _glossary_of_step(opened, heading, step.body, step.question, *answer)


def cited(lesson: Lesson, source: Source) -> str:
    """A source as one line with its link, and what is to be said of it."""
    entry = lesson.tables["references"][source.reference]
    place = f", {source.place}" if source.place else ""
    note = f". {entry['note']}" if "note" in entry else ""
    return f"[{entry['text'].rstrip('.')}]({entry['link']}){place}{note}"


def _sources(opened: Opened) -> None:
    lines = [
        f"- :small[{cited(opened.lesson, source)}]" for source in opened.step.sources
    ]
    st.markdown("\n".join([f"**{opened.word('sources')}**", "", *lines]))


# --- three ways to see it -----------------------------------------------------------


def read(opened: Opened) -> None:
    """A step for one reader. Who is led by a class sees the step itself first."""
    _entitle(opened)
    is_led = opened.part is not None and not opened.part.leads
    with widgets.language(opened.lesson.language):
        if not is_led:
            st.title(words.page("lesson")["heading"], anchor=False)
            _choices(opened)
            follow.controls()
        follow.bar(opened.part)
        _progress(opened)
        if not is_led:
            _keys(opened, "read")
        with widgets.language(opened.step.language, "step"):
            title = st.title if is_led else st.header
            title(opened.step.title, anchor=False)
            _step(opened)
        _moves(opened)
        if is_led:
            _keys(opened, "read")
        st.divider()
        _doors(opened)
        _words_of_step(opened, st.header if is_led else st.subheader)
        _sources(opened)
        st.page_link(
            script("claims"),
            label=opened.word("all_words"),
            icon=":material/fact_check:",
        )
        if is_led:
            _choices(opened)


def _choices(opened: Opened) -> None:
    """Another step, another language, or the whole of it for a class."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        with st.container(width=400):
            _contents(opened)
        with st.container(width="content"):
            languages.switch()
        st.button(
            opened.word("present"),
            on_click=state.PRESENT.set,
            args=(1,),
            icon=":material/present_to_all:",
            key="begin",
        )
    languages.note()


def _entitle(opened: Opened) -> None:
    """The step's title in the browser's tab."""
    title = words.page("lesson")["title"]
    st.set_page_config(page_title=f"{opened.step.title} · {title} · {widgets.LAB}")


def _step(opened: Opened) -> None:
    """Words, live thing and question; side by side where the live thing is narrow."""
    if opened.step.wide:
        left, right = st.columns([3, 2], gap="large")
        with left:
            _words(opened)
        with right:
            _question(opened)
        _live(opened)
    else:
        left, right = st.columns([2, 3], gap="large")
        with left:
            _words(opened)
            _question(opened)
        with right:
            _live(opened)


def presented(opened: Opened) -> None:
    """A step for a class: large, without the sidebar, the notes in another window."""
    _entitle(opened)
    with st.container(key="presented"), widgets.language(opened.lesson.language):
        with widgets.language(opened.step.language, "title"):
            st.title(opened.step.title, anchor=False)
        follow.bar(opened.part)
        _moves(opened)
        with widgets.language(opened.step.language, "step"):
            _step(opened)
        _progress(opened)
        _keys(opened, "present")
        with st.container(horizontal=True, gap="small"):
            st.link_button(
                opened.word("notes"),
                _address(opened, notes=1, **follow.led(opened.part)),
                icon=":material/speaker_notes:",
            )
            st.button(
                opened.word("leave"),
                on_click=state.PRESENT.set,
                args=(0,),
                icon=":material/close_fullscreen:",
                key="leave",
            )
            follow.controls()
        st.divider()
        _words_of_step(opened, st.header)


def _address(opened: Opened, **more: Any) -> str:
    """The lesson's address at this step, from the lesson's own."""
    query = {"step": opened.step.slug, "lang": opened.lesson.language, **more}
    return f"lesson?{urlencode(query)}"


def notes(opened: Opened) -> None:
    """The presenter's notes of a step, with its question and its answer."""
    _entitle(opened)
    with st.container(key="notes"), widgets.language(opened.lesson.language):
        _notes(opened)


def _notes(opened: Opened) -> None:
    note, question, answer = opened.noted
    st.title(opened.step.title, anchor=False)
    follow.watch()
    _progress(opened)
    st.markdown(f"**{opened.word('note')}**")
    st.markdown(note)
    st.markdown(f"**{opened.word('question')}**")
    st.markdown(question)
    st.markdown(f"**{opened.word('answer')}**")
    st.markdown(answer)
    if opened.at < opened.last:
        then = opened.lesson.steps[opened.at + 1].title
        st.caption(opened.word("then", title=then))
    else:
        st.caption(opened.word("last"))
    with st.container(horizontal=True, gap="small"):
        for name, move in (("previous", -1), ("next", 1)):
            st.button(
                opened.word(name),
                on_click=_go,
                args=(opened, opened.at + move),
                disabled=not 0 <= opened.at + move <= opened.last,
                key=f"{name}_note",
            )
    st.caption(opened.word("notes_follow"))
    _keys(opened, "notes")
    step = opened.step
    _glossary_of_step(opened, st.header, step.note, step.question, step.answer)


# --- claims, timeline, words, references --------------------------------------------


def claim_rows(opened: Opened) -> dict[str, dict[str, str]]:
    """The claims with all numbers filled in, by name, and with links to sources."""
    rows = {}
    for name, row in opened.lesson.tables["claims"].items():
        said = {key: opened.say(row[key]) for key in CLAIMS}
        reference, _, place = row["source"].partition(" ")
        link = opened.lesson.tables["references"][reference]["link"]
        said["paper"] += f" ([{place}]({link}))"
        if lines := ", ".join(
            place.markdown for place in code_2012.places(row["code"])
        ):
            said["authors"] += f" ({lines})"
        rows[name] = said
    return rows


def claims(opened: Opened) -> None:
    """One table of every number claimed."""
    text = words.page("claims")
    languages.switch()
    languages.note()
    source = {"repository": code_2012.REPOSITORY, "commit": code_2012.COMMIT}
    st.markdown(f":small[{text['says'].format(**source)}]")
    notebook = words.page("training_2012")
    st.page_link(
        script("training_2012"), label=notebook["heading"], icon=notebook["icon"]
    )
    rows = claim_rows(opened)
    widgets.stacked_table(
        {text[field]: [row[field] for row in rows.values()] for field in CLAIMS}
    )


def timeline(opened: Opened) -> None:
    """What came before and after."""
    st.header(words.page("claims")["timeline"], anchor="timeline")
    past.timeline(opened.lesson, opened.known)


def glossary(opened: Opened) -> None:
    """All words, by the alphabet."""
    st.header(words.page("claims")["glossary"], anchor="words")
    terms = lesson_glossary.by_alphabet(opened.lesson)
    st.markdown(lesson_glossary.definitions(opened.lesson, opened.known, terms))


def references(opened: Opened) -> None:
    """All sources, with links."""
    text = words.page("claims")
    st.header(text["references"], anchor="references")
    st.markdown(
        "\n".join(
            f"- {cited(opened.lesson, Source(name, ''))}"
            for name in opened.lesson.tables["references"]
        )
    )
    st.page_link(
        script("lesson"), label=text["back"], icon=words.page("lesson")["icon"]
    )
