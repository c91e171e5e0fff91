"""Accounts: passwords, tries, links, tickets and sign-ins, against a real database."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST, RFC_9106_LOW_MEMORY

import clock as server_clock
from classroom import accounts as command
from classroom.people import accounts, passwords, school
from classroom.people.passwords import AccountRefused
from classroom.people.roles import Instructor, NotAllowed
from store import accounts as stored
from store import database
from store.database import Database, DatabaseAway
from tests.migrated import new_database

GOOD = "correct horse battery"
HERE, BROWSER = "192.0.2.7", "v" * 64
MINUTE = 60.0


@pytest.fixture(autouse=True)
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database of the test's own."""
    own = new_database(tmp_path)
    monkeypatch.setattr(database, "current", own)
    yield own
    own.close()


@pytest.fixture(autouse=True)
def quick(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes cost next to nothing, but where a test is about what they cost."""
    if request.node.name != "test_hashes_are_what_rfc_9106_asks_for":
        monkeypatch.setattr(
            passwords, "hasher", PasswordHasher.from_parameters(CHEAPEST)
        )


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """`clock(60)` lets a minute pass."""
    now = [1_800_000_000.0]
    monkeypatch.setattr(server_clock, "now", lambda: now[0])

    def passes(seconds: float) -> None:
        now[0] += seconds

    return passes


def make(name: str = "Anna", password: str = GOOD) -> str:
    """An account; its ticket."""
    return accounts.set_up(accounts.invite(None), name, password, password, BROWSER)


def enter(name: str = "Anna", password: str = GOOD) -> str:
    """Signs in; the cookie's token."""
    ticket = accounts.sign_in(name, password, HERE, BROWSER)
    return accounts.redeem(ticket, BROWSER)


def who(token: str) -> Instructor:
    found = accounts.instructor(token)
    assert found is not None
    return found


def table(opened: Database, name: str) -> list[Any]:
    with opened.reading() as session:
        return list(session.execute(sa.text(f"SELECT * FROM {name}")))


# --- passwords ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "again", "sentence"),
    [
        ("a" * 11, "a" * 11, "at least 12"),
        ("a" * 1025, "a" * 1025, "at most 1,024"),
        (GOOD, GOOD + "!", "differ"),
    ],
)
def test_a_password_is_refused_with_one_sentence(password, again, sentence) -> None:
    with pytest.raises(AccountRefused, match=sentence) as refused:
        passwords.check(password, again)
    assert password not in str(refused.value)


@pytest.mark.parametrize("password", ["a" * 12, "a" * 1024, "🦄" * 12, "            "])
def test_no_kind_of_character_is_asked_for(password) -> None:
    passwords.check(password, password)


def test_an_accent_is_the_same_however_it_is_typed() -> None:
    kept = passwords.digest("caf\u00e9 caf\u00e9 caf\u00e9")
    assert passwords.is_right("cafe\u0301 cafe\u0301 cafe\u0301", kept)


@pytest.mark.parametrize(
    "name", ["", "  ", "a" * 81, "Anna\u200b", "An\x00na", "\u202eA"]
)
def test_names_that_nobody_could_tell_apart_are_refused(name) -> None:
    with pytest.raises(AccountRefused):
        passwords.name(name)


def test_a_name_is_one_line() -> None:
    assert passwords.name("  Anna \n Berg ") == "Anna Berg"


def test_hashes_are_what_rfc_9106_asks_for() -> None:
    """64 MiB, three passes, four lanes, Argon2id; and no two are the same."""
    one, other = passwords.digest(GOOD), passwords.digest(GOOD)
    assert one.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert one != other
    assert passwords.is_right(GOOD, one)
    assert not passwords.is_right(GOOD + " ", one)
    assert not passwords.is_old(one)


