"""Both published formats: what is decoded is what was encoded, and nothing else is."""

import io
import os
import pickle
import struct
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from model.activations import Network
from model.network import specs
from model.network.arrays import Floats, WeightsBroken, published
from model.network.specs import Conv, Dense, Flatten, Normalise, Pool, Spec
from model.pictures import to_input
from model.pictures.samples import data
from model.weights import REGISTRY
from model.weights.deep_compression import DeepCompression
from model.weights.registry import AS_IN_CAFFE
from model.weights.torch_file import TorchFile, module_names
from tests import caffe
from tests import weights_files as files

SMALL = Spec(
    "small", "small", 2012, "", 31, 3,
    (Conv("conv1", 8, 11, 4), Normalise("norm1"), Pool("pool1", 3, 2),
     Conv("conv2", 6, 2, groups=2), Flatten(), Dense("fc6", 7), Dense("fc8", 5)),
)  # fmt: skip


def write(folder: Path, content: bytes) -> Path:
    path = folder / "file"
    path.write_bytes(content)
    return path


def turned(name: str, weight: Floats, maps: tuple[int, int, int]) -> Floats:
    """One weight after the other into Keras's layout, by the words of the docstring."""
    if weight.ndim == 4:
        out = np.empty(weight.shape[2:] + weight.shape[1::-1], np.float32)
        for o, i, r, c in np.ndindex(weight.shape):
            out[r, c, i, o] = weight[o, i, r, c]
        return out
    out = np.empty(weight.shape[::-1], np.float32)
    height, width, channels = maps if name == "fc6" else (1, 1, weight.shape[1])
    for o, i in np.ndindex(weight.shape):
        channel, place = divmod(i, height * width)
        row, column = divmod(place, width)
        out[(row * width + column) * channels + channel, o] = weight[o, i]
    return out


# --- Deep Compression -----------------------------------------------------------------

WIDE = Spec(  # fc6 reads 8 maps of 2 × 2 positions
    "wide", "wide", 2012, "", 15, 3,
    (Conv("conv1", 8, 11, 4), Flatten(), Dense("fc6", 6), Dense("fc8", 5)),
)  # fmt: skip


@pytest.mark.parametrize("density", [0.9, 0.1, 0.01])
@pytest.mark.parametrize("seed", range(3))
def test_deep_compression_gives_back_what_was_encoded(
    tmp_path: Path, density: float, seed: int
) -> None:
    state = files.sparse_state_of(WIDE, density, seed)
    content = files.deep_compression(WIDE, state)
    arrays = DeepCompression(write(tmp_path, content), WIDE)
    assert set(arrays) == {
        f"{layer}.{what}"
        for layer in ("conv1", "fc6", "fc8")
        for what in ("kernel", "bias")
    }
    for layer in ("conv1", "fc6", "fc8"):
        expected = turned(layer, state[f"{layer}.weight"], (2, 2, 8))
        if layer == "conv1":
            expected = expected[:, :, ::-1]  # blue first there, red first here
        assert np.array_equal(arrays[f"{layer}.kernel"], expected)
        assert np.array_equal(arrays[f"{layer}.bias"], state[f"{layer}.bias"])
        assert arrays[f"{layer}.kernel"].dtype == np.float32


def test_the_format_byte_by_byte(tmp_path: Path) -> None:
    """A file written by hand from the words of the docstring."""
    spec = Spec("s", "s", 2012, "", 1, 3, (Flatten(), Dense("fc6", 2)))
    book = np.arange(16, dtype="<f4")  # entry 0 is 0
    bias = np.float32([0.5, -0.5])
    content = struct.pack("<I", 3) + book.tobytes() + bias.astype("<f4").tobytes()
    content += bytes([0x21, 0x03])  # codes 1, 2, 3: low half first
    content += bytes([0x10, 0x02])  # gaps 0, 1, 2: places 0, 2, 5
    arrays = DeepCompression(write(tmp_path, content), spec)
    # (2 outputs, 3 inputs) there: [[1, 0, 2], [0, 0, 3]]
    assert arrays["fc6.kernel"].tolist() == [[1, 0], [0, 0], [2, 3]]
    assert arrays["fc6.bias"].tolist() == [0.5, -0.5]


