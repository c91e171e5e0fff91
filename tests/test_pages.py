"""Every page opens, by its place and by its address, and says what it shows."""

import base64
import re
import tomllib
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from classroom.content import lesson
from model import gate, measured, runtime, weights
from model.pictures.samples import samples
from paths import ROOT
from tests.components import components
from ui.kit import cache, sections, state, words
from ui.kit.network import feature_maps

PAGES = [name for names in sections.PAGES.values() for name in names]
PATIENCE = 120  # seconds: the first page that needs the network waits for TensorFlow


@pytest.fixture(scope="module", autouse=True)
def network() -> None:
    runtime.network(weights.DEFAULT)


def visit(page: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=PATIENCE)
    app.query_params.update(query)
    app.run()
    if page != "home":
        app.query_params.update(query)
        app.switch_page(f"../pages/{page}.py").run()
    assert not app.exception, [e.message for e in app.exception]
    return app


def said(app: AppTest) -> str:
    parts = [*app.title, *app.header, *app.markdown, *app.caption]
    return "\n".join(part.value for part in parts)


def test_the_table_of_pages_is_the_folder() -> None:
    assert sorted(PAGES) == sorted(p.stem for p in (ROOT / "pages").glob("*.py"))
    assert set(PAGES) <= {p.stem for p in (ROOT / "assets/pages").glob("*.toml")}


# Who has not signed in sees one sentence of the instructors' page, and no title.
@pytest.mark.parametrize("page", [page for page in PAGES if page != "class"])
def test_opens_and_fills_in_every_number(page: str) -> None:
    app = visit(page)
    text = words.page(page).as_dict()
    assert app.title[0].value == text.get("heading", text["title"])
    assert not re.search(r"\{\w*\}", said(app)), "a placeholder was left"
    assert not re.search(r"None(?! (was|of) )", said(app)), "a value was left out"
    assert_it_ends_with_where_to_go(app, page)


def assert_it_ends_with_where_to_go(app: AppTest, page: str) -> None:
    menu = words.page("menu")
    names = menu.table("page")
    onward, *small = [x.proto.label for x in app.main.get("page_link")][-4:]
    assert onward == menu["next"].format(page=names[sections.NEXT[page]])
    assert small == [names[name] for name in sections.PAGES[sections.FOOT]]
    assert app.main.caption[-1].value == menu.table("why")[page]


def sent(app: AppTest) -> list[str]:
    """Labels of the widgets whose value the last run has sent to the browser."""
    return [
        element.label
        for element in app._tree
        if getattr(getattr(element, "proto", None), "set_value", False)
    ]


@pytest.mark.parametrize(
    ("page", "step"),
    [(page, None) for page in PAGES]
    + [("lesson", step.slug) for step in lesson.load().steps],
)
def test_a_run_takes_no_choice_back(page: str, step: str | None) -> None:
    """A value that is sent lies over what was chosen while the run was under way."""
    app = visit(page, step=step) if step else visit(page)
    app.run()
    assert sent(app) == []


def test_what_a_run_changes_it_sends() -> None:
    app = visit("filters", filter="17")
    assert "Filter (0 to 95)" in sent(app)


@pytest.mark.parametrize("page", PAGES)
def test_words_are_plain_sentences(page: str) -> None:
    """No sentence for visitors is cut off or doubled."""

    def strings(value: object) -> list[str]:
        if isinstance(value, dict):
            return [s for v in value.values() for s in strings(v)]
        return [str(value)]

    for sentence in strings(words.page(page).as_dict()):
        assert sentence == sentence.strip()
        assert "  " not in sentence
        assert not re.search(r"\b(\w+) \1\b", sentence.replace("that that", "")), (
            sentence
        )


def test_layers_are_stepped_through_from_input_to_softmax() -> None:
    spec = weights.get(weights.DEFAULT).spec
    names = feature_maps.layer_names(spec)
    assert names[0] == "input"
    assert names[-1] == "fc8"
    app = visit("feature_maps")
    seen = []
    for _ in names:
        (button,) = (b for b in app.button if b.label == "Next")
        app = button.click().run()
        assert not app.exception
        seen.append(app.session_state[state.LAYER.name])
    assert seen == names
    (button,) = (b for b in app.button if b.label == "Next")
    assert button.disabled


