"""The lab's pages in a class: waits, whose a run is, nothing told before a guess."""

from __future__ import annotations

import re

import pytest
from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df
from streamlit.testing.v1 import AppTest

from lab.presets import PRESETS
from lab.recordings import read_all, read_evidence
from lab.status import OVER
from tests.components import predict
from tests.fake_lab import FakeEngine
from tests.page_links import own_labels
from tests.test_page_lab import (
    OWNER,
    RELU,
    SPEEDS,
    SWEEP,
    TEXT,
    button,
    charts,
    engine,
    labels,
    looked_at,
    main_chart,
    said,
    visit,
)
from ui.experiments import source
from ui.kit import cache, state, words
from ui.kit.runs import run_names, run_sentences
from ui.session import permissions

__all__ = ["engine"]  # a fixture

PAIRS = [(source.page_of(x), name) for name, x in PRESETS.items()]


def at(page: str, preset: str, **query: str) -> AppTest:
    return visit(page, **{state.PRESET_OF[page].name: preset}, **query)


def everything(app: AppTest) -> str:
    """All words on the page, helps and options too."""
    parts = [said(app)]
    for kind in ("title", "button", "radio", "selectbox", "expander", "slider"):
        for one in app.main.get(kind):
            parts += [str(getattr(one, "label", "")), str(getattr(one, "help", ""))]
            parts += [str(x) for x in getattr(one, "options", ())]
    parts += [str(table.value) for table in app.main.table]
    parts += [chart.alt for chart in charts(app)]
    return "\n".join(parts)


# --- nothing is told before the guess -------------------------------------------------

# What the words and the figures of the experiments claim.
TELLS = re.compile(
    r"six|textbook(?! rule|s give)|times as|twice as|overfit|top-1|steep|roughly"
    r"|ahead\b|better\. |vanish|hardly used|memoris|→|\bwins?\b|no effect",
    re.IGNORECASE,
)


@pytest.mark.parametrize(("page", "preset"), PAIRS)
def test_no_page_tells_the_answer_before_the_guess(
    page: str, preset: str, engine: FakeEngine
) -> None:
    app = at(page, preset)
    shown = everything(app)
    about = TEXT["preset"][preset]
    assert about["question"] in shown
    assert about["textbook"] not in shown and about["why_not"] not in shown
    assert not TELLS.findall(shown), TELLS.findall(shown)
    assert "%" not in re.sub(r"to 25% training error in fewer", "", shown)
    sees = [x for x in app.main.button if (x.key or "").startswith("see ")]
    assert all(one.disabled for one in sees)
    app = looked_at(button(app, TEXT["guess"]["skip"]).click().run())
    assert about["textbook"] in said(app)
    assert not any(
        x.disabled for x in app.main.button if (x.key or "").startswith("see ")
    )
    assert button(app, "Start").disabled, "a start still waits for a guess"


def test_each_page_leads_without_a_claim() -> None:
    for page in ("relu_vs_tanh", "dropout", "experiments"):
        assert not TELLS.findall(words.page(page)["lead"])


def test_a_guess_opens_its_own_preset_and_no_other(engine: FakeEngine) -> None:
    assert {"relu-tanh-2012", "relu-tanh-today", "dropout"} <= set(read_evidence())
    app = at("relu_vs_tanh", "relu-vs-tanh-2012")
    app = looked_at(predict(app, "tanh"))
    shown = everything(app)
    assert "With the recipe of 2012, tanh takes" in shown, "the evidence"
    assert "With today's initialisation it is" not in shown
    assert "Without dropout the gap is" not in shown
    assert TEXT["evidence"]["easier"] not in shown
    settings = {r.experiment.name for r in read_all().values() if r.experiment.target}
    assert settings > {"relu-vs-tanh-2012"}, "other settings were recorded, too"
    other = TEXT["preset"]["relu-vs-tanh-today"]["title"]
    assert f"**{other}, " not in shown, "findings of another setting"
    app = at("dropout", "dropout-small")
    app = looked_at(button(app, TEXT["guess"]["skip"]).click().run())
    assert "Without dropout the gap is" in everything(app)
    assert "tanh takes" not in everything(app)


@pytest.mark.parametrize("name", list(read_all()))
def test_a_recording_by_its_address_waits_for_the_guess(
    name: str, engine: FakeEngine
) -> None:
    recording = cache.recordings()[name]
    page = source.page_of(recording.experiment)
    app = visit(page, run=f"recorded-{name}")
    assert TEXT["guess"]["gate"] in said(app)
    assert not charts(app)
    assert not TELLS.findall(everything(app)), TELLS.findall(everything(app))
    app = looked_at(button(app, TEXT["guess"]["skip"]).click().run())
    assert charts(app)
    assert "Your guess" not in said(app)


