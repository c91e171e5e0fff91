"""The privacy page: what is kept, said with the settings that are in force."""

from __future__ import annotations

import streamlit as st

from store.retention import Keep
from store.runs import DAY, Limits
from ui.kit import words
from ui.kit.teach import class_teaching
from ui.session import routes, visitor

# Of a sign-in: after which it ends anyway, and after which it ends unused.
SIGN_IN_DAYS, SIGN_IN_HOURS = 7, 12

# Streamlit's (streamlit/web/server/starlette/starlette_server_config.py).
XSRF = "_streamlit_xsrf"
SCHOOL = "_streamlit_session, _streamlit_user"
SCHOOL_DAYS = 30


def numbers() -> dict[str, float]:
    """The settings that the page names."""
    limits = Limits.from_environment()
    return {
        "class_days": Keep.from_environment().days,
        "lab_days": limits.days,
        "lab_megabytes": limits.megabytes,
        "teach_hours": class_teaching.IDLE / 3600,
    }


def part(text: words.PageWords) -> None:
    """One thing that is kept: for how long, and who sees it."""
    st.header(text["heading"], anchor=False)
    st.markdown(text["say"].format(**numbers()))


def cookies(text: words.PageWords) -> None:
    """Every cookie that is set, its purpose and its life."""
    signed_in = text["signed_in"].format(days=SIGN_IN_DAYS, hours=SIGN_IN_HOURS)
    rows = [
        (visitor.NAME, text["visitor"], text["days"].format(days=visitor.LASTS / DAY)),
        (visitor.BROWSING, text["browsing"], text["until_closed"]),
        (routes.NAME, text["session"], signed_in),
        (XSRF, text["xsrf"], text["until_closed"]),
        (SCHOOL, text["school"], text["at_most"].format(days=SCHOOL_DAYS)),
    ]
    st.header(text["heading"], anchor=False)
    st.markdown(text["say"])
    st.table(
        {
            text["name"]: [name for name, _, _ in rows],
            text["purpose"]: [purpose for _, purpose, _ in rows],
            text["life"]: [life for _, _, life in rows],
        },
        hide_index=True,
        alt=text["alt"].format(count=len(rows)),
    )
    st.caption(text["theme"])
