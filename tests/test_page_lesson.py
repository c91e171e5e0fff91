"""The lesson's page: each step opens, the address is true, answers stay covered."""

from __future__ import annotations

import json
import re
import shutil
from base64 import b64decode
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from classroom.content import lesson, numbers, plan
from model import training_speed, weights
from model.network import dropout, shapes
from model.network.specs import LENET5, ORIGINAL, SIMPLIFIED
from tests.components import components as sent_to
from tests.page_links import own_labels
from tests.test_pages import said, visit
from ui.kit import cache, components, state
from ui.kit.components import keys
from ui.lesson.measured_numbers import measured_numbers

STEPS = lesson.load().steps
LAST = STEPS[-1].slug
LAST_PLACE = len(STEPS) - 1
STEPS_AT = {step.slug: place for place, step in enumerate(STEPS)}


def shown(app: AppTest) -> str:
    """All words on the page, tables included."""
    cells = [
        str(cell)
        for table in app.main.table
        for cell in [*table.value.columns, *table.value.to_numpy().ravel()]
    ]
    headers = [header.value for header in app.header]
    return "\n".join([said(app), *headers, *cells])


def unlinked(text: str) -> str:
    """Words as a reader sees them: the glossary's links taken out."""
    return re.sub(r'\[([^\]]+)\]\(#words "[^"]*"\)', r"\1", text)


def button(app: AppTest, key: str) -> object:
    (found,) = (b for b in app.button if b.key == key)
    return found


def query(app: AppTest) -> dict[str, str]:
    values = dict(app.query_params)
    return {k: v[0] if isinstance(v, list) else v for k, v in values.items()}


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.slug)
def test_a_step_opens_by_its_address(step: lesson.LessonStep) -> None:
    app = visit("lesson", step=step.slug)
    assert not app.error
    words = shown(app)
    assert app.header[0].value == step.title
    assert not re.search(r"\{\w*\}|\[\[[a-z]", words), "a mark was left"
    assert lesson.without_marks(step.question).split("{")[0] in unlinked(words)
    assert "One answer" not in words
    assert query(app).get("step", "start") == step.slug


@pytest.mark.parametrize("language", lesson.languages())
def test_the_answer_is_covered_until_asked_for(language: str) -> None:
    words = lesson.load(language).words
    app = visit("lesson", step="lenet", lang=language)
    assert words["answer"] not in said(app)
    app = button(app, "reveal_answer").click().run()
    assert words["answer"] in said(app)
    assert query(app)["reveal"] == "1"
    app = button(app, "next_step").click().run()
    assert words["answer"] not in said(app)
    assert query(app)["step"] == "2012"
    assert "reveal" not in query(app)


def test_all_steps_one_after_the_other_and_back() -> None:
    app = visit("lesson")
    assert button(app, "previous_step").disabled
    for step in STEPS[1:]:
        app = button(app, "next_step").click().run()
        assert not app.exception
        assert app.header[0].value == step.title
    assert button(app, "next_step").disabled
    app = button(app, "previous_step").click().run()
    assert app.header[0].value == STEPS[-2].title


def test_a_step_is_chosen_from_the_contents() -> None:
    app = visit("lesson", step="lenet", reveal="1")
    (contents,) = (s for s in app.selectbox if s.key == state.STEP.name)
    assert len(contents.options) == len(STEPS)
    app = contents.set_value("code").run()
    assert query(app) == {"step": "code"}


@pytest.mark.parametrize(
    "nonsense", [{"step": "vgg"}, {"lang": "xx"}, {"step": "<b>"}, {"reveal": "yes"}]
)
def test_nonsense_in_the_address_becomes_the_first_step(
    nonsense: dict[str, str],
) -> None:
    app = visit("lesson", **nonsense)
    assert app.header[0].value == STEPS[0].title
    assert query(app) == {}


def test_what_the_address_no_longer_says_is_the_default_again() -> None:
    """Going back from a revealed answer, and to the first step."""
    app = visit("lesson", step="relu", reveal="1")
    del app.query_params["reveal"]
    app.run()
    assert "One answer" not in said(app)
    assert app.header[0].value == lesson.load().step("relu").title
    app.query_params.clear()
    app.run()
    assert app.header[0].value == STEPS[0].title


