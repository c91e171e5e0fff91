"""One file over HTTP: whole or not at all, whatever the server does."""

import errno
import hashlib
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Literal
from urllib.error import HTTPError, URLError

import numpy as np
import pytest

from model.weights import fetch, transport
from model.weights.fetch import Checksum, DownloadProgress
from model.weights.transport import FetchFailed, Stopped
from paths import ROOT
from tests.servers import FileServer, serving
from tests.waiting import LONG, until

CONTENT = np.random.default_rng(0).bytes(1_000_003)
RIGHT = Checksum("sha256", hashlib.sha256(CONTENT).hexdigest())
MOST = 2_000_000


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "weights.bin"


def bring(server: FileServer, path: Path, **options: object) -> None:
    fetch.fetch(server.url, path, RIGHT, **{"most": MOST} | options)  # type: ignore[arg-type]


def left_beside(path: Path) -> set[str]:
    """What lies in the folder, but for the lock."""
    return {p.name for p in path.parent.iterdir()} - {f"{path.name}.lock"}


def test_comes_whole_and_nothing_else_stays(path: Path) -> None:
    seen: list[DownloadProgress] = []
    with serving(CONTENT) as server:
        bring(server, path, on_progress=seen.append)
    assert path.read_bytes() == CONTENT
    assert left_beside(path) == {path.name}
    assert [p.done for p in seen] == sorted(p.done for p in seen)
    assert seen[0].done == 0
    assert seen[-1].done == len(CONTENT)
    assert {p.total for p in seen} == {len(CONTENT)}


def test_what_is_there_is_not_asked_for_again(path: Path) -> None:
    with serving(CONTENT) as server:
        bring(server, path)
        bring(server, path)
    assert server.asked == [None]


def test_after_a_cut_only_the_rest_is_sent(path: Path) -> None:
    with serving(CONTENT, cut_after=400_000) as server:
        with pytest.raises(FetchFailed, match=r"cut after 0\.4 MB of 1\.0 MB"):
            bring(server, path)
        assert fetch.begun(path) == 400_000
        assert not path.exists()
        server.cut_after = 700_000
        with pytest.raises(FetchFailed, match="cut after"):
            bring(server, path)
        server.cut_after = None
        bring(server, path)
    assert path.read_bytes() == CONTENT
    assert server.asked == [None, "bytes=400000-", "bytes=700000-"]
    assert server.sent == len(CONTENT)  # no byte twice


def test_a_whole_part_is_checked_without_asking(path: Path) -> None:
    with serving(CONTENT, cut_after=400_000) as server:
        with pytest.raises(FetchFailed):
            bring(server, path)
        part = path.with_name(f"{path.name}.part")
        part.write_bytes(CONTENT)
        bring(server, path)
    assert path.read_bytes() == CONTENT
    assert server.asked == [None]


@pytest.mark.parametrize("how", [{"ranges": False}, {"etag": False, "ranges": False}])
def test_a_server_without_ranges_begins_again(path: Path, how: dict[str, bool]) -> None:
    with serving(CONTENT, cut_after=400_000, **how) as server:
        with pytest.raises(FetchFailed, match="cut after"):
            bring(server, path)
        server.cut_after = None
        bring(server, path)
    assert path.read_bytes() == CONTENT
    assert server.sent == 400_000 + len(CONTENT)


@pytest.mark.parametrize("etag", [True, False])
def test_another_file_by_now_begins_again(path: Path, etag: bool) -> None:
    with serving(CONTENT[::-1] + b"!", cut_after=400_000, etag=etag) as server:
        with pytest.raises(FetchFailed, match="cut after"):
            bring(server, path)
        server.content, server.cut_after = CONTENT, None
        bring(server, path)
    assert path.read_bytes() == CONTENT


def test_a_part_longer_than_the_file_begins_again(path: Path) -> None:
    with serving(CONTENT, cut_after=400_000) as server:
        with pytest.raises(FetchFailed):
            bring(server, path)
        path.with_name(f"{path.name}.part").write_bytes(CONTENT + b"more")
        server.cut_after = None
        bring(server, path)
    assert path.read_bytes() == CONTENT


