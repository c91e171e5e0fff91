"""On the pages of a German class nothing of what they say is English."""

from __future__ import annotations

import base64
import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from classroom.content import lesson
from classroom.questions import bank
from lab.live_run import from_there
from lab.presets import PRESETS
from lab.run.watcher import all_done
from model.network.specs import SPECS
from paths import ROOT
from tests.components import predict
from tests.fake_lab import FakeEngine
from tests.test_page_lesson import shown
from tests.test_pages import visit
from ui.experiments import source
from ui.kit import cache, sections, state, words
from ui.kit.runs import run_names

STEPS = [step.slug for step in lesson.load().steps]
# The names that a network predicts, sources, and other pages stay as they are.
SOURCES = (
    "layers.toml",
    "described.toml",
    "samples/samples.toml",
    "lesson/en/words.toml",
    "lesson/en/claims.toml",
    "lesson/en/glossary.toml",
    "lesson/en/timeline.toml",
    *(f"pages/{path.name}" for path in (ROOT / "assets" / "pages").glob("*.toml")),
    "quiz/index.toml",
)


def _leaves(value: Any) -> Iterator[str]:
    match value:
        case dict():
            for one in value.values():
                yield from _leaves(one)
        case list():
            for one in value:
                yield from _leaves(one)
        case str():
            yield value


def _english() -> dict[str, re.Pattern[str]]:
    """Every English text of three words or more, as it is shown."""
    found = {}
    for name in SOURCES:
        table = tomllib.loads((ROOT / "assets" / name).read_text("utf-8"))
        for text in _leaves(table):
            pieces = re.split(r"\{[^}]*\}", text)
            # It is looked for by its first words: what leads to none takes long.
            while pieces and not re.search("[A-Za-z]{2}", pieces[0]):
                pieces.pop(0)
            bare = re.sub(r"\{[^}]*\}", "", text)
            if len(re.findall(r"(?:^|\s)[^\s\w]*[A-Za-z]{2,}", bare)) >= 3:
                found[text] = re.compile(".{1,200}?".join(map(re.escape, pieces)))
    return found


ENGLISH = _english()


def everything(app: AppTest) -> str:
    """All that the page says, with labels and what pictures show."""
    parts = [shown(app)]
    for name in ("button", "selectbox", "slider", "select_slider", "toggle", "radio"):
        parts += [str(one.label) for one in app.main.get(name)]
    parts += [str(x.proto.label) for x in app.main.get("page_link")]
    parts += [
        str(getattr(image, "alt", ""))
        for figure in app.main.get("imgs")
        for image in figure.proto.imgs
    ]
    parts += [str(x.value) for x in app.main.get("metric")]
    return "\n".join(parts)


ALT = (  # of pictures and tables, of drawings in HTML, of components in JSON
    r'\balt: "((?:[^"\\]|\\.)*)"',
    r"""<img [^>]*?alt=(?:\\?")([^"\\>]+)""",
    r'\\"alt\\": \\"((?:[^"\\]|\\[^"])*)\\"',
)
ENGLISH_WORDS = re.compile(
    r"\b(the|of|and|with|its|are|is|at|from|by|layers?|maps?|images?|weights|value)\b",
    re.IGNORECASE,
)


def alts(app: AppTest) -> list[str]:
    """What is said in the place of each picture, drawing, table and component."""

    def walk(node: Any) -> Iterator[str]:
        yield str(getattr(node, "proto", ""))
        for child in getattr(node, "children", {}).values():
            yield from walk(child)

    said = "\n".join(walk(app.main))
    return [found for pattern in ALT for found in re.findall(pattern, said)]


def english_in(said: str) -> list[str]:
    return [text for text, pattern in ENGLISH.items() if pattern.search(said)]


# Pictures and tables of a step that say what they show; the others have one.
PICTURES = {"2012": 2, "revolution": 0, "flow": 2, "relu": 0, "code": 0}
PICTURES |= {"generalisation": 4, "augmentation": 11, "data": 3, "teach": 0}
# What a drag may show is told beforehand: a sentence for each mask, and each size.
PICTURES |= {"dropout": 101, "practice": 13, "before": 10}
PICTURES |= {"learning": 0, "nonlinearity": 0}  # theirs are computed in the browser


@pytest.mark.parametrize("step", STEPS)
def test_a_german_step_says_nothing_in_english(step: str) -> None:
    app = visit("lesson", step=step, lang="de", reveal="1")
    said = everything(app)
    assert not english_in(said)
    assert "Erst denken" in said and "Eine Antwort" in said
    shown_in_its_place = alts(app)
    assert len(shown_in_its_place) == PICTURES.get(step, 1), shown_in_its_place
    for alt in shown_in_its_place:
        assert not ENGLISH_WORDS.search(alt), alt
        assert not english_in(alt)


