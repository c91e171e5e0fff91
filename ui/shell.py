"""The main script: page config, the table of pages, the sidebar. Nothing else."""

import streamlit as st

from model.gate import Busy
from model.weights import WeightsBroken
from paths import ROOT
from store.database import DatabaseAway
from ui.account import sign_in
from ui.following import along, follow, place, together
from ui.kit import state, widgets, words
from ui.session import navigation, presented


@st.fragment(run_every=3600)
def _come_back() -> None:
    """Nothing is shown, and the front end has a page with a clock run again.

    It does so as soon as it is connected once more. A server that was restarted
    knows no buttons before its first run: the first click would be lost on it.
    """


st.set_page_config(
    page_title=widgets.LAB,
    # A file: Streamlit would fetch a material icon for the tab from an outside host.
    page_icon=ROOT / "assets" / "icon.png",
    layout="wide",
    initial_sidebar_state=240,  # pixels
)
page = navigation.menu()
name = navigation.name_of(page)
state.read_url(name)
if name != "home":
    st.set_page_config(page_title=f"{words.page(name)['title']} · {widgets.LAB}")
spoken = words.visitors_language()
with st.sidebar, widgets.language(spoken, "menu"):
    st.caption(words.page("shell", spoken)["about"])
    _come_back()
sign_in.finish_sign_in(name)
place.go_on()
place.check_place(name)
part = together.bring(name) or along.go_along(name)
follow.listen(name)
along.show_foot(name, part)
alone = presented.is_presented(name) or (
    name == "lesson" and bool(state.PRESENT.get() or state.NOTES.get())
)
if not alone and (name != "lesson" or follow.follows() is None):
    navigation.row(name)
try:
    with presented.window(name):
        page.run()
except (Busy, WeightsBroken) as trouble:  # their messages are the visitor's sentence
    st.error(str(trouble), icon=":material/hourglass_empty:")
except DatabaseAway:
    st.error(words.page("shell")["away"], icon=":material/cloud_off:")
attempt = state.EXAM_ATTEMPT.get() if name == "quiz" else None
in_a_test = attempt is not None and not attempt.status.over
if not (alone or in_a_test):
    navigation.foot(name)
along.bring(name, part)
state.write_url(name)
