"""Fixtures: databases, a browser, and weight sets to be fetched from this machine.

A test that asks for a browser is marked `browser`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import make_url
from streamlit.components.v2 import manifest_scanner

from model import runtime, weights
from model.weights import downloads
from store.database import Database
from tests import access, servers, weights_files
from tests import browser as stand
from tests import postgres as postgresql
from tests.migrated import new_database

# A Playwright page, or a Playwright browser; the type would import Playwright.
Page = Any
Browser = Any


@pytest.fixture(scope="session", autouse=True)
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests, and the servers they start, keep their data to themselves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ALEXNET_DATA", str(tmp_path_factory.mktemp("data")))
        patch.delenv("DATABASE_URL", raising=False)
        patch.delenv("DASK_SCHEDULER", raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def components_are_sought_once() -> Iterator[None]:
    """Streamlit looks through every installed package for components, for each AppTest.

    That takes longer than most pages do.
    """
    with pytest.MonkeyPatch.context() as patch:
        once = cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", once)
        yield


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Long tests are left to the long form; browser tests come last in their file.

    Playwright keeps an event loop running in the main thread: a test that starts its
    own would fail after it.
    """
    left = [one for one in items if one.get_closest_marker("long")]
    if left and not access.ALL_STATES:
        items[:] = [one for one in items if not one.get_closest_marker("long")]
        config.hook.pytest_deselected(items=left)
    files = {path: at for at, path in enumerate(dict.fromkeys(x.path for x in items))}
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
    items.sort(
        key=lambda item: (
            files[item.path],
            item.get_closest_marker("browser") is not None,
        )
    )


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgresql.Server]:
    """A PostgreSQL server; skips with the reason where none can be had."""
    programs = postgresql.find_programs()
    if programs is None:
        (pytest.fail if postgresql.REQUIRED else pytest.skip)(postgresql.NO_POSTGRES)
    with postgresql.serving(programs) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: Any, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database: a test that asks for it is run on both."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'lab.sqlite3'}"
        return
    server = request.getfixturevalue("postgres")
    url = server.new()
    yield url
    server.drop(url)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open database: a test that asks for it is run on SQLite and PostgreSQL."""
    path = make_url(database_url)
    is_file = path.get_backend_name() == "sqlite"
    file = Path(path.database or "")
    opened = new_database(file.parent) if is_file else Database(database_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[stand.Server]:
    """The app, really served; all tests share it. `server.url` is its address."""
    with stand.serving(tmp_path_factory.mktemp("server") / "log") as started:
        yield started


@pytest.fixture
def fresh_server(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., stand.Server]]:
    """Starts servers of a test's own: `fresh_server(NAME="value")`, its environment."""
    with ExitStack() as stack:

        def start(**environment: str) -> stand.Server:
            log = tmp_path_factory.mktemp("server") / "log"
            return stack.enter_context(stand.serving(log, **environment))

        yield start


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A file's Chromium; skips with the reason where there is none but need be none."""
    path = stand.find_chromium()
    if path is None:
        (pytest.fail if stand.REQUIRED else pytest.skip)(stand.NO_CHROMIUM)
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=stand.SLOWEST)
    with (
        sync_playwright() as playwright,
        closing(
            playwright.chromium.launch(executable_path=path, args=stand.ARGUMENTS)
        ) as chromium,
    ):
        yield chromium


@pytest.fixture(scope="module")
def windows(browser: Browser) -> stand.Windows:
    """Windows of that Chromium, used by one test after another."""
    return stand.Windows(browser)


