"""The architecture page: opens, every network and layer can be chosen, words filled."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from model import weights
from model.analysis import keras_code
from model.network import shapes
from model.network.specs import AUTHORS, LENET5, ORIGINAL, SIMPLIFIED, SPECS
from paths import ROOT


@pytest.fixture
def opened() -> AppTest:
    app = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=60).run()
    return app.switch_page("../pages/architecture.py").run()


def _words(opened: AppTest) -> str:
    """Everything that the page says, tables and figures' words included."""
    assert not opened.exception
    shown = [x.value for x in (*opened.main.markdown, *opened.main.caption)]
    shown += [x.value for x in (*opened.main.title, *opened.main.header)]
    for table in opened.main.table:
        shown += [str(cell) for cell in table.value.to_numpy().ravel()]
        shown += [str(name) for name in table.value.columns]
    shown += [x.proto.body for x in opened.main.get("html")]
    return "\n".join(shown)


def _choose(opened: AppTest, key: str, value: str) -> AppTest:
    return opened.segmented_control(key=key).set_value(value).run()


def test_opens_with_the_lesson_s_network_beside_the_paper_s(opened: AppTest) -> None:
    said = _words(opened)
    assert opened.main.title[0].value == "Architecture"
    assert opened.segmented_control(key="network").value == "simplified"
    assert opened.segmented_control(key="compare").value == "original"
    for words in (
        "**92.6% of the parameters**",
        "**95.3% of the work**",
        "203.4 MB",
        "60,965,224",
        "50,844,008",
        "47,566,408",
        "−11,534,336",
        "+1,413,120",
        "659,272",
        "(224 − 11) / 4 + 1 = 54.25",
        "54·54·34,848 = **101,616,768 multiply-adds**",
        "11·11·3·96 + 96 = **34,944 parameters**",
        "55 → 27 → 13 → 6",
    ):
        assert words in said


@pytest.mark.parametrize("name", SPECS)
def test_every_network_beside_every_other(opened: AppTest, name: str) -> None:
    _choose(opened, "network", name)
    compare = opened.segmented_control(key="compare")
    assert compare.value != name
    for beside in ("none", *(other for other in SPECS if other != name)):
        said = _words(_choose(opened, "compare", beside))
        assert not re.search(
            r"[{}]", re.sub(r"<style>.*?</style>", "", said, flags=re.S)
        )
        assert "None" not in said
        assert len(opened.main.get("html")) == (1 if beside == "none" else 2)
        assert opened.main.metric[0].value == (
            f"{shapes.totals(SPECS[name]).parameters:,}"
        )
        assert (
            opened.main.code[-1].value.strip() == keras_code.source(SPECS[name]).strip()
        )


@pytest.mark.parametrize("name", SPECS)
def test_every_layer_shows_its_line_and_sums(opened: AppTest, name: str) -> None:
    _choose(opened, "network", name)
    for row in shapes.table(SPECS[name])[1:]:
        _choose(opened, "code_layer", row.name)
        said = _words(opened)
        assert f"# {row.name} " in opened.main.code[0].value
        if row.parameters:
            assert f"**{row.parameters:,} parameters**" in said
            assert f"**{row.macs:,} multiply-adds**" in said
        else:
            assert "**no parameters**" in said


def test_a_network_is_never_beside_itself(opened: AppTest) -> None:
    _choose(opened, "network", "original")
    assert opened.segmented_control(key="compare").value == "simplified"
    assert "original" not in opened.segmented_control(key="compare").options


def test_a_layer_that_the_next_network_lacks(opened: AppTest) -> None:
    _choose(opened, "code_layer", "fc6")
    _choose(opened, "network", "lenet5")
    assert opened.segmented_control(key="code_layer").value == "conv1"
    assert not opened.exception


@pytest.mark.parametrize(
    ("network", "compare", "layer"),
    [("nonsense", "nonsense", "nonsense"), ("original", "original", "fc99")],
)
def test_a_bad_address_gets_defaults(network: str, compare: str, layer: str) -> None:
    app = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=60).run()
    app.switch_page("../pages/architecture.py")
    app.query_params["network"] = network
    app.query_params["compare"] = compare
    app.query_params["code_layer"] = layer
    app.run()
    assert not app.exception
    chosen = app.segmented_control(key="network").value
    assert chosen in SPECS
    assert app.segmented_control(key="compare").value != chosen


