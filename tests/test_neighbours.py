"""Neighbours by activations and by pixels: against numpy, and what an index keeps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from lab.datasets.kept import Kept
from model import runtime, weights
from model.analysis import similar
from model.analysis.features import neighbours
from model.analysis.features.neighbours import (
    PHOTOGRAPHS,
    Index,
    NotIndexed,
    Projection,
)
from model.analysis.saliency import rank_correlation
from model.network.specs import SIMPLIFIED, Conv
from model.pictures import load_picture, photographs, samples, to_input
from tests.test_pages import visit
from ui.kit import state, words
from ui.network import similar as page
from ui.network import similar_builds
from ui.session import own_images

DEFAULT = weights.get(weights.DEFAULT)
TEXT = words.page("similar_images", words.ENGLISH)
Values = NDArray[np.floating[Any]]


def euclidean(one: Values, others: Values) -> Values:
    found: Values = np.linalg.norm(others.astype(np.float64) - one, axis=1)
    return found


# --- what an index keeps of a picture -------------------------------------------------


@pytest.fixture(scope="module")
def unseen() -> NDArray[np.float32]:
    """fc7 of 60 pictures that the projection was not made from: (60, 4096)."""
    names = tuple(photographs.photographs())[::4][:60]
    network = runtime.network(DEFAULT.name)
    inputs = []
    for name in names:
        image = ImageOps.mirror(photographs.image(name))
        side = min(image.size) * 2 // 3
        inputs.append(to_input(image.crop((0, 0, side, side)), network.weights.spec))
    found: NDArray[np.float32] = network.dense(np.concatenate(inputs))["fc7"]
    return found


def kept_order(distances: Any, hidden: NDArray[np.float32]) -> tuple[float, float]:
    """Rank correlation with the exact distances, and how many of six are right."""
    ranks, right = [], []
    for number in range(len(hidden)):
        others = np.arange(len(hidden)) != number
        exact = euclidean(hidden[number], hidden[others])
        found = distances(number)[others]
        ranks.append(rank_correlation(exact, found))
        right.append(len({*np.argsort(exact)[:6]} & {*np.argsort(found)[:6]}))
    return float(np.mean(ranks)), float(np.mean(right))


def test_256_numbers_keep_the_order_of_distances(unseen: NDArray[np.float32]) -> None:
    projection, _ = neighbours.read_photographs(DEFAULT)
    rows = projection(unseen)
    assert rows.shape == (60, neighbours.NUMBERS)
    assert rows.dtype == np.float16
    ranks, right = kept_order(
        lambda i: neighbours.hidden_distances(rows[i], rows), unseen
    )
    assert ranks > 0.98
    assert right > 5
    # Random directions, as many of them, keep less.
    random = np.random.default_rng(2012).normal(size=(4096, neighbours.NUMBERS))
    basis, _ = np.linalg.qr(random)
    other = unseen @ basis
    less, fewer = kept_order(lambda i: euclidean(other[i], other), unseen)
    assert less < ranks
    assert fewer < right
    exact = euclidean(unseen[0], unseen[1:])
    found = neighbours.hidden_distances(rows[0], rows[1:])
    assert found == pytest.approx(exact, rel=0.06)


def test_what_is_left_over_counts() -> None:
    projection = Projection.of(np.eye(3, 5, dtype=np.float32))
    rows = projection(np.array([[0, 0, 0, 3, 0], [0, 0, 0, 0, 4]], np.float32))
    assert neighbours.hidden_distances(rows[0], rows[1:]) == pytest.approx([5])
    assert neighbours.lengths(rows) == pytest.approx([3, 4])


def test_pixel_distances_are_numpys() -> None:
    random = np.random.default_rng(1)
    shape = (700, neighbours.SIDE, neighbours.SIDE, 3)
    rows = random.integers(0, 256, shape, dtype=np.uint8)
    found = neighbours.pixel_distances(rows[3], rows)
    difference = rows.astype(float) - rows[3]
    assert found == pytest.approx(np.sqrt((difference**2).mean(axis=(1, 2, 3))))
    assert found[3] == 0


def test_pixels_are_the_middle_of_a_picture() -> None:
    image = Image.new("RGB", (300, 100), "red")
    image.paste("blue", (100, 0, 200, 100))
    assert (neighbours.shrunk(image) == (0, 0, 255)).all()


def index(source: str, *predicted: int, titles: tuple[str, ...] = ()) -> Index:
    count = len(predicted)
    side = neighbours.SIDE
    file = neighbours.jpeg(Image.new("RGB", (8, 8)))
    return Index(
        source,
        titles or tuple(f"{source} {i}" for i in range(count)),
        np.zeros((count, neighbours.NUMBERS), np.float16),
        np.array(predicted, np.int16),
        np.zeros((count, side, side, 3), np.uint8),
        (file,) * count,
    )


def row(*values: float) -> NDArray[np.float32]:
    return np.array(values, np.float32)


def test_the_nearest_of_all_indexes_without_the_picture_itself() -> None:
    one = index(PHOTOGRAPHS, 1, 2, 3, titles=("dog", "cat", "hen"))
    two = index("cifar-10", 4, 5)
    found = neighbours.nearest([row(0, 5, 2), row(1, 9)], [one, two], "dog", 3)
    assert [x.title for x in found] == ["cifar-10 0", "hen", "cat"]
    assert [x.distance for x in found] == [1, 2, 5]
    assert [x.predicted for x in found] == [4, 3, 2]
    # A class that is called like the picture is not the picture.
    two = index("cifar-10", 4, 5, titles=("dog", "dog"))
    found = neighbours.nearest([row(1, 9)], [two], "dog", 3)
    assert len(found) == 2


def test_a_network_with_one_dense_layer_has_no_hidden_one() -> None:
    layer = neighbours.hidden_layer(SIMPLIFIED)
    assert layer is not None and layer.name == "fc7"
    from dataclasses import replace

    convolutions = [x for x in SIMPLIFIED.layers if isinstance(x, Conv)]
    short = replace(SIMPLIFIED, layers=(*convolutions, SIMPLIFIED.layers[-1]))
    assert neighbours.hidden_layer(short) is None


# --- the index that comes with the lab, and those that are made -----------------------


def test_the_shipped_index_is_of_these_photographs_and_weights() -> None:
    projection, found = neighbours.read_photographs(DEFAULT)
    assert neighbours.shipped(DEFAULT).stat().st_size < 1_100_000
    assert found.titles == tuple(photographs.photographs())
    network = runtime.network(DEFAULT.name)
    for number in (0, 100, len(found) - 1):
        image = photographs.image(found.titles[number])
        hidden, predicted = similar.look(network, [image])
        assert predicted[0] == found.predicted[number]
        kept = projection(hidden)[0]
        assert kept == pytest.approx(found.hidden[number], abs=0.1)
        assert np.array_equal(neighbours.shrunk(image), found.pixels[number])


def test_other_photographs_or_weights_need_another_index(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ALEXNET_CACHE", str(tmp_path))
    projection, found = neighbours.read_photographs(DEFAULT)
    other = weights.get("random")
    out = neighbours.file_of(other, PHOTOGRAPHS)
    with pytest.raises(NotIndexed):
        neighbours.read_photographs(other)
    neighbours.write_photographs(out, DEFAULT, projection, found)
    with pytest.raises(NotIndexed):  # of other weights
        neighbours.read_photographs(other)
    neighbours.write_photographs(out, other, projection, found)
    again, same = neighbours.read_photographs(other)
    assert again.checksum == projection.checksum
    assert np.array_equal(same.hidden, found.hidden)
    fewer = dict(list(photographs.photographs().items())[1:])
    monkeypatch.setattr(photographs, "photographs", lambda: fewer)
    with pytest.raises(NotIndexed):
        neighbours.read_photographs(other)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A little of CIFAR-10: seven images of two classes. The cache is the test's."""
    monkeypatch.setenv("ALEXNET_CACHE", str(tmp_path / "cache"))
    for number in range(7):
        name = ("cat", "frog")[number % 2]
        place = tmp_path / "data" / "train" / name
        place.mkdir(parents=True, exist_ok=True)
        image = Image.new("RGB", (32, 32), (40 * number, 200 - 20 * number, 90))
        image.save(place / f"{number}.png")
    return tmp_path / "data"


