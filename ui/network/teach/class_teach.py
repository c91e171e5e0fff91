"""A class teaches AlexNet together: the instructor's screen, and the phones.

All pictures are in one set (`ui.kit.teach.class_teaching`), without names. The
instructor sees them as they come, can remove any, and sees how good the layer is; each
student sees their own, and can hold up something new.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from classroom.escape import escape_markdown
from classroom.people import activities
from classroom.people.classes import ClassNow
from classroom.people.codes import spaced
from lab.results import outcome
from model import weights
from model.analysis.features import neighbours
from model.weights import WeightSet
from store.activities import StoredActivity
from ui import script
from ui.following import place, together
from ui.kit import state, widgets, words
from ui.kit.components import teach as component
from ui.kit.components.teach import Act, Card
from ui.kit.teach import class_teaching, teach, teach_routes, teach_workspace
from ui.kit.teach.class_teaching import Desk, Moment, SharedWorkspace, TooManySets
from ui.kit.teach.teach_workspace import Taught, TaughtClass
from ui.network.teach import teach_results
from ui.session import permissions
from viz import curves

EVERY = 2.0  # seconds between two looks at what has come, on the instructor's screen
EVERY_PHONE = 5.0


def page_words() -> words.PageWords:
    """The page's words."""
    return words.page("class_teach")


# --- to begin -------------------------------------------------------------------------


def panel(weight_set: WeightSet) -> None:
    """On /teach, for who has signed in and has an open class: teach it together."""
    if permissions.instructor() is None:
        return
    if neighbours.hidden_layer(weight_set.spec) is None:
        return
    text = teach.page_words().table("together")
    with st.container(border=True, key="teach_together"):
        st.markdown(f"**{text['title']}** {text['say']}")
        course = together.choose_class(text["class"])
        if course is None:
            st.caption(words.page("lab").table("with_class")["no_class"])
            return
        with st.container(horizontal=True, vertical_alignment="bottom"):
            key = state.setting("teach together", "names", text["default"])
            key.keep_valid()
            st.text_input(text["names"], max_chars=200, width=360, **key.widget)
            names = split_names(key.get())
            st.button(
                text["begin"],
                icon=":material/groups:",
                key="class_teach",
                disabled=not names,
                on_click=together.begin,
                args=(
                    "teach",
                    course.id,
                    {"classes": names, "weights": weight_set.name},
                ),
            )
        if not names:
            st.warning(text["names_wrong"], icon=":material/edit:")


def split_names(typed: str) -> list[str]:
    """The names of classes; none if they are too few, too many, or not different."""
    found = [" ".join(x.split())[: teach_workspace.NAME] for x in typed.split(",")]
    found = [one for one in found if one]
    least, most = teach_workspace.LEAST_CLASSES, teach_workspace.MOST_CLASSES
    different = len({one.casefold() for one in found}) == len(found)
    return found if different and least <= len(found) <= most else []


# --- the page -------------------------------------------------------------------------


def page() -> None:
    """The instructor's screen, or a student's phone.

    Raises:
        model.gate.Busy, model.weights.WeightsBroken: the shell says why.
    """
    with widgets.language(words.language()):
        together.report()
        try:
            if permissions.instructor() is not None:
                _lead()
            else:
                _student()
        except TooManySets:
            st.warning(page_words()["too_many"], icon=":material/hourglass_empty:")


def _nothing(sentence: str, leads_to: str, label: str) -> None:
    st.title(page_words()["heading"], anchor=False)
    st.info(sentence, icon=":material/model_training:")
    st.page_link(script(leads_to), label=label, icon=":material/arrow_forward:")


def shared_of(activity: StoredActivity) -> SharedWorkspace:
    """The pictures of an activity.

    Raises:
        TooManySets: the server holds too many.
    """

    def wanted() -> bool:
        now = activities.current(activity.class_id)
        return now is not None and now.id == activity.id

    name = str(activity.about["weights"])
    known = {one.name for one in weights.available()}
    return class_teaching.open_set(
        activity.id,
        [str(one) for one in activity.about["classes"]],
        name if name in known else weights.DEFAULT,
        wanted,
    )


def _title(activity: StoredActivity) -> None:
    names = ", ".join(str(one) for one in activity.about["classes"])
    st.title(page_words()["title_of"].format(names=names), anchor=False)


def _card(one: TaughtClass, own: str | None) -> Card:
    """Args: own: whose pictures are shown; None: everybody's."""
    shown = [x for x in one.examples if own is None or x.owner == own]
    return Card(
        one.id,
        one.name,
        one.name,
        [(x.number, x.thumbnail, "") for x in shown],
        all=None if own is None else len(one.examples),
    )


def _component(
    taught: Taught,
    door: SharedWorkspace | Desk,
    on_act: Any,
    most: int,
    own: str | None,
) -> None:
    component.teach(
        [_card(one, own) for one in taught.classes],
        [],
        replace(teach.LIMITS, most_pictures=most),
        on_act,
        key="teach",
        address=teach_routes.address(door),
        ready=taught.ready(),
        texts=teach.page_words().table("component"),
        language=words.language(),
        fixed=True,
    )


