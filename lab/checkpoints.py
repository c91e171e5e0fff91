"""The saved state of an arm, as bytes: a plain .npz, no pickle."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


class StateBroken(ValueError):
    """A saved state is damaged or another arm's; the message says so."""


@dataclass(frozen=True)
class ArmProgress:
    """How far an arm had come when its state was saved."""

    step: int
    seconds: float  # of training


def pack(arrays: Sequence[NDArray[np.generic]], progress: ArmProgress) -> bytes:
    """Arrays and progress as bytes."""
    buffer = io.BytesIO()
    named = {f"v{i:04d}": array for i, array in enumerate(arrays)}
    head = {
        "step": np.asarray(progress.step),
        "seconds": np.asarray(progress.seconds),
    }
    np.savez(buffer, **head, **named)  # type: ignore[arg-type]
    return buffer.getvalue()


def unpack(state: bytes) -> tuple[list[NDArray[np.generic]], ArmProgress]:
    """The reverse of `pack`.

    Raises:
        StateBroken: it is damaged.
    """
    try:
        with np.load(io.BytesIO(state), allow_pickle=False) as saved:
            names = sorted(name for name in saved.files if name.startswith("v"))
            progress = ArmProgress(int(saved["step"]), float(saved["seconds"]))
            return [saved[name] for name in names], progress
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise StateBroken(
            "The saved state of this network is damaged. Start the experiment again."
        ) from error


def progress(state: bytes) -> ArmProgress:
    """How far the arm had come."""
    with np.load(io.BytesIO(state), allow_pickle=False) as saved:
        return ArmProgress(int(saved["step"]), float(saved["seconds"]))
