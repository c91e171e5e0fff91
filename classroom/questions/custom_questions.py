"""Custom questions of an instructor, and the whole bank as a file for Moodle."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Hashable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

import clock
from classroom.content import rich
from classroom.escape import escape_markdown
from classroom.people.roles import Instructor, NotAllowed
from classroom.questions import gift
from classroom.questions.bank import bank, is_known, remember
from classroom.questions.gift import GiftChoice, GiftItem, GiftRefused, Near
from classroom.questions.question_files import (
    LONGEST_TITLE,
    Bank,
    Mistake,
    Option,
    Question,
)
from classroom.questions.variants import AnswerKey, Posed, draw
from store.database import Database, shared
from store.questions import Questions, StoredQuestion

TOPIC = "own"
MOST = 2_000  # questions of one instructor

# The database that is asked. A test puts another one here.
database: Callable[[], Database] = shared


@dataclass(frozen=True)
class CustomQuestion:
    """A question that an instructor brought."""

    id: str
    item: GiftItem
    step: str
    made: float
    file: str = ""  # what it came in


def mine(who: Instructor) -> list[CustomQuestion]:
    """The instructor's questions, in the order in which they came."""
    return [_custom(row) for row in Questions(database()).of_account(who.account)]


def _custom(row: StoredQuestion) -> CustomQuestion:
    data = row.data
    return CustomQuestion(
        row.id, _item(data["item"]), data["step"], row.made, data.get("file", "")
    )


def _item(data: dict[str, Any]) -> GiftItem:
    return GiftItem(
        **data
        | {
            "choices": tuple(GiftChoice(**x) for x in data["choices"]),
            "nears": tuple(Near(**x) for x in data["nears"]),
            "points": tuple(data["points"]),
        }
    )


def read(data: bytes) -> gift.Read:
    """What a file of questions holds; nothing is kept.

    Raises:
        GiftRefused: it is not read at all.
    """
    words = bank().custom
    return gift.read(
        data,
        gift.TrueFalse(words["true"], words["false"]),
        words["picture"],
        words["unnamed"],
    )


@dataclass(frozen=True)
class Added:
    """What became of questions that were to be kept."""

    kept: int
    there: int  # were there already, or twice among them, and are kept once


def same(item: GiftItem) -> Hashable:
    """What makes two questions the same: what is asked, and the answers to it."""
    return (
        item.kind,
        _loose(item.ask),
        frozenset((_loose(c.text), c.right, _loose(c.to)) for c in item.choices),
        item.value,
        item.within,
    )


def _loose(text: str) -> str:
    return " ".join(rich.words(text).split()).casefold()


def new_ones(who: Instructor, items: Iterable[GiftItem]) -> list[bool]:
    """For each question whether it is new: neither kept already nor before it there."""
    seen = {same(one.item) for one in mine(who)}
    found = []
    for item in items:
        key = same(item)
        found.append(key not in seen)
        seen.add(key)
    return found


def add(who: Instructor, items: Iterable[GiftItem], step: str, file: str = "") -> Added:
    """Keeps questions that are not kept yet.

    Args:
        step: the lesson's step that teaches those whose category names none.
        file: what they came in.

    Raises:
        GiftRefused: they would be too many.
        ValueError: no such step.
    """
    steps = bank().steps
    if step not in steps:
        raise ValueError(f"A step is one of {', '.join(steps)}. Received: {step!r}")
    questions, all_of = Questions(database()), list(items)
    fresh = new_ones(who, all_of)
    new = [item for item, is_new in zip(all_of, fresh, strict=True) if is_new]
    if (have := questions.count(who.account)) + len(new) > MOST:
        raise GiftRefused(
            f"At most {MOST:,} questions of one's own are kept. You have {have:,}, "
            f"and these are {len(new):,} more: delete some first."
        )
    rows = [
        (_name(x), _data(x, gift.step_of(x.category, steps) or step, file)) for x in new
    ]
    questions.add(who.account, rows, clock.now())
    return Added(len(new), len(all_of) - len(new))


def _data(item: GiftItem, step: str, file: str) -> dict[str, Any]:
    return {"item": asdict(item), "step": step, "file": file[:200]}


def checked(item: GiftItem) -> GiftItem:
    """A question that was written in the app, if a file's would be read so.

    Raises:
        GiftRefused: what is wrong with it.
    """
    if not item.ask.strip():
        raise GiftRefused("A question asks something: its text is empty.")
    found = read(gift.write([replace(item, category="")]).encode())
    if found.problems:
        raise GiftRefused(f"The question cannot be asked so: {found.problems[0].what}.")
    (written,) = found.items
    if written.kind != item.kind:  # such as a choice with one answer left
        raise GiftRefused("A question with choices needs two answers or more.")
    return replace(written, category=item.category)


