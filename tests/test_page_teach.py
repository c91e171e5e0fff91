"""One's own classes: what a browser sends, what it gets, and what the page says."""

from __future__ import annotations

import asyncio
import gc
import io
from collections.abc import Callable
from types import SimpleNamespace

import httpx
import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest

from lab.datasets import kept
from model import gate, runtime, weights
from model.analysis.features import teach as mathematics
from model.network.shapes import totals
from model.pictures import photographs, to_input
from tests.components import components
from tests.test_german_pages import alts, english_in, everything
from tests.test_pages import visit
from ui.kit import state, words
from ui.kit.components.teach import Act, parse_act
from ui.kit.teach import teach, teach_routes, teach_workspace
from ui.kit.teach.teach_workspace import Taught, Workspace
from ui.network.teach import teach_results

SET = weights.get(weights.DEFAULT)
TEXT = words.page("teach")


def file(name: str = "dog", kind: str = "JPEG") -> bytes:
    """A photograph as a browser sends it."""
    out = io.BytesIO()
    photographs.image(name).save(out, kind)
    return out.getvalue()


def post(address: str, body: bytes) -> httpx.Response:
    """What the routes answer."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(Starlette(routes=teach_routes.routes()))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://lab.test"
        ) as client:
            return await client.post(address, content=body)

    return asyncio.run(ask())


def give(workspace: Workspace, place: int, name: str) -> httpx.Response:
    """Sends a photograph for a class."""
    at = f"{teach_routes.address(workspace)}class/{workspace.classes[place].id}"
    return post(at, file(name))


@pytest.fixture(scope="module")
def taught() -> Workspace:
    """Two classes of two pictures, which came through the address."""
    workspace = Workspace()
    for place, name in enumerate(("dog", "fish1", "cat-2", "fish2")):
        answer = give(workspace, place % 2, name)
        assert answer.status_code == 200
        assert answer.json()["count"] == place // 2 + 1
        assert answer.json()["thumbnail"].startswith("data:image/jpeg;base64,")
    return workspace


def test_a_picture_is_kept_as_the_networks_fc7_of_it(taught: Workspace) -> None:
    network = runtime.network(SET.name)
    for example in taught.taught().examples:
        wanted = network.activations(to_input(example.image, SET.spec))["fc7"]
        found = example.features[SET.name]
        # What is kept is a JPEG of what the network saw.
        assert np.corrcoef(found, wanted)[0, 1] > 0.98
        assert example.image.size == (128, 128) or max(example.image.size) == 224
    assert taught.taught().labels.tolist() == [0, 0, 1, 1]


def test_what_is_held_up_gets_the_layers_probabilities(taught: Workspace) -> None:
    answer = post(teach_routes.address(taught) + "look", file("owl")).json()
    assert answer["classes"] == [one.id for one in taught.classes]
    now = taught.taught()
    layer = mathematics.train(now.values(SET.name), now.labels, 2)
    image = teach_workspace.middle(Image.open(io.BytesIO(file("owl"))).convert("RGB"))
    row = runtime.network(SET.name).activations(to_input(image, SET.spec))["fc7"]
    wanted = layer.probabilities(row[np.newaxis])[0]
    assert answer["probabilities"] == pytest.approx(wanted.tolist(), abs=0.02)
    assert sum(answer["probabilities"]) == pytest.approx(1, abs=1e-4)


def test_nothing_is_predicted_before_every_class_has_a_picture() -> None:
    workspace = Workspace()
    at = teach_routes.address(workspace)
    assert give(workspace, 0, "dog").status_code == 200
    assert post(f"{at}look", file("dog")).json()["classes"] == []
    assert give(workspace, 1, "fish1").status_code == 200
    assert len(post(f"{at}look", file("dog")).json()["classes"]) == 2
    workspace.new_class()
    assert post(f"{at}look", file("dog")).json()["classes"] == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty"),
        (b"no picture at all", "picture"),
        (file()[:400], ""),
        (bytes(teach_routes.MAX_BYTES + 1), "20 MB"),
    ],
    ids=["empty", "text", "cut", "large"],
)
def test_what_is_no_picture_is_refused_in_a_sentence(body: bytes, said: str) -> None:
    workspace = Workspace()
    at = teach_routes.address(workspace)
    for where in ("look", f"class/{workspace.classes[0].id}"):
        refusal = post(at + where, body).json()["refused"]
        assert said in refusal
        assert refusal.endswith(".") and len(refusal) < 300
    assert not workspace.taught().examples


def test_what_is_full_or_gone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace()
    monkeypatch.setattr(teach_workspace, "MOST_PICTURES", 1)
    assert give(workspace, 0, "dog").status_code == 200
    assert "no more" in give(workspace, 0, "fish1").json()["refused"]
    at = teach_routes.address(workspace)
    assert "no more" in post(f"{at}class/999999", file()).json()["refused"]
    german = post(f"{at}class/999999?lang=de", file()).json()["refused"]
    assert german == "Diese Klasse nimmt keine Bilder mehr auf."
    assert "unvollständig" in post(f"{at}look?lang=de", file()[:2000]).json()["refused"]
    assert "no more" in post(f"{at}class/9?lang=xx", file()).json()["refused"]
    assert len(workspace.taught().examples) == 1
    assert post("/teach/unknown/look", file()).status_code == 404


def test_a_busy_server_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace()
    monkeypatch.setattr(gate, "IN_LINE", 0)
    assert give(workspace, 0, "dog").status_code == 503
    monkeypatch.undo()
    monkeypatch.setattr(teach_routes, "COMING", 10)
    assert give(workspace, 0, "dog").status_code == 503
    monkeypatch.undo()
    assert give(workspace, 0, "dog").status_code == 200


def test_pictures_go_with_the_session() -> None:
    """Nothing but the session holds them."""
    workspace = Workspace()
    address, token = teach_routes.address(workspace), workspace.token
    assert give(workspace, 0, "dog").status_code == 200
    assert teach_workspace.find(token) is not None
    del workspace
    gc.collect()
    assert teach_workspace.find(token) is None
    assert post(f"{address}look", file()).status_code == 404


def test_classes_are_named_added_dropped_and_emptied() -> None:
    workspace = Workspace()
    first, second = (one.id for one in workspace.classes)
    workspace.drop_class(first)
    assert len(workspace.classes) == 2  # fewer are no classes
    teach.apply_act(workspace, Act("rename", first, "  a\nb  " + "c" * 99))
    assert workspace.classes[0].name == ("a b " + "c" * 99)[: teach_workspace.NAME]
    for _ in range(9):
        teach.apply_act(workspace, Act("new"))
    assert len(workspace.classes) == teach_workspace.MOST_CLASSES
    teach.apply_act(workspace, Act("drop", second))
    assert second not in [one.id for one in workspace.classes]
    example, _ = workspace.add(first, photographs.image("dog"), {})
    assert workspace.taught().counts[0] == 1
    teach.apply_act(workspace, Act("remove", example.number))
    assert workspace.taught().counts[0] == 0
    workspace.start_over()
    assert [one.name for one in workspace.classes] == ["", ""]


@pytest.mark.parametrize(
    "sent",
    [None, 3, {}, {"kind": "format"}, {"kind": "drop", "number": "1"},
     {"kind": "rename", "number": 1, "name": 3}],
)  # fmt: skip
def test_what_no_page_of_ours_sends_is_left_out(sent: object) -> None:
    assert parse_act(sent) is None


def test_a_classs_own_images_fill_the_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first six classes, at most so many pictures of each."""
    most = teach_workspace.MOST_CLASSES
    labels = np.repeat(np.arange(8), 25)
    pictures = np.zeros((len(labels), 32, 32, 3), np.uint8)
    pictures[...] = labels[:, np.newaxis, np.newaxis, np.newaxis] * 20
    names = [f"<b>{k}" for k in range(8)]
    data = SimpleNamespace(train=pictures, train_labels=labels, classes=names)
    monkeypatch.setattr(kept, "load", lambda name: data)
    workspace = Workspace()
    teach.take_own(workspace, "own-0123456789abcdef")
    now = workspace.taught()
    assert [one.name for one in now.classes] == names[:most]
    assert now.counts == (teach.OF_CLASS,) * most
    for label, example in zip(now.labels, now.examples, strict=True):
        assert abs(int(np.asarray(example.image)[16, 16, 0]) - 20 * label) < 3


