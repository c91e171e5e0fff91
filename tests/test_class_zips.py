"""Zips as people really have them: every kind is made here by a small recipe."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import tarfile
import unicodedata
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image

from lab.datasets import DataRefused, archive, names, uploaded
from lab.datasets import __main__ as command
from model import pictures
from paths import ROOT

CASES = ROOT.parent / "shared" / "cases" / "zips"


@pytest.fixture(scope="module", autouse=True)
def _decoders_end_with_the_tests():
    yield
    pictures.close()


_made = iter(range(10**9))


def image(kind: str = "PNG") -> bytes:
    """A small sound image unlike the others."""
    pixels = np.random.default_rng(next(_made)).integers(0, 255, (8, 8, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


def folders(*paths: str, count: int = 2) -> dict[str, bytes]:
    """So many images in each of these folders."""
    return {f"{path}/{i}.png": image() for path in paths for i in range(count)}


def zipped(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return file.getvalue()


class _Raw(zipfile.ZipInfo):
    """An entry whose name is written as these bytes; it does not say which letters."""

    def _encodeFilenameFlags(self):
        return self.raw, self.flag_bits


def raw(names_: list[bytes], extra: dict[bytes, bytes] | None = None) -> bytes:
    """A zip of two images for each of these folder names, which are bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for folder in names_:
            for i in range(2):
                entry = _Raw(repr((folder, i)))
                entry.raw = folder + b"/%d.png" % i
                entry.create_system = 0
                if extra:
                    entry.extra = field(entry.raw, extra[folder] + b"/%d.png" % i)
                packed.writestr(entry, image())
    return file.getvalue()


def field(name: bytes, unicode_name: bytes, crc: int | None = None) -> bytes:
    """Info-ZIP's Unicode path field."""
    crc = zlib.crc32(name) if crc is None else crc
    body = struct.pack("<BI", 1, crc) + unicode_name
    return struct.pack("<HH", 0x7075, len(body)) + body


# --- divisions and folders round the classes ------------------------------------------

READ_ME = {"README.dataset.txt": b"x", "README.roboflow.txt": b"x"}


@pytest.mark.parametrize(
    ("parts", "training"),
    [
        (("train", "valid", "test"), 1),
        (("train", "val"), 1),
        (("train", "test"), 1),
        (("Training", "Testing"), 1),
        (("training_set", "test_set"), 1),
        (("training_set/training_set", "test_set/test_set"), 1),
        (("seg_train/seg_train", "seg_test/seg_test"), 1),
        (("TrainSet", "ValidationSet"), 1),
        (("train_images", "val_images"), 1),
        (("train", "dev", "eval"), 1),
        (("TRAIN", "VALID"), 1),
        (("train2017", "val2017"), 1),
        (("trainingData", "testData"), 1),
    ],
)
@pytest.mark.parametrize("above", ["", "data/", "Meine Klasse 10b/Fotos/"])
def test_a_division_is_kept(parts, training, above):
    files = READ_ME | folders(
        *(f"{above}{p}/{c}" for p in parts for c in ("cat", "dog"))
    )
    found = uploaded.read_zip(zipped(files))
    assert found.counts == {"cat": 2 * len(parts), "dog": 2 * len(parts)}
    assert found.training == 4 * training
    data = found.dataset()
    assert (len(data.train), len(data.validation)) == (4, 4 * len(parts) - 4)
    assert "The division of the folders was kept" in " ".join(found.notes)
    assert set(found.left_out) == set(READ_ME)


@pytest.mark.parametrize(
    ("parts", "classes"),
    [
        (("fold1", "fold2", "fold3"), ("cat", "dog")),
        (("canon", "nikon"), ("cat", "dog")),
        (("Gruppe A", "Gruppe B"), ("Katze", "Hund")),
        (("train", "train2"), ("cat", "dog")),
        (("day 1", "day 2"), ("0", "1", "2")),
    ],
)
def test_folders_that_hold_the_same_folders_are_never_classes(parts, classes):
    found = uploaded.read_zip(
        zipped(folders(*(f"{p}/{c}" for p in parts for c in classes)))
    )
    assert sorted(found.classes) == sorted(classes)
    assert found.is_validation is None
    assert "all hold the same folders" in " ".join(found.notes)


def test_a_division_inside_each_class_is_kept():
    paths = [f"{c}/{p}" for c in ("cat", "dog") for p in ("train", "validation")]
    found = uploaded.read_zip(zipped(folders(*paths)))
    assert found.counts == {"cat": 4, "dog": 4} and found.training == 4


