"""Crops, mirror images and colour noise, against numpy and against the paper."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from classroom.content import code_2012
from model import measured, paper, runtime, weights
from model.analysis import colours, crops
from model.pictures import load_picture, samples, to_input
from tests import access
from tests.test_pages import visit
from ui.kit import words
from ui.kit.network import ten_crops

Open = Callable[..., Any]


def ramp() -> crops.Pixels:
    """Every pixel another colour: a crop's place can be read off it."""
    rows, columns = np.indices((crops.SIDE, crops.SIDE))
    return np.stack([rows, columns, rows], axis=2).astype(np.uint8)


def test_there_are_33_positions_each_way_and_the_code_draws_them_all() -> None:
    assert crops.COUNT == 2_178
    assert crops.POSITIONS == 2 * code_2012.BORDER + 1
    assert (crops.POSITIONS - 1) ** 2 * 2 == paper.FACTOR
    every = [
        crops.Crop(top, left, mirrored).number
        for mirrored in (False, True)
        for top in range(crops.POSITIONS)
        for left in range(crops.POSITIONS)
    ]
    assert every == list(range(1, crops.COUNT + 1))


def test_a_crop_is_cut_where_it_says() -> None:
    cut = crops.Crop(3, 30).of(ramp())
    assert cut.shape == (crops.CROP, crops.CROP, 3)
    assert cut[0, 0].tolist() == [3, 30, 3]
    mirrored = crops.Crop(3, 30, mirrored=True).of(ramp())
    assert np.array_equal(mirrored, cut[:, ::-1])


def test_the_ten_are_corners_centre_and_their_mirror_images() -> None:
    places = {(one.top, one.left) for one in crops.TEN}
    assert places == {(0, 0), (0, 32), (32, 0), (32, 32), (16, 16)}
    assert len(set(crops.TEN)) == 10
    assert sum(one.mirrored for one in crops.TEN) == 5
    assert crops.CENTRE in crops.TEN