@pytest.mark.parametrize("layer", ["overview", "input", "conv1", "pool5", "fc7", "fc8"])
def test_a_layer_by_its_address(layer: str) -> None:
    app = visit("feature_maps", layer=layer, unit="2", scale="layer", order="strength")
    assert app.session_state[state.LAYER.name] == layer
    title = words.layer(layer)["title"]
    assert any(title in heading.value for heading in app.header)
    if layer != "overview":
        assert app.number_input[0].value == 2


def test_says_how_good_the_weights_are_and_how_large_the_network() -> None:
    text = said(visit("feature_maps"))
    row = weights.get(weights.DEFAULT)
    assert row.top1 is not None
    assert f"{row.top1:.1%}" in text
    assert f"{row.top5:.1%}" in text
    assert "47,566,408 parameters" in text


@pytest.mark.parametrize(
    "query",
    [
        {"layer": "conv9"},
        {"unit": "9999", "layer": "conv1"},
        {"unit": "-1", "layer": "conv1"},
        {"picture": "own"},
        {"picture": "../../etc/passwd"},
        {"weights": "<script>alert(1)</script>"},
        {"scale": "x" * 5000},
    ],
)
def test_nonsense_in_the_address_becomes_the_default(query: dict[str, str]) -> None:
    app = visit("feature_maps", **query)
    key = next(k for k in state.KEYS if k.name == next(iter(query)))
    if key.name in app.session_state:  # else it has its default
        assert app.session_state[key.name] == key.default
    if "unit" in query:  # the layer opens with its first map
        assert app.session_state[state.UNIT_NUMBER.name] == 0


def test_the_last_layer_opens_with_the_class_it_thinks_it_is() -> None:
    """Not with unit 0, a goldfish; and an address that names a unit keeps it."""
    text = words.page("feature_maps").as_dict()
    app = visit("feature_maps", layer="fc8")
    winner = app.session_state[state.UNIT_NUMBER.name]
    assert "unit" not in app.query_params  # nothing is pinned
    answers = cache.activations(weights.DEFAULT, cache.sample_picture("coffee"))
    assert winner == int(answers["fc8"].argmax()) != 0
    name = weights.class_names(weights.DEFAULT)[winner]
    assert text["class_of"].format(name=name) in said(app)
    for number in (0, 17):
        app = visit("feature_maps", layer="fc8", unit=str(number))
        assert app.session_state[state.UNIT.name] == number
    # Another layer's unit does not come along.
    app = visit("feature_maps", layer="conv3", unit="7")
    for _ in range(6):  # conv3 to fc8
        (button,) = (b for b in app.button if b.label == "Next")
        app = button.click().run()
    assert app.session_state[state.LAYER.name] == "fc8"
    assert app.session_state[state.UNIT_NUMBER.name] == winner


def test_a_silent_unit_has_no_rank() -> None:
    """Many of fc6 are 0 after ReLU: "rank 1775" would say nothing."""
    values = cache.activations(weights.DEFAULT, cache.sample_picture("coffee"))["fc6"]
    silent, loud = int((values == 0).argmax()), int(values.argmax())
    at_zero = f"{int((values == 0).sum()):,} of 4,096"
    shown = said(visit("feature_maps", layer="fc6", unit=str(silent)))
    assert f"Activation **0**. Units at 0 in this layer: {at_zero}." in shown
    assert "rank" not in shown
    shown = said(visit("feature_maps", layer="fc6", unit=str(loud)))
    assert f"Activation **{values[loud]:.3g}**, rank 1 of 4,096" in shown


def test_a_silent_map_is_called_so() -> None:
    values = cache.activations(weights.DEFAULT, cache.sample_picture("coffee"))["conv3"]
    silent = np.flatnonzero(values.max(axis=(0, 1)) <= 0)
    assert silent.size, "this sample leaves some maps of conv3 silent"
    shown = said(visit("feature_maps", layer="conv3", unit=str(silent[0])))
    assert f"Such maps in this layer: {silent.size} of 384." in shown


def test_one_kind_of_number_for_a_probability() -> None:
    """The tile's tip says 0.00%: then the unit does not say 5.189e-06."""
    shown = said(visit("feature_maps", layer="fc8", unit="1"))
    assert re.search(r"Probability \*\*\d+\.\d\d%\*\*, rank", shown)


