"""From files to classes: which folders are classes, and which only hold them.

    animals.zip
      animals/            folders round everything are seen through
        train/            a division is kept: training, validation, test
          cat/  1.jpg 2.jpg
          dog/  a.png deeper/b.png
        valid/ ...

Folders that all hold the same folders are never classes: those inside are.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from lab.datasets.archive import MAX_DEPTH, ArchiveFile
from lab.datasets.dataset import DataRefused

__all__ = ["ClassFile", "SortedFiles", "is_archive", "sort"]

MAX_CLASSES = 100
MIN_CLASSES = 2

Part = Literal["", "train", "validation"]

_TRAIN = {"train", "training", "trainset", "traindata", "trn", "entrenamiento",
          "entrainement", "apprentissage", "treino", "addestramento"}  # fmt: skip
_VALIDATION = {"validation", "valid", "val", "dev", "eval", "evaluation", "validierung",
               "valset", "validacion", "validazione", "validacao"}  # fmt: skip
_TEST = {"test", "testing", "tests", "testset", "testdata", "holdout", "prueba",
         "pred", "predict", "prediction"}  # fmt: skip
# What else may stand in the name of a part of a division: training_set, seg_train.
_FILLERS = {"set", "sets", "data", "dataset", "images", "image", "imgs", "img", "pics",
            "pictures", "photos", "folder", "split", "seg", "daten", "bilder", "the",
            "new", "final", "small", "full", "sample", "samples"}  # fmt: skip
_SYSTEM = {"__macosx", "thumbs.db", "desktop.ini", "ehthumbs.db"}
# Endings of files that cannot be an image: no folder is a class because of them.
_NO_IMAGES = {"txt", "md", "csv", "json", "xml", "yaml", "yml", "pdf", "doc", "docx",
              "xls", "xlsx", "py", "ipynb", "html", "htm", "log", "ini", "db", "zip",
              "rar", "7z", "gz", "tar", "npy", "npz", "mat", "pkl", "h5"}  # fmt: skip

SYSTEM_REASON = "It belongs to the operating system, not to the class."
LINK_REASON = "A link leads elsewhere and is not followed."
LOOSE_REASON = "It lies in no class folder."
NESTED_REASON = "It is an archive in the archive: unpack it, and pack its folders."


@dataclass(frozen=True)
class ClassFile:
    """A file of a class, not yet read."""

    file: ArchiveFile
    label: int
    part: Part


@dataclass(frozen=True)
class SortedFiles:
    """Files sorted into classes."""

    classes: tuple[str, ...]
    members: tuple[ClassFile, ...]
    left_out: dict[str, str] = field(default_factory=dict)  # file -> why
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Placed:
    """A file, and where it is below the folders that were seen through."""

    file: ArchiveFile
    path: tuple[str, ...]
    part: Part = ""


def sort(files: Iterable[ArchiveFile]) -> SortedFiles:
    """Finds the class folders.

    Raises:
        DataRefused: there are none, or too many, or they lie too deep.
    """
    left_out: dict[str, str] = {}
    placed: list[_Placed] = []
    for file in files:
        if _is_system(file.path):
            if not file.is_folder and file.path:
                left_out[file.name] = SYSTEM_REASON
        elif file.is_link:
            left_out[file.name] = LINK_REASON
        else:
            placed.append(_Placed(file, file.path))
    for each in placed:
        if len(each.path) - (not each.file.is_folder) > MAX_DEPTH:
            raise DataRefused(
                f"Folders may lie {MAX_DEPTH} deep and these are deeper; put the class "
                "folders at the top."
            )
    placed = _unwrapped(placed, left_out)
    placed, notes = _divided(placed, left_out)
    placed, found = _same_folders_within(placed, left_out)
    notes += found
    return _classes(placed, left_out, notes)


def _is_system(path: tuple[str, ...]) -> bool:
    return not path or any(
        part.startswith(".") or part.casefold() in _SYSTEM for part in path
    )


# --- folders round the classes --------------------------------------------------------


def _is_inside(each: _Placed) -> bool:
    return len(each.path) > 1 or each.file.is_folder


def _may_be_image(each: _Placed) -> bool:
    """Whether the file may be an image, by its name alone."""
    if each.file.is_folder:
        return False
    return each.path[-1].rpartition(".")[2].casefold() not in _NO_IMAGES


def is_archive(name: str) -> bool:
    """Whether a file is an archive of files, by its name."""
    return bool(re.search(r"\.(zip|rar|7z|tar|t?gz)$", name, re.IGNORECASE))


def _leave(placed: Iterable[_Placed], why: str, left_out: dict[str, str]) -> None:
    for each in placed:
        if not each.file.is_folder:
            nested = re.search(
                r"\.(zip|rar|7z|tar|t?gz)$", each.path[-1], re.IGNORECASE
            )
            left_out[each.file.name] = NESTED_REASON if nested else why


def _unwrapped(placed: list[_Placed], left_out: dict[str, str]) -> list[_Placed]:
    """Without folders that alone hold images, and hold them in folders of their own.

    What lies beside such a folder (a licence, annotations) is left out.
    """
    while True:
        tops = {each.path[0] for each in placed if _is_inside(each)}
        full = {x.path[0] for x in placed if len(x.path) > 1 and _may_be_image(x)}
        only = full if len(full) == 1 else tops
        if len(only) != 1:
            return placed
        (top,) = only
        within = [x for x in placed if x.path[0] == top and len(x.path) > 1]
        if not any(len(x.path) > 2 or x.file.is_folder for x in within):
            return placed
        _leave((x for x in placed if x.path[0] != top), LOOSE_REASON, left_out)
        placed = [replace(x, path=x.path[1:]) for x in within]


# --- a division into parts ------------------------------------------------------------


def _words(name: str) -> list[str]:
    """training_set2 -> training, set."""
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", name)
    return [word for word in re.split(r"[\W\d_]+", spaced.casefold()) if word]


def _part_of(folder: str) -> Literal["", "train", "validation", "test"]:
    """Which part of a division a folder's name says it is; "" if none."""
    words = set(_words(folder))
    for part, known in (
        ("train", _TRAIN),
        ("validation", _VALIDATION),
        ("test", _TEST),
    ):
        if words & known and words <= known | _FILLERS:
            return part  # type: ignore[return-value]
    return ""


