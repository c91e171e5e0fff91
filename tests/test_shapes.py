"""The arithmetic against published totals, by brute force and against built Keras."""

from __future__ import annotations

import gc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.network import shapes
from model.network.specs import (
    LENET5,
    ORIGINAL,
    SIMPLIFIED,
    SPECS,
    TORCHVISION,
    Conv,
    Dense,
    Pool,
    Spec,
)

# layer: (output, parameters, multiply-adds)
Facts = dict[str, tuple[tuple[int, ...], int, int]]

TABLES: dict[str, Facts] = {
    "original": {
        "conv1": ((55, 55, 96), 34_944, 105_415_200),
        "pool1": ((27, 27, 96), 0, 0),
        "conv2": ((27, 27, 256), 307_456, 223_948_800),
        "pool2": ((13, 13, 256), 0, 0),
        "conv3": ((13, 13, 384), 885_120, 149_520_384),
        "conv4": ((13, 13, 384), 663_936, 112_140_288),
        "conv5": ((13, 13, 256), 442_624, 74_760_192),
        "pool5": ((6, 6, 256), 0, 0),
        "flatten": ((9_216,), 0, 0),
        "fc6": ((4_096,), 37_752_832, 37_748_736),
        "fc7": ((4_096,), 16_781_312, 16_777_216),
        "fc8": ((1_000,), 4_097_000, 4_096_000),
    },
    "simplified": {
        "conv1": ((54, 54, 96), 34_944, 101_616_768),
        "pool1": ((26, 26, 96), 0, 0),
        "conv2": ((26, 26, 256), 614_656, 415_334_400),
        "pool2": ((12, 12, 256), 0, 0),
        "conv3": ((12, 12, 384), 885_120, 127_401_984),
        "conv4": ((12, 12, 384), 1_327_488, 191_102_976),
        "conv5": ((12, 12, 256), 884_992, 127_401_984),
        "pool5": ((5, 5, 256), 0, 0),
        "flatten": ((6_400,), 0, 0),
        "fc6": ((4_096,), 26_218_496, 26_214_400),
        "fc7": ((4_096,), 16_781_312, 16_777_216),
        "fc8": ((1_000,), 4_097_000, 4_096_000),
    },
    "torchvision": {
        "conv1": ((55, 55, 64), 23_296, 70_276_800),
        "pool1": ((27, 27, 64), 0, 0),
        "conv2": ((27, 27, 192), 307_392, 223_948_800),
        "pool2": ((13, 13, 192), 0, 0),
        "conv3": ((13, 13, 384), 663_936, 112_140_288),
        "conv4": ((13, 13, 256), 884_992, 149_520_384),
        "conv5": ((13, 13, 256), 590_080, 99_680_256),
        "pool5": ((6, 6, 256), 0, 0),
        "flatten": ((9_216,), 0, 0),
        "fc6": ((4_096,), 37_752_832, 37_748_736),
        "fc7": ((4_096,), 16_781_312, 16_777_216),
        "fc8": ((1_000,), 4_097_000, 4_096_000),
    },
    "authors": {
        "conv1": ((55, 55, 96), 34_944, 105_415_200),
        "norm1": ((55, 55, 96), 0, 0),
        "pool1": ((27, 27, 96), 0, 0),
        "relu1": ((27, 27, 96), 0, 0),
        "conv2": ((27, 27, 256), 307_456, 223_948_800),
        "norm2b": ((27, 27, 256), 0, 0),
        "pool2": ((13, 13, 256), 0, 0),
        "conv3": ((13, 13, 384), 885_120, 149_520_384),
        "conv4": ((13, 13, 384), 663_936, 112_140_288),
        "conv5": ((13, 13, 256), 442_624, 74_760_192),
        "pool5": ((6, 6, 256), 0, 0),
        "relu5": ((6, 6, 256), 0, 0),
        "flatten": ((9_216,), 0, 0),
        "fc6": ((4_096,), 37_752_832, 37_748_736),
        "fc7": ((4_096,), 16_781_312, 16_777_216),
        "fc8": ((1_000,), 4_097_000, 4_096_000),
    },
    "lenet5": {
        "conv1": ((28, 28, 6), 156, 117_600),
        "pool1": ((14, 14, 6), 0, 0),
        "conv2": ((10, 10, 16), 2_416, 240_000),
        "pool2": ((5, 5, 16), 0, 0),
        "flatten": ((400,), 0, 0),
        "fc3": ((120,), 48_120, 48_000),
        "fc4": ((84,), 10_164, 10_080),
        "fc5": ((10,), 850, 840),
    },
}
TOTALS = {  # parameters, multiply-adds, neurons
    "original": (60_965_224, 724_406_816, 659_272),
    "simplified": (50_844_008, 1_009_945_728, 609_640),
    "authors": (60_965_224, 724_406_816, 659_272),
    "torchvision": (61_100_840, 714_188_480, None),
    "lenet5": (61_706, None, None),
}


