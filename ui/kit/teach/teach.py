"""The classes that a visitor teaches AlexNet, and where their pictures come from."""

from __future__ import annotations

from functools import cache

import streamlit as st
from PIL import Image

from classroom.escape import escape_markdown
from lab.datasets import kept
from lab.datasets.dataset import DataMissing
from model import weights
from model.analysis.features import neighbours
from model.analysis.features.teach import parameters
from model.network.shapes import table, totals
from model.pictures import MAX_BYTES, cropped, photographs
from model.weights import WeightSet
from ui.kit import state, widgets, words
from ui.kit.components import teach as component
from ui.kit.components.teach import Act, Card, Limits
from ui.kit.teach import teach_routes, teach_workspace
from ui.kit.teach.teach_workspace import Features, Taught, TaughtClass, Workspace
from ui.session import own_images
from viz.mosaic import encode_photo

# The lab's own photographs, to begin with.
SAMPLE = {
    "fish": tuple(f"fish{number}" for number in range(1, 9)),
    "windmills": (
        *("windmill", "windmill1", "windmill2", "windmill3"),
        *("windmill4", "windmill5", "windmill7", "windmill8"),
    ),
    "birds": (
        *("duck", "owl", "scarlet-macaw", "heron"),
        *("kingfisher", "northern-harrier", "penguin", "spoonbills"),
    ),
}
# Others, to try what was learned.
TRIED = ("fish9", "windmill12", "swans", "fish11", "windmill13", "toucan")
TRIED_SIDE = 128  # pixels
OF_CLASS = 20  # pictures of each class that are taken from a class's own images
LIMITS = Limits(
    teach_workspace.LEAST_CLASSES,
    teach_workspace.MOST_CLASSES,
    teach_workspace.MOST_PICTURES,
    teach_workspace.NAME,
    teach_workspace.SIDE,
    MAX_BYTES // 10**6,
)

# What a set makes of the lab's photographs, for all visitors.
_looked: dict[tuple[str, str], Features] = {}


def page_words() -> words.PageWords:
    """The words of the page."""
    return words.page("teach")


def current() -> Workspace:
    """The visitor's classes."""
    found: Workspace | None = state.TAUGHT.get()
    if found is None:
        found = Workspace()
        state.TAUGHT.set(found)
    return found


def called(taught: Taught) -> list[str]:
    """What the classes are called, in their order."""
    return [one.name or _unnamed(place) for place, one in enumerate(taught.classes)]


def _unnamed(place: int) -> str:
    return page_words()["unnamed"].format(number=place + 1)


def begin() -> None:
    """Buttons that fill the classes, and one that empties them; within a row."""
    workspace, text = current(), page_words()
    if workspace.taught().examples or state.TAUGHT_FROM.get():
        st.button(
            text["start_over"],
            icon=":material/restart_alt:",
            on_click=_start_over,
            args=(workspace,),
        )
        return
    names = ", ".join(text.table("sample")[name] for name in SAMPLE)
    st.button(
        text["use_sample"].format(names=names),
        icon=":material/photo_library:",
        type="primary",
        on_click=state.TAUGHT_FROM.set,
        args=("sample",),
    )
    for one in own_images.data_sets():
        if len(one.classes) >= LIMITS.least_classes:
            st.button(
                text["use_own"].format(title=escape_markdown(one.title)),
                key=f"teach {one.name}",
                icon=":material/groups:",
                on_click=state.TAUGHT_FROM.set,
                args=(one.name,),
            )


def panel(weight_set: WeightSet) -> Taught | None:
    """The classes; None where these weights have no hidden layer to build on.

    Raises:
        model.gate.Busy, model.weights.WeightsBroken: the shell says why.
    """
    text = page_words()
    if neighbours.hidden_layer(weight_set.spec) is None:
        st.info(text["no_layer"].format(label=widgets.label(weight_set)))
        return None
    workspace = current()
    workspace.set_name = weight_set.name
    if state.TAUGHT_FROM.get():
        _take(workspace, state.TAUGHT_FROM.get())
    taught = workspace.taught()
    look(taught, weight_set.name)
    with st.container(key="teach_room"):  # room is kept for it: index.css
        component.teach(
            [_card(place, one) for place, one in enumerate(taught.classes)],
            [(_title(name), _small(name)) for name in TRIED],
            LIMITS,
            lambda act: apply_act(workspace, act),
            key="teach",
            address=teach_routes.address(workspace),
            ready=taught.ready(),
            texts=text.table("component"),
            language=words.language(),
        )
    st.caption(text["privacy"])
    credits = [x.title for x in taught.examples if x.title]
    if credits:
        with st.expander(text["credits"], icon=":material/copyright:"):
            shown = [*credits, *map(_title, TRIED)]
            st.markdown("\n".join(f"- {escape_markdown(one)}" for one in shown))
    return taught


