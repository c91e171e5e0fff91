"""Covering a part of the picture: what is asked, in what batches, and what is said."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

import httpx
import numpy as np
import pytest
from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest

from model import batches, gate, measured, runtime, weights
from model.analysis import occlusion
from model.batches import Batches
from model.gate import Busy, inference_slot
from model.pictures import to_input
from paths import ROOT
from tests.waiting import until
from ui.kit import cache
from ui.network.feature_maps import finger as panel
from ui.network.feature_maps import occlusion_routes

SPEC = weights.get(weights.DEFAULT).spec


def test_a_square_is_zero_and_the_rest_as_it_was() -> None:
    x = np.random.default_rng(0).normal(size=(1, 20, 20, 3)).astype(np.float32)
    found = occlusion.cover(x, [(2, 3), (-4, 15)], 8)
    assert found.shape == (2, 20, 20, 3)
    inside = np.zeros((2, 20, 20), bool)
    inside[0, 2:10, 3:11] = True
    inside[1, 0:4, 15:20] = True
    assert not found[inside].any()
    assert np.array_equal(found[~inside], np.repeat(x, 2, axis=0)[~inside])


@pytest.mark.parametrize("side", [16, 40, 56, 112, 224])
def test_squares_reach_every_pixel(side: int) -> None:
    places = occlusion.places(224, side)
    count = np.zeros((224, 224))
    for row, column in places:
        assert 0 <= row <= 224 - side
        assert 0 <= column <= 224 - side
        count[row : row + side, column : column + side] += 1
    assert count.min() >= 1
    assert len(places) == len(set(places))


def test_heat_is_the_mean_loss_over_a_pixel() -> None:
    found = occlusion.heat(8, 4, [(0, 0), (2, 2)], [1.0, 0.5])
    assert found[0, 0] == 1
    assert found[3, 3] == 0.75
    assert found[5, 5] == 0.5
    assert found[7, 7] == 0


def test_the_map_finds_what_a_class_depends_on() -> None:
    """A network that looks at one place alone loses it there, and only there."""

    def answer(images: Any) -> Any:
        there = images[:, 40:60, 80:100].mean(axis=(1, 2, 3))
        return np.stack([there, 1 - there], axis=1)

    x = np.ones((1, 112, 112, 3), np.float32)
    found = occlusion.occlusion_map(x, 0, 28, answer)
    row, column = np.unravel_index(found.argmax(), found.shape)
    assert 40 <= row < 60
    assert 80 <= column < 100
    assert found[0, 0] == 0
    assert occlusion.occlusion_map(x, 1, 28, answer).max() == 0


class Held:
    """A computation that doubles, and waits before its first batch is through."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.begun, self.go = threading.Event(), threading.Event()

    def __call__(self, images: Any) -> Any:
        self.sizes.append(len(images))
        self.begun.set()
        assert self.go.wait(60)
        return 2 * images


def asked(
    found: Batches, values: list[int], count: int = 1
) -> tuple[list[threading.Thread], dict[int, Any]]:
    """Threads that ask for numbers, `count` images each, and where answers appear."""
    answers: dict[int, Any] = {}

    def ask(value: int) -> None:
        try:
            answers[value] = found.ask(np.full((count, 1), value, np.float32))
        except BaseException as error:
            answers[value] = error

    threads = []
    for value in values:
        threads.append(threading.Thread(target=ask, args=(value,)))
        threads[-1].start()
    return threads, answers


def test_those_who_ask_meanwhile_are_answered_together() -> None:
    held = Held()
    found = Batches(held, rest=0)
    first, one = asked(found, [1])
    assert held.begun.wait(60)
    others, many = asked(found, list(range(10, 21)))
    until(lambda: found.waiting == 11, "all to wait")
    held.go.set()
    for thread in (*first, *others):
        thread.join(60)
    assert one[1].tolist() == [[2]]
    assert {k: v.tolist() for k, v in many.items()} == {
        k: [[2 * k]] for k in range(10, 21)
    }
    assert held.sizes == [1, batches.MOST, 3]
    assert found.passes == 3


def test_a_large_question_has_a_batch_alone_and_keeps_its_order() -> None:
    held = Held()
    held.go.set()
    found = Batches(held, rest=0)
    images = np.arange(20, dtype=np.float32)[:, None]
    assert found.ask(images).ravel().tolist() == (2 * np.arange(20)).tolist()


def test_an_error_reaches_all_of_its_batch_and_the_next_goes_on() -> None:
    class Broken(Held):
        def __call__(self, images: Any) -> Any:
            doubled = super().__call__(images)
            if 13 in images:
                raise ValueError("13")
            return doubled

    held = Broken()
    found = Batches(held, rest=0)
    first, one = asked(found, [1])
    assert held.begun.wait(60)
    others, many = asked(found, [13])
    until(lambda: found.waiting == 1, "all to wait")
    held.go.set()
    for thread in (*first, *others):
        thread.join(60)
    assert one[1].tolist() == [[2]]
    assert isinstance(many[13], ValueError)
    assert found.ask(np.ones((1, 1), np.float32)).tolist() == [[2]]


def test_more_than_may_wait_are_refused() -> None:
    held = Held()
    found = Batches(held, rest=0)
    first, _ = asked(found, [1])
    assert held.begun.wait(60)
    others, _ = asked(found, list(range(batches.IN_LINE)))
    until(lambda: found.waiting == batches.IN_LINE, "all to wait")
    with pytest.raises(Busy, match="waiting"):
        found.ask(np.ones((1, 1), np.float32))
    held.go.set()
    for thread in (*first, *others):
        thread.join(60)


