"""The benchmarks say what they measure, and their visitors are visitors.

Nothing here holds a time against a limit: that is for `python -m bench.picture` and
`python -m bench.visitors` on a quiet machine.
"""

from __future__ import annotations

import asyncio
import io
import json
import time
from itertools import islice

import numpy as np
import pytest
from PIL import Image

from bench import http_client, picture, visitors
from bench import weights as bench_weights
from bench.http_client import Failed, parse_http
from bench.streamlit_client import Visitor
from tests.waiting import until
from viz.mosaic import encode, mosaic

BEFORE = (1_000_000_000, 50_000_000)  # bytes: server, decoders


def phase(**values) -> visitors.Phase:
    """A phase of ten seconds in which two visitors got four answers."""
    given = {
        "seconds": 10.0,
        "first_pages": [0.2, 0.4],
        "answers": [0.1, 0.2, 0.3, 0.4],
        "health": [0.01, 0.02],
        "received": [400_000] * 4,
        "memory": [BEFORE, (1_200_000_000, 60_000_000), (1_100_000_000, 60_000_000)],
        "cpu": {"server": 0.8, "decoders": 0.2, "generator": 0.1, "others": 0.0},
    }
    return visitors.Phase(**(given | values))


# --- One real server ------------------------------------------------------------------


@pytest.fixture(scope="module")
def port(server):
    server.wait_ready()
    return int(server.url.rpartition(":")[2])


@pytest.mark.long("test_browser: two visitors do not see each other's")
def test_two_visitors_get_mosaics_of_their_own(port):
    stock = list(islice(visitors.pictures(), 4))
    group = visitors.VisitorGroup(port, stock)
    found = visitors.Phase()
    until = time.perf_counter() + 120

    async def both():
        await asyncio.gather(
            *(group.visit(found, until, 0.01, limit=2) for _ in range(2))
        )

    asyncio.run(both())
    assert found.failures == []
    assert len(found.first_pages) == 2
    assert len(found.answers) == len(found.received) == group.used == 4


def test_a_mosaic_that_was_there_before_is_a_failure(port):
    same = next(visitors.pictures(seed=5))
    group, found = visitors.VisitorGroup(port, [same, same]), visitors.Phase()
    asyncio.run(group.visit(found, time.perf_counter() + 120, 0, limit=2))
    assert len(found.answers) == 1
    assert ["another picture" in failure for failure in found.failures] == [True]


def test_what_the_browser_has_is_not_sent_again(port):
    async def twice():
        async with Visitor(port, visitors.PAGE) as visitor:
            return await visitor.run(), await visitor.run()

    first, second = asyncio.run(twice())
    assert first.references == 0
    assert second.references >= len(visitors.LAYERS)
    assert second.received < first.received / 4
    assert visitors.mosaics(first).digest == visitors.mosaics(second).digest


@pytest.mark.long("the watch sees the server")
def test_second_looks_visit_every_layer(port):
    times = asyncio.run(picture.second_looks(port, 1))
    assert len(times) > len(visitors.LAYERS)
    assert min(times) > 0


def test_the_watch_sees_the_server(port):
    seen = phase(health=[], memory=[])
    # This process stands for the server: its memory and time can be read, too.
    with visitors.Watch(seen, port, visitors.psutil.Process().pid) as watch:
        assert watch.memory()[0] > 10_000_000
        until(lambda: seen.health and len(seen.memory) >= 2, "two looks at it")
    assert not seen.failures
    assert set(seen.cpu) == {"server", "decoders", "generator", "others"}


def test_no_page_is_a_failure_with_a_sentence():
    async def nobody():
        await visitors.VisitorGroup(1, []).visit(
            found, time.perf_counter() + 5, 0, limit=1
        )

    found = visitors.Phase()
    asyncio.run(nobody())
    assert len(found.failures) == 1 and "Connect" in found.failures[0]
    assert http_client.http_status(1, "/") == 0


# --- Parts ----------------------------------------------------------------------------


def test_http_answers_are_read():
    answer_bytes = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b; Path=/\r\n\r\nbody\r\n"
    answer = parse_http(answer_bytes)
    assert (answer.status, answer.body) == (200, b"body\r\n")
    assert answer.headers["set-cookie"] == "a=b; Path=/"
    chunked = (
        b"HTTP/1.1 404 Not Found\r\ntransfer-encoding: chunked\r\n\r\n"
        b"3\r\nabc\r\n2\r\n\r\n\r\n0\r\n\r\n"
    )
    assert parse_http(chunked).body == b"abc\r\n"
    with pytest.raises(Failed, match="Received"):
        parse_http(b"nonsense")


def test_no_two_pictures_are_alike():
    made = list(islice(visitors.pictures(), 24))
    pixels = {np.asarray(Image.open(io.BytesIO(data))).tobytes() for data in made}
    assert len(pixels) == len(set(made)) == 24
    assert {Image.open(io.BytesIO(data)).size for data in made} == {visitors.SIZE}
    assert made[:2] == list(islice(visitors.pictures(), 2))