def test_older_parameters_are_replaced_at_the_next_sign_in(opened, monkeypatch) -> None:
    make()
    before = table(opened, "accounts")[0].password
    newer = RFC_9106_LOW_MEMORY
    monkeypatch.setattr(passwords, "hasher", PasswordHasher(1, 64, newer.parallelism))
    with pytest.raises(AccountRefused):
        enter(password="wrong password!")
    assert table(opened, "accounts")[0].password == before
    enter()
    after = table(opened, "accounts")[0].password
    assert "m=64,t=1,p=4" in after
    assert "m=64,t=1,p=4" not in before
    enter()
    assert table(opened, "accounts")[0].password == after, "and then it stays"


def test_a_flood_is_turned_away_and_takes_no_more_memory(monkeypatch) -> None:
    """Never more than two hashes at once; who waits too long gets a sentence."""
    at_once, most, lock = 0, 0, threading.Lock()
    go = threading.Event()

    class Slow:
        def hash(self, _: str) -> str:
            nonlocal at_once, most
            with lock:
                at_once += 1
                most = max(most, at_once)
            go.wait(10)
            with lock:
                at_once -= 1
            return "kept"

    monkeypatch.setattr(passwords, "hasher", Slow())
    monkeypatch.setattr(passwords, "PATIENCE", 0.2)
    with ThreadPoolExecutor(12) as pool:
        asked = [pool.submit(passwords.digest, GOOD) for _ in range(12)]
        turned_away = [
            x for x in asked[2:] if isinstance(x.exception(5), AccountRefused)
        ]
        go.set()
    assert len(turned_away) == 10
    assert most == passwords.AT_ONCE == 2


# --- signing in -----------------------------------------------------------------------


def test_from_link_to_sign_in_to_sign_out() -> None:
    token = accounts.redeem(make("Anna"), BROWSER)
    assert who(token).name == "Anna"
    accounts.sign_out(token)
    assert accounts.instructor(token) is None
    assert who(enter(" anna ")).name == "Anna", "as she wrote it, however she types it"


def test_nobody_and_a_wrong_password_are_told_the_same(monkeypatch) -> None:
    """And are looked at in the same way: one verification each."""
    make()
    verified: list[str] = []
    verify = passwords.hasher.verify

    class Counting:
        def hash(self, password: str) -> str:
            return PasswordHasher.from_parameters(CHEAPEST).hash(password)

        def verify(self, kept: str, password: str) -> bool:
            verified.append(kept)
            return verify(kept, password)

    monkeypatch.setattr(passwords, "hasher", Counting())
    said = []
    for name in ("Anna", "Nobody", "' OR 1=1 --"):
        with pytest.raises(AccountRefused) as refused:
            enter(name, "not the password")
        said.append(str(refused.value))
    assert said == [accounts.WRONG] * 3
    assert len(verified) == 3
    parameters = {kept.rsplit("$", 2)[0] for kept in verified}
    assert len(parameters) == 1, "nobody's costs as much"


def test_the_eleventh_wrong_try_is_not_looked_at(clock) -> None:
    make()
    for _ in range(10):
        with pytest.raises(AccountRefused, match="do not belong together"):
            enter(password="not the password")
        clock(MINUTE)
    with pytest.raises(AccountRefused, match=r"wait 5 minutes, then"):
        enter()  # the right one
    clock(4 * MINUTE + 30)
    with pytest.raises(AccountRefused, match=r"wait 1 minute, then"):
        enter()
    clock(31)
    assert enter()


def test_tries_are_counted_for_the_account_from_everywhere(clock) -> None:
    make()
    for number in range(10):
        with pytest.raises(AccountRefused, match="belong"):
            accounts.sign_in("ANNA", "not the password", f"192.0.2.{number}", BROWSER)
    with pytest.raises(AccountRefused, match="wait 15 minutes"):
        accounts.sign_in("anna", GOOD, "198.51.100.1", BROWSER)


