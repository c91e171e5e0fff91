"""Timing the devices: the arithmetic, one measurement for all, a real one."""

from __future__ import annotations

import threading

import pytest

from lab import devices
from lab.devices import DeviceBench, Timing
from ui.kit.runs import run_names


def wait(bench: DeviceBench) -> None:
    for thread in threading.enumerate():
        if thread.name == "lab-devices":
            thread.join(60)
    assert bench.state != "running"


def test_imagenet_is_ninety_passes_of_1_2_million() -> None:
    timing = Timing("CPU:0", 64, 3, 8.0)
    assert timing.pictures_per_second == 24
    assert timing.imagenet_days == pytest.approx(90 * 1_200_000 / 24 / 86_400)


@pytest.mark.parametrize(
    ("days", "says"),
    [(800, "2.2 years"), (52.1, "52 days"), (0.5, "12.0 hours")],
)
def test_durations_in_words(days: float, says: str) -> None:
    assert run_names.duration(days) == says


def test_all_visitors_share_one_measurement() -> None:
    gate, calls = threading.Event(), []

    def run() -> list[Timing]:
        calls.append(1)
        gate.wait(10)
        return [Timing("CPU:0", 64, 1, 1.0)]

    bench = DeviceBench(run)
    bench.start()
    bench.start()
    assert bench.state == "running"
    gate.set()
    wait(bench)
    assert (bench.state, len(calls)) == ("done", 1)


def test_a_failure_is_a_sentence() -> None:
    def fail() -> list[Timing]:
        raise RuntimeError("The devices could not be timed: why.")

    bench = DeviceBench(fail)
    bench.start()
    wait(bench)
    assert (bench.state, bench.sentence) == (
        "failed",
        "The devices could not be timed: why.",
    )


@pytest.mark.long("times that are given")
def test_this_machine_is_timed_in_a_process_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the smallest batch that the command line's constants allow."""
    code = (
        "from lab import devices; devices.BATCH = 2; devices.SECONDS = 0; "
        "devices.STEPS = devices.WARM = 1; devices.main()"
    )
    monkeypatch.setattr(devices, "COMMAND", ("-c", code))
    timings = devices.time_in_a_process()
    assert timings[0].device == "CPU:0"
    assert all(t.pictures_per_second > 0 for t in timings)
    monkeypatch.setattr(devices, "COMMAND", ("-c", "raise SystemExit(1)"))
    with pytest.raises(RuntimeError, match="could not be timed"):
        devices.time_in_a_process()
