"""What runs are called, whose they are, and numbers and times in words.

A run's name may have been typed by a visitor: where it goes into Markdown it is
escaped there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lab import datasets
from lab.datasets import CIFAR, cifar, synthetic
from lab.experiments import (
    MOST_ARMS,
    Experiment,
    ExperimentRefused,
    is_sweep,
    sweep_of,
)
from lab.recordings import Recording
from lab.status import RunStatus, RunSummary
from ui.kit import words
from ui.session import visitor

AnyRun = RunStatus | RunSummary

YEAR = 365.25  # days
STATE_ICONS = {
    "queued": ":material/hourglass_empty:",
    "waiting": ":material/hourglass_empty:",
    "starting": ":material/power:",
    "running": ":material/play_arrow:",
    "paused": ":material/pause:",
    "finished": ":material/check:",
    "stopped": ":material/stop:",
    "failed": ":material/error:",
    "killed": ":material/error:",
}


def text() -> words.PageWords:
    """The words that all the lab's pages share."""
    return words.page("lab")


# --- what the lab says in English -----------------------------------------------------


def in_words(sentences: str, language: str = "") -> str:
    """What the lab or a recording says, in a language, as far as it is known.

    Runs are kept with what they say: for everybody, and so in English.

    Args:
        language: another than that of the page at hand.
    """
    return words.translated("lab", sentences, language or None)


def translated(experiment: Experiment) -> Experiment:
    """To be shown: its arms are called as the page's language calls them."""
    arms = (replace(arm, label=in_words(arm.label)) for arm in experiment.arms)
    return replace(experiment, arms=tuple(arms))


def translated_guess(guess: Mapping[str, Any]) -> dict[str, Any]:
    """The same of a guess."""
    return {**guess, "arm": in_words(guess["arm"])} if "arm" in guess else {**guess}


# --- names and numbers ----------------------------------------------------------------


def preset(name: str) -> str:
    """What a preset is called away from its page."""
    found = text().find("names", name) or text().find("preset", name, "title")
    return found or name


def question(name: str) -> str:
    """What a preset asks."""
    return text().find("preset", name, "question") or name


def title(run: AnyRun) -> str:
    """What the visitor called a run, else the preset's name."""
    if run.name != run.experiment.name:
        return run.name
    form = text().table("sweep")["name"] if is_sweep(run.experiment) else "{title}"
    return str(form.format(title=preset(run.name)))


def recording_title(recording: Recording) -> str:
    """What a recording is called: its own name, or its pictures and how many runs."""
    if recording.title != recording.experiment.name:
        return in_words(recording.title)
    form, count = "seeds", len(recording.seeds)
    if is_sweep(recording.experiment):
        form, count = "rates", len(recording.experiment.arms)
    elif count == 1:
        form = "seed"
    template = text().table("recording")[form]
    return str(template.format(data=data_of(recording), count=count))


def data_of(recording: Recording) -> str:
    """What a recording was trained on, in few words."""
    return in_words(recording.data.partition(".")[0])


def recording_note(recording: Recording) -> str:
    """Where, when and of what a recording was made."""
    return text()["recorded_on"].format(
        date=recording.date,
        machine=in_words(recording.machine),
        data=in_words(recording.data.rstrip(".")),
    )


def whose(run: AnyRun) -> str:
    """Yours, an instructor's or another's."""
    names = text().table("whose")
    if run.owner == visitor.key():
        return str(names["yours"])
    return str(names["instructor" if run.instructor else "other"])


def label(run: AnyRun) -> str:
    """A run as a choice of a list: nothing that changes while it is shown."""
    return f"{title(run)} · {whose(run)} · {run.run_id[:4]}"


def arms(experiment: Experiment) -> str:
    """The networks of a run; of a sweep, each once."""
    if not is_sweep(experiment):
        return " · ".join(in_words(arm.label) for arm in experiment.arms)
    groups = sweep_of(experiment)
    rates = len(next(iter(groups.values())))
    return text().table("sweep")["listed"].format(arms=" · ".join(groups), count=rates)


def data(experiment: Experiment) -> str:
    """The data set that a run is trained on; not which class's own images."""
    titles, name = (
        text().table("settings", "data_names"),
        experiment.arms[0].dataset,
    )
    return str(titles[name if name in (datasets.BUILT_IN, CIFAR) else "own"])


def settings(experiment: Experiment) -> str:
    """What a run was set up with, in a line: data set, images, seed."""
    counts = {arm.pictures for arm in experiment.arms}
    form = text().table("run_line")
    most = max((count or 0 for count in counts), default=0)
    images = counted("images", most) if most else form["all"]
    if len(counts) > 1:
        images = form["up_to"].format(images=images)
    return form["say"].format(
        data=data(experiment), images=images, seed=experiment.arms[0].seed
    )


def refused(refusal: ExperimentRefused) -> str:
    """The reason why settings make no experiment, for the visitor."""
    return text().table("refused")[refusal.why].format(most=MOST_ARMS)


def counted(what: str, number: float) -> str:
    """1 epoch, 12 epochs, 1,200 images: a number with its word, rounded to a whole."""
    one, many = text().table("count").lines(what)
    whole = round(number)
    return words.figures(f"{whole:,} {one if whole == 1 else many}")


def cell(number: float) -> float | str:
    """A number in a table: Streamlit itself writes it as English does."""
    shown = words.figures(f"{number:,}")
    return number if shown == f"{number:,}" else shown


def about(seconds: float) -> str:
    """A time in words, as exact as the estimate."""
    forms = text().table("about")
    if seconds < 5:
        return str(forms["moment"])
    if seconds < 50:
        return str(forms["seconds"].format(number=max(10, 10 * round(seconds / 10))))
    if seconds < 90:
        return str(forms["minute"])
    if seconds < 5_400:
        return str(forms["minutes"].format(number=round(seconds / 60)))
    return str(forms["hours"].format(number=round(seconds / 3_600)))


def waiting(status: RunStatus) -> str:
    """When a run that is queued begins, as far as that can be told."""
    words_ = text().table("wait")
    if status.wait is None:
        return str(words_["paused"])
    if status.wait < 5:
        return str(words_["now"])
    return words_["about"].format(time=about(status.wait))


def first_point(status: RunStatus) -> str:
    """When the first point of a run that starts is there."""
    if status.wait is None:
        return ""
    template = text().table("wait")["point"]
    return str(template.format(time=about(status.wait)))


def duration(days: float) -> str:
    """1.9 years, 12 days or 5 hours."""
    words_ = text().table("device")
    if days >= YEAR:
        return words_["years"].format(number=days / YEAR)
    if days >= 2:
        return words_["days"].format(number=days)
    return words_["hours"].format(number=24 * days)


def class_names(dataset: str, count: int) -> list[str]:
    """What the classes are called; numbers for the class's own pictures."""
    known = {datasets.BUILT_IN: synthetic.CLASSES, datasets.CIFAR: cifar.CLASSES}
    if len(names := known.get(dataset, ())) == count:
        return list(names)
    return [text().table("why")["class"].format(number=i) for i in range(count)]
