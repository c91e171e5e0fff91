"""The rooms of the house: who may import what, as docs/developing.md says.

Read from the source, imports inside functions too; nothing is run, but for the last
tests, which import modules in a fresh interpreter.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

from paths import ROOT


@dataclass(frozen=True)
class Room:
    """Files, and what they may import besides the standard library."""

    files: tuple[str, ...]
    may: tuple[str, ...]  # a name stands for all that lies under it
    never: tuple[str, ...] = ()  # but not this


ARITHMETIC = ("numpy", "PIL")
INSIDE = ("model", "lab", "store", "classroom")  # what the app does, unshown
SPECS = ("model.network.specs", "model.network.shapes")
PYPLOT = ("matplotlib.pyplot", "matplotlib.pylab", "pylab")  # state for all visitors
KERAS = (
    "network/build",
    "activations",
    "training/*",
    "card",
    "runtime",
    "gate",
    "weights/*",
    "analysis/favourites",
    "analysis/gradients",
)

# The first row that fits a file is its room.
ROOMS = {
    "specs": Room(
        (
            *("model/network/specs.py", "model/network/shapes.py"),
            *("model/network/__init__.py", "model/__init__.py"),
        ),
        SPECS,
    ),
    "paper": Room(("model/paper.py",), ()),
    "keras": Room(
        tuple(f"model/{name}.py" for name in KERAS),
        (*ARITHMETIC, "model", "keras", "tensorflow"),
    ),
    "model": Room(("model/*.py",), (*ARITHMETIC, "pillow_heif", "model")),
    # Pages read these: neither Keras nor Dask.
    "experiments": Room(
        ("lab/experiments.py", "lab/presets.py", "lab/networks.py", "lab/__init__.py"),
        (*SPECS, "lab.experiments"),
    ),
    "lab": Room(
        ("lab/*.py",),
        ("numpy", "model", "store", "keras", "dask", "distributed", "lab"),
    ),
    "viz": Room(("viz/*.py",), (*ARITHMETIC, "matplotlib", *SPECS, "viz"), PYPLOT),
    "store": Room(
        ("store/*.py",),
        ("sqlalchemy", "alembic", "psycopg", "store"),
    ),
    "exports": Room(
        ("classroom/exams/exports.py",), ("openpyxl", "store", "classroom")
    ),
    "classroom": Room(
        ("classroom/*.py",),
        ("store", "argon2", *SPECS, "model.paper", "classroom"),
    ),
    "ui": Room(
        ("ui/*.py",),
        (
            *ARITHMETIC,
            "streamlit",
            "starlette",
            "uvicorn",
            "segno",
            "psutil",
            "ui",
            "viz",
            *INSIDE,
        ),
        ("model.network.build", "model.activations", "model.training", "model.card"),
    ),
    "pages": Room(
        ("pages/*.py",),
        ("streamlit", "ui", "viz", "classroom", "lab.presets", *SPECS),
        ("streamlit.session_state", "streamlit.query_params"),
    ),
    "ground": Room(("clock.py", "paths.py"), ()),
    "app": Room(("app.py",), ("streamlit", "starlette", "ui", *INSIDE)),
}
OURS = {"app", "bench", "classroom", "lab", "model", "pages", "store", "tests", "ui"}
OURS |= {"viz", "scripts"}
GROUND = ("clock", "paths")  # anything may import them
FREE = ("bench/*", "tests/*", "scripts/*")  # may import anything, and nobody them


def sources() -> list[str]:
    """Every Python file of ours but what is free, as a path from the root."""
    found = [ROOT / name for name in ("app.py", "clock.py", "paths.py")]
    for folder in sorted(OURS):
        found += sorted((ROOT / folder).rglob("*.py"))
    names = [path.relative_to(ROOT).as_posix() for path in found]
    return [name for name in names if not any(fnmatch(name, x) for x in FREE)]


SOURCES = sources()


def module(name: str) -> str:
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def room_of(name: str) -> tuple[str, Room] | None:
    """The first room that has the file."""
    for title, room in ROOMS.items():
        if any(fnmatch(name, pattern) for pattern in room.files):
            return title, room
    return None


@cache
def parse(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text("utf-8"), name)


def imports(tree: ast.AST, name: str) -> Iterator[tuple[int, str]]:
    """Line and full name of everything imported, wherever it stands."""
    package = Path(name).parent.parts
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=aliases):
                yield from ((node.lineno, alias.name) for alias in aliases)
            case ast.ImportFrom(module=module, names=aliases, level=level):
                above = package[: len(package) - level + 1] if level else ()
                base = ".".join([*above, *([module] if module else [])])
                yield from ((node.lineno, f"{base}.{alias.name}") for alias in aliases)
            case ast.Call(
                func=ast.Name(id="import_module" | "__import__")
                | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(module)), *_],
            ):
                yield node.lineno, module


def under(module: str, names: tuple[str, ...]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in names)


def import_trouble(tree: ast.AST, name: str) -> list[str]:
    """Every import that the file's room does not allow, with file and line."""
    found = room_of(name)
    assert found, f"{name}: belongs to no room; give it one in ROOMS and docs/"
    title, room = found
    said = []
    for line, module in imports(tree, name):
        top = module.split(".")[0]
        if top in GROUND or (top in sys.stdlib_module_names and top not in OURS):
            continue
        if under(module, room.never):
            said.append(f"{name}:{line}: {title} must never import {module}")
        elif not under(module, room.may):
            said.append(
                f"{name}:{line}: {title} may not import {module}, only "
                f"{', '.join(room.may)} and the standard library"
            )
    return said


