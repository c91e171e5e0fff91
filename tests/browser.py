"""What the browser tests stand on: a Chromium, a real server, a watched page.

`python -m tests.browser` makes sure of the Chromium; `make test` calls it.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lab.workers import prestart
from paths import ROOT
from tests import debian, waiting

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# What each new window would start beside its page: two popups of the address bar, and a
# renderer for the next site. The switch replaces Playwright's own list: it is repeated.
UNUSED = (
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess"),
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose"),
    *("HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable", "LensOverlay"),
    *("MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning", "AimEnabled"),
    *("AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints"),
    *("NetworkTimeServiceQuerying", "PreconnectToSearch"),
)
ARGUMENTS = [
    f"--disable-features={','.join(UNUSED)}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
SLOWEST = 60_000  # milliseconds until a page has changed: the cores may be busy
REQUIRED = os.environ.get("REQUIRE_BROWSER", "") not in ("", "0")
NO_CHROMIUM = (
    "no Chromium: install one (on Debian: apt-get install chromium), "
    "or name it with CHROMIUM=/path/to/chromium"
)


# --- a Chromium ---------------------------------------------------------------------


def find_chromium() -> str | None:
    """CHROMIUM=..., the machine's, or Playwright's own; None if there is none."""
    if named := os.environ.get("CHROMIUM"):
        return named
    for name in NAMES:
        if path := shutil.which(name):
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


# --- a server -----------------------------------------------------------------------


@dataclass
class Server:
    """A real `streamlit run app.py`, in a process group of its own."""

    url: str
    log: Path
    process: subprocess.Popen[bytes]

    def __str__(self) -> str:
        return self.url

    def get(self, path: str, seconds: float = 10) -> tuple[HTTPResponse, bytes]:
        """One answer, and its body; never from another host."""
        where = urlsplit(self.url)
        connection = HTTPConnection(where.hostname or "", where.port, timeout=seconds)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def wait(self, path: str, seconds: float) -> None:
        """Until the address answers 200."""

        def answers() -> bool:
            assert self.process.poll() is None, f"the server ended:\n{self.said()}"
            with suppress(OSError, HTTPException):  # not listening yet
                return self.get(path)[0].status == 200
            return False

        try:
            waiting.until(answers, f"an answer of {path}", seconds)
        except waiting.TooLong as error:
            raise TimeoutError(f"{error}; the server's log:\n{self.said()}") from None

    def wait_ready(self, seconds: float = 120) -> None:
        """Until TensorFlow and the network are loaded."""
        self.wait("/ready", seconds)

    def said(self) -> str:
        """Its log."""
        return self.log.read_text("utf-8", "replace")

    def stop(self) -> None:
        """Ends it and all that it started."""
        self._signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(15)
        self._signal(signal.SIGKILL)  # whatever of the group has stayed
        self.process.wait(15)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(
    log: Path, *options: str, port: int = 0, script: str = "app.py", **environment: str
) -> Iterator[Server]:
    """A fresh server, stopped at the end; an error in its log is an error here.

    It listens on `port`, or on one that is free.
    """
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", script]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    command += ["--server.headless", "true", *options]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            # Workers only where they are needed: most tests train nothing.
            env=os.environ
            | {"PYTHONUNBUFFERED": "1", prestart.VARIABLE: "0"}
            | environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Server(f"http://127.0.0.1:{port}", log, process)
    try:
        server.wait("/_stcore/health", 60)
        yield server
    finally:
        server.stop()
    assert "Traceback" not in server.said(), f"the server's log:\n{server.said()}"


# --- a page -------------------------------------------------------------------------

# A picture of a run that another one has cut short is gone before the browser asks for
# it. What is shown in the end, `check` looks at.
PASSED = re.compile(r"/media/\w+\.(png|jpe?g)$")

IDLE = """(quiet) => {
    const app = document.querySelector('[data-testid="stApp"]');
    const idle = app
        && app.dataset.testConnectionState === "CONNECTED"
        && app.dataset.testScriptState === "notRunning"
        && !document.querySelector('[data-stale="true"], [data-testid="stSkeleton"]');
    if (!idle) { window.__idleSince = undefined; return false; }
    window.__idleSince ??= performance.now();
    return performance.now() - window.__idleSince >= quiet;
}"""

TOO_WIDE = """() => [
    "html",
    "[data-testid=stMain]",
    // Folded away, the sidebar is narrower than what it holds.
    "[data-testid=stSidebar][data-collapsed=false] [data-testid=stSidebarContent]",
].map(name => [name, document.querySelector(name)])
    .filter(([, box]) => box && box.scrollWidth > box.clientWidth + 1)
    .map(([name, box]) => `${name} is ${box.scrollWidth} px wide in ${box.clientWidth}`)
"""

BROKEN = """() => [...document.images]
    .filter(image => image.complete && !image.naturalWidth)
    .map(image => `${image.src} (${image.alt})`)
"""


def set_mark(page: Any) -> None:
    """Says by how much the arm that was guessed is ahead: in the line's middle."""
    line = page.locator("section.number-line").filter(has_text="this many")
    line.locator("svg").click()