@pytest.fixture
def open_page(windows: stand.Windows, request: Any) -> Iterator[Callable[..., Page]]:
    """Opens an address in a window: `open_page("/filters?filter=3", width=390)`.

    Each has cookies and a storage of its own, empty at first. `fresh=True`: nothing
    that was loaded before is at hand either, as for somebody who comes first.

    At the end of the test every page opened is checked: no errors, no requests to
    other hosts, no exception box, nothing wider than the window. What a test breaks
    on purpose it allows by regular expressions: `allow=("status 503",)`.
    """
    opened: list[tuple[Page, stand.Watch]] = []

    def open_one(
        path: str = "/",
        width: int = 1280,
        height: int = 900,
        scheme: str = "light",
        *,
        server: stand.Server | None = None,
        allow: tuple[str, ...] = (),
        idle: bool = True,
        fresh: bool = False,
        cookies: Sequence[Any] = (),
        **context: Any,
    ) -> Page:
        base = (server or request.getfixturevalue("server")).url
        window = stack.enter_context(
            windows.one(base, fresh=fresh or bool(context), **context)
        )
        window.add_cookies(list(cookies))
        page = window.new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        page.add_init_script(access.SHIFTS)
        watch = stand.Watch(base, allow)
        watch.attach(page)
        opened.append((page, watch))
        page.goto(path)
        if idle:
            stand.wait_idle(page)
        return page

    with ExitStack() as stack:
        yield open_one
        for page, watch in opened:
            if not page.is_closed():
                stand.check(page, watch)


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """The home page, opened."""
    return open_page("/")


@pytest.fixture
def wait_idle() -> Callable[..., None]:
    """`wait_idle(page)`: until the app has finished running."""
    return stand.wait_idle


@pytest.fixture
def tiny_folder(tmp_path: Path) -> Path:
    """Two classes in Tiny ImageNet's layout: red and blue pictures with noise."""
    folder = tmp_path / "tiny"
    rng = np.random.default_rng(0)
    (folder / "val" / "images").mkdir(parents=True)
    lines = []
    for channel, wnid in ((0, "n02"), (2, "n01")):
        images = folder / "train" / wnid / "images"
        images.mkdir(parents=True)
        for i in range(40):
            pixels = rng.integers(0, 60, (64, 64, 3), dtype=np.uint8)
            pixels[:, :, channel] += 180
            where = (
                images / f"{i}.JPEG"
                if i < 32
                else folder / "val" / "images" / f"{wnid}{i}.JPEG"
            )
            Image.fromarray(pixels).save(where, "JPEG")
            if i >= 32:
                lines.append(f"{wnid}{i}.JPEG\t{wnid}\t0\t0\t1\t1\n")
    (folder / "wnids.txt").write_text("n02\nn01\n")
    (folder / "val" / "val_annotations.txt").write_text("".join(lines))
    return folder


@pytest.fixture
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in the place of this machine's fetched weights."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "weights"
    monkeypatch.setenv("ALEXNET_WEIGHTS", str(folder))
    return folder


@dataclass
class Offer:
    """A published set, served by this machine."""

    weight_set: weights.WeightSet
    server: servers.FileServer
    state: weights_files.State  # what its file holds


@pytest.fixture
def offer(
    cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Offer]]:
    """`offer("original")` serves such a file of a narrow network, or of `spec`.

    What is remembered of the set is forgotten before and after.
    """
    names: list[str] = []

    def forget(name: str) -> None:
        from ui.kit import cache

        runtime.networks.pop(name, None)
        downloads.running.pop(name, None)
        weights.first_layer.cache_clear()
        for remembered in (cache.first_layer, cache.filter_facts, cache.activations):
            remembered.clear()
        for remembered in (cache.layer_mosaic, cache.first_maps, cache.received_photo):
            remembered.clear()
        for remembered in (cache.best_maps, cache.best_first_maps):
            remembered.clear()

    with ExitStack() as stack:

        def make(name: str, spec: Any = None, **how: Any) -> Offer:
            weight_set = weights.get(name)
            weight_set = replace(
                weight_set, spec=spec or weights_files.narrow(weight_set.spec)
            )
            content, state = weights_files.content_of(weight_set)
            server = stack.enter_context(servers.serving(content, **how))
            weight_set = weights_files.offer(weight_set, content, server.url)
            monkeypatch.setitem(weights.REGISTRY, name, weight_set)
            names.append(name)
            forget(name)
            return Offer(weight_set, server, state)

        yield make
    for name in names:
        downloads.stop(name)
        forget(name)
