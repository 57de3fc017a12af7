"""Runs the examples of README.md and of docs/: ``pytest README.md docs``.

Python blocks of one page share a namespace, run from top to bottom, and may ``await``. A block whose
first line is a comment that names a file (``# test_clinic.py``) is written to that file instead. Blocks
of ``docs/contributing/adding-an-entity.md`` are applied by a test of its own, too.
Console blocks run their ``$`` lines. Each page has an empty directory to itself.
"""

import ast
import asyncio
import inspect
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, SkipParser

pytest_plugins = ["pytester"]


_NAMED = re.compile(r"# ((?:\w+/)*\w+\.(?:py|toml))\n")


def _written(example: Example) -> bool:
    """Whether the block is a file; if so it is one now."""
    named = _NAMED.match(example.parsed)
    if named is not None:
        path = Path(named.group(1))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(example.parsed)
    return named is not None


def _run_toml(example: Example) -> None:
    if not _written(example):
        tomllib.loads(example.parsed)


def _run_python(example: Example) -> None:
    if _written(example):
        return
    source = "\n" * (example.line + example.parsed.line_offset) + example.parsed
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    code = compile(source, example.path, "exec", flags=flags, dont_inherit=True)
    if code.co_flags & inspect.CO_COROUTINE:
        example.namespace["_runner"].run(_awaited(code, example.namespace))
    else:
        exec(code, example.namespace)  # noqa: S102 -- our own documentation


async def _awaited(code: Any, namespace: dict[str, Any]) -> None:
    await eval(code, namespace)  # noqa: S307 -- our own documentation


def _run_console(example: Example) -> None:
    commands = [line[2:] for line in example.parsed.splitlines() if line.startswith("$ ")]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for command in commands:
        done = subprocess.run(  # noqa: S602 -- our own documentation
            command,
            shell=True,
            env=os.environ | {"PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"  # noqa: S101


def _set_up(namespace: dict[str, Any]) -> None:
    stack = namespace["_stack"] = ExitStack()
    home = Path.cwd()
    os.chdir(stack.enter_context(tempfile.TemporaryDirectory()))
    stack.callback(os.chdir, home)
    namespace["_runner"] = stack.enter_context(asyncio.Runner())


def _tear_down(namespace: dict[str, Any]) -> None:
    namespace["_stack"].close()


pytest_collect_file = Sybil(
    parsers=[
        CodeBlockParser("python", _run_python),
        CodeBlockParser("toml", _run_toml),
        CodeBlockParser("console", _run_console),
        SkipParser(),
    ],
    patterns=["README.md", "docs/*.md", "docs/**/*.md"],
    setup=_set_up,
    teardown=_tear_down,
).pytest()
