"""Charts for the browser: what was handed in is drawn, in colours all can see."""

from __future__ import annotations

import io
from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest

from tests.test_palette import GRAPHIC, contrast, luminance, rgb
from viz import curves
from viz.curves import Curves, Look, Point
from viz.dropout_mask import CELL, COLUMNS, GAP, mask_pixels
from viz.palette import PALETTES, SERIES
from viz.saturation import FUNCTIONS, svg
from viz.sweep import Rate, Titles, sweep
from viz.vega import SHAPES

ARMS = ["ReLU", "tanh"]
POINTS = [Point(x, 1 / (x + 1), arm) for x in range(3) for arm in ARMS]


def spec(points=POINTS, scheme="light", **about):
    return curves.lines(Curves(points, ARMS, **about), Look("passes", "error"), scheme)


def test_points_travel_as_columns() -> None:
    points = spec()["datasets"]["points"]
    assert points["x"] == [0, 0, 1, 1, 2, 2]
    assert points["arm"] == ARMS * 3


def test_more_points_leave_the_specification_alone() -> None:
    """Then the browser moves the points and does not build the chart anew."""
    few, many = spec(POINTS[:2]), spec()
    assert few.pop("datasets") != many.pop("datasets")
    assert few == many


def test_the_target_is_drawn() -> None:
    drawn = spec(target=(0.25, "25%"))
    assert drawn["datasets"]["target"] == {"y": [0.25], "label": ["25%"]}
    rules = [x for x in drawn["layer"] if x["mark"]["type"] == "rule"]
    assert rules[0]["mark"]["strokeDash"]


def test_a_recording_is_told_by_its_dashes() -> None:
    (line, *_) = spec(kinds=("live", "recorded"))["layer"]
    dashes = line["encoding"]["strokeDash"]["scale"]
    assert dashes["domain"] == ["live", "recorded"]
    assert dashes["range"][0] != dashes["range"][1]
    alone = spec(kinds=("live",))["layer"][0]["encoding"]["strokeDash"]
    assert "scale" not in alone, "nothing but arms is told apart"


def test_lines_are_told_apart_in_grey() -> None:
    """By dashes, of every arm its own, in each chart that has lines."""
    columns = {"layer": ["conv1"] * 2, "value": [1.0, 2.0], "arm": ARMS}
    for drawn in (
        spec(),
        swept(),
        curves.layers(columns, ARMS, "light", title="norm", scale="log"),
    ):
        lines = [x for x in drawn["layer"] if x["mark"]["type"] == "line"]
        for line in lines:
            dash = line["encoding"]["strokeDash"]
            kinds = [tuple(one["value"]) for one in dash["condition"]]
            assert len(set(kinds)) == len(kinds) == len(ARMS)
            assert '"tanh"' in dash["condition"][1]["test"]


def test_words_on_a_chart_are_as_dark_as_the_pages() -> None:
    """Streamlit's own grey is 3.6 to 1 on our light background."""
    columns = {"layer": ["conv1"], "value": [1.0], "arm": ["ReLU"]}
    for scheme in ("light", "dark"):
        text = PALETTES[scheme].text
        for drawn in (
            spec(scheme=scheme),
            curves.layers(columns, ARMS, scheme, title="norm", scale="log"),
        ):
            for part in ("axis", "legend"):
                assert drawn["config"][part]["labelColor"] == text
                assert drawn["config"][part]["titleColor"] == text


RATES = [
    Rate(0.001, 12.0, "ReLU"),
    Rate(0.002, 9.5, "ReLU", best=True, label="ReLU, 0.002: 9.5 passes"),
    Rate(0.001, None, "tanh"),
    Rate(0.002, None, "tanh", best=True),
]


def swept(**about):
    titles = Titles("rate", "passes", "away")
    return sweep(RATES, ARMS, "light", titles, **({"share": False} | about))


def test_rates_that_did_not_arrive_are_seen_above_those_that_did() -> None:
    drawn = swept()["datasets"]
    assert drawn["there"]["y"] == [12.0, 9.5]
    assert drawn["away"]["x"] == [0.001, 0.002]
    assert drawn["best"]["x"] == [0.002] and drawn["best away"]["x"] == [0.002]
    top = swept()["layer"][0]["encoding"]["y"]["scale"]["domain"][1]
    assert top > 12 * 1.2, "room along the top"
    ticks = swept()["layer"][0]["encoding"]["y"]["axis"]["values"]
    assert ticks == [0, 5, 10], "none beside those that are not there"
    there = {layer["data"]["name"] for layer in swept()["layer"]}
    assert there == {"there", "away", "best", "best away", "missing"}
    all_there = sweep(RATES[:2], ARMS, "dark", Titles("", "", "away"), share=True)
    assert "missing" not in {layer["data"]["name"] for layer in all_there["layer"]}


