"""The lab as its visitors use it: Chromium, a real server, real workers."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from lab.experiments import swept
from lab.presets import PRESETS
from lab.recordings import Recording, write
from tests import access
from tests.browser import TOO_WIDE, Server, set_mark, wait_idle
from tests.fake_lab import curves
from ui.kit import words

PATIENT = 300_000  # milliseconds: workers come last on a busy machine
BOTH = "[aria-label^='Training error. ReLU: from'][aria-label*='tanh: from']"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server with a store and workers of its own."""
    from tests import browser as stand

    folder = tmp_path_factory.mktemp("lab")
    with stand.serving(folder / "log", ALEXNET_DATA=str(folder)) as server:
        yield server


def alt(element: Any) -> str:
    return str(element.get_attribute("aria-label"))


def predict(page: Any, arm: str) -> None:
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_disabled()
    page.get_by_test_id("stRadio").get_by_text(arm, exact=True).click()
    set_mark(page)
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled()


def set_number(page: Any, label: str, value: int) -> None:
    field = page.get_by_label(label)
    field.fill(str(value))
    field.press("Enter")
    wait_idle(page)  # while the page moves a click may miss what it is meant for


@pytest.mark.long("a run is started, watched and stopped by keyboard")
def test_predict_start_watch_reload_return_stop(
    lab: Server, open_page: Callable[..., Any]
) -> None:
    page = open_page("/relu-vs-tanh", server=lab)
    page.get_by_text("Settings").click()
    set_number(page, "Training images", 500)
    set_number(page, "Epochs, at most", 1_000)
    set_number(page, "Seconds, at most", 600)
    predict(page, "ReLU")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_text("Your guess: ReLU is first")).to_be_visible()
    page.wait_for_url(re.compile(r"[?&]run=\w+"))
    address = page.url

    # Both curves are drawn, and move.
    chart = page.locator(BOTH).first
    expect(chart).to_be_visible(timeout=PATIENT)
    before = alt(chart)
    expect(chart).not_to_have_attribute("aria-label", before, timeout=PATIENT)
    first = [float(x) for x in re.findall(r"after ([\d.]+) epochs", before)]
    now = [float(x) for x in re.findall(r"after ([\d.]+) epochs", alt(chart))]
    assert sum(now) > sum(first)

    # A reload and another page lose nothing; the visitor stays who they are.
    page.reload()
    expect(page.get_by_role("button", name="Stop").first).to_be_visible(timeout=PATIENT)
    expect(chart).to_be_visible(timeout=PATIENT)
    page.get_by_role("link", name="Dropout").first.click()
    expect(page.locator("h1")).to_have_text("Dropout on or off")
    page.get_by_role("link", name="ReLU or tanh").first.click()
    expect(page.get_by_role("button", name="Stop").first).to_be_visible(timeout=PATIENT)
    page.wait_for_url(address)
    assert [float(x) for x in re.findall(r"after ([\d.]+) epochs", alt(chart))] >= now

    # Another browser sees the same curves, on a phone. At this machine, before there is
    # an account, each visitor may do what an instructor may: stop them, too.
    phone = open_page(address.removeprefix(lab.url), width=390, server=lab, idle=False)
    expect(phone.get_by_text("An instructor started this run")).to_be_visible()
    expect(phone.locator(BOTH).first).to_be_visible(timeout=PATIENT)
    assert phone.evaluate(TOO_WIDE) == []
    expect(phone.get_by_role("button", name="Stop").first).to_be_visible()

    page.get_by_role("button", name="Stop").first.click()
    stopped = "Stopped; what was measured is kept."
    for one in (page, phone):  # it is announced, too: once more for a moment
        alert = one.get_by_test_id("stAlert").get_by_text(stopped).first
        expect(alert).to_be_visible(timeout=PATIENT)
    expect(page.get_by_text("Measured.").filter(visible=True)).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    rows = list(csv.DictReader(download.value.path().read_text().splitlines()))
    assert {row["arm"] for row in rows} == {"ReLU", "tanh"}
    assert float(rows[-1]["epoch"]) > 0
    with page.expect_download() as download:
        page.get_by_role("button", name="Script that repeats it").click()
    compile(download.value.path().read_text(), "run.py", "exec")


