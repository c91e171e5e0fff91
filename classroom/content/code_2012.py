"""Facts of the authors' code as data, and links to its lines.

The code is that of 2012 as the Computer History Museum published it in 2025, under the
BSD 2-Clause licence. It cannot be run as it stands: the GPU kernels, the mean image and
the logs are not in it. Its network is `model.network.specs.AUTHORS`, its runs are
`runs_2012`; here is the rest. Where it differs from the paper, `paper` has the paper's
number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

REPOSITORY = "https://github.com/computerhistory/AlexNet-Source-Code"
COMMIT = "2f8b81f76470bf873c865754ad8f4a5e0dbbeb7b"

GPUS = 2  # each with half of conv1's filters: layers/layers-145.cfg:13, 26
EARLIER_FILTERS = 64  # of conv1, in all runs before 145: layer-params-145.cfg:165
# Smallest and largest image (pixels) that the definition can be built for: conv1's
# partialSum must divide the number of positions (layer.py:1066).
SIZES = (224, 227)
BIAS_RATE = 0.02  # where the weights' is 0.01: layer-params-126-2012-full.cfg:2-3

NOISE = 0.1  # of the colours, in deviations: convdata_jpeg.py:155-179
NOISE_DIVISOR = 1.1  # of all pixels afterwards: convdata_jpeg.py:57-66
BORDER = 16  # pixels that a crop may move, each way: convdata_jpeg.py:239
CROP_GROUP = 32  # images in a row with the same crop: convdata_jpeg.py:77

_PLACE = re.compile(
    r"(?P<file>[A-Za-z0-9_][\w./-]*\.\w+):(?P<first>[1-9]\d*)(?:-(?P<last>[1-9]\d*))?"
)


@dataclass(frozen=True)
class Place:
    """Some lines of a file of the authors' code."""

    file: str
    first: int
    last: int

    @property
    def link(self) -> str:
        """Where a browser shows these lines."""
        end = f"-L{self.last}" if self.last > self.first else ""
        return f"{REPOSITORY}/blob/{COMMIT}/{self.file}#L{self.first}{end}"

    @property
    def label(self) -> str:
        """Short, and to be broken where a column is narrow: params-145:165–182."""
        name = self.file.rpartition("/")[2].removesuffix(".cfg")
        end = f"–{self.last}" if self.last > self.first else ""
        return f"{name.removeprefix('layer-')}:{self.first}{end}"

    @property
    def markdown(self) -> str:
        """The label, linked."""
        return f"[{self.label}]({self.link})"


def places(text: str) -> tuple[Place, ...]:
    """Places as content files write them: "layer.py:1004 layers/layers-145.cfg:9-20".

    Raises:
        ValueError: one of them is not a file with a line, or its lines run backwards.
    """
    found = []
    for part in text.split():
        place = _PLACE.fullmatch(part)
        if place is None or ".." in part:
            raise ValueError(
                'a place in the code is "file:line" or "file:first-last", the file '
                f"from the top of the authors' repository. Received: {part!r}"
            )
        first = int(place["first"])
        last = int(place["last"] or first)
        if last < first:
            raise ValueError(f"the lines of {part!r} run backwards")
        found.append(Place(place["file"], first, last))
    return tuple(found)
