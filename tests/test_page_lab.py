"""The lab's pages in every state, with a lab that trains nothing."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from classroom.escape import escape_markdown
from lab import devices
from lab.experiments import swept
from lab.presets import PRESETS
from lab.recordings import Recording
from lab.results import drawn, spread
from lab.results.outcome import height, outcome
from lab.status import RunStatus
from paths import ROOT
from store.database import DatabaseAway
from tests.components import components, predict
from tests.fake_lab import FakeEngine, curves
from ui.experiments import source
from ui.experiments.guess import drawing
from ui.experiments.settings import device
from ui.kit import cache, state, words
from ui.kit.runs import replay_routes, run_names
from ui.session import visitor

PAGES = {
    "relu_vs_tanh": "relu-vs-tanh-2012",
    "dropout": "dropout-small",
    "experiments": "pooling",
}
TEXT = words.page("lab").as_dict()
WATCH = TEXT["replay"]["watch"]
OWNER = "the-visitor-of-this-test"


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    fake = FakeEngine()
    monkeypatch.setattr(source, "engine", lambda: fake)
    monkeypatch.setattr(visitor, "key", lambda: OWNER)
    return fake


def visit(page: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=60)
    if query.pop("told", ""):  # they have seen such runs before
        app.session_state[state.TOLD.name] = tuple(PRESETS)
    app.query_params.update(query)
    app.run()
    app.query_params.update(query)
    return looked_at(app.switch_page(f"../pages/{page}.py").run())


def looked_at(app: AppTest) -> AppTest:
    assert not app.exception, [e.message for e in app.exception]
    assert not re.search(r"\{\w*[:.}]", said(app)), "a placeholder was left"
    assert "None" not in said(app)
    return app


def said(app: AppTest) -> str:
    parts = [
        *app.main.header,
        *app.main.subheader,
        *app.main.markdown,
        *app.main.caption,
    ]
    parts += [*app.main.success, *app.main.error, *app.main.warning, *app.main.info]
    return "\n".join(part.value for part in parts)


def button(app: AppTest, label: str):
    return next(b for b in app.main.button if b.label == label)


def labels(app: AppTest) -> set[str]:
    return {b.label for b in app.main.button}


def main_chart(app: AppTest) -> dict:
    """What the chart of a run's own curves is sent."""
    (sent,) = (x for x in components(app, "replay") if "arms" in x)
    return sent


def charts(app: AppTest) -> list:
    return [x.proto for x in app.main.get("vega_lite_chart")]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_names_all_presets_that_are_its_own(page: str) -> None:
    spec = importlib.util.spec_from_file_location("p", ROOT / f"pages/{page}.py")
    assert spec is not None
    text = Path(spec.origin or "").read_text()
    own = {n for n, x in PRESETS.items() if source.page_of(x) == page}
    assert own == {n for n in PRESETS if f'"{n}"' in text}


@pytest.mark.parametrize("page", PAGES)
def test_start_waits_for_the_guess(page: str, engine: FakeEngine) -> None:
    app = visit(page)
    assert TEXT["guess"]["needed"] in said(app)
    assert button(app, "Start").disabled
    assert button(app, "Start with 5 seeds").disabled
    app = looked_at(app.main.radio[0].set_value(app.main.radio[0].options[0]).run())
    line = components(app, "number_line")[0]
    assert line["chosen"] is None
    assert TEXT["guess"]["needed"] in said(app)
    assert button(app, "Start").disabled, "by how much is not said yet"
    app = looked_at(predict(app, app.main.radio[0].options[0]))
    assert not button(app, "Start").disabled
    line = components(app, "number_line")[0]
    assert line["places"][line["chosen"]]["mark"] in ("you 3.0×", "you 3 points")
    app = looked_at(button(app, "Start").click().run())
    (run,) = engine.made.values()
    arm = run.experiment.arms[0].label
    assert run.guess["arm"] == arm
    assert run.guess["by"] > 1
    assert run.owner == OWNER
    assert app.query_params["run"] == "000000000001"
    assert "In the queue, place 1." in said(app)
    assert engine.sentence in said(app)
    assert "Your guess: " in said(app)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("why", ["gradients", "saturation", "filters", "masks"])
def test_a_running_run_shows_curves_and_why(
    page: str, why: str, engine: FakeEngine
) -> None:
    run_id = engine.add(PRESETS[PAGES[page]], "running", owner=OWNER)
    app = visit(page, run=run_id, why=why)
    assert "Training. Left: at most 42 seconds." in said(app)
    assert {"Pause", "Stop"} <= labels(app)
    assert len(charts(app)) >= 2
    for alt in [main_chart(app)["alt"], *(chart.alt for chart in charts(app))]:
        assert len(alt) > 20
    assert "1,234 images/s" in said(app)
    app = looked_at(button(app, "Pause").click().run())
    assert {"Resume", "One step", "Stop"} <= labels(app)
    app = looked_at(button(app, "One step").click().run())
    app = looked_at(button(app, "Stop").click().run())
    assert [verb for _, verb in engine.commands] == ["pause", "step", "stop"]
    assert TEXT["state"]["stopped"] in said(app)
    assert "Retry" in labels(app)


