"""Random statements over what a restricted session shows: questions, and attempts at more."""

import random
from typing import Any, Final
from uuid import UUID

from tests.access.copies import TABLES

__all__ = ["attempt_at_more", "question"]

_EDGES: Final = [
    (table.name, key.parent.name, key.column.table.name, key.column.name)
    for entity in TABLES.values()
    for table in [entity.__table__]
    for key in table.foreign_keys
    if key.column.table.name in TABLES
]
"""From table and column, to table and column."""

_TOKEN: Final = "current_setting('vetcore.token')"


class _Asking:
    """One question in the making."""

    def __init__(self, chance: random.Random, keys: list[UUID]) -> None:
        self.chance = chance
        self.keys = keys
        self.count = 0

    def alias(self) -> str:
        self.count += 1
        return f"t{self.count}"

    def column(self, table: str) -> str:
        return str(self.chance.choice([each.name for each in _columns(table)]))

    def condition(self, alias: str, table: str, depth: int = 0) -> str:  # noqa: PLR0911 -- a table of ways
        """A condition on a row of ``table``."""
        column = f"{alias}.{self.column(table)}"
        kind = self.chance.randrange(10 if depth < 2 else 6)
        match kind:
            case 0:
                return f"{column} IS NULL"
            case 1:
                return f"{column} IS NOT NULL"
            case 2:
                return f"length({column}::text) > {self.chance.randrange(12)}"
            case 3:
                return f"md5({column}::text) < '{self.chance.choice('2468ace')}'"
            case 4:
                return f"to_jsonb({alias})::text ~ '{self.chance.choice('abc123')}'"
            case 5:
                mine = self.chance.choice(self.keys)
                return f"{alias}.{_key(table)} {self.chance.choice(['=', '<', '<>'])} '{mine}'"
            case 6:
                return f"NOT ({self.condition(alias, table, depth + 1)})"
            case 7:
                ways = (" AND ", " OR ")
                both = [self.condition(alias, table, depth + 1) for _ in range(2)]
                return f"({self.chance.choice(ways).join(both)})"
            case _:
                return self.related(alias, table, depth)

    def related(self, alias: str, table: str, depth: int) -> str:
        """Whether there is a row that belongs to it."""
        edges = [each for each in _EDGES if table in {each[0], each[2]}]
        start, column, end, key = self.chance.choice(edges)
        other = self.alias()
        if start == table:
            inner = self.condition(other, end, depth + 1)
            if self.chance.random() < 0.5:
                return (
                    f"{alias}.{column} IN (SELECT {other}.{key} FROM {end} {other} WHERE {inner})"
                )
            return f"EXISTS (SELECT FROM {end} {other} WHERE {other}.{key} = {alias}.{column} AND {inner})"
        inner = self.condition(other, start, depth + 1)
        return f"EXISTS (SELECT FROM {start} {other} WHERE {other}.{column} = {alias}.{key} AND {inner})"

    def source(self) -> tuple[str, list[tuple[str, str]]]:
        """Tables, joined."""
        table = self.chance.choice([*TABLES])
        alias = self.alias()
        sources, text = [(alias, table)], f"{table} {alias}"
        for _ in range(self.chance.choice([0, 0, 1, 1, 2])):
            near, at = self.chance.choice(sources)
            edges = [each for each in _EDGES if at in {each[0], each[2]}]
            start, column, end, key = self.chance.choice(edges)
            other = self.alias()
            if start == at:
                name, on = end, f"{near}.{column} = {other}.{key}"
            else:
                name, on = start, f"{other}.{column} = {near}.{key}"
            way = self.chance.choice(["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"])
            if self.chance.random() < 0.3 and way in {"JOIN", "LEFT JOIN"}:
                inner = f"SELECT * FROM {name} {other} WHERE {on}"
                text += f" {way} LATERAL ({inner}) {other} ON true"
            else:
                text += f" {way} {name} {other} ON {on}"
            sources.append((other, name))
        return text, sources

    def select(self) -> str:
        """A question: rows, or what is counted of them."""
        text, sources = self.source()
        where = ""
        if self.chance.random() < 0.7:
            where = f" WHERE {self.condition(*self.chance.choice(sources))}"
        alias, table = self.chance.choice(sources)
        column = f"{alias}.{self.column(table)}"
        match self.chance.randrange(8):
            case 0:
                return f"SELECT count(*), count({column}) FROM {text}{where}"
            case 1:
                return f"SELECT {column}::text, count(*) FROM {text}{where} GROUP BY 1"
            case 2:
                found = f"array_agg(DISTINCT {column}::text ORDER BY {column}::text)"
                return f"SELECT {found} FROM {text}{where}"
            case 3:
                return f"SELECT to_jsonb({alias})::text FROM {text}{where}"
            case 4:
                ranked = f"rank() OVER (PARTITION BY {column}::text ORDER BY {alias}.{_key(table)})"
                return f"SELECT {ranked} FROM {text}{where}"
            case 5:
                ordered = f"SELECT DISTINCT {column}::text AS x FROM {text}{where} ORDER BY 1"
                return f"SELECT x FROM ({ordered} LIMIT {self.chance.randrange(1, 9)}) AS few"
            case 6:
                return f"WITH some AS (SELECT {column}::text AS x FROM {text}{where}) SELECT min(x), max(x), count(x) FROM some"
            case _:
                several = ", ".join(f"{a}.{self.column(t)}::text" for a, t in sources)
                return f"SELECT {several} FROM {text}{where}"


