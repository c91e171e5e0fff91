"""Names in an archive: which letters their bytes are.

A zip says of each name whether it is UTF-8. Many programs do not say it though it is
(macOS), others write the code page of their system (Windows Explorer: 866 in Russia,
932 in Japan). Read as the standard's 437 it gives "¬«Φ¬¿" for "кошки".
"""

from __future__ import annotations

import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from functools import lru_cache

__all__ = ["decoded", "shown"]

_UTF8 = 0x800  # flag: the name is UTF-8
_UNICODE_PATH = 0x7075  # extra field of Info-ZIP: the name once more, in UTF-8

# Code pages of the world's systems, and the script that their letters are of. Of two
# that fit equally well the first is taken.
_PAGES = (
    ("cp866", "CYRILLIC", "Cyrillic"),
    ("cp437", "LATIN", "Western European"),
    ("cp850", "LATIN", "Western European"),
    ("cp1252", "LATIN", "Western European"),
    ("cp1251", "CYRILLIC", "Cyrillic"),
    ("cp932", "JAPANESE", "Japanese"),
    ("gbk", "CJK", "Chinese"),
    ("big5", "CJK", "Chinese"),
    ("cp949", "HANGUL", "Korean"),
    ("cp852", "LATIN", "Central European"),
    ("cp1250", "LATIN", "Central European"),
    ("cp737", "GREEK", "Greek"),
    ("cp1253", "GREEK", "Greek"),
    ("cp862", "HEBREW", "Hebrew"),
    ("cp1255", "HEBREW", "Hebrew"),
    ("cp720", "ARABIC", "Arabic"),
    ("cp1256", "ARABIC", "Arabic"),
    ("koi8_r", "CYRILLIC", "Cyrillic"),
    ("cp857", "LATIN", "Turkish"),
    ("cp1254", "LATIN", "Turkish"),
    ("cp874", "THAI", "Thai"),
)
# Letters outside ASCII by how common they are in names: of two Latin pages that fit,
# the one with the commoner letters is right.
_COMMON = set("äöüßéèêëàâçîïôûùñáíóúåøæÄÖÜÉÅØÆÇÀÑ")
_LESS_COMMON = set("ãõÃÕìòÁÍÓÚœłąęśćńźżóčšřžýůěďťňőűŁŚŻŹČŠŘŽğışİŞĞâțșăîÂÎ")
# The same for scripts whose pages differ in the order of their letters alone.
_FREQUENT = {
    "CYRILLIC": set("оеаинтсрвлкмдпуя"),
    "GREEK": set("αοιετσνηυρπκμλςάίόέή"),
}
_RARE = 0.65  # what other letters of these scripts are worth
# Nearly every byte is a letter in these pages, so anything looks like words in them.
_OTHERS = {"HEBREW": 0.98, "ARABIC": 0.9, "THAI": 0.8}
_NONE = float("-inf")


def decoded(entries: Sequence[zipfile.ZipInfo]) -> tuple[list[str], str]:
    """The entries' paths as they were written, and a sentence if they were guessed.

    All names of an archive were written by one program: those without a sign of their
    own are read with the one code page that fits them best together.
    """
    raw = [_raw(entry) for entry in entries]
    unknown = {data for data in raw if isinstance(data, bytes)}
    page, note = "utf-8", ""
    if not all(_is_utf8(data) for data in unknown):
        page, script = _guess(unknown)
        note = (
            "The file names in this archive do not say which alphabet they are in, and "
            f"were read as {script} ({page}): look at the class names. If they are "
            "wrong, pack the folders with a program that writes UTF-8."
        )
    names = [
        data if isinstance(data, str) else _as(data, page) for data in raw
    ]  # fmt: skip
    return names, note


def _raw(entry: zipfile.ZipInfo) -> str | bytes:
    """The name where the entry says how it is written; otherwise its bytes."""
    if entry.flag_bits & _UTF8:
        return entry.orig_filename
    data = entry.orig_filename.encode("cp437")  # what `zipfile` made its text from
    if data.isascii():
        return data.decode("ascii")
    return _unicode_path(entry.extra, data) or data


def _unicode_path(extra: bytes, name: bytes) -> str:
    """What Info-ZIP's field says, if it is of this very name; otherwise ""."""
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        body, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind != _UNICODE_PATH or len(body) < 5 or body[0] != 1:
            continue
        if struct.unpack("<I", body[1:5])[0] == zlib.crc32(name):
            try:
                return body[5:].decode("utf-8")
            except UnicodeDecodeError:
                return ""
    return ""


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _as(data: bytes, page: str) -> str:
    """In that code page, or in UTF-8, or in 437, which has all bytes."""
    for each in (page, "utf-8"):
        try:
            return data.decode(each)
        except UnicodeDecodeError:
            continue
    return data.decode("cp437")


