"""The search for how many times faster ReLU learns: its rules, files and sentences."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lab import factor, recordings
from lab.experiments import RULES, Arm
from lab.factor import EPOCHS, FOLDER, Search, SearchBroken, Setting, Trial, rates
from lab.factor.__main__ import add_runs
from lab.presets import PRESETS
from lab.recordings import Recording
from lab.records import ArmEvent
from tests.fake_lab import report

SETTING = Setting(5_000, "2012")
SHIPPED = factor.read_all()


def trial(activation: str, rate: float, seed: int, reached: float | None) -> Trial:
    end: factor.End = "epochs" if reached is None else "target"
    return Trial(
        activation=activation,  # type: ignore[arg-type]
        rate=rate,
        seed=seed,
        reached=reached,
        end=end,
        epochs=EPOCHS if reached is None else reached,
        error=0.4 if reached is None else 0.25,
        first_loss=2.3,
        curve=((0.0, 0.9), (1.0, 0.8)),
    )


def trainer(
    epochs: Callable[[float, int], float | None],
    calls: list[tuple[float, int, float | None]],
) -> rates.Train:
    """Trains nothing: `epochs` says when an arm is at the target."""

    def train(arm: Arm, rival: Trial | None) -> Trial:
        limit = rival and rival.reached
        calls.append((arm.learning_rate, arm.seed, limit))
        reached = epochs(arm.learning_rate, arm.seed)
        if reached is not None and limit is not None and reached > limit:
            reached = None
        return trial(arm.activation, arm.learning_rate, arm.seed, reached)

    return train


def test_other_seeds_are_trained_at_the_best_rate_alone() -> None:
    calls: list[tuple[float, int, float | None]] = []
    train = trainer(lambda rate, seed: 10 + abs(rate - 0.002) * 1e3 + seed, calls)
    found = rates.search(
        Search(SETTING), "relu", (0, 1, 2), (0.001, 0.002, 0.004), train
    )
    assert [(rate, seed) for rate, seed, _ in calls] == [
        (0.001, 0),
        (0.002, 0),
        (0.004, 0),
        (0.002, 1),
        (0.002, 2),
    ]
    # A rate is given up once another has been faster; further seeds are not.
    assert [limit for *_, limit in calls] == [None, 11, 10, None, None]
    assert found.best_rate("relu") == 0.002
    assert found.at_best("relu") == (10, 11, 12)


def test_a_best_rate_at_the_end_is_looked_beyond() -> None:
    calls: list[tuple[float, int, float | None]] = []
    best = trainer(lambda rate, seed: abs(math.log2(rate / 0.016)) + 5, calls)
    rates.search(Search(SETTING), "tanh", (0,), (0.004, 0.002), best)
    assert [rate for rate, *_ in calls] == [0.004, 0.002, 0.008, 0.016, 0.032]


def test_rates_are_looked_beyond_so_often_and_no_more() -> None:
    calls: list[tuple[float, int, float | None]] = []
    endless = trainer(lambda rate, seed: 0.01 / rate, calls)
    rates.search(Search(SETTING), "tanh", (0,), (0.001, 0.002), endless)
    assert len(calls) == factor.MOST_RATES


def test_a_search_goes_on_where_it_stopped() -> None:
    calls: list[tuple[float, int, float | None]] = []
    train = trainer(lambda rate, seed: 10 + abs(rate - 0.002) * 1e3, calls)
    kept: list[Search] = []
    whole = rates.search(
        Search(SETTING), "relu", (0, 1), (0.001, 0.002, 0.004), train, kept.append
    )
    assert kept[-1] == whole and len(kept) == len(calls) == 4
    calls.clear()
    again = rates.search(kept[1], "relu", (0, 1), (0.001, 0.002, 0.004), train)
    assert again == whole
    assert [(rate, seed) for rate, seed, _ in calls] == [(0.004, 0), (0.002, 1)]


def test_no_rate_that_gets_there_needs_no_more_seeds() -> None:
    calls: list[tuple[float, int, float | None]] = []
    found = rates.search(
        Search(SETTING), "sigmoid", (0, 1), (0.1, 0.2), trainer(lambda *_: None, calls)
    )
    assert len(calls) == 2 and found.best_rate("sigmoid") is None
    assert found.at_best("sigmoid") == ()


@pytest.mark.parametrize(
    ("relu", "tanh", "expected", "apart"),
    [
        ((6, 8), (42, 28), (5.0, 3.5, 7.0), True),
        ((6, 8), (8, 6), (1.0, 0.75, 8 / 6), False),
        ((20, 20), (5, 6), (0.275, 0.25, 0.3), True),
        ((6, 8), (), (EPOCHS / 7, EPOCHS / 8, math.inf), True),
    ],
)
def test_a_factor_has_the_range_that_the_seeds_allow(
    relu: tuple[float, ...],
    tanh: tuple[float, ...],
    expected: tuple[float, float, float],
    apart: bool,
) -> None:
    trials = [trial("relu", 0.002, seed, at) for seed, at in enumerate(relu)]
    trials += [trial("tanh", 0.008, seed, at) for seed, at in enumerate(tanh)]
    if not tanh:
        trials.append(trial("tanh", 0.008, 0, None))
    found = factor.factor(Search(SETTING, tuple(trials)))
    assert found is not None
    assert (found.mean, found.low, found.high) == pytest.approx(expected)
    assert found.distinguishable is apart
    assert found.is_bound is (not tanh)


def test_there_is_no_factor_where_relu_did_not_get_there() -> None:
    trials = (trial("relu", 0.002, 0, None), trial("tanh", 0.008, 0, 9))
    assert factor.factor(Search(SETTING, trials)) is None


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    before = Search(
        SETTING,
        (trial("relu", 0.002, 0, 9.5), trial("tanh", 0.008, 0, None)),
        ("python -m lab.factor --images 5000",),
        "2026-11-29",
        "a machine",
        {"keras": "3"},
    )
    path = factor.write(before, tmp_path)
    assert path.name == "four-layer-5000-2012-3.json"
    assert factor.read(path) == before
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"trials": [{}]}', "{" * 9])
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text, "utf-8")
    with pytest.raises(SearchBroken, match=r"Expected x\.json to be a search"):
        factor.read(path)
    assert factor.read_all(tmp_path) == []


@pytest.mark.parametrize("network", ["four-layer", "19pct"])
@pytest.mark.parametrize("start", ["2012", "today", "unit-variance"])
def test_every_setting_is_an_arm_that_the_lab_takes(network: str, start: str) -> None:
    setting = replace(SETTING, network=network, start=start)  # type: ignore[arg-type]
    arm = setting.arm("relu", 0.002, 0)
    for name, (fits, expected) in RULES.items():
        assert fits(getattr(arm, name)), f"{name}: expected {expected}"
    assert arm.weight_decay == 0  # the paper's figure 1: no regularisation


@pytest.mark.long("a run is given up where another rate is better")
def test_an_arm_is_trained_until_it_is_slower(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real, small one: drawn shapes, which the four-layer network learns soon."""
    monkeypatch.setattr(rates, "RECORDED_ON", 100)
    arm = replace(
        Setting(256, "unit-variance").arm("relu", 0.01, 0), dataset="shapes", epochs=8
    )
    until = rates.train(arm)
    assert until.first_loss == pytest.approx(math.log(10), abs=0.05)
    assert until.curve[0][0] == 0 and until.curve[-1][0] == until.epochs
    rival = replace(trial("relu", 0.02, 0, 2.0), curve=((0.0, 0.9), (2.0, 0.9)))
    stopped = rates.train(replace(arm, until=None), rival)
    assert stopped.end == "slower" and 2 < stopped.epochs < 8


