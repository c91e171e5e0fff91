"""A variant: a question with a seed. What may be shown of it, and its key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random

from classroom.content.numbers import Style
from classroom.escape import escape_markdown
from classroom.questions.answers import TEMPLATES, Instance, Reading, Truth
from classroom.questions.bank import bank, find
from classroom.questions.question_files import ENGLISH, Kind, Question
from classroom.questions.writer import Writer, style

LAST_SEED = 99_999_999  # as many digits as an address may have


@dataclass(frozen=True)
class Variant:
    """A question and the seed of its numbers: enough to draw it again."""

    question: str
    seed: int


@dataclass(frozen=True)
class Choice:
    """Something to choose, as it is shown."""

    id: str
    label: str


@dataclass(frozen=True)
class Posed:
    """All that may leave the server before an answer is given. The key is not in it."""

    variant: Variant
    kind: Kind
    ask: str
    choices: tuple[Choice, ...]
    targets: tuple[Choice, ...]
    unit: str
    network: str
    reading: Reading | None
    hints: int  # how many there are
    language: str = ENGLISH  # in which it is written; none: unknown


@dataclass(frozen=True)
class AnswerKey:
    """The answer, the known mistakes, the feedback and the hints."""

    truth: Truth | None
    mistakes: Mapping[str, Truth]
    feedback: Mapping[str, str]  # for each mistake
    why: str
    hints: tuple[str, ...]
    also: tuple[float, ...] = ()  # other numbers that are as right


def _near(a: Truth, b: Truth, question: Question) -> bool:
    if isinstance(a, int | float) and isinstance(b, int | float):
        room = max(question.tolerance * abs(b), question.within)
        return abs(a - b) <= room + 1e-9 * max(1.0, abs(b))
    return a == b


def _apart(question: Question, instance: Instance) -> dict[str, Truth]:
    """The mistakes that a variant can tell from its answer and from each other."""
    kept: dict[str, Truth] = {}
    taken = set(instance.truth) if isinstance(instance.truth, tuple) else set[str]()
    for name, wrong in instance.mistakes.items():
        if question.kind == "order":  # two ids, the wrong way round
            kept[name] = wrong
        elif isinstance(wrong, tuple):
            if left := tuple(x for x in wrong if x not in taken):
                kept[name] = left
                taken |= set(left)
        else:
            others = [x for x in (instance.truth, *kept.values()) if x is not None]
            if not any(_near(wrong, other, question) for other in others):
                kept[name] = wrong
    return kept


def _static(question: Question) -> Instance:
    """A question whose answer stands in its file."""
    options = {option.id: option.text for option in question.options}
    mistakes: dict[str, Truth] = {
        name: mistake.answer
        for name, mistake in question.mistakes.items()
        if mistake.answer is not None
    }
    truth: Truth | None = None
    targets: dict[str, str] = {}
    match question.kind:
        case "single" | "several":
            truth = tuple(o.id for o in question.options if o.right)
            mistakes |= {o.id: (o.id,) for o in question.options if o.because}
        case "order":
            truth = tuple(options)
        case "match":
            truth = {o.id: o.to for o in question.options if o.text}
            targets = {o.to: o.shown or o.to for o in question.options}
            options = {name: text for name, text in options.items() if text}
        case "short":
            truth = tuple(dict.fromkeys(o.text for o in question.options if o.right))
            options = {}  # they are the key
            mistakes |= {o.id: (o.text,) for o in question.options if o.because}
        case "number":
            truth = question.value
        case "layer" | "picture" | "open":
            pass
    return Instance(truth, mistakes=mistakes, options=options, targets=targets)


def _as_options(question: Question, instance: Instance, rng: Random) -> Instance:
    """A computed number and its known mistakes, as things to choose from.

    What an option is called in English is its id: it is what answers are stored as.
    """
    english = find(question.id) if question.language else question
    labels = {
        name: english.label.format(value)
        for name, value in {"": instance.truth, **_apart(question, instance)}.items()
    }
    right = labels.pop("")
    wrong = {name: label for name, label in labels.items() if label != right}
    shown = rng.sample(list(wrong), min(4, len(wrong)))
    mistakes: dict[str, Truth] = {name: (wrong[name],) for name in shown}
    values = {"": instance.truth, **instance.mistakes}
    labels = {right: ""} | {wrong[name]: name for name in shown}
    write = Writer(bank(question.language or ENGLISH))
    options = {
        label: write.fill(question.label, {"": values[name]})
        for label, name in labels.items()
    }
    return replace(instance, truth=(right,), mistakes=mistakes, options=options)


def _shuffled(things: Mapping[str, str], rng: Random) -> tuple[Choice, ...]:
    choices = [Choice(name, label) for name, label in things.items()]
    rng.shuffle(choices)
    return tuple(choices)


@lru_cache(maxsize=512)
def draw_variant(question: str, seed: int, language: str) -> tuple[Posed, AnswerKey]:
    return draw(find(question, language), seed)


def draw(question: Question, seed: int) -> tuple[Posed, AnswerKey]:
    """The variant of a seed: the same on every machine, in every language."""
    rng = Random(f"{question.id}:{seed}")
    instance = TEMPLATES[question.answer](rng) if question.answer else _static(question)
    known = bank(question.language or ENGLISH)
    write = Writer(known)
    values = dict(instance.values)
    told = {**values, **_numbers(instance)}
    in_order = question.kind == "match"  # what is on the left keeps its order
    if question.kind == "single" and isinstance(instance.truth, int | float):
        instance = _as_options(question, instance, rng)
        mistakes = dict(instance.mistakes)
    else:
        mistakes = _apart(question, instance)
        in_order |= question.kind == "single" and bool(question.answer)  # A, B, C
    labels = {name: write.text(label) for name, label in instance.options.items()}
    choices = _shuffled(labels, rng)
    if question.kind == "order" and isinstance(instance.truth, tuple):
        while tuple(choice.id for choice in choices) == instance.truth:
            choices = _shuffled(labels, rng)
    if in_order:
        choices = tuple(Choice(k, v) for k, v in labels.items())
    targets = {name: write.text(label) for name, label in instance.targets.items()}
    because = {o.id: o.because for o in question.options if o.because}
    feedback = because | {name: m.feedback for name, m in question.mistakes.items()}
    feedback |= {"otherwise": question.otherwise} if question.otherwise else {}

    def filled(text: str, known: Mapping[str, object]) -> str:
        return text if question.fixed else write.fill(text, known)

    posed = Posed(
        Variant(question.id, seed),
        question.kind,
        filled(question.ask, values),
        choices,
        _shuffled(targets, rng),
        known.units.get(question.unit, question.unit),
        instance.network,
        instance.reading,
        len(question.hints),
        question.language,
    )
    key = AnswerKey(
        instance.truth,
        mistakes,
        {name: filled(sentence, told) for name, sentence in feedback.items()},
        filled(question.why, told),
        tuple(filled(hint, values) for hint in question.hints),
        tuple(
            m.answer
            for m in question.mistakes.values()
            if m.share >= 1 and isinstance(m.answer, int | float)
        ),
    )
    return posed, key


def _numbers(instance: Instance) -> dict[str, object]:
    """The answer and the mistakes, as placeholders of the feedback."""
    found = {f"as_{name}": value for name, value in instance.mistakes.items()}
    all_of_them = {"truth": instance.truth, **found}
    return {k: v for k, v in all_of_them.items() if isinstance(v, int | float)}


def pose(variant: Variant, language: str = ENGLISH) -> Posed:
    """The shown part of a variant; in English where the language lacks it.

    Raises:
        KeyError: no such question, or no such language.
    """
    return draw_variant(variant.question, variant.seed, language)[0]


def key(variant: Variant, language: str = ENGLISH) -> AnswerKey:
    """What is kept on the server until there is an answer.

    Raises:
        KeyError: no such question, or no such language.
    """
    return draw_variant(variant.question, variant.seed, language)[1]


def solution(posed: Posed, solved: AnswerKey, value: float | None = None) -> list[str]:
    """The answer as Markdown, a line each; `value` is a picture's, from the page."""
    labels = {choice.id: choice.label for choice in posed.choices}
    targets = {choice.id: choice.label for choice in posed.targets}
    truth = solved.truth if value is None else value
    match truth:
        case int() | float():
            also = solved.also if value is None else ()
            write = style(posed.language)
            space = "\u00a0" if posed.unit == "%" else " "
            numbers = [
                f"{_number(x, write)}{space}{posed.unit}" for x in (truth, *also)
            ]
            return [text.strip() for text in numbers]
        case tuple() if posed.kind == "short" and posed.language:
            return [truth[0].strip("*")]  # the others are ways of writing it
        case tuple() if posed.kind == "short":
            return [escape_markdown(word.replace("\\*", "*")) for word in truth]
        case tuple():
            return [labels.get(name, name) for name in truth]
        case None:
            return []
    return [f"{labels[name]}: {targets[to]}" for name, to in truth.items()]


def _number(value: float, write: Style) -> str:
    if isinstance(value, int):
        return write.figures(f"{value:,}")
    return write.figures(f"{value:,.0f}" if abs(value) >= 1e5 else f"{value:.7g}")


def varies(question: str) -> bool:
    """Whether another seed asks something else, not the same in another order."""

    def asked(seed: int) -> tuple[object, ...]:
        posed = pose(Variant(question, seed))
        shown = {choice.label for choice in posed.choices}
        return posed.ask, posed.network, posed.reading, frozenset(shown)

    return len({asked(seed) for seed in range(8)}) > 1
