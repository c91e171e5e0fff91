"""The rooms of the house: who may import what, as the README's "Rooms" section says.

Read from the source, imports inside functions too; nothing is run, but for the last
tests, which import modules in a fresh interpreter.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
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
GATES = ("network", "activations", "training", "card", "runtime", "weights")

# The first row that fits a file is its room.
ROOMS = {
    "specs": Room(
        ("model/network/specs.py", "model/network/shapes.py", "model/__init__.py"),
        SPECS,
    ),
    "gates": Room(
        tuple(f"model/{name}.py" for name in GATES),
        (*ARITHMETIC, "model", "keras", "tensorflow", "platformdirs"),
    ),
    "model": Room(("model/*.py",), (*ARITHMETIC, "pillow_heif", "model")),
    # Pages read these: neither Keras nor Dask.
    "experiments": Room(
        ("lab/experiments.py", "lab/networks.py", "lab/__init__.py"),
        (*SPECS, "lab.experiments"),
    ),
    "lab": Room(
        ("lab/*.py",),
        ("numpy", "model", "store", "keras", "dask", "distributed", "lab"),
    ),
    "viz": Room(("viz/*.py",), (*ARITHMETIC, "matplotlib", *SPECS, "viz"), PYPLOT),
    "store": Room(
        ("store/*.py",),
        ("sqlalchemy", "alembic", "psycopg", "platformdirs", "store"),
    ),
    "exports": Room(("classroom/exports.py",), ("openpyxl", "store", "classroom")),
    "classroom": Room(("classroom/*.py",), ("store", "argon2", *SPECS, "classroom")),
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
        tuple(f"model.{x}" for x in ("network", "activations", "training", "card")),
    ),
    "pages": Room(
        ("pages/*.py",),
        ("streamlit", "ui", "viz", "classroom", "lab.experiments", *SPECS),
        ("streamlit.session_state", "streamlit.query_params"),
    ),
    "app": Room(("app.py",), ("streamlit", "starlette", "ui", *INSIDE)),
}
OURS = {"app", "bench", "classroom", "lab", "model", "pages", "store", "tests", "ui"}
OURS |= {"viz", "scripts"}
FREE = ("bench/*", "tests/*", "scripts/*")  # may import anything, and nobody them


def sources() -> list[str]:
    """Every Python file of ours but what is free, as a path from the root."""
    found = [ROOT / "app.py"]
    for folder in sorted(OURS):
        found += sorted((ROOT / folder).rglob("*.py"))
    names = [path.relative_to(ROOT).as_posix() for path in found]
    return [name for name in names if not any(fnmatch(name, x) for x in FREE)]


SOURCES = sources()


def room_of(name: str) -> tuple[str, Room] | None:
    """The first room that has the file."""
    for title, room in ROOMS.items():
        if any(fnmatch(name, pattern) for pattern in room.files):
            return title, room
    return None


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
    assert found, f"{name}: belongs to no room; give it one in ROOMS and the README"
    title, room = found
    said = []
    for line, module in imports(tree, name):
        top = module.split(".")[0]
        if top in sys.stdlib_module_names and top not in OURS:
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
        ("ui/x.py", "from model.network import build", "model.network.build.build"),
    ],
)  # fmt: skip
def test_forbidden_import_is_found(name, source, module):
    said = import_trouble(ast.parse(source), name)
    assert len(said) == 1
    assert module in said[0]
    assert f":{len(source.splitlines())}:" in said[0]


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


def catches_all(node: ast.AST) -> bool:
    """`except:`, or `except Exception` around a page's work."""
    return isinstance(node, ast.ExceptHandler) and (
        node.type is None or named("Exception", "BaseException")(node.type)
    )


@dataclass(frozen=True)
class Ban:
    """What may stand nowhere in some files, but for a few."""

    what: str
    is_it: Callable[[ast.AST], bool]
    files: tuple[str, ...] = ("*",)
    but: tuple[str, ...] = ()


BANS = [
    Ban("unsafe_allow_html", named("unsafe_allow_html")),
    Ban("unsafe_allow_javascript", named("unsafe_allow_javascript")),
    Ban(
        "st.cache_*: it stands in ui/kit/cache.py only",
        named("cache_data", "cache_resource"),
        but=("ui/kit/cache.py",),
    ),
    Ban(
        "a raw session key: ui/kit/state.py names them all",
        named("session_state"),
        but=("ui/*",),
    ),
    Ban(
        "st.query_params: ui/kit/state.py reads and writes the address",
        lambda node: isinstance(node, ast.Attribute) and node.attr == "query_params",
        but=("ui/kit/state.py",),
    ),
    Ban("catching every exception", catches_all, files=("pages/*", "ui/*")),
    Ban("print(", prints),
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


@pytest.mark.parametrize("ban", BANS, ids=lambda ban: ban.what.split(":")[0])
def test_stands_nowhere(ban):
    said = []
    for name in SOURCES:
        if any(fnmatch(name, x) for x in ban.but) or not any(
            fnmatch(name, x) for x in ban.files
        ):
            continue
        tree = parse(name)
        excused = may_print(tree, name)
        for node in ast.walk(tree):
            if ban.is_it(node) and node not in excused:
                # A keyword argument has a line of its own.
                said.append(f"{name}:{getattr(node, 'lineno', '?')}: {ban.what}")
    assert not said, "\n".join(said)


LINES = 60


@pytest.mark.parametrize("name", [x for x in SOURCES if x.startswith("pages/")])
def test_page_is_short(name):
    lines = len((ROOT / name).read_text("utf-8").splitlines())
    assert lines <= LINES, f"{name}:{lines}: a page has at most {LINES} lines"


# --- what an import brings along ----------------------------------------------------

HEAVY = (
    "model.network.build",
    "model.activations",
    "model.training.train",
    "model.card",
    "lab.run",
)


def module(name: str) -> str:
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


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
