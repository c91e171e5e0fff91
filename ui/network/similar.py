"""What the page of similar images shows: neighbours by activations and by pixels."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from contextlib import suppress
from html import escape

import numpy as np
import streamlit as st
from PIL import Image

from classroom.content import code_2012
from classroom.escape import escape_markdown
from lab.datasets.dataset import DataMissing
from model import paper, weights
from model.analysis import similar
from model.analysis.features import neighbours
from model.analysis.features.neighbours import PHOTOGRAPHS, Index, Neighbour, NotIndexed
from model.network.specs import Dense
from model.pictures import photographs
from model.pictures.samples import samples
from ui.kit import cache, state, widgets, words
from ui.kit.network import feature_maps
from ui.kit.picture import Chosen
from ui.network import similar_builds
from ui.session import own_images

ALL = "all"  # of what there is an index of
CODE = "findsimilar.py:14-16 findsimilar.py:51-63"  # places in the authors' code
CLEARLY = 1.1  # times as long: a vector that is said to be longer
THUMBNAIL = 160  # pixels of a photograph's shorter side
_STYLE = """<style>
ol.similar { list-style: none; margin: 0 !important; padding: 0 !important;
  display: grid; gap: 0.75rem; grid-template-columns: repeat(3, minmax(0, 1fr)); }
.similar li { margin: 0 !important; padding: 0 !important; font-size: 0.85rem;
  line-height: 1.35; overflow-wrap: anywhere; }
.similar img { display: block; width: 100%; aspect-ratio: 1; object-fit: cover;
  border-radius: 4px; margin-bottom: 0.25rem; }
.similar span { display: block; }
.similar .same { text-decoration: underline; text-underline-offset: 3px; }
.similar b { display: -webkit-box; -webkit-box-orient: vertical;
  -webkit-line-clamp: 2; overflow: hidden; }
