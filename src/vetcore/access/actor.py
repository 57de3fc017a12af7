"""Who acts: a user with the posts that they hold today."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from vetcore import clock
from vetcore.database import ReadSession
from vetcore.errors import NotAuthenticated
from vetcore.models import Clinic, StaffMembership, User
from vetcore.values.people import Role, UserStatus
from vetcore.values.walltime import zone_named

__all__ = ["Actor", "Post", "load_actor"]


@dataclass(frozen=True, slots=True)
class Post:
    """A role at a clinic."""

    clinic_id: UUID
    role: Role


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in user and the posts that they hold at this moment."""

    user_id: UUID
    role: Role = Role.PET_OWNER
    posts: frozenset[Post] = field(default_factory=frozenset[Post])

    @property
    def is_admin(self) -> bool:
        """Whether they administer the platform."""
        return self.role is Role.PLATFORM_ADMIN

    def clinics(self, roles: Iterable[Role]) -> frozenset[UUID]:
        """The clinics at which they hold one of these roles."""
        wanted = frozenset(roles)
        return frozenset(post.clinic_id for post in self.posts if post.role in wanted)


async def load_actor(session: ReadSession, user_id: UUID) -> Actor:
    """The user with the posts that they hold today, by the calendar of each clinic.

    Load it once for each request: what it says is true of this moment.

    Raises:
        NotAuthenticated: there is no such user, or the account may not be used.
    """
    user = (
        await session.execute(select(User.role, User.status).where(User.id == user_id))
    ).one_or_none()
    if user is None:
        message = "There is no such account"
        raise NotAuthenticated(message)
    role, status = user
    if status is not UserStatus.ACTIVE:
        message = f"The account is {status}"
        raise NotAuthenticated(message)
    memberships = await session.execute(
        select(
            StaffMembership.clinic_id,
            StaffMembership.role,
            StaffMembership.starts_on,
            StaffMembership.ends_on,
            Clinic.timezone,
        )
        .join(Clinic, Clinic.id == StaffMembership.clinic_id)
        .where(StaffMembership.user_id == user_id)
    )
    now = clock.now()
    posts = frozenset(
        Post(clinic_id, held)
        for clinic_id, held, starts_on, ends_on, zone in memberships
        if starts_on <= (today := now.astimezone(zone_named(zone)).date())
        and (ends_on is None or today <= ends_on)
    )
    return Actor(user_id, role, posts)
