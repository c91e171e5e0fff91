"""What the paper prints, as data: for the lesson, for questions on it, and against it.

Krizhevsky, Sutskever, Hinton: "ImageNet Classification with Deep Convolutional Neural
Networks", NIPS 2012. What can be computed stands in `model.network.specs`, not here.
"""

from __future__ import annotations

from dataclasses import dataclass

# Abstract and section 3.5.
PARAMETERS = 60_000_000
NEURONS = 650_000
INPUT = 224  # pixels a side
MAPS = 55  # positions a side of conv1, figure 2
# Section 3.5 and figure 2: neurons of the five convolutions and three dense layers.
NEURON_LIST = (253_440, 186_624, 64_896, 64_896, 43_264, 4096, 4096, 1000)
ONE_PER_CENT = 1.0  # section 1: no convolution holds more of the parameters (%)
FEWER_EPOCHS = 6  # times fewer with ReLU than with tanh, section 3.1
DEPTH_LOSS = 2  # points of top-1 if any middle layer is left out, section 7

# Section 4.1: crops for training.
IMAGE_SIZE = 256  # pixels a side
CROP = 224
FACTOR = 2048  # crops and mirrors, as printed

# Section 5: training.
BATCH = 128
MOMENTUM = 0.9
DECAY = 0.0005
RATE = 0.01  # at first; divided by 10 three times
EPOCHS = 90  # "roughly 90 cycles"
IMAGES = 1_200_000  # of training, section 2

TABLE_1 = (  # error on ILSVRC-2010's test images: top-1, top-5
    ("sparse coding", 0.471, 0.282),
    ("SIFT + Fisher vectors", 0.457, 0.257),
    ("CNN", 0.375, 0.170),
)
ONE_CROP = (0.390, 0.183)  # the CNN without the mean over ten crops: footnote 5
# ILSVRC-2012: top-1 and top-5 validation, top-5 test.
TABLE_2: tuple[tuple[str, float | None, float | None, float | None], ...] = (
    ("SIFT + Fisher vectors", None, None, 0.262),
    ("1 CNN", 0.407, 0.182, None),
    ("5 CNNs", 0.381, 0.164, 0.164),
    ("1 CNN*", 0.390, 0.166, None),
    ("7 CNNs*", 0.367, 0.154, 0.153),
)


@dataclass(frozen=True)
class Entry:
    """A line of table 2: ILSVRC-2012, top-5 error in per cent."""

    name: str  # a phrase of assets/quiz/index.toml
    networks: int  # averaged; 0: not a network
    error: float
    measured: str  # "validation" or "test"


def _entry(name: str, networks: int, line: int, measured: str) -> Entry:
    _, _, validation, test = TABLE_2[line]
    error = test if measured == "test" else validation
    assert error is not None
    return Entry(name, networks, round(100 * error, 1), measured)


ENTRIES = (
    _entry("entry_second", 0, 0, "test"),
    _entry("entry_one", 1, 1, "validation"),
    _entry("entry_five", 5, 2, "test"),
    _entry("entry_seven", 7, 4, "test"),
)
SECOND, ONE, FIVE, SEVEN = ENTRIES

# What a technique takes off the top-1 error, in points (sections 3.2 to 3.4).
GAINS = {"gain_gpus": 1.7, "gain_norm": 1.4, "gain_pooling": 0.4}