def test_a_part_of_another_address_or_with_a_spoilt_note_is_not_used(
    path: Path,
) -> None:
    part = path.with_name(f"{path.name}.part")
    part.parent.mkdir()
    for note in ("", "[]", '{"url": "http://elsewhere/weights.bin", "total": 9}'):
        part.write_bytes(b"something else")
        path.with_name(f"{path.name}.part.json").write_text(note)
        path.unlink(missing_ok=True)
        with serving(CONTENT) as server:
            bring(server, path)
        assert server.asked == [None]
        assert path.read_bytes() == CONTENT


def test_without_a_length_it_comes_too(path: Path) -> None:
    with serving(CONTENT, length=False) as server:
        bring(server, path)
    assert path.read_bytes() == CONTENT


def test_a_wrong_file_is_thrown_away_and_said(path: Path) -> None:
    wrong = bytearray(CONTENT)
    wrong[123_456] ^= 1
    with (
        serving(bytes(wrong)) as server,
        pytest.raises(FetchFailed, match="not the file that was expected"),
    ):
        bring(server, path)
    assert left_beside(path) == set()


@pytest.mark.parametrize("length", [True, False])
def test_a_file_that_is_too_long_is_refused(path: Path, length: bool) -> None:
    with (
        serving(CONTENT, length=length) as server,
        pytest.raises(FetchFailed, match=r"more than the 0\.5 MB"),
    ):
        bring(server, path, most=500_000)
    assert fetch.begun(path) <= 500_000
    assert not path.exists()


@pytest.mark.parametrize("how", [{"pause_s": 0.05}, {"hang_after": 200_000}])
def test_stops_and_goes_on(
    path: Path, how: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither for the rest of the file nor for a silent server does it wait."""
    monkeypatch.setattr(transport, "SILENCE_S", 10 * LONG)
    stop, stopped = threading.Event(), threading.Event()

    def run() -> None:
        with pytest.raises(Stopped):
            bring(server, path, stop=stop)
        stopped.set()

    with serving(CONTENT, **how) as server:
        thread = threading.Thread(target=run)
        thread.start()
        until(lambda: fetch.begun(path) >= 100_000, "a part of the file")
        stop.set()
        assert stopped.wait(LONG)
        kept = fetch.begun(path)
        assert kept < len(CONTENT)
        server.pause_s, server.hang_after = 0, None
        bring(server, path)
    assert path.read_bytes() == CONTENT
    assert server.asked == [None, f"bytes={kept}-"]


def test_silence_ends_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "SILENCE_S", 0.3)
    with (
        serving(CONTENT, hang_after=200_000) as server,
        pytest.raises(FetchFailed, match="has not answered"),
    ):
        bring(server, path)
    assert fetch.begun(path) == 200_000


@pytest.mark.parametrize(
    ("status", "say"),
    [
        (404, "no longer where it was"),
        (403, "refused"),
        (407, "proxy between here"),
        (503, "try again in a few minutes"),
    ],
)
def test_a_status_is_a_sentence(path: Path, status: int, say: str) -> None:
    with (
        serving(CONTENT, status=status) as server,
        pytest.raises(FetchFailed, match=say) as failed,
    ):
        bring(server, path)
    sentence = str(failed.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert left_beside(path) == set()


def test_a_redirect_is_followed_by_http_only(path: Path) -> None:
    with serving(CONTENT) as real, serving(b"", status=302) as first:
        first.location = real.url
        bring(first, path)
        assert path.read_bytes() == CONTENT
        path.unlink()
        first.location = "ftp://127.0.0.1/weights.bin"
        with pytest.raises(FetchFailed):
            bring(first, path)
        first.location = "file:///etc/passwd"
        with pytest.raises(FetchFailed):
            bring(first, path)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/y", "data:,x", "x"])
def test_other_addresses_are_refused(path: Path, url: str) -> None:
    with pytest.raises(FetchFailed, match="http or https only"):
        fetch.fetch(url, path, RIGHT, most=MOST)


def test_from_https_only_to_https() -> None:
    asked = SimpleNamespace(full_url="https://good.example/x")
    with pytest.raises(FetchFailed, match="not secure"):
        transport.Redirects().redirect_request(
            asked, None, 302, "", {}, "http://bad.example/x"
        )


@pytest.mark.parametrize(
    ("trouble", "say"),
    [
        (URLError(socket.gaierror(-2, "Name or service not known")), "not known here"),
        (URLError(ConnectionRefusedError()), "cannot be reached"),
        (URLError(OSError(errno.ENETUNREACH, "unreachable")), "cannot be reached"),
        (URLError(ssl.SSLCertVerificationError("self-signed")), "cannot be trusted"),
        (URLError(TimeoutError()), "has not answered"),
        (
            URLError(
                OSError("Tunnel connection failed: 407 Proxy Authentication Required")
            ),
            "wants a name and a password",
        ),
        (URLError(OSError("Tunnel connection failed: 403 Forbidden")), "was refused"),
        (ConnectionResetError(), "broke off"),
        (HTTPError("", 500, "", None, None), "status 500"),  # type: ignore[arg-type]
    ],
)
def test_trouble_of_the_network_is_a_sentence(trouble: Exception, say: str) -> None:
    sentence = transport.trouble_sentence(trouble, "https://host.example/file")
    assert say in sentence
    assert "host.example" in sentence or "proxy" in sentence
    assert sentence.endswith(".")


def test_offline_is_a_sentence(path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and nobody listens
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/x"
        with pytest.raises(FetchFailed, match="cannot be reached from here: go online"):
            fetch.fetch(url, path, RIGHT, most=MOST)


def test_the_environments_proxy_is_used(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy is asked for the whole address, and may refuse."""
    with serving(CONTENT, status=407) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "")
        with pytest.raises(FetchFailed, match="HTTPS_PROXY"):
            fetch.fetch("http://far.example/x", path, RIGHT, most=MOST)
        assert proxy.asked == [None]