def wait_idle(page: Any, seconds: float = 60, quiet: float = 0.3) -> None:
    """Until the app has finished running, and has stayed so for `quiet` seconds.

    After a click, wait for what the click changes (`expect`): this cannot tell a run
    that is over from one that has not begun within `quiet`.
    """
    page.evaluate("window.__idleSince = undefined")
    page.wait_for_function(IDLE, arg=quiet * 1000, timeout=seconds * 1000)


def reload(page: Any) -> None:
    """Reloads the page once its run is over.

    The address says what is on screen only at the end of a run: one that was reloaded
    before shows what was chosen before.
    """
    wait_idle(page)
    page.reload()


class Windows:
    """Browser contexts that serve one test after another.

    What a page loads, Streamlit's scripts above all, is at hand for the next test;
    its cookies and its storage are not.
    """

    def __init__(self, browser: Any) -> None:
        self._browser = browser
        self._free: dict[str, list[Any]] = {}

    @contextmanager
    def one(self, base: str, *, fresh: bool, **options: Any) -> Iterator[Any]:
        """A context for the pages of that address, for as long as a test needs it.

        Args:
            fresh: one that is used for nothing else.
            options: Playwright's, of a fresh one.
        """
        free = [] if fresh else self._free.setdefault(base, [])
        context = (
            free.pop() if free else self._browser.new_context(base_url=base, **options)
        )
        context.set_default_timeout(SLOWEST)
        try:
            yield context
        except BaseException:
            context.close()
            raise
        if fresh or not self._emptied(context, base):
            context.close()
        else:
            free.append(context)

    def _emptied(self, context: Any, base: str) -> bool:
        """Leaves nothing of a test behind; False: that cannot be done."""
        if not (pages := context.pages):
            return False
        context.set_offline(False)
        for page in pages:  # what it has to say at its end comes before the next test
            page.goto("about:blank")
        session = context.new_cdp_session(pages[0])
        session.send(
            "Storage.clearDataForOrigin",
            {"origin": base, "storageTypes": "cookies,local_storage,indexeddb"},
        )
        context.clear_cookies()
        for page in pages:
            page.close()
        return True


@dataclass
class Watch:
    """Collects what goes wrong in a page."""

    base: str
    allow: tuple[str, ...] = ()  # regular expressions: trouble that a test makes itself
    reported: list[str] = field(default_factory=list)

    def attach(self, page: Any) -> None:
        """Listens from now on."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.reported.append(f"page error: {error}"))
        page.on("request", lambda request: self._address(request.url))
        page.on("websocket", lambda socket: self._address(socket.url))
        page.on("requestfailed", self._failed)
        page.on("response", self._response)

    def problems(self) -> list[str]:
        """All of it that is not allowed."""
        return [
            x for x in self.reported if not any(re.search(a, x) for a in self.allow)
        ]

    def _console(self, message: Any) -> None:
        # What could not be loaded is reported in more detail by _response and _failed.
        loading = message.text.startswith("Failed to load resource")
        passed = "Image source error" in message.text and PASSED.search(message.text)
        if message.type == "error" and not (loading or passed):
            self.reported.append(f"console error: {message.text}")

    def _address(self, url: str) -> None:
        at = urlsplit(url)
        if at.scheme in ("data", "blob"):
            return
        if at.netloc != urlsplit(self.base).netloc:
            self.reported.append(f"request to another host: {url}")

    def _failed(self, request: Any) -> None:
        # Aborted: the page was left or closed before the answer came.
        if request.failure != "net::ERR_ABORTED":
            self.reported.append(f"request failed: {request.url}: {request.failure}")

    def _response(self, response: Any) -> None:
        path = urlsplit(response.url).path
        passed = PASSED.search(path)
        if response.status >= 400 and not (response.status == 404 and passed):
            self.reported.append(f"status {response.status}: {response.url}")


def check(page: Any, watch: Watch) -> None:
    """A page is as it should be: nothing went wrong, nothing sticks out.

    Raises:
        AssertionError: naming the address and everything that is wrong.
    """
    wrong = watch.problems()
    boxes = page.locator('[data-testid="stException"]')
    wrong += [f"exception box: {box.inner_text()}" for box in boxes.all()]
    wrong += [f"sticks out: {x}" for x in page.evaluate(TOO_WIDE)]
    wrong += [f"broken picture: {x}" for x in _broken(page)]
    assert not wrong, "\n".join([page.url, *wrong])


def _broken(page: Any, seconds: float = 5) -> list[str]:
    """Pictures that stay broken; one of a run just cut short is soon replaced."""
    with suppress(waiting.TooLong):
        waiting.until(lambda: not page.evaluate(BROKEN), "whole pictures", seconds)
    return list(page.evaluate(BROKEN))


def main() -> None:
    """Finds a Chromium, or installs one, or says what is missing."""
    if find_chromium() is None:
        debian.install(NAMES[0], "the browser tests")
    if found := find_chromium():
        print(f"Browser tests use {found}")
    elif REQUIRED:
        sys.exit(NO_CHROMIUM)
    else:
        print(f"Browser tests are skipped: {NO_CHROMIUM}")


if __name__ == "__main__":
    main()
