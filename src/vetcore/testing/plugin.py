"""The pytest plugin: options, the marker, and on which engine a test runs.

It is loaded by pytest for every project that has vetcore installed, so it imports nothing.
"""

import pytest

__all__: list[str] = []

_ENGINES = ("sqlite", "postgresql")
_DESCRIPTION = "the database engine of vetcore's fixtures: sqlite or postgresql"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the command line and the configuration choose an engine."""
    group = parser.getgroup("vetcore")
    group.addoption(
        "--vetcore-database", choices=_ENGINES, help=f"{_DESCRIPTION} (default: as configured)"
    )
    parser.addini("vetcore_database", f"{_DESCRIPTION} (default: sqlite)", default="sqlite")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, and bring the fixtures in."""
    config.addinivalue_line(
        "markers",
        "vetcore_database(*engines): run the test on these engines, 'sqlite', 'postgresql' or both,"
        " in place of the configured one",
    )
    chosen = config.getini("vetcore_database")
    if chosen not in _ENGINES:
        message = f"vetcore_database is {chosen!r}; it must be one of {', '.join(_ENGINES)}"
        raise pytest.UsageError(message)
    if config.pluginmanager.has_plugin("asyncio"):
        config.pluginmanager.import_plugin("vetcore.testing.fixtures")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each engine that its marker names."""
    marker = metafunc.definition.get_closest_marker("vetcore_database")
    if marker is None or "vetcore_engine" not in metafunc.fixturenames:
        return
    unknown = [engine for engine in marker.args if engine not in _ENGINES]
    if unknown or not marker.args:
        message = (
            f"{metafunc.definition.nodeid}: vetcore_database names {unknown or 'no engine'}; "
            f"there are {', '.join(_ENGINES)}"
        )
        raise pytest.UsageError(message)
    metafunc.parametrize("vetcore_engine", marker.args, indirect=True)
