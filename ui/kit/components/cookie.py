"""Has the server set or clear a cookie that no script can read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from ui.kit.components import component, sent

_cookie = component("cookie")


def cookie(
    *,
    key: str,
    url: str,
    body: Mapping[str, str],
    then: str,
    message: str,
    on_failed: Callable[[], None],
) -> None:
    """Has the server set or clear a cookie that no script can read, and goes on.

    Args:
        url: one of ui/session/routes.py's.
        then: the path to go to once it is done.
        message: shown meanwhile.
        on_failed: called if the server refuses or cannot be reached, before the script
            runs again.
    """

    def failed() -> None:
        if sent(key, "failed") is not None:
            on_failed()

    _cookie(
        key=key,
        data={"url": url, "body": json.dumps(body), "then": then, "message": message},
        on_failed_change=failed,
    )
