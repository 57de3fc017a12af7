"""Which timetable a clinic has: versions that the database itself gives.

What a booking reads about a clinic changes a few times a day, and is read thousands of times. So a
process keeps what it has read together with the versions under which it read it, and asks for
nothing but the versions from then on.
"""

from uuid import UUID, uuid4

from sqlalchemy.orm import Mapped, mapped_column

from vetcore.models.base import Base

__all__ = ["TimetableVersion"]


class TimetableVersion(Base):
    """A version of what a clinic, or a person who works at clinics, brings to a timetable.

    Triggers write them with every statement that changes hours, closures, blocks, rooms, equipment,
    services, policy, memberships, veterinarians or time off, whoever sends it. Of a clinic or a person there is one,
    and several for a while where transactions have changed something at once. All that are there
    together stand for one content: a version is random, so none comes again after a rollback.
    """

    __tablename__ = "timetable_versions"

    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    """The clinic or the user. It is no foreign key: to write a version locks nothing."""
    version: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
