"""What stands round the app: settings, pins, licence, commands, the server."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from app import HEADERS
from paths import ROOT
from tests.waiting import until


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


# --- settings -----------------------------------------------------------------------

SAFE: dict[str, Any] = {
    "client.showErrorDetails": "none",  # no traceback in a browser
    "client.showErrorLinks": False,  # no links to outside search engines
    "client.toolbarMode": "minimal",
    "browser.gatherUsageStats": False,
    "server.address": "127.0.0.1",
    "server.maxUploadSize": 201,
    "server.maxWidgetStateSize": 6,
    "server.maxMessageSize": 30,
    "server.enableXsrfProtection": True,
    "server.enableCORS": True,
    "server.enableStaticServing": False,
    "server.fileWatcherType": "none",
    "global.maxCachedMessageAge": 12,  # quick keys: more runs than the default of 2
}


@pytest.mark.parametrize("option", SAFE)
def test_setting_is_safe(option):
    section, name = option.split(".")
    assert tomllib.loads(read(".streamlit/config.toml"))[section][name] == SAFE[option]


def test_upload_limits_agree():
    from lab.datasets.archive import MAX_ARCHIVE, MAX_ARCHIVE_MB
    from ui.kit import uploads
    from ui.kit.picture import MEGABYTES

    overhead = 10_000
    assert MEGABYTES * 2**20 + overhead < uploads.VISITOR_FILE
    assert SAFE["server.maxUploadSize"] * 2**20 < uploads.INSTRUCTOR / 2
    # A class's zip, and what a form puts around it.
    assert SAFE["server.maxUploadSize"] == MAX_ARCHIVE_MB + 1
    assert MAX_ARCHIVE == MAX_ARCHIVE_MB * 10**6  # as the browser counts


# --- what is installed --------------------------------------------------------------

RUN, DEV, GPU = "requirements.txt", "requirements-dev.txt", "requirements-gpu.txt"
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[\w,-]+\])?==([\w.!+]+)$")


def normalised(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def lines(name: str) -> list[str]:
    """The requirements of a file, comments and references left out."""
    bare = (line.split("#")[0].strip() for line in read(name).splitlines())
    return [line for line in bare if line and not line.startswith("-")]


def pins(name: str) -> dict[str, str]:
    """The pinned packages of a file, and their versions."""
    found = (PIN.match(line) for line in lines(name))
    return {normalised(pin[1]): pin[2] for pin in found if pin}


def extras(name: str) -> dict[str, list[str]]:
    """What is asked for in brackets: psycopg[binary] -> psycopg: binary."""
    found = (re.match(r"([\w.-]+)\[([\w,-]+)\]", line) for line in lines(name))
    return {normalised(pair[1]): pair[2].split(",") for pair in found if pair}


@pytest.mark.parametrize("name", [RUN, DEV, GPU, "constraints.txt"])
def test_requirements_are_pinned(name):
    loose = [line for line in lines(name) if not PIN.match(line)]
    assert not loose, f"{name}: not pinned with ==: {loose}"


def test_requirements_are_constrained():
    assert "-c constraints.txt" in read(RUN).splitlines()
    constraints = pins("constraints.txt")
    for name in (RUN, DEV, GPU):
        for package, version in pins(name).items():
            assert constraints.get(package) == version, f"{name}: {package}"


def test_constraints_are_what_is_needed():
    """Everything that the requirements bring is pinned, and nothing else."""
    from importlib.metadata import PackageNotFoundError, requires, version

    from packaging.requirements import Requirement

    constraints, todo, seen = pins("constraints.txt"), [*pins(RUN), *pins(DEV)], set()
    wanted = extras(RUN)
    while todo:
        package = todo.pop()
        if package in seen:
            continue
        seen.add(package)
        assert package in constraints, f"constraints.txt: {package} is missing"
        try:
            assert version(package) == constraints[package], package
        except PackageNotFoundError:
            continue  # another platform's
        needs = [Requirement(text) for text in requires(package) or ()]
        todo += [
            normalised(need.name)
            for need in needs
            if need.marker is None
            or any(
                need.marker.evaluate({"extra": x}) for x in wanted.get(package, [""])
            )
        ]
    assert not constraints.keys() - seen, "constraints.txt: nobody needs these"


# What a package is called when it is imported.
DISTRIBUTIONS = {
    "PIL": "pillow",
    "argon2": "argon2-cffi",
    "axe_playwright_python": "axe-playwright-python",
    "pillow_heif": "pillow-heif",
}


def test_every_import_is_required():
    """What the app imports it asks for itself, even if another package brings it."""
    rooms = ("model", "lab", "viz", "store", "classroom", "ui", "pages")
    ours = {*rooms, "app", "clock", "paths"}
    files = [
        ROOT / "app.py",
        *(x for room in rooms for x in (ROOT / room).rglob("*.py")),
    ]
    wanted: dict[str, str] = {}
    for path in files:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Import(names=names):
                    tops = [alias.name.split(".")[0] for alias in names]
                case ast.ImportFrom(module=str(source), level=0):
                    tops = [source.split(".")[0]]
                case _:
                    continue
            for top in set(tops) - ours - sys.stdlib_module_names:
                wanted[normalised(DISTRIBUTIONS.get(top, top))] = (
                    f"{path.name}:{node.lineno}"
                )
    missing = {name: at for name, at in wanted.items() if name not in pins(RUN)}
    assert not missing, f"not in {RUN}: {missing}"


def test_unused_requirements():
    """Each one is imported somewhere, or a tool that a command runs."""
    text = "\n".join(
        path.read_text("utf-8")
        for room in (
            *("model", "lab", "store", "classroom", "viz", "ui", "pages"),
            *("bench", "tests", "scripts"),
        )
        for path in (ROOT / room).rglob("*.py")
    ) + read("app.py") + read("Makefile")  # fmt: skip
    if re.search(r"-n \d --dist", read("pyproject.toml")):
        text += "-m pytest-xdist"
    imported = {distribution: name for name, distribution in DISTRIBUTIONS.items()}
    for package in {**pins(RUN), **pins(DEV)}:
        name = imported.get(package, package)
        used = re.search(rf"(?:import|from|-m) {re.escape(name)}\b", text)
        assert used, f"{package} is required, but nothing uses it"


# --- what is written about it -------------------------------------------------------


def section(title: str) -> str:
    """A section of the README, from a heading that has the word to the next heading."""
    found = re.search(
        rf"(?ims)^(#+) [^\n]*{title}[^\n]*\n(.*?)(?=^#+ |\Z)", read("README.md")
    )
    assert found, f"README.md has no section about {title}"
    return found[2]


@pytest.mark.parametrize("package", [*pins(RUN), *pins(DEV)])
def test_readme_says_why(package):
    reason = rf"^\| {package} \| \w|\b{package} \(\w"
    assert re.search(reason, section("What it stands on"), re.MULTILINE), package


def targets() -> list[str]:
    return re.findall(r"^([a-z-]+):.*## \S", read("Makefile"), re.MULTILINE)


def test_makefile_has_its_commands():
    assert {"help", "run", "test", "bench", "clean"} <= set(targets())
    phony = re.search(r"^\.PHONY: (.*)$", read("Makefile"), re.MULTILINE)
    assert phony
    assert sorted(phony[1].split()) == sorted(targets())


@pytest.mark.parametrize("target", [x for x in targets() if x != "help"])
def test_readme_shows_the_command(target):
    assert f"make {target}" in read("README.md")


def test_ci_does_what_the_readme_says():
    assert "make test" in read(".ci/run")
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111, ".ci/run is not executable"


def test_licence():
    licence = read("LICENSE")
    assert "Apache License" in licence
    assert "Version 2.0, January 2004" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
    assert "AlexNet Lab contributors" in licence
    assert tomllib.loads(read("pyproject.toml"))["project"]["license"] == "Apache-2.0"


def tracked() -> list[Path]:
    """Files in the repository, or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