def test_tries_are_counted_for_the_address_with_every_name(clock) -> None:
    make()
    for number in range(10):
        with pytest.raises(AccountRefused, match="belong"):
            accounts.sign_in(f"name {number}", "not the password", HERE, BROWSER)
    with pytest.raises(AccountRefused, match="wait 15 minutes"):
        accounts.sign_in("Anna", GOOD, HERE, BROWSER)
    assert accounts.sign_in("Anna", GOOD, "198.51.100.1", BROWSER)


def test_who_signed_in_before_is_locked_out_by_nobody(clock) -> None:
    make()
    enter()
    for number in range(10):  # a stranger with the name, at the same address
        with pytest.raises(AccountRefused, match="belong"):
            accounts.sign_in("Anna", "not the password", HERE, f"{number:064}")
    with pytest.raises(AccountRefused, match="wait 15 minutes"):
        accounts.sign_in("Anna", GOOD, HERE, "f" * 64)
    assert enter()
    # Ten tries of its own, and its wrong ones are nobody else's.
    for _ in range(10):
        with pytest.raises(AccountRefused, match="belong"):
            enter(password="not the password")
    with pytest.raises(AccountRefused, match="wait 15 minutes"):
        enter()
    clock(16 * MINUTE)
    assert accounts.sign_in("Anna", GOOD, HERE, "f" * 64)


def test_a_browser_is_known_for_one_account_and_half_a_year(clock, opened) -> None:
    make()
    make("Ben")
    enter()
    for number in range(10):
        with pytest.raises(AccountRefused, match="belong"):
            accounts.sign_in("Ben", "not the password", f"a{number}", "e" * 64)
    with pytest.raises(AccountRefused, match="wait"):
        accounts.sign_in("Ben", GOOD, "b", BROWSER)
    clock(181 * 86_400)
    accounts.sign_in("Ben", GOOD, "b", "e" * 64)  # prunes
    assert table(opened, "known_browsers") == []


def test_right_passwords_are_no_tries() -> None:
    make()
    for _ in range(12):
        enter()


def test_many_at_once_are_counted_one_by_one() -> None:
    """Forty threads, one name: ten are looked at, thirty are not."""
    make()

    def guess(number: int) -> str:
        try:
            accounts.sign_in("Anna", f"guess number {number}", f"a{number}", BROWSER)
        except AccountRefused as why:
            return str(why)
        return "in"

    with ThreadPoolExecutor(16) as pool:
        said = list(pool.map(guess, range(40)))
    assert said.count(accounts.WRONG) == 10
    assert sum("wait 15 minutes" in x for x in said) == 30


def test_tries_survive_a_restart(opened, monkeypatch) -> None:
    make()
    for _ in range(10):
        with pytest.raises(AccountRefused, match="belong"):
            enter(password="not the password")
    opened.close()
    again = Database(opened.engine.url.render_as_string(hide_password=False))
    monkeypatch.setattr(database, "current", again)
    with pytest.raises(AccountRefused, match="wait 15 minutes"):
        enter()
    assert stored.Accounts(database.shared()).forget_tries() == 10
    assert enter()
    again.close()


def test_what_was_not_looked_at_is_no_try(opened, monkeypatch) -> None:
    make()

    def busy(*_: object) -> bool:
        raise AccountRefused("Too many are signing in just now.")

    monkeypatch.setattr(passwords, "is_right", busy)
    for _ in range(12):
        with pytest.raises(AccountRefused, match="just now"):
            enter()
    assert table(opened, "sign_in_tries") == []


# --- tickets and sign-ins -------------------------------------------------------------


def test_a_ticket_is_good_once_for_one_browser_and_a_minute(clock) -> None:
    make()

    def ticket() -> str:
        return accounts.sign_in("Anna", GOOD, HERE, BROWSER)

    once = ticket()
    accounts.redeem(once, BROWSER)
    with pytest.raises(AccountRefused, match="sign in again"):
        accounts.redeem(once, BROWSER)
    stolen = ticket()
    with pytest.raises(AccountRefused):
        accounts.redeem(stolen, "w" * 64)
    with pytest.raises(AccountRefused):
        accounts.redeem(stolen, BROWSER)  # it is used up
    late = ticket()
    clock(61)
    with pytest.raises(AccountRefused):
        accounts.redeem(late, BROWSER)
    for nonsense in ("", "x" * 32, "x" * 10_000, "'; DROP TABLE tickets; --"):
        with pytest.raises(AccountRefused):
            accounts.redeem(nonsense, BROWSER)


