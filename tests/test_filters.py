"""Filters whose orientation, frequency and colour are known must be measured so."""

import re

import numpy as np
import pytest

from model.analysis import filters
from ui.kit import words
from viz import filters as pictures
from viz.palette import lut

GREY = (1.0, 1.0, 1.0)
RED_CYAN = (1.0, -0.5, -0.5)
BLUE_YELLOW = (-0.5, -0.5, 1.0)


def gabor(orientation, frequency, colour=GREY, size=11, phase=0.3, spread=0.3):
    """(size, size, c): a wave under a Gaussian, written from the convention alone."""
    rows, columns = np.indices((size, size)) - (size - 1) / 2
    angle = np.deg2rad(orientation)
    # Along the stripes is (cos, sin) with y upwards; rows count downwards.
    across = -rows * np.cos(angle) - columns * np.sin(angle)
    wave = np.cos(2 * np.pi * frequency * across + phase)
    wave = wave * np.exp(-(rows**2 + columns**2) / (2 * (spread * size) ** 2))
    return wave[:, :, None] * np.array(colour)


def blob(colour, size=11, spread=0.25):
    return np.abs(gabor(0, 0, colour, size, phase=0, spread=spread)) * np.sign(colour)


def noise(shape, scale, seed=0):
    return np.random.default_rng(seed).normal(0, scale, shape)


def stack(*filters_):
    return np.stack(filters_, axis=3)


def apart(a, b, circle):
    return np.abs((a - b + circle / 2) % circle - circle / 2)


@pytest.mark.parametrize("frequency", [0.12, 0.18, 0.25, 0.35])
def test_orientation_and_frequency_at_every_angle(frequency):
    angles = np.arange(0, 180, 5.0)
    found = filters.measure(stack(*(gabor(a, frequency) for a in angles)))
    assert apart(found.orientation, angles, 180).max() < 2
    assert np.abs(found.frequency - frequency).max() < 0.012
    assert found.orientation_strength.min() > 0.4
    assert found.clear_orientation.all()
    assert (found.orientation >= 0).all()
    assert (found.orientation < 180).all()


def test_convention_of_orientation():
    rows, columns = np.indices((11, 11))
    rising = np.where((rows + columns) % 6 < 3, 1.0, -1.0)  # like a slash
    horizontal = np.where(rows % 4 < 2, 1.0, -1.0)
    vertical = np.where(columns % 4 < 2, 1.0, -1.0)
    kernels = np.stack([rising, horizontal, vertical], axis=2)[:, :, None, :]
    found = filters.measure(kernels)
    assert apart(found.orientation, np.array([45, 0, 90]), 180).max() < 1


@pytest.mark.parametrize("angle", range(0, 180, 15))
def test_step_edge_has_the_direction_in_which_it_runs(angle):
    edge = np.sign(gabor(angle, 0.01, phase=np.pi / 2, spread=9)) + 0.0
    kernels = stack(edge, gabor(angle, 0.05, RED_CYAN, phase=np.pi / 2))
    found = filters.measure(kernels)
    assert apart(found.orientation, angle, 180).max() < 5
    assert found.clear_orientation.all()
    assert f"an edge at {round(found.orientation[1])}°" in filters.describe(kernels, 1)


def test_colour_of_blobs():
    kernels = stack(blob(GREY), blob(RED_CYAN), blob(BLUE_YELLOW), blob((1, 0, 0)))
    found = filters.measure(kernels)
    assert found.colourfulness == pytest.approx([0, 1, 1, 2 / 3], abs=1e-9)
    assert np.isnan(found.hue[0])
    assert apart(found.hue[1:], np.array([0, 240, 0]), 360).max() < 1e-6
    assert found.clear_colour.tolist() == [False, True, True, True]
    assert not found.clear_orientation.any()
    assert found.orientation_strength.max() < 0.05