def test_an_address_that_lags_behind_a_click_undoes_nothing() -> None:
    """The next click can come before the browser knows the last address."""
    app = visit("lesson")
    app = button(app, "next_step").click().run()
    app = button(app, "next_step").click().run()
    app.query_params["step"] = "before"
    app = button(app, "next_step").click().run()
    assert query(app) == {"step": "2012"}
    app.query_params.clear()
    app = button(app, "next_step").click().run()
    assert query(app) == {"step": "revolution"}


def test_another_page_and_back_is_the_same_step() -> None:
    app = visit("lesson", step="relu")
    app = app.switch_page("../pages/filters.py").run()
    app = app.switch_page("../pages/lesson.py").run()
    assert app.header[0].value == lesson.load().step("relu").title


def test_what_is_not_translated_is_english_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shown on a copy that lacks a German step: the lesson's own lack none."""
    shutil.copytree(lesson.FOLDER, tmp_path / "lesson")
    (tmp_path / "lesson" / "de" / "35-relu.md").unlink()
    whole = lesson.load

    def load(language: str = "en", root: Path = tmp_path / "lesson") -> lesson.Lesson:
        return whole(language, root)

    monkeypatch.setattr(lesson, "load", load)
    german = load("de")
    own = visit("lesson", step="lenet", lang="de")
    assert own.header[0].value == german.step("lenet").title
    assert not own.info
    missing = visit("lesson", step="relu", lang="de")
    assert missing.header[0].value == lesson.load().step("relu").title
    assert [i.value for i in missing.info] == [
        german.words["missing"].format(language="Deutsch")
    ]
    assert button(missing, "next_step").label == "Weiter"


@pytest.mark.parametrize("language", lesson.languages())
def test_the_presenters_notes_of_a_step(language: str) -> None:
    step = lesson.load(language).step("2012")
    app = visit("lesson", step="2012", notes="1", lang=language)
    assert app.title[0].value == step.title
    words = unlinked(said(app))
    assert step.note in words
    assert lesson.load(language).words["answer"] in words
    assert not app.main.table


def clock_of(app: AppTest) -> dict[str, Any]:
    (told,) = sent_to(app, "pace")
    return dict(told)


def test_the_notes_have_the_clock_and_the_next_step() -> None:
    steps = lesson.load().steps
    app = visit("lesson", step="lenet", notes="1", plan="45")
    told = clock_of(app)
    planned = {s["slug"]: s["ends"] - s["begins"] for s in told["steps"]}
    assert list(planned) == [step.slug for step in steps]
    assert sum(planned.values()) <= 45 and planned["revolution"] == 0
    assert (told["at"], planned["lenet"]) == ("lenet", plan.minutes()["lenet"])
    assert query(app)["plan"] == "45", "it is there again after a reload"
    app = visit("lesson", step="2012", notes="1", plan="45")
    following = steps[STEPS_AT["2012"] + 1]
    known = numbers.numbers(measured_numbers(lesson.load()))
    slide = lesson.load().markdown(lesson.without_marks(following.slide), known)
    assert slide in [block.value for block in app.markdown]
    app = button(app, "plan_onward").click().run()
    assert query(app)["step"] == "differences", "the plan leaves the next step out"
    assert clock_of(visit("lesson", notes="1", plan="7"))["steps"][1]["ends"] > 0


def test_the_notes_ask_and_reveal() -> None:
    app = visit("lesson", step="flow", notes="1")
    assert "ask" not in query(app)
    app = button(app, "ask_question").click().run()
    assert query(app)["ask"] == "1"
    app = button(app, "reveal_answer").click().run()
    assert query(app)["reveal"] == "1"
    app = button(app, "ask_question").click().run()
    assert "ask" not in query(app) and query(app)["reveal"] == "1"
    app = button(app, "reveal_answer").click().run()
    assert "reveal" not in query(app)


def test_presenting_has_the_step_and_a_way_out() -> None:
    app = visit("lesson", step="relu", present="1")
    assert app.title[0].value == lesson.load().step("relu").title
    note = lesson.load().step("relu").note.split("{")[0]
    assert note not in unlinked(said(app))
    links = [link.proto.url for link in app.get("link_button")]
    assert links == ["lesson?step=relu&lang=en&notes=1"]
    app = button(app, "leave").click().run()
    assert query(app) == {"step": "relu"}


