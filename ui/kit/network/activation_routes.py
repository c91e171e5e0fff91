"""What a browser computes with: a picture's activations, and the weights of one unit.

    /activations/<picture>           every layer's output, packed and gzipped
    /kernels/<set>/<version>/<layer>/<unit>

A picture's address is known to pages that show it alone: it is made with a key of this
process. It is good until KEPT other pictures were looked at, or the server restarts.
Weights never change under their address, so browsers keep them.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from collections import OrderedDict
from functools import cache as kept

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from model import runtime, weights
from model.analysis import arithmetic
from model.gate import Busy
from model.network.specs import Conv, Dense
from model.pictures import Picture
from ui.session.routes import path

KEPT = 64  # pictures whose addresses are good
ACTIVATIONS, KERNELS = "activations", "kernels"
VERSION = 12  # hexadecimal digits of a file's checksum

_KEY = secrets.token_bytes(32)
_lock = threading.Lock()
_pictures: OrderedDict[str, tuple[str, Picture]] = OrderedDict()

BYTES = "application/octet-stream"
PRIVATE = "private, max-age=3600"
FOREVER = "public, max-age=31536000, immutable"


def token(set_name: str, picture: Picture) -> str:
    """What stands in an address for a picture and a weight set."""
    said = f"{set_name} {picture.key}".encode()
    made = hmac.new(_KEY, said, "sha256").hexdigest()[:40]
    with _lock:
        _pictures[made] = (set_name, picture)
        _pictures.move_to_end(made)
        while len(_pictures) > KEPT:
            _pictures.popitem(last=False)
    return made


def picture_of(token: str) -> tuple[str, Picture] | None:
    """The weight set and the picture of a token; None once it is forgotten."""
    with _lock:
        return _pictures.get(token)


def activations_address(set_name: str, picture: Picture) -> str:
    """Where a browser gets every layer's output for a picture."""
    return path(f"{ACTIVATIONS}/{token(set_name, picture)}")


@kept
def version(set_name: str) -> str:
    """What changes when a set's weights do.

    Raises:
        KeyError: there is no such set.
    """
    weight_set = weights.get(set_name)
    if weight_set.path is None:
        return "drawn"
    checksum = weight_set.checksum
    value = checksum.hexadecimal if checksum else weights.digest(weight_set.path)
    return value[:VERSION]


def kernels_address(set_name: str) -> str:
    """Under which <layer>/<unit> is the kernel slice of a unit; ends with a slash."""
    return path(f"{KERNELS}/{set_name}/{version(set_name)}/")


def refused(status: int, why: str) -> PlainTextResponse:
    return PlainTextResponse(why, status, {"cache-control": "no-store"})


def activations(request: Request) -> Response:
    """In a thread: it may wait for the network."""
    # Streamlit's caches want a running server; this is imported before there is one.
    from ui.kit import cache

    found = picture_of(request.path_params["token"])
    if found is None:
        return refused(404, "This picture is not here any more. Reload the page.")
    try:
        packed = cache.packed_activations(*found)
    except (Busy, weights.WeightsBroken) as trouble:
        return refused(503, str(trouble))
    headers = {"cache-control": PRIVATE, "content-encoding": "gzip"}
    return Response(packed, media_type=BYTES, headers=headers)


def kernel(request: Request) -> Response:
    """In a thread: it may wait for the network."""
    asked = request.path_params
    set_name, layer, unit = asked["set_name"], asked["layer"], asked["unit"]
    try:
        spec = weights.get(set_name).spec
        if asked["version"] != version(set_name):
            return refused(404, "These weights have changed. Reload the page.")
        if not isinstance(spec.layer(layer), Conv | Dense):
            return refused(404, f"{layer} has no weights.")
        of = runtime.network(set_name).keras.get_layer(layer)
        data = arithmetic.kernel_slice(of.kernel, of.bias, unit)
    except (KeyError, IndexError):
        return refused(404, "There is no such unit.")
    except weights.WeightsBroken as trouble:
        return refused(503, str(trouble))
    return Response(data, media_type=BYTES, headers={"cache-control": FOREVER})


def routes() -> list[Route]:
    """The two addresses."""
    return [
        Route(path(ACTIVATIONS + "/{token}"), activations),
        Route(path(KERNELS + "/{set_name}/{version}/{layer}/{unit:int}"), kernel),
    ]