@pytest.mark.parametrize("page", PAGES)
def test_a_finished_run_has_its_answer_and_files(page: str, engine: FakeEngine) -> None:
    experiment = PRESETS[PAGES[page]]
    guess = {"arm": experiment.arms[0].label, "by": 4.0}
    run_id = engine.add(experiment, "finished", owner=OWNER, guess=guess)
    app = visit(page, run=run_id)
    assert "Finished." in said(app)
    assert "**Measured.**" in said(app)
    assert "You guessed" in said(app)
    assert len(app.main.get("download_button")) == 2
    assert not {"Pause", "Stop", "Retry"} & labels(app)


def test_a_killed_worker_is_a_sentence_and_retry(engine: FakeEngine) -> None:
    sentence = "tanh: Its worker process was killed. Retry goes on from epoch 3."
    run_id = engine.add(
        PRESETS["relu-vs-tanh-today"], "killed", owner=OWNER, sentence=sentence
    )
    app = visit("relu_vs_tanh", run=run_id)
    assert [e.value for e in app.error] == [f"This run broke off. {sentence}"]
    app = looked_at(button(app, "Retry").click().run())
    assert engine.commands == [(run_id, "retry")]
    assert "Training." in said(app)


def test_a_loss_that_is_no_number_is_said(engine: FakeEngine) -> None:
    sentence = "tanh: The learning rate 5 is too high for tanh here."
    run_id = engine.add(PRESETS["relu-vs-tanh-2012"], "failed", sentence=sentence)
    assert sentence in said(visit("relu_vs_tanh", run=run_id))


def test_somebody_elses_run_cannot_be_stopped(engine: FakeEngine) -> None:
    run_id = engine.add(PRESETS["relu-vs-tanh-2012"], "running", owner="another")
    app = visit("relu_vs_tanh", run=run_id)
    assert TEXT["another_visitors"] in said(app)
    assert not {"Pause", "Stop"} & labels(app)
    assert "Delete" not in {p.proto.popover.label for p in app.main.get("popover")}


def test_a_refusal_is_a_sentence(engine: FakeEngine) -> None:
    engine.refuse = "Your experiment “pooling” is not over yet."
    app = visit("dropout")
    app = predict(app, app.main.radio[0].options[0])
    app = looked_at(button(app, "Start").click().run())
    assert escape_markdown(engine.refuse) in said(app)
    assert not engine.made


def test_a_run_that_is_gone_is_a_sentence(engine: FakeEngine) -> None:
    app = visit("dropout", run="nothing")
    assert "no run “nothing” here" in said(app)
    assert "Start" in labels(app)
    assert "run" not in app.query_params


def test_another_pages_run_is_left_alone_and_found_again(engine: FakeEngine) -> None:
    run_id = engine.add(PRESETS["relu-vs-tanh-2012"], "running", owner=OWNER)
    app = visit("relu_vs_tanh", run=run_id)
    app = looked_at(app.switch_page("../pages/dropout.py").run())
    assert "Start" in labels(app)
    app = looked_at(app.switch_page("../pages/relu_vs_tanh.py").run())
    assert app.query_params["run"] == run_id
    assert "Training." in said(app)
    app = looked_at(button(app, TEXT["another"]).click().run())
    assert "Start" in labels(app)
    assert engine.made[run_id].state == "running"


def test_settings_change_what_is_submitted(engine: FakeEngine) -> None:
    app = visit("relu_vs_tanh")
    app.main.multiselect[0].set_value(["relu", "gelu"]).run()
    name = "relu-vs-tanh-2012"
    app.number_input(key=state.setting(name, "seed", 0).name).set_value(7).run()
    app.selectbox(key=state.setting(name, "batch", 0).name).set_value(64).run()
    app.number_input(key=state.setting(name, "rate GELU", 0).name).set_value(0.05).run()
    predict(app, "GELU")
    looked_at(button(app, "Start").click().run())
    (run,) = engine.made.values()
    assert [arm.label for arm in run.experiment.arms] == ["ReLU", "GELU"]
    assert [arm.learning_rate for arm in run.experiment.arms] == [0.002, 0.05]
    assert {(arm.seed, arm.batch) for arm in run.experiment.arms} == {(7, 64)}


def test_an_unfair_experiment_is_refused_in_words(engine: FakeEngine) -> None:
    app = visit("relu_vs_tanh")
    app = looked_at(app.main.multiselect[0].set_value(["relu"]).run())
    assert TEXT["refused"]["few"] in said(app)
    assert "relu-vs-tanh" not in said(app)
    predict(app, "ReLU")
    assert button(app, "Start").disabled


def test_dropout_rate_and_place_are_the_arms(engine: FakeEngine) -> None:
    app = visit("dropout")
    name = "dropout-small"
    app.slider(key=state.setting(name, "rate", 0).name).set_value(0.8).run()
    app.selectbox(key=state.setting(name, "where", 0).name).set_value("both").run()
    predict(app, "dropout 0.8")
    looked_at(button(app, "Start").click().run())
    (run,) = engine.made.values()
    without, with_it = run.experiment.arms
    assert (without.dropout, with_it.dropout) == (0.0, 0.8)
    assert with_it.dropout_at == "both"