@pytest.mark.parametrize(
    ("errors", "reached", "slower"),
    [
        ((0.9, 0.6, 0.5, 0.4, 0.3), None, False),
        ((0.9, 0.6, 0.5, 0.4, 0.34), 4.0, False),
        ((0.9, 0.6, 0.5, 0.4, 0.34, 0.3), 4.0, True),  # longer than the other took
        ((0.9, 0.6, 0.5, 0.4, 0.34, 0.24), 4.0, False),
        ((0.9, 0.6, 0.6), None, False),  # behind once: by chance
        ((0.9, 0.6, 0.6, 0.5), None, True),
        ((0.9, 0.8), None, False),  # early
        ((0.9, 0.8, 0.6, 0.5), 8.0, False),  # before half of the other's time
    ],
)
def test_a_run_is_given_up_where_another_rate_is_better(
    errors: tuple[float, ...], reached: float | None, slower: bool
) -> None:
    rival = replace(
        trial("tanh", 0.01, 0, reached),
        epochs=reached or 4.0,
        curve=((0.0, 0.9), (1.0, 0.6), (2.0, 0.5), (4.0, 0.3)),
    )
    assert rates.is_slower(list(enumerate(errors)), rival) is slower


def test_who_leads_is_soonest_there_or_nearest() -> None:
    search = Search(SETTING)
    assert search.leader("tanh") is None
    far = replace(trial("tanh", 0.01, 0, None), error=0.5)
    near = replace(trial("tanh", 0.02, 0, None), error=0.3)
    lost = replace(trial("tanh", 0.08, 0, None), error=0.9)
    other = trial("tanh", 0.02, 1, 3.0)
    assert replace(search, trials=(lost,)).leader("tanh") is None
    assert replace(search, trials=(far, near, lost, other)).leader("tanh") == near
    there = trial("tanh", 0.04, 0, 20.0), trial("tanh", 0.005, 0, 9.0)
    assert replace(search, trials=(near, *there)).leader("tanh") == there[1]


