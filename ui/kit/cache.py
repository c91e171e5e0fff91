"""The only st.cache_* decorators: thin wrappers round model.* and viz.*.

What is cached is read-only, bounded, and shared by all visitors; two visitors with the
same picture wait for one computation.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from classroom.exams import results, tallies
from classroom.exams.tallies import Tally
from classroom.people.roles import Instructor
from classroom.questions import custom_questions
from classroom.questions.question_files import Bank
from lab.experiments import Experiment, is_sweep
from lab.factor import Search
from lab.factor import read_all as read_searches
from lab.recordings import Recording, read_all, read_evidence
from lab.records import ArmEvent
from lab.report_json import unpack
from lab.results import metrics, outcome
from lab.results.outcome import Outcome
from model import best, gate, measured, runtime, weights
from model.analysis import arithmetic, filters, map_statistics, saliency
from model.analysis import connections as unit_connections
from model.analysis.convolve import by_hand, relu
from model.network import dropout
from model.network.specs import Dense, Spec
from model.pictures import (
    Picture,
    as_received,
    cropped,
    load_picture,
    photographs,
    samples,
    to_input,
)
from store.runs import Runs
from ui.kit import words
from viz.mosaic import WIDE, Mosaic, Scale, encode, encode_photo, mosaic, tops

F = TypeVar("F", bound=Callable[..., Any])

PICTURES = 8  # pictures whose layers are kept: about 3 MB each
PASSES = 5  # forward passes that are timed, the middle one counts
MASKS = 10  # of dropout, under which the network is asked about one picture
RATES = tuple(x / 10 for x in range(10))  # of dropout
KEEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 4096)  # units of fc6 that may speak


@st.cache_resource(max_entries=32, show_spinner=False)
def sample_picture(name: str) -> Picture:
    """A sample, decoded through the same door as every upload."""
    return load_picture(samples.data(name))


def _picture_key(picture: Picture) -> str:
    return picture.key


def _input_key(spec: Spec) -> str:
    return f"{spec.input_size} {spec.pixels}"


@st.cache_resource(
    max_entries=PICTURES, show_spinner=False, hash_funcs={Picture: _picture_key}
)
def activations(set_name: str, picture: Picture) -> Any:
    """Every layer's output for a picture: one forward pass, shared by all visitors."""
    network = runtime.network(set_name)
    return network.activations(to_input(picture, network.weights.spec))


@st.cache_resource(
    max_entries=PICTURES, show_spinner=False, hash_funcs={Picture: _picture_key}
)
def packed_activations(set_name: str, picture: Picture) -> bytes:
    """Every layer's output for a picture, gzipped: about 1.3 MB for a browser."""
    found = measured.evaluation(set_name)
    packed = arithmetic.pack(
        weights.get(set_name).spec,
        activations(set_name, picture),
        weights.class_names(set_name),
        found.temperature if found else 1.0,
    )
    return gzip.compress(packed, 5, mtime=0)


@st.cache_resource(
    max_entries=4 * PICTURES, show_spinner=False, hash_funcs={Picture: _picture_key}
)
def grad_cam(set_name: str, picture: Picture, unit: int) -> NDArray[np.float32]:
    """Where the last convolution speaks for a class, (rows, columns)."""
    from model.analysis import gradients  # TensorFlow

    spec, layers = weights.get(set_name).spec, activations(set_name, picture)
    return gradients.grad_cam(runtime.network(set_name).keras, spec, layers, unit)


@st.cache_resource(
    max_entries=4 * PICTURES, show_spinner=False, hash_funcs={Picture: _picture_key}
)
def guided_gradient(
    set_name: str, picture: Picture, name: str, unit: int
) -> NDArray[np.floating[Any]]:
    """How strongly a unit's pre-activation rises with each pixel, (size, size)."""
    from model.analysis import gradients  # TensorFlow

    spec, layers = weights.get(set_name).spec, activations(set_name, picture)
    network = runtime.network(set_name).keras
    found = gradients.guided_gradient(network, spec, layers, name, unit)
    return saliency.strength(found)


