"""From a button or a command to a forward pass: fetching sets in the background."""

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from model import runtime, weights
from model.weights import REGISTRY, WeightsBroken, downloads
from model.weights.downloads import NotFetched, main
from paths import ROOT, weights_folder
from tests.waiting import until

BOTH = [weight_set.name for weight_set in downloads.fetchable()]


def state(name: str) -> str:
    return downloads.status(name).state


def test_the_published_sets_can_be_fetched() -> None:
    assert BOTH == ["original", "torchvision"]
    for name in BOTH:
        weight_set = REGISTRY[name]
        assert weight_set.download is not None
        assert weight_set.download.url.startswith("https://")
        assert weight_set.download.url.endswith(f"/{weight_set.file}")
        assert weight_set.download.size <= weight_set.download.most
        assert weight_set.about
    original, torchvision = (REGISTRY[name].download for name in BOTH)
    assert original.checksum.hexadecimal == "ea0d14e98edfbcbfba995003c94d7259fa23b6cc"
    # torchvision puts the first eight digits into the name.
    assert f"-{torchvision.checksum.hexadecimal[:8]}.pth" in torchvision.url
    assert len(torchvision.checksum.hexadecimal) == 64


@pytest.mark.parametrize("name", BOTH)
def test_from_the_button_to_a_forward_pass(name: str, offer) -> None:
    offered = offer(name)
    assert state(name) == "absent"
    assert name not in {weight_set.name for weight_set in weights.available()}
    downloads.start(name)
    until(lambda: state(name) == "here", "the set")
    assert name in {weight_set.name for weight_set in weights.available()}
    kernel, bias = weights.first_layer(name)
    theirs = offered.state["conv1.weight"].transpose(2, 3, 1, 0)
    if name == "original":
        theirs = theirs[:, :, ::-1]
    assert np.array_equal(kernel, theirs)
    assert np.array_equal(bias, offered.state["conv1.bias"])
    network = runtime.network(name)
    for layer in ("conv1", "fc8"):
        values, _ = network.keras.get_layer(layer).get_weights()
        assert values.size == offered.state[f"{layer}.weight"].size
    answers = network.activations(np.ones(network.input_shape, np.float32))
    assert answers["fc8"].shape == (1000,)
    assert answers["fc8"].sum() == pytest.approx(1, abs=1e-5)
    assert np.ptp(answers["fc8"]) > 0


@pytest.mark.parametrize("name", BOTH)
def test_from_the_command_to_the_arrays(
    name: str, offer, capsys: pytest.CaptureFixture[str]
) -> None:
    offered = offer(name)
    assert main(["fetch", name]) == 0
    said = capsys.readouterr()
    assert offered.weight_set.licence in said.out
    assert f"{name} is here: {offered.weight_set.path}" in said.out
    assert "(100 %)" in said.err
    dense = offered.state["fc7.weight"]
    loaded = weights.load(name).get_layer("fc7").get_weights()[0]
    assert np.array_equal(loaded, dense.T)
    assert main(["fetch", name]) == 0  # nothing more to do
    assert len(offered.server.asked) == 1
    assert main(["remove", name]) == 0
    assert not offered.weight_set.here
    with pytest.raises(WeightsBroken, match=f"model.weights fetch {name}"):
        weights.load(name)


def test_two_visitors_share_a_download_and_one_may_stop_it(offer) -> None:
    offered = offer("original", pause_s=0.05, piece=4096)
    starts = [
        threading.Thread(target=downloads.start, args=("original",)) for _ in range(8)
    ]
    for thread in starts:
        thread.start()
    for thread in starts:
        thread.join()
    until(lambda: downloads.status("original").done > 10_000, "a part of it")
    status = downloads.status("original")
    assert status.state == "coming"
    assert status.total == len(offered.server.content)
    assert len(offered.server.asked) == 1
    downloads.stop("original")
    until(lambda: state("original") == "absent", "the stop")
    kept = downloads.status("original").done
    assert status.done <= kept < status.total, "it does not wait for the rest"
    offered.server.pause_s, offered.server.piece = 0, 2**16
    downloads.start("original")
    until(lambda: state("original") == "here", "the set")
    assert offered.server.asked == [None, f"bytes={kept}-"]