@pytest.mark.parametrize("name", SOURCES)
def test_room_imports_only_what_it_may(name):
    assert not (said := import_trouble(parse(name), name)), "\n".join(said)


@pytest.mark.parametrize(
    ("name", "source", "module"),
    [
        ("pages/x.py", "def f():\n    import tensorflow as tf", "tensorflow"),
        ("pages/x.py", "from pages import home", "pages.home"),
        ("pages/x.py", "import matplotlib.pyplot as plt", "matplotlib.pyplot"),
        ("pages/x.py", "from model import weights", "model.weights"),
        ("classroom/x.py", "from model import weights", "model.weights"),
        ("pages/x.py", "from streamlit import session_state", "session_state"),
        ("viz/x.py", "from matplotlib import pyplot", "matplotlib.pyplot"),
        ("viz/x.py", "import streamlit", "streamlit"),
        ("model/pictures/door.py", "import keras", "keras"),
        ("model/network/specs.py", "import numpy", "numpy"),
        ("model/network/build.py", "import streamlit as st", "streamlit"),
        ("model/x.py", "from importlib import import_module\n"
         "import_module('keras')", "keras"),
        ("ui/x.py", "from . import cache\nfrom bench import visitors", "bench"),
        ("ui/x.py", "from model.network.build import build", "model.network.build"),
    ],
)  # fmt: skip
def test_forbidden_import_is_found(name, source, module):
    said = import_trouble(ast.parse(source), name)
    assert len(said) == 1
    assert module in said[0]
    assert f":{len(source.splitlines())}:" in said[0]


def test_docs_say_who_may_import_what():
    text = (ROOT / "docs" / "developing.md").read_text("utf-8")
    for title, room in ROOMS.items():
        cells = [room.files, room.may, room.never]
        said = [", ".join(f"`{name}`" for name in cell) or "–" for cell in cells]
        row = f"| {' | '.join([title, *said])} |"
        assert row in text, f"docs/developing.md lacks this row:\n{row}"