def test_too_little_disk_is_said_before_anything_comes(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = SimpleNamespace(free=len(CONTENT) + fetch.SPARE - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    with (
        serving(CONTENT) as server,
        pytest.raises(FetchFailed, match=r"51\.0 MB are needed: make room"),
    ):
        bring(server, path)
    assert fetch.begun(path) == 0


def test_a_full_disk_is_a_sentence_and_what_has_come_is_kept(path: Path) -> None:
    written = 0

    def full(progress: DownloadProgress) -> None:
        nonlocal written
        written = progress.done
        if progress.done > 300_000:  # as the next write would say
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with serving(CONTENT) as server:
        with pytest.raises(FetchFailed, match="is full: make room and try again"):
            bring(server, path, on_progress=full)
        assert fetch.begun(path) == written > 300_000
        bring(server, path)
    assert path.read_bytes() == CONTENT
    assert server.asked[-1] == f"bytes={written}-"


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    path = tmp_path / "file" / "weights.bin"
    with pytest.raises(FetchFailed, match="Nothing can be written to"):
        fetch.fetch("http://127.0.0.1:9/x", path, RIGHT, most=MOST)


HOLD = """
import sys
from pathlib import Path
from model.weights import fetch
with fetch.alone(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_another_process_fetches_it_already(path: Path) -> None:
    path.parent.mkdir()
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    with other, serving(CONTENT) as server:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(FetchFailed, match="by another program"):
            bring(server, path)
        assert server.asked == []
        other.kill()  # the lock dies with its holder
        other.wait()
        bring(server, path)
    assert path.read_bytes() == CONTENT


def test_time_left_follows_the_speed() -> None:
    times = iter((100.0, 102.0))
    # 500 are there from before: they took no time
    speed = fetch.TransferSpeed(500, 2_000, lambda: next(times))
    assert speed.at(1_000) == DownloadProgress(1_000, 2_000, pytest.approx(4.0))
    assert fetch.TransferSpeed(0, None).at(10).seconds_left is None


@pytest.mark.parametrize(
    ("kind", "known"),
    [  # what sha256sum and git hash-object say of "hello" and a new line
        ("sha256", "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"),
        ("git-blob", "ce013625030ba8dba906f756967f9e9ca394464a"),
    ],
)
def test_checksums_are_those_of_the_known_tools(
    tmp_path: Path, kind: Literal["sha256", "git-blob"], known: str
) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"hello\n")
    assert Checksum(kind, known).fits(file)
    file.write_bytes(b"hallo\n")
    assert not Checksum(kind, known).fits(file)
