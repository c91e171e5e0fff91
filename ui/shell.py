"""The main script: page config, the table of pages, the sidebar. Nothing else."""

import streamlit as st

from model.gate import Busy
from model.weights import WeightsBroken
from paths import ROOT
from store.database import DatabaseAway
from ui import script
from ui.account import sign_in
from ui.following import follow, place
from ui.kit import state, widgets, words
from ui.kit.sections import HIDDEN, PAGES


def _page(name: str) -> st.Page:
    text = words.page(name, words.ENGLISH)
    return st.Page(
        script(name),
        title=text["title"],
        icon=text["icon"],
        url_path=name.replace("_", "-"),
        default=name == "home",
        visibility="hidden" if name in HIDDEN else "visible",
    )


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
page = st.navigation(
    {section: [_page(name) for name in names] for section, names in PAGES.items()},
    expanded=True,  # else the last of more than twelve pages hide behind a button
)
name = page.url_path.replace("-", "_") or "home"
if name != "home":
    st.set_page_config(page_title=f"{page.title} · {widgets.LAB}")
state.read_url(name)
with st.sidebar:
    st.caption(words.page("shell")["about"])
    st.page_link(script("privacy"), label=words.page("privacy")["link"])
    sign_in.sidebar_link()
    _come_back()
sign_in.finish_sign_in(name)
place.go_on()
place.check_place(name)
follow.listen(name)
follow.show_foot(name)
try:
    page.run()
except (Busy, WeightsBroken) as trouble:  # their messages are the visitor's sentence
    st.error(str(trouble), icon=":material/hourglass_empty:")
except DatabaseAway:
    st.error(words.page("shell")["away"], icon=":material/cloud_off:")
state.write_url(name)
