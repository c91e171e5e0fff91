"""Instructors' accounts in the database, and what their browsers hold of them.

Tokens come here as their SHA-256 alone; passwords as Argon2id's output alone.
"""

from __future__ import annotations

import unicodedata
from dataclasses import asdict, dataclass

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from store.data_sets import give_to_the_first
from store.database import Database
from store.records import as_data
from store.tables import (
    Account,
    Class,
    DataSet,
    KnownBrowser,
    SetUp,
    SignIn,
    SignInTry,
    Ticket,
)

KNOWN = 180 * 86_400.0  # seconds for which a browser is known, as its cookie lasts


@dataclass(frozen=True)
class StoredAccount:
    """A record of `accounts`."""

    id: str
    name: str
    password: str | None
    subject: str | None
    email: str | None
    created: float


class Taken(ValueError):
    """Another account has that name, or one that reads the same."""


class AccountGone(LookupError):
    """It was used already, has ended, or never was."""


class Last(ValueError):
    """It is the last account, without which signing in is impossible."""


class HasClasses(ValueError):
    """Removing the account would take its classes along."""


def alike(name: str) -> str:
    """What two names have in common if people would take them for the same."""
    return unicodedata.normalize("NFKC", name).casefold()


def _stored(record: Account) -> StoredAccount:
    return as_data(StoredAccount, record)