@pytest.mark.parametrize("degrees", range(0, 360, 30))
def test_hue_goes_round_the_grey_axis(degrees):
    angle = np.deg2rad(degrees)
    colour = [np.cos(angle - turn) for turn in np.deg2rad([0, 120, 240])]
    found = filters.measure(stack(blob(colour) + 0.1 * blob(GREY)))
    assert apart(found.hue[0], degrees, 360) < 1e-6


def test_dominant_colour_of_an_opponent_filter_is_where_its_weights_are_largest():
    kernel = blob(BLUE_YELLOW) - 0.1 * np.ones((11, 11, 1)) * BLUE_YELLOW
    assert filters.hue_name(filters.measure(stack(kernel)).hue[0]) == "blue"
    assert filters.hue_name(filters.measure(stack(-kernel)).hue[0]) == "yellow"


@pytest.mark.parametrize(
    ("degrees", "name"),
    [(0, "red"), (350, "red"), (360, "red"), (32, "orange"), (419, "yellow")],
)
def test_hue_name(degrees, name):
    assert filters.hue_name(degrees) == name


@pytest.mark.parametrize("shape", [(11, 11, 3, 96), (5, 5, 1, 300), (11, 11, 3, 400)])
@pytest.mark.parametrize("scale", ["he", 0.005])
@pytest.mark.parametrize("seed", range(3))
def test_at_most_one_untrained_filter_in_twenty_is_clear(shape, scale, seed):
    if scale == "he":
        scale = np.sqrt(2 / np.prod(shape[:3]))
    kernels = noise(shape, scale, seed).astype(np.float32)
    assert filters.clear(kernels).mean() <= 0.05


def test_uniform_noise_is_no_clearer_than_gaussian_noise():
    kernels = np.random.default_rng(5).uniform(-0.1, 0.1, (11, 11, 3, 400))
    assert filters.clear(kernels).mean() <= 0.05


def test_pattern_is_still_clear_under_as_much_noise():
    angles = np.arange(0, 180, 10.0)
    patterns = stack(*(gabor(a, 0.18) for a in angles))
    patterns /= np.sqrt((patterns**2).mean(axis=(0, 1, 2)))
    kernels = patterns + noise(patterns.shape, 0.7)
    found = filters.measure(kernels)
    assert found.clear_orientation.all()
    assert apart(found.orientation, angles, 180).max() < 8
    assert not found.clear_colour.any()


def test_threshold_is_remembered():
    assert filters.noise_threshold(5, 5, 1) is filters.noise_threshold(5, 5, 1)


@pytest.mark.parametrize("factor", [1e-12, 0.3, 1e6])
def test_only_the_norm_depends_on_scale(factor):
    kernels = stack(gabor(30, 0.2), gabor(120, 0.1, RED_CYAN), blob(BLUE_YELLOW))
    kernels = kernels + noise(kernels.shape, 0.05)
    one, other = filters.measure(kernels), filters.measure(kernels * factor)
    assert other.norm == pytest.approx(one.norm * factor)
    for name in ("colourfulness", "colour_strength", "hue", "orientation"):
        assert getattr(other, name) == pytest.approx(getattr(one, name)), name
    assert other.frequency == pytest.approx(one.frequency)
    assert other.orientation_strength == pytest.approx(one.orientation_strength)
    assert (other.clear_colour == one.clear_colour).all()


def test_dead_and_constant_filters_divide_by_nothing():
    zero, flat = np.zeros((11, 11, 3)), np.ones((11, 11, 3))
    kernels = stack(gabor(0, 0.2), zero, 0.01 * gabor(90, 0.2), flat)
    with np.errstate(all="raise"):
        found = filters.measure(kernels)
    assert found.dead.tolist() == [False, True, True, False]
    assert found.clear_orientation.tolist() == [True, False, False, False]
    assert np.isnan(found.orientation[[1, 3]]).all()
    assert np.isnan(found.frequency[[1, 3]]).all()
    assert found.orientation_strength[[1, 3]].tolist() == [0, 0]
    assert filters.describe(kernels, 1) == "Filter 1: close to zero."
    assert filters.describe(kernels, 3) == "Filter 3: no clear direction, mostly grey."