def _tops(placed: Iterable[_Placed]) -> dict[str, list[_Placed]]:
    """What lies in each folder."""
    found: dict[str, list[_Placed]] = defaultdict(list)
    for each in placed:
        if _is_inside(each):
            found[each.path[0]].append(each)
    return found


def _divided(
    placed: list[_Placed], left_out: dict[str, str]
) -> tuple[list[_Placed], list[str]]:
    """Folders of a division taken off, and each file marked with the part it was in."""
    tops = _tops(placed)
    parts = {top: _part_of(top) for top in tops}
    full = {top for top, inside in tops.items() if any(map(_may_be_image, inside))}
    named = {parts[top] for top in tops}
    # Beside a division's class folders, a folder of loose images is no class.
    deep = {top for top in full if any(len(x.path) > 2 for x in tops[top])}
    are_parts = all(parts[top] for top in deep or full)
    if "train" in named and (named - {"train", ""}) and are_parts:
        return _outer(placed, tops, parts, left_out)
    inner = [{x.path[1] for x in inside if len(x.path) > 2} for inside in tops.values()]
    if tops and all(folders and all(_part_of(x) for x in folders) for folders in inner):
        return _inner(placed, left_out)
    return placed, []


def _outer(
    placed: list[_Placed],
    tops: dict[str, list[_Placed]],
    parts: dict[str, Literal["", "train", "validation", "test"]],
    left_out: dict[str, str],
) -> tuple[list[_Placed], list[str]]:
    """train/cat, valid/cat: the parts are outside."""
    _leave((x for x in placed if x.path[0] not in tops), LOOSE_REASON, left_out)
    found: list[_Placed] = []
    used: dict[str, str] = {}
    for top, inside in tops.items():
        below = [replace(x, path=x.path[1:]) for x in inside if len(x.path) > 1]
        below = _unwrapped(below, left_out) if below else below
        loose = [x for x in below if not _is_inside(x)]
        # Beside images there may be folders of labels or masks in other formats.
        full = {x.path[0] for x in below if _is_inside(x) and _may_be_image(x)}
        if len(full) == 1 and _part_of(*full):  # test/test/1.png: no classes
            full = set()
        outside = [x for x in below if not parts[top] or x.path[0] not in full]
        _leave([*loose, *outside], LOOSE_REASON, left_out)
        below = [x for x in below if parts[top] and x.path[0] in full and _is_inside(x)]
        if not below:
            continue
        part: Part = "train" if parts[top] == "train" else "validation"
        if any(map(_may_be_image, below)):
            used[top] = part
        found += [replace(x, part=part) for x in below]
    if "train" not in used.values():
        named = ", ".join(f"“{top}”" for top in sorted(tops))
        raise DataRefused(
            f"The folders {named} are parts of a division and hold no class folders; "
            "put the images of each class in a folder with its name, in each of them."
        )
    if "validation" not in used.values():
        return [replace(x, part="") for x in found], [
            "Only the training part holds class folders, so the lab divides it itself."
        ]
    return _alike_across(found), [_division_note(used)]


