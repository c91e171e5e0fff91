"""The engine with real worker processes: nothing is lost, nobody waits blindly."""

from __future__ import annotations

import asyncio
import csv
import gc
import io
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from types import ModuleType

import psutil
import pytest

from lab import live_run, worker
from lab.engine import Engine
from lab.experiments import ExperimentRefused
from lab.presets import PRESETS
from lab.registry import NoSuchRun, OneAtATime, RunRefused
from lab.settings import Settings
from lab.workers import cluster, dispatch
from paths import ROOT
from store.database import Database
from tests import waiting
from tests.browser import free_port

LONG = 900  # seconds: workers give way to everything else on a loaded machine
TINY = PRESETS["relu-vs-tanh-today"].vary(
    pictures=96, batch=16, epochs=2, learning_rate=0.001
)
ENDLESS = TINY.vary(epochs=1000, seconds=600.0)
OURS = Settings(workers=2, threads=1, runs=1, per_owner=1, queue=2)


def until(condition, what, seconds=LONG):
    return waiting.until(condition, what, seconds)


def state(engine, run_id, *wanted):
    def there():
        status = engine.status(run_id)
        if status.over and status.state not in wanted:
            pytest.fail(f"waited for {wanted}; it is {status.state}: {status}")
        return status if status.state in wanted else None

    return until(there, " or ".join(wanted))


def training(engine, run_id):
    """Waits until every arm has reported."""
    until(
        lambda: all(arm.state == "running" for arm in engine.status(run_id).arms),
        "all arms to run",
    )