def encoded() -> bytes:
    return files.deep_compression(SMALL, files.sparse_state_of(SMALL, 0.3))


@pytest.mark.parametrize(
    ("spoil", "say"),
    [
        (lambda b: b[:-1], "By its counts it has"),
        (lambda b: b + b"\0", "By its counts it has"),
        (lambda b: b + bytes(10**6), "not more"),
        (lambda b: b[:7], "It ends after 7 bytes"),
        (lambda b: b"", "It ends after 0 bytes"),
        (lambda b: b"\xff\xff\xff\xff" + b[4:], "It counts 4,294,967,295 weights"),
        (lambda b: b"<html>" + bytes(500), "It counts"),
    ],
)
def test_deep_compression_refuses_what_is_not_such_a_file(
    tmp_path: Path, spoil: Callable[[bytes], bytes], say: str
) -> None:
    with pytest.raises(WeightsBroken, match=say):
        DeepCompression(write(tmp_path, spoil(encoded())), SMALL)


def test_weights_beyond_the_layers_end_are_refused(tmp_path: Path) -> None:
    content = bytearray(encoded())
    content[-8:] = b"\xff" * 8  # the last gaps of fc8
    arrays = DeepCompression(write(tmp_path, bytes(content)), SMALL)
    with pytest.raises(WeightsBroken, match=r"fc8 has 35 weights, and one is placed"):
        arrays["fc8.kernel"]


def test_values_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    content = bytearray(encoded())
    content[16:20] = np.float32([np.nan]).tobytes()  # conv1's codebook
    arrays = DeepCompression(write(tmp_path, bytes(content)), SMALL)
    with pytest.raises(WeightsBroken, match="conv1 has values that are not finite"):
        arrays["conv1.kernel"]


@pytest.mark.parametrize("seed", range(40))
def test_any_bit_may_flip_and_nothing_worse_happens(tmp_path: Path, seed: int) -> None:
    """Refused, or arrays of the right shapes: never another error."""
    rng = np.random.default_rng(seed)
    content = bytearray(encoded())
    for at in rng.integers(0, len(content), 3):
        content[at] ^= 1 << int(rng.integers(8))
    try:
        arrays = DeepCompression(write(tmp_path, bytes(content)), SMALL)
        for part in published(SMALL):
            kernel = arrays[f"{part.layer.name}.kernel"]
            assert kernel.size == part.size
            assert np.isfinite(kernel).all()
    except WeightsBroken as broken:
        assert str(broken).endswith("Fetch it again.")


def test_unknown_arrays_are_not_there(tmp_path: Path) -> None:
    arrays = DeepCompression(write(tmp_path, encoded()), SMALL)
    assert "conv1.codes" not in arrays
    with pytest.raises(KeyError):
        arrays["conv1.codes"]


# --- the 2012 network against Caffe in numpy ------------------------------------------


def test_the_sets_network_counts_normalisation_as_caffe_does() -> None:
    """And the paper's table keeps the paper's numbers."""
    ours = [x for x in AS_IN_CAFFE.layers if isinstance(x, Normalise)]
    paper = [x for x in specs.ORIGINAL.layers if isinstance(x, Normalise)]
    assert [(x.k, x.n, x.beta) for x in ours] == [(1, 5, 0.75)] * 2
    assert [x.alpha for x in ours] == pytest.approx([2e-5] * 2)
    assert [(x.k, x.alpha) for x in paper] == [(2, 1e-4)] * 2
    maps = np.float32([10, 20, 30, 40, 50])[:, None, None]
    known = [9.795016, 19.14479, 27.741441, 37.038652, 46.550622]
    np.testing.assert_allclose(caffe.lrn(maps).ravel(), known, rtol=1e-6)