# --- the instructor's screen ----------------------------------------------------------


def _lead() -> None:
    text = page_words()
    led = together.led("teach")
    if led is None:
        _nothing(text["nothing_led"], "teach", text["to_teach"])
        return
    course, activity = led
    shared = shared_of(activity)
    weight_set = weights.get(shared.set_name)
    _title(activity)
    code = spaced(course.code)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(text["led"].format(name=escape_markdown(course.name), code=code))
        st.button(
            text["end"],
            icon=":material/stop:",
            type="tertiary",
            key="end_together",
            on_click=_end,
            args=(course, activity),
        )
    st.fragment(_live, run_every=EVERY)(shared)
    st.button(text["update"], icon=":material/refresh:", key="update_results")
    teach_results.panel(weight_set, shared.taught())
    st.caption(privacy())


def _end(course: ClassNow, activity: StoredActivity) -> None:
    together.end(course.id)
    class_teaching.forget(activity.id)


def privacy() -> str:
    """What happens to the pictures, in a sentence with the limits."""
    return page_words()["privacy"].format(
        each=class_teaching.MOST_EACH,
        most=class_teaching.MOST_TOGETHER,
        hours=class_teaching.IDLE / 3600,
    )


def _live(shared: SharedWorkspace) -> None:
    """The pictures as they come, and how good the layer is by now."""
    if shared.is_closed:  # ended in another window
        state.rerun()
    taught = shared.taught()

    def act(found: Act) -> None:
        if found.kind == "remove":
            shared.remove(found.number)

    teach.look(taught, shared.set_name)
    st.markdown(f"## {standing(shared, taught)}")
    if curve := progress(shared):
        with st.container(key="class_progress"):
            widgets.chart(spec=curve, key="class progress", alt=told(shared.history))
    st.caption(page_words()["remove_hint"])
    _component(taught, shared, act, class_teaching.MOST_TOGETHER, None)


def standing(shared: SharedWorkspace, taught: Taught) -> str:
    """How many pictures there are, and how many are predicted correctly left out."""
    text, count = page_words(), len(taught.examples)
    if not taught.ready(2):
        return text["collecting"].format(count=count)
    kind = teach_results.hidden(weights.get(shared.set_name), taught)
    found = teach_results.left_out(taught, shared.set_name, kind)
    shared.note(found.right, count)
    return text["right"].format(right=found.right, count=count)


def told(history: Sequence[Moment]) -> str:
    """The curve in a sentence."""
    first, last = history[0], history[-1]
    return page_words()["curve_alt"].format(
        first=words.figures(f"{first.right / first.pictures:.0%}"),
        few=first.pictures,
        last=words.figures(f"{last.right / last.pictures:.0%}"),
        many=last.pictures,
    )


def progress(shared: SharedWorkspace) -> dict[str, Any] | None:
    """The share that was right as pictures came; None: there is no curve yet."""
    if len(shared.history) < 2:
        return None
    text, history = page_words(), shared.history
    layer = neighbours.hidden_layer(weights.get(shared.set_name).spec)
    assert layer is not None
    title = teach.page_words().table("kinds")["hidden"].format(layer=layer.name)
    points, bands = [], []
    for one in history:
        share = one.right / one.pictures
        low, high = outcome.interval(share, one.pictures)
        points.append(curves.Point(one.pictures, round(share, 4), title, "", title))
        bands.append(curves.Band(one.pictures, round(low, 4), round(high, 4), title))
    chance = 1 / len(shared.classes)
    label = teach.page_words()["chance"].format(share=f"{chance:.0%}")
    shown = curves.Curves(points, [title], bands=bands, baseline=(chance, label))
    look = curves.Look(text["axis_x"], text["axis_y"], height=230, legend=False)
    return curves.lines(shown, look, widgets.scheme())


# --- a phone --------------------------------------------------------------------------


def _student() -> None:
    text, found = page_words(), place.here()
    if found is None:
        _nothing(text["no_place"], "join", text["to_join"])
        return
    now = activities.current(found.course.id) if found.course.is_open else None
    if now is None or now.kind != "teach":
        _nothing(text["nothing"], "lesson", words.page("class_guess")["to_lesson"])
        return
    shared = shared_of(now)
    _title(now)
    st.markdown(text["give"].format(each=class_teaching.MOST_EACH))
    st.fragment(_desk, run_every=EVERY_PHONE)(shared.desk(found.student.member))
    st.caption(privacy())


def _desk(desk: Desk) -> None:
    """One's own pictures, how many there are in all, and something to hold up."""
    if desk.shared.is_closed:
        state.rerun()

    def act(found: Act) -> None:
        if found.kind == "remove":
            desk.remove(found.number)

    _component(desk.taught(), desk, act, class_teaching.MOST_EACH, desk.owner)
