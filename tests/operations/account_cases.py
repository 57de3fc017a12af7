"""Commands about accounts, and whose they are; see :mod:`tests.operations.cases`."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from tests.operations.cases import THEMSELVES, Case
from vetcore import clock, schemas
from vetcore.values.people import Role

ACCOUNTS: Final[Mapping[str, Case]] = {
    "invite_user": Case(
        lambda _: schemas.UserInvite(
            email="new@example.com", first_name="N", last_name="Ew", role=Role.VETERINARIAN
        )
    ),
    "hand_over_account": Case(lambda w: schemas.AccountHandOver(user_id=w.id("users"))),
    "appoint_user": Case(
        lambda w: schemas.UserAppoint(id=w.id("users"), role=Role.RECEPTIONIST), THEMSELVES
    ),
    "list_sessions": Case(lambda w: schemas.OfUser(user_id=w.id("users")), THEMSELVES),
    "end_session": Case(lambda w: schemas.SessionEnd(id=w.id("user_sessions")), THEMSELVES),
    "end_other_sessions": Case(lambda w: schemas.OfUser(user_id=w.id("users")), THEMSELVES),
    "list_api_keys": Case(lambda w: schemas.OfUser(user_id=w.id("users")), THEMSELVES),
    "create_api_key": Case(
        lambda w: schemas.ApiKeyCreate(
            user_id=w.id("users"),
            name="Lab",
            permissions=["pet:read"],
            expires_at=clock.now() + timedelta(days=1),
        ),
        THEMSELVES,
    ),
    "revoke_api_key": Case(lambda w: schemas.ApiKeyRevoke(id=w.id("api_keys")), THEMSELVES),
}