def test_every_layer_equals_caffes_in_numpy(offer) -> None:
    """From the bytes of a full-sized file to each layer of a photograph, to 1e-4."""
    from PIL import Image

    from model.weights import downloads

    offered = offer("original", AS_IN_CAFFE)
    assert downloads.main(["fetch", "original"]) == 0
    with Image.open(io.BytesIO(data("dog"))) as photograph:
        picture = photograph.convert("RGB")
    ours = Network(REGISTRY["original"]).activations(to_input(picture, AS_IN_CAFFE))
    blue_first = to_input(picture, specs.ORIGINAL)[0].transpose(2, 0, 1)
    theirs = caffe.forward(blue_first, offered.state)
    shown = {x.name for x in AS_IN_CAFFE.layers if x.name in theirs}
    assert shown == set(theirs)
    for name, values in theirs.items():
        expected = values.transpose(1, 2, 0) if values.ndim == 3 else values
        assert ours[name].shape == expected.shape  # ceil and floor mode: the same
        assert expected.std() > 0
        error = np.abs(ours[name] - expected).max() / np.abs(expected).max()
        assert error < 1e-4, name


# --- PyTorch --------------------------------------------------------------------------

FORMATS = {"zip": files.torch_zip, "legacy": files.torch_legacy}
TOWER = Spec(
    "tower", "tower", 2014, "", 19, 3,
    (Conv("conv1", 8, 11, 4), Flatten(), specs.Dropout("drop6"), Dense("fc6", 6),
     specs.Dropout("drop7"), Dense("fc7", 6), Dense("fc8", 5)),
)  # fmt: skip


def torch_content(make: Callable[..., bytes], **options: object) -> bytes:
    return make(*files.torch_state(TOWER, files.state_of(TOWER)), **options)


def test_modules_have_torchvisions_names() -> None:
    assert module_names(specs.TORCHVISION) == {
        "conv1": "features.0",
        "conv2": "features.3",
        "conv3": "features.6",
        "conv4": "features.8",
        "conv5": "features.10",
        "fc6": "classifier.1",
        "fc7": "classifier.4",
        "fc8": "classifier.6",
    }


@pytest.mark.parametrize("make", FORMATS.values(), ids=FORMATS)
def test_torch_gives_back_what_was_written(
    tmp_path: Path, make: Callable[..., bytes]
) -> None:
    state = files.state_of(TOWER)
    content = make(*files.torch_state(TOWER, state))
    arrays = TorchFile(write(tmp_path, content), TOWER)
    assert len(list(arrays)) == len(arrays) == 8
    for layer in ("conv1", "fc6", "fc7", "fc8"):
        expected = turned(layer, state[f"{layer}.weight"], (3, 3, 8))
        assert np.array_equal(arrays[f"{layer}.kernel"], expected)
        assert np.array_equal(arrays[f"{layer}.bias"], state[f"{layer}.bias"])
        assert f"{layer}.codes" not in arrays
    arrays.close()