def test_who_guesses_about_a_recording_is_told_how_it_came_out(
    engine: FakeEngine,
) -> None:
    app = visit("relu_vs_tanh", run="recorded-relu-2012-cifar")
    app = predict(app, "tanh")
    app = looked_at(button(app, TEXT["guess"]["show_it"]).click().run())
    assert "Your guess: tanh is first" in said(app)
    assert TEXT["guess"]["yours"]["wrong"] in said(app)


# --- whose it is ----------------------------------------------------------------------

GUESS = {"arm": "ReLU", "by": 2.0}


@pytest.mark.parametrize("condition", ["queued", "starting", "running", "paused"])
def test_what_who_started_it_expects_is_not_told_before_the_end(
    condition: str, engine: FakeEngine
) -> None:
    run_id = engine.add(RELU, condition, owner="ada", guess=GUESS, instructor=True)
    app = visit("relu_vs_tanh", run=run_id)
    assert TEXT["another_instructors"] in said(app)
    assert "uess: " not in said(app) and "started it:" not in said(app)
    assert not main_chart(app)["marks"] and not main_chart(app)["ghosts"]


@pytest.mark.parametrize("condition", OVER)
def test_another_visitors_guess_is_never_called_yours(
    condition: str, engine: FakeEngine
) -> None:
    run_id = engine.add(RELU, condition, owner="another", guess=GUESS)
    shown = said(visit("relu_vs_tanh", run=run_id))
    assert "The guess of the person who started it: ReLU is first" in shown
    assert "The person who started it guessed the right one" in shown
    assert "Your guess" not in shown and "You guessed" not in shown
    sweep = engine.add(SWEEP, "finished", owner="b", speeds=SPEEDS, guess=GUESS)
    shown = said(visit("relu_vs_tanh", run=sweep))
    assert "The person who started it guessed" in shown and "You guessed" not in shown


def test_own_runs_are_told_from_an_instructors_and_others(engine: FakeEngine) -> None:
    engine.add(RELU, "finished", owner="b")
    engine.add(RELU.vary(dataset="cifar-10"), "running", owner="a", instructor=True)
    mine = engine.add(RELU.vary(dataset="own-0011"), "finished", owner=OWNER)
    app = visit("relu_vs_tanh")
    (table,) = app.main.dataframe
    assert list(table.value["owner"]) == [
        "yours",
        "an instructor's",
        "another visitor's",
    ]
    assert list(table.value["data set"]) == [
        *("a class's own images", "CIFAR-10", "drawn shapes")
    ]
    assert set(table.value["name"]) == {"ReLU or tanh, as in 2012"}
    options = app.selectbox(key=state.CHOSEN_RUN.name).options
    for option in options:
        assert not re.search(r"ago|finished|running|queued", option), (
            "it would be stale"
        )
    before = options
    for run in engine.made.values():
        run.state, run.created = "stopped", run.created - 600
    app = looked_at(app.run())
    assert set(app.selectbox(key=state.CHOSEN_RUN.name).options) == set(before)
    assert "yours" in next(x for x in options if mine[:4] in x)


# --- the queue ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wait", "says"),
    [
        (0.0, "It starts at once."),
        (12.0, "about 10 seconds"),
        (61.0, "about a minute"),
        (255.0, "about 4 minutes"),
        (7_300.0, "about 2 hours"),
        (None, "a run before it is paused"),
    ],
)
def test_the_place_in_the_queue_comes_with_an_estimate(
    wait: float | None, says: str, engine: FakeEngine
) -> None:
    run_id = engine.add(RELU, "queued", owner=OWNER, place=3, wait=wait)
    shown = said(visit("relu_vs_tanh", run=run_id))
    assert "In the queue, place 3." in shown
    assert says in shown


def test_who_is_about_to_start_is_told_of_the_queue(engine: FakeEngine) -> None:
    engine.before = (2, 130.0)
    shown = said(visit("dropout"))
    assert "Before yours: 2 experiments. It would start in about 2 minutes." in shown
    engine.before = (1, 130.0)
    assert "Before yours: 1 experiment." in said(visit("dropout"))
    engine.before = (0, 0.0)
    assert "Before yours" not in said(visit("dropout"))


def test_the_other_run_is_named_opened_and_stopped(engine: FakeEngine) -> None:
    """Of another page, and not by its internal name."""
    engine.busy = engine.add(RELU, "running", owner=OWNER)
    app = visit("dropout")
    app = predict(app, "dropout 0.5")
    app = looked_at(button(app, "Start").click().run())
    assert "“ReLU or tanh, as in 2012” is yours and is not over yet" in said(
        app
    ).replace("\\", "")
    assert "relu-vs-tanh-2012" not in everything(app)
    app = looked_at(button(app, TEXT["busy"]["stop"]).click().run())
    assert engine.commands == [(engine.busy, "stop")]
    assert "not over yet" not in said(app)


