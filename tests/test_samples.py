"""Every sample can be shown, is credited, and is what the table says."""

import io
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from model.pictures import samples

ALL = list(samples.samples())
PHOTOGRAPHS = [n for n in ALL if samples.sample(n).kind == "photograph"]
DRAWN = [n for n in ALL if samples.sample(n).kind == "drawn"]
CREDITS = (samples.ASSETS / "CREDITS.md").read_text(encoding="utf-8")


def levels(drawing):
    """Grey levels of a drawing, -1 to 1."""
    return (samples.draw(drawing)[:, :, 0].astype(float) - samples.GREY) / 127.5


def measured(plane):
    """Orientation (degrees) and frequency (cycles per pixel) of the strongest wave."""
    side = 2048
    spectrum = np.abs(np.fft.rfft2(plane - plane.mean(), (side, side)))
    row, column = np.unravel_index(spectrum.argmax(), spectrum.shape)
    down, right = np.fft.fftfreq(side)[row], column / side
    across = np.rad2deg(np.arctan2(-down, right))  # counter-clockwise as seen
    return (across + 90) % 180, np.hypot(down, right)


def test_there_are_photographs_and_drawings():
    assert len(PHOTOGRAPHS) >= 8
    assert set(samples.DRAWINGS) == {samples.sample(n).draw for n in DRAWN}


@pytest.mark.parametrize("name", ALL)
def test_sample_decodes_as_rgb(name):
    image = Image.open(io.BytesIO(samples.data(name)))
    image.load()
    assert image.mode == "RGB"
    assert min(image.size) >= 227  # the largest input of the four networks
    assert max(image.size) <= 640


@pytest.mark.parametrize("name", ALL)
def test_sample_says_what_it_is(name):
    sample = samples.sample(name)
    assert re.fullmatch(r"[a-z][a-z_]*", name)
    for text in (sample.alt, sample.say):
        assert text.endswith(".")
        assert len(text) > 15
    assert sample.title
    assert sample.author
    assert sample.licence in {"CC0 1.0", "CC BY 2.0", "Public domain", "Apache 2.0"}
    assert sample.source


@pytest.mark.parametrize("name", ALL)
def test_sample_is_credited(name):
    sample = samples.sample(name)
    key = f"`{sample.file or sample.name}`"
    (line,) = (x for x in CREDITS.splitlines() if x.startswith("| ") and key in x)
    assert sample.author in line
    assert sample.licence in line


def test_files_are_those_of_the_table():
    files = {path.name for path in samples.FOLDER.iterdir()} - {"samples.toml"}
    assert files == {samples.sample(n).file for n in PHOTOGRAPHS}
    assert sum((samples.FOLDER / name).stat().st_size for name in files) < 1_000_000


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_photograph_carries_no_metadata(name):
    image = Image.open(io.BytesIO(samples.data(name)))
    assert image.format == "JPEG"
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert not image.getexif()


@pytest.mark.parametrize("name", DRAWN)
def test_drawing_is_encoded_without_loss(name):
    drawn = samples.draw(samples.sample(name).draw)
    assert drawn.shape == (samples.SIDE, samples.SIDE, 3)
    assert drawn.dtype == np.uint8
    assert (np.asarray(Image.open(io.BytesIO(samples.data(name)))) == drawn).all()


def test_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(KeyError, match="coffee"):
        samples.data("unicorn")


def test_sample_is_either_a_file_or_a_drawing():
    cat = samples.sample("cat")
    with pytest.raises(ValueError, match="Received"):
        replace(cat, file=None)
    with pytest.raises(ValueError, match="Received"):
        replace(cat, kind="drawn")
    with pytest.raises(ValueError, match="Received"):
        replace(cat, draw="disc")


def test_stripes_have_their_direction_and_period():
    orientation, frequency = measured(levels("stripes")[:112, :112])
    assert orientation == pytest.approx(samples.STRIPES_ORIENTATION, abs=0.5)
    assert 1 / frequency == pytest.approx(samples.STRIPES_PERIOD, rel=0.01)


@pytest.mark.parametrize("row", range(4))
@pytest.mark.parametrize("column", range(4))
def test_grating_has_the_direction_of_its_column_and_the_period_of_its_row(row, column):
    side = samples.SIDE // 4
    plane = levels("gratings")
    patch = plane[row * side :, column * side :][:side, :side]
    orientation, frequency = measured(patch)
    expected = samples.GRATING_ORIENTATIONS[column]
    assert abs((orientation - expected + 90) % 180 - 90) < 0.5
    assert 1 / frequency == pytest.approx(samples.GRATING_PERIODS[row], rel=0.02)
    rim = np.concatenate([patch[0], patch[-1], patch[:, 0], patch[:, -1]])
    assert np.abs(rim).max() < 0.02


def test_disc_is_smooth_and_of_its_size():
    plane = levels("disc")
    area = ((plane.clip(-1, 1) + 1) / 2).sum()
    assert area == pytest.approx(np.pi * (samples.SIDE / 3) ** 2, rel=0.005)
    assert ((plane > -0.9) & (plane < 0.9)).any()  # antialiased


def test_star_alternates_round_a_circle():
    turn = np.linspace(0, 2 * np.pi, 4000, endpoint=False)
    centre, radius = (samples.SIDE - 1) / 2, samples.SIDE * 0.3
    rows = (centre - radius * np.sin(turn)).round().astype(int)
    columns = (centre + radius * np.cos(turn)).round().astype(int)
    bright = levels("star")[rows, columns] > 0
    assert (bright != np.roll(bright, 1)).sum() == 2 * samples.STAR_SPOKES


@pytest.mark.parametrize("share", [0.5, 0.7, 0.85])
@pytest.mark.parametrize("angle", [0, 45, 90, 180, 250])
def test_zone_plate_grows_finer_in_proportion_to_radius(share, angle):
    side, half = 30, samples.SIDE / 2  # a window of more than one wave
    row = round(half - share * half * np.sin(np.deg2rad(angle)))
    column = round(half + share * half * np.cos(np.deg2rad(angle)))
    part = levels("zone")[
        row - side : row + side + 1, column - side : column + side + 1
    ]
    window = np.hanning(2 * side + 1)
    orientation, frequency = measured(part * np.outer(window, window))
    assert frequency == pytest.approx(share * samples.ZONE_FREQUENCY, rel=0.12)
    assert abs((orientation - angle) % 180 - 90) < 5  # rings run across the radius


def test_colours_are_equally_bright():
    grey = np.asarray(Image.fromarray(samples.draw("colours")).convert("L")).astype(int)
    assert np.abs(grey - samples.GREY).max() <= 1
    found = np.unique(samples.draw("colours").reshape(-1, 3), axis=0)
    assert {tuple(c) for c in found.tolist()} == set(samples.EQUAL_COLOURS.values())


def test_checkerboard_has_as_much_white_as_black():
    pixels = samples.draw("checkerboard")
    assert set(np.unique(pixels)) == {0, 255}
    assert (pixels == 255).mean() == 0.5


def test_dot_is_small_white_and_in_the_middle():
    pixels = samples.draw("dot")[:, :, 0]
    rows, columns = np.nonzero(pixels)
    assert pixels.max() == 255
    assert np.ptp(rows) <= 2 * samples.DOT_RADIUS
    assert rows.mean() == columns.mean() == (samples.SIDE - 1) / 2


def test_grey_is_grey():
    assert (samples.draw("grey") == samples.GREY).all()