def test_everything_works_by_keyboard(
    lab: Server, open_page: Callable[..., Any]
) -> None:
    page = open_page("/dropout", server=lab)
    page.get_by_test_id("stRadio").locator("input").first.focus()
    page.keyboard.press("Space")
    mark = page.locator("section.number-line").get_by_role("slider")
    expect(mark).to_have_attribute("aria-valuetext", re.compile("^Set the mark"))
    start = page.get_by_role("button", name="Start", exact=True)
    expect(start).to_be_disabled()
    mark.focus()
    page.keyboard.press("End")
    expect(mark).to_have_attribute("aria-valuetext", re.compile("^you 60 points"))
    page.keyboard.press("ArrowLeft")
    expect(mark).to_have_attribute("aria-valuetext", re.compile("^you 59 points"))
    expect(start).to_be_enabled()
    expect(mark).to_be_focused()
    for _ in range(30):
        if start.evaluate("x => x === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your guess:")).to_be_visible()
    stop = page.get_by_role("button", name="Stop").first
    expect(stop).to_be_visible()
    # The button is gone, the focus is not. What goes on is said, at the next pause.
    page.wait_for_function("document.activeElement !== document.body")
    says, status = words.page("lab").as_dict()["states"], page.locator("#lab-status")
    assert status.get_attribute("role") == "status", "polite: an alert would interrupt"
    goes_on = "|".join(says[x] for x in ("queued", "starting", "running"))
    expect(status).to_have_text(re.compile(f"^({goes_on})$"))
    wait_idle(page)  # what the guess has replaced is pale until it goes
    wrong = access.broken(page)
    stop.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("^Stopped")).first).to_be_visible(
        timeout=PATIENT
    )
    # One arm says so first; the run has stopped with the other.
    expect(status).to_have_text(says["stopped"], timeout=PATIENT)
    wait_idle(page)
    assert wrong + access.broken(page) == []


# --- recordings, without any worker --------------------------------------------------


def write_recordings(folder: Path) -> None:
    """Three seeds of ReLU and tanh, and a sweep; curves and filters are made up."""
    relu = PRESETS["relu-vs-tanh-2012"]
    sweep = swept(relu, (0.001, 0.002, 0.005))
    for name, experiment, speeds in (
        ("seeds", relu, ((0.6, 0.21), (0.6, 0.2), (0.5, 0.3))),
        ("sweep", sweep, ((0.1, 0.3, 0.2, 0.02, 0.05, 0.15),)),
    ):
        recording = Recording(
            title=f"Made up {name}",
            experiment=experiment,
            seeds=tuple(range(len(speeds))),
            runs=tuple(tuple(curves(experiment, each)) for each in speeds),
            endings=(("done",) * len(experiment.arms),) * len(speeds),
            data="CIFAR-10 (after JPEG). These images were read from JPEG files.",
            machine="A machine, 2 cores, Linux",
            date="2026-11-25",
            versions={"keras": "3.15"},
            command=f"python -m lab.recordings record {experiment.name} --out x",
        )
        write(recording, folder / f"made-up-{name}.json.gz")


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server with recordings of a school's own."""
    from tests import browser as stand

    folder = tmp_path_factory.mktemp("shelf")
    write_recordings(folder)
    own = {"ALEXNET_DATA": str(folder), "ALEXNET_RECORDED": str(folder)}
    with stand.serving(folder / "log", **own) as server:
        yield server


@pytest.mark.parametrize(("width", "scheme"), access.windows(1280))
def test_a_recording_replays_at_once_and_its_filters_by_a_slider(
    shelf: Server, open_page: Callable[..., Any], width: int, scheme: str
) -> None:
    page = open_page("/relu-vs-tanh", server=shelf, width=width, scheme=scheme)
    # While the page is drawn again, what was drawn before stands there, too, hidden.
    recorded = page.get_by_text("Recorded on 2026-11-25, not live.").filter(
        visible=True
    )
    see = page.get_by_role("button", name="Made up seeds")
    expect(see).to_be_disabled()
    page.get_by_test_id("stRadio").get_by_text("ReLU", exact=True).click()
    set_mark(page)
    expect(see).to_be_enabled()
    see.click()
    expect(recorded).to_be_visible()
    expect(page.locator(BOTH).first).to_be_visible()
    expect(page.get_by_text("mean of 3 seeds").first).to_be_visible()
    address = page.url
    assert "run=recorded-made-up-seeds" in address

    page.get_by_test_id("stMain").get_by_text("first filters", exact=True).click()
    pictures = page.get_by_role("img", name=re.compile("first-layer filters of"))
    expect(pictures).to_have_count(2)
    before = pictures.first.get_attribute("alt")
    thumb = page.get_by_role("slider", name="Replay")
    thumb.focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("After 6.0 epochs").first).to_be_visible()
    assert before != pictures.first.get_attribute("alt")

    # Anyone with its address sees it, too.
    page.goto(address)
    expect(recorded).to_be_visible()
    assert page.evaluate(TOO_WIDE) == []


