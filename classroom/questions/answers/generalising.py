"""On new images: recorded curves, what one may change, errors, votes, probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from classroom.content import recorded
from classroom.content.recorded import CurvePoint
from classroom.questions.answers.templates import (
    Instance,
    NumberText,
    Phrase,
    Truth,
    Value,
    template,
)
from model import paper

# Recordings, and the arms in them whose curves show what is to be found.
OVERFITS = [("dropout-small", seed, 0) for seed in range(5)]
LEARNS_NOTHING = [("sweep-2012-cifar", 0, arm) for arm in (3, 5)] + [
    ("sweep-today-cifar", 0, arm) for arm in (5, 6)
]
STILL_FALLS = [("pooling", seed, 1) for seed in range(3)]
Place = tuple[str, int, int]  # recording, seed, arm


def curve_of(place: Place) -> tuple[CurvePoint, ...]:
    name, seed, arm = place
    return recorded.runs(name)[seed][arm]


def _rows(curve: Sequence[CurvePoint], points: int = 5) -> dict[str, Value]:
    """Epochs and errors of some points from the first to the last, in columns."""
    chosen = [curve[round(i * (len(curve) - 1) / (points - 1))] for i in range(points)]

    def row(numbers: Sequence[float]) -> NumberText:
        return NumberText("".join(f"{number:>3.0f}" for number in numbers))

    return {
        "epochs": row([p.epoch for p in chosen]),
        "training": row([p.training for p in chosen]),
        "validation": row([p.validation for p in chosen]),
    }


@template
def which_curve(rng: Random) -> Instance:
    """Three recorded curves: overfitting, nothing learned, and still falling."""
    places = {
        "overfits": rng.choice(OVERFITS),
        "learns_nothing": rng.choice(LEARNS_NOTHING),
        "still_falls": rng.choice(STILL_FALLS),
    }
    letters = dict(zip("ABC", rng.sample(list(places), 3), strict=True))
    of = {name: letter for letter, name in letters.items()}
    drawn = {
        letter.lower(): Phrase("curve", {"name": letter, **_rows(curve_of(places[x]))})
        for letter, x in letters.items()
    }
    return Instance(
        {letter: f"d_{name}" for letter, name in letters.items()},
        {
            "curves": Phrase("three_curves", drawn),
            **{f"is_{name}": letter for name, letter in of.items()},
        },
        {
            "memorised": {of["overfits"]: "d_still_falls"},
            "no_gap": {of["learns_nothing"]: "d_overfits"},
            "not_yet": {of["still_falls"]: "d_learns_nothing"},
        },
        options={letter: letter for letter in "ABC"},
        targets={f"d_{name}": Phrase(f"diagnosis_{name}") for name in places},
    )


EARLY = 13  # an epoch at which the recorded network is still learning


@template
def too_good(rng: Random) -> Instance:
    """A recorded network that has memorised its images: what to try next."""
    place = rng.choice(OVERFITS)
    curve = curve_of(place)
    last, early = curve[-1], recorded.at(curve, EARLY)
    dropped = curve_of((place[0], place[1], 1))[-1]
    shown = Phrase("curve", {"name": " ", **_rows(curve)})
    choices = ("dropout", "images", "longer", "larger", "earlier")
    return Instance(
        ("dropout", "images"),
        {
            "curve": Phrase("one_curve", {"a": shown}),
            "training": round(last.training),
            "validation": round(last.validation),
            "early": round(early.validation),
            "early_epoch": round(early.epoch),
            "epochs": round(last.epoch),
            "dropped": round(dropped.validation),
        },
        {name: (name,) for name in choices[2:]},
        options={
            name: Phrase(f"cure_{name}", {"epoch": round(early.epoch)})
            for name in choices
        },
    )


# Recordings of two arms: whether their runs decide which has the lower error.
DECIDED = [("pooling", 0, 1), ("dropout-small", 0, 1)]
UNDECIDED = [
    ("overlapping", 0, 1), ("normalisation", 0, 1), ("depth", 0, 2),
    ("augmentation", 0, 1),
]  # fmt: skip


def last_errors(name: str, arm: int) -> list[float]:
    """The validation errors at the end of a recording's runs, in per cent."""
    return [run[arm][-1].validation for run in recorded.runs(name)]