def with_numbers(item: GiftItem, nears: Iterable[Near]) -> GiftItem:
    """A question with these numbers; the first that is fully right is its own.

    Raises:
        GiftRefused: none is.
    """
    known = list(nears)
    right = next((near for near in known if near.share >= gift.FULL), None)
    if right is None:
        raise GiftRefused("One of the numbers has to be fully right, with 100 %.")
    known.remove(right)
    why = "\n\n".join(dict.fromkeys(x for x in (right.say, item.why) if x))
    return replace(
        item, value=right.value, within=right.within, nears=tuple(known), why=why
    )


def number(text: str) -> tuple[float, float]:
    """A typed number and how far one may be off.

    Raises:
        GiftRefused: it is none.
    """
    try:
        return gift.number(text)
    except gift.Wrong as wrong:
        raise GiftRefused(str(wrong)) from wrong


def replace_with(who: Instructor, question: str, item: GiftItem, step: str) -> str:
    """Puts a question in another's place; returns its id.

    A question never changes, since results tell what was asked: who has answered the
    old one, or is asked it in a test, keeps it.

    Raises:
        NotAllowed: there is no such question of theirs.
        ValueError: no such step.
    """
    if step not in bank().steps:
        raise ValueError(f"A step is one of {', '.join(bank().steps)}. Not: {step!r}")
    old = next((one for one in mine(who) if one.id == question), None)
    if old is None:
        raise NotAllowed("There is no such question of yours.")
    name = _name(item)
    questions = Questions(database())
    data = _data(item, step, old.file)
    if not questions.replace(who.account, question, (name, data), clock.now()):
        raise NotAllowed("There is no such question of yours.")
    return name


def _name(item: GiftItem) -> str:
    """A new unique id that begins with the question's name."""
    words = re.sub(r"[^a-z0-9]+", "-", item.name.lower())[:22].strip("-")
    return "-".join(x for x in (TOPIC, words, secrets.token_hex(5)) if x)


def remove(who: Instructor, *questions: str) -> int:
    """Withdraws questions; those answered stay in results. Returns how many.

    Raises:
        NotAllowed: one of them is another's, or gone; none is removed.
    """
    if not set(questions) <= {one.id for one in mine(who)}:
        raise NotAllowed("There is no such question of yours.")
    rows, now = Questions(database()), clock.now()
    return sum(rows.remove(who.account, name, now) for name in questions)


# --- beside the bank ------------------------------------------------------------------


def bank_of(class_id: str, retired: bool = False) -> Bank:
    """The bank with the questions of the class's instructor as a topic of its own.

    Args:
        retired: with those that are asked no more, for results.
    """
    known = bank()
    if retired:
        known = replace(known, questions=known.every)
    rows = Questions(database()).of_class(class_id, retired)
    found = {row.id: as_question(_custom(row)) for row in rows}
    if not found:
        return known
    remember(found.values())
    return replace(
        known,
        questions={**known.questions, **found},
        topics={**known.topics, TOPIC: known.custom["title"]},
    )


def learn(class_id: str, names: Iterable[str]) -> None:
    """Makes the class's custom questions known to this process, if any is not yet.

    Those that are asked no more are learnt, too: they may have been answered.
    """
    if not all(is_known(name) for name in names):
        bank_of(class_id, retired=True)


def as_question(custom: CustomQuestion) -> Question:
    """The question, as the bank has them: its texts are Markdown."""
    item, words = custom.item, bank().custom
    essay = item.kind == "open"
    put = rich.markdown if item.rich else escape_markdown
    return Question(
        id=custom.id,
        topic=TOPIC,
        kind=item.kind,
        step=custom.step,
        ask=put(item.ask),
        why=put(item.why) or (words["no_model"] if essay else ""),
        hints=(),
        title=" ".join((item.name or item.ask).split())[:LONGEST_TITLE],
        options=tuple(
            Option(
                str(number),
                choice.text if item.kind == "short" else put(choice.text),
                choice.right,
                put(choice.say),
                choice.to,
                put(choice.to),
                None if choice.share is None else choice.share / gift.FULL,
            )
            for number, choice in enumerate(item.choices, 1)
        ),
        value=item.value,
        within=item.within,
        mistakes={
            f"wrong {near.value:g}"
            if number == 1
            else f"wrong {near.value:g} {number}": (
                Mistake(put(near.say), near.value, near.share / gift.FULL, near.within)
            )
            for number, near in enumerate(item.nears, 1)
            if near.say or near.share
        },
        points=tuple(map(put, item.points)) or ((words["point"],) * essay),
        otherwise=put(item.otherwise),
        fixed=True,
        language="",
    )


