"""What happens to the rows in revision 0008, on either engine."""

import hashlib
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from vetcore.errors import MigrationError
from vetcore.migrations import op
from vetcore.migrations.steps import execute, is_postgresql

__all__ = [
    "bring_back",
    "detach_duplicates",
    "name_signers",
    "put_away",
    "seal_earlier",
    "write_addenda_back",
]

_INSTANT: Final = sa.DateTime(timezone=True)
_ARCHIVE: Final = "record_archive"

_RECORDS: Final = sa.table(
    "medical_records",
    sa.column("id", sa.Uuid()),
    sa.column("clinic_id", sa.Uuid()),
    sa.column("appointment_id", sa.Uuid()),
    sa.column("signed_at", _INSTANT),
    sa.column("signed_by_user_id", sa.Uuid()),
    sa.column("signature", sa.String()),
    sa.column("created_at", _INSTANT),
    sa.column("deleted_at", _INSTANT),
    sa.column("addenda"),
)
_ADDENDA: Final = sa.table(
    "record_addenda",
    sa.column("record_id", sa.Uuid()),
    sa.column("number", sa.Integer()),
    sa.column("author_id", sa.Uuid()),
    sa.column("written_at", _INSTANT),
    sa.column("text", sa.Text()),
    sa.column("signature", sa.String()),
)
_SEALS: Final = sa.table(
    "record_seals",
    sa.column("clinic_id", sa.Uuid()),
    sa.column("number", sa.Integer()),
    sa.column("kind", sa.String()),
    sa.column("record_id", sa.Uuid()),
    sa.column("addendum", sa.Integer()),
    sa.column("pet_id", sa.Uuid()),
    sa.column("release_id", sa.Uuid()),
    sa.column("signed", sa.String()),
    sa.column("by_id", sa.Uuid()),
    sa.column("sealed_at", _INSTANT),
    sa.column("signature", sa.String()),
)
_RELEASES: Final = sa.table(
    "record_releases",
    sa.column("id", sa.Uuid()),
    sa.column("reason", sa.String()),
    sa.column("note", sa.Text()),
    sa.column("by_id", sa.Uuid()),
    sa.column("opened_at", _INSTANT),
)
_ENDS: Final = sa.table(
    "record_release_ends",
    sa.column("release_id", sa.Uuid()),
    sa.column("ended_at", _INSTANT),
    sa.column("released", sa.Integer()),
)
_RELEASED: Final = sa.table(
    "released_rows",
    sa.column("release_id", sa.Uuid()),
    sa.column("record_id", sa.Uuid()),
    sa.column("addendum", sa.Integer()),
    sa.column("act", sa.String()),
    sa.column("clinic_id", sa.Uuid()),
    sa.column("signature", sa.String()),
)
_KEPT: Final = (_SEALS, _ADDENDA, _ENDS, _RELEASES, _RELEASED)

_log: Final = logging.getLogger("vetcore.migrations")


def _plain(value: object) -> Any:
    match value:
        case UUID():
            return str(value)
        case datetime():
            aware = value if value.tzinfo else value.replace(tzinfo=UTC)
            return aware.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case _:
            return value


def _digest(content: dict[str, Any]) -> str:
    plain = {name: _plain(value) for name, value in content.items()}
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _stored(value: datetime) -> datetime:
    """As the column takes it: SQLite's has no zone."""
    return value if is_postgresql() else value.replace(tzinfo=None)


# Up -----------------------------------------------------------------------------------------------