MACHINE = re.compile(
    r"(?<![\w.~-])/(?:work|root|Users|home/\w+)/|/tmp/\w|"
    r"\b(?:files\.)?(?:pypi|pythonhosted|debian|npmjs|ubuntu)\.org\b"
)


def test_no_machine_in_the_files():
    """No path of a developer's machine, no host that packages come from."""
    said = []
    for path in tracked():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue  # a picture, weights
        for number, line in enumerate(text.splitlines(), 1):
            if found := MACHINE.search(line):
                said.append(f"{path.relative_to(ROOT)}:{number}: {found[0]}")
    assert not said, "\n".join(said)


# --- the commands -------------------------------------------------------------------


def serve(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "scripts/serve.py", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
    )


def test_port_in_use(server):
    port = urlsplit(server.url).port
    done = serve("127.0.0.1", str(port))
    assert done.returncode == 1
    assert done.stderr == f"Port {port} is in use: make run PORT={port + 1}\n"


@pytest.mark.parametrize(
    ("host", "port", "sentence"),
    [
        ("127.0.0.1", "eight", "PORT=eight is not a port"),
        ("127.0.0.1", "70000", "PORT=70000 is not a port"),
        ("192.0.2.1", "8501", "HOST=192.0.2.1 is not an address of this machine"),
        ("no such host", "8501", "HOST=no such host is not an address"),
    ],
)
def test_nowhere_to_serve(host, port, sentence):
    done = serve(host, port)
    assert done.returncode == 1
    assert done.stderr.startswith(sentence)
    assert done.stderr.count("\n") == 1