.similar .from { opacity: 0.8; }
</style>"""


def page_words() -> words.PageWords:
    """The words of the page."""
    return words.page("similar_images")


def figure_4() -> None:
    """What the paper shows, and where it stands."""
    places = ", ".join(x.markdown for x in code_2012.places(CODE))
    st.markdown(page_words()["figure"].format(units=f"{_paper_units():,}", code=places))


def _paper_units() -> int:
    return paper.NEURON_LIST[-2]


def panel(weight_set: weights.WeightSet, chosen: Chosen) -> None:
    """The nearest pictures, or what has to be computed first.

    Raises:
        model.gate.Busy, model.weights.WeightsBroken: the shell says why.
    """
    text = page_words()
    layer = neighbours.hidden_layer(weight_set.spec)
    if layer is None:
        st.info(text["no_layer"].format(label=widgets.label(weight_set)))
        return
    try:
        similar_builds.photographs_of(weight_set.name)
    except NotIndexed:
        _make(weight_set, PHOTOGRAPHS, text["photographs"])
        return
    titles = _sources(weight_set)
    among = ALL
    if len(titles) > 2:
        among = widgets.choice(state.AMONG, text["among"], titles)
    found = _indexes(weight_set, list(titles)[1:] if among == ALL else [among])
    if found:
        _show(weight_set, layer, chosen, found, titles)
    else:
        _make(weight_set, among, titles[among])


def _sources(weight_set: weights.WeightSet) -> dict[str, str]:
    """All that can be searched, by name, and what it is called."""
    text = page_words()
    found = {ALL: text[ALL], PHOTOGRAPHS: text["photographs"]}
    for name in similar.PATTERNS:
        with suppress(NotIndexed):
            similar_builds.folder_of(weight_set.name, name)
            found[name] = text.table("folders")[name]
    similar_builds.forget_deleted()
    return found | {one.name: one.title for one in own_images.data_sets()}


def _indexes(weight_set: weights.WeightSet, names: Sequence[str]) -> list[Index]:
    """Those that are there."""
    made = (similar_builds.made(weight_set.name, name) for name in names)
    return [one[1] for one in made if one is not None]


def _make(weight_set: weights.WeightSet, source: str, title: str) -> None:
    """Has an index made, which can be stopped; others have their turns meanwhile."""
    text, key = page_words(), f"{weight_set.name} {source}"
    try:
        build = similar_builds.build(weight_set.name, source)
    except DataMissing as missing:
        st.info(str(missing))
        return
    said = {"title": escape_markdown(title), "label": widgets.label(weight_set)}
    if state.LOOKING_THROUGH.get() != key:
        st.markdown(text["not_there"].format(count=f"{build.total:,}", **said))
        st.button(
            text["make" if not build.done else "go_on"],
            icon=":material/image_search:",
            on_click=state.LOOKING_THROUGH.set,
            args=(key,),
        )
        return
    st.button(
        text["stop"],
        icon=":material/stop:",
        on_click=state.LOOKING_THROUGH.set,
        args=("",),
    )
    bar = st.progress(0.0)
    while build.done < build.total:
        build.step()
        progress = text["looked"].format(done=build.done, total=build.total)
        bar.progress(build.done / build.total, text=progress)
    similar_builds.finish(build)
    state.LOOKING_THROUGH.set("")
    state.rerun()


def _show(
    weight_set: weights.WeightSet,
    layer: Dense,
    chosen: Chosen,
    indexes: Sequence[Index],
    titles: dict[str, str],
) -> None:
    text, layers = page_words(), feature_maps.activations(weight_set, chosen)
    projection, _ = similar_builds.photographs_of(weight_set.name)
    one = projection(layers[layer.name][np.newaxis])[0]
    small = neighbours.shrunk(chosen.picture.image)
    itself = state.PICTURE.get()
    by_layer = neighbours.nearest(
        [neighbours.hidden_distances(one, x.hidden) for x in indexes], indexes, itself
    )
    by_pixels = neighbours.nearest(
        [neighbours.pixel_distances(small, x.pixels) for x in indexes], indexes, itself
    )
    first = int(layers[weight_set.spec.layers[-1].name].argmax())
    names = weights.class_names(weight_set.name)
    everything = np.concatenate([x.predicted for x in indexes])
    row = st.container(horizontal=True, gap="medium", vertical_alignment="center")
    row.image(
        cache.received_photo(chosen.picture, weight_set.spec),
        width=180,
        alt=chosen.alt,
    )
    sentence = row.container(width="stretch", key="similar_sentence")
    said = verdict(by_layer, by_pixels, first, float((everything == first).mean()))
    if small_ones := favours_small(one, by_layer, indexes):
        said += f" {small_ones}"
    fields = {"layer": layer.name, "units": f"{layer.units:,}"}
    sentence.markdown(
        said.format(
            name=escape_markdown(names[first]),
            count=words.figures(f"{len(everything):,}"),
            **fields,
        )
    )
    for column, kind, found in zip(
        st.columns(2, gap="large"),
        ("by_layer", "by_pixels"),
        (by_layer, by_pixels),
        strict=True,
    ):
        with column:
            st.header(text[kind].format(**fields), anchor=False)
            about = text[f"{kind}_about"]
            st.caption(
                about.format(kept=neighbours.NUMBERS, side=neighbours.SIDE, **fields)
            )
            st.html(_STYLE + tiles(found, kind, first, names, titles))
    st.caption(text["made_by"].format(label=widgets.label(weight_set)))
    _, index = similar_builds.photographs_of(weight_set.name)
    shares = overall(weight_set.name, index)
    st.markdown(
        text["overall"].format(
            count=len(index),
            by_layer=f"{shares[0]:.1%}",
            by_pixels=f"{shares[1]:.1%}",
            shown=neighbours.SHOWN,
            **fields,
        )
    )


@cache.figure
def overall(set_name: str, _index: Index) -> tuple[float, float]:
    """How many of the nearest get the same class, over all photographs: 0 to 1.

    Args:
        set_name: what the shares are kept by.

    Returns:
        By activations, and by pixels.
    """
    found = []
    for number, name in enumerate(_index.titles):
        rows = (
            neighbours.hidden_distances(_index.hidden[number], _index.hidden),
            neighbours.pixel_distances(_index.pixels[number], _index.pixels),
        )
        nearest = [neighbours.nearest([row], [_index], name) for row in rows]
        own = _index.predicted[number]
        found.append([np.mean([x.predicted == own for x in row]) for row in nearest])
    by_layer, by_pixels = np.mean(found, axis=0).tolist()
    return by_layer, by_pixels


def favours_small(
    one: neighbours.Coordinates,
    by_layer: Sequence[Neighbour],
    indexes: Sequence[Index],
) -> str:
    """That the nearest are near because their activations are small; "": they are not.

    Args:
        one: what is kept of the picture's own activations.

    Returns:
        Words with the field layer still to be filled in.
    """
    own = float(neighbours.lengths(one[np.newaxis])[0])
    median = float(
        np.median(np.concatenate([neighbours.lengths(x.hidden) for x in indexes]))
    )
    rows = np.stack([x.index.hidden[x.number] for x in by_layer])
    found = float(neighbours.lengths(rows).mean())
    if own < CLEARLY * median or found > median / CLEARLY:
        return ""
    return page_words()["small"].format(
        layer="{layer}",
        own=f"{own:.1f}",
        median=f"{median:.1f}",
        found=f"{found:.1f}",
    )


def verdict(
    by_layer: Sequence[Neighbour],
    by_pixels: Sequence[Neighbour],
    first: int,
    share: float,
) -> str:
    """Which of the two finds more pictures of the same predicted class, in words.

    Args:
        first: the number of the picture's predicted class.
        share: of all pictures that were searched get it, 0 to 1.

    Returns:
        Words with the fields layer, name and count still to be filled in.
    """
    text = page_words()
    same = [sum(x.predicted == first for x in row) for row in (by_layer, by_pixels)]
    kind = "more" if same[0] > same[1] else "fewer" if same[0] < same[1] else "alike"
    both = len({x.place for x in by_layer} & {x.place for x in by_pixels})
    said = [
        text["verdict"].format(
            layer="{layer}",
            name="{name}",
            shown=len(by_layer),
            by_layer=same[0],
            by_pixels=same[1],
        ),
        text[kind],
        text["base"].format(count="{count}", share=f"{share:.1%}"),
        text["both" if both else "none"].format(both=both),
    ]
    return " ".join(said)


@cache.figure
def _photograph(name: str) -> bytes:
    image = photographs.image(name)
    image.thumbnail((2 * THUMBNAIL, THUMBNAIL), Image.Resampling.BICUBIC)
    return neighbours.jpeg(image)


def _file(one: Neighbour) -> bytes:
    if one.index.source == PHOTOGRAPHS:
        return _photograph(one.title)
    return one.index.jpegs[one.number]


def _called(one: Neighbour, titles: dict[str, str]) -> tuple[str, str]:
    """What a picture shows, and where it is from."""
    if one.index.source != PHOTOGRAPHS:
        return one.title, titles.get(one.index.source, one.index.source)
    row = photographs.photographs()[one.title]
    title = words.sample(one.title)["title"] if one.title in samples() else row.title
    return title, f"{titles[PHOTOGRAPHS]} ({row.author}, {row.licence})"


def tiles(
    found: Sequence[Neighbour],
    kind: str,
    first: int,
    names: Sequence[str],
    titles: dict[str, str],
) -> str:
    """The nearest pictures, the nearest first, as HTML.

    Args:
        first: the number of the class that is marked.
        titles: what each source is called.
    """
    text, parts = page_words(), []
    for one in found:
        title, source = _called(one, titles)
        code = b64encode(_file(one)).decode()
        distance = words.figures(f"{one.distance:.1f}")
        mark = ' class="same"' if one.predicted == first else ""
        parts.append(
            f'<li><img src="data:image/jpeg;base64,{code}" alt="">'
            f'<b title="{escape(title)}">{escape(title)}</b>'
            f"<span>{escape(text['distance'].format(distance=distance))}</span>"
            f"<span{mark}>"
            f"{escape(text['predicted'].format(name=names[one.predicted]))}</span>"
            f'<span class="from">{escape(source)}</span></li>'
        )
    return f'<ol class="similar" data-kind="{kind}">{"".join(parts)}</ol>'
