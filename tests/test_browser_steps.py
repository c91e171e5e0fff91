"""What is live in steps of the lesson is computed in the browser as in Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from classroom.content import lesson
from classroom.content.numbers import Number
from model import paper, runtime, weights
from model.analysis.lesson_steps import slopes
from model.analysis.lesson_steps.two_layers import SHOWN
from tests.browser import Server
from tests.one_step import Rule, cross_entropy, in_logits
from ui.kit import cache
from ui.kit.components import one_step

Open = Callable[..., Any]
TEXT = lesson.load().words["live"]


@pytest.fixture(autouse=True)
def ready(server: Server) -> None:
    server.wait_ready()


def test_training_steps_are_computed_as_in_python(open_page: Open) -> None:
    """The numbers of the browser are those of `tests.one_step`."""
    page = open_page("/lesson?step=learning&picture=pig", width=390, height=664)
    section = page.locator("section.one-step")
    network = runtime.network(weights.DEFAULT)
    layers = cache.activations(weights.DEFAULT, cache.sample_picture("pig"))
    kernel, bias = network.keras.get_layer("fc8").get_weights()
    names = weights.class_names(weights.DEFAULT)
    rates, lines = one_step.RATES, section.locator("ol li")

    def expected(right: int, rate: float, step: int) -> str:
        rule = Rule(rate, paper.MOMENTUM, paper.DECAY)
        hidden = layers["fc7"].astype(np.float64)
        found = in_logits(
            hidden @ kernel, bias, float(hidden @ hidden), right, rule, step
        )
        return f"loss {Number(cross_entropy(found[-1], right), '.4g').text()}."

    hog, other = names.index("hog"), int(layers["fc8"].argmax())
    for right, rate, step in ((hog, 1, 1), (hog, 0, 20), (other, 4, 3)):
        section.locator("select").select_option(str(right))
        section.locator("input[name=rate]").fill(str(rate))
        section.locator("input[name=step]").fill(str(step))
        expect(lines.last).to_contain_text(expected(right, rates[rate], step))
        expect(lines.first).to_contain_text(names[right])
    before = section.locator("ol").inner_text()
    section.locator("input[name=step]").press("ArrowRight")  # by a key, too
    expect(section.locator("ol")).not_to_have_text(before)
    assert section.locator("svg").get_attribute("aria-label")


def test_two_layers_answer_while_dragged(open_page: Open) -> None:
    """The numbers of the browser are those of `lesson_steps.two_layers`."""
    page = open_page("/lesson?step=nonlinearity&reveal=1", width=390, height=664)
    section, own = page.locator("section.two-layers"), TEXT["nonlinearity"]
    lines = section.locator("ol li")
    weight, bias = SHOWN.folded()
    tries: tuple[tuple[slopes.Activation | None, float], ...] = (
        (None, 1.5),
        ("relu", 2.0),
        ("relu", -2.0),
        ("sigmoid", 0.0),
    )
    for kind, x in tries:
        between = own[f"kind_{kind or 'none'}"]
        section.get_by_label(between, exact=True).check()
        section.locator("input[type=range]").fill(str(x))
        two = float(SHOWN.output(np.array([x]), kind)[0])
        for line, value in ((2, two), (3, weight * x + bias)):
            written = Number(value, ".4g").text().replace("-", "\u2212")
            expect(lines.nth(line)).to_contain_text(f"= {written}")
        told = own["same" if kind is None else "bent"]
        expect(lines.last).to_have_text(told.format(between=between))