def test_a_ticket_that_many_want_goes_to_one() -> None:
    make()
    ticket = accounts.sign_in("Anna", GOOD, HERE, BROWSER)

    def take(_: int) -> bool:
        try:
            return bool(accounts.redeem(ticket, BROWSER))
        except AccountRefused:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(16))) == 1


def test_a_sign_in_ends_unused_after_12_hours(clock) -> None:
    make()
    token = enter()
    for _ in range(10):
        clock(11 * 60 * MINUTE)
        assert accounts.instructor(token), "used in time"
    clock(12 * 60 * MINUTE + 1)
    assert accounts.instructor(token) is None


def test_a_sign_in_ends_after_seven_days_however_used(clock) -> None:
    make()
    token = enter()
    for _ in range(7 * 24):
        assert accounts.instructor(token)
        clock(60 * MINUTE)
    assert accounts.instructor(token) is None


def test_being_seen_is_written_every_five_minutes_only(clock, opened) -> None:
    make()
    token = enter()
    first = table(opened, "sign_ins")[0].seen
    clock(4 * MINUTE)
    accounts.instructor(token)
    assert table(opened, "sign_ins")[0].seen == first
    clock(2 * MINUTE)
    accounts.instructor(token)
    assert table(opened, "sign_ins")[0].seen == first + 6 * MINUTE


def test_what_cannot_be_noted_keeps_nobody_out(clock, monkeypatch) -> None:
    """Reading is possible while another writer has the database for long."""
    make()
    token = enter()
    clock(6 * MINUTE)

    def busy(*_: object) -> None:
        raise DatabaseAway("locked")

    monkeypatch.setattr(stored.Accounts, "touch", busy)
    assert accounts.instructor(token)


@pytest.mark.parametrize(
    "forged", ["", "x" * 32, "' OR ''='", "x" * 100_000, "Anna", "\x00" * 32]
)
def test_a_forged_cookie_is_nobody(forged) -> None:
    make()
    enter()
    assert accounts.instructor(forged) is None


def test_the_hash_in_the_database_is_no_cookie(opened) -> None:
    make()
    enter()
    for row in table(opened, "sign_ins"):
        assert accounts.instructor(row.token) is None


def test_signing_in_again_ends_what_the_browser_had() -> None:
    make()
    old = enter()
    new = accounts.redeem(accounts.sign_in("Anna", GOOD, HERE, BROWSER), BROWSER, old)
    assert accounts.instructor(old) is None
    assert accounts.instructor(new)


def test_sign_out_everywhere_and_nobody_else() -> None:
    make("Anna")
    make("Ben")
    annas, bens = [enter() for _ in range(3)], enter("Ben")
    assert accounts.sign_ins(who(annas[0])) == 3
    accounts.sign_out_everywhere(who(annas[0]))
    assert [accounts.instructor(x) for x in annas] == [None] * 3
    assert accounts.instructor(bens)


def test_no_token_and_no_password_is_in_the_database(opened, tmp_path) -> None:
    """Not even in the pages that were freed: the file is searched."""
    if opened.engine.dialect.name != "sqlite":
        pytest.skip("the file that is searched is SQLite's")
    link = accounts.invite(None)
    ticket = accounts.set_up(link, "Anna", GOOD, GOOD, BROWSER)
    token = accounts.redeem(ticket, BROWSER)
    second = accounts.sign_in("Anna", GOOD, HERE, BROWSER)
    with pytest.raises(AccountRefused):
        enter(password="a wrong password")
    opened.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"Anna" in kept
    assert b"argon2id" in kept
    secrets = (link, ticket, token, second, GOOD, "a wrong password", HERE)
    for secret in secrets:
        assert secret.encode() not in kept


