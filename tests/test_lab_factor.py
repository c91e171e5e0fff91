"""The map of factors on /relu-vs-tanh: covered first, then figure and sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from lab import factor
from lab.factor import EPOCHS, Search, Setting
from paths import ROOT
from tests.components import components
from tests.fake_lab import FakeEngine
from tests.test_factor import trial
from ui.experiments import source
from ui.experiments.findings import factor as lab_factor
from ui.kit import cache
from viz import factor as chart
from viz.palette import PALETTES

TEXT = lab_factor.page_words().as_dict()


def made_up(setting: Setting, relu: tuple[float, ...], tanh: tuple[float, ...]):
    trials = [trial("relu", 0.002, seed, at) for seed, at in enumerate(relu)]
    trials += [trial("tanh", 0.008, seed, at) for seed, at in enumerate(tanh)]
    trials += [] if tanh else [trial("tanh", 0.008, 0, None)]
    # Another rate of each, which does not get there.
    trials += [trial(name, 0.5, 0, None) for name in ("relu", "tanh")]
    return Search(setting, tuple(trials), ("command",), "2026-11-29", "a machine")


ALL = Setting(50_000, "2012", network="19pct")
SEARCHES = [
    made_up(ALL, (6.4, 6.6), (42.0, 44.0)),
    made_up(Setting(5_000, "2012"), (9.0, 10.0), (9.5, 10.5)),
    made_up(Setting(5_000, "today"), (20.0, 21.0), (6.0, 7.0)),
    made_up(Setting(10_000, "unit-variance", 9), (10.0, 12.0), ()),
    made_up(Setting(10_000, "unit-variance"), (10.0,), (20.0,)),
]


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(cache, "factor_searches", lambda: SEARCHES)
    monkeypatch.setattr(source, "engine", FakeEngine)
    yield


def visit() -> AppTest:
    app = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=60).run()
    return app.switch_page("../pages/relu_vs_tanh.py").run()


def test_each_kind_of_result_has_its_sentence() -> None:
    said = lab_factor.sentences(lab_factor.factors(SEARCHES))
    assert said == [
        "**the authors' 19pct, 50,000 images:** ReLU is 6.6 times as fast as tanh "
        "(6.4 to 6.9).",
        "**2012's small Gaussians, 5,000 images:** not distinguishable, the ranges of "
        "the seeds overlap (0.9 to 1.2).",
        "**He or Glorot, 5,000 images:** tanh is 3.2 times as fast as ReLU "
        "(2.9 to 3.5).",
        "**unit variance, 10,000 images, 9 convolutions:** tanh did not get there "
        f"within {EPOCHS} epochs at any rate tried, so ReLU is at least 5.5 times as "
        "fast.",
        "**unit variance, 10,000 images:** ReLU is 2.0 times as fast as tanh (2.0 to "
        f"2.0). {TEXT['one_seed']}",
    ]


def test_a_rate_that_was_the_only_one_is_said() -> None:
    trials = (trial("relu", 0.002, 0, 6.0), trial("relu", 0.001, 0, 9.0))
    trials += (trial("tanh", 0.008, 0, 30.0), trial("tanh", 0.008, 1, 31.0))
    trials += (trial("relu", 0.002, 1, 6.0),)
    (said,) = lab_factor.sentences(lab_factor.factors([Search(ALL, trials)]))
    assert said.endswith(
        "(5.0 to 5.2). Only one learning rate was tried for tanh here."
    )


@pytest.mark.usefixtures("searches")
def test_the_figure_waits_for_a_guess() -> None:
    app = visit()
    assert not app.exception
    assert not app.get("vega_lite_chart")
    text = "\n".join(x.value for x in app.main.markdown)
    assert "6.6" not in text
    assert app.main.button(key="show factors").disabled, "there is no guess yet"
    app.session_state["factor_guess"] = 4.0
    app.run()
    (line,) = components(app, "number_line")
    assert line["places"][line["chosen"]]["mark"] == "you 4.0×"
    app.main.button(key="show factors").click().run()
    assert len(app.get("vega_lite_chart")) == 1
    assert TEXT["yours"] in app.get("vega_lite_chart")[0].proto.spec
    text = "\n".join(x.value for x in app.main.markdown)
    assert "ReLU is 6.6 times as fast as tanh" in text


@pytest.mark.usefixtures("searches")
def test_it_is_shown_without_a_guess_and_without_its_mark() -> None:
    app = visit()
    app.main.button(key="show factors without a guess").click().run()
    (drawn,) = app.get("vega_lite_chart")
    assert TEXT["yours"] not in drawn.proto.spec
    assert TEXT["paper"] in drawn.proto.spec


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_bound_is_drawn_open_and_points_on(scheme) -> None:
    rows = [lab_factor.estimate(x) for x in lab_factor.factors(SEARCHES)]
    spec = chart.chart(
        rows, [chart.ReferenceLine(6.0, "paper", "paper")], scheme, "epochs"
    )
    values = spec["datasets"]["factors"]
    assert [x["bound"] for x in values] == [False, False, False, True, False]
    open_ = [x["mark"] for x in spec["layer"] if x["mark"].get("filled") is False]
    assert open_[0]["shape"] == "triangle-right"
    assert spec["config"]["axis"]["labelColor"] == PALETTES[scheme].text
    domain = spec["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert domain[0] <= min(x["low"] for x in values)
    assert domain[1] >= max(x["high"] for x in values)


def test_no_line_crosses_a_text() -> None:
    rows = [lab_factor.estimate(x) for x in lab_factor.factors(SEARCHES)]
    spec = chart.chart(
        rows, [chart.ReferenceLine(6.0, "paper", "paper")], "dark", "epochs"
    )
    texts = [x for x in spec["layer"] if x["mark"]["type"] == "text"]
    behind = [x for x in texts if "stroke" in x["mark"]]
    assert {x["mark"]["stroke"] for x in behind} == {PALETTES["dark"].background}
    for outline in behind:  # the text itself is drawn next, at the same place
        over = spec["layer"][spec["layer"].index(outline) + 1]
        assert over["encoding"] == outline["encoding"]
        assert over["mark"]["color"] == PALETTES["dark"].text
    last_rule = max(
        i for i, x in enumerate(spec["layer"]) if x["mark"]["type"] == "rule"
    )
    setting = [x for x in behind if x["encoding"]["text"]["field"] == "setting"]
    assert spec["layer"].index(setting[0]) > last_rule


def test_the_table_has_every_run() -> None:
    found = lab_factor.table(SEARCHES)
    assert list(found) == list(TEXT["columns"].values())
    assert {len(column) for column in found.values()} == {
        sum(len(one.trials) for one in SEARCHES)
    }
    assert found[TEXT["columns"]["reached"]].count("–") == 2 * len(SEARCHES) + 1


def test_every_end_and_start_has_words() -> None:
    assert set(TEXT["ends"]) == set(factor.End.__args__)
    starts = {one for one, _ in factor.RATES}
    assert set(TEXT["starts"]) == starts
    assert lab_factor.setting(
        lab_factor.SettingFactor(replace(ALL, network="18pct"), "tanh", 1, 1, 1, (1, 1))
    ).startswith("the authors' 18pct")
