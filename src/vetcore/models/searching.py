"""What the databases store for searching: names folded by :func:`vetcore.values.matching.fold`.

PostgreSQL has them in generated columns with trigram indexes. SQLite has a table of every name in
use, ``search_names``, which triggers fill, and a full-text index of trigrams over that table. In
both cases the database itself keeps them up to date, whoever writes.
"""

# ruff: noqa: S608 -- SQL from our own words

from collections.abc import Iterator
from typing import Final

from vetcore.values.matching import EXPANSIONS, letters

__all__ = [
    "PETS_ON_POSTGRESQL",
    "PHONE_TAIL",
    "SQLITE_NAMES",
    "USERS_ON_POSTGRESQL",
]

PHONE_TAIL: Final = 7
"""Digits at the end of a telephone number that are the same however it is dialled."""


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _spelt_out(folded: str) -> str:
    for ligature, spelt in EXPANSIONS:
        folded = f"replace({folded}, {_quoted(ligature)}, {_quoted(spelt)})"
    return folded


def _folded_on_postgresql(text: str) -> str:
    """The locale must have no say: what is stored is compared with what Python folds."""
    source, target = (_quoted(each) for each in letters())
    lower = f'lower({text} COLLATE "C")'
    return (
        f"CASE WHEN octet_length({text}) = length({text}) THEN {lower} ELSE\n    "
        + _spelt_out(f"translate({lower},\n    {source},\n    {target})")
        + " END"
    )


def _folded_on_sqlite(text: str) -> str:
    """SQLite knows the case of ASCII alone, and has no ``translate``."""
    source, target = (_quoted(each) for each in letters())
    # An array of as many noughts as there are letters; their keys are the places.
    places = f"'[' || rtrim(replace(hex(zeroblob(length({text}))), '00', '0,'), ',') || ']'"
    each = (
        f"SELECT instr({source},\n        letter) AS place, letter FROM (\n"
        f"        SELECT substr(lower({text}), key + 1, 1) AS letter\n"
        f"        FROM json_each({places}))"
    )
    joined = (
        # Looking a letter up takes long: none of ASCII is.
        "(SELECT group_concat(CASE WHEN letter < char(128) OR place = 0 THEN letter ELSE\n        "
        f"substr({target},\n        place, 1) END, '') FROM (\n        {each}))"
    )
    return (
        f"CASE WHEN length(CAST({text} AS BLOB)) = length({text}) THEN lower({text}) ELSE\n        "
        + _spelt_out(joined)
        + " END"
    )


def _on_postgresql(table: str, name: str) -> dict[str, str]:
    indexed = f"ix_{table}_search_name"
    return {
        f"{table}.search_name": (
            f'ALTER TABLE {table} ADD COLUMN search_name text COLLATE "C" GENERATED ALWAYS AS (\n'
            f"    {_folded_on_postgresql(name)}) STORED"
        ),
        indexed: (f"CREATE INDEX {indexed} ON {table} (search_name, id) WHERE deleted_at IS NULL"),
        # What waits to be sorted in is read through by each search: let it be little.
        f"{indexed}_trigrams": (
            f"CREATE INDEX {indexed}_trigrams ON {table} USING gin"
            " (search_name gin_trgm_ops) WITH (gin_pending_list_limit = 256)"
        ),
    }


PETS_ON_POSTGRESQL: Final = _on_postgresql("pets", "trim(name)")
USERS_ON_POSTGRESQL: Final = _on_postgresql("users", "trim(last_name || ' ' || first_name)") | {
    "users.search_phone": (
        'ALTER TABLE users ADD COLUMN search_phone text COLLATE "C" GENERATED ALWAYS AS (\n'
        f"    right(phone, {PHONE_TAIL})) STORED"
    ),
    "ix_users_search_phone": (
        "CREATE INDEX ix_users_search_phone ON users (search_phone, id) WHERE deleted_at IS NULL"
    ),
}

_KINDS: Final = (
    ("pets", "pet", ("name",)),
    ("users", "user", ("last_name", "first_name")),
    ("users", "phone", ("phone",)),
)
"""Of which table what is listed in ``search_names``, from which columns."""


def _list_triggers() -> Iterator[tuple[str, str]]:
    """Whatever is written to the tables gets onto the list, and off it with its last bearer."""
    for table, kind, columns in _KINDS:
        first, *others = columns
        new_rest, old_rest = (f"{row}.{others[0]}" if others else "''" for row in ("NEW", "OLD"))
        add = (
            "INSERT INTO search_names (kind, first, rest)\n"
            f"    SELECT '{kind}', NEW.{first}, {new_rest} WHERE NEW.{first} IS NOT NULL\n"
            "    ON CONFLICT DO NOTHING;"
        )
        bearer = " AND ".join(f"{column} = OLD.{column}" for column in columns)
        remove = (
            "DELETE FROM search_names\n"
            f"    WHERE kind = '{kind}' AND first = OLD.{first} AND rest = {old_rest}\n"
            f"    AND NOT EXISTS (SELECT 1 FROM {table} WHERE {bearer});"
        )
        for moment, when, body in (
            ("insert", "INSERT", add),
            ("update", f"UPDATE OF {', '.join(columns)}", f"{remove}\n    {add}"),
            ("delete", "DELETE", remove),
        ):
            name = f"search_{kind}s_{moment}"
            yield name, f"CREATE TRIGGER {name} AFTER {when} ON {table}\nBEGIN\n    {body}\nEND"


def _padded(folded: str) -> str:
    """As trigrams want it: two blanks before each word and one after."""
    return f"'  ' || replace({folded}, ' ', '   ') || ' '"


_FOLDED_NAME: Final = _folded_on_sqlite("trim(NEW.first || ' ' || NEW.rest)")

SQLITE_NAMES: Final = {
    "search_names": (
        "CREATE TABLE search_names (\n"
        "    key INTEGER PRIMARY KEY, kind TEXT NOT NULL, first TEXT NOT NULL,\n"
        "    rest TEXT NOT NULL, folded TEXT, UNIQUE (kind, first, rest))"
    ),
    "ix_search_names_kind_folded": (
        "CREATE INDEX ix_search_names_kind_folded ON search_names (kind, folded)"
    ),
    "search_names_trigrams": (
        "CREATE VIRTUAL TABLE search_names_trigrams USING fts5(\n"
        "    folded, content='', detail='none', columnsize=0, tokenize='trigram')"
    ),
    "search_names_insert": (
        "CREATE TRIGGER search_names_insert AFTER INSERT ON search_names\nBEGIN\n"
        "    UPDATE search_names SET folded = CASE kind\n"
        f"        WHEN 'phone' THEN substr(NEW.first, -{PHONE_TAIL})\n"
        f"        ELSE {_FOLDED_NAME} END\n"
        "    WHERE key = NEW.key;\n"
        "    INSERT INTO search_names_trigrams (rowid, folded)\n"
        f"    SELECT key, {_padded('folded')} FROM search_names\n"
        "    WHERE key = NEW.key AND kind <> 'phone';\nEND"
    ),
    "search_names_delete": (
        "CREATE TRIGGER search_names_delete AFTER DELETE ON search_names\n"
        "WHEN OLD.kind <> 'phone'\nBEGIN\n"
        "    INSERT INTO search_names_trigrams (search_names_trigrams, rowid, folded)\n"
        f"    VALUES ('delete', OLD.key, {_padded('OLD.folded')});\nEND"
    ),
    **dict(_list_triggers()),
}
"""SQLite's own, by name, in the order of creation."""