def test_an_instructor_goes_first_and_stops_any_run(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = engine.add(RELU, "running", owner="another")
    app = visit("relu_vs_tanh", run=run_id)
    assert not {"Stop", "Pause"} & labels(app)
    monkeypatch.setattr(permissions, "is_instructor", lambda: True)
    app = looked_at(app.run())
    assert "Stop" in labels(app) and "Pause" not in labels(app)
    app = looked_at(button(app, "Stop").click().run())
    assert engine.made[run_id].state == "stopped"
    assert engine.made[run_id].sentence == TEXT["stopped_by_instructor"]
    app = visit("dropout")
    app = predict(app, "dropout 0.5")
    looked_at(button(app, "Start").click().run())
    assert list(engine.made.values())[-1].instructor


def test_a_stop_that_was_drawn_for_an_instructor_is_asked_about_again(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = engine.add(RELU, "running", owner="another")
    monkeypatch.setattr(permissions, "is_instructor", lambda: True)
    app = visit("relu_vs_tanh", run=run_id)
    stop = button(app, "Stop")
    monkeypatch.setattr(permissions, "is_instructor", lambda: False)  # signed out
    looked_at(stop.click().run())
    assert engine.made[run_id].state == "running"


def test_who_may_not_start_is_shown_the_instructors_run(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.experiments.access.may_start", lambda: False)
    app = visit("dropout")
    assert TEXT["watch"]["class"] in said(app)
    assert TEXT["watch"]["none"] in said(app)
    engine.add(RELU, "running", owner="a", instructor=True)
    engine.add(RELU, "running", owner="b")
    app = looked_at(app.run())
    links = own_labels(app, "dropout")
    assert len(links) == 1 and "ReLU or tanh, as in 2012" in links[0].replace("\\", "")


def test_a_start_is_refused_once_the_switch_is_turned(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = visit("dropout")
    app = predict(app, "dropout 0.5")
    start = button(app, "Start")
    monkeypatch.setattr("ui.experiments.access.may_start", lambda: False)
    app = looked_at(start.click().run())
    assert not engine.made
    assert TEXT["may_not_start"] in said(app)


# --- nothing is judged before it is over ----------------------------------------------


@pytest.mark.parametrize("name", ["relu-vs-tanh-2012", "dropout-small", "pooling"])
def test_a_run_that_goes_on_is_not_judged(name: str, engine: FakeEngine) -> None:
    experiment = PRESETS[name]
    guess = {"arm": experiment.arms[0].label, "by": 2.0}
    run_id = engine.add(experiment, "running", owner=OWNER, guess=guess)
    app = visit(source.page_of(experiment), run=run_id)
    shown = said(app)
    assert TEXT["answer_waits"] in shown
    assert "Measured" not in shown and "You guessed" not in shown
    assert not main_chart(app)["marks"] and main_chart(app)["verdict"] is None
    engine.made[run_id].state = "finished"
    shown = said(looked_at(app.run()))
    assert "**Measured.**" in shown and "You guessed" in shown
    assert [mark["label"] for mark in main_chart(app)["marks"]] == ["your guess"]
    assert main_chart(app)["verdict"]


def test_a_sweep_names_no_best_rate_before_its_end(engine: FakeEngine) -> None:
    run_id = engine.add(SWEEP, "running", owner=OWNER, speeds=SPEEDS, done=(0, 1))
    app = visit("relu_vs_tanh", run=run_id)
    shown = said(app)
    assert "2 of 6 networks are done." in shown
    assert TEXT["sweep"]["best_waits"] in shown and "Best rates" not in shown
    (chart,) = charts(app)
    assert "no rate" not in chart.alt
    sent = {
        x.name: convert_arrow_bytes_to_pandas_df(x.data.data) for x in chart.datasets
    }
    assert list(sent["there"]["arm"]) == ["ReLU"] and list(sent["away"]["x"]) == [0.001]
    assert sent["best"].empty and sent["best away"].empty
    table = app.main.table[0].value
    assert "best" not in list(table["best"])
    assert list(table["result"])[3:] == [TEXT["sweep"]["waiting"]] * 3


def test_seeds_are_not_judged_before_all_are_done(engine: FakeEngine) -> None:
    series = {"id": "s", "seeds": [0, 1, 2]}
    guess = {"arm": "dropout 0.5", "by": 10.0, "series": series}
    dropout = PRESETS["dropout-small"]
    for seed in (0, 1):
        engine.add(dropout.vary(seed=seed), "finished", owner=OWNER, guess=guess)
    last = engine.add(dropout.vary(seed=2), "running", owner=OWNER, guess=guess)
    shown = said(visit("dropout", run=last))
    assert TEXT["series"]["waits"] in shown
    assert "ranges over" not in shown
    engine.made[last].state = "finished"
    shown = said(visit("dropout", run=last))
    assert TEXT["series"]["waits"] not in shown and "ranges over 3" in shown


# --- numbers and axes -----------------------------------------------------------------


@pytest.mark.parametrize("across", ["epoch", "seconds", "step"])
@pytest.mark.parametrize("name", ["relu-vs-tanh-2012", "dropout-small", "pooling"])
def test_axes_stay_while_points_come(
    name: str, across: str, engine: FakeEngine
) -> None:
    experiment = PRESETS[name]
    run_id = engine.add(experiment, "running", owner=OWNER)
    run, seen = engine.made[run_id], []
    every = run.events
    for count in (2, 8, len(every)):
        run.events = every[:count]
        app = visit(source.page_of(experiment), run=run_id, against=across)
        seen.append(
            [re.findall(r'"domain": \[[-\d., ]+\]', c.spec) for c in charts(app)[:3]]
        )
    assert seen[0] == seen[1] == seen[2]
    arm = experiment.arms[0]
    far = {"epoch": arm.epochs, "seconds": arm.seconds}.get(across)
    if far is not None:
        assert f'"domain": [0, {float(far)}]' in seen[0][0]


def test_no_number_on_a_page_has_false_digits(engine: FakeEngine) -> None:
    for name in ("relu-vs-tanh-2012", "dropout-small", "pooling"):
        experiment = PRESETS[name]
        guess = {"arm": experiment.arms[0].label, "by": 3.0}
        run_id = engine.add(experiment, "finished", owner=OWNER, guess=guess)
        app = visit(source.page_of(experiment), run=run_id)
        assert not re.search(r"\d\.\d{4,}", said(app))
        assert not re.search(r"\d\.\d+ ?%", said(app)), "200 images do not tell"
        for chart in charts(app)[:3]:
            assert not re.search(r"\d\.\d{5,}", chart.spec)


def test_percents_are_as_exact_as_their_images() -> None:
    assert run_sentences.percent(0.12345, 200) == "12%"
    assert run_sentences.percent(0.12345, 5_000) == "12.3%"
    assert run_sentences.percent(-0.12345, 200) == "−12%"
    assert run_sentences.percent(-0.001, 200) == "0%"


def test_one_is_not_said_as_many() -> None:
    for what, (one, many) in TEXT["count"].items():
        assert run_names.counted(what, 1) == f"1 {one}"
        assert run_names.counted(what, 2) == f"2 {many}"
    assert run_names.counted("seconds", 1_200.4) == "1,200 seconds"


@pytest.mark.parametrize(("epochs", "says"), [(1, "or 1 epoch."), (40, "40 epochs")])
def test_costs_agree_in_number(epochs: int, says: str, engine: FakeEngine) -> None:
    app = visit("dropout")
    key = state.setting("dropout-small", "epochs", 0).name
    app = looked_at(app.number_input(key=key).set_value(epochs).run())
    assert says in said(app)


def test_every_refusal_has_a_sentence_for_visitors(engine: FakeEngine) -> None:
    app = visit("dropout")
    key = state.setting("dropout-small", "rate", 0).name
    app = looked_at(app.slider(key=key).set_value(0.0).run())
    assert TEXT["refused"]["alike"] in said(app)
    assert "dropout-small" not in said(app)
    app = visit("relu_vs_tanh")
    key = state.setting(RELU.name, "sweep", []).name
    many = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05]
    app = looked_at(app.main.multiselect(key=key).set_value(many).run())
    assert "at most 16 train in one experiment" in said(app)
    assert "arms" not in said(app)


def test_an_overlay_leaves_the_small_charts_their_room(engine: FakeEngine) -> None:
    run_id = engine.add(PRESETS["dropout-small"], "finished", owner=OWNER)
    app = visit("dropout", run=run_id)
    before = [re.search(r'"height": (\d+)', c.spec)[1] for c in charts(app)[:2]]
    app = looked_at(app.main.toggle[0].set_value(True).run())
    small = charts(app)[:2]
    assert [re.search(r'"height": (\d+)', c.spec)[1] for c in small] == before
    faint = [line["label"] for line in main_chart(app)["arms"] if line["faint"]]
    assert len(faint) == 2 and all("recorded" in label for label in faint)
    for chart in small:
        assert '"orient": "top"' not in chart.spec, "no legend of its own"
        assert '"strokeDash": {' in chart.spec, "its dashes are told by the first chart"
