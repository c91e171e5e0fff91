"""What a network predicts of a picture that is covered here and there, for browsers.

    GET covered/<token>/<unit>/<side>/10,20;10,48

answers with the probability of the class `unit` under each square of that side, by row
and column of its corner, and with the most probable classes under the last one:

    {"probabilities": [0.12, 0.83], "top": [["cup", 0.4], …]}

Visitors who drag a square at the same time are answered together, in one batch.
"""

from __future__ import annotations

import re

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from model import measured, runtime, weights
from model.analysis import occlusion
from model.gate import Busy
from model.pictures import Picture, to_input
from ui.kit.network.activation_routes import picture_of, refused, token
from ui.session.routes import path

COVERED = "covered"
TOP = 5  # classes that are named

_PLACE = re.compile(r"(-?\d{1,4}),(-?\d{1,4})")


def address(set_name: str, picture: Picture, unit: int) -> str:
    """Under which <side>/<places> a browser asks; ends with a slash."""
    return path(f"{COVERED}/{token(set_name, picture)}/{unit}/")


def _places(text: str, size: int) -> list[occlusion.Place]:
    """The squares that are asked about; none where something is wrong."""
    found = [_PLACE.fullmatch(part) for part in text.split(";", occlusion.CHUNK)]
    places = [(int(x[1]), int(x[2])) for x in found if x]
    right = len(places) == len(found) <= occlusion.CHUNK
    inside = all(abs(x) <= size for place in places for x in place)
    return places if right and inside else []


def covered(request: Request) -> Response:
    """In a thread: it waits for the network."""
    asked = request.path_params
    known = picture_of(asked["token"])
    if known is None:
        return refused(404, "This picture is not here any more. Reload the page.")
    set_name, picture = known
    weight_set = weights.get(set_name)
    size, unit, side = weight_set.spec.input_size, asked["unit"], asked["side"]
    places = _places(asked["places"], size)
    right = places and occlusion.LEAST <= side <= size
    if not right or unit >= weight_set.spec.classes:
        return refused(400, "There are no such squares, or no such class.")
    x = occlusion.cover(to_input(picture, weight_set.spec), places, side)
    try:
        outputs = runtime.network(set_name).batches.ask(x)
    except (Busy, weights.WeightsBroken) as trouble:
        return refused(503, str(trouble))
    found = np.stack([measured.probabilities(set_name, one) for one in outputs])
    names = weights.class_names(set_name)
    order = np.argsort(-found[-1], kind="stable")[:TOP].tolist()
    answer = {
        "probabilities": [round(float(p), 5) for p in found[:, unit]],
        "top": [[names[i], round(float(found[-1, i]), 5)] for i in order],
    }
    return JSONResponse(answer, headers={"cache-control": "no-store"})


def routes() -> list[Route]:
    """The one address."""
    return [Route(path(COVERED + "/{token}/{unit:int}/{side:int}/{places}"), covered)]