# --- what the page says ---------------------------------------------------------------


def press(app: AppTest, label: str) -> AppTest:
    (button,) = [one for one in app.main.button if one.label.startswith(label)]
    app = button.click().run()
    assert not app.exception
    return app


def markdown(app: AppTest) -> str:
    return "\n".join(one.value for one in (*app.main.markdown, *app.main.info))


SAMPLE = TEXT["use_sample"].split("{")[0]


@pytest.fixture(scope="module")
def shown() -> AppTest:
    return press(visit("teach"), SAMPLE)


def test_an_empty_page_says_what_is_missing_and_offers_photographs() -> None:
    app = visit("teach")
    names = ", ".join(TEXT["unnamed"].format(number=k) for k in (1, 2))
    assert TEXT["missing_1"].format(classes=names) in markdown(app)
    (data,) = components(app, "teach")
    assert not data["ready"]
    assert [one["pictures"] for one in data["classes"]] == [[], []]
    assert [one.label for one in app.main.button if one.label.startswith(SAMPLE)]


def test_one_picture_of_a_class_predicts_but_cannot_be_left_out() -> None:
    workspace = Workspace()
    rows = {SET.name: np.ones(4096, np.float32)}
    for one in workspace.classes:
        workspace.add(one.id, photographs.image("dog"), rows)
    app = visit("teach")
    app.session_state[state.TAUGHT.name] = workspace
    app = app.run()
    names = ", ".join(TEXT["unnamed"].format(number=k) for k in (1, 2))
    assert TEXT["missing_2"].format(classes=names) in markdown(app)
    (data,) = components(app, "teach")
    assert data["ready"]