def test_the_phone_picture_is_a_phone_picture():
    data = picture.phone_jpeg()
    assert 3e6 <= len(data) <= 5e6
    with Image.open(io.BytesIO(data)) as image:
        assert image.size == picture.PHONE
        assert image.getexif()[0x0112] == 6


def test_a_mosaic_must_decode_and_fit():
    drawn = mosaic(np.random.default_rng(0).random((5, 4, 7)))
    header = {
        "tile": list(drawn.tile),
        "gap": drawn.gap,
        "columns": drawn.columns,
        "count": 7,
    }
    png = encode(drawn)
    visitors.check_png(png, header, "conv1")
    with pytest.raises(Failed, match="decode"):
        visitors.check_png(png[: len(png) // 2], header, "conv1")
    with pytest.raises(Failed, match="expected"):
        visitors.check_png(png, header | {"count": 70}, "conv1")


def test_subplots_draw_every_map():
    maps = np.random.default_rng(0).random((6, 6, 5))
    with Image.open(io.BytesIO(picture.subplots(maps))) as image:
        pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)
    assert len(np.unique(pixels, axis=0)) > 100  # white, and many values' colours


def test_the_first_turn_is_not_counted():
    calls = []
    found = picture.medians({"a": lambda: calls.append("a")}, 3)
    assert calls == ["a"] * 4
    assert set(found) == {"a"} and found["a"] >= 0


# --- Reports --------------------------------------------------------------------------


def test_figures_are_those_of_the_phases():
    rush = phase(answers=[0.5] * 90, health=[0.05] * 20, failures=["x"])
    found = visitors.figures(phase(), rush, BEFORE, 7.0)
    assert found["failed"] == 1
    assert found["answers"] == 4
    assert found["pictures_per_s"] == 9
    assert found["grown_mb"] == 210
    assert found["health_p95_ms"] == 50
    assert found["answer_p50_s"] == 0.25
    assert found["first_page_p50_s"] == 0.3
    assert found["rss"]["server_before_mb"] == 1000
    assert found["rss"]["decoders_peak_mb"] == 60


def test_nothing_measured_is_nothing():
    found = visitors.figures(visitors.Phase(), visitors.Phase(), BEFORE, 1.0)
    assert found["pictures_per_s"] == found["answer_p95_s"] == found["grown_mb"] == 0


def test_visitors_end_with_a_line_of_json(capsys, monkeypatch):
    found = visitors.figures(phase(), phase(), BEFORE, 7.0)
    monkeypatch.setattr(visitors, "measure", lambda arguments: found)
    visitors.main(["--users", "2"])
    *rows, last = capsys.readouterr().out.splitlines()
    assert json.loads(last) == found
    assert any("<= 300" in row for row in rows)


def test_picture_ends_with_a_line_of_json(capsys, monkeypatch):
    looks = {"second_look_ms": 40.0, "second_look_p95_ms": 50.0}
    steps = {
        "pipeline_ratio": 1.8,
        "decode_s": 0.1,
        "matplotlib_ratio": 300.0,
        "drawing_ratio": 900.0,
        "milliseconds": {"forward": 20.0},
        "matplotlib_s": {"conv1": 1.5},
        "mosaics_kb": 400,
        "jpeg_mb": 4.0,
    }
    monkeypatch.setattr(picture, "measure_second_look", lambda: looks)
    large = {
        f"large_{megapixels}_{unit}": 0.5
        for megapixels in (50, 108, 200)
        for unit in ("s", "mb", "file_mb")
    }
    monkeypatch.setattr(picture, "measure_pipeline", lambda rounds: steps)
    monkeypatch.setattr(picture, "measure_large", lambda: large)
    picture.main([])
    *rows, last = capsys.readouterr().out.splitlines()
    assert json.loads(last) == looks | steps | large
    assert any("matplotlib" in row and "higher is better" in row for row in rows)


def test_weights_end_with_a_line_of_json_of_the_embedded_set(capsys, monkeypatch):
    times = {"load_s": 0.5, "load_cpu_s": 0.6}
    monkeypatch.setattr(bench_weights, "load_times", lambda name, rounds: times)
    bench_weights.main([])
    *rows, last = capsys.readouterr().out.splitlines()
    found = json.loads(last)
    assert found["load_s"] == 0.5
    assert found["mib"] <= 32
    assert found["clear_filters"] > 48
    assert "top1" not in found and rows[-1] == bench_weights.WHERE
    assert sum("first-layer filters with a clear peak" in row for row in rows) == 2


@pytest.mark.long("rows of times that are given")
def test_a_load_time_is_measured_in_a_process_of_its_own():
    found = bench_weights.load_times("random", 1)
    assert 0 < found["load_s"] < 300
