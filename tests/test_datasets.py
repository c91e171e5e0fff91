"""The lab's pictures: the same for one seed, fairly divided, and no way in for harm.

No test needs the internet: Keras's download is played by files of a test's own.
"""

from __future__ import annotations

import io
import os
import pickle
import stat
import struct
import subprocess
import sys
import tarfile
import urllib.error
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lab import datasets
from lab.datasets import (
    DataMissing,
    DataRefused,
    Dataset,
    archive,
    cifar,
    dataset,
    synthetic,
    uploaded,
)
from model import pictures
from paths import ROOT, cache_folder
from tests import hostile


@pytest.fixture(autouse=True)
def _folders_of_its_own(tmp_path, monkeypatch):
    """Nothing of the machine's cache is read, and nothing is left there."""
    monkeypatch.setenv("ALEXNET_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ALEXNET_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.delenv(cifar.SETTING, raising=False)


@pytest.fixture(scope="module", autouse=True)
def _decoders_end_with_the_tests():
    yield
    pictures.close()


def keys(pictures: np.ndarray) -> set[bytes]:
    return {one.tobytes() for one in pictures}


def is_balanced(labels: np.ndarray, classes: int) -> bool:
    return len(set(np.bincount(labels, minlength=classes))) == 1


# --- Built in -------------------------------------------------------------------------


def test_drawn_pictures_have_the_shape_that_is_promised():
    data = datasets.load("shapes")
    assert data.train.shape == (datasets.DRAWN_TRAIN, 32, 32, 3)
    assert data.validation.shape == (datasets.DRAWN_VALIDATION, 32, 32, 3)
    assert data.train.dtype == np.uint8 and data.train_labels.dtype == np.int32
    assert len(data.classes) == 10 and data.side == 32
    assert is_balanced(data.train_labels, 10)
    assert is_balanced(data.validation_labels, 10)


def test_same_seed_draws_the_same_in_another_process():
    code = (
        "import hashlib; from lab.datasets import load; d = load('shapes', 3, 200);"
        "print(hashlib.sha256(d.train.tobytes() + d.train_labels.tobytes()"
        " + d.validation.tobytes()).hexdigest())"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert said[0] == said[1]


def test_another_seed_draws_others():
    first, second = datasets.load("shapes", 1, 100), datasets.load("shapes", 2, 100)
    assert not keys(first.train) & keys(second.train)
    assert not keys(first.validation) & keys(second.validation)


def test_drawn_training_and_validation_share_no_picture():
    data = datasets.load("shapes", 0, 2_000)
    assert len(keys(data.train)) == 2_000
    assert not keys(data.train) & keys(data.validation)


def test_smaller_limit_is_a_part_of_a_larger_one():
    small, large = datasets.load("shapes", 0, 130), datasets.load("shapes", 0, 1_200)
    assert np.array_equal(small.train, large.train[:130])
    assert np.array_equal(small.validation, large.validation)
    assert is_balanced(small.train_labels, 10)


def test_every_row_of_ten_drawn_has_each_class():
    labels = datasets.load("shapes", 0, 1_000).train_labels
    assert all(sorted(row) == list(range(10)) for row in labels.reshape(-1, 10))


@pytest.fixture
def drawn_here(monkeypatch):
    """What of the built-in images is drawn from now on: the keys, in order."""
    asked = []

    def draw(labels, *key):
        asked.append(key)
        return real(labels, *key)

    real = synthetic.draw
    monkeypatch.setattr(synthetic, "draw", draw)
    monkeypatch.setattr(datasets, "PREPARED", 2_000)
    datasets.drawn_part.cache_clear()
    yield asked
    datasets.drawn_part.cache_clear()


def test_processes_share_the_drawing_of_what_presets_train_on(drawn_here):
    datasets.prepare(0, 2)
    datasets.drawn_part.cache_clear()  # as in another process
    datasets.prepare(1, 2)
    datasets.drawn_part.cache_clear()
    assert sorted(drawn_here) == [(0, 0, 0), (0, 0, 1), (0, 1, 0)], "each once"
    read = datasets.load("shapes", 0, 2_000)
    assert len(drawn_here) == 3, "nothing was drawn again"
    for number, (key, labels) in enumerate(
        [((0, 0, 0), read.train_labels[:1000]), ((0, 1, 0), read.validation_labels)]
    ):
        images = read.validation if number else read.train[:1000]
        assert np.array_equal(images, synthetic.draw(labels, *key))


def test_drawn_images_kept_damaged_are_drawn_again(drawn_here, tmp_path):
    datasets.prepare()
    kept = sorted((tmp_path / "cache").rglob("*.npy"))
    assert len(kept) == 3
    kept[0].write_bytes(kept[0].read_bytes()[:1000])
    kept[1].write_bytes(b"nothing")
    np.save(kept[2], np.zeros((1000, 8, 8, 3), np.uint8))
    datasets.drawn_part.cache_clear()
    drawn_here.clear()
    datasets.load("shapes", 0, 2_000)
    assert len(drawn_here) == 3


def test_other_code_for_drawing_reads_no_older_images(drawn_here, monkeypatch):
    datasets.prepare()
    other = Path(synthetic.__file__).with_name("dataset.py")
    monkeypatch.setattr(synthetic, "__file__", str(other))
    datasets.drawn_part.cache_clear()
    drawn_here.clear()
    datasets.load("shapes", 0, 1_000)
    assert drawn_here == [(0, 0, 0), (0, 1, 0)]


@pytest.mark.parametrize("file", [None, "/nowhere/drawn.py"])
def test_an_exported_script_draws_without_a_cache(drawn_here, monkeypatch, file):
    monkeypatch.setattr(synthetic, "__file__", file)
    datasets.prepare()
    assert not list(cache_folder().rglob("*"))
    assert len(datasets.load("shapes", 0, 1_000).train) == 1_000


def test_drawn_images_without_a_place_to_keep_them(drawn_here, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ALEXNET_CACHE", str(tmp_path / "file" / "below"))
    datasets.prepare()
    assert len(datasets.load("shapes", 0, 1_000).train) == 1_000


def test_classes_differ_in_outline_and_not_in_colour():
    """The nearest mean colour guesses hardly better than chance."""
    data = datasets.load("shapes", 0, 2_000)
    colours = data.train.reshape(len(data.train), -1, 3).mean(1)
    means = np.stack([colours[data.train_labels == i].mean(0) for i in range(10)])
    checked = data.validation.reshape(len(data.validation), -1, 3).mean(1)
    nearest = np.argmin(((checked[:, None] - means) ** 2).sum(-1), axis=1)
    assert np.mean(nearest == data.validation_labels) < 0.25


def test_drawing_changes_with_each_difficulty():
    labels = np.arange(20, dtype=np.int32) % 10
    pictures = [
        synthetic.draw(labels, 1, difficulty=synthetic.Difficulty(**changed)).tobytes()
        for changed in (
            *({}, {"clutter": 0}, {"occluded": 0}),
            *({"turned": 0}, {"texture": 0}, {"noise": 0}),
        )
    ]
    assert len(set(pictures)) == len(pictures)


def test_label_without_a_class_is_refused():
    with pytest.raises(ValueError, match="Expected labels from 0 to 9"):
        synthetic.draw(np.array([10], np.int32), 0)


@pytest.mark.parametrize("limit", [0, -1, datasets.MOST_DRAWN + 1])
def test_impossible_limit_is_refused(limit):
    with pytest.raises(ValueError, match="Expected"):
        datasets.load("shapes", 0, limit)


def test_unknown_name_lists_the_known():
    with pytest.raises(KeyError, match="shapes, cifar-10"):
        datasets.load("mnist")


def test_data_set_is_read_only():
    data = datasets.load("shapes", 0, 10)
    with pytest.raises(ValueError, match="read-only"):
        data.train[0] = 0


def test_data_set_refuses_arrays_that_do_not_fit():
    pictures, labels = np.zeros((2, 4, 4, 3), np.uint8), np.zeros(2, np.int32)
    with pytest.raises(ValueError, match="Expected"):
        Dataset("x", "x", ("a",), pictures, labels, pictures, labels[:1])
    with pytest.raises(ValueError, match="Expected"):
        Dataset("x", "x", ("a",), pictures / 255, labels, pictures, labels)


def test_mixed_keeps_shares_of_unequal_classes():
    labels = np.repeat(np.arange(3, dtype=np.int32), (60, 30, 10))
    order = dataset.mixed(labels, np.random.default_rng(0))
    assert sorted(order) == list(range(100))
    half = np.bincount(labels[order[:50]])
    assert np.abs(half - (30, 15, 5)).max() <= 1


def test_progress_ends_at_one():
    said: list[float] = []
    datasets.load("shapes", 77, 1_500, report=said.append)
    assert said == sorted(said) and said[0] == 0 and said[-1] == 1


def test_data_sets_are_loaded_without_keras_or_streamlit():
    code = (
        "import sys; from lab.datasets import load; load('shapes', 0, 10);"
        "print({'keras', 'tensorflow', 'streamlit', 'PIL'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout.strip() in ("set()", "{'PIL'}"), done.stderr


# --- CIFAR-10 -------------------------------------------------------------------------

TRAIN, TEST = 6, 2  # pictures a class


def cifar_folder(folder: Path, side: int = 32) -> Path:
    """A CIFAR-10 of sixty and twenty pictures, each class a grey of its own."""
    for part, count in (("train", TRAIN), ("test", TEST)):
        for label, name in enumerate(cifar.CLASSES):
            inside = folder / part / name
            inside.mkdir(parents=True)
            for i in range(count):
                grey = np.full((side, side, 3), 20 * label + i, np.uint8)
                Image.fromarray(grey).save(inside / f"{i:04}.png")
    return folder


@pytest.fixture
def small_cifar(tmp_path, monkeypatch):
    folder = cifar_folder(tmp_path / "cifar")
    monkeypatch.setenv(cifar.SETTING, str(folder))
    return folder


def test_cifar_is_read_from_class_folders(small_cifar):
    data = datasets.load("cifar-10")
    assert data.classes[:3] == ("airplane", "automobile", "bird")
    assert data.train.shape == (60, 32, 32, 3)
    assert data.validation.shape == (20, 32, 32, 3)
    # The grey says which class's folder it was in.
    assert np.array_equal(data.train[:, 0, 0, 0] // 20, data.train_labels)
    assert np.array_equal(data.validation[:, 5, 5, 2] // 20, data.validation_labels)
    assert "JPEG" in data.title and "JPEG" in data.notes[0]
    assert sorted(data.train_labels[:10]) == list(range(10))


def test_cifar_limit_is_chosen_by_the_seed(small_cifar):
    first, again = datasets.load("cifar-10", 1, 20), datasets.load("cifar-10", 1, 20)
    other = datasets.load("cifar-10", 2, 20)
    assert np.array_equal(first.train, again.train)
    assert keys(first.train) != keys(other.train)
    assert is_balanced(first.train_labels, 10)
    assert len(first.validation) == 20


def test_cifar_is_read_once_and_then_mapped(small_cifar, monkeypatch):
    first = datasets.load("cifar-10")
    monkeypatch.setattr(cifar, "read_archive", lambda _: pytest.fail("read again"))
    second = datasets.load("cifar-10")
    assert np.array_equal(first.train, second.train)
    assert isinstance(second.train, np.memmap)


def test_cifar_is_read_anew_when_its_folder_changes(small_cifar, tmp_path):
    before = datasets.load("cifar-10")
    extra = small_cifar / "train" / "cat" / "more.png"
    Image.new("RGB", (32, 32), "red").save(extra)
    assert len(datasets.load("cifar-10").train) == len(before.train) + 1
    assert len(list((tmp_path / "cache").iterdir())) == 1  # the old state is gone


def test_two_folders_are_cached_beside_each_other(small_cifar, tmp_path, monkeypatch):
    datasets.load("cifar-10")
    monkeypatch.setenv(cifar.SETTING, str(cifar_folder(tmp_path / "another")))
    datasets.load("cifar-10")
    assert len(list((tmp_path / "cache").iterdir())) == 2


def test_damaged_cache_is_made_again(small_cifar, tmp_path):
    expected = datasets.load("cifar-10").train.copy()
    (file,) = (tmp_path / "cache").rglob("train.npy")
    file.unlink()
    file.write_bytes(b"nothing")
    assert np.array_equal(datasets.load("cifar-10").train, expected)
    assert np.load(file).shape == expected.shape


def test_cache_that_cannot_be_written_stops_nobody(small_cifar, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ALEXNET_CACHE", str(tmp_path / "file" / "below"))
    assert len(datasets.load("cifar-10").train) == 60


def test_nothing_half_made_stays_in_the_cache(small_cifar, tmp_path):
    datasets.load("cifar-10")
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_folder_without_cifar_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv(cifar.SETTING, str(tmp_path / "nowhere"))
    with pytest.raises(DataMissing, match=r"airplane/ is not there; .* drawn shapes"):
        datasets.load("cifar-10")


def test_empty_class_folder_is_said(small_cifar):
    for file in (small_cifar / "test" / "dog").iterdir():
        file.unlink()
    with pytest.raises(DataMissing, match=r"in test/dog/ .* and there are none"):
        datasets.load("cifar-10")


def test_file_that_is_no_cifar_picture_is_named(small_cifar):
    Image.new("RGB", (40, 32)).save(small_cifar / "train" / "frog" / "large.png")
    with pytest.raises(DataMissing, match=r"32 × 32 pixels was expected in .*large"):
        datasets.load("cifar-10")


def official(folder: Path) -> Path:
    """An archive like CIFAR-10's own, with twenty pictures in each of its files."""
    path = folder / "official.tar.gz"
    names = [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]
    with tarfile.open(path, "w:gz") as archive:
        for n, name in enumerate(names):
            rows = 10_000 if n < 5 else 20
            pixels = np.full((rows, 3072), 10 * n, np.uint8)
            batch = {b"data": pixels, b"labels": [i % 10 for i in range(rows)]}
            data = pickle.dumps(batch, protocol=4)
            entry = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return path


@pytest.fixture
def internet(monkeypatch, tmp_path):
    """What Keras's download meets; `targets` has the files that it wrote to."""
    from keras.src.utils import file_utils

    # Keras looks at KERAS_HOME once, as it is imported.
    monkeypatch.setattr(
        file_utils.config, "keras_home", lambda: str(tmp_path / "keras")
    )
    (tmp_path / "keras").mkdir(exist_ok=True)

    class Internet:
        data: bytes | None = None
        targets: list[Path] = []  # noqa: RUF012

        def fetch(self, origin, target, hook):
            self.targets.append(Path(target))
            if self.data is None:
                raise urllib.error.URLError("no route to host")
            Path(target).write_bytes(self.data)

    found = Internet()
    found.targets = []
    monkeypatch.setattr(file_utils, "urlretrieve", found.fetch)
    return found


def test_cifar_offline_is_one_sentence_that_offers_the_drawn(internet):
    with pytest.raises(DataMissing, match="could not be downloaded") as said:
        datasets.load("cifar-10")
    sentence = str(said.value)
    assert "drawn shapes" in sentence and cifar.SETTING in sentence
    assert sentence.count(".") == 1 and "\n" not in sentence
    assert not cifar.is_here()


def test_wrong_download_is_not_taken_for_cifar(internet, tmp_path):
    internet.data = b"<html>log in to the hotel's network</html>"
    with pytest.raises(DataMissing):
        datasets.load("cifar-10")
    assert not (tmp_path / "cache").exists()


def test_keras_downloads_to_the_file_that_is_watched(internet):
    with pytest.raises(DataMissing):
        datasets.load("cifar-10")
    folders = [folder / f"{cifar.TARGET}_archive" for folder in cifar.keras_folders()]
    assert internet.targets and set(internet.targets) <= set(folders)


def test_cifar_is_fetched_once_by_keras(internet, tmp_path, monkeypatch):
    from keras.src.utils import file_utils

    internet.data = official(tmp_path).read_bytes()
    monkeypatch.setattr(file_utils, "validate_file", lambda *_, **__: True)
    said: list[float] = []
    data = datasets.load("cifar-10", report=said.append)
    assert data.train.shape == (50_000, 32, 32, 3)
    assert data.validation.shape == (20, 32, 32, 3)
    assert data.title == "CIFAR-10" and not data.notes
    assert is_balanced(data.train_labels, 10)
    assert said[-1] == 1 and all(0 <= x <= 1 for x in said)
    assert cifar.is_here()
    datasets.load("cifar-10")
    assert len(internet.targets) == 1


def test_stalled_download_is_given_up(monkeypatch):
    import threading

    import keras

    never = threading.Event()
    monkeypatch.setattr(keras.datasets.cifar10, "load_data", never.wait)
    monkeypatch.setattr(cifar, "STALL_S", 0.3)
    with pytest.raises(DataMissing):
        datasets.load("cifar-10")
    never.set()


# --- The class's own ------------------------------------------------------------------


def photograph(seed: int, kind: str = "PNG", side: int = 40) -> bytes:
    """A small sound picture unlike the others."""
    pixels = np.random.default_rng(seed).integers(0, 255, (side, side, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


def animals(count: int = 5) -> dict[str, bytes]:
    return {
        f"{name}/{i}.png": photograph(100 * n + i)
        for n, name in enumerate(("cat", "dog"))
        for i in range(count)
    }


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def written(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir()
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


@pytest.fixture(params=["zip", "zip file", "folder"])
def read(request, tmp_path):
    """Reads files by each of the ways in."""

    def reading(files: dict[str, bytes], **options) -> uploaded.UploadedImages:
        if request.param == "folder":
            return uploaded.read_folder(written(tmp_path / "class", files), **options)
        data = zipped(files)
        if request.param == "zip":
            return uploaded.read_zip(data, **options)
        (tmp_path / "class.zip").write_bytes(data)
        return uploaded.read_zip(tmp_path / "class.zip", **options)

    return reading


def test_class_folders_become_a_data_set(read):
    data = read(animals(10), title="Our animals").dataset(seed=1)
    assert data.title == "Our animals" and data.classes == ("cat", "dog")
    assert data.train.shape == (16, 32, 32, 3)
    assert data.validation.shape == (4, 32, 32, 3)
    assert is_balanced(data.train_labels, 2) and is_balanced(data.validation_labels, 2)
    assert not keys(data.train) & keys(data.validation)
    assert data.notes == ()


def test_pictures_are_the_centre_square_at_the_side(read):
    wide = np.zeros((20, 60, 3), np.uint8)
    wide[:, 20:40] = (250, 10, 10)
    file = io.BytesIO()
    Image.fromarray(wide).save(file, "PNG")
    found = read(animals() | {"cat/wide.png": file.getvalue()}, side=16)
    assert found.pictures.shape[1:] == (16, 16, 3)
    middles = found.pictures[:, 2:-2, 2:-2].reshape(len(found.pictures), -1, 3)
    assert any(np.all(abs(x.astype(int) - (250, 10, 10)) < 3) for x in middles)


def test_seed_divides_the_same_way_again():
    found = uploaded.read_zip(zipped(animals(10)))
    first, again, other = (found.dataset(seed) for seed in (1, 1, 2))
    assert np.array_equal(first.train, again.train)
    assert keys(first.validation) != keys(other.validation)


def test_given_division_is_kept(read):
    files = {f"data/train/{k}": v for k, v in animals(4).items()}
    files |= {f"data/Val/{k}": photograph(900 + i) for i, k in enumerate(animals(2))}
    data = read(files).dataset()
    assert data.classes == ("cat", "dog")
    assert len(data.train) == 8 and len(data.validation) == 4


def test_given_division_without_a_class_is_refused(read):
    files = {f"train/{k}": v for k, v in animals(4).items()}
    files |= {"test/cat/1.png": photograph(901)}
    with pytest.raises(DataRefused, match="both need images of “dog”"):
        read(files)


def test_folders_round_everything_are_seen_through(read):
    files = {f"a/b/{name}": data for name, data in animals().items()}
    files["a/__MACOSX/._x"] = b"x"
    files["a/b/.DS_Store"] = b"x"
    files["a/b/dog/in/deeper.png"] = photograph(77)
    found = read(files)
    assert found.classes == ("cat", "dog")
    assert len(found.pictures) == 11 and found.notes == ()


def test_what_is_no_picture_is_left_out_and_counted(read):
    files = animals() | {
        "cat/notes.txt": b"Dear Sir or Madam",
        "dog/bomb.png": hostile.png_bomb(20_000, 20_000),
        "dog/drawing.svg": hostile.SVG,
        "read me.txt": b"hello",
        "dog/twin.png": animals()["cat/1.png"],
    }
    found = read(files)
    assert len(found.pictures) == 10
    assert found.notes == (
        "3 files are not images that can be opened and were left out "
        "(notes.txt, bomb.png, drawing.svg).",
        "One image is there twice and was left out.",
        "One file lies in no class folder and was left out.",
    )


@pytest.mark.parametrize("bad", hostile.hostile_files(), ids=lambda bad: bad.name)
def test_hostile_picture_in_an_archive_harms_nobody(bad):
    found = uploaded.read_zip(
        zipped(animals() | {"cat/bad": bad.data}, zipfile.ZIP_STORED)
    )
    if bad.says:
        assert len(found.pictures) == 10 and len(found.notes) == 1
    else:
        assert len(found.pictures) >= 10


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"1.txt": b"x"}, "there is none"),
        ({"1.png": photograph(1), "2.png": photograph(2)}, "there is none"),
        ({f"cat/{i}.png": photograph(i) for i in range(4)}, "there is one (“cat”)"),
        (animals() | {"fish/no.txt": b"x"}, "“fish” has none"),
        (animals() | {"fish/1.png": photograph(9)}, "“fish” has one"),
        (animals() | {"do_g/1.png": photograph(8), "do g/1.png": photograph(9)},
         "“do g” has one"),
        ({f"c{i:03}/{j}.png": b"" for i in range(101) for j in range(2)}, "Up to 100"),
        (animals() | {"cat/" + "x/" * 9 + "1.png": photograph(5)}, "8 deep"),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)  # fmt: skip
def test_folders_that_make_no_classes_are_refused(read, files, says):
    with pytest.raises(DataRefused) as said:
        read(files)
    assert says in str(said.value)


def test_empty_class_folder_of_an_archive_is_refused():
    file = io.BytesIO(zipped(animals()))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("fish/", b"")
    with pytest.raises(DataRefused, match="“fish” has none"):
        uploaded.read_zip(file.getvalue())


def test_names_are_kept_as_they_are_written(read):
    """What a page makes of them is the page's: here they are data."""
    names = ["<b>*cat*", "[dog](x) :red_car:\u202e", "Größe 二", "a" * 60 + "1"]
    files = {
        f"{name}/{i}.png": photograph(10 * n + i)
        for n, name in enumerate(names)
        for i in range(2)
    }
    assert sorted(read(files).classes) == sorted(names)


@pytest.mark.parametrize(
    "name",
    ["../../evil.png", "/etc/evil.png", "cat/../../evil.png", "C:\\evil.png", "..\\e"],
)
def test_name_that_leads_out_is_refused(name, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(DataRefused, match="outside of itself"):
        uploaded.read_zip(zipped(animals() | {name: photograph(1)}))
    assert sorted(tmp_path.rglob("*")) == before


def test_reading_an_archive_writes_nothing(tmp_path, monkeypatch):
    data = zipped(animals())
    opened: list[str] = []
    real = os.open

    def watched(path, flags, *more, **options):
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            opened.append(str(path))
        return real(path, flags, *more, **options)

    monkeypatch.setattr(os, "open", watched)
    monkeypatch.chdir(tmp_path)
    uploaded.read_zip(data)
    assert opened == [] and list(tmp_path.iterdir()) == []


def test_link_in_an_archive_is_left_out():
    file = io.BytesIO(zipped(animals()))
    with zipfile.ZipFile(file, "a") as archive:
        link = zipfile.ZipInfo("cat/passwords.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    found = uploaded.read_zip(file.getvalue())
    assert len(found.pictures) == 10
    assert found.notes == ("One link leads elsewhere and was left out.",)


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of POSIX")
def test_links_and_pipes_in_a_folder_are_not_followed(tmp_path):
    secret = written(tmp_path / "secret", {f"{i}.png": photograph(i) for i in (1, 2)})
    folder = written(tmp_path / "class", animals())
    (folder / "cat" / "1-more.png").symlink_to(secret / "1.png")
    (folder / "fish").symlink_to(secret)
    os.mkfifo(folder / "cat" / "pipe.png")  # opening it would wait for ever
    found = uploaded.read_folder(folder)
    assert found.classes == ("cat", "dog") and len(found.pictures) == 10
    assert found.notes == ("3 links lead elsewhere and were left out.",)


def test_archive_with_a_password_is_refused():
    data = bytearray(zipped(animals()))
    at = 0
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        data[at + 8] |= 1  # the flag in the list of contents
        at += 4
    with pytest.raises(DataRefused, match="locked with a password"):
        uploaded.read_zip(bytes(data))


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_rare_packing_is_refused(method):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("cat/1.png", photograph(1))
    with pytest.raises(DataRefused, match="an ordinary zip"):
        uploaded.read_zip(file.getvalue())


def test_archive_that_grows_is_refused():
    with pytest.raises(DataRefused, match="would grow"):
        uploaded.read_zip(zipped(animals() | {"cat/x.bmp": bytes(40_000_000)}))


def test_member_that_lies_about_its_size_is_not_unpacked_whole():
    """The list says 5 bytes; what follows would be 60 million."""
    data = bytearray(zipped(animals() | {"cat/x.bmp": b"BM" + bytes(60_000_000)}))
    at = data.rindex(b"cat/x.bmp") - 46
    assert data[at : at + 4] == b"PK\x01\x02"
    struct.pack_into("<I", data, at + 24, 5)
    found = uploaded.read_zip(bytes(data))
    assert len(found.pictures) == 10 and len(found.notes) == 1


def test_total_of_what_is_unpacked_has_an_end(monkeypatch):
    monkeypatch.setattr(uploaded, "MAX_UNPACKED", 20_000)
    monkeypatch.setattr(archive, "MAX_UNPACKED", 20_000)
    data = bytearray(zipped(animals()))
    at = 0
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        struct.pack_into("<I", data, at + 24, 5)
        at += 4
    with pytest.raises(DataRefused):
        uploaded.read_zip(bytes(data))
    with pytest.raises(DataRefused, match="may unpack to"):
        uploaded.read_zip(zipped(animals()))


def many_entries(count: int, claimed: int | None = None) -> bytes:
    """An archive's list of `count` files that hold nothing, and what it claims."""
    entries = b"".join(
        struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 0, 0, 0, 0, 0, 0, 9,
                    0, 0, 0, 0, 0, 0) + b"a/%07d" % i
        for i in range(count)
    )  # fmt: skip
    told = min(count if claimed is None else claimed, 65_535)
    return entries + struct.pack(
        "<4s4H2IH", b"PK\5\6", 0, 0, told, told, len(entries), 0, 0
    )


@pytest.mark.parametrize("claimed", [None, 3])
def test_hundred_thousand_entries_are_refused_before_they_are_objects(
    claimed, monkeypatch
):
    made: list[object] = []
    real = zipfile.ZipInfo.__init__

    def counted(self, *args, **options):
        made.append(None)
        real(self, *args, **options)

    monkeypatch.setattr(zipfile.ZipInfo, "__init__", counted)
    with pytest.raises(DataRefused, match="Up to 20,000 files"):
        uploaded.read_zip(many_entries(100_000, claimed))
    assert not made


def test_one_entry_too_many_is_refused():
    with pytest.raises(DataRefused, match="there are 20,001"):
        uploaded.read_zip(many_entries(archive.MAX_ENTRIES + 1))


def test_folder_of_too_many_files_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MAX_ENTRIES", 8)
    with pytest.raises(DataRefused, match="Up to 8 files"):
        uploaded.read_folder(written(tmp_path / "class", animals()))


def test_too_many_pictures_are_refused(read, monkeypatch):
    monkeypatch.setattr(uploaded, "MAX_PICTURES", 9)
    with pytest.raises(DataRefused, match="Up to 9 images"):
        read(animals())


def test_archive_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(archive, "MAX_ARCHIVE", 1_000_000)
    with pytest.raises(DataRefused, match="up to 200 MB and this one has 1 MB"):
        uploaded.read_zip(bytes(1_000_001))


def test_pictures_that_take_too_long_are_refused(read, monkeypatch):
    monkeypatch.setattr(uploaded, "MAX_SECONDS", -1.0)
    with pytest.raises(DataRefused, match="minutes to open"):
        read(animals())


@pytest.mark.parametrize(
    "data",
    [b"", b"not a zip", bytes(70_000), photograph(1), zipped(animals())[:-30]],
)  # fmt: skip
def test_what_is_no_archive_is_refused(data):
    with pytest.raises(DataRefused):
        uploaded.read_zip(data)


def test_archive_without_its_beginning_loses_that_picture():
    found = uploaded.read_zip(zipped(animals())[200:])
    assert len(found.pictures) == 9 and len(found.notes) == 1


def test_archive_with_any_bytes_changed_is_read_or_refused(monkeypatch):
    """Five hundred archives, each with a few bytes changed, most in its list."""
    found = pictures.load_picture(photograph(1))
    keys = iter(range(10**9))

    def opened(data: bytes) -> pictures.Picture:
        return replace(found, key=str(next(keys)))

    monkeypatch.setattr(uploaded, "load_picture", opened)
    monkeypatch.setattr(
        uploaded, "as_received", lambda *_: np.zeros((32, 32, 3), np.uint8)
    )
    sound = zipped({name: b"a" * 90 for name in animals(3)})
    random = np.random.default_rng(0)
    refused = 0
    for _ in range(500):
        data = bytearray(sound)
        for at in random.integers(len(data) // 4, len(data), random.integers(1, 6)):
            data[at] = random.choice((0, 1, 127, 128, 255, random.integers(256)))
        try:
            uploaded.read_zip(bytes(data))
        except DataRefused:
            refused += 1
    assert 0 < refused < 500


def test_damaged_member_is_left_out():
    data = bytearray(zipped(animals()))
    at = data.index(b"cat/1.png") + 200
    data[at : at + 40] = bytes(40)
    found = uploaded.read_zip(bytes(data))
    assert len(found.pictures) == 9
    assert found.notes == (
        "One file is not an image that can be opened and was left out (1.png).",
    )


def test_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(DataRefused, match="A folder was expected"):
        uploaded.read_folder(tmp_path / "nowhere")