@pytest.mark.parametrize("name", SPECS)
def test_every_layer_has_its_published_numbers(name: str) -> None:
    for layer, (output, parameters, macs) in TABLES[name].items():
        row = shapes.layer_info(SPECS[name], layer)
        assert (row.output, row.parameters, row.macs) == (output, parameters, macs)


@pytest.mark.parametrize("name", SPECS)
def test_totals(name: str) -> None:
    total = shapes.totals(SPECS[name])
    parameters, macs, neurons = TOTALS[name]
    assert total.parameters == parameters
    assert macs in (None, total.macs)
    assert neurons in (None, total.neurons)
    assert total.conv_parameters + total.dense_parameters == total.parameters
    assert total.conv_macs + total.dense_macs == total.macs


def test_where_the_parameters_and_the_work_are() -> None:
    paper, lesson = shapes.totals(ORIGINAL), shapes.totals(SIMPLIFIED)
    assert (paper.conv_parameters, paper.conv_macs) == (2_334_080, 665_784_864)
    assert (paper.dense_parameters, paper.dense_macs) == (58_631_144, 58_621_952)
    assert (lesson.conv_parameters, lesson.conv_macs) == (3_747_200, 962_858_112)
    assert lesson.dense_parameters == 47_096_808
    assert f"{paper.dense_parameter_share:.2%}" == "96.17%"
    assert f"{lesson.dense_parameter_share:.2%}" == "92.63%"
    assert f"{paper.conv_mac_share:.1%}" == "91.9%"
    assert f"{lesson.conv_mac_share:.1%}" == "95.3%"
    assert round(paper.megabytes, 1) == 243.9  # as Caffe's model page has it
    assert round(lesson.megabytes, 1) == 203.4


@pytest.mark.parametrize(
    ("layer", "percent"),
    [("conv3", 1.45), ("conv4", 1.09), ("fc6", 61.9), ("fc7", 27.5), ("fc8", 6.7)],
)
def test_shares_of_the_paper_s_layers(layer: str, percent: float) -> None:
    share = (
        shapes.layer_info(ORIGINAL, layer).parameters
        / shapes.totals(ORIGINAL).parameters
    )
    assert 100 * share == pytest.approx(percent, abs=0.05)


def _groups(spec: Spec, groups: int) -> Spec:
    """The spec with that many groups in conv2, conv4 and conv5."""
    return replace(
        spec,
        layers=tuple(
            replace(layer, groups=groups)
            if isinstance(layer, Conv) and layer.name in ("conv2", "conv4", "conv5")
            else layer
            for layer in spec.layers
        ),
    )


def test_groups() -> None:
    one_tower = shapes.totals(shapes.without_groups(ORIGINAL))
    assert (one_tower.parameters, one_tower.macs) == (62_378_344, 1_135_256_096)
    paper = shapes.totals(ORIGINAL)
    assert one_tower.parameters - paper.parameters == 1_413_120
    assert one_tower.macs - paper.macs == 410_849_280
    split = shapes.totals(_groups(SIMPLIFIED, 2))
    assert (split.parameters, split.macs) == (49_430_888, 643_026_048)
    assert shapes.without_groups(ORIGINAL) == _groups(ORIGINAL, 1)


