"""Instructors' accounts by command, on the server's machine.

python -m classroom.accounts setup --address https://lab.school.example
python -m classroom.accounts setup --for NAME
python -m classroom.accounts list
python -m classroom.accounts remove NAME --classes-to OTHER
python -m classroom.accounts forget-tries
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from classroom.people import accounts
from classroom.people.passwords import AccountRefused
from store.accounts import Accounts, HasClasses, Last
from store.database import DatabaseAway, shared


def remove(name: str, classes_to: str | None) -> str:
    """Removes an account; returns a sentence that says so.

    Args:
        classes_to: the name of the account that gets its classes.

    Raises:
        AccountRefused: it has classes, is the only one, or does not exist.
    """
    account = accounts.named(name)
    heir = accounts.named(classes_to) if classes_to else None
    try:
        Accounts(shared()).remove(account.id, None, heir.id if heir else None)
    except HasClasses:
        raise AccountRefused(
            f"{account.name} has classes: say who gets them with --classes-to NAME."
        ) from None
    except Last:
        raise AccountRefused(
            f"{account.name} is the only account, and stays."
        ) from None
    return f"{account.name} is removed."


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m classroom.accounts", description="Instructors' accounts."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    setup = commands.add_parser("setup", help="print a one-time link to an account")
    setup.add_argument("--for", dest="name", help="who has forgotten their password")
    known = accounts.named_address()
    setup.add_argument("--address", default=known, help=f"of the app: {known}")
    commands.add_parser("list", help="name every account")
    gone = commands.add_parser("remove", help="remove an account")
    gone.add_argument("name")
    gone.add_argument("--classes-to", metavar="NAME", help="who gets its classes")
    commands.add_parser("forget-tries", help="let everybody try again at once")
    asked = parser.parse_args(arguments)
    try:
        if asked.command == "setup":
            whose = asked.name
            token = accounts.forgotten(whose) if whose else accounts.invite(None)
            link = accounts.link(token, asked.address)
            print(f"Good for one use within 24 hours:\n{link}")
        elif asked.command == "list":
            for account in Accounts(shared()).all():
                print(account.name)
        elif asked.command == "remove":
            print(remove(asked.name, asked.classes_to))
        else:
            print(f"{Accounts(shared()).forget_tries()} wrong tries are forgotten.")
    except (AccountRefused, DatabaseAway) as trouble:
        print(trouble, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