def test_readme_has_every_folder_of_the_rooms():
    """And no others: two levels deep, migrations and browser components aside."""
    text = (ROOT / "README.md").read_text("utf-8")
    section = text.split("## The rooms")[1].split("\n## ")[0]
    said = set(re.findall(r"`((?:ui|model|lab|classroom)/\w+)/`", section))
    parents = {Path(name).parent.as_posix() for name in SOURCES}
    rooms = ("ui/", "model/", "lab/", "classroom/")
    assert said == {x for x in parents if x.startswith(rooms) and x.count("/") == 1}


# --- what stands in a file ----------------------------------------------------------


def named(*names: str) -> Callable[[ast.AST], bool]:
    """Uses of a name: as a variable, an attribute or a keyword."""

    def uses(node: ast.AST) -> bool:
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=name):
                return name in names
        return False

    return uses


def prints(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and named("print")(node.func)


def reads_the_time(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id="time"), attr="time"):
            return True
        case ast.ImportFrom(module="time", names=names):
            return any(name.name == "time" for name in names)
    return False


def catches_all(node: ast.AST) -> bool:
    """`except:`, or `except Exception` around a page's work."""
    return isinstance(node, ast.ExceptHandler) and (
        node.type is None or named("Exception", "BaseException")(node.type)
    )


# --- who imports whom inside a room ---------------------------------------------------

# Folders of ui/ that pages have; `kit` and `session` know none of them, and they do not
# know each other. `following` counts as session: every page shows where the class is.
PAGE_FOLDERS = ("network", "experiments", "lesson", "quiz", "classes", "account")
SHARED_FOLDERS = ("kit", "session", "following")


def folder_trouble(tree: ast.AST, name: str) -> list[str]:
    """Every import of a file in ui/ of a page's folder that is not its own."""
    parts = Path(name).parts
    if parts[0] != "ui" or len(parts) < 3:
        return []
    own = parts[1]
    forbidden = {x for x in PAGE_FOLDERS if x != own}
    if own in ("kit", "session"):
        forbidden.add("following")
    return [
        f"{name}:{line}: ui/{own} may not import {module}"
        for line, module in imports(tree, name)
        if module.startswith("ui.") and module.split(".")[1] in forbidden
    ]


@pytest.mark.parametrize("name", [x for x in SOURCES if x.startswith("ui/")])
def test_page_folders_are_apart(name):
    assert not (said := folder_trouble(parse(name), name)), "\n".join(said)
    folder = Path(name).parts[1]
    shell = ("__init__.py", "shell.py")
    assert folder in (*PAGE_FOLDERS, *SHARED_FOLDERS, *shell), f"{name}: a new folder"


def test_no_folder_of_ui_is_called_as_a_room():
    """Streamlit puts ui/ first on the path, and its worker processes inherit that."""
    assert not OURS & {path.stem for path in (ROOT / "ui").iterdir()}


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("ui/kit/x.py", "from ui.quiz import page"),
        ("ui/kit/runs/x.py", "from ui.experiments.source import engine"),
        ("ui/session/x.py", "def f():\n    from ui.following import follow"),
        ("ui/following/x.py", "from ui.quiz import progress"),
        ("ui/lesson/live/x.py", "from ui.experiments import page"),
        ("ui/lesson/live/x.py", "from ... import experiments"),
    ],
)
def test_import_across_page_folders_is_found(name, source):
    said = folder_trouble(ast.parse(source), name)
    assert len(said) == 1
    assert f":{len(source.splitlines())}:" in said[0]


