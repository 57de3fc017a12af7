"""A pytest plugin (``-p tests.no_skips``): a run in which a test was skipped has failed.

A test that does not run proves nothing, and a run without PostgreSQL would look as green as one
with it. Expected failures are not skipped tests.
"""

import pytest

_skipped: list[str] = []


def pytest_configure() -> None:
    _skipped.clear()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        _skipped.append(report.nodeid)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.skipped:
        _skipped.append(report.nodeid)


def pytest_deselected(items: list[pytest.Item]) -> None:
    del items  # whoever deselects asked for it


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if _skipped and session.exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _skipped:
        terminalreporter.section("skipped tests fail this run", red=True)
        for nodeid in dict.fromkeys(_skipped):
            terminalreporter.line(nodeid)
