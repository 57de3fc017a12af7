"""What makes a service on vetcore easy to test: databases, data, a clock that stands, assertions.

Installed with the extra ``testing``, it is a pytest plugin: its fixtures (``db``, ``session``,
``clock``, …) are there without an import; :mod:`vetcore.testing.fixtures` describes them. What is
imported from here works without pytest, too.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vetcore.testing.assertions import (
        Refusal,
        Statements,
        assert_no_overlap,
        count_statements,
        refused,
    )
    from vetcore.testing.databases import ScratchDatabases, running_test_server

__all__ = [
    "Refusal",
    "ScratchDatabases",
    "Statements",
    "assert_no_overlap",
    "count_statements",
    "refused",
    "running_test_server",
]

_HOMES = {
    "Refusal": "assertions",
    "Statements": "assertions",
    "ScratchDatabases": "databases",
    "assert_no_overlap": "assertions",
    "count_statements": "assertions",
    "refused": "assertions",
    "running_test_server": "databases",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module  # noqa: PLC0415 -- with the first name that is used

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