@pytest.mark.parametrize("language", lesson.languages())
def test_what_is_presented_says_its_slide_and_asks_when_told_to(language: str) -> None:
    """Not the step's words, and no question before it is asked."""
    step = lesson.load(language).step("flow")
    app = visit("lesson", step="flow", present="1", lang=language)
    begins = step.question.split(",")[0]
    known = numbers.numbers(measured_numbers(lesson.load(language)))
    slide = lesson.load(language).markdown(lesson.without_marks(step.slide), known)
    assert slide in [block.value for block in app.markdown]
    assert step.body.split("\n\n")[1].split("(")[0] not in unlinked(said(app))
    assert begins not in unlinked(said(app))
    app = button(app, "ask_question").click().run()
    assert begins in unlinked(said(app))
    assert query(app)["ask"] == "1", "it is there again after a reload"
    app = button(app, "next_step").click().run()
    assert "ask" not in query(app), "the next step begins without its question"


def test_what_would_give_the_answer_away_makes_room_for_the_question() -> None:
    app = visit("lesson", step="lenet", present="1")
    assert "Before you look at the table" in unlinked(said(app))
    assert not app.main.table
    assert button(app, "ask_question").disabled
    app = button(app, "reveal_answer").click().run()
    assert app.main.table
    assert lesson.load().words["answer"] in unlinked(said(app))
    app = button(app, "ask_question").click().run()
    assert app.main.table, "what was revealed stays so"
    assert lesson.load().words["answer"] not in unlinked(said(app))
    assert query(app) == {"step": "lenet", "reveal": "1", "present": "1"}


@pytest.mark.parametrize("way", [{}, {"notes": "1"}], ids=str)
def test_linked_words_are_explained_below_the_step(way: dict[str, str]) -> None:
    """In every way of seeing it: a link to #words leads to them.

    Their heading is one level below the step's: none is skipped.
    """
    app = visit("lesson", step="relu", **way)
    step, words = lesson.load().step("relu").title, lesson.load().words["glossary"]
    levels = {
        head.value: level
        for level, heads in enumerate((app.title, app.header, app.subheader), 1)
        for head in heads
    }
    assert levels[words] == levels[step] + 1
    shown = "\n".join(block.value for block in app.markdown)
    assert len(re.findall(r'\[ReLU\]\(#words "Rectified linear', shown)) == 1
    assert "- **ReLU**: Rectified linear unit" in shown
    assert "→\N{NO-BREAK SPACE}[ReLU or tanh](relu-vs-tanh)" in shown
    assert ("- **pre-activation**" in shown) and ("- **bias**" not in shown)


def test_words_of_the_answer_are_explained_once_it_is_shown() -> None:
    line = "- **cross-entropy**"
    assert line not in said(visit("lesson", step="code"))
    assert line in said(visit("lesson", step="code", reveal="1"))


def test_doors_lead_deeper() -> None:
    app = visit("lesson", step="flow")
    assert {"Feature maps", "Filters"} <= {*own_labels(app, "lesson")}


# --- the live things ----------------------------------------------------------------


def test_lenet_beside_alexnet_in_the_same_rows() -> None:
    app = visit("lesson", step="lenet", reveal="1")
    words = shown(app)
    for spec in (LENET5, ORIGINAL):
        total = shapes.totals(spec)
        for value in (total.parameters, total.macs, total.neurons):
            assert f"{value:,}" in words
    assert "× 988" in words
    assert "× 1,739" in words


def test_the_results_are_the_papers_tables() -> None:
    words = shown(visit("lesson", step="2012"))
    for cell in (
        "26.2%",
        "40.7%",
        "18.2%",
        "16.4%",
        "15.3%",
        "47.1%",
        "37.5%",
        "17.0%",
    ):
        assert cell in words


def test_the_pace_is_an_estimate_with_its_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "forward_seconds", lambda name: 0.1)
    app = visit("lesson", step="revolution")
    values = [metric.value for metric in app.metric]
    kept = training_speed.recorded(SIMPLIFIED.input_size)
    days = f"{1_200_000 * 90 / kept.pace / training_speed.DAY:.0f} days"
    assert values == ["100 ms", "375 days", days]  # 1.2 M · 90 · 0.1 s · 3
    words = said(app)
    assert "**Estimated**: 1,200,000 images × 90 epochs × 100 ms × 3" in words
    assert f"**Recorded**: {kept.pictures:,} images" in words


