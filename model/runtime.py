"""Keras in the server: its import and the networks; `model.gate` has the queue.

Why one gate
    Two threads that import TensorFlow at once break it for good, so one thread
    imports it and everyone waits for that thread. It is started in the background
    when the server starts, because the import takes seconds and the first page must
    not wait for it.

    After every script run, Streamlit calls `keras.backend.clear_session()` and a full
    garbage collection as soon as Keras is imported. With TensorFlow loaded that is
    0.2 to 0.3 s under the interpreter's lock, for every click of every visitor. The
    networks here are read-only and live as long as the server, so there is no session
    to clear: the function is replaced by one that does nothing, and what was loaded is
    frozen out of the collector's sight (`_cure`).

How many networks
    One takes 190 to 250 MB. The default one stays; of the others the `KEPT` most
    recently asked for do. One that is let go while it looks at a picture finishes that
    first, because the caller holds it.
"""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from model import weights

T = TypeVar("T")

KEPT = 2  # networks in memory besides the default one


_lock = threading.Lock()
networks: dict[str, Future[Any]] = {}
_imported: Future[None] | None = None
_import_took: float | None = None  # seconds


def _cure() -> None:
    """See the module's docstring. Called whenever a network is there, or let go."""
    import keras

    keras.backend.clear_session = lambda free_memory=True: None
    gc.unfreeze()  # what was let go since is seen again
    gc.collect()
    gc.freeze()


def import_seconds() -> float | None:
    """How long importing Keras took this process; None: it is not there yet."""
    return _import_took


def _import() -> None:
    global _import_took
    began = time.monotonic()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    import keras  # noqa: F401
    import tensorflow as tf

    # A GPU, where there is one, is shared with training: take what is needed only.
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)
    _import_took = time.monotonic() - began


def _in_background(work: Callable[[], T], name: str) -> Future[T]:
    """Runs work on a thread of its own; the future has its result or its error."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # raised where it is waited for
            future.set_exception(error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return future


def load(name: str) -> Any:
    from model.activations import Network

    network = Network(weights.get(name))
    network.warm_up()
    _cure()
    return network


def start(name: str = weights.DEFAULT) -> Future[Any]:
    """Starts importing Keras and loading a set; returns at once.

    Calling it again, from any thread, gives the same future; after a failure, loading
    is tried again: the file may have come since.
    """
    global _imported
    weights.get(name)
    with _lock:
        if _imported is None:
            _imported = _in_background(_import, "import-keras")
        imported = _imported
        future = networks.pop(name, None)
        if future is None or (future.done() and future.exception() is not None):
            crowded = _let_go(KEPT if name == weights.DEFAULT else KEPT - 1)

            def work() -> Any:
                imported.result()
                if crowded:
                    _cure()  # before its successor takes as much memory
                return load(name)

            future = _in_background(work, f"load-{name}")
        networks[name] = future  # the last is the most recently asked for
        return future


def _let_go(most: int) -> bool:
    """Forgets the networks not asked for longest, but for the default; whether any."""
    others = [name for name in networks if name != weights.DEFAULT]
    leaving = others[: max(0, len(others) - most)]
    for name in leaving:
        del networks[name]
    return bool(leaving)


def ready(name: str = weights.DEFAULT) -> bool:
    """Whether the set is loaded and a forward pass would start at once."""
    future = networks.get(name)
    return future is not None and future.done() and future.exception() is None


def loading_is_over(name: str = weights.DEFAULT) -> bool:
    """Whether loading is over, well or not: `network` answers, or raises, at once."""
    future = networks.get(name)
    return future is not None and future.done()


def network(name: str = weights.DEFAULT) -> Any:
    """The network of a set, loading it where need be; one for all visitors.

    Raises:
        KeyError: no such set.
        model.weights.WeightsBroken: its file is missing or damaged.
    """
    return start(name).result()
