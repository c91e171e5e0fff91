"""The home page: what it gets right comes first, what it says is so, what it needs."""

from __future__ import annotations

import re
import subprocess
import sys

import numpy as np
import pytest

from model import pictures, runtime, weights
from model.network.shapes import layer_info
from model.pictures.samples import photographs, right_first, sample, samples
from paths import ROOT
from tests.test_pages import said, visit
from ui.kit import cache, state, words
from ui.network import home, known_classes

NAME = weights.DEFAULT
TEXT = words.page("home")
CLASSES = weights.class_names(NAME)


@pytest.fixture(scope="module", autouse=True)
def network() -> None:
    runtime.network(NAME)


def predicted(name: str) -> str:
    found = cache.prediction(NAME, cache.activations(NAME, cache.sample_picture(name)))
    return CLASSES[found.classes[0]]


@pytest.mark.parametrize("name", photographs())
def test_a_sample_is_called_right_where_the_network_is(name: str) -> None:
    """Computed: other weights, or another photograph, and the table has to follow."""
    assert set(sample(name).shows) <= set(CLASSES)
    assert (predicted(name) in sample(name).shows) is sample(name).right


def test_what_it_gets_right_comes_first_and_failures_are_there() -> None:
    order = right_first()
    assert sorted(order) == sorted(samples())
    right = [name for name in order if sample(name).right]
    assert len(right) >= 3 and list(order[: len(right)]) == right
    assert state.PICTURE.default in right
    wrong = [name for name in photographs() if name not in right]
    assert len(wrong) >= 3 and list(order[len(right) :][: len(wrong)]) == wrong
    assert any(sample(name).shows for name in wrong), (
        "a class that it knows, and misses"
    )
    assert any(not sample(name).shows for name in wrong), "something it does not know"


@pytest.mark.parametrize("name", photographs())
def test_home_says_whether_it_is_right(name: str) -> None:
    shows = sample(name).shows
    which = (
        "is_right"
        if predicted(name) in shows
        else "is_wrong"
        if shows
        else "is_unknown"
    )
    verdict = TEXT[which].format(name=shows[0] if shows else "")
    text = said(visit("home", picture=name))
    assert verdict in text
    assert f"**{predicted(name)}**" in text
    others = {TEXT["is_right"], TEXT["is_unknown"]} - {verdict}
    assert not any(other in text for other in others)


def test_of_a_drawing_nothing_is_said_to_be_right_or_wrong() -> None:
    text = said(visit("home", picture="stripes"))
    assert TEXT["is_right"] not in text and "It is wrong" not in text


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_silent_maps_are_counted(seed: int) -> None:
    rng = np.random.default_rng(seed)
    layers = home.WEIGHT_SET.spec.convolutions()
    shapes = {
        one.name: layer_info(home.WEIGHT_SET.spec, one.name).output for one in layers
    }
    off = {name: int(rng.integers(0, shape[2])) for name, shape in shapes.items()}
    maps = {}
    for name, shape in shapes.items():
        maps[name] = rng.uniform(0.1, 1, shape).astype(np.float32)
        maps[name][:, :, : off[name]] = 0
    sentence = home.silent_maps(maps)
    found = re.findall(r"(\d+) of (\d+) in (conv\d)", sentence)
    wanted = [(str(off[n]), str(s[2]), n) for n, s in shapes.items()]
    assert found == wanted


@pytest.mark.parametrize("name", samples())
def test_the_sentence_on_home_is_of_its_picture(name: str) -> None:
    shown = cache.activations(NAME, cache.sample_picture(name))
    assert home.silent_maps(shown) in said(visit("home", picture=name))


def test_the_sharp_picture_is_the_section_that_the_network_receives() -> None:
    """Made smaller both ways, one is the other but for what 64 pixels cannot hold."""
    spec = home.WEIGHT_SET.spec
    for name in photographs():
        shown = cache.sample_picture(name)
        sharp = pictures.cropped(shown, spec.input_size).astype(int)
        received = pictures.as_received(shown, spec).astype(int)
        assert sharp.shape == received.shape
        blocks = (32, 7, 32, 7, 3)
        small = [x.reshape(blocks).mean(axis=(1, 3)) for x in (sharp, received)]
        assert np.abs(small[0] - small[1]).mean() < 4, name
        assert np.abs(sharp - received).mean() > 2, f"{name}: nothing is lost"
    assert pictures.cropped(cache.sample_picture("cat"), 50).shape == (50, 50, 3)


@pytest.mark.parametrize("language", ["en", "de"])
def test_what_it_knows_can_be_searched(language: str) -> None:
    """Unfolded where it is wrong; a name of no class is one that it cannot predict."""
    text = words.page("weights", language).table("known")
    title = text["title"].format(count=str(len(CLASSES)))
    is_open = {}
    for name in ("coffee", "cat", "stripes"):
        app = visit("home", picture=name, lang=language)
        (box,) = (x for x in app.expander if x.label == title)
        is_open[name] = box.proto.expanded
    assert is_open == {"coffee": False, "cat": True, "stripes": False}
    app = visit("home", picture="cat", lang=language)
    (search,) = app.expander[0].selectbox
    assert sorted(search.options) == sorted(CLASSES)
    app = search.set_value("tabby").run()
    shares = cache.layer(NAME, cache.sample_picture("cat"), "fc8")
    number = CLASSES.index("tabby")
    rank = int((shares > shares[number]).sum()) + 1
    wanted = text["is_known"].format(
        name="tabby", share=f"{shares[number]:.1%}", rank=str(rank), count="200"
    )
    assert wanted in said(app)


def test_a_name_of_no_class_is_said_to_be_none() -> None:
    shares = np.full(3, 1 / 3)
    text = words.page("weights").table("known")
    names = ("tabby", "Persian cat", "hog")
    found = known_classes.answer("  lap*top ", names, shares)
    assert found == text["is_not"].format(name=r"lap\*top", count="3")
    found = known_classes.answer("persian CAT", names, np.array([0.5, 0.2, 0.3]))
    assert "“Persian cat”" in found and "20.0%" in found and "rank 3 of 3" in found
    assert len(known_classes.answer("x" * 5000, names, shares)) < 200


FIRST_VIEW = """
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("ui/shell.py", default_timeout=60).run()
assert not app.exception, app.exception
from ui.kit import words
text = words.page("home")
assert app.title[0].value == text["heading"]
assert any(x.value == text["loading"] for x in app.markdown)
assert app.main.get("component") or app.main.get("bidi_component"), "no picture"
print(sorted({"tensorflow", "keras"} & set(sys.modules)))
"""


def test_the_first_view_needs_no_tensorflow() -> None:
    found = subprocess.run(
        [sys.executable, "-c", FIRST_VIEW], cwd=ROOT, capture_output=True, text=True
    )
    assert found.returncode == 0, found.stderr
    assert found.stdout.strip() == "[]"
