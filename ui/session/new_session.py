"""Takes this machine's folders out of what a browser is told when a run begins."""

from __future__ import annotations

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from paths import ROOT
from ui.session.visitor import ASGIApp, Message, Receive, Send

SCRIPT = ROOT / "ui" / "shell.py"
_PATH = str(SCRIPT).encode()
_HEAD = 4_096  # bytes in which it stands, before anything that is large
_SHOWN = SCRIPT.relative_to(ROOT).as_posix()  # told apart by it are apps, not servers


class NoFolders:
    """Names the main script by its place in this project, not on this machine."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return

        async def send_without(message: Message) -> None:
            data = message.get("bytes")
            if data and _PATH in data[:_HEAD]:
                forwarded = ForwardMsg.FromString(data)
                if forwarded.WhichOneof("type") == "new_session":
                    forwarded.new_session.main_script_path = _SHOWN
                    message = {**message, "bytes": forwarded.SerializeToString()}
            await send(message)

        await self.app(scope, receive, send_without)
