"""Indexes with options of a dialect, which loads when its options are asked for.

Given to :class:`sqlalchemy.Index`, ``postgresql_where`` and its like load that dialect at once, with
every driver that it knows. A process that talks to SQLite needs nothing of PostgreSQL's, and the other
way round.
"""

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from sqlalchemy import Index
from typing_extensions import override

__all__ = ["index"]


class _Options(MutableMapping[str, Any]):
    """An index's options by dialect, as SQLAlchemy keeps them; those of a dialect on demand."""

    def __init__(self, given: Mapping[str, Mapping[str, Any]]) -> None:
        self._given = given
        self._read: dict[str, Any] = {}

    @override
    def __getitem__(self, dialect: str) -> Any:
        if dialect not in self._read:
            given = self._given.get(dialect, {})
            made = Index(None, **{f"{dialect}_{name}": value for name, value in given.items()})
            self._read[dialect] = made.dialect_options[dialect]
        return self._read[dialect]

    @override
    def __setitem__(self, dialect: str, options: Any) -> None:
        self._read[dialect] = options

    @override
    def __delitem__(self, dialect: str) -> None:
        raise TypeError(dialect)

    @override
    def __contains__(self, dialect: object) -> bool:
        return dialect in self._given or dialect in self._read

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._given, *self._read)))

    @override
    def __len__(self) -> int:
        return len(self._given.keys() | self._read.keys())


def index(name: str, *columns: str, unique: bool = False, **options: Mapping[str, Any]) -> Index:
    """Return an index of that name.

    Args:
        name: the whole name, which no convention changes.
        columns: their names.
        unique: whether no two rows may have the same values.
        options: by dialect, what SQLAlchemy's index takes as ``<dialect>_<option>``: that of
            ``postgresql_where`` is ``postgresql={"where": …}``.
    """
    made = Index(name, *columns, unique=unique)
    made.dialect_options = _Options(options)
    return made
