#!/usr/bin/env python3
"""Continuous integration: every session of ``./dev``, from nothing but Python 3.11 and pip.

All of them run, also after one has failed; the table at the end says how each went, and the exit
code is 0 only when all are well. Sessions may be named: ``.ci/run lint types``.
"""
# This file is read by whatever python3 is on the PATH, so it keeps to what every Python 3 knows.

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
STEPS = [
    "lint",
    "types",
    "test",
    "trial",
    "docs",
    "examples",
    "migrations",
    "demo",
    "demo-postgresql",
    "wheel",
    "stress",
]
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


def run(step, environment):  # noqa: ANN001, ANN201
    """Run a step to its end; whether it went well, and the seconds that it took."""
    print(f"\n==== {step} ====", flush=True)
    started = time.time()
    command = [sys.executable, os.path.join(ROOT, "dev")]  # noqa: PTH118
    step_process = subprocess.Popen(
        command + COMMANDS.get(step, [step]),
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        code = step_process.wait(LONGEST_SECONDS)
    except subprocess.TimeoutExpired:
        print(f"{step} took longer than {LONGEST_SECONDS} s", flush=True)
        code = None
    except KeyboardInterrupt:
        end(step_process)
        raise
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
    verdicts = []
    try:
        environment = usable_environment(scratch)
        for step in names or STEPS:
            verdicts.append((step, *run(step, environment)))  # noqa: PERF401
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    print("\n==== verdict ====")
    for step, well, seconds in verdicts:
        print("{:6} {:16} {:6.1f} s".format("ok" if well else "FAILED", step, seconds))
    well = all(verdict[1] for verdict in verdicts)
    print("{:6} {:16} {:6.1f} s".format("ok" if well else "FAILED", "all", time.time() - started))
    return 0 if well else 1


sys.exit(main(sys.argv[1:]))
