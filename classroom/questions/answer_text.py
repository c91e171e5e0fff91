"""An answer in words, as the student saw it: no ids, no JSON."""

from __future__ import annotations

import json

from classroom.content import rich
from classroom.questions.bank import find, is_known
from classroom.questions.grading import Answer
from classroom.questions.question_files import ENGLISH
from classroom.questions.variants import Posed, Variant, pose


def lines(posed: Posed, answer: Answer) -> list[str]:
    """An answer as it was given, a line each; nothing of nothing."""
    labels = {
        one.id: rich.words_of(one.label) for one in (*posed.choices, *posed.targets)
    }

    def label(one: object) -> str:
        return labels.get(str(one), str(one))

    match answer:
        case None:
            return []
        case {"text": text, "points": list(points)}:  # judged by who wrote it
            shown = _points(posed)
            return [str(text), *(f"✓ {shown.get(x, x)}" for x in points)]
        case {"text": text}:
            return [str(text)]
        case dict():
            return [f"{label(one)}: {label(to)}" for one, to in answer.items()]
        case list() if posed.kind == "order":
            return [f"{at}. {label(one)}" for at, one in enumerate(answer, 1)]
        case list():
            return [label(one) for one in answer]
    return [label(answer)]


def _points(posed: Posed) -> dict[str, str]:
    """A model answer's points as they are kept, in English: as they are shown."""
    name = posed.variant.question
    if not is_known(name):
        return {}
    shown = find(name, posed.language or ENGLISH).points
    return dict(zip(find(name).points, shown, strict=True))


def given(question: str, seed: int, answer: Answer) -> str:
    """An answer to a variant as one text; as plain text where the question is gone."""
    if answer is None:
        return ""
    if is_known(question):
        return "\n".join(lines(pose(Variant(question, seed)), answer))
    if isinstance(answer, dict) and "text" in answer:
        return str(answer["text"])
    if isinstance(answer, list):
        return "\n".join(map(str, answer))
    return answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
