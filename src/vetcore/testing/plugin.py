"""The pytest plugin: its options, its marker, and the choice of engines for each test.

pytest loads it in every project that has vetcore installed, so it imports nothing else.
"""

import os
from collections.abc import Sequence

import pytest

__all__: list[str] = []

_ENGINES = ("sqlite", "postgresql")
_VARIABLE = "VETCORE_TEST_DATABASE"
_DESCRIPTION = "the database engines of vetcore's fixtures, sqlite or postgresql or both"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options by which engines are chosen."""
    group = parser.getgroup("vetcore")
    group.addoption(
        "--vetcore-database",
        action="append",
        choices=_ENGINES,
        help=f"{_DESCRIPTION} (may be given twice; default: {_VARIABLE}, else as configured)",
    )
    parser.addini(
        "vetcore_database", f"{_DESCRIPTION} (default: sqlite)", type="args", default=["sqlite"]
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, and bring the fixtures in."""
    config.addinivalue_line(
        "markers",
        "vetcore_database(*engines): run the test on these engines, 'sqlite', 'postgresql' or both,"
        " in place of the configured ones",
    )
    _known(config.getini("vetcore_database"), "the configuration")
    _known(os.environ.get(_VARIABLE, "").split() or _ENGINES, _VARIABLE)
    if _runs_coroutines(config):
        config.pluginmanager.import_plugin("vetcore.testing.fixtures")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each engine."""
    if "vetcore_engine" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("vetcore_database")
    config = metafunc.config
    chosen = (
        config.getoption("--vetcore-database")
        or os.environ.get(_VARIABLE, "").split()
        or config.getini("vetcore_database")
    )
    engines = chosen if marker is None else _known(marker.args, metafunc.definition.nodeid)
    metafunc.parametrize("vetcore_engine", engines)


def _runs_coroutines(config: pytest.Config) -> bool:
    """Whether pytest-asyncio is there, by whichever name it was loaded."""
    try:
        config.getini("asyncio_mode")
    except ValueError:
        return False
    return True


def _known(engines: Sequence[str], where: str) -> Sequence[str]:
    unknown = [engine for engine in engines if engine not in _ENGINES]
    if unknown or not engines:
        message = (
            f"{where}: vetcore_database names {', '.join(unknown) or 'no engine'}; "
            f"there are {', '.join(_ENGINES)}"
        )
        raise pytest.UsageError(message)
    return engines
