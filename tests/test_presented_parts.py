"""Parts of an experiment's page on a projector: a tab each; elsewhere, no tabs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lab.experiments import swept
from lab.presets import PRESETS
from tests import test_page_lab
from tests.fake_lab import FakeEngine
from ui.experiments import source
from ui.kit import words
from ui.session import visitor

PRESET = PRESETS["relu-vs-tanh-2012"]
SWEEP = swept(PRESET, [0.001, 0.002, 0.005])
PART = words.page("lab").table("part")


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    fake = FakeEngine()
    monkeypatch.setattr(source, "engine", lambda: fake)
    monkeypatch.setattr(visitor, "key", lambda: "me")
    return fake


def visit(**query: str) -> AppTest:
    return test_page_lab.visit("relu_vs_tanh", **query)


def tabs(app: AppTest) -> list[str]:
    return [tab.label for tab in app.tabs]


def titles(*names: str) -> list[str]:
    return [PART[name] for name in names]


@pytest.mark.parametrize(
    ("told", "names"),
    [
        ("", ("question", "settings", "found")),
        ("1", ("replay", "question", "settings", "found")),
    ],
)
def test_an_experiment_to_set_up_is_a_tab_each(
    told: str, names: Sequence[str], engine: FakeEngine
) -> None:
    app = visit(told=told, present="1")
    assert tabs(app) == titles(*names)
    by_name = dict(zip(names, app.tabs, strict=True))
    assert any(x.label == "Start" for x in by_name["settings"].button)
    assert by_name["question"].radio
    assert not tabs(visit(told=told)), "one below the other on the page"


@pytest.mark.parametrize(
    ("experiment", "run_state", "names"),
    [
        (PRESET, "running", ("curves", "networks", "why")),
        (PRESET, "finished", ("curves", "networks", "answer", "why")),
        (SWEEP, "running", ("rates", "curves", "networks", "why")),
        (SWEEP, "finished", ("rates", "curves", "networks", "answer", "why")),
    ],
)
def test_a_run_is_a_tab_each(
    experiment: Any, run_state: str, names: Sequence[str], engine: FakeEngine
) -> None:
    about = {"speeds": [1.0] * 6} if experiment is SWEEP else {}
    run_id = engine.add(experiment, run_state, owner="me", **about)
    app = visit(run=run_id, present="1")
    assert tabs(app) == titles(*names)
    assert not app.get("download_button"), "files are for the page, not the projector"
    assert not tabs(visit(run=run_id))


def test_a_recording_waits_for_the_guess_in_a_window_too(engine: FakeEngine) -> None:
    run_id = f"{source.RECORDED}relu-2012-cifar"
    assert tabs(visit(run=run_id, present="1")) == titles("question")
    app = visit(told="1", run=run_id, present="1")
    assert tabs(app) == titles("replay", "curves", "networks", "answer", "why", "seeds")
