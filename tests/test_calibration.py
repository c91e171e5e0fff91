"""Temperature, reliability and doubt, on pictures whose truth is made up."""

import numpy as np
import pytest

from model.analysis import calibration


def drawn(temperature: float, count: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    """What a network says that is too sure by this factor, and what is true."""
    random = np.random.default_rng(7)
    logits = random.normal(0, 1.5, (count, 6))
    honest = calibration.at_temperature(np.exp(logits), 1.0)
    labels = (honest.cumsum(axis=1) > random.random((count, 1))).argmax(axis=1)
    return calibration.at_temperature(honest, 1 / temperature), labels


def test_temperature_sharpens_and_softens_without_changing_the_order() -> None:
    one = np.array([[0.6, 0.3, 0.1]])
    np.testing.assert_allclose(calibration.at_temperature(one, 1.0), one)
    soft = calibration.at_temperature(one, 2.0)
    np.testing.assert_allclose(soft, np.sqrt(one) / np.sqrt(one).sum())
    assert soft[0, 0] < 0.6 < calibration.at_temperature(one, 0.5)[0, 0]
    assert (soft.argsort() == one.argsort()).all()
    certain = calibration.at_temperature(np.array([1.0, 0.0]), 3.0)
    assert np.isfinite(certain).all() and certain.sum() == pytest.approx(1)


@pytest.mark.parametrize("temperature", [0.6, 1.0, 2.2])
def test_the_temperature_that_was_put_in_is_found(temperature: float) -> None:
    said, labels = drawn(temperature)
    found = calibration.fit_temperature(said, labels)
    assert found == pytest.approx(temperature, rel=0.04)
    before = calibration.expected_calibration_error(said, labels)
    cooled = calibration.at_temperature(said, found)
    after = calibration.expected_calibration_error(cooled, labels)
    assert after < 0.015
    assert temperature == 1.0 or before > 3 * after


def test_error_by_hand() -> None:
    # Two pictures at 0.9, one right; two at 0.6, both right.
    said = np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.6, 0.4]])
    labels = np.array([0, 1, 0, 0])
    assert calibration.expected_calibration_error(said, labels) == pytest.approx(
        (2 * 0.4 + 2 * 0.4) / 4
    )
    said_mean, true, count = calibration.reliability(said, labels)
    assert count.sum() == 4 and count[13] == 2 and true[13] == 0.5
    assert np.isnan(said_mean[0])


def test_doubt_keeps_what_it_promises() -> None:
    said, labels = drawn(1.0)
    threshold, caught = calibration.doubt(said, labels, keep=0.9)
    right = said.argmax(axis=1) == labels
    assert (said.max(axis=1)[right] >= threshold).mean() == pytest.approx(0.9, abs=1e-3)
    assert (said.max(axis=1)[~right] < threshold).mean() == caught > 0.1
    with pytest.raises(ValueError, match="named rightly"):
        calibration.doubt(said, (said.argmax(axis=1) + 1) % 6)
