"""Mosaics: every value at its place, zero always the same colour."""

import io

import numpy as np
import pytest
from PIL import Image

from viz import overlay
from viz.mosaic import (
    GAP,
    LEVELS,
    columns_for,
    encode,
    encode_rgb,
    mosaic,
    side_by_side,
    to_indices,
    tops,
)
from viz.palette import PALETTES, lut


def maps(count: int = 10, size: int = 4) -> np.ndarray:
    values = np.random.default_rng(0).random((size, size, count)).astype(np.float32)
    values[:, :, 3] = 0
    return values


def test_each_tile_is_its_map() -> None:
    drawn = mosaic(maps(), columns=4)
    indices = to_indices(maps(), "map")
    assert drawn.rows == 3
    for place in range(10):
        row, column = divmod(place, 4)
        tile = drawn.pixels[row * 5 : row * 5 + 4, column * 5 : column * 5 + 4]
        assert np.array_equal(tile, indices[:, :, place])


def test_order_moves_tiles() -> None:
    order = np.array([7, 3, 0])
    drawn = mosaic(maps(), order=order, columns=3)
    assert drawn.order == (7, 3, 0)
    assert np.array_equal(drawn.pixels[:, :4], to_indices(maps(), "map")[:, :, 7])


def test_zero_is_zero_and_the_largest_is_the_last_colour() -> None:
    indices = to_indices(maps(), "map")
    assert indices[:, :, 3].max() == 0
    assert set(indices.max(axis=(0, 1)).tolist()) == {0, LEVELS - 1}


def test_scale_by_layer_compares_maps() -> None:
    values = maps()
    values[:, :, 0] *= 0.1
    by_layer = to_indices(values, "layer").max(axis=(0, 1))
    assert by_layer.max() == LEVELS - 1
    assert by_layer[0] < LEVELS // 5


def test_scale_by_the_best_leaves_a_map_that_finds_little_dark() -> None:
    values = maps()
    best = np.full(10, 10, np.float32)
    best[4] = 0.5  # it reaches more here than on the photographs
    top = values.max(axis=(0, 1))
    brightest = to_indices(values, "best", best).max(axis=(0, 1))
    assert brightest[4] == LEVELS - 1
    wanted = np.delete(top / 10 * (LEVELS - 1), 4)
    np.testing.assert_allclose(np.delete(brightest, 4), wanted, atol=0.51)
    assert tops(values, "best", best).ravel().tolist() == [
        *[10] * 4, float(top[4]), *[10] * 5,
    ]  # fmt: skip
    with pytest.raises(ValueError, match="best of each map"):
        to_indices(values, "best")


def test_negative_values_get_the_diverging_map_with_zero_in_its_middle() -> None:
    values = np.array([[[-2.0], [0.0]], [[1.0], [2.0]]])
    drawn = mosaic(values)
    assert drawn.colours == "diverging"
    assert to_indices(values, "map").ravel().tolist() == [0, 127, 190, 254]


def test_dense_units_are_squares_without_gaps_on_one_scale() -> None:
    drawn = mosaic(np.arange(200.0), scale="map")
    assert drawn.tile == (1, 1)
    assert drawn.gap == 0
    assert drawn.pixels[0, 0] == 0
    assert np.unique(drawn.pixels).size > 150


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (3, 3), (96, 12), (384, 25)])
def test_columns(count: int, columns: int) -> None:
    assert columns_for(count) == columns


def test_png_has_the_colours_and_see_through_gaps() -> None:
    drawn = mosaic(maps(), columns=4)
    image = Image.open(io.BytesIO(encode(drawn, enlarge=2))).convert("RGBA")
    height, width = drawn.pixels.shape
    assert image.size == (2 * width, 2 * height)
    pixels = np.asarray(image)
    assert tuple(pixels[0, 0, :3]) == tuple(lut("viridis")[drawn.pixels[0, 0]])
    assert pixels[0, 8 + GAP - 1, 3] == 0
    assert pixels[0, 0, 3] == 255


def test_nothing_fires_is_drawn_too() -> None:
    assert encode(mosaic(np.zeros((3, 3, 5), np.float32)))


def test_colour_maps_are_perceptually_ordered() -> None:
    """Lightness only rises along both."""
    weights = np.array([0.2126, 0.7152, 0.0722])
    viridis = (lut("viridis")[:LEVELS] / 255) ** 2.2 @ weights
    assert (np.diff(viridis) > -1e-3).all()
    diverging = (lut("diverging")[:LEVELS] / 255) ** 2.2 @ weights
    assert (np.diff(diverging) > -1e-3).all()


def test_side_by_side_keeps_pictures_apart() -> None:
    pictures = np.full((3, 2, 2, 3), 200, np.uint8)
    row = side_by_side(pictures, enlarge=3, gap=4)
    assert row.shape == (6, 3 * 6 + 2 * 4, 4)
    assert row[0, 6, 3] == 0
    assert Image.open(io.BytesIO(encode_rgb(row))).mode == "RGBA"


def test_overlay_lights_up_where_the_map_fires_and_frames_the_patch() -> None:
    picture = np.full((224, 224, 3), 100, np.uint8)
    values = np.zeros((12, 12), np.float32)
    over_grey = overlay.over(picture, values)
    assert over_grey.shape == (448, 448, 3)
    assert np.ptp(over_grey) == 0  # nothing fires: the grey picture
    values[2, 9] = 1
    lit = overlay.over(picture, values)
    at = np.unravel_index(
        int((lit.astype(int) - over_grey).max(axis=2).argmax()), (448, 448)
    )
    assert abs(at[0] - 2.5 / 12 * 448) < 30
    assert abs(at[1] - 9.5 / 12 * 448) < 30
    weak = overlay.over(picture, values, top=20)
    assert (
        np.abs(weak.astype(int) - over_grey).max()
        < np.abs(lit.astype(int) - over_grey).max() / 4
    )
    framed = overlay.over(picture, values, (50, 100, 120, 180))
    assert tuple(framed[100, 250]) == (255, 255, 255)


def test_every_layer_kind_has_a_colour_in_both_schemes() -> None:
    for palette in PALETTES.values():
        kinds = {palette.kind(k) for k in ("conv", "pool", "normalise", "dense")}
        assert len(kinds) == 4
        assert palette.kind("dropout") == palette.muted