# --- what the server answers --------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/", "/filters", "/_stcore/health", "/ready", "/none"]
)
def test_security_headers(server, path):
    answer, _ = server.get(path)
    for name, value in HEADERS.items():
        assert answer.getheader(name) == value


def test_policy_names_no_host():
    assert "://" not in HEADERS["content-security-policy"]
    assert "default-src 'self'" in HEADERS["content-security-policy"]


def test_ready_when_the_network_is_loaded(server):
    def answer() -> int | None:
        status = server.get("/ready")[0].status
        return None if status == 503 else status

    assert until(answer, "the network to be loaded", 120) == 200


@pytest.mark.long("ready when the network is loaded")
def test_not_ready_before(fresh_server):
    assert fresh_server().get("/ready")[0].status == 503


class Loads(HTMLParser):
    """Collects what a browser would load for a page."""

    def __init__(self) -> None:
        super().__init__()
        self.urls: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "link":
            self.urls.append(values.get("href", ""))
        self.urls += [
            values[x] for x in ("src", "srcset", "data", "poster") if x in values
        ]


@pytest.mark.parametrize("path", ["/", "/feature-maps"])
def test_page_loads_from_its_own_server(server, path):
    answer, body = server.get(path)
    assert answer.status == 200
    loads = Loads()
    loads.feed(body.decode())
    assert loads.urls
    outside = [url for url in loads.urls if urlsplit(url).netloc]
    assert not outside


# --- in a browser -------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_captions_are_as_strong_as_computed(open_page, scheme):
    """tests/test_palette.py relies on it."""
    from tests.test_palette import CAPTION

    page = open_page("/", scheme=scheme)
    caption = page.get_by_test_id("stCaptionContainer").first
    assert caption.evaluate("box => Number(getComputedStyle(box).opacity)") == CAPTION


_SO_FAR: list[int] = []


@pytest.mark.parametrize("turn", range(3))
def test_tests_of_a_file_share_a_process(turn):
    """They share servers and databases, and some build on what one before did."""
    _SO_FAR.append(turn)
    assert len(_SO_FAR) == turn + 1, "another process took the others"