def test_the_pace_can_be_measured_again() -> None:
    cache.measure_again()
    app = visit("lesson", step="revolution")
    app = button(app, "again").click().run()
    assert not app.exception
    assert re.fullmatch(r"[\d,]+ ms", app.metric[0].value)


def test_switches_change_code_size_and_map() -> None:
    app = visit("lesson", step="differences", reveal="1")
    before = app.code[0].value
    assert f"{shapes.totals(SIMPLIFIED).parameters:,}" in [m.value for m in app.metric]
    for key, gone, came in (
        (state.SWITCH_RELU, '"relu"', '"tanh"'),
        (state.SWITCH_MAX, "MaxPooling2D", "AveragePooling2D"),
        (state.SWITCH_DROPOUT, "Dropout", ""),
        (state.SWITCH_CONVS, "Conv2D(384", ""),
    ):
        assert gone in before
        (toggle,) = (t for t in app.toggle if t.key == key.name)
        app = toggle.set_value(False).run()
        assert not app.exception
        assert gone not in app.code[0].value
        assert came in app.code[0].value
    assert app.metric[0].value == "172,526,952"
    assert "then tanh, then average pooling" in said(app)


@pytest.mark.parametrize("layer", ["input", "pool2", "fc6", "fc8"])
def test_the_flow_shows_each_layer(layer: str) -> None:
    app = visit("lesson", step="flow", flow=layer, picture="dog")
    assert not app.error
    assert query(app) == {"step": "flow", "flow": layer, "picture": "dog"}
    row = shapes.layer_info(SIMPLIFIED.with_classes(200), layer)
    assert " × ".join(f"{n:,}" for n in row.output) in said(app)


@pytest.mark.parametrize("language", ["en", "de"])
def test_slopes_are_sent_with_the_languages_texts(language: str) -> None:
    (sent,) = sent_to(visit("lesson", step="relu", reveal="1", lang=language), "slopes")
    own = lesson.load(language).words["live"]["slopes"]
    assert sent["language"] == language
    assert {name: own[name] for name in sent["words"]} == sent["words"]
    assert sent["names"] == ["ReLU", "tanh", own["sigmoid"]]
    assert sent["kinds"] == ["relu", "tanh", "sigmoid"]
    assert sent["x"] in np.arange(*sent["range"]), "where the slider can stand"


def test_ten_masks_give_ten_answers() -> None:
    (sent,) = sent_to(visit("lesson", step="dropout", mask="7"), "stops")
    assert (sent["values"][sent["opens"]], len(sent["values"])) == ("7", cache.MASKS)
    rates = sent["second"]
    assert rates["values"] == [f"{rate:.1f}" for rate in cache.RATES]
    assert rates["opens"] == cache.RATES.index(state.RATE.default)
    assert len(sent["stops"]) == cache.MASKS * len(cache.RATES)
    assert len(sent["tables"]["bodies"]) == len(cache.RATES)
    fc6 = cache.activations(weights.DEFAULT, cache.sample_picture("coffee"))["fc6"]
    for number, stop in enumerate(sent["stops"]):
        step, rate = divmod(number, len(cache.RATES))
        table = sent["tables"]["bodies"][stop["table"]]
        assert table[0][0] == "no dropout" and len(table) == 1 + cache.MASKS
        assert table[stop["marked"]][0] == stop["value"] == str(step + 1)
        (figure,) = stop["figures"]
        kept = dropout.factors(len(fc6), cache.RATES[rate], step + 1, 6) > 0
        seen = np.unpackbits(np.frombuffer(b64decode(figure["kept"]), np.uint8))
        assert (seen[: len(fc6)] == kept).all() and not seen[len(fc6) :].any()
        dropped = f"{int((~kept).sum()):,}"
        assert f"**{dropped} of 4,096 units dropped**" in stop["sentence"]
        assert table[stop["marked"]][3] == dropped
        assert f"{int((fc6[kept] > 0).sum()):,} of the others" in stop["sentence"]
    assert sent["tables"]["captions"][0].startswith("10 of 10 masked networks")
    assert len(json.dumps(sent)) < 300_000, "sent once"


