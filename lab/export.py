"""A run as files: a table, and a script that does it again."""

from __future__ import annotations

import ast
import csv
import io
import json
import platform
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

from lab import datasets
from lab.experiments import Experiment
from lab.records import ArmEvent
from paths import ROOT
from store.formulas import as_text

OURS = ("lab", "model", "paths")
COLUMNS = (
    "step",
    "epoch",
    "seconds",
    "loss",
    "evaluated_step",
    "training_error",
    "validation_accuracy",
    "pictures_per_second",
)


def as_csv(experiment: Experiment, events: Iterable[ArmEvent]) -> str:
    """One line a report; gradient norms and idle shares in a column for each layer."""
    events = list(events)
    layers = list(dict.fromkeys(x.name for e in events for x in e.report.layers))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        [
            "arm",
            *COLUMNS,
            *(f"gradient_norm_{name}" for name in layers),
            *(f"idle_{name}" for name in layers),
        ]
    )
    for event in events:
        report = event.report
        by_name = {layer.name: layer for layer in report.layers}
        row: list[Any] = [as_text(experiment.arms[event.arm].label)]
        row += [getattr(report, column) for column in COLUMNS]
        row += [
            by_name[name].gradient_norm if name in by_name else "" for name in layers
        ]
        row += [by_name[name].idle if name in by_name else "" for name in layers]
        writer.writerow(
            f"{cell:.6g}" if isinstance(cell, float) else cell for cell in row
        )
    return out.getvalue()


# --- the script ---------------------------------------------------------------------

_HEAD = '''"""{title}: a run of AlexNet Lab, as one file.

It needs keras, a backend for it (tensorflow, jax or torch), and numpy:

    pip install keras=={keras} tensorflow=={tensorflow} numpy=={numpy}
    python this_file.py

It was made by Python {python} on {machine}. The same seed gives the same images,
order and initial weights; last digits may differ on another machine. Run again:
{arms}
Below is what differs, then what the lab does with it, module by module.
"""

import importlib.abc
import importlib.util
import json
import sys

EXPERIMENT = json.loads(r"""
{experiment}
""")

SOURCES = {{}}
'''

_TAIL = '''

class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules above, in this file."""

    def find_spec(self, name, path=None, target=None):
        if name in SOURCES or any(known.startswith(name + ".") for known in SOURCES):
            package = any(known.startswith(name + ".") for known in SOURCES)
            return importlib.util.spec_from_loader(name, self, is_package=package)

    def exec_module(self, module):
        if module.__name__ == "paths":  # it asks where it lies
            module.__file__ = __file__
        code = compile(SOURCES.get(module.__name__, ""), module.__name__, "exec")
        exec(code, module.__dict__)


def main():
    sys.meta_path.insert(0, _Finder())
    from lab.experiments import Experiment, check
    from lab.run import train

    for arm in check(Experiment.from_dict(EXPERIMENT)).arms:
        print(arm.label)

        def report(now):
            print(
                f"  epoch {now.epoch:6.2f}  loss {now.loss:8.4f}  "
                f"training error {now.training_error:6.1%}  "
                f"validation accuracy {now.validation_accuracy:6.1%}  "
                f"{now.pictures_per_second:7.0f} images/s",
                flush=True,
            )

        print(" ", train(arm, report).sentence)


if __name__ == "__main__":
    main()
'''


def _module_file(name: str) -> Path | None:
    base = ROOT.joinpath(*name.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path
    return None


def closure(name: str) -> list[str]:
    """A module of ours and all of ours that importing it brings, depended on first.

    What stands inside a function is not followed: it is imported when it is called.
    """
    found: dict[str, None] = {}

    def visit(module: str) -> None:
        path = _module_file(module)
        if path is None or module in found:
            return
        found[module] = None  # in case of a circle
        for node in ast.parse(path.read_text("utf-8")).body:
            match node:
                case ast.Import(names=aliases):
                    names = [alias.name for alias in aliases]
                case ast.ImportFrom(module=str(base), names=aliases, level=0):
                    names = [base, *(f"{base}.{alias.name}" for alias in aliases)]
                case _:
                    continue
            for each in names:
                if each.split(".")[0] in OURS:
                    visit(each)
        del found[module]
        found[module] = None  # after what it needs

    visit(name)
    return list(found)


def _harmless(text: str) -> str:
    """Text that cannot end the docstring that it stands in."""
    return "".join(c for c in text if c.isprintable() and c not in '"\\')


def as_script(experiment: Experiment, title: str) -> str:
    """The run as one Python file that needs Keras and numpy alone.

    It carries the lab's own modules: what it does is what the lab did. Where the run
    used CIFAR-10, what reads that comes along, and Pillow is needed too; a class's own
    pictures stay where they are.
    """
    versions = {
        name: metadata.version(name) for name in ("keras", "tensorflow", "numpy")
    }
    head = _HEAD.format(
        title=_harmless(title),
        python=platform.python_version(),
        machine=f"{platform.system()} {platform.machine()}",
        arms="".join(f"    {_harmless(arm.label)}\n" for arm in experiment.arms),
        experiment=json.dumps(experiment.to_dict(), indent=2),
        **versions,
    )
    parts = [head]
    modules = dict.fromkeys(closure("lab.run"))
    if any(arm.dataset == datasets.CIFAR for arm in experiment.arms):
        modules |= dict.fromkeys(closure("lab.datasets.cifar"))
    for module in modules:
        path = _module_file(module)
        assert path is not None  # closure found it
        source = path.read_text("utf-8")
        assert "'''" not in source, f"{path}: ''' would end the exported string"
        parts.append(f"\nSOURCES[{module!r}] = r'''{source}'''\n")
    parts.append(_TAIL)
    return "".join(parts)
