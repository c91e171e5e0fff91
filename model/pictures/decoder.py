"""The process that opens strangers' pictures: `python -m model.pictures.decoder`.

`model.pictures` starts it, feeds it one file at a time and kills it when a file takes
too long. It holds Pillow and its plug-ins and nothing of the server: a hostile file
that breaks a decoder reaches neither other visitors, secrets, files nor programs.

    request   format (8 bytes, zero padded), length (4 bytes), the file
    reply     length of the header, length of the pixels (4 bytes each),
              header (JSON: `shape`, `size`, `notes`, or `refused`), RGB pixels

All numbers are big-endian. The first byte that the process writes says "ready".
"""

from __future__ import annotations

import json
import os
import signal
import struct
import sys
import threading
import time
import warnings
from typing import BinaryIO

from PIL import Image, ImageFile

from model.pictures.decode import MAX_PIXELS, decode
from model.pictures.formats import NAMES, PictureRefused
from model.pictures.structure import ends_early
from model.pictures.truncated import too_short

MEMORY = 540 * 2**20  # bytes of private memory; 60 MB of shared libraries on top
GIVE_UP_S = 15  # a process without a parent to kill it ends itself after so long

REQUEST = struct.Struct(">8sI")
REPLY = struct.Struct(">II")
READY = b"\x01"


def answer(data: bytes, kind: str) -> tuple[dict[str, object], bytes]:
    """The reply to one file: header and RGB pixels, row by row."""
    try:
        decoded = decode(data, kind)
    except PictureRefused as refused:
        return {"refused": str(refused)}, b""
    except MemoryError:
        return {
            "refused": "This picture needs too much memory to open; "
            "make it smaller or save it as JPEG and try again."
        }, b""
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return {
            "refused": f"A picture may have up to {MAX_PIXELS // 10**6} million pixels "
            "and this one has parts that are larger; make it smaller and try again."
        }, b""
    except Exception as error:
        # The one boundary: on bad files Pillow and its plug-ins raise OSError,
        # ValueError, SyntaxError, KeyError, struct.error, RuntimeError and more.
        if "truncated" in str(error) or ends_early(data, kind):
            return {"refused": too_short(kind)}, b""
        return {
            "refused": f"This {NAMES.get(kind, kind)} picture is damaged or of a rare "
            "kind and cannot be read; open it in another program, save it as JPEG "
            "or PNG and try that file."
        }, b""
    header: dict[str, object] = {
        "shape": decoded.image.size,
        "size": decoded.size,
        "notes": decoded.notes,
    }
    return header, decoded.image.tobytes()


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Answers requests until the parent closes its end."""
    while len(head := requests.read(REQUEST.size)) == REQUEST.size:
        kind, length = REQUEST.unpack(head)
        data = requests.read(length)
        if len(data) < length:
            return
        if sys.platform != "win32":
            signal.alarm(GIVE_UP_S)  # its default action ends the process
        header, pixels = answer(data, kind.rstrip(b"\0").decode("ascii"))
        text = json.dumps(header).encode("ascii")
        replies.write(REPLY.pack(len(text), len(pixels)) + text + pixels)
        replies.flush()
        if sys.platform != "win32":
            signal.alarm(0)
        del data, pixels  # while waiting for the next


# --- The process --------------------------------------------------------------------

_FORBIDDEN = (
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "os.startfile",
    "os.system",
    "pty.spawn",
    "socket.",
    "subprocess.",
)


def _guard(event: str, _: tuple[object, ...]) -> None:
    """Audit hook: no decoder of pictures starts a program or opens a connection."""
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"{event} is not for a decoder of pictures")


def confine() -> None:
    if sys.platform != "win32":
        import resource

        _, allowed = resource.getrlimit(resource.RLIMIT_DATA)
        most = MEMORY if allowed == resource.RLIM_INFINITY else min(MEMORY, allowed)
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(_guard)


def _follow(parent: int) -> None:
    """Ends this process when its parent is gone.

    End of input usually says so first, unless another child of the server inherited
    the pipe. PR_SET_PDEATHSIG would not do: it fires when the *thread* that started
    this process ends, and Streamlit's threads are short.
    """
    while os.getppid() == parent:
        time.sleep(5)
    os._exit(0)


def main() -> None:
    """Serves standard input and output."""
    import pillow_heif
    from PIL import AvifImagePlugin

    # Ctrl-C in a terminal reaches the whole group; the server's end is enough.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()
    replies = os.fdopen(os.dup(1), "wb")
    pillow_heif.register_heif_opener(
        thumbnails=False, depth_images=False, aux_images=False, decode_threads=2
    )
    AvifImagePlugin.DEFAULT_MAX_THREADS = 2
    Image.init()  # all plug-ins now, not during the first visitor's picture
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()
    confine()
    # From here on libraries can only spoil the log or the protocol: libtiff prints a
    # line for each broken tag.
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    replies.write(READY)
    replies.flush()
    serve(sys.stdin.buffer, replies)


if __name__ == "__main__":
    main()
