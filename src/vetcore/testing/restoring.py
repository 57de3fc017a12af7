"""Makes a SQLite file equal to its template while its connections stay open.

Opening such a file means to read its schema with all triggers, which takes longer than most tests.
"""

import sqlite3

__all__ = ["Restorer"]

_IMMEDIATELY = ("busy_timeout = 100", "synchronous = OFF", "wal_autocheckpoint = 1")
"""What is restored goes into the file itself, and does not stay in the log beside it."""


class Restorer:
    """Copies of a file, with a connection to each.

    Args:
        template: the path of a file that stays as it is.
    """

    def __init__(self, template: str) -> None:
        self._template = _opened(template)
        self._version = _version(self._template)
        self._opened: dict[str, sqlite3.Connection] = {}

    def restored(self, path: str) -> bool:
        """Make the file equal to the template. Return False if its schema was changed."""
        if path not in self._opened:
            self._opened[path] = _opened(path)
            for pragma in _IMMEDIATELY:
                self._opened[path].execute(f"PRAGMA {pragma}")
        connection = self._opened[path]
        try:
            if _version(connection) != self._version:
                return False
            self._template.backup(connection)
            # A backup counts as a change of the schema, which all would have to read again.
            connection.execute(f"PRAGMA schema_version = {self._version}")
        except sqlite3.Error:
            return False
        return True

    def forget(self, path: str) -> None:
        """Disconnect from a copy."""
        if path in self._opened:
            self._opened.pop(path).close()

    def close(self) -> None:
        """Disconnect from all copies."""
        for path in list(self._opened):
            self.forget(path)
        self._template.close()


def _opened(path: str) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False)


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA schema_version").fetchone()
    return int(version)
