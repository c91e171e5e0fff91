"""The instructor's page: a class, its code, who is here, and where it is."""

import streamlit as st

from ui import script
from ui.classes import choice, tabs
from ui.classes.actions import explained
from ui.following import languages
from ui.kit import widgets, words
from ui.session import permissions, presented

text = words.page("class")
with widgets.language(words.language()):
    with explained():
        who = permissions.instructor()
        if who is None:
            st.title(text["title"], anchor=False)
            st.markdown(text["only"])
            icon = words.page("sign_in")["icon"]
            st.page_link(script("sign_in"), label=text["sign_in"], icon=icon)
        else:
            st.title(text["heading"], anchor=False)
            chosen = choice.choose(who)
            if chosen is not None:
                tabs.show(who, chosen.id)
    if not presented.is_presented("class"):
        languages.switch()
