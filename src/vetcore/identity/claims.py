"""The claims of a session token that was verified."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from vetcore.values.people import Role

__all__ = ["Organization", "SessionClaims"]


@dataclass(frozen=True, slots=True)
class Organization:
    """The Clerk organisation that is active in the session."""

    id: str
    role: str | None
    """The user's role in it, without Clerk's prefix ``org:``."""
    slug: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionClaims:
    """The claims of a session token that was verified."""

    clerk_user_id: str
    session_id: str
    issued_at: datetime
    expires_at: datetime
    authorized_party: str | None
    """The origin that asked for the token."""
    organization: Organization | None
    role: Role | None
    """From ``metadata.role``, present if the session token is customised with
    ``{"metadata": "{{user.public_metadata}}"}``. As old as the token: the database decides."""
    impersonated_by: str | None
    """The Clerk id of whoever acts in the user's name, for the audit trail."""
    claims: Mapping[str, object] = field(repr=False, hash=False)
    """All claims, for those that a service added."""