class _Harm:
    """What a hostile file would run."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch harmed",)


def hostile_states() -> dict[str, object]:
    listed, _ = files.torch_state(TOWER, files.state_of(TOWER))

    def changed(**other: object) -> object:
        return listed | {"features.0.bias": files.tensor("1", (8,), **other)}

    return {
        "a program": files.call("os", "system", "touch harmed"),
        "a program among the weights": listed
        | {"features.0.bias": files.call("builtins", "eval", "1")},
        "a function of PyTorch's": listed
        | {"features.0.bias": files.call("torch", "load", "x")},
        "no dict": [1, 2],
        "nothing": None,
        "too few": OrderedDict(list(listed.items())[:-1]),
        "too many": listed | {"other": files.tensor("1", (8,))},
        "a number": listed | {"features.0.bias": 3},
        "other numbers": changed(kind="DoubleStorage"),
        "another shape": listed | {"features.0.bias": files.tensor("1", (4, 2))},
        "beyond its numbers": changed(offset=1),
        "before its numbers": changed(offset=-1),
        "out of order": changed(stride=(2,)),
        "a truth for a number": changed(offset=True),
        "more numbers than there are": changed(count=10**9),
        "a huge shape": changed(shape=(2**62, 2**62), stride=(2**62, 1)),
    }


@pytest.mark.parametrize("make", FORMATS.values(), ids=FORMATS)
@pytest.mark.parametrize("what", hostile_states())
def test_torch_refuses_a_hostile_file(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[..., bytes],
    what: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    _, storages = files.torch_state(TOWER, files.state_of(TOWER))
    path = write(tmp_path, make(hostile_states()[what], storages))
    with (
        pytest.raises(WeightsBroken, match=r"not torchvision's file.*Fetch it again"),
        closing(TorchFile(path, TOWER)) as arrays,
    ):
        for array in arrays.values():
            assert array.size
    assert not (tmp_path / "harmed").exists()


def test_a_real_pickle_of_harm_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Python itself pickles it, at every protocol; it would work if it were run."""
    monkeypatch.chdir(tmp_path)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        harm = pickle.dumps(_Harm(), protocol)
        path = write(tmp_path, harm)
        with pytest.raises(WeightsBroken):
            TorchFile(path, TOWER)
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("archive/data.pkl", harm)
        with pytest.raises(WeightsBroken):
            TorchFile(path, TOWER)
        assert not (tmp_path / "harmed").exists()
    pickle.loads(harm)
    assert (tmp_path / "harmed").exists()


@pytest.mark.parametrize(
    "code",
    [
        b"\x80\x02r\xff\xff\xff\xff.",  # a memo of four billion places
        b"\x80\x02(" + b"(" * 50_000 + b".",
        b"\x80\x02X\xff\xff\xff\x7f.",  # a text of 2 GB that is not there
        b"\x80\x02\x8a\xff" + b"\xff" * 255 + b".",  # a number of 255 bytes
        b"\x80\x02cos\nsystem\n.",
        b"\x80\x02}" + b"q\x00" * (2**19) + b".",  # longer than any
        b"\x80\x02.",  # nothing on the stack
        b"",
    ],
)
def test_a_mangled_pickle_is_refused(tmp_path: Path, code: bytes) -> None:
    file = tmp_path / "zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", code)
    for path in (file, write(tmp_path, code)):
        with pytest.raises(WeightsBroken, match="not torchvision's file"):
            TorchFile(path, TOWER)