# --- out to Moodle --------------------------------------------------------------------


@dataclass(frozen=True)
class Exported:
    """A GIFT file, and what GIFT has no way to ask."""

    text: str
    questions: int
    left_out: tuple[str, ...]  # questions of the bank


def export(who: Instructor, seed: int) -> Exported:
    """The bank and the instructor's questions; numbers are drawn by the seed."""
    known = bank()
    items: list[GiftItem] = []
    left_out: list[str] = []
    for question in known.questions.values():
        topic = known.topics[question.topic].replace("/", " ")
        item = as_item(question, seed, f"AlexNet Lab/{topic}/{question.step}")
        if item is None:
            left_out.append(question.id)
        else:
            items.append(item)
    for custom in mine(who):
        topic = known.custom["title"]
        items.append(
            replace(custom.item, category=f"AlexNet Lab/{topic}/{custom.step}")
        )
    comments = [f"AlexNet Lab's questions; numbers are drawn by the seed {seed}."]
    if left_out:
        named = ", ".join(known.questions[name].title for name in left_out)
        comments.append(f"GIFT cannot ask these: {named}.")
    return Exported(gift.write(items, comments), len(items), tuple(left_out))


def as_item(question: Question, seed: int, category: str = "") -> GiftItem | None:
    """One variant of a question; None: GIFT has no such kind."""
    item = _as_item(question, seed, category)
    return item and gift.normal(item)


def _as_item(question: Question, seed: int, category: str) -> GiftItem | None:
    posed, solved = draw(question, seed)
    item = GiftItem(
        question.id, "open", posed.ask, solved.why, category=category, rich=True,
        otherwise=question.otherwise,
    )  # fmt: skip
    match question.kind:
        case "single" | "several":
            choices = _choices(posed, solved)
            return replace(item, kind=question.kind, choices=choices)
        case "match":
            assert isinstance(solved.truth, dict)
            labels = {choice.id: choice.label for choice in posed.targets}
            pairs = tuple(
                GiftChoice(choice.label, to=labels[solved.truth[choice.id]])
                for choice in posed.choices
            )
            return replace(item, kind="match", choices=pairs)
        case "short":
            words = tuple(
                GiftChoice(
                    option.text,
                    option.right,
                    option.because,
                    share=None if option.share is None else option.share * gift.FULL,
                )
                for option in question.options
            )
            return replace(item, kind="short", choices=words)
        case "order":
            assert isinstance(solved.truth, tuple)
            place = {name: str(at) for at, name in enumerate(solved.truth, 1)}
            pairs = tuple(GiftChoice(c.label, to=place[c.id]) for c in posed.choices)
            ask = f"{posed.ask} {bank().custom['place']}"
            return replace(item, kind="match", ask=ask, choices=pairs)
        case "number":
            return _number(item, question, solved)
        case "open":
            return replace(item, points=question.points)
    return None


def _choices(posed: Posed, solved: AnswerKey) -> tuple[GiftChoice, ...]:
    assert isinstance(solved.truth, tuple)
    feedback = {
        name: solved.feedback.get(mistake, "")
        for mistake, names in solved.mistakes.items()
        if isinstance(names, tuple)
        for name in names
    }
    return tuple(
        GiftChoice(
            choice.label,
            choice.id in solved.truth,
            "" if choice.id in solved.truth else feedback.get(choice.id, ""),
        )
        for choice in posed.choices
    )


def _share(question: Question, mistake: str) -> float:
    known = question.mistakes.get(mistake)
    return known.share if known else 0.0


def _number(item: GiftItem, question: Question, solved: AnswerKey) -> GiftItem:
    def within(value: float) -> float:
        return max(question.tolerance * abs(value), question.within)

    assert isinstance(solved.truth, int | float)
    ask = f"{item.ask} ({question.unit})" if question.unit else item.ask
    return replace(
        item,
        kind="number",
        ask=ask,
        value=float(solved.truth),
        within=within(solved.truth),
        nears=tuple(
            Near(
                float(wrong),
                within(wrong),
                solved.feedback.get(name, ""),
                gift.FULL * _share(question, name),
            )
            for name, wrong in solved.mistakes.items()
            if isinstance(wrong, int | float)
        ),
    )
