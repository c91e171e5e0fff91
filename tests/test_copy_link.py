"""Where a page's address can be copied, and where it would say something else."""

from __future__ import annotations

import pytest

from tests.components import components
from tests.test_pages import visit
from ui.kit import cache, state

PAGES = ("home", "feature_maps", "filters", "similar_images", "augmentation")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_that_shows_a_picture_can_be_linked(page: str) -> None:
    (link,) = components(visit(page, picture="dog"), "copy_link")
    assert link["address"] == ""  # the page's own, as the browser has it
    assert link["by_hand"].endswith("it opens exactly what is on screen.")


def test_an_own_picture_cannot_be_linked() -> None:
    """It is kept for one visitor: the link would open without it."""
    app = visit("home")
    app.session_state[state.OWN_PICTURE.name] = cache.sample_picture("dog")
    app.session_state[state.PICTURE.name] = "own"
    assert not components(app.run(), "copy_link")
