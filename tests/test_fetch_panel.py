""" "Get more weights": what it says in each state, to whom, and what follows."""

import pytest
from streamlit.testing.v1 import AppTest

from model import runtime, weights
from model.pictures import to_input
from model.weights import downloads
from tests.test_pages import said, visit
from tests.waiting import until
from ui.kit import cache, state, words
from ui.kit.network import feature_maps
from ui.kit.weight_sets import how_far
from ui.session import permissions

WORDS = words.page("weights").as_dict()


@pytest.fixture(scope="module", autouse=True)
def network() -> None:
    runtime.network(weights.DEFAULT)


@pytest.fixture
def instructor(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest's visitors have no address; the browser's have (`test_browser`)."""
    monkeypatch.setattr(permissions, "is_instructor", lambda: True)


def button(app: AppTest, key: str):
    (found,) = (b for b in app.button if b.key == key)
    return found


def keys(app: AppTest) -> set[str]:
    return {b.key for b in app.button if str(b.key).startswith(("fetch_", "stop_"))}


def unfolded(page: str, **query: str) -> AppTest:
    """A page, and what is behind "More weights"."""
    app = visit(page, **query)
    app.session_state["more weights"] = True
    return app.run()


def choices(app: AppTest) -> list[str]:
    (chooser,) = (c for c in app.segmented_control if c.label == WORDS["choose"])
    return list(chooser.options)


@pytest.mark.parametrize("page", ["filters", "feature_maps"])
def test_absent_sets_are_told_and_offered(page: str, cache_folder, instructor) -> None:
    assert not keys(visit(page)), "what is folded away is not drawn"
    app = unfolded(page)
    text = said(app)
    for weight_set in downloads.fetchable():
        assert weight_set.title not in choices(app)
        for part in (
            weight_set.title,
            weight_set.about,
            weight_set.licence,
            weight_set.source,
        ):
            assert part in text
        assert button(app, f"fetch_{weight_set.name}").label.startswith("Fetch (")
    assert "8.9 MB" in text
    assert "244 MB" in text
    for weight_set in downloads.fetchable():
        assert (
            weight_set.download is not None and f"`{weight_set.download.url}`" in text
        )
        assert f"`.venv/bin/python -m model.weights add {weight_set.name} FILE`" in text


def test_a_set_comes_is_stopped_and_goes_on(offer, instructor) -> None:
    offered = offer("original", pause_s=0.05, piece=4096)
    offer("torchvision")
    app = unfolded("filters")
    app = button(app, "fetch_original").click().run()
    assert keys(app) == {"stop_original", "fetch_torchvision"}
    until(lambda: downloads.status("original").done > 10_000, "a part of it")
    app = app.run()
    (bar,) = app.get("progress")
    assert f" MB of {len(offered.server.content) / 1e6:.1f} MB" in bar.proto.text
    assert 0 < bar.proto.value < 100
    app = button(app, "stop_original").click().run()
    until(lambda: downloads.status("original").state == "absent", "the stop")
    app = app.run()
    assert button(app, "fetch_original").label == WORDS["resume"]
    assert "are here already" in said(app)
    offered.server.pause_s, offered.server.piece = 0, 2**16
    button(app, "fetch_original").click().run()
    until(lambda: downloads.status("original").state == "here", "the set")
    app = app.run()
    assert not app.exception
    assert offered.weight_set.title in choices(app)
    assert keys(app) == {"fetch_torchvision"}
    other_visitor = visit("feature_maps")
    assert offered.weight_set.title in choices(other_visitor)


def test_a_failure_is_one_sentence_and_a_way_on(offer, instructor) -> None:
    offered = offer("original", status=404)
    app = button(unfolded("filters"), "fetch_original").click().run()
    until(lambda: downloads.status("original").state == "failed", "the failure")
    app = app.run()
    (error,) = app.error
    assert error.value.startswith("The file is no longer where it was on 127.0.0.1")
    assert button(app, "fetch_original").label == WORDS["again"]
    offered.server.status = None
    offered.server.cut_after = 50_000
    app = button(app, "fetch_original").click().run()
    until(lambda: downloads.status("original").state == "failed", "the failure")
    app = app.run()
    assert "was cut after" in app.error[0].value
    assert button(app, "fetch_original").label == WORDS["resume"]


def test_with_both_here_there_is_nothing_to_get(offer, instructor) -> None:
    for name in ("original", "torchvision"):
        offer(name)
        assert downloads.main(["fetch", name]) == 0
    app = unfolded("filters")
    assert choices(app) == [
        weight_set.title for weight_set in weights.REGISTRY.values()
    ]
    assert WORDS["more_say"] not in said(app)
    assert not keys(app)


def test_students_are_told_who_can(monkeypatch, cache_folder) -> None:
    monkeypatch.setattr(permissions, "is_instructor", lambda: False)
    app = unfolded("filters")
    assert WORDS["instructor_only"] in said(app)
    assert not keys(app)
    assert WORDS["more"] not in labels(app)
    monkeypatch.setenv("ALEXNET_STUDENTS_FETCH", "1")
    app = unfolded("filters")
    assert WORDS["instructor_only"] not in said(app)
    assert keys(app) == {"fetch_original", "fetch_torchvision"}
    assert WORDS["more"] in labels(app)


def labels(app: AppTest) -> set[str]:
    """Of everything that opens."""
    popovers = {block.proto.popover.label for block in app.get("popover")}
    return popovers | {box.label for box in app.expander}


@pytest.mark.parametrize("is_here", [True, False])
def test_without_accounts_the_instructor_is_at_the_servers_own_machine(
    monkeypatch, is_here: bool
) -> None:
    monkeypatch.setattr(permissions, "is_at_the_machine", lambda: is_here)
    monkeypatch.setattr(permissions.accounts, "anybody", lambda: False)
    assert permissions.is_instructor() is is_here
    assert permissions.may_fetch() is is_here
    monkeypatch.setattr(permissions.accounts, "anybody", lambda: True)
    assert permissions.is_instructor() is False
    assert permissions.may_fetch() is False


def test_the_time_left_is_in_seconds_and_then_minutes() -> None:
    def text(seconds: float | None) -> str:
        return how_far(downloads.Status("coming", 10**7, 2 * 10**8, seconds))

    assert text(None) == "10.0 MB of 200 MB"
    assert text(12.2) == "10.0 MB of 200 MB, 13 s left"
    assert text(200) == "10.0 MB of 200 MB, 4 min left"


# --- the pages with a fetched set -----------------------------------------------------


@pytest.fixture(params=["original", "torchvision"])
def fetched(request, offer) -> weights.WeightSet:
    offered = offer(request.param)
    assert downloads.main(["fetch", request.param]) == 0
    return offered.weight_set


def test_names_numbers_and_label_follow_the_set(fetched) -> None:
    app = visit("feature_maps", weights=fetched.name, picture="dog")
    text = said(app)
    assert fetched.label in text
    assert f"{fetched.top1:.1%}" in text
    assert "of 1,000 classes it predicts the right one first" in text
    assert fetched.measured_on in text
    assert "for 1,000 outputs." in text
    size = fetched.spec.input_size
    assert f"its middle, resized to {size} × {size}." in text
    guessed = {bar.proto.text.split(" · ")[0] for bar in app.get("progress")}
    assert guessed <= set(weights.class_names(fetched.name))


def test_every_layer_of_the_set_can_be_opened(fetched) -> None:
    names = feature_maps.layer_names(fetched.spec)
    assert ("norm1" in names) == (fetched.name == "original")
    for layer in names:
        # The last map of a larger layer is asked for: it becomes one that there is.
        app = visit("feature_maps", weights=fetched.name, layer=layer, unit="4095")
        assert app.session_state[state.LAYER.name] == layer
        assert app.session_state[state.WEIGHTS.name] == fetched.name
        title, _ = feature_maps.layer_words(fetched, layer)
        assert any(title == heading.value for heading in app.header)


def test_the_input_and_normalisation_are_told_as_they_are(offer) -> None:
    original = offer("original").weight_set
    _, say = feature_maps.layer_words(original, "input")
    assert "divided" not in say
    _, say = feature_maps.layer_words(original, "norm1")
    assert "(1.0 + 0.00002 · S) to the power of 0.75" in say
    _, say = feature_maps.layer_words(weights.get("torchvision"), "input")
    assert "divided by its standard deviation" in say


def test_the_filters_are_the_sets(fetched) -> None:
    count = next(fetched.spec.convolutions()).filters
    app = visit("filters", weights=fetched.name, filter="90")
    text = said(app)
    assert f"{count} filters of 11 × 11" in text
    assert app.session_state[state.FILTER.name] < count
    assert fetched.label in text
    assert "to tell 1,000 classes apart" in text
    assert {
        f"**{weight_set.title}**" for weight_set in (fetched, weights.get("random"))
    } <= {m.value for m in app.markdown}


def test_what_a_filter_gives_by_hand_is_what_the_network_gives(fetched) -> None:
    """The filters page says the same largest answer as the network's first layer."""
    picture = cache.sample_picture("dog")
    answers = runtime.network(fetched.name).activations(to_input(picture, fetched.spec))
    app = visit("filters", weights=fetched.name, filter="3", picture="dog")
    largest = answers["conv1"][:, :, 3].max()
    zero = (answers["conv1"][:, :, 3] <= 0).mean()
    assert f" to {largest:.2f}. Grey is zero" in said(app)
    assert f"after ReLU: {zero:.0%} of the positions are zero" in said(app)


def test_a_set_that_is_not_here_is_not_chosen_by_an_address(cache_folder) -> None:
    app = visit("feature_maps", weights="original")
    assert app.session_state[state.WEIGHTS.name] == weights.DEFAULT


# --- the offer on the home page -------------------------------------------------------

OFFER = WORDS["offer"]


def offered(app: AppTest) -> bool:
    return any(b.key == "offer_fetch" for b in app.button)


def test_the_network_of_the_paper_is_offered_to_an_instructor(
    cache_folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not offered(visit("home"))  # to instructors alone
    monkeypatch.setattr(permissions, "is_instructor", lambda: True)
    app = visit("home")
    assert offered(app)
    assert OFFER["say"].format(classes="1,000") in said(app)
    assert "(8.9 MB)" in button(app, "offer_fetch").label


def test_who_declines_is_not_asked_again_and_can_still_fetch(
    cache_folder, instructor
) -> None:
    app = button(visit("home"), "offer_decline").click().run()
    assert not offered(app)
    assert not offered(visit("home"))  # not another visitor either
    assert "fetch_original" in keys(unfolded("filters"))
    assert downloads.status("original").state == "absent"


def test_what_is_offered_comes_by_one_click(offer, instructor) -> None:
    offer("original")
    app = button(visit("home"), "offer_fetch").click().run()
    assert not app.exception
    until(lambda: downloads.status("original").state == "here", "the set")
    assert not offered(app.run())
    assert not offered(visit("home"))


def test_a_folder_that_cannot_be_written_to_is_no_error(
    cache_folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache_folder.parent.mkdir(exist_ok=True)
    cache_folder.write_text("a file, where the folder should be")
    downloads.decline("original")
    assert downloads.is_offered("original")