def layer(set_name: str, picture: Picture, name: str) -> Any:
    """One layer's output as pages show it: the last one's are probabilities."""
    values = activations(set_name, picture)[name]
    if name == weights.get(set_name).spec.layers[-1].name:
        return measured.probabilities(set_name, values)
    return values


def prediction(set_name: str, activations_: Any) -> measured.ImagePrediction:
    """A set's prediction for a picture, from every layer's output."""
    spec = weights.get(set_name).spec
    *_, hidden, last = (x.name for x in spec.layers if isinstance(x, Dense))
    return measured.predict(set_name, activations_[last], activations_[hidden])


@st.cache_resource(show_spinner=False)
def best_maps(set_name: str) -> Mapping[str, NDArray[np.float32]]:
    """By layer: the largest value of each map on the lab's photographs, (maps,)."""
    if known := measured.best(set_name):
        return known
    look = runtime.network(set_name).activations
    return best.on_photographs(weights.get(set_name).spec, look)


@st.cache_resource(show_spinner=False)
def best_first_maps(set_name: str) -> NDArray[np.float32]:
    """The same of the first convolution, (maps,), without TensorFlow."""
    spec = weights.get(set_name).spec
    name = next(spec.convolutions()).name
    if known := measured.best(set_name):
        return known[name]
    kernels, bias = first_layer(set_name)
    found = best.on_photographs(
        spec, lambda x: {name: relu(by_hand(spec, x[0], kernels, bias))}
    )
    return found[name]


@st.cache_resource(show_spinner=False)
def arriving(set_name: str) -> Mapping[str, NDArray[np.floating[Any]]]:
    """What usually arrives at each layer: see `model.analysis.connections`.

    Of a set that was not measured it is measured here, on the samples.
    """
    if known := unit_connections.shipped(set_name):
        return known
    return unit_connections.on_photographs(set_name, samples.photographs())


def arriving_photographs(set_name: str) -> int:
    """The number of photographs behind `arriving`."""
    if unit_connections.shipped(set_name):
        return len(photographs.photographs())
    return len(samples.photographs())


def _kernels(set_name: str) -> unit_connections.Kernels:
    network = runtime.network(set_name).keras
    return lambda name: network.get_layer(name).kernel


@st.cache_resource(
    max_entries=PICTURES, show_spinner=False, hash_funcs={Picture: _picture_key}
)
def _arriving_for(
    set_name: str, picture: Picture
) -> Mapping[str, NDArray[np.floating[Any]]]:
    spec = weights.get(set_name).spec
    return unit_connections.arriving(spec, [activations(set_name, picture)])


@st.cache_resource(
    max_entries=32 * PICTURES, show_spinner=False, hash_funcs={Picture: _picture_key}
)
def connections(
    set_name: str, name: str, unit: int, picture: Picture | None = None
) -> tuple[unit_connections.Connections | None, unit_connections.Connections | None]:
    """The strongest connections of a unit with the layers before and after it.

    Args:
        picture: what arrives is that of this picture; without one, what usually does.
    """
    spec, kernels = weights.get(set_name).spec, _kernels(set_name)
    known = _arriving_for(set_name, picture) if picture else arriving(set_name)
    return (
        unit_connections.fed_by(spec, name, unit, kernels, known),
        unit_connections.feeds(spec, name, unit, kernels, known),
    )


@st.cache_resource(
    max_entries=4 * PICTURES, show_spinner=False, hash_funcs={Picture: _picture_key}
)
def walk(
    set_name: str, name: str, unit: int, picture: Picture | None = None
) -> list[unit_connections.Connections]:
    """The way down from a unit along its strongest connections; `picture` as above."""
    spec = weights.get(set_name).spec
    known = _arriving_for(set_name, picture) if picture else arriving(set_name)
    return unit_connections.walk(spec, name, unit, _kernels(set_name), known)


