"""PyTorch's saved tensors, read without PyTorch and without running the file.

A saved state dict is a pickle that names tensors, and their numbers beside it:

    zip      <name>/data.pkl, and <name>/data/<key> for each storage (since 2020)
    legacy   pickles one after the other (a magic number, a version, sizes of types, the
             state dict, the keys of the storages), then for each key its count of
             numbers (int64) and the numbers

A pickle is a program: it can call whatever Python can import. Here its instructions
are looked through before any is followed: only those that a state dict needs may occur,
and the only names are `OrderedDict`, `FloatStorage` and the functions that rebuild a
tensor. For these stand our own, which note what the tensor is and compute nothing.
"""

from __future__ import annotations

import io
import pickle
import pickletools
import struct
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from model.network.arrays import Floats, WeightsBroken, published
from model.network.shapes import Shape
from model.network.specs import Conv, Dense, Flatten, Spec

MAGIC = 0x1950A86A20F9469CFC6C
VERSION = 1001
MOST_PICKLE = 2**20  # bytes; a state dict of 16 tensors has 1,500
MOST_MEMO = 100_000
MOST_ENTRIES = 1_000  # of a zip

# What PyTorch writes (pickle's protocol 2), and nothing else.
OPCODES = {
    *("PROTO", "MARK", "STOP", "GLOBAL", "REDUCE", "BUILD", "BINPERSID"),
    *("BINPUT", "LONG_BINPUT", "BINGET", "LONG_BINGET"),
    *("NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2", "LONG1"),
    *("BINUNICODE", "BINSTRING", "SHORT_BINSTRING"),
    *("EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3"),
    *("EMPTY_LIST", "APPEND", "APPENDS", "EMPTY_DICT", "SETITEM", "SETITEMS"),
}
# What a mangled pickle makes the unpickler raise.
_PICKLE_ERRORS = (
    pickle.UnpicklingError,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    TypeError,
    ValueError,
)


class Storage(NamedTuple):
    """A row of numbers in the file."""

    key: str
    length: int  # numbers


class Tensor(NamedTuple):
    """A tensor as the pickle names it."""

    storage: Storage
    offset: int  # numbers before its first
    shape: Shape


class _Refused(ValueError):
    """What is wrong with a pickle."""


# What a mangled zip or file makes its reader raise.
_FILE_ERRORS = (
    *(zipfile.BadZipFile, ArithmeticError, EOFError, LookupError, MemoryError),
    *(OSError, RuntimeError, ValueError, struct.error),
)


class _Unpickler(pickle.Unpickler):
    """Builds dicts, lists, tuples, numbers, texts and `Tensor`s."""

    def find_class(self, module: str, name: str) -> Any:
        # Functions made for each file: what a pickle does to them ends with it.
        known: dict[tuple[str, str], Callable[[], Any]] = {
            ("collections", "OrderedDict"): lambda: OrderedDict,
            ("torch", "FloatStorage"): lambda: "float32",
            ("torch._utils", "_rebuild_tensor"): lambda: lambda *a: _tensor(*a),
            ("torch._utils", "_rebuild_tensor_v2"): lambda: lambda *a: _tensor(*a[:4]),
            ("torch._utils", "_rebuild_parameter"): lambda: lambda *a: a[0],
        }
        if (module, name) not in known:
            raise _Refused(f"It asks for {module}.{name}, which no weights need")
        return known[module, name]()

    def persistent_load(self, pid: Any) -> Storage:
        match pid:
            case ("storage", "float32", str(key), str(), int(count), *rest):
                # The legacy format could name a part of a storage here.
                if count >= 0 and rest in ([], [None]):
                    return Storage(key, count)
        raise _Refused("It names numbers in a way that is not known here")


