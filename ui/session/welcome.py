"""What the log says at the server's start: where it is, and how the first one begins.

Both are logged as soon as they are known, and again when the network and the workers
are loaded, since TensorFlow may have logged in between (scripts/serve.py leaves that
out). The words are English: no page is open.
"""

from __future__ import annotations

import logging
from contextlib import suppress

from classroom.people import accounts
from classroom.people.passwords import AccountRefused
from store import database
from ui.kit import words
from ui.session import addresses

log = logging.getLogger(__name__)

_token: str | None = None  # of the first account's link, as said


def _where() -> str:
    text, others = words.page("sign_in", words.ENGLISH), addresses.served()
    which = "where" if others else "where_here"
    told: str = text[which].format(here=addresses.local(), others=", ".join(others))
    return told


def log_addresses() -> None:
    """Under which addresses the lab can be opened: instead of Streamlit's own banner.

    That names 0.0.0.0 or localhost, and asks a host on the internet for this one's.
    """
    log.warning("\n  %s\n", _where())


def _first(token: str) -> str:
    """The one-time link, as one that a phone can open where there is such an address.

    What the instructor signs in at is what the class is shown.
    """
    found = [*addresses.served(), addresses.local()]
    links = [f"  {accounts.link(token, one)}" for one in dict.fromkeys(found)]
    text = words.page("sign_in", words.ENGLISH)
    told: str = text["first_start"].format(link="\n\n".join(links))
    return told


def log_first_link() -> None:
    """Without an account, a new one-time link to the first; older ones end."""
    global _token
    _token = accounts.first()
    if _token:
        log.warning(_first(_token))


def log_ready() -> None:
    """Where the lab is, and the same link unless it was used: a start's last lines."""
    told = f"  {words.page('sign_in', words.ENGLISH)['ready']} {_where()}"
    with suppress(AccountRefused, database.DatabaseAway):
        if _token and accounts.link_is_for(_token) is None:
            told += f"\n\n{_first(_token)}"
    log.warning("\n%s\n", told)
