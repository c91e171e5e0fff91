"""Instructors' accounts: sign-in by name and password, sessions, set-up links.

A page checks name and password and makes a ticket (`sign_in`); the browser that typed
them changes it for a cookie (`redeem`), which alone says who it is from then on
(`instructor`). Every token is random, and the database has its SHA-256 only.

`python -m classroom.accounts` is for the server's machine (`classroom.accounts`).
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import uuid
from contextlib import suppress
from dataclasses import dataclass
from math import ceil

import clock
from classroom.people import passwords, school
from classroom.people.passwords import AccountRefused
from classroom.people.roles import Instructor, NotAllowed
from store import accounts as stored
from store.accounts import Accounts, StoredAccount
from store.database import DatabaseAway, shared

TRIES, WITHIN = 10, 15 * 60.0  # wrong passwords in so many seconds
TICKET = 60.0  # seconds between the password and the cookie
LINK = 24 * 3_600.0  # seconds for which a one-time link is good
IDLE = 12 * 3_600.0  # seconds unused, after which a sign-in has ended
LONGEST = 7 * 86_400  # seconds after which it has ended even so
SEEN_EVERY = 300.0  # seconds between two notes that it was used
ADDRESS = "http://localhost:8501"  # of the app, unless the command says another
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")

WRONG = "That name and password do not belong together."
NO_LINK = (
    "This link has been used, has ended, or was replaced by a newer one: ask for "
    "another, or run .venv/bin/python -m classroom.accounts setup on the server's "
    "machine."
)


@dataclass(frozen=True)
class Listed:
    """An account as other instructors see it."""

    id: str
    name: str
    by_school: bool  # signs in by OpenID Connect
    classes: int
    created: float


def sha256(text: str) -> str:
    """64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def _accounts() -> Accounts:
    return Accounts(shared())


def _token() -> str:
    return secrets.token_urlsafe(24)  # 192 bits, 32 characters


def _is_token(text: str) -> bool:
    return bool(_TOKEN.fullmatch(text))


# --- signing in -----------------------------------------------------------------------


def sign_in(name: str, password: str, address: str, visitor: str) -> str:
    """A ticket for `redeem`, if name and password belong together.

    Args:
        address: where it was typed; wrong tries are counted for it, and for the name.
        visitor: the key of the browser (`ui.session.visitor.key`).

    Raises:
        AccountRefused: with the sentence for who typed it.
    """
    account = _accounts().named(name.strip())
    kept = account.password if account else None
    if account is not None and _accounts().knows(account.id, visitor):
        own = f"browser {visitor} of {account.id}"
        _counted(own, own, password, kept)
    else:
        _counted(stored.alike(name.strip()), address, password, kept)
    assert account is not None  # without an account no password is right
    if kept is not None and passwords.is_old(kept):
        _accounts().rehash(account.id, kept, passwords.digest(password))
    return _ticket(account.id, visitor)


def _counted(whose: str, where: str, password: str, kept: str | None) -> None:
    """Raises AccountRefused unless the password is right; a wrong one is counted.

    Args:
        whose, where: a name and an address, where anybody may be trying. A browser in
            which its owner has signed in before has tries of its own: who knows the
            name, or shares the address, does not lock that browser out.
    """
    number = _accounts().begin_try(
        sha256(whose), sha256(where), clock.now(), TRIES, WITHIN
    )
    if isinstance(number, float):
        minutes = max(1, ceil(number / 60))
        raise AccountRefused(
            f"Too many wrong passwords: wait {minutes} "
            f"{'minute' if minutes == 1 else 'minutes'}, then try again."
        )
    try:
        right = passwords.is_right(password, kept)
    except AccountRefused:  # it was not even looked at
        _accounts().forget_try(number)
        raise
    if not right:
        raise AccountRefused(WRONG)
    _accounts().forget_try(number)


def _ticket(account: str, visitor: str) -> str:
    accounts, ticket = _accounts(), _token()
    accounts.prune(clock.now(), IDLE, WITHIN)
    accounts.add_ticket(sha256(ticket), account, visitor, clock.now() + TICKET)
    return ticket


def enter_by_school(who: school.Person, visitor: str) -> str:
    """A ticket for a person whom the school's OpenID Connect has verified.

    Raises:
        NotAllowed: they are not on the list of instructors.
    """
    school.check(who, clock.now())
    account = StoredAccount(
        uuid.uuid4().hex,
        who.shown(),
        None,
        who.key(),
        who.verified_email(),
        clock.now(),
    )
    return _ticket(_accounts().admit(account).id, visitor)


def redeem(ticket: str, visitor: str, old: str = "") -> str:
    """The cookie's token for a ticket; the sign-in that the browser had ends.

    Raises:
        AccountRefused: the ticket was used, is too old, or is another browser's.
    """
    accounts, token = _accounts(), _token()
    try:
        accounts.redeem(
            sha256(ticket), visitor, sha256(token), clock.now(), clock.now() + LONGEST
        )
    except stored.AccountGone:
        raise AccountRefused(
            "That took too long, or was done already: sign in again."
        ) from None
    sign_out(old)
    return token


def instructor(token: str) -> Instructor | None:
    """The instructor of a session token, looked up again; None: it is not valid."""
    if not _is_token(token):
        return None
    found = _accounts().signed_in(sha256(token), clock.now(), IDLE)
    if found is None:
        return None
    account, seen = found
    if account.subject and not school.is_listed(account.subject, account.email):
        return None  # they were when they signed in
    if clock.now() - seen > SEEN_EVERY:
        with suppress(DatabaseAway):  # who may read is not kept out by a writer
            _accounts().touch(sha256(token), clock.now())
    return Instructor(account.id, account.name)