@template
def decided(rng: Random) -> Instance:
    """Two networks, each trained with several seeds: is one of them better?"""
    clear = rng.random() < 0.5
    name, first, second = rng.choice(DECIDED if clear else UNDECIDED)
    found = {"a": last_errors(name, first), "b": last_errors(name, second)}
    if rng.random() < 0.5:
        found = {"a": found["b"], "b": found["a"]}
    low, high = sorted(found, key=lambda letter: sum(found[letter]))
    mistakes: dict[str, Truth] = {"reversed": (high,)}
    mistakes["too_careful" if clear else "mean"] = ("undecided",) if clear else (low,)

    def row(letter: str) -> NumberText:
        return NumberText("".join(f"{round(x):>4}" for x in found[letter]))

    def span(letter: str) -> dict[str, Value]:
        return {
            f"least_{letter}": round(min(found[letter])),
            f"most_{letter}": round(max(found[letter])),
        }

    return Instance(
        (low if clear else "undecided",),
        {
            "table": Phrase("two_rows", {"a": row("a"), "b": row("b")}),
            "runs": len(found["a"]),
            "reason": Phrase(
                "apart" if clear else "overlap",
                {**span("a"), **span("b"), "better": low.upper(),
                 "worse": high.upper()},
            ),
        },
        mistakes,
        options={
            "a": Phrase("lower", {"name": "A"}),
            "b": Phrase("lower", {"name": "B"}),
            "undecided": Phrase("undecided"),
        },
    )  # fmt: skip


# What a label survives. A crop of a tenth of the area may lose all that it is about.
CHANGES = ("mirrored", "upside_down", "shifted", "brighter", "cropped")
KEEPS_LABEL = {
    "digits": ("shifted", "brighter"),
    "signs": ("shifted", "brighter"),
    "leaves": ("mirrored", "upside_down", "shifted", "brighter"),
}


@template
def allowed_changes(rng: Random) -> Instance:
    """By which changes of an image its label stays right."""
    kind = rng.choice(list(KEEPS_LABEL))
    kept = KEEPS_LABEL[kind]
    return Instance(
        kept,
        {
            "images": Phrase(f"images_{kind}"),
            "reason": Phrase(f"reason_{kind}"),
        },
        {
            ("turned" if name == "upside_down" else name): (name,)
            for name in CHANGES
            if name not in kept
        },
        options={name: Phrase(f"change_{name}") for name in CHANGES},
    )


@template
def calibrated(rng: Random) -> Instance:
    """Stated probabilities against how often the predictions were right."""
    said = (60, 75, 90)
    off = {
        "overconfident": lambda: -rng.randrange(12, 24),
        "underconfident": lambda: rng.randrange(7, 10),
        "calibrated": lambda: rng.randrange(-2, 3),
    }
    which = rng.choice(list(off))
    right = [p + off[which]() for p in said]
    rows = [f"{p:>4}\u00a0%{n:>10}" for p, n in zip(said, right, strict=True)]
    names = (*off, "unknown")
    return Instance(
        (which,),
        {
            "table": Phrase("stated", {"rows": "\n".join(rows)}),
            "reason": Phrase(f"is_{which}", {"said": said[2], "right": right[2]}),
        },
        {f"not_{name}": (name,) for name in names if name != which},
        options={name: Phrase(f"says_{name}") for name in names},
    )