def test_fewer_units_than_all_are_enough() -> None:
    app = visit("lesson", step="analogy", picture="coffee", reveal="1")
    (sent,) = sent_to(app, "stops")
    assert [stop["value"] for stop in sent["stops"]] == [f"{x:,}" for x in cache.KEEPS]
    assert sent["stops"][-1]["rows"][0] == "espresso"
    same = "The same predicted class as with all 4,096 units."
    assert sent["stops"][sent["opens"]]["sentence"] == same
    found = re.search(r"Down to \*\*([\d,]+) units\*\*", said(app))
    assert found
    fewest = int(found[1].replace(",", ""))
    assert fewest < 1000
    fewer = cache.KEEPS[cache.KEEPS.index(fewest) - 1]
    for stop, keep in zip(sent["stops"], cache.KEEPS, strict=True):
        if keep >= fewest:
            assert stop["sentence"] == same
        if keep == fewer:
            assert stop["sentence"].startswith("With all 4,096 units it was")
    app = visit("lesson", step="analogy", picture="coffee", reveal="1", keep=str(fewer))
    (sent,) = sent_to(app, "stops")
    assert sent["opens"] == cache.KEEPS.index(fewer), "as the address says"


def test_first_filters_of_each_size() -> None:
    app = visit("lesson", step="practice", kernel="5", filter="9")
    (sent,) = sent_to(app, "stops")
    assert sent["values"] == ["3 × 3", "5 × 5", "7 × 7", "11 × 11"]
    assert sent["opens"] == 1, "as the address says"
    assert len({image for image in sent["images"]}) == 3 * len(sent["stops"])
    for number, stop in enumerate(sent["stops"]):
        side = stop["value"]
        patch, edge, crop = stop["figures"]
        places = [figure["image"] for figure in stop["figures"]]
        assert places == [3 * number, 3 * number + 1, 3 * number + 2]
        assert f"sees: {side} of" in patch["caption"]
        assert edge["caption"].startswith(f"**Drawn**: a vertical edge of {side}")
        kind = "**Trained**: filter 9" if side == "11 × 11" else "**Cut out**"
        assert crop["caption"].startswith(kind)
        assert "filter 9" in crop["alt"] and "Responses" in edge["alt"]
    assert "101,616,768" in shown(app)


def test_claims_page_has_every_table() -> None:
    app = visit("claims")
    assert len(app.main.table[0].value) == len(lesson.load().tables["claims"])
    words = said(app)
    for part in ("Timeline", "Glossary", "References"):
        assert part in words
    german = visit("claims", lang="de")
    assert len(german.main.table[0].value) == len(app.main.table[0].value)


def test_measured_numbers_are_the_registrys() -> None:
    found = measured_numbers(lesson.load())
    assert found["app_parameters"].text() == "47,566,408"
    assert found["steps"].value == len(STEPS)


@pytest.mark.parametrize(
    ("sent", "received", "requested"),
    [
        (
            {"number": 3, "at": 5, "stage": 3, "exact": False},
            3,
            [keys.Wanted(5, 3, False)],
        ),
        (
            {"number": 3, "at": 99, "stage": 7, "exact": True},
            3,
            [keys.Wanted(LAST_PLACE, 4, True)],
        ),
        (
            {"number": 3, "at": -1, "stage": -1, "exact": True},
            3,
            [keys.Wanted(0, 0, True)],
        ),
        (None, 0, []),
        ({"number": "3", "at": 5, "stage": 1, "exact": True}, 0, []),
        ({"number": 3, "at": 5, "stage": 1}, 0, []),
        ({"number": 3}, 0, []),
        ("nonsense", 0, []),
    ],
)
def test_only_a_whole_wish_of_the_keys_is_heard(
    monkeypatch: pytest.MonkeyPatch,
    sent: object,
    received: int,
    requested: list[keys.Wanted],
) -> None:
    drawn: dict[str, Any] = {}
    monkeypatch.setattr(keys, "keys_component", lambda **how: drawn.update(how))
    monkeypatch.setattr(components.st, "session_state", {"keys": {"request": sent}})
    requests: list[keys.Wanted] = []
    keys.keys(
        keys.KeyTexts("", "", ""),
        keys.Shown(2, LAST_PLACE, 0, "read"),
        key="keys",
        on_request=requests.append,
    )
    drawn["on_request_change"]()
    assert (drawn["data"]["received"], requests) == (received, requested)