def detach_duplicates() -> None:
    """Leave each appointment to one record: a signed one, or else the oldest.

    The others stay, and no longer name the appointment; the log names each of them.
    """
    bind, records = op.get_bind(), _RECORDS.c
    several = (
        sa.select(records.appointment_id)
        .where(records.appointment_id.is_not(None), records.deleted_at.is_(None))
        .group_by(records.appointment_id)
        .having(sa.func.count() > 1)
    )
    query = (
        sa.select(records.id, records.appointment_id)
        .where(records.appointment_id.in_(several), records.deleted_at.is_(None))
        .order_by(
            records.appointment_id,
            records.signed_at.is_(None),
            records.signed_at,
            records.created_at,
            records.id,
        )
    )
    for appointment, rows in groupby(bind.execute(query).all(), lambda row: row.appointment_id):
        for row in list(rows)[1:]:
            bind.execute(
                sa.update(_RECORDS).where(records.id == row.id).values(appointment_id=None)
            )
            _log.warning(
                "A second record of an appointment no longer names it",
                extra={"record": str(row.id), "appointment": str(appointment)},
            )


def name_signers() -> None:
    """Name the person who signed, beside the veterinarian who they were."""
    execute(
        "UPDATE medical_records SET signed_by_user_id = (SELECT user_id FROM veterinarians"
        " WHERE veterinarians.id = medical_records.signed_by_id)"
        " WHERE signed_at IS NOT NULL AND signed_by_user_id IS NULL",
        "UPDATE medical_records SET signature = '' WHERE signed_at IS NOT NULL AND signature IS NULL",
    )


def seal_earlier() -> None:
    """Move the addenda into their table, and seal what was signed before there were keys.

    Such a seal is a plain SHA-256. The first seal by a key that follows covers it.
    """
    bind, records = op.get_bind(), _RECORDS.c
    clinics = sa.select(records.clinic_id).where(records.signed_at.is_not(None)).distinct()
    for clinic in sorted(bind.scalars(clinics).all()):
        last = bind.execute(
            sa.select(_SEALS.c.number, _SEALS.c.signature)
            .where(_SEALS.c.clinic_id == clinic)
            .order_by(_SEALS.c.number.desc())
            .limit(1)
        ).one_or_none()
        number, previous = (0, None) if last is None else last
        for when, record, addendum, signed in sorted(_earlier(clinic)):
            number += 1
            seal: dict[str, Any] = {
                "clinic_id": clinic,
                "number": number,
                "kind": "addendum" if addendum else "record",
                "record_id": record,
                "addendum": addendum or None,
                "pet_id": None,
                "release_id": None,
                "signed": signed,
                "by_id": None,
                "sealed_at": when,
            }
            previous = _digest({**seal, "previous": previous})
            row = {**seal, "sealed_at": _stored(when), "signature": previous}
            bind.execute(sa.insert(_SEALS).values(row))


def _earlier(clinic: UUID) -> Iterator[tuple[datetime, UUID, int, str]]:
    """When what was signed, of a clinic, that has no seal yet: records (0) and their addenda."""
    bind, records = op.get_bind(), _RECORDS.c
    known = sa.select(_SEALS.c.record_id).where(
        _SEALS.c.clinic_id == clinic, _SEALS.c.kind == "record"
    )
    sealed = set(bind.scalars(known).all())
    people = set(bind.scalars(sa.select(sa.column("id", sa.Uuid())).select_from(sa.table("users"))))
    query = sa.select(
        records.id, records.signed_at, records.signature, sa.cast(records.addenda, sa.Text())
    ).where(records.clinic_id == clinic, records.signed_at.is_not(None))
    for record, signed_at, signature, added in bind.execute(query).all():
        if record not in sealed:
            yield signed_at.replace(tzinfo=UTC), record, 0, signature or ""
        done = bind.execute(
            sa.select(_ADDENDA.c.number, _ADDENDA.c.signature)
            .where(_ADDENDA.c.record_id == record)
            .order_by(_ADDENDA.c.number)
        ).all()
        previous = done[-1].signature if done else None
        for number, each in enumerate(json.loads(added)[len(done) :], start=len(done) + 1):
            if UUID(each["author_id"]) not in people:
                message = (
                    f"addendum {number} of medical record {record} is by user {each['author_id']}, "
                    "who is not there"
                )
                raise MigrationError(message)
            addendum: dict[str, Any] = {
                "record_id": record,
                "number": number,
                "author_id": UUID(each["author_id"]),
                "written_at": _instant(each["written_at"]),
                "text": each["text"],
            }
            content = {**addendum, "record": signature or "", "previous": previous}
            previous = _digest(content)
            when = _instant(each["written_at"])
            row = {**addendum, "written_at": _stored(when), "signature": previous}
            bind.execute(sa.insert(_ADDENDA).values(row))
            yield when, record, number, previous