def layer_tops(set_name: str, picture: Picture, name: str, scale: Scale) -> Any:
    """The value of each map of a layer that is drawn brightest: (maps,)."""
    maps = layer(set_name, picture, name)
    known = best_maps(set_name)[name] if scale == "best" else None
    return tops(maps, scale, known)[0, 0]


@st.cache_resource(
    max_entries=4 * PICTURES, show_spinner=False, hash_funcs={Picture: _picture_key}
)
def layer_mosaic(
    set_name: str,
    picture: Picture,
    name: str,
    scale: Scale,
    order: str,
    aspect: float = WIDE,
) -> tuple[Mosaic, bytes]:
    """The mosaic of one layer's maps and its PNG, one pixel a value."""
    maps = layer(set_name, picture, name)
    known = None
    if scale == "best" and maps.ndim == 3:
        known = best_maps(set_name)[name]
    drawn = mosaic(maps, scale, unit_order(maps, order), aspect, best=known)
    return drawn, encode(drawn)


def unit_order(
    values: NDArray[np.floating[Any]], order: str
) -> NDArray[np.integer[Any]] | None:
    """Unit numbers in the order asked for: by number (None) or strongest first."""
    if order == "index":
        return None
    return np.argsort(-map_statistics.peaks(values), kind="stable")