def workers_of(pid):
    """The worker processes below a server: those that Dask has spawned."""
    found = []
    for process in psutil.Process(pid).children(recursive=True):
        try:
            if "spawn_main" in " ".join(process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


@contextmanager
def an_engine(folder, settings=OURS):
    database = Database(f"sqlite:///{folder / 'lab.sqlite3'}")
    made = Engine(settings, database)
    try:
        yield made
    finally:
        made.shutdown()
        database.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("engine")


@pytest.fixture(scope="module")
def engine(folder):
    """One engine and its two workers for most tests: starting them takes seconds."""
    with an_engine(folder) as made:
        yield made
    assert made.health == "asleep"


@pytest.fixture(autouse=True)
def nothing_left_running(request, monkeypatch):
    # On a full machine a worker, which gives way, may take longer to obey.
    monkeypatch.setattr(dispatch, "STOP_TIMEOUT", LONG)
    yield
    if "engine" in request.fixturenames:
        made = request.getfixturevalue("engine")
        for run in made.runs():
            made.command(run.run_id, "stop")
        until(lambda: not made.registry.live, "all runs to end")


def test_both_arms_run_to_the_end_and_are_remembered(engine, folder):
    run_id = engine.submit(TINY, "ann", {"arm": "ReLU", "factor": 6})
    assert not engine.status(run_id).over, "who submits a run does not wait for it"
    status = state(engine, run_id, "finished")
    assert [arm.state for arm in status.arms] == ["finished"] * 2
    assert [arm.device for arm in status.arms] == ["CPU"] * 2
    assert all(arm.latest.epoch == 2 for arm in status.arms)
    events = engine.events(run_id)
    assert [e.number for e in events] == sorted({e.number for e in events})
    assert {e.arm for e in events} == {0, 1}
    assert [e.number for e in engine.events(run_id, after=events[1].number)] == [
        e.number for e in events[2:]
    ]
    assert len(engine.events(run_id, most=2)) == 4
    assert status.last_event == events[-1].number

    until(lambda: run_id not in engine.registry.live, "the store")
    other = Engine(OURS, Database(f"sqlite:///{folder / 'lab.sqlite3'}"))
    again = other.status(run_id)
    assert again.state == "finished"
    other.recall()
    assert other.durations.seconds(TINY.arms[0]) < TINY.arms[0].seconds, "as it took"
    assert again.guess == {"arm": "ReLU", "factor": 6}
    assert again.experiment == TINY
    theirs = other.events(run_id)
    assert [(e.number, e.arm, e.report.layers) for e in theirs] == [
        (e.number, e.arm, e.report.layers) for e in events
    ]
    assert [(run.run_id, run.owner) for run in other.runs("ann")] == [(run_id, "ann")]
    assert (status.owner, again.owner) == ("ann", "ann")
    assert other.runs("ben") == []
    rows = list(csv.DictReader(io.StringIO(other.export_csv(run_id))))
    assert len(rows) == len(events)
    assert {row["arm"] for row in rows} == {"ReLU", "tanh"}
    assert float(rows[-1]["epoch"]) == 2
    other.rename(run_id, "  Our\nfirst ")
    assert other.runs()[0].name == "Our first"
    with pytest.raises(RunRefused, match="every arm has finished"):
        other.retry(run_id)
    other.delete(run_id)
    with pytest.raises(NoSuchRun, match=run_id):
        other.status(run_id)
    other.shutdown()


def test_training_is_not_in_this_process(engine):
    """Asked of a fresh interpreter: this one has Keras from other tests."""
    code = "import sys, lab.engine; sys.exit('keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
    run_id = engine.submit(ENDLESS, "ann")
    state(engine, run_id, "running")
    assert len(workers_of(os.getpid())) == 2
    if hasattr(os, "nice"):
        assert all(w.nice() >= 10 for w in workers_of(os.getpid()))


def test_pause_step_resume_stop(engine):
    run_id = engine.submit(ENDLESS, "ann")
    training(engine, run_id)
    engine.command(run_id, "pause")
    state(engine, run_id, "paused")

    def steps():
        return [arm.latest.step for arm in engine.status(run_id).arms]

    def at_rest():
        """An arm measures where it halts, and elsewhere every 200 steps only."""
        latest = [arm.latest for arm in engine.status(run_id).arms]
        return all(r.step == r.evaluated_step and r.step % 200 for r in latest)

    until(at_rest, "both arms to pause")
    halted = steps()
    engine.command(run_id, "step")
    until(lambda: steps() == [step + 1 for step in halted], "a single step each")
    waiting.stays(
        lambda: steps() == [step + 1 for step in halted], "no further step", 1
    )
    engine.command(run_id, "resume")
    until(lambda: min(steps()) > max(halted) + 3, "the run to go on")
    engine.command(run_id, "stop")
    status = state(engine, run_id, "stopped")
    assert all("Stopped at step" in arm.sentence for arm in status.arms)
    kept = len(engine.events(run_id))
    engine.command(run_id, "resume")  # does nothing to a run that is over
    assert engine.status(run_id).state == "stopped"
    assert len(engine.events(run_id)) == kept > 0


def test_queue_has_places_and_limits(engine):
    first = engine.submit(ENDLESS, "ann")
    until(lambda: engine.status(first).place == 0, "the first to begin")
    second = engine.submit(TINY, "ben")
    third = engine.submit(TINY, "cleo")
    assert [engine.status(i).place for i in (second, third)] == [1, 2]
    assert engine.status(second).state == "queued"
    with pytest.raises(OneAtATime, match="not over yet") as refused:
        engine.submit(TINY, "ann")
    assert refused.value.run_id == first
    assert "relu" not in str(refused.value), "no internal name"
    with pytest.raises(RunRefused, match="2 experiments are waiting"):
        engine.submit(TINY, "dan")
    with pytest.raises(ExperimentRefused):
        engine.submit(replace(TINY, difference=()), "eve")
    before, after = engine.line(instructor=True), engine.line()
    assert (before[0], after[0]) == (0, 2)
    assert before[1] < after[1], "seconds"
    ada = engine.submit(TINY, "ada", instructor=True)  # however long the queue is
    status = [engine.status(i) for i in (ada, second, third)]
    assert [one.place for one in status] == [1, 2, 3]
    assert 0 < status[0].wait < status[1].wait < status[2].wait
    assert [one.instructor for one in status] == [True, False, False]
    engine.command(ada, "stop", "An instructor stopped it.")
    assert state(engine, ada, "stopped").sentence == "An instructor stopped it."
    engine.command(second, "stop")
    state(engine, second, "stopped")
    until(lambda: engine.status(third).place == 1, "the third to move up")
    with pytest.raises(RunRefused, match="Stop the run first"):
        engine.delete(first)
    engine.command(first, "stop")
    state(engine, third, "finished")


@pytest.mark.long("unknown data fails with one sentence; test_run")
def test_a_failed_arm_says_why_and_the_other_goes_on(engine):
    hot = replace(TINY.arms[0], activation="leaky_relu", learning_rate=10.0)
    both = replace(TINY, arms=(hot, TINY.arms[1])).vary(epochs=30, momentum=0.99)
    status = state(engine, engine.submit(both, "ann"), "finished")
    assert [arm.state for arm in status.arms] == ["failed", "finished"]
    assert "ReLU: The learning rate 10 is too high for leaky_relu" in status.sentence


def test_unknown_data_fails_with_one_sentence(engine):
    run_id = engine.submit(TINY.vary(dataset="no such data"), "ann")
    status = state(engine, run_id, "failed")
    assert "no such data" in status.sentence
    assert "\n" not in status.sentence


def test_killed_worker_is_said_and_retry_goes_on(engine):
    """kill -9 of one worker: its arm says so, the other's goes on."""
    run_id = engine.submit(ENDLESS, "ann")
    training(engine, run_id)
    until(
        lambda: all(arm.saved_epoch > 0 for arm in engine.status(run_id).arms),
        "a saved pass of each arm",
    )
    workers_of(os.getpid())[0].kill()
    until(
        lambda: any(arm.state == "killed" for arm in engine.status(run_id).arms),
        "the killed worker",
    )
    status = engine.status(run_id)
    states = sorted(arm.state for arm in status.arms)
    assert states == ["killed", "running"], status
    dead = next(i for i, arm in enumerate(status.arms) if arm.state == "killed")
    saved = status.arms[dead].saved_epoch
    assert f"was killed. Retry goes on from epoch {saved}." in status.sentence
    before = engine.events(run_id)

    engine.retry(run_id)
    status = until(
        lambda: (
            (s := engine.status(run_id)).arms[dead].state == "running"
            and s.arms[dead].saved_epoch > saved
            and s
        ),
        "the arm to go on",
    )
    assert status.attempt == 2
    own = [e for e in engine.events(run_id) if e.arm == dead]
    new = [e for e in own if e.number > before[-1].number]
    assert new[0].report.step >= saved * 6, "not from the start: 6 batches a pass"
    steps = [e.report.step for e in own]
    assert steps == sorted(steps), "steps that were lost are drawn once"


def test_run_that_nobody_watches_ends_with_its_results(engine):
    run_id = engine.submit(ENDLESS, "ann")
    until(lambda: engine.status(run_id).last_event > 2, "a first result")
    engine.settings = replace(engine.settings, unwatched=0.5)
    try:
        until(lambda: run_id not in engine.registry.live, "the run to end unwatched")
    finally:
        engine.settings = OURS
    status = engine.status(run_id)
    assert status.state == "stopped", status
    assert "Nobody watched" in status.sentence
    assert len(engine.events(run_id)) > 2


def test_arm_outlives_questions_that_a_busy_worker_misses():
    """Each is given up after PATIENCE; three in a row ended arms on a full machine."""
    assert worker.LEASE > 10 * cluster.PATIENCE


def test_many_threads_read_without_waiting(engine):
    run_id = engine.submit(ENDLESS, "ann")
    state(engine, run_id, "running")
    slow = []

    def look():
        for _ in range(50):
            before = time.perf_counter()
            engine.status(run_id)
            engine.events(run_id, most=100)
            slow.append(time.perf_counter() - before)

    threads = [threading.Thread(target=look) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    assert len(slow) == 1000


def test_no_workers_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 1.0)
    nobody = replace(OURS, scheduler=f"tcp://127.0.0.1:{free_port()}")
    with an_engine(tmp_path, nobody) as engine:
        run_id = engine.submit(TINY, "ann")
        status = until(
            lambda: (s := engine.status(run_id)).over and s, "the run to give up"
        )
        assert status.state == "killed"
        assert "No workers could be had at tcp://" in status.sentence
        assert engine.health == "broken"


def test_workers_do_not_run_the_apps_script(tmp_path, monkeypatch):
    """Which Streamlit makes the main module of its server."""
    seen, script = tmp_path / "seen", tmp_path / "script.py"
    script.write_text(f"open({str(seen)!r}, 'w').close()", "utf-8")
    main = ModuleType("__main__")
    main.__file__ = str(script)
    monkeypatch.setitem(sys.modules, "__main__", main)

    async def workers() -> None:
        ours = cluster.Cluster("", 1, 1)
        await ours.connect()
        assert ours.connected
        # Its scheduler, in this process, does not look over the collector's shoulder.
        assert not [x for x in gc.callbacks if x.__module__.startswith("distributed")]
        await ours.disconnect()

    asyncio.run(workers())
    assert not seen.exists()


# --- servers and clusters of their own ----------------------------------------------

SERVER = """
import sys, time
from lab.engine import Engine
from lab.settings import Settings
from lab.experiments import Experiment
from store.database import Database
import json

def main():
    engine = Engine(Settings(workers=2), Database(sys.argv[1]))
    run_id = engine.submit(Experiment.from_dict(json.loads(sys.argv[2])), "ann")
    while engine.status(run_id).last_event < 4:
        time.sleep(0.1)
    while run_id not in [run.run_id for run in engine.runs()]:
        time.sleep(0.1)
    time.sleep(1.5)  # the store is written once a second
    print(run_id, "keras" in sys.modules, flush=True)
    time.sleep(600)

if __name__ == "__main__":
    main()
"""


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is POSIX's")
def test_killed_server_leaves_no_process_and_its_run_is_kept(tmp_path, monkeypatch):
    import json

    script = tmp_path / "server.py"
    script.write_text(SERVER)
    url = f"sqlite:///{tmp_path / 'lab.sqlite3'}"
    server = subprocess.Popen(
        [sys.executable, script, url, json.dumps(ENDLESS.to_dict())],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    watchdog = threading.Timer(LONG, server.kill)
    watchdog.start()
    try:
        said = server.stdout.readline().split()
        assert len(said) == 2, server.stderr.read()
        run_id, has_keras = said
        assert has_keras == "False", "training is not in the server's process"
        below = psutil.Process(server.pid).children(recursive=True)
        assert len(below) >= 2
        server.send_signal(signal.SIGKILL)
        server.wait()
    finally:
        watchdog.cancel()
        server.kill()
        server.communicate()
    until(lambda: not psutil.wait_procs(below, timeout=0)[1], "orphans to end")

    monkeypatch.setattr(live_run, "DEAD_AFTER", 0.0)
    with an_engine(tmp_path) as engine:
        status = engine.status(run_id)
        assert status.state == "killed"
        assert "The server stopped while this ran" in status.sentence
        assert len(engine.events(run_id)) >= 3


@pytest.mark.long("the engine's own cluster")
def test_a_cluster_by_address(tmp_path):
    """The three commands of docs/operating.md, on loopback: scheduler, worker, app."""
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    scheduler = f"scheduler --host 127.0.0.1 --port {port} --dashboard-address :0"
    worker = f"worker {address} --nworkers 1 --nthreads 1 --preload lab.worker"
    worker += f" --no-dashboard --memory-limit 0 --local-directory {tmp_path}"
    log = (tmp_path / "log").open("w")
    before = set(workers_of(os.getpid()))  # of the engine that other tests share
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments.split()],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stderr=log,
        )
        for arguments in (scheduler, worker)
    ]
    try:
        with an_engine(tmp_path, replace(OURS, scheduler=address)) as engine:
            status = state(engine, engine.submit(TINY, "ann"), "finished")
            assert [arm.latest.epoch for arm in status.arms] == [2, 2]
            theirs = {
                child
                for process in started
                for child in psutil.Process(process.pid).children(recursive=True)
            }
            ours = set(workers_of(os.getpid())) - theirs - before
            assert not ours, "none of our own were started"
        assert all(process.poll() is None for process in started), "theirs stay"
    finally:
        for process in reversed(started):
            process.terminate()
        for process in reversed(started):
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        log.close()


def test_settings_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("LAB_WORKERS", "6")
    monkeypatch.setenv("LAB_UNWATCHED_SECONDS", "60")
    monkeypatch.setenv("DASK_SCHEDULER", "tcp://scheduler:8786")
    settings = Settings.from_environment()
    assert (settings.workers, settings.runs, settings.unwatched) == (6, 3, 60)
    assert settings.scheduler == "tcp://scheduler:8786"
    monkeypatch.setenv("LAB_WORKERS", "many")
    with pytest.raises(ValueError, match="LAB_WORKERS"):
        Settings.from_environment()
