"""One question at a time, with feedback at once; numbers are drawn by a seed."""

import streamlit as st

from classroom.attempts import HINT_COST, TRY_COST
from ui import quiz_panels, widgets

text = widgets.open_page("quiz", hint=HINT_COST, again=TRY_COST)
ids = quiz_panels.choose_round()
with st.container(width=quiz_panels.WIDTH):
    variant = quiz_panels.current(ids)
    quiz_panels.progress(ids, variant)
    if variant is None:
        quiz_panels.result(ids)
    else:
        answer = quiz_panels.ask(variant)
        quiz_panels.check(variant, answer)
        quiz_panels.feedback(variant)
        quiz_panels.help_and_move(ids, variant)
        quiz_panels.links(variant)
    st.caption(text["kept"])