@template
def always_healthy(rng: Random) -> Instance:
    """A network that never finds anything, and is right nearly always."""
    images, sick = 1000, rng.choice((20, 30, 40, 50))
    found, alarms = sick - rng.randrange(2, 4), rng.choice((60, 80, 100))
    accuracy_b = (images - alarms - (sick - found)) / images * 100
    values: dict[str, Value] = {
        "images": images, "sick": sick, "found": found, "alarms": alarms,
        "accuracy_a": (images - sick) / images * 100, "accuracy_b": accuracy_b,
        "missed": sick - found,
    }  # fmt: skip
    names = ("finds", "accuracy", "equal", "alarms")
    return Instance(
        ("finds",),
        values,
        {name: (name,) for name in names[1:]},
        options={name: Phrase(f"screen_{name}", values) for name in _mixed(rng, names)},
    )


def _mixed(rng: Random, names: Sequence[str]) -> list[str]:
    return rng.sample(list(names), len(names))


@template
def vote_of_three(rng: Random) -> Instance:
    """How often two or three of three independent networks are right, in per cent."""
    p = rng.choice((0.6, 0.7, 0.8, 0.9))
    q = round(1 - p, 9)
    fraction = round(p**3 + 3 * p**2 * q, 9)
    return Instance(
        round(100 * fraction, 9),
        {
            "p": p,
            "q": q,
            "percent": round(100 * p),
            "fraction": fraction,
            "one_net": paper.ONE.error,
            "five_nets": paper.FIVE.error,
        },
        {
            "one": 100 * p,
            "all": 100 * p**3,
            "any": 100 * (1 - q**3),
            "exactly_two": 100 * 3 * p**2 * q,
            "fraction": fraction,
        },
    )


MISSED = 5  # the place of a right class that is not among five


@template
def top_errors(rng: Random) -> Instance:
    """Top-1 or top-5 error of a few images with five predictions each."""
    images = rng.choice((4, 5))
    # At least one right at once, one later, one not at all.
    places = [0, rng.randrange(1, MISSED), MISSED]
    places += [rng.randrange(0, MISSED + 1) for _ in range(images - 3)]
    rng.shuffle(places)
    rows = []
    for place in places:
        five = rng.sample("ABCDEFGH", MISSED + 1)
        right = five[place]
        rows.append(f"{right:<14}{'  '.join(five[:MISSED])}")
    errors = {
        "one": 100 * sum(place > 0 for place in places) // images,
        "five": 100 * sum(place == MISSED for place in places) // images,
    }
    asked, other = rng.sample(list(errors), 2)
    truth = errors[asked]
    return Instance(
        truth,
        {
            "which": Phrase(f"top_{asked}"),
            "table": Phrase("predictions", {"rows": "\n".join(rows)}),
            "images": images,
            "wrong": truth * images // 100,
            "reason": Phrase(f"counts_{asked}"),
        },
        {
            "other": errors[other],
            "accuracy": 100 - truth,
            "count": truth * images // 100,
        },
    )


@template
def confused_classes(rng: Random) -> Instance:
    """A table of confusions in which one class is often taken for another."""
    often, taken_for, other = rng.sample("ABC", 3)
    wrong = {
        (often, taken_for): rng.randrange(28, 42),
        (often, other): rng.randrange(2, 7),
        (taken_for, often): rng.randrange(3, 8),
        (taken_for, other): rng.randrange(2, 7),
        (other, often): rng.randrange(2, 7),
        (other, taken_for): rng.randrange(3, 8),
    }

    def cell(right: str, predicted: str) -> int:
        if right != predicted:
            return wrong[right, predicted]
        return 100 - sum(n for (row, _), n in wrong.items() if row == right)

    rows = [
        f"{row}    " + "".join(f"{cell(row, x):>5}" for x in "ABC") for row in "ABC"
    ]
    pair: dict[str, Value] = {"often": often, "taken_for": taken_for, "other": other}
    names = ("one_way", "other_way", "both_ways", "worst")
    return Instance(
        ("one_way",),
        {
            "table": Phrase("confusions", {"rows": "\n".join(rows)}),
            **pair,
            "count": wrong[often, taken_for],
            "back": wrong[taken_for, often],
            "right": cell(taken_for, taken_for),
        },
        {name: (name,) for name in names[1:]},
        options={name: Phrase(f"confused_{name}", pair) for name in _mixed(rng, names)},
    )
