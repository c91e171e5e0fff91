"""Every session key and URL parameter: name, default, meaning, pages, in one table.

The address says what is on screen, in the words of the code: `/feature-maps?layer=conv2
&unit=17`. `read_url` takes it over on a first visit, a shared link or the back button;
`write_url` keeps it true. (Streamlit's own `bind="query-params"` writes the labels that
the visitor reads, which change with the language.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import streamlit as st

from model.filters import By
from viz.filters import Scaling
from viz.mosaic import Scale

T = TypeVar("T")


@dataclass(frozen=True)
class Key(Generic[T]):
    """One thing that a visitor has chosen."""

    name: str
    default: T
    about: str
    pages: tuple[str, ...] = ()  # in whose address it stands; none: in no address

    def get(self) -> T:
        """The visitor's value, or the default."""
        value: T | None = st.session_state.get(self.name)
        return self.default if value is None else value

    def set(self, value: T) -> None:
        """Before the key's widget is drawn in this run, or in a callback."""
        st.session_state[self.name] = value

    def parse(self, text: str) -> T | None:
        """A value from an address; None if it cannot be one."""
        if isinstance(self.default, int):
            return int(text) if text.isdecimal() and len(text) < 9 else None  # type: ignore[return-value]
        return text if len(text) <= 40 else None  # type: ignore[return-value]

    @property
    def widget(self) -> dict[str, Any]:
        """Arguments that tie a widget to this key, whatever page it is on."""
        return {"key": self.name, "persist_state": "session"}


_LOOKING = ("home", "filters", "feature_maps", "quiz")

PICTURE = Key("picture", "coffee", "the sample looked at, or 'own'", _LOOKING)
WEIGHTS = Key(
    "weights",
    "tiny-imagenet",
    "the weight set shown",
    ("filters", "feature_maps", "quiz"),
)
NETWORK = Key("network", "simplified", "the network drawn", ("architecture",))
COMPARE = Key("compare", "original", "the network beside it", ("architecture",))
CODE_LAYER = Key("code_layer", "conv1", "the layer explained", ("architecture",))
LAYER = Key("layer", "overview", "the layer whose maps are shown", ("feature_maps",))
UNIT = Key("unit", 0, "the map or unit chosen in that layer", ("feature_maps",))
SCALE = Key[Scale](
    "scale",
    "map",
    "what is brightest: each map's largest value, or the layer's",
    ("feature_maps",),
)
ORDER = Key("order", "index", "order of the maps", ("feature_maps",))
FILTER = Key("filter", 4, "the first-layer filter chosen", ("filters",))
FILTER_SCALE = Key[Scaling](
    "filter_scale", "filter", "full contrast: of each filter, or of all", ("filters",)
)
FILTER_ORDER = Key[By]("filter_order", "index", "order of the filters", ("filters",))
REPORTS_BACK = Key(
    "reports_back", 0, "the moment of the training, back from its end", ("filters",)
)

ROUND = Key("round", "lesson", "the round of the quiz", ("quiz",))
DEAL = Key("deal", 1, "the seed of the round: its mixture and its variants", ("quiz",))
QUESTION = Key("question", "", "the question asked; none: the first", ("quiz",))
SEED = Key("seed", 0, "the variant of that question; 0: the round's", ("quiz",))
ATTEMPTS = Key[Any]("attempts", (), "what was answered in the quiz, in order")
MEASURED = Key[Any]("measured", {}, "the truth on the picture last asked about")
CLICKED = Key("clicked", "", "the layer chosen on the quiz's diagram")

FILTER_CHANNEL = Key("filter_channel", "red", "the channel whose numbers are shown")
CAMERA = Key("camera", False, "whether the camera is asked for")
OWN = Key[Any]("own_picture", None, "the visitor's own picture, decoded")
OWN_NAME = Key("own_name", "", "the file name it came with")
REFUSAL = Key("refusal", "", "why the last picture was refused")
UPLOADS = Key("uploads", 0, "pictures handed in so far; renews the uploader")
GO = Key("go", "", "the page that a click has asked for")
_SEEN = Key[Any]("seen_url", None, "the parameters of the address when last looked at")

KEYS: tuple[Key[Any], ...] = tuple(
    value for value in list(globals().values()) if isinstance(value, Key)
)


def read_url() -> None:
    """Takes over what the address says, if it changed other than by `write_url`.

    What is not a value of its key is left out; the widgets check the rest.
    """
    now = st.query_params.to_dict()
    if now == _SEEN.get():
        return
    for key in KEYS:
        if key.pages and key.name in now:
            value = key.parse(now[key.name])
            if value is not None:
                key.set(value)
    _SEEN.set(now)


def write_url(page: str) -> None:
    """Makes the address say what is on screen, defaults left out."""
    wanted = {
        key.name: str(key.get())
        for key in KEYS
        if page in key.pages and key.get() != key.default
    }
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)
    _SEEN.set(wanted)