def test_a_failure_says_why_and_the_next_try_goes_on(offer) -> None:
    offered = offer("torchvision", cut_after=100_000)
    downloads.start("torchvision")
    until(lambda: state("torchvision") == "failed", "the failure")
    status = downloads.status("torchvision")
    assert "was cut after 0.1 MB" in status.why
    assert status.done == 100_000
    offered.server.cut_after = None
    downloads.start("torchvision")
    until(lambda: state("torchvision") == "here", "the set")
    assert offered.server.sent == len(offered.server.content)


def test_a_wrong_file_never_becomes_a_set(
    offer, capsys: pytest.CaptureFixture[str]
) -> None:
    offered = offer("original")
    offered.server.content = offered.server.content[:-1] + b"\xff"
    assert main(["fetch", "original"]) == 1
    assert "checksum differs" in capsys.readouterr().err
    assert not offered.weight_set.here
    assert downloads.status("original").done == 0


def test_a_file_altered_after_its_coming_is_refused(offer) -> None:
    offered = offer("original")
    assert main(["fetch", "original"]) == 0
    content = bytearray(offered.weight_set.path.read_bytes())
    content[len(content) // 2] ^= 1
    offered.weight_set.path.write_bytes(content)
    with pytest.raises(
        WeightsBroken, match=r"not the one that was published\. Remove it with"
    ):
        weights.first_layer("original")
    with pytest.raises(WeightsBroken, match="not the one that was published"):
        runtime.network("original")
    offered.weight_set.path.write_bytes(
        offered.server.content
    )  # and loading is tried again
    assert runtime.network("original").weights.name == "original"


def test_a_file_by_hand(
    offer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    offered = offer("torchvision")
    file = tmp_path / "from a stick.pth"
    assert main(["add", "torchvision", str(file)]) == 1
    assert "There is no file" in capsys.readouterr().err
    file.write_bytes(offered.server.content[:-1])
    assert main(["add", "torchvision", str(file)]) == 1
    assert "is not the file of torchvision: its checksum" in capsys.readouterr().err
    assert not offered.weight_set.here
    file.write_bytes(offered.server.content)
    assert main(["add", "torchvision", str(file)]) == 0
    assert offered.weight_set.path.read_bytes() == offered.server.content
    assert file.exists()
    assert [p.name for p in offered.weight_set.path.parent.iterdir()] == [
        offered.weight_set.file
    ]
    assert offered.server.asked == []


def test_the_list_says_what_is_here(offer, capsys: pytest.CaptureFixture[str]) -> None:
    offer("original", cut_after=50_000)
    offer("torchvision")
    assert main(["fetch", "original"]) == 1
    assert main(["fetch", "torchvision"]) == 0
    capsys.readouterr()
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:-1]] == list(REGISTRY)
    by_name = {line.split()[0]: line for line in lines}
    assert " here " in by_name["tiny-imagenet"]
    assert " here " in by_name["torchvision"]
    assert "0.1 MB of " in by_name["original"]
    assert str(weights_folder()) in lines[-1]


@pytest.mark.parametrize(
    ("arguments", "code", "say"),
    [
        (["fetch", "tiny-imagenet"], 1, "part of the project"),
        (["remove", "random"], 1, "part of the project"),
        (["fetch", "resnet"], 2, "Weight sets: tiny-imagenet"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(
    arguments: list[str],
    code: int,
    say: str,
    cache_folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(arguments) == code
    assert say in capsys.readouterr().err
    with pytest.raises(NotFetched):
        downloads.start("random")


def test_removing_forgets_a_part_too(offer, capsys: pytest.CaptureFixture[str]) -> None:
    offer("original", cut_after=50_000)
    assert main(["fetch", "original"]) == 1
    assert main(["remove", "original"]) == 0
    assert downloads.status("original").done == 0
    assert main(["remove", "original"]) == 0
    assert "was not here" in capsys.readouterr().out


def test_the_command_line_is_there_and_light(cache_folder: Path) -> None:
    """`python -m model.weights list`, without TensorFlow."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "model.weights", "list"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0
    assert "torchvision    not here, 244 MB" in done.stdout
    assert "tensorflow" not in done.stderr


def test_the_cache_is_where_the_platform_keeps_such_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ALEXNET_WEIGHTS", str(tmp_path / "mine"))
    assert weights_folder() == tmp_path / "mine"
    monkeypatch.delenv("ALEXNET_WEIGHTS")
    assert weights_folder().parts[-2:] == ("alexnet-lab", "weights")
    if sys.platform == "linux":
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        assert weights_folder() == tmp_path / "alexnet-lab" / "weights"