# --- links ----------------------------------------------------------------------------


def test_a_link_is_good_once_and_for_a_day(clock) -> None:
    link = accounts.invite(None)
    accounts.set_up(link, "Anna", GOOD, GOOD, BROWSER)
    with pytest.raises(AccountRefused, match="been used"):
        accounts.set_up(link, "Eve", GOOD, GOOD, BROWSER)
    late = accounts.invite(None)
    clock(24 * 60 * MINUTE + 1)
    with pytest.raises(AccountRefused, match="has ended"):
        accounts.link_is_for(late)
    with pytest.raises(AccountRefused, match="has ended"):
        accounts.set_up(late, "Eve", GOOD, GOOD, BROWSER)
    for nonsense in ("", "x" * 32, "' OR 1=1 --"):
        with pytest.raises(AccountRefused):
            accounts.link_is_for(nonsense)


def test_a_mistake_does_not_use_the_link_up() -> None:
    make("Anna")
    link = accounts.invite(None)
    for name, password in (
        ("", GOOD),
        ("Ben", "short"),
        ("anna", GOOD),
        ("ＡNNA", GOOD),
    ):
        with pytest.raises(AccountRefused):
            accounts.set_up(link, name, password, password, BROWSER)
    assert accounts.set_up(link, "Ben", GOOD, GOOD, BROWSER)


def test_a_link_that_many_want_makes_one_account() -> None:
    link = accounts.invite(None)

    def take(number: int) -> bool:
        try:
            return bool(accounts.set_up(link, f"n{number}", GOOD, GOOD, BROWSER))
        except AccountRefused:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(8))) == 1
    assert len(stored.Accounts(database.shared()).all()) == 1


def test_a_start_without_accounts_voids_the_links_before() -> None:
    one = accounts.first()
    other = accounts.first()
    assert one and other
    with pytest.raises(AccountRefused, match="newer one"):
        accounts.link_is_for(one)
    accounts.set_up(other, "Anna", GOOD, GOOD, BROWSER)
    invited = accounts.invite(None)
    assert accounts.first() is None, "there is an account"
    assert accounts.link_is_for(invited) is None, "and a restart leaves links alone"


def test_a_forgotten_password_is_replaced_by_a_link_from_the_terminal() -> None:
    make("Anna")
    make("Ben")
    before, bens = enter(), enter("Ben")
    old = accounts.forgotten("anna")
    link = accounts.forgotten("anna")
    with pytest.raises(AccountRefused):
        accounts.link_is_for(old)  # the newest alone
    assert accounts.link_is_for(link) == "Anna"
    new = "another good password"
    accounts.redeem(accounts.set_up(link, "ignored", new, new, BROWSER), BROWSER)
    assert accounts.instructor(before) is None
    assert accounts.instructor(bens)
    with pytest.raises(AccountRefused):
        enter()
    assert who(enter(password=new)).name == "Anna"
    with pytest.raises(AccountRefused):
        accounts.set_up(link, "", GOOD, GOOD, BROWSER)


def test_a_changed_password_ends_all_other_sign_ins() -> None:
    make()
    here, there = enter(), enter()
    new = "another good password"
    with pytest.raises(AccountRefused, match="belong"):
        accounts.change_password(who(here), here, "not the password", new, new)
    with pytest.raises(AccountRefused, match="at least 12"):
        accounts.change_password(who(here), here, GOOD, "short", "short")
    assert accounts.instructor(there)
    pending = accounts.sign_in("Anna", GOOD, HERE, BROWSER)
    accounts.change_password(who(here), here, GOOD, new, new)
    assert accounts.instructor(here)
    assert accounts.instructor(there) is None
    with pytest.raises(AccountRefused):
        accounts.redeem(pending, BROWSER)
    assert enter(password=new)