def test_a_test_part_without_classes_is_left_out():
    """Kaggle's: what is to be guessed lies loose."""
    files = folders("seg_train/cat", "seg_train/dog", "seg_test/cat", "seg_test/dog")
    files |= {"seg_pred/seg_pred/1.png": image(), "seg_pred/seg_pred/2.png": image()}
    found = uploaded.read_zip(zipped(files))
    assert found.counts == {"cat": 4, "dog": 4} and found.training == 4
    assert set(found.left_out) == {"seg_pred/seg_pred/1.png", "seg_pred/seg_pred/2.png"}
    files = folders("train/cat", "train/dog") | {"test/1.png": image()}
    found = uploaded.read_zip(zipped(files))
    assert found.counts == {"cat": 2, "dog": 2} and found.is_validation is None
    assert set(found.left_out) == {"test/1.png"}


def test_loose_images_beside_a_division_are_no_class():
    files = folders("Training/Apple", "Training/Pear", "Test/Apple", "Test/Pear")
    files |= {"test-multiple_fruits/1.jpg": image("JPEG"), "papers/x.pdf": b"%PDF"}
    found = uploaded.read_zip(zipped(files))
    assert found.counts == {"Apple": 4, "Pear": 4} and found.training == 4


def test_a_division_without_class_folders_is_refused():
    files = {
        f"{p}/cat.{i}.jpg": image("JPEG") for p in ("train", "test") for i in (1, 2)
    }
    with pytest.raises(DataRefused, match="parts of a division and hold no class"):
        uploaded.read_zip(zipped(files))
    yolo = {f"{p}/images/{i}.png": image() for p in ("train", "valid") for i in (1, 2)}
    yolo |= {f"{p}/labels/{i}.txt": b"0" for p in ("train", "valid") for i in (1, 2)}
    with pytest.raises(DataRefused):
        uploaded.read_zip(zipped(yolo))


def test_a_train_is_a_class_beside_other_vehicles():
    for vehicles in (
        ("bus", "train"),
        ("train", "tram", "test car"),
        ("train", "val d"),
    ):
        assert uploaded.read_zip(zipped(folders(*vehicles))).classes == tuple(
            sorted(vehicles)
        )
    found = uploaded.read_zip(zipped(folders("bus/red", "train/old", "tram")))
    assert found.classes == ("bus", "train", "tram")


@pytest.mark.parametrize("above", ["animals/", "a/b/", "a/b/c/d/"])
@pytest.mark.parametrize(
    "beside",
    [
        {"LICENSE.txt": b"x"},
        {"LICENSE": b"x", "data.csv": b"1", "docs/readme.pdf": b"%PDF"},
        {"cover.png": None, "__MACOSX/._x": b"x", ".git/config": b"x"},
        {"annotations/1.xml": b"<a/>", "annotations/2.xml": b"<a/>"},
    ],
)
def test_folders_round_the_classes_are_seen_through(above, beside):
    files = folders(f"{above}cat", f"{above}dog")
    files |= {name: image() if data is None else data for name, data in beside.items()}
    found = uploaded.read_zip(zipped(files))
    assert found.counts == {"cat": 2, "dog": 2}
    assert set(found.left_out) == set(beside)


def test_case_of_a_part_is_matched_and_within_a_part_kept():
    files = folders("train/Cat", "train/dog_1", "valid/cat", "valid/Dog 1")
    assert uploaded.read_zip(zipped(files)).counts == {"Cat": 4, "dog_1": 4}
    found = uploaded.read_zip(zipped(folders("a", "A", "b")))
    assert found.classes == ("A", "a", "b")
    assert "differ in capital letters only" in " ".join(found.notes)
    assert uploaded.read_zip(zipped(folders("cat ", "cat", "dog"))).counts["cat"] == 4


# --- names ----------------------------------------------------------------------------

WRITTEN = {
    "cp437": ("Äpfel", "Öfen"),
    "cp850": ("Füße", "maçã"),
    "cp866": ("кошки", "собаки"),
    "cp932": ("りんご", "猫"),
    "gbk": ("苹果", "狗"),
    "cp1252": ("Äpfel", "chêne"),
    "cp1251": ("Кошки", "Собаки"),
    "cp949": ("고양이", "강아지"),
    "cp737": ("Γάτες", "Σκύλοι"),
    "cp852": ("Łódź", "jabłko"),
    "cp862": ("חתולים", "כלבים"),
}