def test_all_filters_zero():
    found = filters.measure(np.zeros((11, 11, 3, 4)))
    assert found.dead.all()
    assert filters.order(np.zeros((11, 11, 3, 4)), "colour").tolist() == [0, 1, 2, 3]


def test_other_sizes_and_channels():
    grey = np.stack([gabor(a, 0.25, (1.0,), size=5) for a in (0, 45, 90)], axis=3)
    found = filters.measure(grey)
    assert apart(found.orientation, np.array([0, 45, 90]), 180).max() < 3
    assert found.colourfulness.tolist() == [0, 0, 0]
    assert np.isnan(found.hue).all()
    assert not found.clear_colour.any()
    deeper = filters.measure(noise((3, 7, 8, 5), 1.0))
    assert deeper.orientation.shape == (5,)
    assert filters.describe_all(grey) == (
        f"3 filters of 5 × 5 pixels: {found.clear_orientation.sum()} "
        "with a clear orientation, 0 close to zero."
    )


def test_order_by_each_word_is_a_permutation():
    kernels = noise((11, 11, 3, 40), 0.1)
    kernels[..., 7] = 0
    for by in ("index", "colour", "orientation", "frequency", "strength"):
        order = filters.order(kernels, by)
        assert sorted(order.tolist()) == list(range(40)), by
        assert by == "index" or order[-1] == 7, by


def test_order_sorts():
    green = (-0.5, 1.0, -0.5)
    kernels = stack(
        2 * gabor(90, 0.3),
        blob(green),
        4 * gabor(10, 0.1),
        blob(RED_CYAN),
        3 * gabor(50, 0.2),
    )
    assert filters.order(kernels, "index").tolist() == [0, 1, 2, 3, 4]
    assert filters.order(kernels, "orientation").tolist()[:3] == [2, 4, 0]
    assert filters.order(kernels, "colour").tolist()[:2] == [3, 1]
    by_frequency = filters.order(kernels, "frequency").tolist()
    assert [i for i in by_frequency if i % 2 == 0] == [2, 4, 0]
    assert filters.order(kernels, "strength").tolist()[:3] == [2, 4, 0]


def test_order_names_what_it_knows():
    with pytest.raises(ValueError, match="orientation"):
        filters.order(np.ones((5, 5, 3, 2)), "size")


def test_describe_says_what_was_put_in():
    kernels = stack(gabor(45, 0.18, spread=0.5), gabor(135, 0.2, RED_CYAN))
    first, second = filters.describe(kernels, 0), filters.describe(kernels, 1)
    assert re.fullmatch(
        r"Filter 0: stripes at 45°, 0\.18 cycles per pixel "
        r"\(a period of 5\.[4-7] pixels\), mostly grey\.",
        first,
    )
    assert "stripes at 135°" in second
    assert "red against cyan" in second or "cyan against red" in second
    measures = filters.measure(kernels)
    assert filters.describe(kernels, 1, measures) == second


def test_describe_all_counts():
    kernels = stack(gabor(45, 0.18), blob(RED_CYAN), np.zeros((11, 11, 3)))
    assert filters.describe_all(kernels) == (
        "3 filters of 11 × 11 pixels: 1 with a clear orientation, "
        "1 with a clear colour, 1 close to zero."
    )


@pytest.mark.parametrize("shape", [(11, 11, 3), (0, 11, 3, 4)])
def test_measure_refuses_other_shapes(shape):
    with pytest.raises(ValueError, match="Received"):
        filters.measure(np.zeros(shape))


def test_measure_refuses_what_is_not_finite():
    kernels = np.full((5, 5, 3, 2), np.nan)
    with pytest.raises(ValueError, match="finite"):
        filters.measure(kernels)