def _columns(table: str) -> list[Any]:
    return list(TABLES[table].__table__.columns)


def _key(table: str) -> str:
    return str(next(iter(TABLES[table].__table__.primary_key)).name)


def question(chance: random.Random, keys: list[UUID]) -> str:
    """A question. Its answer depends on the rows that it sees, and on nothing else.

    Args:
        chance: decides it.
        keys: of some rows, to ask for by name.
    """
    asking = _Asking(chance, keys)
    if chance.random() < 0.15:
        way = chance.choice(["UNION ALL", "UNION", "INTERSECT", "EXCEPT"])
        columns: list[str] = []
        for _ in range(2):
            text, sources = asking.source()
            alias, table = chance.choice(sources)
            columns.append(f"SELECT {alias}.{asking.column(table)}::text FROM {text}")
        return f" {way} ".join(columns)
    return asking.select()


def attempt_at_more(
    chance: random.Random, keys: list[UUID], person: UUID | None
) -> tuple[str, bool]:
    """A statement that wants more than it may, and whether it ends one's own rights if it is carried out.

    Args:
        chance: decides it.
        keys: of some rows.
        person: who asks; they try to be somebody else.
    """
    table = chance.choice([*TABLES])
    column = chance.choice(_columns(table)).name
    somebody = chance.choice([key for key in keys if key != person])
    harmless = [
        f"INSERT INTO {table} SELECT * FROM {table}",
        f"UPDATE {table} SET {column} = {column}",
        f"DELETE FROM {table}",
        f"INSERT INTO public.{table} SELECT * FROM {table}",
        f"UPDATE public.{table} SET {column} = NULL",
        f"DELETE FROM public.{table}",
        f"TRUNCATE public.{table}",
        f"DROP VIEW {table} CASCADE",
        f"ALTER TABLE public.{table} DISABLE TRIGGER ALL",
        f"SELECT * FROM public.{table}",
        f"COPY public.{table} TO STDOUT",
        f"CREATE TEMPORARY TABLE {table} AS SELECT * FROM {table}",
        f"SELECT * FROM {table} FOR UPDATE",
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION postgres",
        "SET row_security = off",
        "RESET ROLE",
        "SET LOCAL session_replication_role = replica",
        "SELECT * FROM vetcore_restricted.keys",
        f"SELECT set_config('vetcore.actor', '{somebody}', true)",
        "DO $$ BEGIN DELETE FROM public.pets; END $$",
        "SELECT query_to_xml('DELETE FROM public.pets RETURNING *', true, true, '')",
    ]
    change = f"replace({_TOKEN}, split_part({_TOKEN}, ':', 3), '{somebody.hex}')"
    forged = f"v1:test:{somebody.hex}:99999999999:1:1.000000:{'0' * 64}"
    ends = [
        f"SELECT set_config('vetcore.token', '{forged}', true)",
        f"SELECT set_config('vetcore.token', {change}, true)",
        "RESET vetcore.token",
        "SET LOCAL vetcore.token = ''",
    ]
    if chance.random() < 0.2:
        return chance.choice(ends), True
    return chance.choice(harmless), False