def test_the_footnote_s_network_on_one_gpu() -> None:
    """Half the kernels in conv1 to conv4, conv5 kept: about the same parameters."""
    halved = replace(
        shapes.without_groups(ORIGINAL),
        layers=tuple(
            replace(layer, groups=1, filters=layer.filters // 2)
            if isinstance(layer, Conv) and layer.name != "conv5"
            else replace(layer, groups=1)
            if isinstance(layer, Conv)
            else layer
            for layer in ORIGINAL.layers
        ),
    )
    assert shapes.totals(halved).parameters == 59_798_312


def test_other_numbers_of_classes() -> None:
    assert shapes.totals(SIMPLIFIED.with_classes(10)).parameters == 46_787_978
    assert shapes.totals(SIMPLIFIED.with_classes(200)).parameters == 47_566_408
    assert SIMPLIFIED.with_classes(200).classes == 200


def _conv1(padding: int | str | tuple[int, int]) -> Spec:
    first, *rest = SIMPLIFIED.layers
    assert isinstance(first, Conv)
    return replace(
        SIMPLIFIED,
        layers=(replace(first, padding=padding), *rest),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("spec", "sides", "parameters", "macs"),
    [
        (SIMPLIFIED, (54, 26, 12, 5), 50_844_008, 1_009_945_728),
        (SIMPLIFIED.at(227), (55, 27, 13, 6), 62_378_344, 1_135_256_096),
        (_conv1(2), (55, 27, 13, 6), 62_378_344, 1_135_256_096),
        (_conv1((0, 3)), (55, 27, 13, 6), 62_378_344, 1_135_256_096),
        (_conv1("same"), (56, 27, 13, 6), 62_378_344, 1_139_124_224),
    ],
)
def test_54_and_its_cures(
    spec: Spec, sides: tuple[int, ...], parameters: int, macs: int
) -> None:
    names = ("conv1", "pool1", "pool2", "pool5")
    assert tuple(shapes.layer_info(spec, n).output[0] for n in names) == sides
    total = shapes.totals(spec)
    assert (total.parameters, total.macs) == (parameters, macs)


def test_overlapping_pooling_is_not_of_equal_size_at_54() -> None:
    def sides(size: int, window: int) -> list[int]:
        found = []
        for _ in range(3):
            size = shapes.output_size(size, window, 2, "valid")
            found.append(size)
        return found

    assert sides(54, 3) == [26, 12, 5]
    assert sides(54, 2) == [27, 13, 6]
    assert sides(55, 3) == sides(55, 2) == [27, 13, 6]


def test_conv1_as_the_paper_prints_it() -> None:
    step = shapes.steps(SIMPLIFIED)[0]
    assert step.exact == 54.25
    assert step.inputs == 11 * 11 * 3
    assert shapes.steps(TORCHVISION)[0].exact == 55.25
    assert shapes.steps(ORIGINAL)[0].exact == 55


def test_receptive_fields() -> None:
    assert {
        row.name: (row.field, row.stride)
        for row in shapes.table(ORIGINAL)
        if row.kind in ("conv", "pool")
    } == {
        "conv1": (11, 4),
        "pool1": (19, 8),
        "conv2": (51, 8),
        "pool2": (67, 16),
        "conv3": (99, 16),
        "conv4": (131, 16),
        "conv5": (163, 16),
        "pool5": (195, 32),
    }
    assert shapes.layer_info(ORIGINAL, "fc6").field is None


@settings(deadline=None)
@given(
    size=st.integers(1, 60),
    kernel=st.integers(1, 15),
    stride=st.integers(1, 6),
    zeros=st.integers(0, 7),
)
def test_positions_by_counting(size: int, kernel: int, stride: int, zeros: int) -> None:
    """The window at every start that lies inside, one by one."""
    ends = size + 2 * zeros
    count = sum(start + kernel <= ends for start in range(0, ends, stride))
    if count == 0:
        with pytest.raises(ValueError, match="window"):
            shapes.output_size(size, kernel, stride, zeros)
        return
    assert shapes.output_size(size, kernel, stride, zeros) == count
    if zeros == 0:
        assert shapes.output_size(size, kernel, stride, "valid") == count


@settings(deadline=None)
@given(size=st.integers(1, 60), kernel=st.integers(1, 15), stride=st.integers(1, 6))
def test_same_padding_covers_every_stride(size: int, kernel: int, stride: int) -> None:
    count = shapes.output_size(size, kernel, stride, "same")
    assert count == len(range(0, size, stride))
    zeros = shapes.zeros(Conv("c", 1, kernel, stride, "same"), size)
    assert zeros >= 0
    if zeros:  # then the window fits exactly, with nothing left over
        assert (size + zeros - kernel) / stride + 1 == count


def test_padding_of_a_layer() -> None:
    assert shapes.zeros(Conv("c", 1, 5, padding="same"), 26) == 4
    assert shapes.zeros(Conv("c", 1, 5, padding=2), 26) == 4
    assert shapes.zeros(Conv("c", 1, 5), 26) == 0
    assert shapes.zeros(Pool("p"), 26) == shapes.zeros(Dense("d", 1), 26) == 0


def test_positions_and_the_pixels_that_they_span() -> None:
    assert shapes.exact_size(224, 11, 4, "valid") == 54.25
    assert shapes.span(55, 11, 4) == 227
    reads = shapes.windows(224, 11, 4)
    assert len(reads) == shapes.output_size(224, 11, 4, "valid")
    assert reads[-1].stop == shapes.span(len(reads), 11, 4) <= 224


def test_errors_name_what_was_wrong() -> None:
    with pytest.raises(ValueError, match=r"window of 11 needs.*Received: 8 with 1"):
        shapes.output_size(8, 11, 4, 1)
    with pytest.raises(KeyError, match="simplified has no layer 'norm1'"):
        shapes.layer_info(SIMPLIFIED, "norm1")
    with pytest.raises(KeyError, match=r"conv1, pool1.*Received: 'fc9'"):
        SIMPLIFIED.layer("fc9")
    dense = next(s for s in shapes.steps(LENET5) if isinstance(s.layer, Dense))
    with pytest.raises(ValueError, match="slides in conv and pool"):
        _ = dense.exact


@pytest.mark.parametrize("name", SPECS)
def test_steps_join_up(name: str) -> None:
    steps = shapes.steps(SPECS[name])
    rows = shapes.table(SPECS[name])
    assert [step.info for step in steps] == list(rows[1:])
    assert [step.before for step in steps] == [row.output for row in rows[:-1]]
    for step in steps:
        if isinstance(step.layer, Conv | Pool):
            assert int(step.exact) == step.info.output[0]
        if isinstance(step.layer, Conv | Dense):
            outputs = step.info.output[-1]
            assert step.info.parameters == step.inputs * outputs + outputs


def _found(ours: Spec, theirs: Spec) -> dict[tuple[str, str], tuple[object, object]]:
    return {
        (d.layer, d.what): (d.ours, d.theirs) for d in shapes.differences(ours, theirs)
    }


def test_differences_from_the_paper() -> None:
    found = _found(SIMPLIFIED, ORIGINAL)
    assert found[("input", "output")] == ((224, 224, 3), (227, 227, 3))
    assert found[("conv2", "groups")] == (1, 2)
    assert found[("norm1", "only")] == (None, (55, 55, 96))
    assert found[("fc6", "inputs")] == (6_400, 9_216)
    assert found[("fc6", "parameters")] == (26_218_496, 37_752_832)
    # "same" is 2 zeros round a 5 x 5 filter: the paddings do not differ.
    assert not any(what == "padding" for _, what in found)
    # The order is that of the layers.
    names = list(dict.fromkeys(layer for layer, _ in found))
    assert names[:6] == ["input", "conv1", "norm1", "pool1", "conv2", "norm2"]


def test_differences_from_torchvision_and_lenet() -> None:
    found = _found(SIMPLIFIED, TORCHVISION)
    assert found[("conv1", "filters")] == (96, 64)
    assert found[("conv1", "padding")] == (0, 4)
    assert found[("drop6", "after")] == ("fc6", "flatten")
    found = _found(LENET5, SIMPLIFIED)
    assert found[("conv1", "activation")] == ("tanh", "relu")
    assert found[("pool1", "pooling")] == ("average", "max")
    assert found[("pool1", "window")] == (2, 3)
    assert found[("conv3", "only")][0] is None


@pytest.mark.parametrize("name", SPECS)
def test_no_difference_from_itself_and_both_ways_round(name: str) -> None:
    spec = SPECS[name]
    assert shapes.differences(spec, spec) == ()
    for other in SPECS.values():
        there, back = _found(spec, other), _found(other, spec)
        assert {key: pair[::-1] for key, pair in there.items()} == back


@pytest.mark.parametrize("name", SPECS)
def test_arithmetic_is_the_built_keras_model_s(name: str) -> None:
    from model.network import build

    spec = SPECS[name]
    zeros = {"kernel_initializer": "zeros"}
    model = build.build(spec, lambda layer: zeros)
    assert build.describe(model, spec) == [
        (row.name, row.output, row.parameters) for row in shapes.table(spec)[1:]
    ]
    assert model.count_params() == shapes.totals(spec).parameters
    del model
    gc.collect()


@pytest.mark.parametrize(
    ("k", "alpha", "expected"),
    [
        (2, 1e-4, [5.651838, 10.708635, 14.866753, 19.880839, 25.148669]),
        (1, 1e-4 / 5, [9.795016, 19.14479, 27.741441, 37.038652, 46.550622]),  # Caffe
    ],
)
def test_local_response_normalisation(
    k: float, alpha: float, expected: list[float]
) -> None:
    from model.network.build import LocalResponseNormalisation

    layer = LocalResponseNormalisation(n=5, k=k, alpha=alpha, beta=0.75)
    x = np.array([10, 20, 30, 40, 50], dtype=np.float32).reshape(1, 1, 1, 5)
    assert np.asarray(layer(x)).ravel() == pytest.approx(expected, rel=1e-5)
    assert layer.get_config()["k"] == k


@pytest.mark.parametrize(
    ("pool", "expected"),
    [
        (Pool("p", 3, 2), [[13, 15], [23, 25]]),
        (Pool("p", 2, 2), [[7, 9], [17, 19]]),
        (Pool("p", 2, 2, "average"), [[4, 6], [14, 16]]),
    ],
)
def test_pooling_of_1_to_25(pool: Pool, expected: list[list[int]]) -> None:
    from model.network import build

    spec = replace(LENET5, input_size=5, layers=(pool,))
    model = build.build(spec)
    x = np.arange(1, 26, dtype=np.float32).reshape(1, 5, 5, 1)
    assert np.asarray(model(x))[0, :, :, 0].tolist() == expected