@pytest.mark.parametrize("size", [(400, 256), (256, 400), (100, 100)])
def test_the_middle_is_cut_out(size: tuple[int, int]) -> None:
    image = Image.new("RGB", size, "red")
    image.paste("blue", (0, 0, size[0] // 8, size[1] // 8))
    found = crops.prepared(image)
    assert found.shape == (crops.SIDE, crops.SIDE, 3)
    is_square = size[0] == size[1]
    assert (found[2, 2].tolist() == [0, 0, 255]) == is_square


def test_a_picture_of_another_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="RGB or L"):
        crops.prepared(Image.new("RGBA", (300, 300)))


def test_components_are_those_of_numpy() -> None:
    random = np.random.default_rng(1)
    mixed = np.array([[60, 55, 50], [30, 0, -28], [5, -9, 4]])
    pixels = 128 + random.normal(size=(40, 30, 3)) @ mixed
    pictures = np.clip(pixels, 0, 255).astype(np.uint8).reshape(4, 10, 30, 3)
    found = colours.measure(list(pictures))
    values, vectors = np.linalg.eigh(np.cov(pictures.reshape(-1, 3).T, bias=True))
    assert found.images == 4
    assert found.deviations == pytest.approx(np.sqrt(values[::-1]).tolist())
    for own, theirs in zip(found.vectors, vectors.T[::-1], strict=True):
        assert abs(np.dot(own, theirs)) == pytest.approx(1)
        assert own[0] > 0


def test_the_shipped_components_are_what_the_page_says_of_them() -> None:
    found = colours.components()
    basis = np.array(found.vectors)
    assert basis @ basis.T == pytest.approx(np.eye(3), abs=1e-4)
    assert found.images == 100_000
    assert list(found.deviations) == sorted(found.deviations, reverse=True)
    grey, second, third = basis
    assert grey == pytest.approx(3**-0.5, abs=0.02)  # "nearly grey"
    assert second[0] > 0.5 and second[2] < -0.5  # "from blue to red"
    assert third[1] < -0.5 < third[0] and third[2] > 0.3  # "from green to purple"
    # "more than there is between black and white"
    assert code_2012.NOISE * found.deviations[0] ** 2 > 255


def test_a_shift_is_the_sum_of_the_components() -> None:
    found = colours.Components(((1, 0, 0), (0, 1, 0), (0, 0, 1)), (100, 10, 1), 1)
    assert found.shift((0.1, -0.2, 0.3)) == pytest.approx([10, -2, 0.3])


def test_the_page_says_how_many_crops_there_are() -> None:
    said = "\n".join(x.value for x in visit("augmentation").markdown)
    for number in ("2,178", "2048", "33 · 33 · 2", "convdata_jpeg.py:239"):
        assert number in said


# --- ten crops ------------------------------------------------------------------------

PROBABILITIES = (0.1, 0.7, 0.2)


def test_the_crops_go_through_the_network_as_single_pictures_do() -> None:
    network = runtime.network(weights.DEFAULT)
    picture = load_picture(samples.data("dog"))
    pixels, spec = crops.prepared(picture), network.weights.spec
    found = ten_crops.found_of(weights.DEFAULT, picture).each
    for number in (0, 9):
        crop = Image.fromarray(np.ascontiguousarray(crops.TEN[number].of(pixels)))
        alone = network.activations(to_input(crop, spec))["fc8"]
        wanted = measured.probabilities(weights.DEFAULT, alone)
        assert found[number] == pytest.approx(wanted, abs=1e-5)


def test_several_pictures_need_the_networks_shape() -> None:
    with pytest.raises(ValueError, match="Received"):
        runtime.network(weights.DEFAULT).dense(np.zeros((2, 10, 10, 3), np.float32))


def said_of(each: Any, whole: Any = PROBABILITIES) -> str:
    padded = np.zeros((10, 200))
    padded[:, :3] = each
    return ten_crops.verdict(
        ten_crops.Vote(padded), weights.DEFAULT, np.pad(np.array(whole), (0, 197))
    )


def test_the_verdict_follows_the_numbers() -> None:
    names = weights.class_names(weights.DEFAULT)
    alike = said_of(np.tile(PROBABILITIES, (10, 1)))
    assert "All ten crops" in alike and "does not change" in alike
    assert f"**{names[1]}** (70.0%)" in alike
    each = np.tile(PROBABILITIES, (10, 1))
    each[crops.TEN.index(crops.CENTRE)] = (0.1, 0.3, 0.6)
    other = said_of(each, (0.9, 0.1, 0.0))
    assert "2 different" in other and "the vote changes" in other
    assert f"alone predicts **{names[2]}** (60.0%)" in other
    assert f"**{names[1]}** (66.0%)" in other
    assert f"there it predicts **{names[0]}** (90.0%)" in other


def test_the_table_has_the_centre_crops_class() -> None:
    each = np.tile(np.linspace(0, 1, 12)[::-1], (10, 1))
    each[crops.TEN.index(crops.CENTRE), 11] = 1.2
    found = ten_crops.Vote(each)
    assert found.classes == [0, 1, 2, 3, 11]
    each[:, 3] = 5
    assert ten_crops.Vote(each).classes[0] == 3


@pytest.mark.parametrize("weight_set", access.some(["tiny-imagenet", "random"], 1))
def test_the_page_shows_ten_crops_for_every_set(weight_set: str) -> None:
    app = visit("augmentation", picture="dog", weights=weight_set)
    (tiles,) = (x.proto.body for x in app.get("html") if "ten-crops" in x.proto.body)
    assert tiles.count("<li>") == 10
    vote = ten_crops.found_of(weight_set, load_picture(samples.data("dog")))
    names = weights.class_names(weight_set)
    for values in vote.each:
        assert (
            f"{html.escape(names[values.argmax()])}</span> {values.max():.1%}" in tiles
        )
    assert any(weights.get(weight_set).label in x.value for x in app.caption)


# --- in the browser -------------------------------------------------------------------

TEXT = words.page("augmentation", words.ENGLISH).table("component")
CANVAS = """canvas => [...canvas.getContext("2d")
    .getImageData(0, 0, canvas.width, canvas.height).data]"""


def rgb(canvas: Any) -> Any:
    """(side, side, 3) of what a canvas shows."""
    values = np.array(canvas.evaluate(CANVAS), np.float64)
    side = round((len(values) / 4) ** 0.5)
    return values.reshape(side, side, 4)[:, :, :3]


def test_frame_mirror_and_colour_by_every_way_of_pointing(open_page: Open) -> None:
    page = open_page("/augmentation?picture=dog", width=390, height=664)
    part = page.locator("section.augmentation")
    whole, cut = part.locator(".whole canvas"), part.locator(".cut canvas")
    centre = crops.CENTRE.number
    expect(part).to_have_attribute("data-number", str(centre))
    photo = rgb(whole)
    wanted = crops.prepared(load_picture(samples.data("dog")))
    assert np.abs(photo - wanted).mean() < 3  # a JPEG of it

    # Keys.
    whole.focus()
    for key, crop in (
        ("ArrowRight", crops.Crop(16, 17)),
        ("Shift+ArrowDown", crops.Crop(24, 17)),
        ("Home", crops.Crop(0, 0)),
        ("ArrowUp", crops.Crop(0, 0)),
        ("End", crops.Crop(32, 32)),
        ("m", crops.Crop(32, 32, mirrored=True)),
    ):
        page.keyboard.press(key)
        expect(part).to_have_attribute("data-number", str(crop.number))
        expect(whole).to_have_attribute("aria-valuenow", str(crop.number))
    assert np.array_equal(rgb(cut), crop.of(photo))
    expect(part.locator(".number")).to_contain_text(f"Crop {crop.number:,} of 2,178")

    # A mouse, or a finger, drags the frame by as many pixels as it goes.
    part.get_by_role("button", name=TEXT["centre"]).click()
    whole.scroll_into_view_if_needed()
    box = whole.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    pixel = box["width"] / crops.SIDE
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 10 * pixel, y + 5 * pixel)
    page.mouse.up()
    page.mouse.move(x, y)
    crop = crops.Crop(21, 6)
    expect(part).to_have_attribute("data-number", str(crop.number))
    assert np.array_equal(rgb(cut), crop.of(photo))

    # Sliders: places, and colours as numpy has them.
    part.get_by_role("slider", name=TEXT["left"]).fill("9")
    expect(part).to_have_attribute("data-number", str(crops.Crop(21, 9).number))
    alphas = (0.1, -0.2, 0.15)
    for number, alpha in enumerate(alphas, 1):
        name = TEXT["component"].format(number=number)
        part.get_by_role("slider", name=name).fill(str(alpha))
    shift = colours.components().shift(alphas)
    coloured = photo + shift
    assert np.abs(rgb(whole) - np.clip(coloured, 0, 255)).max() <= 0.5 + 1e-6
    share = f"{100 * ((coloured < 0) | (coloured > 255)).mean():.1f}"
    said = part.locator(".added")
    expect(said).to_contain_text(f"red {shift[0]:+.1f}".replace("-", "−"))
    expect(said).to_contain_text(f" {share.removesuffix('.0')}%")
    part.get_by_role("button", name=TEXT["reset"]).click()
    expect(said).to_have_text(TEXT["nothing"])
    assert np.array_equal(rgb(whole), photo)

    # What is drawn: numbers of a normal distribution, and one of all crops.
    page.evaluate("Math.random = () => 0.9")
    part.get_by_role("button", name=TEXT["draw"]).click()
    gaussian = np.sqrt(-2 * np.log(0.1)) * np.cos(2 * np.pi * 0.9)
    drawn = [round(code_2012.NOISE * gaussian, 2)] * 3
    red = colours.components().shift(drawn)[0]
    expect(said).to_contain_text(f"red {red:+.1f}")
    part.get_by_role("button", name=TEXT["random"]).click()
    expect(part).to_have_attribute("data-number", str(crops.Crop(29, 29).number))


def test_a_finger_moves_the_frame(open_page: Open) -> None:
    page = open_page("/augmentation", width=390, height=664)
    part = page.locator("section.augmentation")
    whole = part.locator(".whole canvas")
    expect(part).to_have_attribute("data-number", str(crops.CENTRE.number))
    whole.scroll_into_view_if_needed()
    box = whole.bounding_box()
    session = page.context.new_cdp_session(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    at = [{"x": x, "y": y}], [{"x": x - box["width"], "y": y}], []
    for kind, points in zip(("touchStart", "touchMove", "touchEnd"), at, strict=True):
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    expect(part).to_have_attribute("data-number", str(crops.Crop(16, 0).number))
