"""What the paper prints, as data: for questions on it, and against it.

Krizhevsky, Sutskever, Hinton: "ImageNet Classification with Deep Convolutional Neural
Networks", NIPS 2012. What can be computed stands in `model.network.specs`, not here.
"""

from __future__ import annotations

from dataclasses import dataclass

# Abstract and section 3.5.
PARAMETERS = 60_000_000
NEURONS = 650_000
INPUT = 224  # pixels
MAPS = 55  # positions a side of conv1, figure 2
# Section 3.5 and figure 2: neurons of the five convolutions and three dense layers.
NEURON_LIST = (253_440, 186_624, 64_896, 64_896, 43_264, 4096, 4096, 1000)
ONE_PER_CENT = 1.0  # section 1: no convolution holds more of the parameters (%)

# Section 4.1: crops for training.
PICTURE = 256  # pixels
CROP = 224
FACTOR = 2048  # crops and mirrors, as printed

# Section 5: training.
BATCH = 128
MOMENTUM = 0.9
DECAY = 0.0005
RATE = 0.01  # at first; divided by 10 three times
PASSES = 90  # "roughly 90 cycles"
PICTURES = 1_200_000


@dataclass(frozen=True)
class Entry:
    """A line of table 2: ILSVRC-2012, top-5 error in per cent."""

    name: str  # a phrase of assets/quiz/index.toml
    networks: int  # averaged; 0: not a network
    error: float
    measured: str  # "validation" or "test"


TABLE_2 = (
    Entry("entry_second", 0, 26.2, "test"),
    Entry("entry_one", 1, 18.2, "validation"),
    Entry("entry_five", 5, 16.4, "test"),
    Entry("entry_seven", 7, 15.3, "test"),
)
SECOND, ONE, FIVE, SEVEN = TABLE_2

# What a technique takes off the top-1 error, in points (sections 3.2 to 3.4).
GAINS = {"gain_gpus": 1.7, "gain_norm": 1.4, "gain_pooling": 0.4}