def test_an_english_step_is_found_out() -> None:
    app = visit("lesson", step="flow")
    assert len(english_in(everything(app))) > 10
    assert all(ENGLISH_WORDS.search(alt) for alt in alts(app))


@pytest.mark.parametrize("question", ["side", "how-sure", "what-stayed", "gains"])
def test_a_german_question_says_nothing_in_english(question: str) -> None:
    said = everything(visit("quiz", question=question, seed="3", lang="de"))
    assert bank.find(question, "de").ask.split("{")[0] in said
    assert not english_in(said)


def test_the_german_claims_say_nothing_in_english() -> None:
    said = everything(visit("claims", lang="de"))
    assert "Der Code der Autoren" in said and "Zusammenfassung, Abb. 2" in said
    assert "15,3\u00a0%" in said
    notes = [
        row["note"]
        for row in lesson.load().tables["references"].values()
        if "note" in row
    ]
    assert not [note for note in notes if note in said]
    assert not english_in(said)


@pytest.mark.parametrize("picture", ["coffee", "cat", "rocket"])
def test_the_german_home_page_says_nothing_in_english(picture: str) -> None:
    app = visit("home", picture=picture, lang="de")
    said = everything(app)
    assert "Sieh, was AlexNet sieht" in said and "Der Weg durch das Netz" in said
    assert not english_in(said)
    assert not [alt for alt in alts(app) if ENGLISH_WORDS.search(alt)]


def test_the_german_glossary_says_nothing_in_english() -> None:
    said = everything(visit("glossary", lang="de"))
    assert "vollständig verbunden" in said and "Glossar" in said
    assert not english_in(said)


def test_the_german_page_on_the_training_says_nothing_in_english() -> None:
    app = visit("training_2012", lang="de")
    (frame,) = app.main.dataframe
    cells = [str(x) for x in [*frame.value.columns, *frame.value.to_numpy().ravel()]]
    said = "\n".join([everything(app), *cells, *(x.label for x in app.main.expander)])
    assert not english_in(said)
    text = words.page("training_2012", "de").as_dict()
    for part in (text["relatives"]["network"], text["run"]["table"], "40,66\u00a0%"):
        assert part in said
    assert "wie 131, mit k = 2" in cells and "40,66" in cells
    assert "März 2013" in said and "140.523.240" in said
    drawn = "".join(x.body for x in app.main.get("html"))
    assert "Zeitleiste von Lauf 145" in drawn and "Time line" not in drawn
    told = alts(app)
    assert len(told) == 5  # two drawings, each for two widths, and the runs
    assert not [alt for alt in told if ENGLISH_WORDS.search(alt)]


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("feature_maps", {}),
        (
            "feature_maps",
            {"layer": "conv2", "unit": "7", "saliency": "1", "arithmetic": "1"},
        ),
        ("feature_maps", {"layer": "fc8"}),
        ("filters", {"filter": "5"}),
        ("similar_images", {}),
        ("augmentation", {}),
    ],
)
def test_the_inside_of_the_network_says_nothing_in_english(
    page: str, query: dict[str, str]
) -> None:
    app = visit(page, lang="de", **query)
    said = everything(app)
    assert words.page(page, "de")["title"] in said
    assert not english_in(said)
    # Photographs are called as their authors have called them.
    told = [re.sub(r", aus: .*", "", alt) for alt in alts(app)]
    assert told
    assert not [alt for alt in told if ENGLISH_WORDS.search(alt)]


@pytest.mark.parametrize("network", SPECS)
def test_the_architecture_says_nothing_in_english(network: str) -> None:
    app = visit("architecture", lang="de", network=network)
    tables = [
        str(x) for frame in app.main.table for x in frame.value.to_numpy().ravel()
    ]
    drawn = "".join(
        base64.b64decode(data).decode()
        for html in app.main.get("html")
        for data in re.findall(r"base64,([\w+/=]+)", html.body)
    )
    written = re.findall(r"<(?:text|title)[^>]*>(.*?)</", drawn)
    said = "\n".join([everything(app), *tables, *written])
    assert "Maßstäblich gezeichnet" in said and "Pixel hoch" in said
    assert not english_in(said)
    told = [*alts(app), *tables, *written]
    assert not [one for one in told if ENGLISH_WORDS.search(one)]


LAB = ("relu_vs_tanh", "dropout", "experiments")
CITED = r"Abschnitt \d\.\d"  # the number of a place


@pytest.mark.parametrize("page", LAB)
def test_an_experiment_is_set_up_in_german(page: str) -> None:
    app = visit(page, lang="de")
    said = everything(app)
    assert words.page(page, "de")["lead"] in said and "Rate zuerst." in said
    assert not english_in(said)
    (question, *_) = app.main.radio
    assert question.options[-1] == "ungefähr gleich"
    assert not [one for one in question.options if ENGLISH_WORDS.search(one)]


