"""What is live in the steps before, convolution, learning and nonlinearity."""

from __future__ import annotations

import numpy as np
import pytest

from model import paper, weights
from model.analysis.lesson_steps import shift
from model.analysis.lesson_steps.two_layers import SHOWN
from model.pictures import samples
from tests.components import components as sent_to
from tests.one_step import Rule, in_logits, softmax
from tests.test_page_lesson import shown
from tests.test_pages import visit
from ui.kit import cache, state


def test_a_picture_is_counted_by_hand_in_three_sizes() -> None:
    app = visit("lesson", step="before", reveal="1", picture="dog")
    (sent,) = sent_to(app, "stops")
    assert sent["values"] == ["8 × 8", "16 × 16", "32 × 32"]
    for place, stop in enumerate(sent["stops"]):
        photo, counted, learned = stop["figures"]
        assert [x["image"] for x in stop["figures"]] == [0, 2 + place, 1]
        cells = (224 // (8, 16, 32)[place]) ** 2
        assert f"{cells * 9:,} numbers" in counted["caption"]
        assert f"{54 * 54 * 96:,} numbers" in learned["caption"]
        assert photo["alt"] and "dog" not in learned["caption"]
    words = shown(app)
    assert "28.2%" in words and "25.8%" in words


def test_a_convolution_is_seen_in_four_ways() -> None:
    app = visit("lesson", step="convolution", reveal="1")
    (sent,) = sent_to(app, "arithmetic")
    assert (sent["layer"], sent["unit"]) == ("conv1", state.FILTER.default)
    app = visit("lesson", step="convolution", reveal="1", see="moved", picture="dog")
    (sent,) = sent_to(app, "stops")
    assert sent["values"] == [str(pixels) for pixels in shift.SHIFTS]
    (body,) = sent["tables"]["bodies"]
    assert body[0][1:4] == ["1.00", "1.00", "1.00"]
    assert [row[2] for row in body] == ["1.00", "–", "1.00", "1.00", "1.00"]
    assert "One position of conv1" in sent["stops"][2]["sentence"]
    assert "8 positions of conv1" in sent["stops"][4]["sentence"]
    words = shown(visit("lesson", step="convolution", reveal="1", see="weights"))
    for count in ("42,138,206,208", "101,616,768", "34,848"):
        assert count in words
    app = visit("lesson", step="convolution", reveal="1", see="size")
    assert sent_to(app, "output_size")


def test_a_layer_learns_from_numbers_of_the_network() -> None:
    app = visit("lesson", step="learning", picture="dog")
    (sent,) = sent_to(app, "one_step")
    layers = cache.activations(weights.DEFAULT, cache.sample_picture("dog"))
    logits = np.array(sent["sums"]) + sent["biases"]
    shares = np.exp(logits - logits.max())
    np.testing.assert_allclose(shares / shares.sum(), layers["fc8"], atol=1e-5)
    assert sent["square"] == pytest.approx(float((layers["fc7"] ** 2).sum()), rel=1e-4)
    assert sent["activation"] == pytest.approx(float(layers["fc7"].max()))
    assert sent["unit"] == int(layers["fc7"].argmax())
    assert (sent["momentum"], sent["decay"]) == (paper.MOMENTUM, paper.DECAY)
    # The right class is nearly certain already, so that another is taken at first.
    names = dict(sent["targets"])
    assert names[int(layers["fc8"].argmax())] == "German shepherd"
    assert sent["target"] != int(layers["fc8"].argmax())
    (unsure,) = sent_to(visit("lesson", step="learning", picture="pig"), "one_step")
    assert dict(unsure["targets"])[unsure["target"]] == "hog", "which it shows"


@pytest.mark.parametrize("name", samples.photographs())
def test_at_the_papers_rate_one_step_makes_a_class_certain(name: str) -> None:
    """What the presenter is told: any of the five likeliest, right or wrong."""
    (sent,) = sent_to(visit("lesson", step="learning", picture=name), "one_step")
    sums, biases = np.array(sent["sums"]), np.array(sent["biases"])
    rule = Rule(paper.RATE, paper.MOMENTUM, paper.DECAY)
    assert paper.RATE in sent["rates"]
    for right in np.argsort(-(sums + biases))[:5]:
        _, after = in_logits(sums, biases, sent["square"], int(right), rule, 1)
        assert softmax(after)[right] > 0.95


def test_two_layers_are_sent_with_the_one_that_they_fold_into() -> None:
    app = visit("lesson", step="nonlinearity", reveal="1")
    (sent,) = sent_to(app, "two_layers")
    assert sent["folded"] == list(SHOWN.folded())
    assert sent["x"] in np.arange(*sent["range"]), "where the slider can stand"
    x = np.linspace(*sent["range"][:2], 50)
    for kind in (None, "relu", "tanh", "sigmoid"):
        found = SHOWN.output(x, kind)
        low, high = sent["height"]
        assert low <= found.min() and found.max() <= high, "on the chart"
    assert not sent_to(visit("lesson", step="nonlinearity"), "two_layers"), "covered"