def _alone(session: Session, table: str) -> None:
    """Locks the table against other writers until the end of the transaction.

    On SQLite that is so for every writer from the start.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE"))


def _records(session: Session) -> list[Account]:
    return list(session.scalars(select(Account).order_by(Account.created, Account.id)))


def _take_set_up(session: Session, token: str, now: float) -> str | None:
    """Deletes a link; returns the account whose password it sets, or None."""
    taken = session.execute(
        delete(SetUp)
        .where(SetUp.token == token, SetUp.ends > now)
        .returning(SetUp.account_id)
    ).first()
    if taken is None:
        raise AccountGone(token)
    account: str | None = taken[0]
    return account


class Accounts:
    """The accounts of one database. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self.database = database

    # --- accounts ---------------------------------------------------------------------

    def any(self) -> bool:
        """Whether there is one at all."""
        with self.database.reading() as session:
            return session.scalar(select(Account.id).limit(1)) is not None

    def all(self) -> list[StoredAccount]:
        """Every account, oldest first."""
        with self.database.reading() as session:
            return [_stored(record) for record in _records(session)]

    def named(self, name: str) -> StoredAccount | None:
        """The account of that sign-in name; case and width of letters do not matter."""
        wanted = alike(name)
        return next((x for x in self.all() if alike(x.name) == wanted), None)

    def add(self, account: StoredAccount, set_up: str, now: float) -> None:
        """A new account by a link, which is used up by it.

        Raises:
            AccountGone: the link cannot be used.
            Taken: the name; the link stays.
        """
        with self.database.writing() as session:
            _alone(session, "accounts")
            if _take_set_up(session, set_up, now) is not None:
                raise AccountGone(set_up)  # and it stays
            self._insert(session, account)

    def renew(self, set_up: str, password: str, now: float) -> StoredAccount:
        """A new password by a link made for one account; ends that account's sign-ins.

        Raises:
            AccountGone: the link cannot be used.
        """
        with self.database.writing() as session:
            account = _take_set_up(session, set_up, now)
            record = session.get(Account, account) if account else None
            if record is None:
                raise AccountGone(set_up)
            record.password = password
            session.execute(delete(SignIn).where(SignIn.account_id == record.id))
            session.execute(delete(Ticket).where(Ticket.account_id == record.id))
            return _stored(record)

    def admit(self, account: StoredAccount) -> StoredAccount:
        """The account of an OpenID Connect subject, made at its first visit.

        The name and the address are taken over each time; a name that another account
        has is told apart by a number.
        """
        with self.database.writing() as session:
            _alone(session, "accounts")
            records = _records(session)
            record = next((x for x in records if x.subject == account.subject), None)
            taken = {alike(x.name) for x in records if x is not record}
            name, number = account.name, 1
            while alike(name) in taken:
                number += 1
                name = f"{account.name} ({number})"
            if record is None:
                record = Account(**asdict(account))
                session.add(record)
            record.name, record.email = name, account.email
            session.flush()
            give_to_the_first(session, record.id)
            return _stored(record)

    def _insert(self, session: Session, account: StoredAccount) -> None:
        if any(alike(one.name) == alike(account.name) for one in _records(session)):
            raise Taken(account.name)
        session.add(Account(**asdict(account)))
        session.flush()
        give_to_the_first(session, account.id)

    def set_password(self, account: str, password: str, keep: str | None) -> None:
        """Another password; of the account's sign-ins one is kept, or none."""
        with self.database.writing() as session:
            session.execute(
                update(Account).where(Account.id == account).values(password=password)
            )
            _end_all(session, account, keep)

    def rehash(self, account: str, old: str, new: str) -> None:
        """The same password under newer parameters, unless it was changed meanwhile."""
        with self.database.writing() as session:
            session.execute(
                update(Account)
                .where(Account.id == account, Account.password == old)
                .values(password=new)
            )

    def classes(self) -> dict[str, int]:
        """How many classes each account has; those without are left out."""
        with self.database.reading() as session:
            count = select(Class.owner, func.count()).group_by(Class.owner)
            return {owner: n for owner, n in session.execute(count)}

    def remove(self, account: str, by: str | None, classes_to: str | None) -> None:
        """An account and its sign-ins; its classes go to another one.

        Args:
            by: the account that asks, which must still be there; None: the terminal.

        Raises:
            AccountGone: there is no such account, or `by` or `classes_to` is gone.
            HasClasses: and `classes_to` is None.
            Last: it is the only account.
        """
        with self.database.writing() as session:
            _alone(session, "accounts")
            there = {record.id for record in _records(session)}
            for needed in (account, by, classes_to):
                if needed is not None and needed not in there:
                    raise AccountGone(needed)
            if there == {account}:
                raise Last(account)
            if classes_to is not None:
                session.execute(
                    update(Class).where(Class.owner == account).values(owner=classes_to)
                )
                session.execute(
                    update(DataSet)
                    .where(DataSet.account_id == account)
                    .values(account_id=classes_to)
                )
            elif session.scalar(select(Class.id).where(Class.owner == account)):
                raise HasClasses(account)
            session.execute(delete(Account).where(Account.id == account))

    # --- links ------------------------------------------------------------------------

    def add_set_up(
        self, token: str, now: float, ends: float, account: str | None = None
    ) -> None:
        """A link; of those for one account's password the newest alone is kept."""
        with self.database.writing() as session:
            if account is not None:
                session.execute(delete(SetUp).where(SetUp.account_id == account))
            session.add(SetUp(token=token, account_id=account, created=now, ends=ends))

    def first_set_up(self, token: str, now: float, ends: float) -> bool:
        """The link of a start without accounts, which voids all before; else False."""
        with self.database.writing() as session:
            _alone(session, "accounts")
            if session.scalar(select(Account.id).limit(1)) is not None:
                return False
            session.execute(delete(SetUp))
            session.add(SetUp(token=token, created=now, ends=ends))
            return True

    def set_up(self, token: str, now: float) -> StoredAccount | None:
        """The account whose password the link sets; None: it makes a new account.

        Raises:
            AccountGone: it cannot be used.
        """
        with self.database.reading() as session:
            record = session.get(SetUp, token)
            if record is None or record.ends <= now:
                raise AccountGone(token)
            account = (
                session.get(Account, record.account_id) if record.account_id else None
            )
            return _stored(account) if account else None

    # --- tries ------------------------------------------------------------------------

    def begin_try(
        self, account: str, address: str, now: float, at_most: int, within: float
    ) -> int | float:
        """Counts a try before it is checked, so that concurrent tries count, too.

        Returns:
            The try's number (int); or, where there were too many, the seconds (float)
            until the next.
        """
        with self.database.writing() as session:
            _alone(session, "sign_in_tries")
            session.execute(delete(SignInTry).where(SignInTry.at <= now - within))
            wait = 0.0
            for of in (SignInTry.account == account, SignInTry.address == address):
                newest = select(SignInTry.at).where(of).order_by(SignInTry.at.desc())
                times = list(session.scalars(newest.limit(at_most)))
                if len(times) == at_most:
                    wait = max(wait, times[-1] + within - now)
            if wait:
                return float(wait)
            record = SignInTry(account=account, address=address, at=now)
            session.add(record)
            session.flush()
            return int(record.id)

    def forget_try(self, number: int) -> None:
        """It was not a wrong one."""
        with self.database.writing() as session:
            session.execute(delete(SignInTry).where(SignInTry.id == number))

    def forget_tries(self) -> int:
        """Lets everybody try again at once; how many wrong ones there were."""
        with self.database.writing() as session:
            count = session.scalar(select(func.count()).select_from(SignInTry))
            session.execute(delete(SignInTry))
            return int(count or 0)

    # --- sign-ins ---------------------------------------------------------------------

    def add_ticket(self, token: str, account: str, visitor: str, ends: float) -> None:
        """For one browser to fetch a sign-in by."""
        with self.database.writing() as session:
            session.add(
                Ticket(token=token, account_id=account, visitor=visitor, ends=ends)
            )

    def redeem(
        self, ticket: str, visitor: str, sign_in: str, now: float, ends: float
    ) -> None:
        """A sign-in for a ticket, which is used up whatever comes of it.

        Raises:
            AccountGone: the ticket cannot be used, or not by this browser.
        """
        with self.database.writing() as session:
            taken = session.execute(
                delete(Ticket)
                .where(Ticket.token == ticket)
                .returning(Ticket.account_id, Ticket.visitor, Ticket.ends)
            ).first()
            if taken and taken.visitor == visitor and taken.ends > now:
                session.add(
                    SignIn(
                        token=sign_in,
                        account_id=taken.account_id,
                        created=now,
                        seen=now,
                        ends=ends,
                    )
                )
                session.merge(
                    KnownBrowser(account_id=taken.account_id, visitor=visitor, at=now)
                )
                return
        raise AccountGone(ticket)

    def knows(self, account: str, visitor: str) -> bool:
        """Whether the account was signed in to in that browser before."""
        with self.database.reading() as session:
            return session.get(KnownBrowser, (account, visitor)) is not None

    def signed_in(
        self, token: str, now: float, idle: float
    ) -> tuple[StoredAccount, float] | None:
        """Whose sign-in it is and when it was last used; None if it has ended."""
        with self.database.reading() as session:
            found = session.execute(
                select(Account, SignIn.seen)
                .join(SignIn, SignIn.account_id == Account.id)
                .where(
                    SignIn.token == token, SignIn.ends > now, SignIn.seen > now - idle
                )
            ).first()
            return (_stored(found[0]), found[1]) if found else None

    def touch(self, token: str, now: float) -> None:
        """The sign-in was used."""
        with self.database.writing() as session:
            session.execute(
                update(SignIn).where(SignIn.token == token).values(seen=now)
            )

    def end(self, token: str) -> None:
        """Ends a sign-in."""
        with self.database.writing() as session:
            session.execute(delete(SignIn).where(SignIn.token == token))

    def end_all(self, account: str, keep: str | None = None) -> None:
        """Ends an account's sign-ins, but for one to keep."""
        with self.database.writing() as session:
            _end_all(session, account, keep)

    def sign_ins(self, account: str, now: float, idle: float) -> int:
        """In how many browsers the account is signed in."""
        with self.database.reading() as session:
            count = select(func.count()).where(
                SignIn.account_id == account,
                SignIn.ends > now,
                SignIn.seen > now - idle,
            )
            return int(session.scalar(count) or 0)

    def prune(self, now: float, idle: float, within: float) -> None:
        """Deletes tries, tickets, links and sign-ins that are over."""
        with self.database.writing() as session:
            session.execute(delete(SignInTry).where(SignInTry.at <= now - within))
            session.execute(delete(Ticket).where(Ticket.ends <= now))
            session.execute(delete(SetUp).where(SetUp.ends <= now))
            session.execute(delete(KnownBrowser).where(KnownBrowser.at <= now - KNOWN))
            session.execute(
                delete(SignIn).where((SignIn.ends <= now) | (SignIn.seen <= now - idle))
            )


def _end_all(session: Session, account: str, keep: str | None) -> None:
    session.execute(
        delete(SignIn).where(SignIn.account_id == account, SignIn.token != (keep or ""))
    )
    session.execute(delete(Ticket).where(Ticket.account_id == account))
