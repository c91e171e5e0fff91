"""Which people of a school's OpenID Connect are instructors: a setting lists them.

ALEXNET_INSTRUCTORS has e-mail addresses, @domains, or subjects (issuer|subject),
separated by commas. An address counts only where the school says that it has verified
it; whose school does not say so is named by the subject.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from classroom.people.roles import NotAllowed

SETTING = "ALEXNET_INSTRUCTORS"
FRESH = 600.0  # seconds for which what the school said may be turned into a sign-in
AMISS = 120.0  # seconds by which its clock may differ from ours


@dataclass(frozen=True)
class Person:
    """A person, by the claims of the school's identity token."""

    issuer: str
    subject: str
    email: str
    verified: bool
    name: str
    issued: float
    ends: float

    def key(self) -> str:
        """What no other person of any school has: issuer|subject."""
        return f"{self.issuer}|{self.subject}"

    def verified_email(self) -> str | None:
        """The address, in small letters, if the school has verified it."""
        return self.email.casefold() if self.verified and self.email else None

    def shown(self) -> str:
        """The name of the account. People choose their names, but not this address."""
        return (self.verified_email() or self.name or self.subject)[:100]


def person(claims: Mapping[str, Any]) -> Person | None:
    """The person of an identity token; None if a required claim is missing."""
    issuer, subject = claims.get("iss"), claims.get("sub")
    issued, ends = claims.get("iat"), claims.get("exp")
    if not (
        isinstance(issuer, str) and isinstance(subject, str) and issuer and subject
    ):
        return None
    if len(f"{issuer}|{subject}") > 512:
        return None
    if not (isinstance(issued, int | float) and isinstance(ends, int | float)):
        return None
    email, name = claims.get("email"), claims.get("name")
    return Person(
        issuer,
        subject,
        email if isinstance(email, str) and len(email) <= 254 else "",
        claims.get("email_verified") is True,
        _printable_line(name) if isinstance(name, str) else "",
        float(issued),
        float(ends),
    )


def _printable_line(text: str) -> str:
    """One line, without invisible characters."""
    seen = (x for x in text if x.isspace() or unicodedata.category(x)[0] != "C")
    return " ".join("".join(seen).split())


def is_listed(key: str, verified_email: str | None) -> bool:
    """Whether the setting names the subject, the address, or the address's domain."""
    items = [x.strip() for x in os.environ.get(SETTING, "").split(",")]
    if key in items:
        return True
    if verified_email is None or verified_email.count("@") != 1:
        return False
    domain = verified_email[verified_email.index("@") :]
    return bool({verified_email, domain} & {x.casefold() for x in items if "@" in x})


def check(who: Person, now: float) -> None:
    """Whether they may sign in as an instructor.

    Raises:
        NotAllowed: with the sentence for them.
    """
    if now > who.ends + AMISS or abs(now - who.issued) > FRESH + AMISS:
        raise NotAllowed("Your school's answer is too old: sign in with it again.")
    if is_listed(who.key(), who.verified_email()):
        return
    if who.email and not who.verified:
        raise NotAllowed(
            f"Your school does not say that {who.email} is yours, and an instructor's "
            "address has to be verified."
        )
    raise NotAllowed(
        f"{who.email or who.name or 'Your name'} is not on this lab's list of "
        "instructors; students need no sign-in."
    )