def test_rates_lie_on_a_log_axis_at_their_own_numbers() -> None:
    x = swept()["layer"][0]["encoding"]["x"]
    assert x["scale"]["type"] == "log"
    assert x["axis"]["values"] == [0.001, 0.002]


def test_log_scale_spans_whole_powers_of_ten() -> None:
    columns = {"layer": ["a", "b"], "value": [0.0021, 3.0], "arm": ["ReLU"] * 2}
    drawn = curves.layers(columns, ARMS, "dark", title="norm", scale="log")
    y = drawn["layer"][0]["encoding"]["y"]
    assert y["scale"]["domain"] == [pytest.approx(0.001), pytest.approx(10)]
    columns["value"] = [1.0, 1.0]  # one value is no span
    drawn = curves.layers(columns, ARMS, "dark", title="norm", scale="log")
    low, high = drawn["layer"][0]["encoding"]["y"]["scale"]["domain"]
    assert low < high


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_eight_arms_are_seen_and_told_apart(scheme) -> None:
    palette, colours = PALETTES[scheme], SERIES[scheme]
    assert len(set(colours)) == len(set(SHAPES)) == 8
    for colour in colours:
        for ground in (palette.background, palette.surface):
            assert contrast(colour, ground) >= GRAPHIC


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_first_four_differ_with_any_colour_vision(scheme) -> None:
    """In what red-green blind eyes see of them (Viénot's matrices), by distance."""
    protan = np.array([[0.11, 0.89, 0.0], [0.11, 0.89, 0.0], [0.0, 0.0, 1.0]])
    deutan = np.array([[0.29, 0.71, 0.0], [0.29, 0.71, 0.0], [-0.02, 0.02, 1.0]])
    for matrix in (np.eye(3), protan, deutan):
        seen = [matrix @ np.array(rgb(colour)) for colour in SERIES[scheme][:3]]
        for one, other in combinations(seen, 2):
            assert np.linalg.norm(one - other) > 0.12
    assert all(0 < luminance(colour) < 1 for colour in SERIES[scheme])


# --- saturation ---------------------------------------------------------------------

EDGES = [float(x) for x in np.linspace(-5, 5, 41)]


@pytest.mark.parametrize("activation", [*FUNCTIONS, "softmax"])
def test_bars_stand_over_the_function(activation) -> None:
    counts = [0] * 40
    counts[0], counts[20] = 5, 10
    drawn = svg("conv1 <b>", counts, EDGES, activation, "#123456", PALETTES["light"])
    root = ElementTree.parse(io.StringIO(drawn)).getroot()
    name = "{http://www.w3.org/2000/svg}"
    bars = root.findall(f".//{name}rect")
    assert len(bars) == 2
    assert float(bars[1].get("height")) == 2 * float(bars[0].get("height"))
    lines = root.findall(f".//{name}polyline")
    assert len(lines) == (activation != "softmax")


def test_functions_are_the_ones_that_keras_has() -> None:
    from keras import activations

    places = np.linspace(-4, 4, 17, dtype=np.float32)
    for name, function in FUNCTIONS.items():
        kerass = np.asarray(getattr(activations, name)(places))
        ours = [function(float(x)) for x in places]
        np.testing.assert_allclose(ours, kerass, atol=2e-3)  # GELU's is approximate


# --- masks --------------------------------------------------------------------------


def test_a_square_is_filled_where_a_unit_is_awake() -> None:
    awake = np.zeros(70, bool)
    awake[[0, 33]] = True
    pixels = mask_pixels(awake, "light")
    side = CELL + GAP
    assert pixels.shape == (3 * side - GAP, COLUMNS * side - GAP, 3)
    middles = pixels[CELL // 2 :: side, CELL // 2 :: side]
    full = np.array([int(255 * x + 0.5) for x in rgb(SERIES["light"][0])])
    filled = (middles == full).all(axis=2)
    assert [tuple(x) for x in np.argwhere(filled)] == [(0, 0), (1, 1)]
