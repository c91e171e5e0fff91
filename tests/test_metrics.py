"""What is read off curves, and dropout by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.experiments import check, swept
from lab.presets import PRESETS
from lab.records import ArmEvent, LayerReport, MaskReport, Report
from lab.report_json import pack, unpack
from lab.results import metrics
from model.network import dropout


def report(step=0, evaluated=None, error=0.5, **more):
    return Report(
        step=step,
        epoch=step / 10,
        seconds=float(step),
        loss=1.0,
        training_error=error,
        validation_accuracy=0.25,
        pictures_per_second=100.0,
        evaluated_step=step if evaluated is None else evaluated,
        layers=(LayerReport("conv1", 0.5, 0.0, (1, 2, 3)),),
        **more,
    )


def test_target_is_read_by_straight_lines():
    points = [(0.0, 0.9), (2.0, 0.5), (4.0, 0.1), (6.0, 0.3)]
    assert metrics.reached(points, 0.5) == 2.0
    assert metrics.reached(points, 0.25) == pytest.approx(3.25)
    assert metrics.reached(points, 0.95) == 0.0
    assert metrics.reached(points, 0.05) is None, "not reached yet"
    assert metrics.reached([], 0.25) is None


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=20),
    st.floats(0.01, 0.99),
)
def test_target_lies_where_the_curve_crosses(errors, target):
    points = [(float(i), error) for i, error in enumerate(errors)]
    found = metrics.reached(points, target)
    if found is None:
        assert min(errors) > target
    else:
        first = next(i for i, error in enumerate(errors) if error <= target)
        assert max(0, first - 1) <= found <= first


def test_ratio_waits_for_both():
    assert metrics.ratio(18.0, 3.0) == 6.0
    assert metrics.ratio(None, 3.0) is None
    assert metrics.ratio(18.0, None) is None
    assert metrics.ratio(18.0, 0.0) is None


def test_thinning_keeps_ends_and_arms_and_prefers_measured_points():
    events = [
        ArmEvent(n, n % 2, report(n, evaluated=n if n % 10 < 2 else 0))
        for n in range(1, 401)
    ]
    thin = metrics.thin(events, 10)
    for arm in (0, 1):
        own = [event.number for event in events if event.arm == arm]
        kept = [event.number for event in thin if event.arm == arm]
        assert len(kept) == 10
        assert (kept[0], kept[-1]) == (own[0], own[-1])
    assert [e.number for e in thin] == sorted(e.number for e in thin)
    inner = [e for e in thin if e.number not in (1, 2, 399, 400)]
    assert all(e.report.step == e.report.evaluated_step for e in inner)
    assert metrics.thin(events[:4], 10) == events[:4]
    assert [e.number for e in metrics.thin(events, 1)] == [399, 400]


def test_thinning_loses_no_batch_error():
    events = [
        ArmEvent(n, 0, replace(report(n), batch_errors=((n / 10, 1 / n),)))
        for n in range(1, 101)
    ]
    pairs = [(n / 10, 1 / n) for n in range(1, 101)]
    thin = metrics.thin(events, 7)
    assert len(thin) == 7
    assert [x for e in thin for x in e.report.batch_errors] == pairs
    assert metrics.batch_errors(thin, 0, 100) == pairs
    assert metrics.batch_errors(thin, 1, 100) == []
    few = metrics.batch_errors(thin, 0, 25)
    assert len(few) == 25 and few[-1][0] == 10.0
    assert sum(y for _, y in few) / 25 == pytest.approx(sum(y for _, y in pairs) / 100)


def test_report_survives_packing():
    rng = np.random.default_rng(0)
    shown = MaskReport(
        rng.random((10, 7)) > 0.5,
        rng.random((10, 4)).astype(np.float16),
        rng.random(4).astype(np.float16),
    )
    filters = rng.normal(size=(5, 5, 3, 8)).astype(np.float16)
    errors = ((0.25, 0.5), (0.5, 0.375))
    before = report(7, filters=filters, masks=shown)
    before = replace(before, batch_errors=errors)
    after = unpack(pack(before))
    assert after.layers == before.layers
    assert after.batch_errors == errors
    assert (after.step, after.loss) == (7, 1.0)
    np.testing.assert_array_equal(after.filters, filters)
    for name, array in vars(shown).items():
        np.testing.assert_array_equal(getattr(after.masks, name), array)
    assert unpack(pack(report())).filters is None
    assert unpack(pack(report())).masks is None


# --- dropout by hand ----------------------------------------------------------------


def test_mask_depends_on_seed_and_step_alone():
    one = dropout.kept(1_000, 0.5, 1, 2)
    assert (one == dropout.kept(1_000, 0.5, 1, 2)).all()
    assert (one != dropout.kept(1_000, 0.5, 1, 3)).any()
    assert 0.4 < one.mean() < 0.6
    assert dropout.kept(1_000, 0.0, 0, 0).all()


@pytest.mark.parametrize("rate", [0.2, 0.5, 0.8])
def test_both_scalings_agree_with_training_on_the_mean(rate):
    rng = np.random.default_rng(0)
    found = dropout.scaling(rng.random(200), rng.random(200), rate, masks=4_000)
    assert found.paper == pytest.approx(found.training, rel=0.02)
    assert found.training_inverted == pytest.approx(found.unscaled, rel=0.02)
    assert found.unscaled > 1.2 * found.training, "unscaled, it is too much"


# --- sweeps -------------------------------------------------------------------------

PAIR = PRESETS["relu-vs-tanh-2012"]
SWEEP = swept(PAIR, (0.001, 0.002, 0.004))


def swept_events(*arms):
    """Errors after 0, 1, 2, ... passes, arm by arm."""
    events = []
    for index, errors in enumerate(arms):
        for number, error in enumerate(errors):
            made = report(10 * number, error=error)
            events.append(ArmEvent(len(events) + 1, index, made))
    return events


FOUND = swept_events(
    *((0.9, 0.5, 0.25), (0.9, 0.25, 0.2), (0.9, 0.9, 0.9)),
    *((0.9, 0.8, 0.7), (0.9, 0.7, 0.6), ()),
)


def test_best_rate_is_the_soonest_or_else_the_closest():
    tried = metrics.tried(SWEEP, FOUND)
    assert [one.rate for one in tried["ReLU"]] == [0.001, 0.002, 0.004]
    assert [one.reached for one in tried["ReLU"]] == [2.0, 1.0, None]
    assert metrics.best(tried["ReLU"]).rate == 0.002
    assert [one.error for one in tried["tanh"]][2] is None
    assert metrics.best(tried["tanh"]).rate == 0.002, "none is there: the lowest error"
    assert metrics.best([]) is None


def test_sweep_at_its_best_is_the_papers_comparison():
    compared, events = metrics.at_best(SWEEP, FOUND)
    assert check(compared) is compared
    assert [arm.label for arm in compared.arms] == ["ReLU", "tanh"]
    assert [arm.learning_rate for arm in compared.arms] == [0.002, 0.002]
    assert (compared.difference, compared.tuned) == (PAIR.difference, PAIR.tuned)
    curves = [[r.training_error for r in metrics.measured(events, i)] for i in (0, 1)]
    assert curves == [[0.9, 0.25, 0.2], [0.9, 0.7, 0.6]]
    assert metrics.at_best(SWEEP, FOUND[:9]) is None, "tanh has not begun"


def test_who_learns_nothing_is_not_best_for_having_no_gap():
    sweep = swept(PRESETS["dropout-small"], (0.001, 0.01))
    events = [
        ArmEvent(n, arm, replace(report(10, error=error), validation_accuracy=right))
        for n, (arm, error, right) in enumerate(
            [(0, 0.9, 0.1), (1, 0.0, 0.5), (2, 0.9, 0.1), (3, 0.1, 0.6)], 1
        )
    ]
    assert [
        metrics.best(own).rate for own in metrics.tried(sweep, events).values()
    ] == [0.01, 0.01]
