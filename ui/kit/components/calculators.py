"""Calculators of sizes, pooling and normalisation, which answer while dragged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from model.network.specs import Normalise
from ui.kit.components import component

_output_size = component("output_size")
_pooling = component("pooling_rows")
_normalisation = component("normalisation_sliders")

LIMITS = {"size": (5, 256), "kernel": (1, 15), "stride": (1, 8), "padding": (0, 8)}


@dataclass(frozen=True)
class Window:
    """A side, and a window that slides along it; pixels."""

    label: str
    size: int
    kernel: int
    stride: int
    padding: int = 0


def output_size(
    presets: Sequence[Window], texts: Mapping[str, str], language: str, *, key: str
) -> None:
    """The output size of a window, the fraction it comes from, and unread pixels.

    Args:
        presets: named settings; the first is shown first.
    """
    data = {"presets": [asdict(x) for x in presets], "limits": LIMITS}
    _output_size(key=key, data=data | {"words": dict(texts), "language": language})


def pooling(
    numbers: Sequence[float],
    kinds: Sequence[Window],
    texts: Mapping[str, str],
    language: str,
    *,
    key: str,
) -> None:
    """Max and mean of a row of numbers, for two windows."""
    data = {
        "numbers": list(numbers),
        "kinds": [
            {"label": x.label, "size": x.kernel, "stride": x.stride} for x in kinds
        ],
    }
    _pooling(key=key, data=data | {"words": dict(texts), "language": language})


def normalisation(
    activations: Sequence[int],
    most: int,
    layers: Mapping[str, Normalise],
    texts: Mapping[str, str],
    language: str,
    *,
    key: str,
) -> None:
    """Five neighbouring activations, normalised by two values of alpha.

    Args:
        most: of an activation.
        layers: what each result is called, and where its alpha is from; n, k and beta
            are the first one's.
    """
    first = next(iter(layers.values()))
    data = {
        "activations": list(activations),
        "most": most,
        "n": first.n,
        "k": first.k,
        "beta": first.beta,
        "alphas": [{"label": k, "alpha": v.alpha} for k, v in layers.items()],
    }
    _normalisation(key=key, data=data | {"words": dict(texts), "language": language})
