"""The app as its visitors use it: Chromium, a real server, real files."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import psutil
import pytest
from PIL import Image
from playwright.sync_api import expect

from model import weights
from model.pictures.samples import data, samples
from tests import access
from tests.browser import Server, Watch, check, reload, wait_idle
from tests.waiting import until
from ui.kit import state, words
from ui.kit.network import feature_maps
from ui.kit.sections import PAGES
from viz.palette import PALETTES

ADDRESSES = [
    "/" if name == "home" else f"/{name.replace('_', '-')}"
    for names in PAGES.values()
    for name in names
]
# A sample; with ALEXNET_ALL_STATES=1 every page in both schemes.
NARROW = [("/lesson", "dark")]
if access.ALL_STATES:
    NARROW = [(one, scheme) for one in ADDRESSES for scheme in ("light", "dark")]
ROW = weights.get(weights.DEFAULT)
HOME = words.page("home")
FIRST = samples()[state.PICTURE.default].title

# At 390 pixels each page; at 1280 those that no other browser test opens there. In the
# long form each at both widths, in both schemes.
WINDOWS = [(one, 390, "dark") for one in ADDRESSES]
WINDOWS += [
    (f"/{name}", 1280, "light")
    for name in ("architecture", "training-2012", "dropout", "experiments", "privacy")
]
if access.ALL_STATES:
    WINDOWS = [
        (one, width, scheme)
        for one in ADDRESSES
        for width in (1280, 390)
        for scheme in ("light", "dark")
    ]


def rgb(colour: str) -> str:
    """A CSS hexadecimal colour as browsers compute it."""
    return f"rgb{tuple(bytes.fromhex(colour[1:]))}"


def query(page: Any) -> dict[str, str]:
    return {k: v[0] for k, v in parse_qs(urlsplit(page.url).query).items()}


def phone_photograph() -> bytes:
    """Portrait, stored lying on its side with an EXIF note, as phones do."""
    upright = Image.open(io.BytesIO(data("dog"))).convert("RGB").resize((300, 400))
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    upright.rotate(90, expand=True).save(out, "JPEG", exif=exif, quality=95)
    return out.getvalue()


def hand_in(page: Any, name: str, content: bytes) -> None:
    opener = page.get_by_test_id("stPopoverButton")
    opener.filter(has_text=words.page("picture")["open"]).click()
    page.set_input_files(
        "[data-testid=stFileUploader] input",
        {"name": name, "mimeType": "application/octet-stream", "buffer": content},
    )


def shown_pixels(image: Any) -> np.ndarray:
    """An <img> as the browser decoded it: (h, w, 3)."""
    pixels = image.evaluate(
        """async (img) => {
            await img.decode();
            const canvas = document.createElement("canvas");
            canvas.width = img.naturalWidth; canvas.height = img.naturalHeight;
            const context = canvas.getContext("2d");
            context.drawImage(img, 0, 0);
            const shot = context.getImageData(0, 0, canvas.width, canvas.height);
            return [canvas.width, canvas.height, Array.from(shot.data)];
        }"""
    )
    width, height, values = pixels
    return np.array(values, np.uint8).reshape(height, width, 4)[:, :, :3]


@pytest.mark.parametrize(("address", "width", "scheme"), WINDOWS)
def test_every_page_opens_at_every_width_and_scheme(
    address: str, width: int, scheme: str, server: Server, open_page: Callable[..., Any]
) -> None:
    """`open_page` checks the console, requests to other hosts, and what overflows;

    `access.check` the rules of accessibility, and how far things have moved.
    """
    server.wait_ready()
    page = open_page(address, width=width, scheme=scheme)
    expect(page.locator("h1")).to_be_visible()
    for image in page.locator("img:visible").all():
        assert image.get_attribute("alt") is not None
    app = page.get_by_test_id("stApp")
    expect(app).to_have_css("background-color", rgb(PALETTES[scheme].background))
    name = address.strip("/").replace("-", "_")
    if name not in ("", "lesson"):
        assert page.title() == f"{words.page(name)['title']} · AlexNet Lab"
    access.check(page)


def test_a_server_from_its_first_visit_to_its_end(
    fresh_server: Callable[..., Server], open_page: Callable[..., Any]
) -> None:
    """A deep link before TensorFlow is there: the page has its frame, then its maps.

    A file's bytes are dropped once it is a picture; a stopped server leaves no process
    behind, and the page says in our words that it is gone.
    """
    server = fresh_server()
    page = open_page("/feature-maps?layer=conv2&unit=5", server=server, idle=False)
    expect(page.locator("h1")).to_have_text("Feature maps")
    expect(page.get_by_role("link", name="Filters")).to_be_visible()
    expect(page.get_by_text("conv2 · 26 × 26 × 256")).to_be_visible(timeout=120_000)
    for name in ("one.jpg", "two.jpg"):
        hand_in(page, name, phone_photograph())
        expect(
            page.get_by_text(f"What the network receives of “{name}”")
        ).to_be_visible()
    assert uploaded_bytes(server) == 0
    page.goto("about:blank")
    left = open_page("/privacy", server=server, allow=(".*",))
    family = psutil.Process(server.process.pid).children(recursive=True)
    assert family, "the picture door's workers are warmed up"
    server.process.kill()
    server.process.wait()
    until(lambda: not any(p.is_running() for p in family), "the decoders' end")
    dialog = left.get_by_role("dialog")
    gone = words.page("shell").as_dict()["connection"]["gone"]
    expect(dialog).to_contain_text(gone, timeout=60_000)
    assert "Streamlit" not in dialog.inner_text()
    assert "yourscript" not in dialog.inner_text()
    left.close()


def test_home_is_usable_before_tensorflow_is_loaded(
    fresh_server: Callable[..., Server], open_page: Callable[..., Any]
) -> None:
    """Picture and first maps are there while the server still loads the network.

    Once it is loaded the rest follows by itself, and the row plays once.
    """
    server = fresh_server()
    page = open_page("/", server=server, idle=False)
    divider = page.get_by_role("slider", name=HOME["divider"])
    expect(divider).to_be_visible()
    expect(page.get_by_role("button", name="conv1")).to_be_visible()
    expect(page.get_by_role("button", name="conv5")).to_be_visible(timeout=120_000)
    expect(page.locator(".st-key-chip")).to_contain_text("espresso")


def test_the_divider_is_moved_by_mouse_finger_and_keys(
    server: Server, open_page: Callable[..., Any]
) -> None:
    server.wait_ready()
    page = open_page("/", reduced_motion="reduce")
    stage = page.get_by_role("slider", name=HOME["divider"])
    expect(stage).to_have_attribute("aria-valuenow", "50")  # it does not move by itself
    box = stage.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], middle)
    page.mouse.up()
    expect(stage).to_have_attribute("aria-valuenow", "80")
    stage.press("ArrowLeft")
    expect(stage).to_have_attribute("aria-valuenow", "75")
    stage.press("Home")
    expect(stage).to_have_attribute("aria-valuetext", "0% of the width is sharp")
    row = page.locator(".journey")
    assert row.evaluate("x => x.getAnimations({subtree: true}).length") == 0
    page = open_page("/", width=390, height=664, has_touch=True, is_mobile=True)
    stage = page.get_by_role("slider", name=HOME["divider"])
    box = stage.bounding_box()
    page.touchscreen.tap(box["x"] + 0.25 * box["width"], box["y"] + 40)
    expect(stage).to_have_attribute("aria-valuenow", "25")
    chip = page.locator(".st-key-chip")
    expect(chip).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name=samples()["cat"].title, exact=True).tap()
    expect(page.locator(".st-key-chip_doubted")).to_be_visible()
    expect(page).to_have_url(re.compile("picture=cat"))


@pytest.mark.long("what is wider than the window is noticed")
def test_a_broken_picture_is_noticed(
    server: Server, open_page: Callable[..., Any]
) -> None:
    page = open_page("/")
    page.evaluate(
        "document.body.append(Object.assign(new Image(), {src: '/media/gone.png'}))"
    )
    page.wait_for_function("document.body.lastChild.complete")
    with pytest.raises(AssertionError, match=r"broken picture: .*gone\.png"):
        check(page, Watch(server.url))
    page.evaluate("document.body.lastChild.remove()")


WIDEN = """(name) => {
    const box = document.querySelector(name);
    box.style.overflow = "auto";
    box.append(Object.assign(document.createElement("div"), {id: "wide"}));
    box.lastChild.style.cssText = "min-width: 2000px; height: 1px";
}"""


def test_a_sidebar_that_is_too_wide_is_noticed(
    server: Server, open_page: Callable[..., Any]
) -> None:
    page = open_page("/privacy")
    check(page, Watch(server.url))
    page.evaluate(WIDEN, "[data-testid=stSidebarContent]")
    with pytest.raises(AssertionError, match=r"sticks out: .*Content.* is 2\d\d\d px"):
        check(page, Watch(server.url))
    page.evaluate("document.querySelector('#wide').remove()")


@pytest.mark.parametrize(("address", "scheme"), NARROW)
def test_a_page_fits_the_narrowest_phone(
    address: str, scheme: str, server: Server, open_page: Callable[..., Any]
) -> None:
    """At 320 CSS pixels, and so at 1280 enlarged four times: WCAG 1.4.10."""
    server.wait_ready()
    page = open_page(address, width=320, height=640, scheme=scheme)
    expect(page.locator("h1")).to_be_visible()
    assert page.evaluate(access.CUT) == []


def test_keys_move_on_while_the_filter_chosen_is_drawn(
    server: Server, open_page: Callable[..., Any]
) -> None:
    server.wait_ready()
    page = open_page("/filters?filter=0")
    wait_idle(page)
    label = words.page("filters")["mosaic_label"].format(title=ROW.title)
    grid = page.get_by_role("slider", name=label).first
    grid.focus()
    for key in ("ArrowRight", "Enter", *["ArrowRight"] * 12):
        page.keyboard.press(key, delay=60)
    wait_idle(page)
    assert query(page) == {"filter": "1"}
    assert grid.get_attribute("aria-valuenow") == "13"
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("filter=13"))


@pytest.mark.long("a map is chosen by mouse and by keyboard")
def test_a_filter_beside_it_is_opened_with_its_weights(
    server: Server, open_page: Callable[..., Any]
) -> None:
    server.wait_ready()
    page = open_page("/filters?filter=3")
    title = weights.get("random").title
    label = words.page("filters")["mosaic_label"].format(title=title)
    grid = page.get_by_role("slider", name=label)
    assert grid.get_attribute("aria-valuenow") == "0"
    grid.press("End")
    grid.press("Enter")
    expect(page).to_have_url(re.compile("weights=random&filter=95"))
    expect(
        page.get_by_text(f"Weights: {weights.get('random').label}").first
    ).to_be_visible()


def test_a_phone_photograph_arrives_upright_and_follows(
    server: Server, open_page: Callable[..., Any]
) -> None:
    server.wait_ready()
    page = open_page("/feature-maps")
    hand_in(page, "IMG_0001.jpg", phone_photograph())
    expect(
        page.get_by_text("What the network receives of “IMG_0001.jpg”")
    ).to_be_visible()
    expect(page.get_by_text("(300 × 400 pixels)")).to_be_visible()
    received = shown_pixels(
        page.get_by_alt_text(re.compile("^What the network receives"))
    )
    upright = Image.open(io.BytesIO(data("dog"))).convert("RGB").resize((300, 400))
    middle = upright.crop((0, 50, 300, 350)).resize((64, 64)).resize((224, 224))
    assert np.abs(received.astype(int) - np.asarray(middle)).mean() < 6
    assert query(page) == {"picture": "own"}
    page.get_by_role("link", name="Filters").click()
    expect(
        page.get_by_text("“IMG_0001.jpg”, as the network receives it.")
    ).to_be_visible()


@pytest.mark.long("a phone's photograph arrives; test_own_picture")
def test_a_phone_takes_a_photograph_without_https(
    server: Server, open_page: Callable[..., Any]
) -> None:
    """The phone's own camera goes into the page's uploader, and its name is data."""
    server.wait_ready()
    page = open_page(width=390, height=664, has_touch=True, is_mobile=True)
    files = page.get_by_label(HOME["own_file"], exact=True)
    assert files.get_attribute("capture") is None
    shutter = page.get_by_label(HOME["own"], exact=True)
    assert shutter.get_attribute("accept") == "image/*"
    assert shutter.get_attribute("capture") == "environment"
    assert shutter.bounding_box()["height"] >= 44
    name = "*best*_of_~cat~$5_to_$6.jpg"
    shutter.set_input_files(
        {"name": name, "mimeType": "image/jpeg", "buffer": phone_photograph()}
    )
    expect(page.get_by_text(f"“{name}”, as the network receives it")).to_be_visible()
    page.wait_for_url("**picture=own*")
    reload(page)
    expect(page.get_by_text("Your own picture is not here any more")).to_be_visible()
    page.goto("/similar-images")
    page.get_by_test_id("stPopoverButton").first.click()
    small = page.get_by_label(words.page("picture")["photograph"], exact=True)
    expect(small).to_have_attribute("capture", "environment")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    access.some(
        [
            ("a.jpg", phone_photograph()[:3000], "ends too early"),
            ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
            ("a.png", b"", "empty"),
            ("a.txt", b"only words", "picture was expected"),
        ],
        1,
    ),
)
def test_a_bad_file_is_one_sentence_and_loses_nothing(
    name: str, content: bytes, sentence: str, server: Server, open_page: Any
) -> None:
    server.wait_ready()
    page = open_page("/feature-maps?picture=dog&layer=conv3&unit=7")
    hand_in(page, name, content)
    alert = page.get_by_test_id("stAlert")
    expect(alert).to_contain_text(sentence)
    assert "/" not in alert.inner_text().replace("and/or", "")
    expect(page.get_by_text("conv3 · 12 × 12 × 384")).to_be_visible()
    assert query(page) == {"picture": "dog", "layer": "conv3", "unit": "7"}
    hand_in(page, "good.jpg", phone_photograph())
    expect(page.get_by_text("What the network receives of “good.jpg”")).to_be_visible()
    expect(alert).to_have_count(0)


@pytest.mark.long("test_pages steps through them without a browser")
def test_every_layer_can_be_stepped_through(
    server: Server, open_page: Callable[..., Any]
) -> None:
    server.wait_ready()
    page = open_page("/feature-maps")
    expect(page.locator(".grid")).to_have_count(5)
    for layer in feature_maps.layer_names(ROW.spec):
        page.get_by_role("button", name="Next").click()
        title, _ = feature_maps.layer_words(ROW, layer)
        expect(page.get_by_role("heading", name=title)).to_be_visible()
        expect(page.locator(".grid")).to_have_count(1)
        expect(page).to_have_url(re.compile(f"layer={layer}"))
    expect(page.get_by_role("button", name="Next")).to_be_disabled()


def test_a_map_is_chosen_by_mouse_and_by_keyboard_and_back_undoes_it(
    server: Server, open_page: Callable[..., Any]
) -> None:
    server.wait_ready()
    page = open_page("/feature-maps?layer=pool5")
    grid = page.locator(".grid")
    box = grid.bounding_box()
    grid.click(position={"x": box["width"] - 4, "y": 4})  # the last of the first row
    expect(page).to_have_url(re.compile(r"unit=[1-9]\d*"))
    columns = int(query(page)["unit"]) + 1
    unit = page.get_by_label("Map or unit")
    expect(unit).to_have_value(str(columns - 1))
    grid.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    expect(grid).to_have_attribute(
        "aria-valuetext", re.compile(rf"map {2 * columns - 2}:")
    )
    page.keyboard.press("Enter")
    expect(unit).to_have_value(str(2 * columns - 2))
    expect(page).to_have_url(re.compile(rf"unit={2 * columns - 2}"))  # after the value
    page.go_back()
    expect(unit).to_have_value(str(columns - 1))
    reload(page)
    expect(page.get_by_label("Map or unit")).to_have_value(str(columns - 1))


@pytest.mark.long("test_pages, without a browser")
def test_downloads_are_the_layer_on_screen(
    server: Server, open_page: Callable[..., Any]
) -> None:
    server.wait_ready()
    page = open_page("/feature-maps?layer=conv5&picture=coffee")
    with page.expect_download() as png:
        page.get_by_role("button", name="Mosaic (PNG)").click()
    assert png.value.suggested_filename == "conv5.png"
    with Image.open(png.value.path()) as mosaic:
        assert mosaic.width > 1000
    with page.expect_download() as table:
        page.get_by_role("button", name="Statistics (CSV)").click()
    lines = table.value.path().read_text().splitlines()
    assert lines[0].startswith("map,largest")
    assert len(lines) == 257


@pytest.mark.long("test_pages, without a browser")
def test_a_filter_and_what_it_gives_before_and_after_relu(
    server: Server, open_page: Callable[..., Any]
) -> None:
    page = open_page("/filters?filter=3&picture=star")
    expect(page.get_by_text("Before ReLU:")).to_be_visible()
    expect(page.get_by_text("After ReLU:")).to_be_visible()
    page.locator(".grid").first.click(position={"x": 5, "y": 5})
    expect(page.get_by_label("Filter (0 to 95)")).to_have_value("0")
    page.get_by_text("The weights as numbers").click()
    expect(page.get_by_text("the bias")).to_be_visible()


@pytest.mark.long("test_fetch_panel, without a browser")
@pytest.mark.parametrize(("width", "scheme"), access.windows(390))
def test_who_sits_at_the_machine_may_fetch_weights(
    width: int,
    scheme: str,
    fresh_server: Callable[..., Server],
    open_page: Callable[..., Any],
    tmp_path: Path,
) -> None:
    server = fresh_server(ALEXNET_WEIGHTS=str(tmp_path))
    page = open_page("/filters", width=width, scheme=scheme, server=server)
    page.get_by_test_id("stPopoverButton").filter(has_text="Weights").click()
    expect(page.get_by_text("Trained on Tiny ImageNet").first).to_be_visible()
    page.get_by_text("Get more weights").click()
    for size in ("8.9 MB", "244 MB"):
        expect(page.get_by_role("button", name=f"Fetch ({size})")).to_be_visible()
    expect(page.get_by_text("the paper has 2 and 0.0001")).to_be_visible()


def test_two_visitors_do_not_see_each_others_pictures(
    server: Server, open_page: Callable[..., Any]
) -> None:
    server.wait_ready()
    one, two = open_page("/feature-maps"), open_page("/feature-maps")
    hand_in(one, "mine.jpg", phone_photograph())
    expect(one.get_by_text("“mine.jpg”").first).to_be_visible()
    reload(two)
    expect(two.get_by_text(f"What the network receives of “{FIRST}”")).to_be_visible()
    two.goto("/feature-maps?picture=own")
    expect(two.get_by_text(f"What the network receives of “{FIRST}”")).to_be_visible()


def uploaded_bytes(server: Server) -> int:
    """What Streamlit keeps of visitors' files, by its own count."""
    _, body = server.get("/_stcore/metrics")
    found = re.findall(
        rb"^cache_memory_bytes\{[^}]*UploadedFileManager[^}]*\} (\d+)", body, re.M
    )
    return sum(int(number) for number in found)