@pytest.mark.parametrize("page", ["home", "feature_maps"])
@pytest.mark.parametrize("trouble", [gate.Busy, weights.WeightsBroken])
def test_a_network_that_cannot_be_had_is_a_sentence(
    page: str, trouble: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise trouble("Why not, and what to do.")

    monkeypatch.setattr(cache, "activations", fail)
    app = visit(page)
    assert [e.value for e in app.error] == ["Why not, and what to do."]
    assert app.title  # the rest of the page stays


def test_untrained_weights_say_so() -> None:
    text = said(visit("feature_maps", weights="random"))
    assert "random weights, untrained" in text
    assert "0.5%" in text  # chance among 200


def test_one_filter_is_shown_pixel_by_pixel() -> None:
    """Not as Streamlit's JPEG of it."""
    large, channels = visit("filters", filter="17").main.image[:2]
    for shown in (large, channels):
        head, _, body = shown.value[0].partition(",")
        assert head == "data:image/png;base64"
        assert base64.b64decode(body).startswith(b"\x89PNG")


@pytest.mark.parametrize("order", ["colour", "orientation", "frequency", "strength"])
def test_filters_can_be_sorted(order: str) -> None:
    app = visit("filters", filter_order=order, filter="17", filter_scale="all")
    assert app.session_state[state.FILTER_ORDER.name] == order
    assert "Filter 17:" in said(app)


def test_the_training_is_replayed_from_noise_to_what_is_shipped() -> None:
    history = measured.history(weights.DEFAULT)
    (sent,) = components(visit("filters"), "replay")
    sentences = sent["sentences"]
    assert len(sentences) == len(history.shown)
    assert "Before the first image" in sentences[0]
    assert len(set(sentences)) == len(sentences)
    for shown, right, sentence in zip(
        history.shown[1:], history.validation[1:], sentences[1:], strict=True
    ):
        assert f"After {shown:,} images" in sentence
        assert f"{right:.1%} of 2,000 validation images" in sentence
    assert sent["opensAt"] == 1, "the filters that are shipped"
    assert sent["bands"][0]["start"] == 0
    assert sent["bands"][-1]["end"] == history.shown[-1] / 1_000
    assert sent["bands"][0]["label"] == f"{history.size[1]} px"
    assert f"{history.validation[-1]:.1%}" in sent["alt"]
    (before,) = components(visit("filters", reports_back="1"), "replay")
    assert before["opensAt"] == pytest.approx(history.shown[-2] / history.shown[-1])
    random = visit("filters", weights="random")
    assert "No record" in said(random) and components(random, "replay") == []


def test_a_doubtful_answer_is_called_one(monkeypatch: pytest.MonkeyPatch) -> None:
    sure = replace(measured.evaluation(weights.DEFAULT), threshold=0.0)
    monkeypatch.setattr(measured, "evaluation", lambda name: sure)
    app = visit("feature_maps", picture="dog")
    assert not app.info and "Typicality" in said(app)
    doubtful = replace(sure, threshold=1.0)
    monkeypatch.setattr(measured, "evaluation", lambda name: doubtful)
    app = visit("feature_maps", picture="dog")
    assert ["Probably none of the 200" in i.value for i in app.info] == [True]
    assert "Typicality" not in said(app)
    assert "Probably none of the 200" in said(visit("home", picture="dog"))


def test_the_picture_follows_to_every_page() -> None:
    app = visit("feature_maps", picture="dog")
    for page in ("filters", "home"):
        app = app.switch_page(f"../pages/{page}.py").run()
        assert not app.exception
        assert app.session_state[state.PICTURE.name] == "dog"
        assert samples()["dog"].title in said(app)


def test_every_key_is_in_the_table_once() -> None:
    names = [key.name for key in state.KEYS]
    assert len(set(names)) == len(names)
    for key in state.KEYS:
        assert key.about
        assert set(key.pages) <= set(PAGES)


def test_every_layer_has_its_words() -> None:
    table = tomllib.loads((ROOT / "assets" / "layers.toml").read_text())
    rows = list(weights.REGISTRY.values())
    of_sets = {name for r in rows for name in feature_maps.layer_names(r.spec)}
    assert set(table) == {"overview", *of_sets}
    for row in rows:
        for name in ("overview", *feature_maps.layer_names(row.spec)):
            title, say = feature_maps.layer_words(row, name)
            assert title
            assert "None" not in say
            assert "{" not in say


@pytest.mark.parametrize("layer", ["overview", "fc6"])
def test_the_maps_ask_for_their_language_seldom(
    monkeypatch: pytest.MonkeyPatch, layer: str
) -> None:
    """Not for each number: there are thousands, and a class waits for them."""
    visit("feature_maps", layer=layer)
    asked: list[None] = []
    language = words.language
    monkeypatch.setattr(words, "language", lambda: asked.append(None) or language())
    visit("feature_maps", layer=layer)
    assert 0 < len(asked) < 500