def test_seeds_follow_each_other(engine: FakeEngine) -> None:
    app = visit("dropout")
    app = predict(app, "dropout 0.5")
    app = looked_at(button(app, "Start with 5 seeds").click().run())
    for count in range(1, 6):
        assert len(engine.made) == count
        run_id = app.query_params["run"]
        assert run_id == f"{count:012d}"
        run = engine.made[run_id]
        assert {arm.seed for arm in run.experiment.arms} == {count - 1}
        done = engine.add(run.experiment, "finished")  # for its curves
        run.events, run.state = engine.made.pop(done).events, "finished"
        app = looked_at(app.run())
        if go_on := [b for b in app.main.button if b.label == TEXT["series"]["go_on"]]:
            app = looked_at(go_on[0].click().run())
    assert len(engine.made) == 5
    assert "5 of 5 seeds are done." in said(app)
    assert "**Not distinguishable here**" in said(app)  # all seeds have equal curves


def test_runs_are_listed_compared_renamed_and_deleted(engine: FakeEngine) -> None:
    experiment = PRESETS["dropout-small"]
    first = engine.add(experiment, "finished", owner=OWNER)
    second = engine.add(experiment, "finished", owner="another")
    engine.add(PRESETS["pooling"], "finished", owner=OWNER)
    app = visit("dropout")
    (table,) = app.main.dataframe
    assert len(table.value) == 2
    compare = next(m for m in app.main.multiselect if m.label == "Compare")
    app = looked_at(compare.set_value([first, second]).run())
    assert len(charts(app)) == 1
    assert "from 90.0%" not in charts(app)[0].spec
    assert charts(app)[0].alt.count("Generalisation gap") == 2
    app = looked_at(app.selectbox(key=state.CHOSEN_RUN.name).set_value(first).run())
    app.text_input(key=state.NEW_NAME.name).set_value("mine").run()
    app = looked_at(button(app, "Rename it").click().run())
    assert engine.made[first].name == "mine"
    app = looked_at(button(app, "Open").click().run())
    assert app.query_params["run"] == first
    app = looked_at(button(app, "Delete it").click().run())
    assert first not in engine.made
    assert "run" not in app.query_params


RELU = PRESETS["relu-vs-tanh-2012"]
SWEEP = swept(RELU, (0.001, 0.002, 0.005))
SPEEDS = (0.1, 0.3, 0.2, 0.02, 0.05, 0.15)  # best: ReLU at 0.002, tanh at 0.005
FIND = TEXT["sweep"]["start"]


def test_a_sweep_waits_for_the_guess_and_is_every_arm_at_every_rate(
    engine: FakeEngine,
) -> None:
    app = visit("relu_vs_tanh")
    assert button(app, FIND).disabled
    key = state.setting(RELU.name, "sweep", []).name
    app = app.main.multiselect(key=key).set_value([0.001, 0.005]).run()
    app = looked_at(predict(app, "ReLU"))
    assert "A sweep trains 4 networks" in said(app)
    app = looked_at(button(app, FIND).click().run())
    (run,) = engine.made.values()
    assert run.experiment == swept(RELU, (0.001, 0.005))
    assert run.guess["arm"] == "ReLU"
    assert "series" not in run.guess


def test_no_sweep_where_rates_are_not_chosen_apart(engine: FakeEngine) -> None:
    assert FIND not in labels(visit("dropout"))


def test_a_sweep_needs_two_rates(engine: FakeEngine) -> None:
    app = visit("relu_vs_tanh")
    key = state.setting(RELU.name, "sweep", []).name
    app = app.main.multiselect(key=key).set_value([0.001]).run()
    app = looked_at(predict(app, "ReLU"))
    assert button(app, FIND).disabled
    assert TEXT["refused"]["rates"] in said(app)


def test_a_running_sweep_shows_how_far_it_is(engine: FakeEngine) -> None:
    run_id = engine.add(SWEEP, "running", owner=OWNER, speeds=SPEEDS)
    app = visit("relu_vs_tanh", run=run_id)
    assert "0 of 6 networks are done." in said(app)
    assert TEXT["sweep"]["no_rates"] in said(app)
    assert TEXT["sweep"]["use"] not in labels(app)
    assert {"Pause", "Stop"} <= labels(app)


def test_a_sweep_ends_with_rates_to_use_and_the_papers_comparison(
    engine: FakeEngine,
) -> None:
    guess = {"arm": "ReLU", "by": 2.0}
    run_id = engine.add(SWEEP, "finished", owner=OWNER, speeds=SPEEDS, guess=guess)
    app = visit("relu_vs_tanh", run=run_id)
    text = said(app)
    assert "ReLU: 0.002 (4.3 epochs)." in text
    assert "tanh: 0.005 (8.6 epochs). That is the highest rate tried" in text
    assert "So ReLU is first, and tanh takes 2.0 times as long." in text
    assert "You guessed the right one" in text
    (chart, *others) = charts(app)
    assert "ReLU: 0.002" in chart.alt and len(others) >= 3
    table = app.main.table[0].value
    assert list(table["best"]).count("best") == 2
    assert any("not reached" in row for row in table["result"])
    app = looked_at(button(app, TEXT["sweep"]["use"]).click().run())
    assert "run" not in app.query_params
    for arm, rate in (("ReLU", 0.002), ("tanh", 0.005)):
        key = state.setting(RELU.name, f"rate {arm}", 0).name
        assert app.number_input(key=key).value == rate