# --- which code page ------------------------------------------------------------------


def _guess(names: Iterable[bytes]) -> tuple[str, str]:
    """The code page in which the names look most like words, and its script."""
    parts = {part for name in names for part in name.split(b"/") if not part.isascii()}
    best, page, script = _NONE, "cp437", "Western European"
    for codec, letters, called in _PAGES:
        score = sum(_score(part, codec, letters) for part in parts)
        if score > best:
            best, page, script = score, codec, called
    if page == "gbk" and _is_korean(parts):
        return "cp949", "Korean"
    return page, script


def _is_korean(parts: Iterable[bytes]) -> bool:
    """Whether what could be Chinese is all in the third of it that Korean uses.

    Five letters are there by chance in one of ten cases.
    """
    text = "".join(_as(part, "cp949") for part in parts)
    letters = [letter for letter in text if not letter.isascii()]
    return len(letters) >= 5 and all(
        _worth(letter, "cp949", "HANGUL") > 1 for letter in letters
    )


def _score(part: bytes, codec: str, script: str) -> float:
    """How much a name in that code page looks like words: at most 1 for each byte."""
    try:
        text = part.decode(codec)
    except UnicodeDecodeError:
        return _NONE
    score, before = 0.0, " "
    for letter in text:
        if not letter.isascii():
            score += _worth(letter, codec, script)
            if before.isascii() and before.isalpha() and script != "LATIN":
                score -= 1  # two scripts in one word
        elif letter.isalpha() and not before.isascii() and script != "LATIN":
            score -= 1
        if letter.isupper() and before.islower():
            score -= 1
        if letter.isupper() and before.isupper():
            score -= 0.3
        before = letter
    if script == "LATIN" and not any(x.isascii() and x.isalpha() for x in text):
        score *= 0.7  # hardly a Latin word has nothing but letters with accents
    return score


@lru_cache(4_096)
def _worth(letter: str, codec: str, script: str) -> float:
    """How much one letter speaks for a code page."""
    category = unicodedata.category(letter)
    if category[0] not in "LM":
        return 0.0 if category == "Pd" else -3.0
    name = unicodedata.name(letter, "")
    if script == "LATIN":
        if not name.startswith("LATIN"):
            return -2.0
        common = 0.9 if letter in _LESS_COMMON else 0.2
        return 1.0 if letter in _COMMON else common
    if script in ("CJK", "JAPANESE", "HANGUL"):
        return _worth_of_two(letter, name, codec, script)
    if not name.startswith(script):
        return -2.0
    if (frequent := _FREQUENT.get(script)) is None:
        return 0.3 if script == "HEBREW" and category == "Mn" else _OTHERS[script]
    return 1.0 if letter.lower() in frequent else _RARE


def _worth_of_two(letter: str, name: str, codec: str, script: str) -> float:
    """The same of a letter of two bytes; rare ones are seldom in anyone's names."""
    lead = letter.encode(codec)[0]
    if name.startswith(("HIRAGANA", "KATAKANA")):
        return 2.0 if script == "JAPANESE" else -2.0
    if name.startswith("HALFWIDTH"):
        return -1.0
    if name.startswith("HANGUL"):
        return 1.9 if script == "HANGUL" and 0xB0 <= lead <= 0xC8 else -1.0
    if not name.startswith("CJK") or script == "HANGUL":
        return -2.0
    first, second = {  # lead bytes of the common characters, then of the others
        "gbk": (range(0xB0, 0xD8), range(0xD8, 0xF8)),
        "big5": (range(0xA4, 0xC7), range(0xC9, 0xFA)),
        "cp932": (range(0x88, 0x98), range(0x98, 0xEB)),
    }[codec]
    if codec == "gbk" and letter.encode(codec)[1] < 0xA1:
        return -1.0
    return 2.0 if lead in first else 0.6 if lead in second else -1.0


# --- as they are shown ----------------------------------------------------------------


def shown(name: str) -> str:
    """A name as it was written, on one line: no control characters, no double spaces.

    Letters that are put together from several (macOS: A and ¨) become one.
    """
    composed = unicodedata.normalize("NFC", name)
    one_line = "".join(
        " " if unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") else letter
        for letter in composed
    )
    return re.sub(r"\s+", " ", one_line).strip()