def anybody() -> bool:
    """Whether there is an account."""
    return _accounts().any()


def sign_out(token: str) -> None:
    """Ends the sign-in here, whatever becomes of the cookie."""
    if _is_token(token):
        _accounts().end(sha256(token))


def sign_out_everywhere(who: Instructor) -> None:
    """Ends all sign-ins of an account."""
    _accounts().end_all(who.account)


def sign_ins(who: Instructor) -> int:
    """In how many browsers they are signed in."""
    return _accounts().sign_ins(who.account, clock.now(), IDLE)


# --- passwords and links --------------------------------------------------------------


def has_password(who: Instructor) -> bool:
    """Whether they sign in by a password, not by their school."""
    return any(x.id == who.account and x.password for x in _accounts().all())


def change_password(
    who: Instructor, token: str, old: str, new: str, again: str
) -> None:
    """Another password; all other browsers are signed out.

    Raises:
        AccountRefused: the old one is wrong, or the new one cannot be taken.
    """
    passwords.check(new, again)
    found = next((x for x in _accounts().all() if x.id == who.account), None)
    if found is None or found.password is None:
        raise AccountRefused(
            "You sign in by your school: there is no password to change."
        )
    own = f"sign-in {token}"
    _counted(own, own, old, found.password)
    kept = passwords.digest(new)
    _accounts().set_password(who.account, kept, sha256(token))


def invite(who: Instructor | None) -> str:
    """The token of a link by which a new account is made, once.

    Args:
        who: asks; None: somebody at the server's machine.
    """
    if who is not None and all(x.id != who.account for x in _accounts().all()):
        raise NotAllowed("Your account was removed.")
    token = _token()
    _accounts().add_set_up(sha256(token), clock.now(), clock.now() + LINK)
    return token


def forgotten(name: str) -> str:
    """The token of a link by which that account gets a new password, once.

    Raises:
        AccountRefused: there is no such account, or it has no password.
    """
    account = named(name)
    if account.subject:
        raise AccountRefused(
            f"{account.name} signs in by the school, without a password here."
        )
    token = _token()
    _accounts().add_set_up(sha256(token), clock.now(), clock.now() + LINK, account.id)
    return token


def first() -> str | None:
    """The token of the first account's link, which voids all before; None: has one."""
    token = _token()
    made = _accounts().first_set_up(sha256(token), clock.now(), clock.now() + LINK)
    return token if made else None


def named_address() -> str:
    """$ALEXNET_ADDRESS: a command on the server's machine cannot find the address."""
    given = os.environ.get("ALEXNET_ADDRESS", "").strip() or ADDRESS
    return given if "://" in given else f"http://{given}"


def link(token: str, address: str = ADDRESS) -> str:
    """What to open in a browser."""
    return f"{address.rstrip('/')}/sign-in?setup={token}"


def link_is_for(token: str) -> str | None:
    """The name of the account that gets a new password; None: a new account.

    Raises:
        AccountRefused: the link cannot be used.
    """
    try:
        account = _accounts().set_up(sha256(token), clock.now())
    except stored.AccountGone:
        raise AccountRefused(NO_LINK) from None
    return account.name if account else None


def set_up(token: str, name: str, password: str, again: str, visitor: str) -> str:
    """An account by a link, or a new password for one; a ticket for `redeem`.

    Raises:
        AccountRefused: the link, the name or the password cannot be taken.
    """
    whose = link_is_for(token)  # without a link nothing is hashed
    chosen = passwords.name(name) if whose is None else whose
    passwords.check(password, again)
    kept = passwords.digest(password)
    try:
        if whose is not None:
            account = _accounts().renew(sha256(token), kept, clock.now())
        else:
            account = StoredAccount(
                uuid.uuid4().hex, chosen, kept, None, None, clock.now()
            )
            _accounts().add(account, sha256(token), clock.now())
    except stored.AccountGone:
        raise AccountRefused(NO_LINK) from None
    except stored.Taken:
        raise AccountRefused("Somebody else has that name: take another.") from None
    return _ticket(account.id, visitor)


# --- all accounts ---------------------------------------------------------------------


def listed(who: Instructor) -> list[Listed]:
    """Every account, oldest first."""
    accounts = _accounts()
    classes = accounts.classes()
    return [
        Listed(x.id, x.name, x.subject is not None, classes.get(x.id, 0), x.created)
        for x in accounts.all()
    ]


def remove(who: Instructor, account: str) -> None:
    """Removes another account, which may have no class.

    Raises:
        NotAllowed: it cannot be removed, or not by them.
    """
    if account == who.account:
        raise NotAllowed("Your own account is removed by another instructor.")
    try:
        _accounts().remove(account, who.account, None)
    except stored.HasClasses:
        raise NotAllowed(
            "This account has classes, which would go with it. On the server's "
            "machine, .venv/bin/python -m classroom.accounts remove NAME --classes-to "
            "OTHER hands them over."
        ) from None
    except (stored.AccountGone, stored.Last):
        raise NotAllowed("That account is gone already, or yours is.") from None


def named(name: str) -> StoredAccount:
    """The account of that name.

    Raises:
        AccountRefused: there is none.
    """
    account = _accounts().named(name)
    if account is None:
        raise AccountRefused(
            f"Nobody is called {name}: .venv/bin/python -m classroom.accounts list"
        )
    return account
