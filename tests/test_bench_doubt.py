"""Known from unknown, by hand: `bench.doubt` on numbers that are made up."""

from __future__ import annotations

import numpy as np
import pytest

from bench import doubt


def test_auroc_is_the_share_of_pairs_in_order() -> None:
    random = np.random.default_rng(1)
    known = random.integers(0, 6, 40).astype(float)
    unknown = random.integers(0, 5, 30).astype(float)
    pairs = [(k > u) + (k == u) / 2 for k in known for u in unknown]
    assert doubt.auroc(known, unknown) == pytest.approx(np.mean(pairs))
    assert doubt.auroc(np.ones(3), np.zeros(2)) == 1.0


def test_scores_are_the_textbooks() -> None:
    logits = np.log([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]]) + 5
    hidden = np.array([[3.0, 4.0], [1.0, 0.0]])
    found = doubt.scores(logits, hidden, np.array([[0.0, 2.0], [1.0, 0.0]]))
    assert found["largest probability"] == pytest.approx([0.7, 0.8])
    entropy = -0.7 * np.log(0.7) - 0.2 * np.log(0.2) - 0.1 * np.log(0.1)
    assert found["minus entropy"][0] == pytest.approx(-entropy)
    assert found["largest logit"] == pytest.approx(np.log([0.7, 0.8]) + 5)
    assert found["energy"] == pytest.approx([5, 5]), "the logarithm of all powers"
    assert found["cosine to the nearest mean"] == pytest.approx([0.8, 1.0])


def images(sure: float) -> tuple[np.ndarray, ...]:
    """600 images of 60 classes: one logit of each is larger by `sure`."""
    random = np.random.default_rng(2)
    labels = np.arange(600) % 60
    logits = random.normal(size=(600, 60))
    logits[np.arange(600), labels] += sure
    means = np.eye(60)
    return logits, means[labels] + random.normal(0, 0.1, (600, 60)), means, labels


def test_what_has_no_class_left_is_told_apart_where_the_others_are_sure() -> None:
    found = doubt.one_draw(*images(20.0), seed=0)
    for name, row in found.items():
        assert row["auroc"] > 0.99, name
        assert row["unknown_doubted"] > 0.9, name
        assert row["known_doubted"] == pytest.approx(0.05, abs=0.05), name


def test_no_figure_is_from_the_half_that_set_the_threshold() -> None:
    """Every image of the other half may change without moving the threshold."""
    logits, hidden, means, labels = images(3.0)
    before = doubt.one_draw(logits, hidden, means, labels, seed=4)
    random = np.random.default_rng(4)
    random.permutation(60)
    judged = random.permutation(600) % 2 == 0
    flat = np.where(judged[:, None], 0.0, logits)  # nothing is known any more
    after = doubt.one_draw(flat, hidden, means, labels, seed=4)
    assert before["largest probability"]["known_doubted"] < 0.2
    assert after["largest probability"]["known_doubted"] == 1.0


def test_summary_is_over_all_draws() -> None:
    draws = [doubt.one_draw(*images(3.0), seed) for seed in range(3)]
    found = doubt.summary(draws)["energy"]
    rows = [draw["energy"]["auroc"] for draw in draws]
    assert found["auroc"] == pytest.approx(np.mean(rows), abs=1e-3)
    assert (found["lowest"], found["highest"]) == pytest.approx(
        (min(rows), max(rows)), abs=1e-3
    )
    assert "energy" in doubt.table({"energy": found})
