"""A PostgreSQL server for tests: one that is named, an embedded one, or a container."""

import os
import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from vetcore.errors import ConfigurationError

__all__ = ["URL_VARIABLE", "running_test_server", "shared_test_server"]

URL_VARIABLE = "VETCORE_TEST_POSTGRESQL_URL"


@contextmanager
def running_test_server() -> Generator[str]:
    """Yield the URL of a PostgreSQL server's maintenance database.

    The server is the one that ``VETCORE_TEST_POSTGRESQL_URL`` names, whose user may create
    databases. Without it, a server is started from the binaries of this machine or of the extra
    ``postgres-binaries``. Without these, it is a container, if ``testcontainers`` is installed and
    Docker runs.

    Raises:
        ConfigurationError: there is none of these; it says what would help.
    """
    given = os.environ.get(URL_VARIABLE)
    if given:
        yield given
        return
    from vetcore.embedded import running_postgresql  # noqa: PLC0415 -- where it is needed

    with ExitStack() as stack:
        try:
            url = stack.enter_context(running_postgresql()).url("postgres")
        except ConfigurationError as error:
            url = stack.enter_context(_container(error))
        yield url


@contextmanager
def shared_test_server(directory: Path) -> Generator[str]:
    """Yield the URL of a server that all processes share which name ``directory``.

    The process that started the server must end last.

    Raises:
        ConfigurationError: there is none; it says what would help.
    """
    if sys.platform == "win32" or os.environ.get(URL_VARIABLE):
        with running_test_server() as url:
            yield url
        return
    import fcntl  # noqa: PLC0415 -- Windows has none: there, each process starts its own

    def locked(file: IO[str]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    with ExitStack() as stack:
        starting, owner, users = (
            stack.enter_context((directory / f"postgresql.{name}").open("a+"))
            for name in ("starting", "owner", "users")
        )
        # Locks end with their process, however that ends, so none is ever left behind.
        fcntl.flock(starting, fcntl.LOCK_EX)
        owned = locked(owner)
        if not owned:
            fcntl.flock(users, fcntl.LOCK_SH)  # which waits for an owner that is about to leave
            owned = locked(owner)
        if owned:
            fcntl.flock(users, fcntl.LOCK_UN)
            url = stack.enter_context(running_test_server())
            starting.truncate(0)
            starting.write(url)
            starting.flush()
            stack.callback(fcntl.flock, users, fcntl.LOCK_EX)  # until the others have finished
        else:
            starting.seek(0)
            url = starting.read()
        fcntl.flock(starting, fcntl.LOCK_UN)
        yield url


@contextmanager
def _container(without: ConfigurationError) -> Generator[str]:
    try:
        # A project's tests bring it or do not; its types are nowhere then.
        testcontainers: Any = import_module("testcontainers.postgres")
    except ImportError:
        message = (
            f"{without.message}. Or name a server in {URL_VARIABLE}, or install testcontainers"
        )
        raise ConfigurationError(message, setting=URL_VARIABLE) from without
    with testcontainers.PostgresContainer("postgres:18-alpine", driver=None) as container:
        url: str = container.get_connection_url()
        yield url