def test_the_numbers_are_those_of_the_arithmetic(shown: AppTest) -> None:
    workspace = shown.session_state[state.TAUGHT.name]
    now: Taught = workspace.taught()
    assert now.counts == (8, 8, 8)
    rest = totals(SET.spec).parameters - 4097 * SET.spec.classes
    said = markdown(shown)
    assert f"4,097 × 3 = **{4097 * 3:,}**" in said
    assert f"The other {rest:,} parameters" in said
    found = mathematics.leave_one_out(now.values(SET.name), now.labels, 3)
    assert teach_results.verdict(found) in said
    assert f"**{found.right} of 24**" in said
    names = teach.called(now)
    assert names == [TEXT.table("sample")[name] for name in teach.SAMPLE]
    assert teach_results.confused(found, names) in said
    comparison, confusion = shown.main.table
    pixels = mathematics.leave_one_out(
        now.pixels(SET.spec), now.labels, 3, mathematics.DECAY_PIXELS
    )
    assert comparison.value.iloc[:, 1].tolist() == [
        TEXT["of"].format(right=x.right, count=24) for x in (found, pixels)
    ]
    assert found.right > pixels.right
    assert confusion.value.iloc[:, 1:].to_numpy().tolist() == found.confusion.tolist()


def test_each_photographs_author_is_named(shown: AppTest) -> None:
    (data,) = components(shown, "teach")
    titles = [x["title"] for one in data["classes"] for x in one["pictures"]]
    listed = "\n".join(x.value for x in shown.main.expander[-1].markdown)
    for name in (x for row in teach.SAMPLE.values() for x in row):
        row = photographs.photographs()[name]
        assert f"{row.title} ({row.author}, {row.licence})" in titles
    assert listed.count("\n") + 1 == 24 + len(teach.TRIED)
    assert not {x for row in teach.SAMPLE.values() for x in row} & set(teach.TRIED)


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_other_views(language: str) -> None:
    """In German, which the first view is read in, too: nothing is English."""
    text = words.page("teach", language)
    app = press(visit("teach", lang=language), text["use_sample"].split("{")[0])
    views = [(app, "right")]
    for view in ("many", "leans"):
        (group,) = [x for x in app.main.button_group if x.key == "taught_view"]
        app = group.set_value(view).run()
        assert not app.exception
        said = markdown(app)
        workspace = app.session_state[state.TAUGHT.name]
        now = workspace.taught()
        values = now.values(SET.name)
        if view == "many":
            curve = list(mathematics.learning_curve(values, now.labels, 3))
            assert f"{curve[-1].mean:.0%}".removesuffix("%") in said
            assert text["many_lead"].format(draws=mathematics.DRAWS) in said
        else:
            found = mathematics.leave_one_out(values, now.labels, 3)
            most = words.Text.of("{x}", words.style()).format(
                x=f"{100 * found.influence.max():.2f}"
            )
            if language == "en":
                assert most in said
        views.append((app, view))
    if language == "de":
        for one, view in views:
            assert not english_in(everything(one)), view
            assert not [x for x in alts(one) if english_in(x)], view


