"""Archives read beside everything else: two at once, stopped, or left by everybody."""

from __future__ import annotations

import io
import threading

import pytest

from lab.datasets import intake, uploaded
from lab.datasets.intake import Intake
from model import pictures
from tests.test_class_zips import folders, zipped

PATIENT = 60.0  # seconds


@pytest.fixture(scope="module", autouse=True)
def _decoders_end_with_the_tests():
    yield
    pictures.close()


@pytest.fixture
def gate(monkeypatch):
    """Every image waits until the test opens it; `opened` counts those that came."""
    real = uploaded.load_picture

    class Gate(threading.Event):
        opened = threading.Semaphore(0)

    made = Gate()

    def slow(data):
        made.opened.release()
        assert made.wait(PATIENT)
        return real(data)

    monkeypatch.setattr(uploaded, "load_picture", slow)
    yield made
    made.set()


def archive() -> io.BytesIO:
    return io.BytesIO(zipped(folders("cat", "dog")))


def test_archive_is_read_to_its_end():
    one = Intake(archive(), "Ours")
    assert one.wait(PATIENT) and one.progress == 1.0 and not one.stopped
    assert one.found is not None and one.found.title == "Ours"
    assert one.found.counts == {"cat": 2, "dog": 2}


def test_refusal_is_kept_for_who_asks():
    one = Intake(io.BytesIO(b"no zip"), "Ours")
    assert one.wait(PATIENT) and one.found is None
    assert "zip archive was expected" in str(one.refusal)


def test_stopped_after_the_image_in_hand(gate):
    one = Intake(archive(), "Ours")
    assert gate.opened.acquire(timeout=PATIENT)
    one.stop()
    gate.set()
    assert one.wait(PATIENT) and one.stopped
    assert one.found is None and one.refusal is None


def test_archive_that_everybody_left_ends(gate, monkeypatch):
    monkeypatch.setattr(intake, "UNWATCHED", -1.0)
    one = Intake(archive(), "Ours")
    gate.set()
    assert one.wait(PATIENT) and one.found is None


def test_third_archive_waits_and_can_be_stopped(gate):
    first, second = (Intake(archive(), "Ours") for _ in range(2))
    for _ in range(2):
        assert gate.opened.acquire(timeout=PATIENT)
    third = Intake(archive(), "Ours")
    fourth = Intake(archive(), "Ours")
    fourth.stop()
    assert fourth.wait(PATIENT) and fourth.found is None
    assert not third.over and third.progress == 0.0
    gate.set()
    for each in (first, second, third):
        assert each.wait(PATIENT) and each.found is not None