def test_an_index_that_was_stopped_goes_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []
    look = similar.look

    def counted(network: Any, images: Any) -> Any:
        looked.append(len(images))
        return look(network, images)

    monkeypatch.setattr(similar, "look", counted)
    monkeypatch.setattr(similar, "SAVED", 2)
    similar.make(DEFAULT, "cifar-10", folder, 4)
    assert sum(looked) == 4
    whole = similar.make(DEFAULT, "cifar-10", folder)
    assert sum(looked) == 7
    assert sorted(whole.titles) == ["cat"] * 4 + ["frog"] * 3
    projection, _ = neighbours.read_photographs(DEFAULT)
    found = neighbours.read(DEFAULT, "cifar-10", projection)
    assert found.titles == whole.titles
    assert found.jpegs == whole.jpegs
    assert np.array_equal(found.pixels, whole.pixels)
    # Each picture has its own title and pixels.
    paths = similar.chosen(folder, "cifar-10", 7)
    for (path, title), pixels in zip(
        similar.titled(paths, "cifar-10"), found.pixels, strict=True
    ):
        assert path.parent.name == title
        with Image.open(path) as image:
            assert np.array_equal(neighbours.shrunk(image), pixels)
    with pytest.raises(NotIndexed):  # of another projection
        neighbours.read(DEFAULT, "cifar-10", Projection.of(np.eye(2, 4096, dtype="f")))