def test_table_has_every_layer_and_marks_what_differs(opened: AppTest) -> None:
    frame = opened.main.dataframe[0].value
    rows = shapes.table(SIMPLIFIED)
    assert frame["Layer"].tolist() == [row.name for row in rows]
    differing = {d.layer for d in shapes.differences(SIMPLIFIED, ORIGINAL)}
    marked = set(frame["Layer"][frame["≠"] == "≠"])
    assert marked == differing & {row.name for row in rows}
    assert frame["Parameters"].sum() == shapes.totals(SIMPLIFIED).parameters
    assert frame["Multiply-adds"].sum() == shapes.totals(SIMPLIFIED).macs


def test_differences_in_words(opened: AppTest) -> None:
    said = _words(opened)
    assert "**one group**, 26×26×256, 614,656 parameters" in said
    assert "**2 groups**, 27×27×256, 307,456 parameters" in said
    _choose(opened, "compare", LENET5.name)
    said = _words(opened)
    assert "**kernel size 11×11**, **stride 4**, **ReLU**" in said
    assert "**pool size 2×2**, **average pooling**" in said
    assert "not there" in said


AS_CODED = {  # what differs from the paper's network, in the page's words
    "conv1": "**3 zeros at the right and lower edge only**, **no activation function**",
    "norm1": "**α = 0.00002**, **2 groups**",
    "relu1": "**ReLU after pool1**",
    "norm2": "**α = 0.00002**, **2 groups**",
    "norm2b": "**normalisation inside each map**",
    "conv3": "**initial weights with standard deviation 0.03**",
    "conv4": "**initial weights with standard deviation 0.03**",
    "conv5": "**no activation function**, "
    "**initial weights with standard deviation 0.03**",
    "relu5": "**ReLU after pool5**",
}


def test_the_authors_network_stands_beside_the_papers(opened: AppTest) -> None:
    _choose(opened, "network", "authors")
    assert opened.segmented_control(key="compare").value == "original"
    table = opened.main.table[0].value
    said = dict(zip(table.iloc[:, 0], table.iloc[:, 1], strict=True))
    assert said == {"input": "**224×224×3**"} | AS_CODED
    paper = dict(zip(table.iloc[:, 0], table.iloc[:, 2], strict=True))
    assert paper["norm1"] == "**α = 0.0001**, **one group**"
    assert paper["norm2b"] == paper["relu1"] == "not there"
    frame = opened.main.dataframe[0].value
    marked = frame["Layer"][frame["≠"] == "≠"].tolist()
    assert marked == list(said)
    assert [metric.delta for metric in opened.main.metric] == ["0"] * 3
    _choose(opened, "compare", "none")
    _choose(opened, "network", "original")
    _choose(opened, "network", "authors")
    assert opened.segmented_control(key="compare").value == "none"


def test_the_authors_network_says_why_it_has_no_weights(opened: AppTest) -> None:
    say = "**There are no trained weights for this network.**"
    assert say not in _words(opened)
    said = _words(_choose(opened, "network", "authors"))
    assert say in said
    assert f"(“{weights.get('original').title}”)" in said
    assert "k is 1 instead of 2" in said
    zeros = next(AUTHORS.convolutions()).padding
    assert zeros == (0, 3) and "three rows and columns of zeros" in said


def test_the_authors_layers_say_what_they_do(opened: AppTest) -> None:
    _choose(opened, "network", "authors")
    for layer, words in {
        "conv1": "(224 + 3 − 11) / 4 + 1 = 55: the **output size** (height and "
        "width); the 3 are zeros, at the right and lower edge only. The authors' code "
        "rounds (224 − 11) / 4 = 53.25 up to 54",
        "norm1": "(2 + 0.00002 · s) to the power of 0.75, where s adds up the "
        "squares at the same place in the 5 neighbouring channels, as far as they "
        "belong to the same one of the 2 groups",
        "norm2b": "(1 + 0.00004 · s) to the power of 0.75, where s adds up the "
        "squares at the 5×5 places around it in the same channel",
        "relu1": "max(0, x)",
        "conv4": "a Gaussian with mean 0 and standard deviation 0.03; each bias is 1",
    }.items():
        assert words in _words(_choose(opened, "code_layer", layer))


def test_the_authors_cure_is_one_of_four(opened: AppTest) -> None:
    cures = opened.main.table[-1].value
    names = cures.iloc[:, 0].tolist()
    assert len(names) == 1 + 4, "as it is, and four changes"
    (at,) = (i for i, name in enumerate(names) if "the authors' code" in name)
    assert names[at].startswith("224 pixels, 3 zeros at the right and lower edge")
    assert cures.iloc[at, 1] == "55 → 27 → 13 → 6"


def test_drawings_have_words(opened: AppTest) -> None:
    drawing = opened.main.get("html")[0].proto.body
    assert drawing.count("<img") == 2
    assert (
        drawing.count('alt="The lesson&#x27;s network, drawn to scale: 224×224×3') == 2
    )