def _inner(
    placed: list[_Placed], left_out: dict[str, str]
) -> tuple[list[_Placed], list[str]]:
    """cat/train, cat/valid: the parts are inside."""
    found, used = [], {}
    for each in placed:
        if len(each.path) < 3:
            _leave([each], LOOSE_REASON, left_out)
            continue
        part: Part = "train" if _part_of(each.path[1]) == "train" else "validation"
        used[each.path[1]] = part
        found.append(replace(each, path=(each.path[0], *each.path[2:]), part=part))
    if len(set(used.values())) < 2:
        return [replace(x, part="") for x in found], []
    return found, [_division_note(used)]


def _division_note(used: Mapping[str, str]) -> str:
    def named(part: str) -> str:
        return " and ".join(f"“{top}”" for top, of in used.items() if of == part)

    return (
        f"The division of the folders was kept: {named('train')} to train on, "
        f"{named('validation')} to validate."
    )


def _alike_across(placed: list[_Placed]) -> list[_Placed]:
    """train/Cat and valid/cat are one class: no part has both."""
    names: dict[Part, set[str]] = defaultdict(set)
    for each in placed:
        names[each.part].add(each.path[0])
    known = {_folded(name): name for name in sorted(names["train"], reverse=True)}
    twice = len(known) < len(names["train"])  # they differ in that alone
    return [
        each
        if each.part == "train" or each.path[0] in names["train"] or twice
        else replace(
            each,
            path=(known.get(_folded(each.path[0]), each.path[0]), *each.path[1:]),
        )
        for each in placed
    ]


def _folded(name: str) -> str:
    return " ".join(re.split(r"[\s_-]+", name.casefold())).strip()


def _same_folders_within(
    placed: list[_Placed], left_out: dict[str, str]
) -> tuple[list[_Placed], list[str]]:
    """Folders that all hold the same folders taken off: the classes are inside."""
    if any(each.part for each in placed):
        return placed, []
    tops = {top: x for top, x in _tops(placed).items() if any(map(_may_be_image, x))}
    inner = [
        {x.path[1] for x in inside if len(x.path) > 2 and _may_be_image(x)}
        for inside in tops.values()
    ]
    same = len(inner) > 1 and all(len(x) > 1 and x == inner[0] for x in inner)
    loose = any(
        len(x.path) == 2 and _may_be_image(x)
        for inside in tops.values()
        for x in inside
    )
    if not same or loose:
        return placed, []
    for each in placed:
        if len(each.path) < 3 or each.path[0] not in tops:
            _leave([each], LOOSE_REASON, left_out)
    named = ", ".join(f"“{top}”" for top in sorted(tops))
    return [
        replace(x, path=x.path[1:])
        for x in placed
        if len(x.path) > 2 and x.path[0] in tops
    ], [
        f"The folders {named} all hold the same folders, so those inside were taken as "
        "the classes, and their images put together."
    ]


# --- the classes ----------------------------------------------------------------------


def _classes(
    placed: list[_Placed], left_out: dict[str, str], notes: Sequence[str]
) -> SortedFiles:
    """What remains on top are the classes."""
    _leave((x for x in placed if not _is_inside(x)), LOOSE_REASON, left_out)
    inside = [each for each in placed if _is_inside(each)]
    names = tuple(sorted({each.path[0] for each in inside}))
    if len(names) < MIN_CLASSES:
        found = f"there is one (“{names[0]}”)" if names else "there is none"
        nested = sorted(x for x, why in left_out.items() if why == NESTED_REASON)
        if nested:
            raise DataRefused(
                f"Two class folders or more are needed and {found}; there are archives "
                f"in the archive ({', '.join(nested[:3])}): unpack them, and pack the "
                "class folders once."
            )
        raise DataRefused(
            f"Two class folders or more are needed and {found}; put the images of "
            "each class in a folder with its name."
        )
    if len(names) > MAX_CLASSES:
        raise DataRefused(
            f"Up to {MAX_CLASSES} class folders are read and there are "
            f"{len(names):,}; take fewer."
        )
    labels = {name: label for label, name in enumerate(names)}
    members = [
        ClassFile(each.file, labels[each.path[0]], each.part)
        for each in inside
        if not each.file.is_folder
    ]
    # A part's images come first where the same one is in both: it is kept there.
    members.sort(key=lambda member: member.part == "validation")
    return SortedFiles(names, tuple(members), left_out, (*notes, *_near(names)))


def _near(names: Sequence[str]) -> list[str]:
    """That classes were kept apart whose names differ in capitals or spaces alone."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name in names:
        groups[" ".join(name.casefold().split())].append(name)
    return [
        f"The classes {' and '.join(f'“{x}”' for x in group)} differ in capital "
        "letters only and were kept apart; rename one of them if they are the same."
        for group in groups.values()
        if len(group) > 1
    ]
