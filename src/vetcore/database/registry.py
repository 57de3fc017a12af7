"""What the layers above declare of their tables, so that this one need not know any entity."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import MetaData

__all__ = ["Schema", "schema"]


@dataclass(slots=True)
class Schema:
    """The tables that vetcore's migrations look after, and what goes with them."""

    metadata: list[MetaData] = field(default_factory=list)
    """Every known MetaData, to name the columns that a constraint is about."""
    tables: set[str] = field(default_factory=set)
    """Names of the tables that our migrations own; a consumer's may share the MetaData."""
    guards: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """Per dialect: triggers, virtual tables and generated columns, by name, as DDL."""
    shadows: tuple[str, ...] = ()
    """Prefixes of the tables that SQLite keeps behind virtual tables."""

    def describe(self, metadata: MetaData) -> None:
        """Make a MetaData known; a service may add its own."""
        if metadata not in self.metadata:
            self.metadata.append(metadata)

    def own(
        self,
        metadata: MetaData,
        *,
        guards: Mapping[str, Mapping[str, str]],
        shadows: tuple[str, ...],
    ) -> None:
        """Declare that our migrations look after all tables that ``metadata`` has by now."""
        self.describe(metadata)
        self.tables |= {table.name for table in metadata.tables.values()}
        self.guards.update(guards)
        self.shadows = shadows


schema = Schema()
"""The one registry of the process; ``vetcore.models`` fills it when it is imported."""
