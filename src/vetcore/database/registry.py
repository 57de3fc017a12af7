"""What the layers above declare of their tables, so that this layer need know no entity."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Index, MetaData, PrimaryKeyConstraint, Table, UniqueConstraint
from sqlalchemy.sql.schema import ColumnCollectionConstraint

if TYPE_CHECKING:
    from vetcore.database.cleaning import Retention

__all__ = ["Guards", "Rule", "Schema", "schema"]

Guards = Mapping[str, Mapping[str, str]]
"""By table, after which they are created: statements by the names of what they create."""


class Rule(NamedTuple):
    """A constraint or unique index: its name, its table, and the columns it is about."""

    name: str
    table: str
    columns: tuple[str, ...]
    unique: bool


@dataclass(slots=True)
class Schema:
    """The tables that vetcore's migrations manage, and what belongs to them."""

    metadata: list[MetaData] = field(default_factory=list[MetaData])
    """Every known MetaData, to name the columns that a constraint is about."""
    tables: set[str] = field(default_factory=set[str])
    """Names of the tables that our migrations own; a consumer's may share the MetaData."""
    guards_of: Callable[[str], Guards] | None = None
    """Asked with a dialect's name."""
    rules_of: Callable[[], Iterable[Rule]] | None = None
    """What the guards are about that have no error of their own."""
    retention_of: "Callable[[], Retention] | None" = None
    """Asked by who cleans the database."""
    shadows: tuple[str, ...] = ()
    """Prefixes of the tables that SQLite keeps behind virtual tables."""
    filled: frozenset[str] = frozenset()
    """Tables in which triggers write a row for each row of another table."""

    def describe(self, metadata: MetaData) -> None:
        """Register a MetaData. A service may add its own."""
        if metadata not in self.metadata:
            self.metadata.append(metadata)

    def own(  # noqa: PLR0913 -- by name
        self,
        metadata: MetaData,
        *,
        guards: Callable[[str], Guards],
        rules: Callable[[], Iterable[Rule]],
        retention: "Callable[[], Retention]",
        shadows: tuple[str, ...],
        filled: frozenset[str],
    ) -> None:
        """Declare that the package's migrations manage all tables that ``metadata`` has by now."""
        self.describe(metadata)
        self.tables |= {table.name for table in metadata.tables.values()}
        self.guards_of = guards
        self.rules_of = rules
        self.retention_of = retention
        self.shadows = shadows
        self.filled = filled

    def guards(self, dialect: str) -> Mapping[str, str]:
        """Return the DDL of triggers, constraints and all else that no table declares, by name."""
        if self.guards_of is None:
            return {}
        by_table = self.guards_of(dialect)
        return {name: ddl for each in by_table.values() for name, ddl in each.items()}

    def every_table(self) -> Iterator[Table]:
        """The tables of every known MetaData."""
        for known in self.metadata:
            yield from known.tables.values()

    def table(self, name: str | None) -> Table | None:
        """Return the table of that name."""
        return next((table for table in self.every_table() if table.name == name), None)

    def rule(self, name: str | None, table: str | None = None) -> Rule | None:
        """Return the constraint or index of that name."""
        return next((rule for rule in self._rules(table) if rule.name == name), None)

    def unique_over(self, table: str, columns: tuple[str, ...]) -> Rule | None:
        """Return the constraint or index that keeps those columns of ``table`` unique."""
        found = (rule for rule in self._rules(table) if rule.unique and rule.columns == columns)
        return next(found, None)

    def _rules(self, only: str | None) -> Iterator[Rule]:
        for table in self.every_table():
            if only is not None and table.name != only:
                continue
            for item in (*table.indexes, *table.constraints):
                if isinstance(item, Index | ColumnCollectionConstraint) and item.name:
                    columns = tuple(column.name for column in item.columns)
                    unique = isinstance(item, PrimaryKeyConstraint | UniqueConstraint) or (
                        isinstance(item, Index) and item.unique
                    )
                    yield Rule(str(item.name), table.name, columns, unique)
        if self.rules_of is not None:
            yield from (rule for rule in self.rules_of() if only in {None, rule.table})


schema = Schema()
"""The one registry of the process; ``vetcore.models`` fills it when it is imported."""
