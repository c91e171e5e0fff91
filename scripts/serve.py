"""Starts the app on an address and a port, or says in one sentence why not.

`make run` calls it: python scripts/serve.py HOST PORT
"""

import errno
import os
import socket
import sys


def trouble(host: str, port: str) -> str:
    """Why the app cannot be served there; empty if it can."""
    if not port.isdecimal() or not 0 < int(port) < 65536:
        return f"PORT={port} is not a port: make run PORT=8502"
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                other = int(port) + 1 if int(port) < 65535 else 8501
                return f"Port {port} is in use: make run PORT={other}"
            if error.errno == errno.EACCES:
                return f"Port {port} is the system's: make run PORT=8501"
            return (
                f"HOST={host} is not an address of this machine: "
                "127.0.0.1 serves this machine only, 0.0.0.0 the whole class."
            )
    return ""


def main() -> None:
    """Becomes the server."""
    host, port = sys.argv[1:]
    if sentence := trouble(host, port):
        sys.exit(sentence)
    streamlit = [sys.executable, "-m", "streamlit", "run", "app.py"]
    options = ["--server.address", host, "--server.port", port]
    # Streamlit would ask for an e-mail address before the first start.
    options += ["--server.showEmailPrompt", "false"]
    os.execv(sys.executable, [*streamlit, *options])


if __name__ == "__main__":
    main()