def test_rates_of_a_sweep_come_with_its_other_settings(engine: FakeEngine) -> None:
    """Best rates are best for the pictures and the first weights they were found on."""
    deep = swept(
        PRESETS["relu-vs-tanh-deep"].vary(pictures=700, batch=64, seed=3), (0.01, 0.02)
    )
    run_id = engine.add(deep, "finished", speeds=(0.3, 0.2, 0.1, 0.2, 0.1, 0.1))
    app = visit("relu_vs_tanh", run=run_id)
    app = looked_at(button(app, TEXT["sweep"]["use"]).click().run())
    predict(app, "ReLU")
    looked_at(button(app, "Start").click().run())
    run = list(engine.made.values())[-1]
    assert run.experiment.name == "relu-vs-tanh-deep"
    assert {(a.pictures, a.batch, a.seed) for a in run.experiment.arms} == {
        (700, 64, 3)
    }
    assert [a.learning_rate for a in run.experiment.arms] == [0.01, 0.02, 0.01]


def test_a_list_says_a_sweep_once(engine: FakeEngine) -> None:
    engine.add(SWEEP, "finished", speeds=SPEEDS)
    (table,) = visit("relu_vs_tanh").main.dataframe
    row = table.value.iloc[0]
    assert row["name"] == "ReLU or tanh, as in 2012, sweep"
    assert row["networks"] == "ReLU · tanh, at 3 rates each"