@pytest.mark.parametrize(("page", "written"), WRITTEN.items())
def test_code_page_is_guessed_and_the_guess_is_said(page, written):
    found = uploaded.read_zip(raw([name.encode(page) for name in written]))
    assert set(found.classes) == set(written)
    (note,) = found.notes
    assert "do not say which alphabet" in note and "look at the class names" in note


@pytest.mark.parametrize(
    "written", [*WRITTEN.values(), ("ไทย", "हाथी"), ("🐱", "👩‍🚀")]
)
def test_utf8_without_its_flag_is_utf8(written):
    found = uploaded.read_zip(raw([name.encode() for name in written]))
    assert set(found.classes) == set(written) and found.notes == ()


def test_letters_in_parts_become_one():
    """macOS writes A and ¨; the same folder from Windows has Ä."""
    apart = [unicodedata.normalize("NFD", name).encode() for name in ("Äpfel", "é")]
    assert set(uploaded.read_zip(raw(apart)).classes) == {"Äpfel", "é"}
    both = zipped(folders("Ä", unicodedata.normalize("NFD", "Ä"), "O"))
    assert uploaded.read_zip(both).counts == {"Ä": 4, "O": 2}


def test_unicode_path_field_is_believed_where_it_is_of_the_name():
    folders_ = [b"\x8epfel", b"kosh"]
    told = {b"\x8epfel": "Яблоки".encode(), b"kosh": b"ignored: ASCII"}
    assert set(uploaded.read_zip(raw(folders_, told)).classes) == {"Яблоки", "kosh"}
    name = b"\x8epfel/0.png"
    wrong = field(name, "Яблоки/0.png".encode(), crc=1)  # it is of an older name
    entry = zipfile.ZipInfo("x")
    entry.orig_filename, entry.extra = name.decode("cp437"), wrong
    assert names.decoded([entry])[0] == ["Äpfel/0.png"]


@pytest.mark.parametrize(
    "written",
    [
        ("C", "C#", "C++"),
        ("A+", "A-", "A"),
        ("a" * 60 + "1", "a" * 60 + "2"),
        ("*", "**", "_"),
        ("हाथी", "हथ", "বিড়াল", "பூனை"),
        ("قطة", "كلب", "חתול"),
        ("👩‍🚀", "👩", "🚀"),
        ("❤️", "❤"),
        ("café", "cafe"),
        ("1", "1.", "1..."),
    ],
)
def test_names_that_differ_in_signs_are_classes_of_their_own(written):
    found = uploaded.read_zip(zipped(folders(*written)))
    assert found.counts == dict.fromkeys(sorted(written), 2)


# --- archives -------------------------------------------------------------------------


def tar() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as packed:
        packed.addfile(tarfile.TarInfo("cat/1.png"))
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (zipped({}), "is empty"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(90), "a 7z archive"),
        (b"Rar!\x1a\x07\x01\x00" + bytes(90), "a RAR archive"),
        (tar(), "a tar archive"),
        (b"\x1f\x8b\x08" + bytes(90), "a gzip file"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (image("JPEG"), "a JPEG image"),
        (zipped(folders("cat", "dog"))[:-40], "may not have been copied to its end"),
        (zipped({"cat.zip": zipped(folders("x")), "dog.zip": b"PK\3\4"}), "cat.zip"),
        (zipped(folders("cat")), "there is one (“cat”)"),
        (zipped({"cat/": b"", "dog/": b""}), "“cat” has none"),
    ],
)
def test_what_is_no_archive_of_classes_is_called_what_it_is(data, says):
    with pytest.raises(DataRefused) as said:
        uploaded.read_zip(data)
    assert says in str(said.value)


def test_zip64_and_streamed_archives_are_taken():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for name, data in folders("cat", "dog").items():
            with packed.open(name, "w", force_zip64=True) as member:
                member.write(data)
    assert uploaded.read_zip(file.getvalue()).counts == {"cat": 2, "dog": 2}

    class Pipe(io.BytesIO):
        def seekable(self):
            return False

        def tell(self):
            raise OSError

        def seek(self, *_):
            raise OSError

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w") as packed:
        for name, data in folders("cat", "dog").items():
            packed.writestr(name, data)
    assert uploaded.read_zip(pipe.getvalue()).counts == {"cat": 2, "dog": 2}