@pytest.mark.long("a recording replays at once; test_page_lab")
def test_a_recorded_sweep_hands_over_its_rates(
    shelf: Server, open_page: Callable[..., Any]
) -> None:
    path = "/relu-vs-tanh?run=recorded-made-up-sweep"
    page = open_page(path, server=shelf, width=390)
    page.get_by_role("button", name="Show without guessing").click()
    expect(page.locator("[aria-label^='ReLU: 0.002 (4.3 epochs)']")).to_be_visible()
    page.get_by_role("button", name="Use these rates").click()
    page.get_by_text("Settings", exact=True).click()
    expect(page.get_by_label("Learning rate: ReLU")).to_have_value("0.002")
    expect(page.get_by_label("Learning rate: tanh")).to_have_value("0.005")


def a_class_zip(folder: Path) -> Path:
    """Dark and bright pictures of two classes, one larger, and a broken file."""
    path = folder / "Hell & dunkel.zip"
    random = np.random.default_rng(0)
    with zipfile.ZipFile(path, "w") as packed:
        for name, count, level in (("dunkel", 60, 40), ("hell", 140, 180)):
            for i in range(count):
                pixels = random.integers(level, level + 60, (16, 16, 3), np.uint8)
                file = io.BytesIO()
                Image.fromarray(pixels).save(file, "PNG")
                packed.writestr(f"Klasse 10b/Fotos/{name}/{i}.png", file.getvalue())
        packed.writestr("Klasse 10b/Fotos/hell/kaputt.jpg", b"\xff\xd8\xff")
    return path


@pytest.mark.long("test_page_own_data; a run is started by keyboard")
def test_ones_own_pictures_are_brought_seen_and_trained_on(
    lab: Server, open_page: Callable[..., Any], tmp_path: Path
) -> None:
    """Upload, what was taken, a run of at least twenty points, and deletion."""
    page = open_page("/experiments", server=lab)
    page.get_by_text("Your class's own images").click()
    page.locator("input[type=file]").set_input_files(a_class_zip(tmp_path))
    taken = "200 images in 2 classes (dunkel 60, hell 140); one file was left out."
    expect(page.get_by_text(taken)).to_be_visible(timeout=PATIENT)
    page.get_by_text("Files left out: 1").click()
    expect(page.get_by_text("Settings").first).to_be_visible()
    page.get_by_text("Settings").first.click()
    expect(page.get_by_label("Training images")).to_have_value("160")
    expect(page.get_by_label("Epochs, at most")).to_have_value("320")
    set_number(page, "Epochs, at most", 20)
    set_number(page, "Seconds, at most", 600)
    predict(page, "max")
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url(re.compile(r"[?&]run=\w+"))
    alert = page.get_by_test_id("stAlert")
    over = alert.get_by_text("Finished.").filter(visible=True)
    expect(over).to_be_visible(timeout=PATIENT)
    wait_idle(page)  # while it is drawn again, a text stands there twice
    measured = page.get_by_text("Measured.").locator("..")
    expect(measured).to_contain_text("Counted on 40 images each")
    expect(measured).to_contain_text(
        "Always predicting the largest class would be right"
    )
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    rows = list(csv.DictReader(download.value.path().read_text().splitlines()))
    for arm in ("max", "average"):
        mine = [row for row in rows if row["arm"] == arm]
        assert sum(row["step"] == row["evaluated_step"] for row in mine) >= 20
    page.get_by_role("button", name="Choose another").click()
    page.get_by_text("Your class's own images").click()
    panel = page.get_by_test_id("stExpander").filter(has_text="Uploaded by you")
    expect(panel.get_by_test_id("stDataFrame")).to_be_visible()
    wait_idle(page)  # the table of classes comes late, and moves what is below it
    panel.get_by_role("button", name="Delete", exact=True).click()
    panel.get_by_role("button", name="Delete it", exact=True).click()
    expect(page.get_by_text("Uploaded by you")).to_have_count(0)
