"""What earlier versions stored is read in today's words."""

from __future__ import annotations

import pytest

from lab import legacy_text
from lab.experiments import Experiment, sweep_of, swept
from lab.live_run import from_store, from_there
from lab.presets import PRESETS
from lab.recordings import read_all
from lab.run.watcher import all_done
from store.runs import StoredRun
from tests.test_vocabulary import found
from tests.visible_texts import Text
from tests.vocabulary import WORDS

OVERLAP = PRESETS["overlapping"]


def old(experiment: Experiment) -> dict:
    """An experiment as version 1 stored it."""
    data = experiment.to_dict()
    labels = ["overlapping: 3 pixels, step 2", "side by side: 2 pixels, step 2"]
    for arm, label in zip(data["arms"], labels, strict=True):
        arm["label"] = label
    return data


@pytest.mark.parametrize(
    ("stored", "today"),
    [
        ("All 40 passes are done.", "All 40 epochs are done."),
        ("The one pass is done.", "The one epoch is done."),
        ("Retry goes on from pass 3.", from_there(3)),
        ("Retry starts anew: no pass was saved yet.", from_there(0)),
        (
            "Its worker process was killed. Retry goes on from pass 3.",
            "Its worker process was killed. Retry goes on from epoch 3.",
        ),
    ],
)
def test_a_stored_sentence_is_read_in_todays_words(stored: str, today: str) -> None:
    assert legacy_text.sentence(stored) == today
    assert legacy_text.sentence(today) == today


def test_a_run_says_its_end_as_a_stored_one_is_read() -> None:
    arm = OVERLAP.arms[0]
    before = f"All {arm.epochs} passes are done."
    assert legacy_text.sentence(before) == all_done(arm)


def test_an_experiment_and_its_guess_have_todays_labels() -> None:
    experiment = legacy_text.experiment(old(OVERLAP))
    assert experiment == OVERLAP
    guess = {"arm": "side by side: 2 pixels, step 2", "by": 2.0}
    assert legacy_text.guess(guess) == {"arm": OVERLAP.arms[1].label, "by": 2.0}
    assert legacy_text.guess({"skipped": True}) == {"skipped": True}


def test_the_arms_of_a_sweep_keep_their_rate() -> None:
    data = swept(PRESETS["half-the-data"], [0.01, 0.02]).to_dict()
    for arm in data["arms"]:
        arm["label"] = arm["label"].replace("images", "pictures")
    groups = sweep_of(legacy_text.experiment(data))
    assert list(groups) == ["5,000 images", "2,500 images"]


def test_a_stored_run_is_read_in_todays_words() -> None:
    arms = [
        {"state": "finished", "sentence": "All 12 passes are done."},
        {"state": "killed", "sentence": "Retry goes on from pass 3."},
    ]
    summary = {"sentence": "The one pass is done.", "attempt": 1, "arms": arms}
    stored = StoredRun(
        id="id",
        name="name",
        owner="owner",
        experiment=old(OVERLAP),
        guess={"arm": "overlapping: 3 pixels, step 2", "by": 1.0},
        state="finished",
        summary=summary,
        created=0.0,
        ended=1.0,
        alive=1.0,
    )
    live = from_store(stored, [])
    said = [live.sentence, *(arm.sentence for arm in live.arms)]
    assert said == [
        "The one epoch is done.",
        "All 12 epochs are done.",
        "Retry goes on from epoch 3.",
    ]
    assert live.guess["arm"] == OVERLAP.arms[0].label


def test_no_recording_says_anything_in_the_old_words() -> None:
    recordings = read_all()
    assert len(recordings) >= 13
    for name, one in recordings.items():
        labels = [arm.label for arm in one.experiment.arms]
        endings = [ending for seed in one.endings for ending in seed]
        for say in (one.title, one.data, one.time, one.machine, *labels, *endings):
            text = Text("lab/recordings", name, say)
            assert not [word.name for word in WORDS if found(text, word)], say