def test_each_file_left_out_has_its_reason():
    twin = image()
    files = folders("cat", "dog") | {
        "cat/cut.jpg": image("JPEG")[:200],
        "cat/text.jpg": b"Dear Sir or Madam",
        "cat/twin.png": twin,
        "dog/twin again.png": twin,
        "dog/anim.gif": image("GIF"),
        "dog/more.zip": zipped(folders("x")),
        "cat/Thumbs.db": b"x",
        "top.txt": b"x",
    }
    found = uploaded.read_zip(zipped(files))
    assert found.counts == {"cat": 3, "dog": 3}  # the GIF is taken
    reasons = found.left_out
    assert set(reasons) == {
        *("cat/cut.jpg", "cat/text.jpg", "dog/twin again.png", "dog/more.zip"),
        *("cat/Thumbs.db", "top.txt"),
    }
    assert "incomplete" in reasons["cat/cut.jpg"]
    assert reasons["dog/twin again.png"].endswith("already: cat/twin.png")
    assert "archive in the archive" in reasons["dog/more.zip"]
    assert len(files) == sum(found.counts.values()) + len(reasons)
    assert list(reasons)[-1] == "cat/Thumbs.db"  # nobody looks for the system's


def test_an_archive_over_the_limit_is_refused_by_its_size(tmp_path):
    path = tmp_path / "large.zip"
    with path.open("wb") as file:
        file.truncate(archive.MAX_ARCHIVE + 1)
    with pytest.raises(DataRefused, match="up to 200 MB"):
        uploaded.read_zip(path)


# --- the command ----------------------------------------------------------------------


def test_command_says_a_line_for_each_file(tmp_path):
    good = tmp_path / "Tiere ü.zip"
    good.write_bytes(zipped(folders("Äpfel", "C#") | {"C#/no.txt": b"x"}))
    bad = tmp_path / "bad.zip"
    bad.write_bytes(zipped(folders("cat")))
    (tmp_path / "folder" / "a").mkdir(parents=True)
    given = [good, bad, tmp_path / "nowhere.zip", tmp_path / "folder", "x" * 5_000]
    done = subprocess.run(
        [sys.executable, "-m", "lab.datasets", *map(str, given)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
    )
    assert done.stderr == "" and done.returncode == 1
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["file"] for line in lines] == [str(path) for path in given]
    assert [line["taken"] for line in lines] == [True] + [False] * 4
    fields = {"file", "taken", "sentence", "classes", "left_out", "notes"}
    assert all(set(line) == fields and line["sentence"] for line in lines)
    assert lines[0]["classes"] == {"C#": 2, "Äpfel": 2}
    assert list(lines[0]["left_out"]) == ["C#/no.txt"]


def test_command_reads_a_folder_as_if_it_were_packed(tmp_path, capsys):
    for name, data in folders("cat", "dog").items():
        path = tmp_path / "class" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    assert command.main([str(tmp_path / "class")]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["classes"] == {"cat": 2, "dog": 2}
    assert said["notes"] == [command.PACK]


EXPECTED = {
    "roboflow-folder-export": ({"cat": 12, "dog": 12}, 2),
    "macos-finder-umlauts-no-utf8-flag": ({"Äpfel": 6, "Öfen": 6}, 2),
    "windows-explorer-russian-cp866": ({"кошки": 6, "собаки": 6}, 0),
    "hindi-bengali-tamil-class-names": (
        {"हाथी": 6, "बिल्ली": 6, "বিড়াল": 6, "பூனை": 6},
        0,
    ),
    "one-folder-and-a-licence": ({"cat": 6, "dog": 6}, 1),
    "c-and-csharp": ({"C": 6, "C#": 6, "C++": 6}, 0),
    "two-classes-two-pictures-each": ({"a": 2, "b": 2}, 0),
    "one-corrupt-one-heic-one-gif": ({"cat": 6, "dog": 7}, 4),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_case_that_was_met(name):
    path = CASES / f"{name}.zip"
    if not path.is_file():
        pytest.skip("the collection of cases is not here")
    said = command.look(str(path))
    classes, left_out = EXPECTED[name]
    assert said["taken"], said["sentence"]
    composed = {unicodedata.normalize("NFC", x): n for x, n in classes.items()}
    assert said["classes"] == composed and len(said["left_out"]) == left_out


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "nothing was left out."),
        ({"cat/Thumbs.db": b"x"}, "but one file of the operating system."),
        (
            {"cat/Thumbs.db": b"x", "dog/.DS_Store": b"x", "LICENSE": b"x"},
            "one file was left out, and 2 files of the operating system.",
        ),
    ],
)
def test_what_is_counted_is_what_is_listed(more, said):
    found = uploaded.read_zip(zipped(folders("cat", "dog") | more))
    assert uploaded.sentence(found).endswith(said)
    assert len(found.left_out) == len(more)