def look(taught: Taught, set_name: str) -> None:
    """Has a weight set look at what it has not seen yet, with progress.

    Raises:
        model.gate.Busy, model.weights.WeightsBroken: the shell says why.
    """
    if not taught.missing(set_name):
        return
    label = page_words()["looking"].format(label=widgets.label(weights.get(set_name)))
    bar = st.progress(0.0, text=label)
    for share in taught.look(set_name):
        bar.progress(share, text=label)
    bar.empty()


def _title(photo: str) -> str:
    """What a photograph of the lab shows, and who took it."""
    row = photographs.photographs()[photo]
    return f"{row.title} ({row.author}, {row.licence})"


@cache
def _small(photo: str) -> bytes:
    return encode_photo(cropped(photographs.image(photo), TRIED_SIDE))


def _card(place: int, one: TaughtClass) -> Card:
    return Card(
        one.id,
        one.name,
        _unnamed(place),
        [(x.number, x.thumbnail, x.title) for x in one.examples],
    )


def apply_act(workspace: Workspace, act: Act) -> None:
    """What the visitor did in the browser, before the page runs again."""
    match act.kind:
        case "rename":
            workspace.rename(act.number, act.name)
        case "remove":
            workspace.remove(act.number)
        case "new":
            workspace.new_class()
        case "drop":
            workspace.drop_class(act.number)
    state.TAUGHT_ACTS.set(state.TAUGHT_ACTS.get() + 1)


# --- pictures to begin with -----------------------------------------------------------


def _start_over(workspace: Workspace) -> None:
    workspace.start_over()
    state.TAUGHT_ACTS.set(state.TAUGHT_ACTS.get() + 1)


def _take(workspace: Workspace, source: str) -> None:
    """Fills the classes from the lab's photographs or a class's own images."""
    state.TAUGHT_FROM.set("")
    if source == "sample":
        take_sample(workspace)
    elif source in {one.name for one in own_images.data_sets()}:
        try:
            take_own(workspace, source)
        except DataMissing as missing:
            st.info(str(missing))


def _emptied(workspace: Workspace, names: list[str]) -> list[TaughtClass]:
    """New classes of these names in the place of all there were."""
    workspace.start_over()
    while len(workspace.classes) < min(len(names), LIMITS.most_classes):
        workspace.new_class()
    for one, name in zip(workspace.classes, names, strict=False):
        workspace.rename(one.id, name)
    return workspace.classes


def take_sample(workspace: Workspace) -> None:
    text, name = page_words(), workspace.set_name
    classes = _emptied(workspace, [text.table("sample")[x] for x in SAMPLE])
    for one, photos in zip(classes, SAMPLE.values(), strict=True):
        for photo in photos:
            known = _looked.get((name, photo))
            workspace.add(
                one.id,
                teach_workspace.middle(photographs.image(photo)),
                {} if known is None else {name: known},
                _title(photo),
            )
    taught = workspace.taught()
    look(taught, name)
    names = (photo for row in SAMPLE.values() for photo in row)
    for example, photo in zip(taught.examples, names, strict=True):
        _looked[name, photo] = example.features[name]


def take_own(workspace: Workspace, source: str) -> None:
    """Raises DataMissing: the images were deleted."""
    data = kept.load(source)
    classes = _emptied(workspace, list(data.classes))
    for place, one in enumerate(classes):
        chosen = data.train[data.train_labels == place][:OF_CLASS]
        for pixels in chosen:
            workspace.add(one.id, Image.fromarray(pixels).convert("RGB"), {})


def activity() -> None:
    """A game for a class, in steps."""
    text = page_words().table("activity")
    st.header(text["title"], anchor=False)
    st.markdown(text["lead"])
    st.markdown("\n".join(f"1. {step}" for step in text.lines("steps")))


def last_parameters(weight_set: WeightSet) -> int:
    """Of the last layer that the network had."""
    return table(weight_set.spec)[-1].parameters


def trained(weight_set: WeightSet, taught: Taught) -> str:
    """What was trained, how long it took, and what stayed as it was."""
    found = taught.layer(weight_set.name)
    layer = neighbours.hidden_layer(weight_set.spec)
    assert found is not None and layer is not None
    classes = len(taught.classes)
    rest = totals(weight_set.spec).parameters - last_parameters(weight_set)
    return page_words()["trained"].format(
        layer=layer.name,
        units=f"{layer.units:,}",
        inputs=f"{layer.units + 1:,}",
        classes=classes,
        parameters=f"{parameters(layer.units, classes):,}",
        rest=f"{rest:,}",
        count=len(taught.examples),
        seconds=f"{found.seconds:.2f}",
        label=widgets.label(weight_set),
    )