def test_it_stands_at_the_gate_once_for_all() -> None:
    """While another page is computed, all who drag take one place in line."""
    held = Held()
    held.go.set()
    found = Batches(held, rest=0)
    before = gate.waiting
    with inference_slot():
        threads, answers = asked(found, list(range(6)))
        until(lambda: found.waiting == 6, "all to wait")
        until(lambda: gate.waiting == before + 1, "all to wait")
        assert not answers
    for thread in threads:
        thread.join(60)
    assert held.sizes == [6]


def get(address: str) -> httpx.Response:
    """What the route answers."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(Starlette(routes=occlusion_routes.routes()))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://lab.test"
        ) as client:
            return await client.get(address)

    return asyncio.run(ask())


def address(sample: str = "coffee", unit: int = 3) -> str:
    picture = cache.sample_picture(sample)
    return occlusion_routes.address(weights.DEFAULT, picture, unit)


def test_the_answer_is_the_networks() -> None:
    picture = cache.sample_picture("coffee")
    places = [(0, 0), (80, 96), (168, 168)]
    at = ";".join(f"{row},{column}" for row, column in places)
    answer = get(f"{address()}56/{at}").json()
    network = runtime.network(weights.DEFAULT)
    x = to_input(picture, SPEC)
    for number, (row, column) in enumerate(places):
        alone = x.copy()
        alone[0, row : row + 56, column : column + 56] = 0
        outputs = network.activations(alone)["fc8"]
        shares = measured.probabilities(weights.DEFAULT, outputs)
        found = answer["probabilities"][number]
        assert found == pytest.approx(float(shares[3]), abs=1e-4)
    names = weights.class_names(weights.DEFAULT)
    order = shares.argsort()[::-1][: occlusion_routes.TOP]
    assert [name for name, _ in answer["top"]] == [names[i] for i in order]
    assert answer["top"][0][1] == pytest.approx(float(shares.max()), abs=1e-4)


@pytest.mark.parametrize(
    "query",
    [
        "", "56", "56/", "56/1", "56/1,2,3", "56/0,0;", "56/0,900", "15/0,0", "225/0,0",
        "-56/0,0", "x/0,0", "²/0,0", "99999999999999999999/0,0",
        "56/" + ";".join(["0,0"] * 9),
    ],
)  # fmt: skip
def test_another_question_is_refused(query: str) -> None:
    answer = get(f"{address()}{query}")
    assert answer.status_code in (400, 404)


def test_what_is_not_there_is_refused() -> None:
    assert get(f"{address(unit=200)}56/0,0").status_code == 400
    assert get("/covered/none/3/56/0,0").status_code == 404


def test_a_busy_server_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "IN_LINE", 0)
    answer = get(f"{address()}56/0,0")
    assert answer.status_code == 503
    assert "waiting" in answer.text


def test_the_check_is_what_the_command_measures() -> None:
    """The shipped file, and one photograph of it measured again."""
    found = occlusion.check(weights.DEFAULT)
    assert found is not None
    assert sorted(found) == sorted(occlusion.KINDS)
    written = json.loads(occlusion.path(weights.DEFAULT).read_text("utf-8"))
    assert written["photographs"] == occlusion.PHOTOGRAPHS
    again = occlusion.correlations(weights.DEFAULT, "random", "dog")
    for kind, one in found.items():
        assert -1 <= one["least"] <= one["mean"] <= one["most"] <= 1
        assert one["least"] - 0.01 <= again[kind] <= one["most"] + 0.01
    text = (ROOT / "docs" / "measured.md").read_text("utf-8")
    names = {
        "occlusion": "covering everywhere",
        "grad_cam": "Grad-CAM",
        "guided": "guided gradient",
    }
    for kind, name in names.items():
        mean = f"{found[kind]['mean']:.2f}".replace("-", "−")
        assert f"{name} {mean}" in text
    assert occlusion.check("random") is None
    assert panel.check_sentence("random") == ""


def test_the_sentence_orders_them_by_the_check(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = panel.page_words()
    kinds = text.table("kinds")
    means = {"guided": 0.5, "occlusion": -0.126, "grad_cam": 0.25}
    made = {k: {"mean": v, "least": v, "most": v} for k, v in means.items()}
    monkeypatch.setattr(occlusion, "check", lambda name: made)
    said = panel.check_sentence(weights.DEFAULT)
    order = ", ".join(
        text["kind"].format(kind=kinds[k], mean=v)
        for k, v in (("occlusion", "−0.13"), ("grad_cam", "0.25"), ("guided", "0.50"))
    )
    assert said == text["check"].format(count=occlusion.PHOTOGRAPHS, kinds=order)


def test_the_page_watches_the_predicted_class() -> None:
    app = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=120)
    query = {"saliency": "1", "picture": "coffee", "layer": "conv5", "unit": "12"}
    app.query_params.update(query)
    app.run()
    app.query_params.update(query)
    app.switch_page("../pages/feature_maps.py").run()
    assert not app.exception, [x.message for x in app.exception]
    said = "\n".join(x.value for x in (*app.main.markdown, *app.main.caption))
    picture = cache.sample_picture("coffee")
    first = int(cache.layer(weights.DEFAULT, picture, "fc8").argmax())
    name = weights.class_names(weights.DEFAULT)[first]
    assert panel.page_words()["about"].format(name=name) in said
    assert panel.check_sentence(weights.DEFAULT) in said