# Down and up again --------------------------------------------------------------------------------


def put_away() -> None:
    """Keep what the tables of before cannot hold, so that nothing signed is lost on the way down."""
    bind = op.get_bind()
    rows: list[dict[str, str]] = []
    for kept in _KEPT:
        keys = list(kept.c)[:2]
        rows += [
            {"kind": kept.name, "content": json.dumps({k: _plain(v) for k, v in each.items()})}
            for each in bind.execute(sa.select(kept).order_by(*keys)).mappings()
        ]
    records = _RECORDS.c
    signed = sa.select(records.id, records.signature, records.signed_by_user_id).where(
        records.signed_at.is_not(None)
    )
    rows += [
        {"kind": "medical_records", "content": json.dumps({k: _plain(v) for k, v in each.items()})}
        for each in bind.execute(signed).mappings()
    ]
    if rows:
        execute(f"CREATE TABLE {_ARCHIVE} (kind VARCHAR(32) NOT NULL, content TEXT NOT NULL)")
        archive = sa.table(_ARCHIVE, sa.column("kind"), sa.column("content"))
        bind.execute(sa.insert(archive), rows)


def write_addenda_back() -> None:
    """Put the addenda into the column of before."""
    bind = op.get_bind()
    query = sa.select(_ADDENDA).order_by(_ADDENDA.c.record_id, _ADDENDA.c.number)
    value = "CAST(:added AS jsonb)" if is_postgresql() else ":added"
    note = sa.text(f"UPDATE medical_records SET addenda = {value} WHERE id = :id").bindparams(  # noqa: S608 -- our own words
        sa.bindparam("id", type_=sa.Uuid())
    )
    for record, rows in groupby(bind.execute(query).all(), lambda row: row.record_id):
        added = [
            {
                "author_id": str(row.author_id),
                "written_at": _plain(row.written_at),
                "text": row.text,
            }
            for row in rows
        ]
        bind.execute(note, {"added": json.dumps(added), "id": record})


def bring_back() -> None:
    """Bring back what an earlier way down had put away."""
    bind = op.get_bind()
    if not sa.inspect(bind).has_table(_ARCHIVE):
        return
    archive = sa.table(_ARCHIVE, sa.column("kind"), sa.column("content"))
    kept: dict[str, Any] = {table.name: table for table in _KEPT}
    for kind, content in bind.execute(sa.select(archive)).all():
        row = json.loads(content)
        if kind == "medical_records":
            record = _typed(_RECORDS, row)
            # What was signed meanwhile is not what was put away.
            as_it_was = sa.func.substr(_RECORDS.c.signature, 1, 64) == record["signature"][:64]
            bind.execute(
                sa.update(_RECORDS)
                .where(_RECORDS.c.id == record["id"], as_it_was)
                .values(
                    signature=record["signature"], signed_by_user_id=record["signed_by_user_id"]
                )
            )
        else:
            bind.execute(sa.insert(kept[kind]).values(_typed(kept[kind], row)))
    execute(f"DROP TABLE {_ARCHIVE}")


def _typed(table: Any, row: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in row.items():
        kind = table.c[name].type
        if value is None:
            made[name] = None
        elif isinstance(kind, sa.Uuid):
            made[name] = UUID(value)
        elif isinstance(kind, sa.DateTime):
            made[name] = _stored(_instant(value))
        else:
            made[name] = value
    return made