def test_guessing_by_the_form_that_changes_it_is_counted_too() -> None:
    make()
    here = enter()
    for _ in range(10):
        with pytest.raises(AccountRefused, match="belong"):
            accounts.change_password(who(here), here, "not this one", GOOD, GOOD)
    with pytest.raises(AccountRefused, match="wait"):
        accounts.change_password(who(here), here, GOOD, GOOD, GOOD)


# --- other accounts -------------------------------------------------------------------


def give_class(opened: Database, owner: str) -> None:
    with opened.writing() as session:
        session.execute(
            sa.text(
                "INSERT INTO classes (id, owner, name, code, opened, step, reveal, "
                "version, moved) "
                "VALUES ('c', :owner, '8b', 'ABC', 1, 'start', false, 0, 1)"
            ),
            {"owner": owner},
        )


def test_an_account_is_removed_by_another_and_is_signed_out() -> None:
    make("Anna")
    make("Ben")
    anna, ben = who(enter()), enter("Ben")
    with pytest.raises(NotAllowed, match="Your own"):
        accounts.remove(anna, anna.account)
    bens = who(ben)
    accounts.remove(anna, bens.account)
    assert accounts.instructor(ben) is None
    assert [x.name for x in accounts.listed(anna)] == ["Anna"]
    with pytest.raises(NotAllowed):
        accounts.remove(bens, anna.account)  # who is removed removes nobody
    with pytest.raises(NotAllowed):
        accounts.invite(bens)
    assert len(accounts.listed(anna)) == 1


def test_classes_are_never_removed_with_an_account(opened, capsys) -> None:
    make("Anna")
    make("Ben")
    anna, ben = who(enter()), who(enter("Ben"))
    give_class(opened, ben.account)
    assert [x.classes for x in accounts.listed(anna)] == [0, 1]
    with pytest.raises(NotAllowed, match="--classes-to"):
        accounts.remove(anna, ben.account)
    assert command.main(["remove", "ben"]) == 1
    assert "--classes-to" in capsys.readouterr().err
    assert command.main(["remove", "ben", "--classes-to", "anna"]) == 0
    assert table(opened, "classes")[0].owner == anna.account
    assert command.main(["remove", "anna"]) == 1
    assert "only account" in capsys.readouterr().err
    assert accounts.anybody()


def test_the_terminal_makes_links_and_names_accounts(capsys) -> None:
    make("Anna <b>*")
    assert command.main(["list"]) == 0
    assert capsys.readouterr().out == "Anna <b>*\n"
    assert command.main(["setup", "--address", "https://lab.example/x/"]) == 0
    found = re.search(
        r"https://lab\.example/x/sign-in\?setup=(\S{32})\n", capsys.readouterr().out
    )
    assert found
    assert accounts.link_is_for(found[1]) is None
    assert command.main(["setup", "--for", "anna <B>*"]) == 0
    token = capsys.readouterr().out.strip().split("=")[-1]
    assert accounts.link_is_for(token) == "Anna <b>*"
    assert command.main(["setup", "--for", "nobody"]) == 1
    assert "Nobody is called nobody" in capsys.readouterr().err
    assert command.main(["forget-tries"]) == 0
    assert capsys.readouterr().out == "0 wrong tries are forgotten.\n"


def test_what_is_over_is_deleted(clock, opened) -> None:
    make()
    enter()
    with pytest.raises(AccountRefused):
        enter(password="not the password")
    accounts.invite(None)
    accounts.sign_in("Anna", GOOD, "elsewhere", BROWSER)
    clock(8 * 24 * 60 * MINUTE)
    enter()
    assert len(table(opened, "sign_ins")) == 1
    for name in ("tickets", "set_ups", "sign_in_tries"):
        assert table(opened, name) == [], name


# --- by the school --------------------------------------------------------------------

ISSUER = "https://school.example"


def claims(**other: Any) -> dict[str, Any]:
    now = server_clock.now()
    return {
        "is_logged_in": True,
        "iss": ISSUER,
        "sub": "4711",
        "email": "Anna@School.example",
        "email_verified": True,
        "name": "Anna",
        "iat": now,
        "exp": now + 300,
    } | other