def test_zero_weight_is_mid_grey_and_signs_are_symmetric():
    kernels = noise((11, 11, 3, 6), 0.1)
    kernels[0, 0, :, :] = 0
    pixels = pictures.filter_pixels(kernels)
    assert pixels.shape == (6, 11, 11, 3)
    assert pixels.dtype == np.uint8
    assert (pixels[:, 0, 0] == 128).all()
    mirrored = pictures.filter_pixels(-kernels).astype(int)
    assert (mirrored + pixels == 256).all()


def test_scaling_by_filter_hides_strength_and_by_all_shows_it():
    kernels = noise((11, 11, 3, 4), 0.1)
    kernels[..., 0] *= 0.01
    alone = pictures.filter_pixels(kernels, "filter").astype(int) - 128
    together = pictures.filter_pixels(kernels, "all").astype(int) - 128
    assert (np.abs(alone).max(axis=(1, 2, 3)) == 127).all()
    assert np.abs(together[0]).max() < 10
    assert np.abs(together[1:]).max() == 127
    for scaling in ("filter", "all"):
        once = pictures.filter_pixels(kernels, scaling)
        assert (once == pictures.filter_pixels(1000 * kernels, scaling)).all()


def test_grey_and_dead_filters_have_pixels():
    with np.errstate(all="raise"):
        pixels = pictures.filter_pixels(np.zeros((5, 5, 1, 2)), "all")
    assert pixels.shape == (2, 5, 5, 3)
    assert (pixels == 128).all()
    with pytest.raises(ValueError, match="Received"):
        pictures.filter_pixels(np.zeros((5, 5, 2, 2)))


def test_mosaic_puts_each_filter_where_the_order_says():
    kernels = noise((11, 11, 3, 7), 0.1)
    order = np.array([3, 0, 6, 5, 1, 2, 4])
    mosaic = pictures.filter_mosaic(
        kernels, order=order, columns=4, cell=24, gap=2, gap_colour="#0A0B0C"
    )
    assert mosaic.shape == (2 * 22 + 2, 4 * 22 + 3 * 2, 3)
    pixels = pictures.filter_pixels(kernels)
    for place, number in enumerate(order):
        top, left = (24 * i for i in divmod(place, 4))
        tile = mosaic[top : top + 22, left : left + 22]
        assert (tile == pixels[number].repeat(2, 0).repeat(2, 1)).all()
    assert (mosaic[22:24] == (10, 11, 12)).all()
    assert (mosaic[24:, 72:] == (10, 11, 12)).all()  # no filter there


def test_mosaic_without_gap_and_with_few_filters():
    mosaic = pictures.filter_mosaic(noise((5, 5, 1, 2), 1.0), gap=0, columns=9, cell=1)
    assert mosaic.shape == (5, 10, 3)


def test_channel_pictures_share_a_scale():
    kernel = np.zeros((11, 11, 3))
    kernel[..., 0], kernel[..., 1] = 1.0, -0.5
    red, green, blue = pictures.channel_pictures(kernel)
    colours = lut("diverging")
    assert red.shape == (11, 11, 3)
    assert (red == colours[255]).all()
    assert (green == colours[63]).all()
    assert (blue == colours[127]).all()


def test_filters_are_described_in_german():
    kernels = stack(gabor(45, 0.18, spread=0.5), np.zeros((11, 11, 3)))
    texts = words.described("de")
    assert re.fullmatch(
        r"Filter 0: Streifen bei 45°, 0,18 Perioden pro Pixel "
        r"\(eine Periode von 5,[4-7] Pixeln\), überwiegend grau\.",
        filters.describe(kernels, 0, texts=texts),
    )
    assert filters.describe(kernels, 1, texts=texts) == "Filter 1: fast null."
    assert filters.describe_all(kernels, texts=texts) == (
        "2 Filter von 11 × 11 Pixeln: 1 mit klarer Richtung, 0 mit klarer Farbe, "
        "1 fast null."
    )