@st.cache_resource(show_spinner=False)
def first_layer(set_name: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """conv1's kernel and bias, without TensorFlow."""
    return weights.first_layer(set_name)


def figure(compute: F) -> F:
    """Keeps the newest figures that a function has made: a class looks at the same one.

    Its arguments are all that the figure depends on.
    """
    kept = st.cache_resource(
        max_entries=8 * PICTURES, show_spinner=False, hash_funcs={Picture: _picture_key}
    )
    return cast(F, kept(compute))


@dataclass(frozen=True)
class FilterFacts:
    """Sentences on a set's first-layer filters, computed from them."""

    summary: str
    sentences: tuple[str, ...]
    clear: int  # filters with a clear orientation or colour


@st.cache_resource(show_spinner=False)
def filter_facts(set_name: str, language: str = words.ENGLISH) -> FilterFacts:
    """The sentence on each filter, and the one on all, in a language."""
    kernels, _ = first_layer(set_name)
    found, texts = filters.measure(kernels), words.described(language)
    return FilterFacts(
        filters.describe_all(kernels, found, texts),
        tuple(
            filters.describe(kernels, i, found, texts) for i in range(kernels.shape[3])
        ),
        int((found.clear_orientation | found.clear_colour).sum()),
    )


@st.cache_resource(
    max_entries=PICTURES, show_spinner=False, hash_funcs={Picture: _picture_key}
)
def first_maps(set_name: str, picture: Picture) -> NDArray[np.float32]:
    """conv1's maps of a picture (H, W, C), by numpy alone: the home page has them at
    once."""
    spec = weights.get(set_name).spec
    kernels, bias = first_layer(set_name)
    return relu(by_hand(spec, to_input(picture, spec)[0], kernels, bias))


@st.cache_data(
    max_entries=4 * PICTURES, show_spinner=False, hash_funcs={Picture: _picture_key}
)
def cropped_photo(picture: Picture, most: int) -> bytes:
    """The section of a picture that a network receives, sharp, as a JPEG."""
    return encode_photo(cropped(picture, most))


@st.cache_data(show_spinner=False)
def small_sample(name: str, most: int) -> bytes:
    """The same of a sample that is a photograph: of our own file, without the door."""
    return encode_photo(cropped(photographs.image(name), most))


@st.cache_data(
    max_entries=PICTURES,
    show_spinner=False,
    hash_funcs={Picture: _picture_key, Spec: _input_key},
)
def received_photo(picture: Picture, spec: Spec) -> bytes:
    """The picture as the network receives it, as a JPEG."""
    return encode_photo(as_received(picture, spec))


@st.cache_data(ttl=60, show_spinner=False)
def forward_seconds(set_name: str) -> float:
    """How long one forward pass takes on this machine, measured once a minute."""
    seconds: float = runtime.network(set_name).seconds(PASSES)
    return seconds


def measure_again() -> None:
    """The next `forward_seconds` is a new measurement."""
    forward_seconds.clear()


def _head(set_name: str, units: Any, dropped: Any = ()) -> Any:
    """Probabilities of the classes for fc6's units (n, units): (n, classes)."""
    network = runtime.network(set_name)
    # Its weights are copied for the moment: one visitor at a time.
    with gate.inference_slot():
        head = dropout.head_of(network.keras, ("fc7", "fc8"))
        found = head.answers(units, dropped)
    return measured.probabilities(set_name, found)


@dataclass(frozen=True)
class Masked:
    """One picture's answers under dropout masks."""

    whole: Any  # (classes,), nothing dropped
    answers: Any  # (rates, MASKS, classes)
    kept: Any  # (rates, MASKS, units of fc6): whether a mask keeps it


@st.cache_resource(
    max_entries=PICTURES, show_spinner=False, hash_funcs={Picture: _picture_key}
)
def masked(set_name: str, picture: Picture, rates: tuple[float, ...]) -> Masked:
    """Answers without some units of fc6 and fc7, under the masks of the first steps."""
    known = activations(set_name, picture)
    fc6, fc7 = known["fc6"], known["fc7"]
    pairs = [(rate, step) for rate in rates for step in range(1, MASKS + 1)]
    six = np.stack([dropout.factors(len(fc6), *pair, 6) for pair in pairs])
    seven = np.stack([dropout.factors(len(fc7), *pair, 7) for pair in pairs])
    found = _head(set_name, fc6 * six, [seven])
    shape = (len(rates), MASKS, -1)
    whole = layer(set_name, picture, "fc8")
    return Masked(whole, found.reshape(shape), (six > 0).reshape(shape))


@st.cache_resource(
    max_entries=4 * PICTURES, show_spinner=False, hash_funcs={Picture: _picture_key}
)
def strongest_only(set_name: str, picture: Picture) -> Any:
    """Probabilities when only the strongest units of fc6 speak: (KEEPS, classes)."""
    fc6 = activations(set_name, picture)["fc6"]
    return _head(set_name, np.stack([dropout.strongest(fc6, k) for k in KEEPS]))


@st.cache_resource(show_spinner=False)
def recordings() -> dict[str, Recording]:
    """The recorded runs that come with the lab, by name."""
    return read_all()


@st.cache_resource(max_entries=32, show_spinner=False)
def class_tallies(
    _who: Instructor,
    class_id: str,
    exam_id: str | None,
    stamp: tuple[int, float],
    language: str,
) -> list[Tally]:
    """What a class has answered, in a language, once for each state of its answers.

    Whoever calls this has just asked for the stamp, and with it for leave.
    """
    return tallies.tallies(_who, class_id, exam_id, language)


@st.cache_resource(max_entries=512, show_spinner=False)
def run_outcome(
    run_id: str, _experiment: Experiment, ended: float | None
) -> tuple[Experiment, Outcome]:
    """What a run that is over has compared, and what it has shown.

    A sweep compares its arms, each at its best rate.

    Args:
        ended: a run that is retried ends again, with another outcome.
    """
    events = [
        ArmEvent(event.number, event.arm, unpack(event.report))
        for event in Runs(results.database()).events(run_id)
    ]
    if is_sweep(_experiment) and (compared := metrics.at_best(_experiment, events)):
        _experiment, events = compared
    return _experiment, outcome.outcome(_experiment, events)


@st.cache_resource(ttl=10, max_entries=32, show_spinner=False)
def class_bank(class_id: str) -> Bank:
    """The questions of a class. Whatever changes them here clears it; a change made by
    another server process is there within 10 seconds."""
    return custom_questions.bank_of(class_id)


@st.cache_resource(show_spinner=False)
def factor_searches() -> list[Search]:
    """The searches of `lab.factor` that come with the lab."""
    return read_searches()


@st.cache_resource(show_spinner=False)
def evidence() -> dict[str, Any]:
    """What `bench.datasets` measured of the built-in pictures; empty if not here."""
    return read_evidence()
