"""The photographs that excite a unit most, each cropped to what the unit saw."""

from __future__ import annotations

import streamlit as st

from classroom.escape import escape_markdown
from model import weights
from model.analysis import patches
from model.pictures import photographs
from model.pictures.samples import samples
from ui.kit import words
from ui.network.feature_maps import unit_pictures
from viz.mosaic import encode_rgb


def page_words() -> words.PageWords:
    """The words of this part of the page."""
    return words.page("feature_maps").table("patches")


def panel(weight_set: weights.WeightSet, layer: str, unit: int) -> None:
    """A unit's strongest patches; nothing where none were looked for."""
    found = patches.of(weight_set.name)
    if found is None or layer not in found.layers:
        return
    text = page_words()
    st.subheader(text["title"], anchor=False)
    one = found.layers[layer]
    ranks = [rank for rank, x in enumerate(one.picture[unit].tolist()) if x >= 0]
    crops = [
        unit_pictures.crop(weight_set.spec, found, layer, unit, rank) for rank in ranks
    ]
    titles = [_title(found, int(one.picture[unit, rank])) for rank in ranks]
    st.image(
        encode_rgb(unit_pictures.sheet(crops)),
        alt=text["alt"].format(layer=layer, unit=unit, titles="; ".join(titles)),
    )
    st.caption(sentence(found, layer, unit))
    if found.ours:
        with st.expander(text["credits"]):
            for rank in ranks:
                name = found.names[int(one.picture[unit, rank])]
                st.caption(credit(photographs.photographs()[name]))


def _title(found: patches.Patches, number: int) -> str:
    name = found.names[number]
    if name in samples():
        return words.sample(name)["title"]
    return photographs.photographs()[name].title if found.ours else name


def range_of(one: patches.Strongest, unit: int) -> dict[str, str]:
    """The largest and smallest activation of a unit's patches, as text."""
    values = one.activation[unit]
    values = values[one.picture[unit] >= 0]
    return {"most": f"{values[0]:.3g}", "least": f"{values[-1]:.3g}"}


def sentence(found: patches.Patches, layer: str, unit: int) -> str:
    """What the patches are, and how much they excite the unit."""
    one = found.layers[layer]
    text = page_words()
    if one.activation[unit, 0] <= 0:
        return text["silent"].format(count=len(found.names))
    whole = "" if one.place.any() else "_whole"
    form = f"ours{whole}" if found.ours else f"cached{whole}"
    return text[form].format(count=len(found.names), **range_of(one, unit))


def credit(one: photographs.Photograph) -> str:
    """Whose a photograph is."""
    return page_words()["credit"].format(
        title=escape_markdown(one.title),
        author=escape_markdown(one.author),
        licence=one.licence,
    )