def inside(modules: dict[str, ast.AST]) -> dict[str, set[str]]:
    """Module -> those of them that it imports. Keys are paths; so are values."""
    known = {module(name): name for name in modules}
    found = {}
    for name, tree in modules.items():
        mine = set()
        for _, full in imports(tree, name):
            parent = full.rpartition(".")[0]
            if (other := known.get(full) or known.get(parent)) and other != name:
                mine.add(other)
        found[name] = mine
    return found


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Files that import each other in a ring; empty if there are none."""
    over: set[str] = set()

    def walk(name: str, way: list[str]) -> list[str]:
        if name in way:
            return way[way.index(name) :]
        if name in over:
            return []
        for other in sorted(graph[name]):
            if ring := walk(other, [*way, name]):
                return ring
        over.add(name)
        return []

    return next((ring for name in graph if (ring := walk(name, []))), [])


def test_no_file_imports_one_that_imports_it():
    ring = circle(inside({name: parse(name) for name in SOURCES}))
    assert not ring, " imports ".join([*ring, *ring[:1]])


@pytest.mark.parametrize(
    ("files", "ring"),
    [
        ({"lab/a.py": "from lab import b", "lab/b.py": "import lab.a"}, 2),
        ({"lab/a.py": "def f():\n    from lab.b import x",
          "lab/b.py": "from lab.c import x", "lab/c.py": "from . import a"}, 3),
        ({"lab/q/__init__.py": "from lab.q import t", "lab/q/t.py":
          "from lab.q import bank"}, 2),
        ({"lab/a.py": "from lab import b", "lab/b.py": "import numpy"}, 0),
    ],
)  # fmt: skip
def test_circle_is_found(files, ring):
    graph = inside({name: ast.parse(source) for name, source in files.items()})
    assert len(circle(graph)) == ring


@dataclass(frozen=True)
class Ban:
    """What may stand nowhere in some files, but for a few."""

    what: str
    is_it: Callable[[ast.AST], bool]
    files: tuple[str, ...] = ("*",)
    but: tuple[str, ...] = ()


BANS = [
    Ban(
        "unsafe_allow_html: Markdown shows what was typed; `st.html` shows ours",
        named("unsafe_allow_html"),
    ),
    Ban(
        "unsafe_allow_javascript: scripts are components' alone",
        named("unsafe_allow_javascript"),
    ),
    Ban(
        "st.cache_*: it stands in ui/kit/cache.py only",
        named("cache_data", "cache_resource"),
        but=("ui/kit/cache.py",),
    ),
    Ban(
        "a raw session key: ui/kit/state.py names them all",
        named("session_state"),
        but=("ui/kit/state.py", "ui/kit/state_key.py", "ui/kit/components/*"),
    ),
    Ban(
        "st.query_params: ui/kit/state.py reads and writes the address",
        lambda node: isinstance(node, ast.Attribute) and node.attr == "query_params",
        but=("ui/kit/state.py",),
    ),
    Ban("catching every exception", catches_all, files=("pages/*", "ui/*")),
    Ban("print(", prints),
    Ban("time.time: clock.now is the time of day", reads_the_time, but=("clock.py",)),
]

# They have a command line.
COMMANDS = (
    *("model/training/train.py", "model/card.py", "model/weights/downloads.py"),
    *("classroom/accounts.py", "classroom/questions/__main__.py"),
    *("model/pictures/__main__.py", "store/__main__.py", "lab/datasets/__main__.py"),
)


def may_print(tree: ast.Module, name: str) -> set[ast.AST]:
    """The inside of a command line's `main`."""
    if name not in COMMANDS:
        return set()
    mains = [
        x for x in tree.body if isinstance(x, ast.FunctionDef) and x.name == "main"
    ]
    return {inner for main in mains for inner in ast.walk(main)}


@cache
def nodes(name: str) -> tuple[ast.AST, ...]:
    """Everything in a file: walked once, not for each ban."""
    return tuple(ast.walk(parse(name)))


@pytest.mark.parametrize("ban", BANS, ids=lambda ban: ban.what.split(":")[0])
def test_stands_nowhere(ban):
    said = []
    for name in SOURCES:
        if any(fnmatch(name, x) for x in ban.but) or not any(
            fnmatch(name, x) for x in ban.files
        ):
            continue
        excused = may_print(parse(name), name)
        for node in nodes(name):
            if ban.is_it(node) and node not in excused:
                # A keyword argument has a line of its own.
                said.append(f"{name}:{getattr(node, 'lineno', '?')}: {ban.what}")
    assert not said, "\n".join(said)


