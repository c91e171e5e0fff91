"""The five networks, as data. Every number of an architecture stands here, once.

The builder (`build`), the arithmetic (`shapes`), the diagrams, the lesson's code and
the quiz all read these tables.

Sources
    2012  Krizhevsky, Sutskever, Hinton: "ImageNet Classification with Deep
          Convolutional Neural Networks", NIPS 2012 ("the paper").
    2012  The authors' code, as the Computer History Museum released it
          (github.com/computerhistory/AlexNet-Source-Code, 2f8b81f, BSD 2-Clause):
          layers/layers-145.cfg, layer-params-145-2010.cfg and layer.py.
    2014  Krizhevsky: "One weird trick for parallelizing convolutional neural
          networks", as torchvision's `alexnet` builds it.
    1998  LeCun, Bottou, Bengio, Haffner: "Gradient-Based Learning Applied to
          Document Recognition", as LeNet-5 is usually built in Keras.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

# Zeros on each side; a pair: before (left, above) and after (right, below).
Padding = Literal["valid", "same"] | int | tuple[int, int]


@dataclass(frozen=True)
class Start:
    """Initial weights from a Gaussian of mean 0, and the initial bias of each unit."""

    deviation: float
    bias: float = 0.0


@dataclass(frozen=True)
class Conv:
    """A convolution, bias and activation; "linear" is none, as where it comes later."""

    name: str
    filters: int
    kernel: int
    stride: int = 1
    padding: Padding = "valid"
    groups: int = 1
    activation: str = "relu"
    start: Start | None = None  # None: whatever the one who trains it chooses


@dataclass(frozen=True)
class Activation:
    """An activation function at a place of its own, not in the layer before."""

    name: str
    function: str = "relu"


@dataclass(frozen=True)
class Normalise:
    """Local response normalisation, paper section 3.3.

    b_i = a_i / (k + alpha * sum of a_j^2 over the n maps round i) ^ beta

    With groups the sum stays within a group's maps, as where each GPU knows only its
    own. `within` a map (cuda-convnet's rnorm) the sum is over the n x n positions round
    i in the same map. Alpha is the formula's: what cuda-convnet's files call scale is
    divided by n, or by n * n, before it is used.
    """

    name: str
    n: int = 5
    k: float = 2.0
    alpha: float = 1e-4
    beta: float = 0.75
    groups: int = 1
    within: bool = False


@dataclass(frozen=True)
class Pool:
    """Pooling. It overlaps where `size` exceeds `stride` (3.4).

    With padding "same" the last window may hang over the edge, as in the authors' code:
    the number of positions is rounded up, and what lies outside does not count.
    """

    name: str
    size: int = 3
    stride: int = 2
    kind: Literal["max", "average"] = "max"
    padding: Literal["valid", "same"] = "valid"

    @property
    def kernel(self) -> int:
        """The side of its window, under the name that a convolution has for it."""
        return self.size


@dataclass(frozen=True)
class Flatten:
    """Maps to one vector, row by row, column by column, channel last."""

    name: str = "flatten"


@dataclass(frozen=True)
class Dense:
    """A fully connected layer, bias and activation."""

    name: str
    units: int
    activation: str = "relu"
    start: Start | None = None


@dataclass(frozen=True)
class Dropout:
    """Zeroes this share of the units while training; does nothing afterwards (4.2)."""

    name: str
    rate: float = 0.5


Layer = Conv | Activation | Normalise | Pool | Flatten | Dense | Dropout


@dataclass(frozen=True)
class Pixels:
    """How 8-bit RGB becomes the numbers that a network was trained on.

    value = (pixel - mean) / deviation, per channel, channels in `order`. A network
    that was trained on small pictures, enlarged, is given no finer ones: a picture is
    shrunk to `detail` pixels a side first.
    """

    mean: tuple[float, ...]  # 0 to 255, in RGB order
    deviation: tuple[float, ...]
    order: Literal["RGB", "BGR", "grey"] = "RGB"
    detail: int | None = None  # pixels a side; None: all that the input size holds


# Mean and deviation of ImageNet's training pixels, as torchvision prints them.
STANDARDISED = Pixels((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
# Caffe's ImageNet models: blue first, mean taken off, no scaling.
CAFFE = Pixels((122.679, 116.669, 104.007), (1.0, 1.0, 1.0), "BGR")
GREY = Pixels((127.5,), (127.5,), "grey")


@dataclass(frozen=True)
class Spec:
    """One network: its input, its layers in order and where it comes from."""

    name: str
    title: str
    year: int
    source: str
    input_size: int  # pixels, height and width
    channels: int
    layers: tuple[Layer, ...]
    pixels: Pixels = STANDARDISED

    @property
    def classes(self) -> int:
        """The number of outputs."""
        return next(
            layer.units for layer in reversed(self.layers) if isinstance(layer, Dense)
        )

    def layer(self, name: str) -> Layer:
        """The layer of that name.

        Raises:
            KeyError: no such layer; the message lists those there are.
        """
        for layer in self.layers:
            if layer.name == name:
                return layer
        known = ", ".join(layer.name for layer in self.layers)
        raise KeyError(f"{self.name} has the layers {known}. Received: {name!r}")

    def convolutions(self) -> Iterator[Conv]:
        """The convolutions, in order."""
        return (layer for layer in self.layers if isinstance(layer, Conv))

    def with_classes(self, classes: int) -> Spec:
        """The same network with another number of outputs."""
        *before, last = self.layers
        assert isinstance(last, Dense)
        return replace(self, layers=(*before, replace(last, units=classes)))

    def at(self, input_size: int) -> Spec:
        """The same network for another input size (pixels)."""
        return replace(self, input_size=input_size)


# The paper's section 5: 0.01 everywhere; biases of 1 give ReLUs something to pass on.
ZERO = Start(0.01)
ONE = Start(0.01, bias=1.0)


def _dense_head(
    units: int, classes: int, hidden: Start | None = None, last: Start | None = None
) -> tuple[Layer, ...]:
    """The paper's three dense layers, with dropout after the first two (4.2)."""
    return (
        Flatten(),
        Dense("fc6", units, start=hidden),
        Dropout("drop6"),
        Dense("fc7", units, start=hidden),
        Dropout("drop7"),
        Dense("fc8", classes, "softmax", last),
    )


SIMPLIFIED = Spec(
    name="simplified",
    title="The lesson's network",
    year=2012,
    source="the paper, simplified as in most Keras courses",
    input_size=224,
    channels=3,
    layers=(
        Conv("conv1", 96, 11, 4),
        Pool("pool1"),
        Conv("conv2", 256, 5, padding="same"),
        Pool("pool2"),
        Conv("conv3", 384, 3, padding="same"),
        Conv("conv4", 384, 3, padding="same"),
        Conv("conv5", 256, 3, padding="same"),
        Pool("pool5"),
        *_dense_head(4096, 1000),
    ),
)

ORIGINAL = Spec(
    name="original",
    title="AlexNet, 2012",
    year=2012,
    source="the paper, sections 3.2 to 3.5 and figure 2",
    # The paper prints 224. Its 55 x 55 maps need 227, or AUTHORS' zeros at the edge.
    input_size=227,
    channels=3,
    pixels=CAFFE,
    layers=(
        Conv("conv1", 96, 11, 4, start=ZERO),
        Normalise("norm1"),
        Pool("pool1"),
        Conv("conv2", 256, 5, padding=2, groups=2, start=ONE),
        Normalise("norm2"),
        Pool("pool2"),
        Conv("conv3", 384, 3, padding=1, start=ZERO),
        Conv("conv4", 384, 3, padding=1, groups=2, start=ONE),
        Conv("conv5", 256, 3, padding=1, groups=2, start=ONE),
        Pool("pool5"),
        *_dense_head(4096, 1000, ONE, ZERO),
    ),
)

AUTHORS = Spec(
    name="authors",
    title="The authors' code, 2012",
    year=2012,
    source="the authors' code, layers-145.cfg",
    input_size=224,
    channels=3,
    # 0 to 255. The code takes off a mean image, which it reads from a file that was not
    # released; its mean colour stands for it.
    pixels=replace(CAFFE, order="RGB"),
    layers=(
        # Positions are rounded up (layer.py:1004): the last window starts at pixel 216
        # and reads three rows and columns of zeros beyond the edge.
        Conv("conv1", 96, 11, 4, (0, 3), activation="linear", start=ZERO),
        # Scale 0.0001 is divided by the size before use (layer.py:1183).
        Normalise("norm1", alpha=1e-4 / 5, groups=2),
        Pool("pool1"),
        Activation("relu1"),
        Conv("conv2", 256, 5, padding=2, groups=2, start=ONE),
        Normalise("norm2", alpha=1e-4 / 5, groups=2),
        # Not in the paper. Scale 0.001, divided by 5 x 5.
        Normalise("norm2b", k=1.0, alpha=1e-3 / 25, within=True),
        Pool("pool2"),
        Conv("conv3", 384, 3, padding=1, start=Start(0.03)),
        Conv("conv4", 384, 3, padding=1, groups=2, start=Start(0.03, bias=1.0)),
        Conv(
            "conv5",
            256,
            3,
            padding=1,
            groups=2,
            activation="linear",
            start=Start(0.03, bias=1.0),
        ),
        Pool("pool5"),
        Activation("relu5"),
        *_dense_head(4096, 1000, ONE, ZERO),
    ),
)

TORCHVISION = Spec(
    name="torchvision",
    title="torchvision's alexnet, 2014",
    year=2014,
    source='"One weird trick", as torchvision builds it',
    input_size=224,
    channels=3,
    layers=(
        Conv("conv1", 64, 11, 4, padding=2),
        Pool("pool1"),
        Conv("conv2", 192, 5, padding=2),
        Pool("pool2"),
        Conv("conv3", 384, 3, padding=1),
        Conv("conv4", 256, 3, padding=1),
        Conv("conv5", 256, 3, padding=1),
        Pool("pool5"),
        Flatten(),
        Dropout("drop6"),
        Dense("fc6", 4096),
        Dropout("drop7"),
        Dense("fc7", 4096),
        Dense("fc8", 1000, "softmax"),
    ),
)

LENET5 = Spec(
    name="lenet5",
    title="LeNet-5, 1998",
    year=1998,
    source="LeCun et al. 1998, as usually built in Keras",
    input_size=32,
    channels=1,
    pixels=GREY,
    layers=(
        Conv("conv1", 6, 5, activation="tanh"),
        Pool("pool1", 2, 2, "average"),
        Conv("conv2", 16, 5, activation="tanh"),
        Pool("pool2", 2, 2, "average"),
        Flatten(),
        Dense("fc3", 120, "tanh"),
        Dense("fc4", 84, "tanh"),
        Dense("fc5", 10, "softmax"),
    ),
)

SPECS: dict[str, Spec] = {
    spec.name: spec for spec in (SIMPLIFIED, ORIGINAL, AUTHORS, TORCHVISION, LENET5)
}
