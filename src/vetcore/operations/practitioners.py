"""Operations on the people who perform services."""

from vetcore import scheduling
from vetcore.access import Permission
from vetcore.database import ReadSession
from vetcore.errors import NotBookable
from vetcore.models import Clinic
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import reading
from vetcore.scheduling import Practitioner
from vetcore.schemas import PractitionerQuery

__all__ = ["list_practitioners"]


@reading(permission=Permission.CLINIC_READ, entity=Clinic, errors=(NotBookable,))
async def list_practitioners(
    session: ReadSession, wanted: PractitionerQuery, asked: Asked
) -> list[Practitioner]:
    """Return the people who perform a service at a clinic on a day, by name.

    Owners choose from them, so that any signed-in user may ask. It tells no more than names, roles
    and services.

    Raises:
        ServiceNotOffered: the clinic's catalogue does not have the service.
    """
    await asked.take(Clinic, wanted.clinic_id, lock=False)
    return await scheduling.practitioners_at(
        session, clinic_id=wanted.clinic_id, service=wanted.service, day=wanted.day
    )
