"""Answers to each audience: what whoever acts may see of a row, and no more."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import bindparam, or_, select

from vetcore import models, schemas
from vetcore.access import GRANTS, Actor, Part, load_actor
from vetcore.access.entities import access_of
from vetcore.access.relations import relations
from vetcore.database import ReadSession
from vetcore.database.acting import acting_of
from vetcore.errors import ConfigurationError
from vetcore.models import Entity
from vetcore.schemas.base import Response

__all__ = ["declare_responses", "shown", "shown_each"]

_RESPONSES: Final[dict[type[Any], tuple[type[Response], ...]]] = {
    models.User: (schemas.UserAdminResponse, schemas.UserResponse),
    models.Pet: (
        schemas.PetAdminResponse,
        schemas.PetStaffResponse,
        schemas.PetResponse,
        schemas.PetReceptionResponse,
    ),
    models.Appointment: (
        schemas.AppointmentAdminResponse,
        schemas.AppointmentStaffResponse,
        schemas.AppointmentResponse,
    ),
    models.AppointmentSeries: (schemas.AppointmentSeriesResponse,),
    models.MedicalRecord: (
        schemas.MedicalRecordAdminResponse,
        schemas.MedicalRecordStaffResponse,
        schemas.MedicalRecordResponse,
    ),
    models.WaitlistEntry: (
        schemas.WaitlistEntryAdminResponse,
        schemas.WaitlistEntryStaffResponse,
        schemas.WaitlistEntryResponse,
    ),
    models.Clinic: (
        schemas.ClinicAdminResponse,
        schemas.ClinicStaffResponse,
        schemas.ClinicResponse,
    ),
    models.Room: (schemas.RoomResponse,),
    models.Equipment: (schemas.EquipmentResponse,),
    models.ClinicClosure: (schemas.ClinicClosureResponse,),
    models.ScheduleBlock: (schemas.ScheduleBlockResponse,),
    models.Veterinarian: (
        schemas.VeterinarianAdminResponse,
        schemas.VeterinarianStaffResponse,
        schemas.VeterinarianResponse,
    ),
    models.TimeOff: (schemas.TimeOffStaffResponse, schemas.TimeOffResponse),
    models.EmergencyAccess: (schemas.EmergencyAccessResponse,),
    models.ClinicPatient: (schemas.ClinicPatientResponse,),
    models.Invitation: (schemas.InvitationStaffResponse, schemas.InvitationResponse),
    models.StaffMembership: (
        schemas.StaffMembershipStaffResponse,
        schemas.StaffMembershipResponse,
    ),
}
"""The responses of each entity, the fullest first."""


def declare_responses(entity: type[Entity], *responses: type[Response]) -> None:
    """Declare the responses of an entity of a service's own, the fullest first.

    The last one is for everybody who sees the row.

    Raises:
        ConfigurationError: there is none, or the entity has been declared before.
    """
    if not responses or entity in _RESPONSES:
        message = f"The responses of {entity.__name__} are declared " + (
            "twice" if responses else "as none"
        )
        raise ConfigurationError(message)
    _RESPONSES[entity] = responses


async def shown(session: ReadSession, row: Entity) -> Response:
    """Return the fullest response about a row that whoever acts in the session may see.

    ::

        pet = await get_pet(session, ById(id=key))
        return await shown(session, pet)  # a PetReceptionResponse, for reception

    The row comes from an operation, which has asked whether they may see it at all.

    Raises:
        NotAuthenticated: the account of whoever acts may not be used.
        ConfigurationError: nothing says which responses there are for such a row.
    """
    return (await shown_each(session, [row]))[0]


async def shown_each(session: ReadSession, rows: Iterable[Entity]) -> list[Response]:
    """Return the fullest response about each row that whoever acts may see. See :func:`shown`."""
    each = list(rows)
    user = acting_of(session).actor
    actor = None if user is None else await load_actor(session, user)
    held: dict[type[Entity], Mapping[UUID, frozenset[StrEnum]]] = {}
    for entity in {type(row) for row in each}:
        of_it = [row.id for row in each if type(row) is entity]
        held[entity] = await _held(session, actor, entity, of_it)
    return [_fullest(row, actor, held[type(row)]) for row in each]


def _fullest(row: Entity, actor: Actor | None, held: Mapping[UUID, frozenset[StrEnum]]) -> Response:
    *fuller, least = _responses_of(type(row))
    permissions = held.get(row.id, frozenset())
    for response in fuller:
        needed = _needed(type(row), response)
        if None not in needed and (actor is None or needed <= permissions):
            return response.model_validate(row)
    return least.model_validate(row)


async def _held(
    session: ReadSession, actor: Actor | None, entity: type[Entity], keys: Sequence[UUID]
) -> Mapping[UUID, frozenset[StrEnum]]:
    """By row, the permissions of the actor that a response of the entity may need."""
    wanted = _wanted(entity)
    if actor is None or not wanted:
        return {}
    if actor.is_admin and all(GRANTS[permission].admin for permission in wanted):
        return dict.fromkeys(keys, frozenset(wanted))
    dialect = cast("Any", session).get_bind().dialect.name
    given = {"keys": list(keys), **actor.parameters()}
    found = await session.execute(_asking(entity, dialect), given)
    return {
        key: frozenset(permission for permission, has in zip(wanted, answers, strict=True) if has)
        for key, *answers in found
    }


@cache
def _asking(entity: type[Entity], dialect: str) -> Any:
    """Return a query for the permissions on rows that responses about them may need."""
    row: Any = entity.__table__
    answers = [
        or_(found.staff, found.owner).label(f"answer_{number}")
        for number, found in enumerate(
            relations(entity, permission, dialect) for permission in _wanted(entity)
        )
    ]
    key = bindparam("keys", expanding=True, type_=row.c.id.type)
    return select(row.c.id, *answers).where(row.c.id.in_(key))


@cache
def _wanted(entity: type[Entity]) -> tuple[StrEnum, ...]:
    every = {each for kind in _responses_of(entity) for each in _needed(entity, kind)}
    return tuple(sorted(each for each in every if each is not None))


@cache
def _needed(entity: type[Entity], response: type[Response]) -> frozenset[StrEnum | None]:
    """Return the permissions that the columns of a response need."""
    return frozenset(
        part.permission
        for part in access_of(entity).parts
        if any(not _is_kept(part, name, response) for name in part.columns & _names(response))
    )


def _names(response: type[Response]) -> frozenset[str]:
    return frozenset(response.model_fields)


def _is_kept(part: Part, name: str, response: type[Response]) -> bool:
    """Return whether a response shows of a document only what everybody may see."""
    shape: Any = response.model_fields[name].annotation
    return name in part.kept and set(shape.model_fields) <= set(part.kept[name])


def _responses_of(entity: type[Entity]) -> tuple[type[Response], ...]:
    found = _RESPONSES.get(entity)
    if found is None:
        name = entity.__name__
        message = f"Nothing says what is shown of {name}: declare_responses({name}, …)"
        raise ConfigurationError(message)
    return found