def test_tiny_imagenets_folders_are_named_by_their_class(tmp_path: Path) -> None:
    place = tmp_path / "train" / "n01443537" / "images"
    place.mkdir(parents=True)
    (place / "n01443537_0.JPEG").touch()
    (found,) = similar.titled(
        similar.chosen(tmp_path, "tiny-imagenet", 5), "tiny-imagenet"
    )
    assert found[1] == "goldfish"
    with pytest.raises(FileNotFoundError):
        similar.chosen(tmp_path, "cifar-10", 5)


# --- what the page says ---------------------------------------------------------------


def neighbours_of(source: str, *predicted: int) -> list[neighbours.Neighbour]:
    one = index(source, *predicted)
    return [neighbours.Neighbour(one, i, 1.0) for i in range(len(predicted))]


@pytest.mark.parametrize(
    ("by_layer", "by_pixels", "kind"),
    [((7, 7, 1), (7, 2, 3), "more"), ((1, 2, 3), (7, 7, 7), "fewer"),
     ((7, 1, 2), (1, 7, 2), "alike")],
)  # fmt: skip
def test_the_verdict_counts(
    by_layer: tuple[int, ...], by_pixels: tuple[int, ...], kind: str
) -> None:
    same = neighbours_of("a", *by_layer), neighbours_of("b", *by_pixels)
    said = page.verdict(*same, first=7, share=0.25)
    assert TEXT[kind] in said
    assert f"**{by_layer.count(7)}** get" in said
    assert f"by pixels, **{by_pixels.count(7)}**" in said
    assert "25.0%" in said
    assert TEXT["none"] in said
    again = page.verdict(same[0], same[0], first=7, share=0.25)
    assert TEXT["both"].format(both=3) in again


def test_small_activations_are_said_to_be_near() -> None:
    def of_length(*values: float) -> neighbours.Coordinates:
        rows = np.zeros((len(values), neighbours.NUMBERS), np.float16)
        rows[:, 0] = values
        return rows

    one = index("a", *range(5))
    found = Index(
        one.source,
        one.titles,
        of_length(2, 3, 10, 11, 12),
        one.predicted,
        one.pixels,
        one.jpegs,
    )
    near = [neighbours.Neighbour(found, i, 1.0) for i in (0, 1)]
    said = page.favours_small(of_length(20)[0], near, [found])
    for number in ("20.0", "10.0", "2.5"):
        assert number in said
    assert page.favours_small(of_length(5)[0], near, [found]) == ""
    far = [neighbours.Neighbour(found, i, 1.0) for i in (3, 4)]
    assert page.favours_small(of_length(20)[0], far, [found]) == ""


def test_what_holds_for_all_photographs_is_computed() -> None:
    side = neighbours.SIDE
    pixels = np.zeros((14, side, side, 3), np.uint8)
    pixels[::2] = 100  # by pixels: even with even
    hidden = np.zeros((14, neighbours.NUMBERS), np.float16)
    hidden[7:, 0] = 5  # by activations: the first seven, and the rest
    classes = np.repeat([1, 2], 7).astype(np.int16)
    names = tuple("abcdefghijklmn")
    one = Index(PHOTOGRAPHS, names, hidden, classes, pixels)
    by_layer, by_pixels = page.overall("a test's", one)
    assert by_layer == 1
    assert 0.3 < by_pixels < 0.6