def _tensor(storage: Any, offset: Any, shape: Any, stride: Any) -> Tensor:
    """Notes a tensor whose numbers lie one after the other."""

    def whole(numbers: Any) -> bool:
        return isinstance(numbers, tuple) and all(
            type(n) is int and 0 <= n < 2**40 for n in numbers
        )

    if not (
        isinstance(storage, Storage)
        and whole((offset,))
        and whole(shape)
        and whole(stride)
        and len(shape) <= 8
    ):
        raise _Refused("It describes a tensor in a way that is not known here")
    if stride != tuple(prod(shape[i + 1 :]) for i in range(len(shape))):
        raise _Refused("It holds a tensor whose numbers do not lie in order")
    if offset + prod(shape) > storage.length:
        raise _Refused("It holds a tensor that is larger than its numbers")
    return Tensor(storage, offset, shape)


def _unpickle(data: bytes) -> tuple[Any, int]:
    """The object of the first pickle in `data`, and the pickle's length.

    Raises:
        _Refused: no pickle, too long, or one that does more than a state dict needs.
    """
    try:
        for opcode, argument, _ in pickletools.genops(stream := io.BytesIO(data)):
            if opcode.name not in OPCODES:
                raise _Refused(f"It gives the instruction {opcode.name}")
            # The unpickler makes room for as many as the largest number says.
            if opcode.name == "LONG_BINPUT" and (argument or 0) > MOST_MEMO:
                raise _Refused("It asks for too much memory")
        length = stream.tell()
        return _Unpickler(io.BytesIO(data[:length]), encoding="utf-8").load(), length
    except _Refused:
        raise
    except _PICKLE_ERRORS as error:
        raise _Refused("It is damaged, or longer than any list of weights") from error


class _Zip:
    """The zip format."""

    def __init__(self, path: Path) -> None:
        self._archive = zipfile.ZipFile(path)
        self._folder = ""

    def state(self) -> Any:
        """What was saved."""
        names = self._archive.namelist()
        if len(names) > MOST_ENTRIES:
            raise _Refused(f"It holds {len(names):,} files")
        lists = [name for name in names if name.endswith("/data.pkl")]
        if len(lists) != 1 or lists[0].count("/") != 1:
            raise _Refused("It holds no list of weights")
        self._folder = lists[0].removesuffix("data.pkl")
        order = f"{self._folder}byteorder"
        if order in names and self._read(order, 10) != b"little":
            raise _Refused("Its numbers are not little-endian")
        return _unpickle(self._read(lists[0], MOST_PICKLE))[0]

    def numbers(self, tensor: Tensor) -> Floats:
        """A tensor's numbers, its checksum in the zip checked."""
        key, length = tensor.storage
        data = self._read(f"{self._folder}data/{key}", 4 * length)
        if len(data) != 4 * length:
            raise _Refused("It says two sizes of the same numbers")
        found = np.frombuffer(data, "<f4", prod(tensor.shape), 4 * tensor.offset)
        return found.reshape(tensor.shape)

    def _read(self, name: str, most: int) -> bytes:
        info = self._archive.getinfo(name)
        if info.compress_type != zipfile.ZIP_STORED or info.file_size > most:
            raise _Refused(f"{name} in it is compressed, or too large")
        return self._archive.read(name)

    def close(self) -> None:
        self._archive.close()


class _Legacy:
    """The format before it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._size = path.stat().st_size
        self._starts: dict[str, tuple[int, int]] = {}  # key: first byte, numbers

    def state(self) -> Any:
        """What was saved."""
        magic, version, system = self._next(), self._next(), self._next()
        if magic != MAGIC or version != VERSION:
            raise _Refused("It is not a file that PyTorch saved")
        if not isinstance(system, dict) or system.get("little_endian") is not True:
            raise _Refused("Its numbers are not little-endian")
        state, keys = self._next(), self._next()
        if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
            raise _Refused("It does not say where its numbers are")
        for key in keys:
            length = int.from_bytes(self._file.read(8), "little", signed=True)
            start = self._file.tell()
            if not 0 <= length <= (self._size - start) // 4:
                raise _Refused("It ends too early")
            self._starts[key] = start, length
            self._file.seek(start + 4 * length)
        if self._file.tell() != self._size:
            raise _Refused("Something follows its numbers")
        return state

    def _next(self) -> Any:
        start = self._file.tell()
        found, length = _unpickle(self._file.read(MOST_PICKLE))
        self._file.seek(start + length)
        return found

    def numbers(self, tensor: Tensor) -> Floats:
        """A tensor's numbers."""
        start, length = self._starts[tensor.storage.key]
        if length != tensor.storage.length:
            raise _Refused("It says two sizes of the same numbers")
        self._file.seek(start + 4 * tensor.offset)
        found = np.fromfile(self._file, "<f4", prod(tensor.shape))
        return found.reshape(tensor.shape)

    def close(self) -> None:
        self._file.close()