def test_random_weights_stand_beside_when_asked(shown: AppTest) -> None:
    (switch,) = [x for x in shown.main.toggle if x.label == TEXT["random"]]
    app = switch.set_value(True).run()
    assert not app.exception
    comparison = app.main.table[0].value
    kinds = TEXT.table("kinds")
    assert comparison.iloc[:, 0].tolist() == [
        kinds["hidden"].format(layer="fc7"),
        kinds["random"],
        kinds["pixels"],
    ]
    now = app.session_state[state.TAUGHT.name].taught()
    values = now.values("random")
    network = runtime.network("random")
    first = network.activations(to_input(now.examples[0].image, SET.spec))["fc7"]
    assert np.allclose(values[0], first, atol=1e-3)
    found = mathematics.leave_one_out(values, now.labels, 3)
    assert comparison.iloc[1, 1] == TEXT["of"].format(right=found.right, count=24)


def made(counts: Callable[[int], float], classes: int = 2) -> list[mathematics.Amount]:
    return [mathematics.Amount(k, (counts(k),)) for k in (1, 2, 3)]


def test_sentences_on_amounts_change_with_the_curve() -> None:
    flat, steep = made(lambda k: 0.9), made(lambda k: 0.5 + 0.1 * k)
    one = [mathematics.Amount(1, (0.75,))]
    said = teach_results.amount_sentence({"A": flat, "B": steep, "C": one})
    assert TEXT["enough"].format(title="A", mean="90%", most=3, near=1) in said
    assert TEXT["not_enough"].format(title="B", mean="80%", most=3, near=3) in said
    assert TEXT["one_amount"].format(title="C", mean="75%", most=1, near=1) in said
    drawn = teach_results.chart({"A": flat, "B": steep}, 4)
    assert drawn["datasets"]["points"]["y"] == [0.9, 0.9, 0.9, 0.6, 0.7, 0.8]
    assert drawn["datasets"]["base"]["y"] == [0.25]


def test_sentences_on_errors_change_with_them() -> None:
    def left_out(predicted: list[int]) -> mathematics.LeftOut:
        labels = np.array([0, 0, 1, 1, 1, 1])
        influence = np.array([0.4, 0.3, 0.2, 0.1, 0.05, 0.01])
        return mathematics.LeftOut(labels, np.eye(2)[predicted], influence)

    good, bad = left_out([0, 0, 1, 1, 1, 1]), left_out([1, 0, 0, 0, 1, 0])
    assert teach_results.confused(good, ["A", "B"]) == TEXT["confused_none"]
    assert teach_results.confused(bad, ["A", "B"]) == TEXT["confused"].format(
        count=3, all=4, name="B", other="A"
    )
    assert TEXT["unusual_none"].format(shown=4) in teach_results.leaning(
        good, ["A", "B"]
    )
    said = teach_results.leaning(bad, ["A", "B"])
    assert TEXT["unusual"].format(wrong=3, shown=4, others=1, rest=2) in said
    assert "(A)" in said and "40.00" in said and "10.00" in said