def test_devices_are_timed_on_demand_and_told_in_words(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = devices.DeviceBench(lambda: [devices.Timing("CPU:0", 64, 2, 6.4)])
    monkeypatch.setattr(device, "bench", lambda: bench)
    app = visit("dropout")
    app = button(app, TEXT["device"]["start"]).click().run()
    while bench.state == "running":
        pass
    app = looked_at(app.run())
    table = app.main.table[0].value
    assert "20.0" in table.to_numpy().ravel()
    assert "no GPU" in said(app)
    assert "62 days" in said(app)  # 90 * 1.2 million pictures / 20 a second
    bench.timings = (*bench.timings, devices.Timing("GPU:0", 64, 100, 6.4))
    assert "GPU:0 trains 50.0 times as fast as CPU:0" in said(looked_at(app.run()))


def recorded(name: str, *speeds: tuple[float, ...]) -> Recording:
    experiment = PRESETS[name]
    return Recording(
        title=name,
        experiment=experiment,
        seeds=tuple(range(len(speeds))),
        runs=tuple(tuple(curves(experiment, pair)) for pair in speeds),
        endings=(("done", "done"),) * len(speeds),
        data="CIFAR-10 (after JPEG). These images were read from JPEG files.",
        machine="A machine",
        date="2026-11-25",
        versions={"keras": "3.15"},
        command=f"python -m lab.recordings record {name} --out x.json.gz",
        threads=1,
    )


def keep(monkeypatch: pytest.MonkeyPatch, found: dict[str, Recording]) -> None:
    """The lab has these recordings, and no other."""
    monkeypatch.setattr(cache, "recordings", lambda: found)
    replay_routes.recorded.cache_clear()


@pytest.fixture
def recording(monkeypatch: pytest.MonkeyPatch) -> Recording:
    experiment = PRESETS["dropout-small"]
    made = Recording(
        title="Two seeds",
        experiment=experiment,
        seeds=(0, 1),
        runs=tuple(
            tuple(curves(experiment, speeds)) for speeds in ((0.3, 0.2), (0.4, 0.1))
        ),
        endings=(("done", "done"),) * 2,
        data="Ten drawn shapes",
        machine="A machine, 2 cores, Linux",
        date="2026-11-25",
        versions={"keras": "3.15"},
        command="python -m lab.recordings record dropout-small --out two.json.gz",
    )
    keep(monkeypatch, {"two": made})
    return made


def test_a_recording_waits_for_the_guess_and_says_what_it_is(
    engine: FakeEngine, recording: Recording
) -> None:
    app = visit("dropout")
    see = "Two seeds, recorded on 2026-11-25"
    assert button(app, see).disabled
    assert button(app, WATCH).disabled
    assert TEXT["replay"]["waits"] in said(app)
    app = predict(app, "dropout 0.5")
    app = looked_at(button(app, see).click().run())
    assert app.query_params["run"] == "recorded-two"
    text = said(app)
    assert "Recorded on 2026-11-25, not live." in text
    assert recording.machine in text
    assert "Your guess: the gap of “dropout 0.5” is smaller" in text
    assert "the ranges over 2 seeds" in text
    assert app.main.code[0].value == recording.command
    assert not {"Pause", "Stop", "Retry"} & labels(app)
    assert not engine.made


def test_a_guess_given_or_skipped_brings_the_replay_to_the_top(
    engine: FakeEngine, recording: Recording
) -> None:
    app = visit("dropout")
    assert components(app, "replay") == []
    app = predict(app, "dropout 0.5")
    assert components(app, "replay") == [], "the guess can still be changed"
    app = looked_at(button(app, WATCH).click().run())
    (sent,) = components(app, "replay")
    assert sent["starts"] == 1, "it plays"
    assert "run" not in app.query_params and not engine.made
    assert WATCH not in labels(app) and "Start" in labels(app)
    assert "Recorded on 2026-11-25, not live." in said(app)
    app = looked_at(button(app, TEXT["replay"]["more"]).click().run())
    assert app.query_params["run"] == "recorded-two"
    assert "Your guess: the gap of “dropout 0.5” is smaller" in said(app)
    played, still = components(app, "replay")
    assert "address" in played and "arms" in still

    skipped = looked_at(button(visit("dropout"), TEXT["guess"]["skip"]).click().run())
    (sent,) = components(skipped, "replay")
    assert sent["starts"] == 0, "nothing moves that one has not asked for"


def test_a_replay_draws_the_experiments_own_curve_first(
    engine: FakeEngine, shelf: dict[str, Recording]
) -> None:
    own = {"relu_vs_tanh": "training_error", "dropout": "gap"}
    for page, name in (("relu_vs_tanh", "relu"), ("dropout", "same")):
        (sent,) = components(visit(page, told="yes"), "replay")
        assert sent["opens"] == own[page]
        assert {x["key"] for x in sent["curves"]} == {
            *("training_error", "validation_error", "gap")
        }
        events = shelf[name].events
        for curve in sent["curves"]:
            values = [height(event.report, curve["key"]) for event in events]
            assert curve["low"] <= min(values) and max(values) <= curve["high"]
            assert curve["thin"] == (curve["key"] != "gap")
        assert sent["alt"].startswith(TEXT["curves"][own[page]])
    assert "training_error" not in sent["levels"]
    (sent,) = components(visit("relu_vs_tanh", told="yes"), "replay")
    assert sent["levels"]["training_error"] == [
        {"y": 0.25, "label": "25% training error"}
    ]


def test_the_masks_are_sent_with_what_each_predicts(
    engine: FakeEngine, recording: Recording
) -> None:
    app = visit("dropout", run="recorded-two", told="yes", why="masks")
    (sent,) = components(app, "masks")
    report = [e.report for e in recording.events if e.arm == 1][-1]
    assert report.masks is not None
    assert len(sent["masks"]) == len(report.masks.awake) == 10
    for mask, awake, output in zip(
        sent["masks"], report.masks.awake, report.masks.outputs, strict=True
    ):
        best = sent["names"][int(output.argmax())]
        assert f"keeps {awake.sum()} of 512 units" in mask["sentence"]
        assert (
            f"predicts {best} with a probability of {output.max():.0%}"
            in (mask["sentence"])
        )
        assert mask["probabilities"] == pytest.approx(output.tolist(), abs=1e-3)
    assert sent["without"] == pytest.approx(report.masks.without.tolist(), abs=1e-3)


def test_the_sums_of_every_dropout_rate_are_sent(
    engine: FakeEngine, recording: Recording
) -> None:
    app = visit("dropout", run="recorded-two", told="yes", why="masks")
    (sent,) = components(app, "stops")
    assert [stop["value"] for stop in sent["stops"]] == [
        f"{rate / 10:.1f}" for rate in range(9)
    ]
    assert sent["stops"][sent["opens"]]["value"] == "0.5"
    assert len(sent["names"]) == 4
    for rate, stop in enumerate(sent["stops"]):
        training, unscaled, paper, today = map(float, stop["rows"])
        assert paper == pytest.approx(unscaled * (1 - rate / 10), abs=0.01)
        assert training == pytest.approx(paper, abs=0.05), "the mean over 1,000 masks"
        assert today == pytest.approx(unscaled, abs=0.06)
        assert f"{unscaled:.2f} becomes {paper:.2f}" in stop["sentence"]


def test_the_filters_of_every_measurement_are_sent(
    engine: FakeEngine, recording: Recording
) -> None:
    app = visit("dropout", run="recorded-two", told="yes", why="filters")
    (sent,) = components(app, "stops")
    events = [x for x in recording.events if x.report.filters is not None]
    assert len(sent["images"]) == len(events) == 2 * len(sent["stops"])
    assert sent["opens"] == len(sent["stops"]) - 1
    places = [x["image"] for stop in sent["stops"] for x in stop["figures"]]
    assert sorted(places) == list(range(len(events)))
    for number, stop in enumerate(sent["stops"]):
        reports = [x.report for x in events if x.report.step == 40 * number]
        assert stop["value"] == f"epoch {reports[0].epoch:.1f}"
        for report, figure in zip(reports, stop["figures"], strict=True):
            assert report.filters is not None
            size = np.abs(report.filters.astype(np.float32)).mean()
            assert figure["caption"].endswith(f"mean size of a weight {size:.3g}.")
            assert f"after {report.epoch:.1f} epochs" in figure["alt"]


def test_a_recording_without_a_name_is_called_by_what_it_holds() -> None:
    three = recorded("dropout-small", (0.3, 0.2), (0.4, 0.1), (0.2, 0.2))
    assert run_names.recording_title(three) == "CIFAR-10 (after JPEG): 3 seeds"
    one = replace(three, seeds=(0,), runs=three.runs[:1])
    assert run_names.recording_title(one) == "CIFAR-10 (after JPEG): one seed"
    sweep = replace(one, experiment=swept(one.experiment, [0.1, 0.2]))
    assert (
        run_names.recording_title(sweep)
        == "CIFAR-10 (after JPEG): a sweep of 4 networks"
    )


def test_a_recording_has_an_address(engine: FakeEngine, recording: Recording) -> None:
    assert "Recorded on" in said(visit("dropout", run="recorded-two"))
    assert "no run “recorded-one”" in said(visit("dropout", run="recorded-one"))


def test_a_recording_lies_over_a_run_in_its_own_dashes(
    engine: FakeEngine, recording: Recording
) -> None:
    run_id = engine.add(PRESETS["dropout-small"], "finished")
    app = visit("dropout", run=run_id)
    assert not any(arm["faint"] for arm in main_chart(app)["arms"])
    app = looked_at(app.main.toggle[0].set_value(True).run())
    own, other = main_chart(app)["arms"][1], main_chart(app)["arms"][3]
    assert (own["label"], other["label"]) == ("dropout 0.5", "dropout 0.5 (recorded)")
    assert other["faint"] and not own["faint"]
    assert own["series"] == other["series"], "the same colour"
    assert other["filters"] is None
    assert "Recorded on 2026-11-25" in said(app)


def test_a_store_that_is_away_is_a_sentence(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise DatabaseAway("The database does not answer; try again soon.")

    monkeypatch.setattr(engine, "status", away)
    monkeypatch.setattr(engine, "runs", away)
    text = said(visit("dropout", run="some"))
    assert "The database does not answer" in text
    assert "Start" in labels(visit("dropout"))


def test_who_may_not_start_may_watch(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_STUDENTS_START", "0")
    app = visit("dropout")
    assert TEXT["watch"]["server"] in said(app)
    assert TEXT["watch"]["none"] in said(app)
    assert "Start" not in labels(app)


# --- a store that is away -----------------------------------------------------------


def test_a_store_that_goes_away_while_one_watches_is_said_and_waited_for(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = engine.add(RELU, "running", owner=OWNER)
    app = visit("relu_vs_tanh", run=run_id)
    assert "Training." in said(app)
    real, times = engine.status, []

    def away_in_the_tick(run: str) -> RunStatus:
        times.append(run)
        if len(times) > 1:  # the first look is the page's, the second the tick's
            raise DatabaseAway("The database is away: locked.")
        return real(run)

    monkeypatch.setattr(engine, "status", away_in_the_tick)
    app = looked_at(app.run())
    (warning,) = app.main.warning
    assert warning.value == f"The database is away: locked. {TEXT['away']}"
    app = looked_at(app.run())  # now the page itself cannot read it
    assert [w.value for w in app.main.warning] == [warning.value]
    assert app.query_params["run"] == run_id
    monkeypatch.setattr(engine, "status", real)
    app = looked_at(app.run())
    assert not app.main.warning
    assert "Training." in said(app)


# --- tables beside charts -----------------------------------------------------------


def opened(app: AppTest, name: str) -> AppTest:
    app.session_state[f"table {name}"] = True
    return looked_at(app.run())


@pytest.mark.parametrize(
    ("page", "why", "table", "rows"),
    [
        ("relu_vs_tanh", "gradients", "curves", 24),
        ("relu_vs_tanh", "gradients", "gradients", 8),
        ("relu_vs_tanh", "saturation", "saturation", 8),
        ("dropout", "masks", "answers", 10),
    ],
)
def test_every_chart_has_its_numbers_as_a_table(
    page: str, why: str, table: str, rows: int, engine: FakeEngine
) -> None:
    run_id = engine.add(PRESETS[PAGES[page]], "finished")
    app = visit(page, run=run_id, why=why)
    before = len(app.main.dataframe)
    app = opened(app, table)
    assert len(app.main.dataframe) == before + 1, "not computed before it is opened"
    assert rows in [len(frame.value) for frame in app.main.dataframe]


def test_compared_runs_and_seeds_have_tables(
    engine: FakeEngine, recording: Recording
) -> None:
    experiment = PRESETS["dropout-small"]
    runs = [engine.add(experiment, "finished") for _ in range(2)]
    app = visit("dropout")
    compare = next(m for m in app.main.multiselect if m.label == "Compare")
    app = opened(compare.set_value(runs).run(), "compared")
    frame = app.main.dataframe[-1].value
    assert len(frame) == 48 and "Dropout, few images" in frame["name"][0]
    app = opened(visit("dropout", run="recorded-two", told="yes"), "series")
    ranges = app.main.dataframe[0].value
    assert list(ranges.columns) == [
        *("network", "epoch", "lowest seed", "mean", "highest seed")
    ]
    assert len(ranges) == 24


# --- curves first, and the verdict --------------------------------------------------


def with_batches(engine: FakeEngine, run_id: str) -> list[tuple[float, float]]:
    """Batch errors of the first arm, as a live run has them."""
    run, pairs = engine.made[run_id], []
    for place, event in enumerate(run.events):
        if event.arm or not event.report.step:
            continue
        own = tuple((event.report.epoch - x, 0.5 + x) for x in (0.5, 0.25))
        report = replace(event.report, batch_errors=own)
        run.events[place] = replace(event, report=report)
        pairs += own
    return pairs


def test_a_live_chart_has_fixed_axes_batch_errors_and_filters(
    engine: FakeEngine,
) -> None:
    guess = {"arm": "ReLU", "by": 2.0}
    run_id = engine.add(RELU, "running", owner=OWNER, guess=guess)
    pairs = with_batches(engine, run_id)
    app = visit("relu_vs_tanh", run=run_id)
    sent = main_chart(app)
    relu, tanh = sent["arms"]
    assert relu["trace"] == [[round(x, 3), y] for x, y in pairs] and not tanh["trace"]
    assert relu["points"] == [
        [event.report.epoch, round(event.report.training_error, 4)]
        for event in engine.made[run_id].events
        if event.arm == 0
    ]
    assert sent["far"] == RELU.arms[0].epochs, "as far as it may come"
    (curve,) = sent["curves"]
    assert (curve["low"], curve["high"]) == (0, 1)
    assert relu["filters"]["shape"] == [5, 5, 3, 32]
    assert sent["verdict"] is None and sent["marks"] == [], "not before the end"
    assert TEXT["live"]["thin"] in said(app)
    # What was set up, in a line: the form is gone.
    assert "drawn shapes, 10,000 images, seed 0. " in said(app)
    assert "Your guess: ReLU is first" in said(app)
    assert not app.main.radio
    seconds = visit("relu_vs_tanh", run=run_id, against="seconds")
    assert not any(arm["trace"] for arm in main_chart(seconds)["arms"])
    assert main_chart(seconds)["far"] == RELU.arms[0].seconds


def test_the_end_is_a_verdict_on_a_number_line(engine: FakeEngine) -> None:
    guess = {"arm": "ReLU", "by": 3.0}
    run_id = engine.add(RELU, "finished", owner=OWNER, guess=guess)
    sent = main_chart(visit("relu_vs_tanh", run=run_id))
    shown = sent["verdict"]
    found = outcome(RELU, engine.made[run_id].events)
    assert shown["headline"] == f"ReLU {found.by:.1f}× faster"
    assert f"tanh took {found.by:.1f} times as many epochs to 25%" in shown["detail"]
    assert shown["alt"] == (
        f"A number line from 1× to 10×: measured {found.by:.1f}×, you 3.0×, paper 6.0×."
    )
    assert [mark["label"] for mark in sent["marks"]] == ["your guess"]


def test_a_recordings_verdict_waits_for_the_end_of_its_replay(
    engine: FakeEngine, shelf: dict[str, Recording]
) -> None:
    (sent,) = components(visit("relu_vs_tanh", told="yes"), "replay")
    over_seeds = spread.outcome(shelf["relu"].by_seed)
    assert over_seeds is not None
    assert sent["verdict"]["headline"] == f"ReLU {over_seeds.by:.1f}× faster"
    assert "you" not in sent["verdict"]["alt"], "nothing was guessed"


def test_a_guess_is_a_ghost_beside_the_curves(engine: FakeEngine) -> None:
    guess = {"arm": "ReLU", "by": 3.0}
    run_id = engine.add(RELU, "running", owner=OWNER, guess=guess)
    sent = main_chart(visit("relu_vs_tanh", run=run_id))
    ghost, (relu, _) = sent["ghosts"]["training_error"], sent["arms"]
    assert ghost["grows"], "it is not there before the curve that it is made of"
    assert ghost["points"] == [[pytest.approx(3 * x), y] for x, y in relu["points"]]
    points = [[0.0, 0.9], [20.0, 0.3]]
    drawn = engine.add(RELU, "running", owner=OWNER, guess=guess | {"drawn": points})
    own = main_chart(visit("relu_vs_tanh", run=drawn))["ghosts"]["training_error"]
    assert own["points"] == points and not own["grows"]
    theirs = engine.add(RELU, "running", owner="another", guess=guess)
    assert main_chart(visit("relu_vs_tanh", run=theirs))["ghosts"] == {}


def test_the_second_curve_is_drawn_beside_a_recorded_one(
    engine: FakeEngine, shelf: dict[str, Recording]
) -> None:
    app = visit("relu_vs_tanh")
    (sent,) = components(app, "draw_curve")
    assert (sent["first"]["label"], sent["second"]) == ("ReLU", "tanh")
    own = [e.report for e in shelf["relu"].events if e.arm == 0]
    assert sent["first"]["points"] == [
        [report.epoch, round(report.training_error, 4)] for report in own
    ]
    assert sent["heights"] is None and sent["told"] == ""
    # What the browser sends is set as the handles' heights, in a callback.
    heights = (0.8, 0.6, 0.4, 0.1)
    key = state.setting(RELU.name, "guess_heights", ()).name
    app.session_state[key] = heights
    first = sent["first"]["points"]
    points = drawn.curve(first[0][1], heights, drawn.far(RELU, first))
    means = drawn.guess(RELU, first, points)
    assert means is not None and means.by is not None
    app = looked_at(predict(app, means.arm, means.by))
    (sent,) = components(app, "draw_curve")
    assert sent["told"] == drawing.told(RELU, means)
    looked_at(button(app, "Start").click().run())
    (run,) = engine.made.values()
    assert run.guess["drawn"] == [list(point) for point in points]
    assert (
        components(visit("relu_vs_tanh", relu="relu-vs-tanh-deep"), "draw_curve") == []
    )


# --- why ----------------------------------------------------------------------------


def test_the_why_opens_on_what_decided_it_with_its_sentence(
    engine: FakeEngine,
) -> None:
    for page, view, part in (
        ("relu_vs_tanh", "saturation", "In the most affected layer of ReLU"),
        ("dropout", "dropout masks", "The same image under 10 masks"),
        ("experiments", "gradients", "a factor of"),
    ):
        run_id = engine.add(PRESETS[PAGES[page]], "finished")
        app = visit(page, run=run_id)
        assert part in said(app)
        assert "why" not in app.query_params
        choice = next(x for x in app.main.button_group if x.label == "Look at")
        assert choice.options[0] == view
        assert choice.value == ""
    named = visit("dropout", run=run_id, why="masks")
    assert "why" not in named.query_params


# --- recordings on the page ---------------------------------------------------------


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> dict[str, Recording]:
    made = {
        "relu": recorded("relu-vs-tanh-2012", (0.6, 0.21), (0.6, 0.2), (0.6, 0.22)),
        "sweep": replace(
            recorded("relu-vs-tanh-2012"),
            experiment=SWEEP,
            runs=(tuple(curves(SWEEP, SPEEDS)),),
            seeds=(0,),
            title="A sweep",
        ),
        "same": recorded("dropout-small", (0.3, 0.3), (0.3, 0.2), (0.2, 0.3)),
    }
    keep(monkeypatch, made)
    return made


def test_findings_wait_for_the_guess(
    engine: FakeEngine, shelf: dict[str, Recording]
) -> None:
    app = visit("relu_vs_tanh")
    assert TEXT["findings"]["waits"] in said(app)
    assert "recorded settings" not in said(app)
    app = looked_at(predict(app, "tanh"))
    assert "Of 1 recorded setting: in 1 ReLU is ahead by less." in said(app)
    assert "**initialised as in 2012, CIFAR-10 (after JPEG), 10,000 images.**" in said(
        app
    )


def test_a_recording_with_seeds_shows_band_factor_and_how_it_was_made(
    engine: FakeEngine, shelf: dict[str, Recording]
) -> None:
    app = visit("relu_vs_tanh", run="recorded-relu", told="yes")
    text = said(app)
    (pair, *_) = spread.factors(shelf["relu"].by_seed)
    times = f"tanh takes **{pair.mean:.1f}** times as many epochs as ReLU (mean of 3"
    assert times in text and pair.mean > 2
    assert TEXT["series"]["apart"].format(count=3, odds=10) in text
    band = next(chart for chart in charts(app) if '"bands"' in chart.spec)
    assert "ReLU: " in band.alt and "epochs" in band.alt
    assert main_chart(app)["curves"][0]["title"] == "training error (recorded)"
    for part in ("keras 3.15", "Seeds: 0, 1, 2", "1,000 training", "no measure of"):
        assert part in text
    assert "These images were read from JPEG files. Machine: A machine." in text


def test_ranges_that_overlap_are_not_distinguishable_here(
    engine: FakeEngine, shelf: dict[str, Recording]
) -> None:
    text = said(visit("dropout", run="recorded-same", told="yes"))
    assert "**Not distinguishable here**: the ranges over 3 seeds overlap." in text
    assert "**Measured with seed 0.**" in text
    assert "**Over 3 seeds.** The textbook expects dropout 0.5 to be ahead" in text


def test_a_recorded_sweep_replays_as_a_sweep(
    engine: FakeEngine, shelf: dict[str, Recording]
) -> None:
    app = visit("relu_vs_tanh", run="recorded-sweep", told="yes")
    assert "ReLU: 0.002 (4.3 epochs)." in said(app)
    assert TEXT["sweep"]["use"] in labels(app)
    # It lies over no run: it has too many curves.
    run_id = engine.add(RELU, "finished")
    app = visit("relu_vs_tanh", run=run_id)
    app = looked_at(app.main.toggle[0].set_value(True).run())
    assert "A sweep" not in said(app)
