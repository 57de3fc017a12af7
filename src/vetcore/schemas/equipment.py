"""Schemas of equipment: commands, queries and responses."""

from datetime import datetime
from uuid import UUID

from vetcore.schemas.base import Create, ListQuery, Summary, Update
from vetcore.schemas.fields import NotNull, ShortText
from vetcore.values.services import EquipmentCode

__all__ = [
    "EquipmentCreate",
    "EquipmentQuery",
    "EquipmentResponse",
    "EquipmentSummary",
    "EquipmentUpdate",
]


class EquipmentCreate(Create):
    """A piece of equipment to add to a clinic. The clinic's managers may send it."""

    clinic_id: UUID
    name: ShortText
    kind: EquipmentCode
    """The code of its kind, by which services ask for it: ``dental_unit``."""


class EquipmentUpdate(Update):
    """A change to a piece of equipment. The clinic's managers may send it."""

    name: NotNull[ShortText] = None
    kind: NotNull[EquipmentCode] = None


class EquipmentQuery(ListQuery):
    """Which equipment to list: what meets every given condition, by name."""

    clinic_id: UUID | None = None
    kind: EquipmentCode | None = None


class EquipmentSummary(Summary):
    """A piece of equipment as a list shows it to everybody."""

    id: UUID
    clinic_id: UUID
    name: str
    kind: str


class EquipmentResponse(EquipmentSummary):
    """A piece of equipment as everybody sees it."""

    created_at: datetime
    updated_at: datetime
    version: int
