"""Passwords and names of accounts: which are taken, and how passwords are kept.

Argon2id (RFC 9106) with that document's second recommended option: 64 MiB and three
passes for each hash. A flood of sign-ins cannot take more memory than `AT_ONCE` hashes
need: the others wait, and are turned away after `PATIENCE` seconds.
"""

from __future__ import annotations

import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

SHORTEST, LONGEST = 12, 1024  # characters of a password
LONGEST_NAME = 80
AT_ONCE = 2
PATIENCE = 10.0

hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
_places = threading.BoundedSemaphore(AT_ONCE)


class AccountRefused(ValueError):
    """A name or password was refused; the message is one sentence for the visitor."""


def name(typed: str) -> str:
    """A name as it is kept: one line, single spaces.

    Raises:
        AccountRefused: it is empty, too long, or has invisible characters.
    """
    kept = " ".join(unicodedata.normalize("NFC", typed).split())
    if not kept:
        raise AccountRefused("Type a name.")
    if len(kept) > LONGEST_NAME:
        raise AccountRefused(f"A name has at most {LONGEST_NAME} characters.")
    if any(unicodedata.category(letter).startswith("C") for letter in kept):
        raise AccountRefused(
            "The name has a character that cannot be seen: type it again."
        )
    return kept


def check(password: str, again: str) -> None:
    """Whether it can be a password: its length counts, not its characters.

    Raises:
        AccountRefused: it is too short or too long, or the second is another.
    """
    length = len(_typed(password))
    if length < SHORTEST:
        raise AccountRefused(
            f"A password has at least {SHORTEST} characters; this has fewer."
        )
    if length > LONGEST:
        raise AccountRefused(
            f"A password has at most {LONGEST:,} characters; this has more."
        )
    if _typed(password) != _typed(again):
        raise AccountRefused("The two passwords differ: type the same one twice.")


def digest(password: str) -> str:
    """The hash of a password, to be stored.

    Raises:
        AccountRefused: too many are signing in just now.
    """
    with _place():
        return hasher.hash(_typed(password))


def is_right(password: str, kept: str | None) -> bool:
    """Whether it matches the hash; equally slow for an account that does not exist.

    Raises:
        AccountRefused: too many are signing in just now.
    """
    nobodys = _nobodys(hasher)
    if len(password) > LONGEST * 4:  # no password: what is typed is not hashed for long
        password = ""
    with _place():
        try:
            hasher.verify(kept or nobodys, _typed(password))
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None


def is_old(kept: str) -> bool:
    """Whether it was made with other parameters than today's."""
    return hasher.check_needs_rehash(kept)


@cache
def _nobodys(_: PasswordHasher) -> str:
    """What today's hasher makes of a password that no account has."""
    return digest(secrets.token_urlsafe(32))


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(timeout=PATIENCE):
        raise AccountRefused("Too many are signing in just now: try again in a minute.")
    try:
        yield
    finally:
        _places.release()


def _typed(password: str) -> str:
    """The same characters whatever the keyboard makes of an accent."""
    return unicodedata.normalize("NFC", password)