def by_school(**other: Any) -> str:
    person = school.person(claims(**other))
    assert person is not None
    return accounts.redeem(accounts.enter_by_school(person, BROWSER), BROWSER)


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    return lambda names: monkeypatch.setenv(school.SETTING, names)


@pytest.mark.parametrize(
    "names",
    ["anna@school.example", "@school.example", f"x@y.example, {ISSUER}|4711",
     " @other.example ,ANNA@SCHOOL.EXAMPLE "],
)  # fmt: skip
def test_who_is_listed_is_an_instructor(names, listed) -> None:
    listed(names)
    token = by_school()
    assert who(token).name == "anna@school.example"
    assert who(by_school()).account == who(token).account, "the same at each visit"
    assert not accounts.has_password(who(token))


@pytest.mark.parametrize(
    ("names", "other"),
    [
        ("", {}),
        ("ben@school.example", {}),
        ("@school.example", {"email": "anna@evil-school.example"}),
        ("@school.example", {"email": "anna@school.example.evil.example"}),
        ("@school.example", {"email": "anna@evil.example@school.example"}),
        ("@school.example", {"email_verified": False}),
        ("@school.example", {"email_verified": "true"}),
        ("@school.example", {"email_verified": None}),
        ("@school.example", {"email": None}),
        ("@school.example", {"email": ["anna@school.example"]}),
        (f"{ISSUER}|4711", {"sub": "4712"}),
        (f"{ISSUER}|4711", {"iss": "https://evil.example"}),
        ("school.example", {}),
        ("@", {}),
        ("@school.example", {"iat": 0.0, "exp": 1.0}),
    ],
)
def test_who_is_not_listed_is_none(names, other, listed) -> None:
    listed(names)
    with pytest.raises(NotAllowed) as refused:
        by_school(**other)
    assert str(refused.value).count("\n") == 0
    assert accounts.anybody() is False


@pytest.mark.parametrize(
    "lacking", [{"iss": None}, {"sub": ""}, {"iat": None}, {"exp": "soon"},
                {"sub": "x" * 600}]
)  # fmt: skip
def test_a_token_that_says_too_little_is_nobodys(lacking) -> None:
    assert school.person(claims(**lacking)) is None


def test_a_name_that_somebody_gave_themselves_is_a_plain_line(listed) -> None:
    listed(f"{ISSUER}|4711")
    make("Anna")
    token = by_school(email=None, name=" An\u200bna\n\u202e")
    assert who(token).name == "Anna (2)"


def test_an_old_answer_of_the_school_is_none(clock, listed) -> None:
    listed("@school.example")
    old = school.person(claims())
    assert old is not None
    clock(3_600)
    with pytest.raises(NotAllowed, match="too old"):
        accounts.enter_by_school(old, BROWSER)


def test_who_is_taken_off_the_list_is_out_at_once(listed) -> None:
    listed("@school.example")
    token = by_school()
    listed("ben@school.example")
    assert accounts.instructor(token) is None


def test_the_schools_name_takes_no_local_account(listed) -> None:
    listed("@school.example")
    make("ANNA@school.example")
    token = by_school()
    assert who(token).name == "anna@school.example (2)"
    assert who(by_school()).name == "anna@school.example (2)"
    assert who(enter("anna@school.example")).name == "ANNA@school.example"


def test_nobody_signs_in_to_a_schools_account_by_password(listed) -> None:
    listed("@school.example")
    by_school()
    for password in ("", "None", GOOD):
        with pytest.raises(AccountRefused, match="belong"):
            enter("anna@school.example", password)
    with pytest.raises(AccountRefused, match="by the school"):
        accounts.forgotten("anna@school.example")


def test_names_that_read_the_same_are_alike() -> None:
    assert stored.alike("ＡNNA") == stored.alike("anna")
    assert stored.alike("Anna") != stored.alike("Ana")
