#!/usr/bin/env python3
"""Continuous integration: every session of ``./dev``, from nothing but Python 3.11 and pip.

All of them run, also after one has failed; the table at the end says how each went, and the exit
code is 0 only when all are well. Sessions may be named: ``.ci/run lint types``. Those that keep one
processor busy run two at a time; what such a session prints is shown when it has ended.
"""
# This file is read by whatever python3 is on the PATH, so it keeps to what every Python 3 knows.

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
STEPS = [
    "test",
    "docs",
    "wheel",
    "lint",
    "trial",
    "types",
    "examples",
    "migrations",
    "demo",
    "demo-postgresql",
    "stress",
]
ALONE = ["test", "stress"]
"""The suite has a worker for each processor, and the stress must not wait for others."""

COMMANDS = {
    "demo-postgresql": ["demo", "--engine", "postgresql"],
    "trial": ["trial", "--all"],
    "stress": ["stress", "--seconds", "60"],
}
LONGEST_SECONDS = 20 * 60


def usable_environment(scratch):  # noqa: ANN001, ANN201 -- older Pythons read this, too
    """Our variables, with a home and a place for packages that can be written to."""
    environment = dict(os.environ, PYTHONUNBUFFERED="1", CI="1")
    home = environment.get("HOME", "")
    if not (home and os.access(home, os.W_OK)):
        environment["HOME"] = scratch
    for name in ["XDG_CACHE_HOME", "XDG_CONFIG_HOME"]:
        if name in environment and not os.access(environment[name], os.W_OK):
            environment[name] = scratch
    if not os.access(ROOT, os.W_OK):
        environment["VETCORE_VENV"] = os.path.join(scratch, "venv")  # noqa: PTH118
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
    return environment


class Runner:
    """Runs steps, alone or two at a time, and keeps how each went."""

    def __init__(self, environment, scratch):  # noqa: ANN001, ANN204
        self.environment = environment
        self.scratch = scratch
        self.verdicts = {}
        self.running = set()
        self.lock = threading.Lock()
        self.stopped = False

    def all(self, steps):  # noqa: ANN001, ANN201
        """Run the steps in their order, but those that may run beside others two at a time."""
        beside = [step for step in steps if step not in ALONE]
        for step in steps:
            if step in ALONE:
                self.verdicts[step] = self.run(step, None)
            elif step == beside[0]:
                self.in_pairs(beside)

    def in_pairs(self, steps):  # noqa: ANN001, ANN201
        """Run steps two at a time."""
        waiting = list(steps)

        def work():  # noqa: ANN202
            while not self.stopped:
                with self.lock:
                    if not waiting:
                        return
                    step = waiting.pop(0)
                path = os.path.join(self.scratch, step + ".log")  # noqa: PTH118
                with open(path, "wb") as log:  # noqa: PTH123
                    self.verdicts[step] = self.run(step, log)
                with self.lock, open(path, encoding="utf-8", errors="replace") as log:  # noqa: PTH123
                    print(f"\n==== {step} ====")
                    shutil.copyfileobj(log, sys.stdout)
                    sys.stdout.flush()

        workers = [threading.Thread(target=work) for _ in range(2)]
        for worker in workers:
            worker.start()
        try:
            for worker in workers:
                worker.join()
        except KeyboardInterrupt:
            self.stopped = True
            with self.lock:
                left = list(self.running)
            for each in left:
                end(each)
            raise

    def run(self, step, log):  # noqa: ANN001, ANN201
        """Run a step to its end; whether it went well, and the seconds that it took."""
        if log is None:
            print(f"\n==== {step} ====", flush=True)
        started = time.time()
        command = [sys.executable, os.path.join(ROOT, "dev")]  # noqa: PTH118
        step_process = subprocess.Popen(
            command + COMMANDS.get(step, [step]),
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=None if log is None else subprocess.STDOUT,
            start_new_session=True,
        )
        self.running.add(step_process)
        try:
            code = step_process.wait(LONGEST_SECONDS)
        except subprocess.TimeoutExpired:
            print(f"{step} took longer than {LONGEST_SECONDS} s", flush=True)
            code = None
        except KeyboardInterrupt:
            end(step_process)
            raise
        finally:
            self.running.discard(step_process)
        if code is None:
            end(step_process)
        return code == 0, time.time() - started


def end(step_process):  # noqa: ANN001, ANN201
    """End a step with all that it started."""
    os.killpg(step_process.pid, signal.SIGTERM)
    try:
        step_process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(step_process.pid, signal.SIGKILL)
        step_process.wait()


def main(names):  # noqa: ANN001, ANN201
    """Run the steps that are named, or all."""
    unknown = [name for name in names if name not in STEPS]
    if unknown:
        sys.exit("no such step: {}; there are {}".format(", ".join(unknown), ", ".join(STEPS)))
    scratch = tempfile.mkdtemp(prefix="vetcore-ci-")
    started = time.time()
    steps = names or STEPS
    runner = Runner(usable_environment(scratch), scratch)
    try:
        runner.all(steps)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    print("\n==== verdict ====")
    for step in steps:
        well, seconds = runner.verdicts[step]
        print("{:6} {:16} {:6.1f} s".format("ok" if well else "FAILED", step, seconds))
    well = all(verdict[0] for verdict in runner.verdicts.values())
    print("{:6} {:16} {:6.1f} s".format("ok" if well else "FAILED", "all", time.time() - started))
    return 0 if well else 1


sys.exit(main(sys.argv[1:]))