def module_names(spec: Spec) -> dict[str, str]:
    """torchvision's name of each of our layers with weights: "conv1": "features.0".

    Its modules stand in two rows, before and after flattening, and are counted; each
    ReLU is a module of its own.
    """
    names: dict[str, str] = {}
    row, at = "features", 0
    for layer in spec.layers:
        if isinstance(layer, Flatten):
            row, at = "classifier", 0
        elif isinstance(layer, Conv | Dense):
            names[layer.name] = f"{row}.{at}"
            at += 2
        else:
            at += 1
    return names


class TorchFile(Mapping[str, Floats]):
    """The arrays of torchvision's `alexnet`: "<layer>.kernel" and "<layer>.bias".

    Each is read when it is asked for. `close` it after use.
    """

    def __init__(self, path: Path, spec: Spec) -> None:
        """
        Raises:
            WeightsBroken: no file of PyTorch's, damaged, with other tensors than the
                network's, or one that would do more than hold tensors.
        """
        self._name = path.name
        try:
            with path.open("rb") as file:
                is_zip = file.read(4) == b"PK\3\4"
            with ExitStack() as stack:
                self._file = _Zip(path) if is_zip else _Legacy(path)
                stack.callback(self._file.close)
                self._tensors = self._find(spec)
                stack.pop_all()  # it stays open
        except _FILE_ERRORS as error:
            raise self._broken(error) from error

    def _find(self, spec: Spec) -> dict[str, tuple[Tensor, Any]]:
        state = self._file.state()
        if not isinstance(state, dict):
            raise _Refused("It holds no list of weights")
        names = module_names(spec)
        wanted: dict[str, Shape] = {}
        found: dict[str, tuple[Tensor, Any]] = {}
        for part in published(spec):
            module = names[part.layer.name]
            for theirs, ours, shape in (
                ("weight", "kernel", part.shape),
                ("bias", "bias", (part.outputs,)),
            ):
                key = f"{module}.{theirs}"
                wanted[key] = shape
                tensor = state.get(key)
                if not isinstance(tensor, Tensor) or tensor.shape != shape:
                    came = getattr(tensor, "shape", None)
                    size = " × ".join(map(str, came)) if came is not None else "nothing"
                    raise _Refused(
                        f"As {key} it should hold {' × '.join(map(str, shape))} "
                        f"numbers, and it holds {size}"
                    )
                turn = part.to_keras if ours == "kernel" else None
                found[f"{part.layer.name}.{ours}"] = tensor, turn
        if set(state) != set(wanted):
            raise _Refused("It holds other weights besides")
        return found

    def _broken(self, error: Exception) -> WeightsBroken:
        what = str(error) if isinstance(error, _Refused) else "It is damaged"
        return WeightsBroken(
            f"The file {self._name} is not torchvision's file of this network. "
            f"{what}. Fetch it again."
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def __len__(self) -> int:
        return len(self._tensors)

    def __contains__(self, key: object) -> bool:
        return key in self._tensors  # without reading it

    def __getitem__(self, key: str) -> Floats:
        tensor, turn = self._tensors[key]
        try:
            values = self._file.numbers(tensor)
        except _FILE_ERRORS as error:
            raise self._broken(error) from error
        return turn(values) if turn else values

    def close(self) -> None:
        """Closes the file."""
        self._file.close()