def shown(app: Any) -> dict[str, str]:
    """The two lists of tiles by their kinds."""
    found = [x.proto.body for x in app.get("html") if 'class="similar"' in x.proto.body]
    return {x.split('data-kind="')[1].split('"')[0]: x for x in found}


def test_the_page_shows_six_of_each_and_says_whose_they_are() -> None:
    app = visit("similar_images", picture="dog")
    lists = shown(app)
    assert list(lists) == ["by_layer", "by_pixels"]
    _, found = neighbours.read_photographs(DEFAULT)
    small = neighbours.shrunk(load_picture(samples.data("dog")).image)
    wanted = neighbours.nearest(
        [neighbours.pixel_distances(small, found.pixels)], [found], "dog"
    )
    for tiles in lists.values():
        assert tiles.count("<li>") == neighbours.SHOWN
        assert "German shepherd</b>" not in tiles  # itself
    for one in wanted:
        assert f"distance {one.distance:.1f}<" in lists["by_pixels"]
        assert photographs.photographs()[one.title].licence in lists["by_pixels"]
    said = "\n".join(x.value for x in app.markdown)
    share = page.overall(DEFAULT.name, found)[0]
    assert f"{share:.1%} of the 6 nearest by fc7" in said
    assert "figure 4" in said and "findsimilar.py" in said
    assert any(DEFAULT.label in x.value for x in app.caption)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[int]]:
    """Activations that take no time; how many images were looked at together."""
    monkeypatch.setenv("ALEXNET_CACHE", str(tmp_path))
    looked: list[int] = []

    def look(network: Any, images: Any) -> Any:
        looked.append(len(images))
        hidden = [np.resize(neighbours.shrunk(x), 4096) for x in images]
        return np.stack(hidden).astype(np.float32), np.zeros(len(images), np.int16)

    monkeypatch.setattr(similar, "look", look)
    yield looked


def test_other_weights_look_at_the_photographs_first(quick: list[int]) -> None:
    app = visit("similar_images", weights="random")
    assert not shown(app)
    count = len(photographs.photographs())
    (said,) = (x.value for x in app.markdown if "not computed" in x.value)
    assert f"{count} images" in said
    # Somebody began, and stopped: it goes on from there.
    build = similar_builds.build("random", PHOTOGRAPHS)
    build.step()
    app.run()
    (button,) = (b for b in app.button if b.label == TEXT["go_on"])
    app = button.click().run()
    assert not app.exception
    assert sum(quick) == count
    assert list(shown(app)) == ["by_layer", "by_pixels"]
    assert neighbours.file_of(weights.get("random"), PHOTOGRAPHS).is_file()
    assert state.LOOKING_THROUGH.name in app.session_state
    assert app.session_state[state.LOOKING_THROUGH.name] == ""


def test_a_classs_images_are_searched_by_those_who_may_see_them(
    quick: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "own-0123456789abcdef"
    own = Kept(name, "Our *animals*", None, {"cat": 2}, 2, 0.0)
    data = index(name, 0, 0)

    class Data:
        classes = ("cat",)
        train = data.pixels
        train_labels = np.zeros(2, np.int32)

    there = [own]
    monkeypatch.setattr(own_images, "data_sets", lambda: there)
    monkeypatch.setattr(similar_builds.kept, "load", lambda name: Data)
    monkeypatch.setattr(similar_builds.kept, "everything", lambda: there)
    app = visit("similar_images", among=name)
    (button,) = (b for b in app.button if b.label == TEXT["make"])
    assert any(r"Our \*animals\*: 2 images" in x.value for x in app.markdown)
    app = button.click().run()
    assert not app.exception
    assert shown(app)["by_layer"].count("Our *animals*") == 2
    assert shown(app)["by_layer"].count("<li>") == 2
    # Who may not see them is not offered them, even by their address.
    monkeypatch.setattr(own_images, "data_sets", list)
    app = visit("similar_images", among=name)
    assert "animals" not in "".join(shown(app).values())
    # Once they are deleted, nothing of them is kept.
    assert similar_builds.made(DEFAULT.name, name)
    there.clear()
    visit("similar_images")
    assert similar_builds.made(DEFAULT.name, name) is None


def test_a_folder_that_was_indexed_is_offered(folder: Path) -> None:
    similar.make(DEFAULT, "cifar-10", folder)
    app = visit("similar_images", among="cifar-10")
    tiles = shown(app)["by_layer"]
    assert tiles.count("<li>") == 6
    assert tiles.count("CIFAR-10</span>") == 6