@pytest.mark.parametrize(
    ("page", "name", "shown"),
    [
        ("dropout", "dropout-small", ("Dropout 0,5", "ohne Dropout: im Mittel")),
        ("experiments", "overlapping", ("überlappend: Fenstergröße 3", "−2 bis 5")),
        ("relu_vs_tanh", "sweep-2012-cifar", ("Beste Lernraten.", "0,016")),
        ("relu_vs_tanh", "", ("2,4 bis 7,3", "Insgesamt 4", "10.000 Bilder")),
    ],
)
def test_what_a_run_has_shown_is_said_in_german(
    page: str, name: str, shown: tuple[str, ...]
) -> None:
    app = visit(page, lang="de", **({"run": f"recorded-{name}"} if name else {}))
    app.session_state[state.TOLD.name] = tuple(PRESETS)
    app.session_state[state.FACTOR_SHOWN.name] = "skipped"
    app.run()
    assert not app.exception
    told = alts(app)
    said = "\n".join([everything(app), *told])
    for part in shown:
        assert part in said
    assert not english_in(said)
    read = re.sub(r"\\+u00a0", "\u00a0", re.sub(CITED, "", said))
    assert not re.search(r"(?<![\d.])\d+\.\d{1,2}(?![\d.])|\d%", read)
    assert told and not [alt for alt in told if ENGLISH_WORDS.search(alt)]
    charts = [json.loads(x.proto.spec) for x in app.main.get("vega_lite_chart")]
    for spec in charts:
        number = spec["config"]["locale"]["number"]
        assert (number["decimal"], number["percent"]) == (",", "\u00a0%")
    assert charts


def test_what_the_lab_calls_things_has_german_words() -> None:
    """The arms of every preset, and what every recording says of itself."""
    alike = {"ReLU", "tanh", "sigmoid", *(f"{n} × {n}" for n in (3, 5, 7, 11))}
    said = {arm.label for one in PRESETS.values() for arm in one.arms} - alike
    for one in cache.recordings().values():
        said |= {
            one.machine,
            one.time,
            one.data.rstrip("."),
            one.data.partition(".")[0],
        }
        said |= {one.title} - {one.experiment.name}
    said |= {from_there(0), from_there(3), all_done(PRESETS["pooling"].arms[0])}
    assert not [one for one in said if run_names.in_words(one, "de") == one]
    assert run_names.in_words("5,000 images", "de") == "5.000 Bilder"
    both = run_names.in_words(f"Never said before. {from_there(3)}", "de")
    assert both == "Never said before. Ein neuer Versuch macht bei Epoche 3 weiter."
    for one in said:
        assert run_names.in_words(one) == one


def test_an_experiment_is_kept_with_the_names_that_all_know(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = FakeEngine()
    monkeypatch.setattr(source, "engine", lambda: engine)
    app = predict(visit("dropout", lang="de"), "dropout 0.5")
    next(x for x in app.main.button if x.label == "Starten").click().run()
    assert not app.exception
    (run,) = engine.made.values()
    assert [arm.label for arm in run.experiment.arms] == [
        arm.label for arm in PRESETS["dropout-small"].arms
    ]
    assert run.guess["arm"] == "dropout 0.5"


def test_every_page_is_german() -> None:
    """A new page is German, too."""
    pages = {page for pages in sections.PAGES.values() for page in pages}
    assert set(state.LANGUAGE.pages) == pages
    for page in state.LANGUAGE.pages:
        assert words.is_translated(f"pages/{page}", "de")


def test_the_switch_says_what_is_german() -> None:
    (said,) = [
        x.value
        for x in visit("join", lang="de").caption
        if x.value.startswith("Deutsch: ")
    ]
    assert said.startswith("Deutsch: alle Seiten.")
    (control,) = (
        x for x in visit("join").main.button_group if x.key == state.LANGUAGE.name
    )
    assert control.help.startswith("Deutsch: all pages.")


@pytest.mark.parametrize("page", ["filters", "class"])
def test_the_sidebar_speaks_german_beside_every_page(page: str) -> None:
    app = visit(page, lang="de")
    said = [x.value for x in app.sidebar.caption]
    assert said == [words.page("shell", "de")["about"]]


def test_the_drawing_of_a_german_question_is_told_in_german() -> None:
    app = visit("quiz", question="click-the-shape", seed="3", lang="de")
    (alt,) = alts(app)
    assert alt.startswith("alexnet von torchvision, 2014, ma")
    assert alt.endswith("gezeichnet, mit den Namen seiner Schichten.")


def test_the_german_page_on_privacy_says_nothing_in_english() -> None:
    said = everything(visit("privacy", lang="de"))
    assert "Auskunft und Löschen" in said and "Tage" in said
    assert not english_in(said)


def test_the_page_to_join_by_says_nothing_in_english() -> None:
    said = everything(visit("join", lang="de"))
    assert "Tritt deiner Klasse bei" in said
    assert not english_in(said)