LONGEST = 450  # lines of any file
LINES = 60
FOLDER = 3_000  # of a folder's own files


@pytest.mark.parametrize("name", [x for x in SOURCES if "migrations" not in x])
def test_file_is_not_too_long(name):
    lines = len((ROOT / name).read_text("utf-8").splitlines())
    assert lines <= LONGEST, f"{name}:{lines}: a file has at most {LONGEST} lines"


@pytest.mark.parametrize("name", [x for x in SOURCES if x.startswith("pages/")])
def test_page_is_short(name):
    lines = len((ROOT / name).read_text("utf-8").splitlines())
    assert lines <= LINES, f"{name}:{lines}: a page has at most {LINES} lines"


def lines_of_folders(lines: dict[str, int]) -> dict[str, int]:
    """Lines of each folder's own files, those of its folders aside."""
    found: dict[str, int] = {}
    for name, count in lines.items():
        folder = Path(name).parent.as_posix()
        found[folder] = found.get(folder, 0) + count
    return found


def too_long(lines: dict[str, int]) -> dict[str, int]:
    return {x: n for x, n in lines_of_folders(lines).items() if n > FOLDER}


def test_no_folder_is_too_long():
    said = too_long(
        {x: len((ROOT / x).read_text("utf-8").splitlines()) for x in SOURCES}
    )
    assert not said, f"a folder's own files have at most {FOLDER} lines: {said}"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            {"ui/a/x.py": FOLDER - 1, "ui/a/y.py": 2, "ui/b/x.py": 9},
            {"ui/a": FOLDER + 1},
        ),
        ({"ui/a/x.py": FOLDER, "ui/a/b/y.py": 2}, {}),  # a folder in it counts alone
        ({"ui/a/b/x.py": FOLDER + 1, "ui/a/x.py": 2}, {"ui/a/b": FOLDER + 1}),
    ],
)
def test_too_long_folder_is_found(lines, said):
    assert too_long(lines) == said


# --- what an import brings along ----------------------------------------------------

HEAVY = (
    "model.network.build",
    "model.activations",
    "model.analysis.favourites",
    "model.analysis.gradients",
    "model.training.train",
    "model.training.tiny_imagenet",
    "model.training.__main__",
    "model.card",
    "lab.run",
    *(module(name) for name in SOURCES if name.startswith("lab/run/")),
)


LIGHT = [
    module(name)
    for name in SOURCES
    if name.startswith(("classroom/", "model/", "viz/", "ui/", "lab/", "store/"))
    and module(name) not in (*HEAVY, "ui.shell")  # a script, not to be imported
    and not name.startswith("store/migrations/")  # nor these, Alembic's
]

BROUGHT = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
    brought = {x.split(".")[0] for x in sys.modules} & {"tensorflow", "keras"}
    if brought:
        sys.exit(f"importing {name} brings {', '.join(sorted(brought))}")
"""


def brought(*names: str) -> str:
    """What a fresh interpreter says against importing these, one after the other."""
    done = subprocess.run(
        [sys.executable, "-c", BROUGHT, *names],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.stderr if done.returncode else ""


@pytest.mark.parametrize(
    "name", ["model", *SPECS, "model.weights", "viz", "ui.kit.words"]
)
def test_import_is_without_tensorflow(name):
    assert not (said := brought(name)), said


def test_nothing_light_brings_tensorflow():
    assert not (said := brought(*LIGHT)), said


# --- the state table ----------------------------------------------------------------


def test_every_session_key_has_a_name_of_its_own():
    """A second of the same name would silently take the first one's place."""
    names, keys = [], []
    for node in parse("ui/kit/state.py").body:
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(args=[ast.Constant(value=str(key)), *_]),
            ):
                names.append(name)
                keys.append(key)
    assert len(keys) > 50
    assert {x for x in names if names.count(x) > 1} == set()
    assert {x for x in keys if keys.count(x) > 1} == set()