def test_a_compressed_or_doubled_zip_is_refused(tmp_path: Path) -> None:
    packed = torch_content(files.torch_zip, compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(WeightsBroken, match="compressed, or too large"):
        TorchFile(write(tmp_path, packed), TOWER)
    path = write(tmp_path, torch_content(files.torch_zip))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("other/data.pkl", b"")
    with pytest.raises(WeightsBroken, match="no list of weights"):
        TorchFile(path, TOWER)
    path = write(tmp_path, torch_content(files.torch_zip))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("archive/byteorder", b"big")
    with pytest.raises(WeightsBroken, match="not little-endian"):
        TorchFile(path, TOWER)


@pytest.mark.parametrize("make", FORMATS.values(), ids=FORMATS)
def test_a_torch_file_cut_anywhere_is_refused(
    tmp_path: Path, make: Callable[..., bytes]
) -> None:
    content = torch_content(make)
    for length in range(0, len(content), len(content) // 60):
        with pytest.raises(WeightsBroken):
            TorchFile(write(tmp_path, content[:length]), TOWER)
    if make is files.torch_legacy:
        with pytest.raises(WeightsBroken, match="Something follows"):
            TorchFile(write(tmp_path, content + b"\0"), TOWER)


@pytest.mark.parametrize("make", FORMATS.values(), ids=FORMATS)
@pytest.mark.parametrize("seed", range(60))
def test_any_bit_of_a_torch_file_may_flip(
    tmp_path: Path, make: Callable[..., bytes], seed: int
) -> None:
    """Refused, or arrays of the right shapes: never another error."""
    rng = np.random.default_rng(seed)
    content = bytearray(torch_content(make))
    most = len(content) if seed % 2 else 1500  # half of them among the instructions
    for at in rng.integers(0, most, 1 + seed % 3):
        content[at] ^= 1 << int(rng.integers(8))
    try:
        with closing(TorchFile(write(tmp_path, bytes(content)), TOWER)) as arrays:
            for part in published(TOWER):
                assert arrays[f"{part.layer.name}.kernel"].size == part.size
    except WeightsBroken as broken:
        assert str(broken).endswith("Fetch it again.")


# --- against PyTorch itself -----------------------------------------------------------


def pytorch_alexnet(torch):
    """torchvision's `alexnet`, in the words of its source."""
    nn = torch.nn

    class AlexNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.features = nn.Sequential(
                nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(), nn.MaxPool2d(3, 2),
                nn.Conv2d(64, 192, 5, 1, 2), nn.ReLU(), nn.MaxPool2d(3, 2),
                nn.Conv2d(192, 384, 3, 1, 1), nn.ReLU(),
                nn.Conv2d(384, 256, 3, 1, 1), nn.ReLU(),
                nn.Conv2d(256, 256, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(3, 2),
            )  # fmt: skip
            self.avgpool = nn.AdaptiveAvgPool2d((6, 6))
            self.classifier = nn.Sequential(
                nn.Dropout(), nn.Linear(9216, 4096), nn.ReLU(),
                nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(),
                nn.Linear(4096, 1000),
            )  # fmt: skip

        def forward(self, x):
            return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))

    torch.manual_seed(2014)
    network = AlexNet().eval()
    for name, values in network.named_parameters():
        # PyTorch's own start lets the values fade: logits of 0.03 would prove little.
        if name.endswith("weight"):
            nn.init.kaiming_normal_(values)
        else:
            nn.init.normal_(values, std=0.1)
    return network


@pytest.mark.parametrize("is_zip", [True, False], ids=["zip", "legacy"])
def test_logits_equal_pytorchs(tmp_path: Path, monkeypatch, is_zip: bool) -> None:
    """A file that PyTorch saved, in our network: the same logits, to 1e-4."""
    torch = pytest.importorskip(
        "torch", reason="PyTorch is not installed (torch==2.13.0 for this test)"
    )
    theirs = pytorch_alexnet(torch)
    path = tmp_path / "alexnet-owt-7be5be79.pth"
    torch.save(theirs.state_dict(), path, _use_new_zipfile_serialization=is_zip)
    monkeypatch.setenv("ALEXNET_WEIGHTS", str(tmp_path))
    row = files.offer(REGISTRY["torchvision"], path.read_bytes(), "")
    monkeypatch.setitem(REGISTRY, "torchvision", row)
    network = Network(row)
    x = np.random.default_rng(0).normal(size=network.input_shape).astype(np.float32)
    with torch.no_grad():
        expected = theirs(torch.from_numpy(x.transpose(0, 3, 1, 2).copy()))[0].numpy()
    answers = network.activations(x)
    kernel, bias = network.keras.get_layer("fc8").get_weights()
    logits = answers["fc7"] @ kernel + bias
    error = float(np.abs(logits - expected).max())
    print(f"largest difference of a logit: {error:.1e} of {np.abs(expected).max():.2f}")
    assert expected.std() > 1
    assert error < 1e-4
    assert answers["fc8"].argmax() == expected.argmax()