def recorded(setting: Setting) -> Recording:
    """ReLU gets to the target, tanh does not, with two seeds."""
    arms = tuple(
        setting.arm(x, rate, 0) for x, rate in (("relu", 0.002), ("tanh", 0.01))
    )
    arms = tuple(replace(arm, label=f"a {arm.activation}") for arm in arms)
    experiment = replace(PRESETS["relu-vs-tanh-2012"], arms=arms)
    errors = ((0.9, 0.5, 0.2), (0.9, 0.8, 0.7))
    events = tuple(
        ArmEvent(3 * arm + at, arm, report(40 * at, error, 0.5, epoch=float(at)))
        for arm in (0, 1)
        for at, error in enumerate(errors[arm])
    )
    return Recording(
        title="",
        experiment=experiment,
        seeds=(0, 1),
        runs=(events, events),
        endings=(("", ""),) * 2,
        data="CIFAR-10",
        machine="",
        date="",
        versions={},
        command="",
    )


def test_runs_of_a_recording_count() -> None:
    found = add_runs(Search(SETTING), recorded(SETTING))
    assert [one.key for one in found.trials] == [
        ("relu", 0.002, 0),
        ("tanh", 0.01, 0),
        ("relu", 0.002, 1),
        ("tanh", 0.01, 1),
    ]
    relu, tanh, *_ = found.trials
    assert relu.reached == pytest.approx(1 + 0.25 / 0.3, abs=1e-3)
    assert (tanh.reached, tanh.end, tanh.error) == (None, "epochs", 0.7)
    assert relu.first_loss == pytest.approx(2.3 * 0.9)
    assert add_runs(found, recorded(SETTING)) == found
    with pytest.raises(SystemExit, match="Expected a recording of four-layer-10000"):
        add_runs(Search(replace(SETTING, images=10_000)), recorded(SETTING))


def test_the_shipped_recording_is_of_the_authors_setting() -> None:
    recording = recordings.read(FOLDER.parent / "relu-19pct-cifar.json.gz")
    found = add_runs(Search(Setting(50_000, "2012", network="19pct")), recording)
    assert len(found.trials) == 2 * len(recording.seeds)


@pytest.mark.skipif(not SHIPPED, reason="no search is shipped")
def test_shipped_searches_are_whole() -> None:
    for one in SHIPPED:
        assert (FOLDER / f"{one.setting.name}.json").is_file()
        assert one.commands and one.date and one.made_on
        keys = [trial.key for trial in one.trials]
        assert len(set(keys)) == len(keys)
        for trial_ in one.trials:
            assert (trial_.reached is not None) == (trial_.end == "target")
