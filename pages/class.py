"""The instructor's page: a class, its code, who is here, and where it is."""

import streamlit as st

from classroom.roles import NotAllowed
from store.database import DatabaseAway
from ui import class_panels as show
from ui import permissions

text = show.text()
try:
    who = permissions.instructor()
    if who is None:
        show.only_instructors()
    else:
        st.title(text["heading"], anchor=False)
        chosen = show.choose(who)
        if chosen is not None:
            show.tabs(who, chosen.id)
except NotAllowed as trouble:
    st.error(str(trouble))
except DatabaseAway:
    st.warning(text["away"], icon=":material/cloud_off:")
