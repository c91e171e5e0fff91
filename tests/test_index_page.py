"""The page round all pages: Streamlit's, with our style and script in it."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import httpx
import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse
from starlette.routing import Route

from paths import ROOT
from ui.kit import words
from ui.session import index_page

THEIRS = {"etag": '"theirs"', "last-modified": "Sat, 28 Nov 2026 10:00:00 GMT"}


def packed(_: object) -> HTMLResponse:
    """Streamlit's page below a page's address, where it is packed."""
    how = {**THEIRS, "content-encoding": "gzip", "cache-control": "no-cache"}
    return HTMLResponse("<html>theirs</html>", headers=how)


def gone(_: object) -> HTMLResponse:
    return HTMLResponse("<html>none</html>", 404)


def ask(method: str, path: str) -> httpx.Response:
    """What a server answers that stands behind the middleware; nothing is unpacked."""
    routes = [
        Route("/lesson", packed),
        Route("/gone", gone),
        Route("/health", lambda _: PlainTextResponse("ok", headers=THEIRS)),
        Route("/config", lambda _: JSONResponse({"a": 1})),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(index_page.IndexPage)])

    async def asking() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://lab") as it:
            return await it.request(method, path)

    return asyncio.run(asking())


def test_the_page_is_streamlits_with_ours_before_its_script():
    page = index_page.content("/").decode()
    assert page.startswith(index_page.STREAMLIT.read_text("utf-8")[:300])
    ours = page.index("const alexnetLab")
    assert ours < page.index('type="module"'), "the base address is known in time"
    assert "<title>AlexNet Lab</title>" in page
    assert '<html lang="en">' in page
    assert page.count("</script>") == page.count("<script")
    assert page.count("</style>") == 1


def test_the_page_knows_where_it_is_served_and_what_to_say():
    page = index_page.content("/class-1/lab").decode()
    given = json.loads(re.search(r"const alexnetLab = (.*);", page)[1])
    assert given["base"] == "/class-1/lab"
    for language in ("en", "de"):
        said = words.page("shell", language).as_dict()["connection"]
        assert given["words"][language] == said


def test_a_word_cannot_end_the_script(monkeypatch):
    said = {"connection": {"gone": "</script><b>"}}
    monkeypatch.setattr(
        index_page.words, "page", lambda _, __: words.PageWords(said, "page")
    )
    index_page.content.cache_clear()
    try:
        page = index_page.content("/").decode()
    finally:
        index_page.content.cache_clear()
    assert "</script><b>" not in page


def test_another_page_of_streamlits_is_refused(monkeypatch, tmp_path):
    other = tmp_path / "index.html"
    other.write_text("<html><title>a</title><title>b</title></html>")
    monkeypatch.setattr(index_page, "STREAMLIT", other)
    index_page.content.cache_clear()
    try:
        with pytest.raises(RuntimeError, match="another page"):
            index_page.content("/elsewhere")
    finally:
        index_page.content.cache_clear()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_ours_is_sent_whole_and_as_it_is(method):
    answer = ask(method, "/lesson")
    ours = index_page.content("/")
    assert int(answer.headers["content-length"]) == len(ours)
    assert answer.content == (ours if method == "GET" else b"")
    assert not {"etag", "last-modified", "content-encoding"} & set(answer.headers)
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/gone", "/health", "/config"])
def test_everything_else_is_left_alone(path):
    answer = ask("GET", path)
    assert b"alexnetLab" not in answer.content
    if path == "/health":
        assert answer.headers["etag"] == '"theirs"'


def test_our_style_and_script_name_parts_that_streamlit_has() -> None:
    """A selector of a part that was renamed would style nothing, and say nothing."""
    static = Path(streamlit.__file__).parent / "static"
    theirs = "\n".join(x.read_text("utf-8") for x in static.rglob("*.js"))
    ours = [x for end in ("css", "js") for x in (ROOT / "ui").rglob(f"*.{end}")]
    named = {
        found
        for one in ours
        for found in re.findall(r'data-testid(\^?)="(\w+)', one.read_text("utf-8"))
    }
    assert {("", "stSlider"), ("^", "stTabsScroll")} <= named
    has = set(re.findall(r"[`\"'](st[A-Z]\w+)", theirs))
    gone = {
        name
        for how, name in named
        if name not in has and not (how and any(x.startswith(name) for x in has))
    }
    assert gone == set()
