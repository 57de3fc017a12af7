"""Passkeys (WebAuthn): signing in by a device, which shows itself who holds it.

A browser is given a challenge, and its answer is verified. A challenge works once, within minutes. The device
must verify its holder (by a finger, a face or a code), so a passkey is both factors at once.
"""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.database import Acting, Database, ReadSession
from vetcore.database.locking import locking
from vetcore.errors import ConfigurationError, NotFound
from vetcore.identity.own.errors import (
    LinkRefused,
    SessionOver,
    SignInRefused,
    VerificationNeeded,
)
from vetcore.identity.own.limits import Limit, require_room
from vetcore.identity.own.secrets import LINK, digest, new_token
from vetcore.identity.own.sessions import NOWHERE, SignedIn, Where, begin_session
from vetcore.identity.own.signing_in import DEFAULTS, counted, signed_in_person
from vetcore.models import AccountLink, Passkey, User, UserSession
from vetcore.schemas.account import PasskeyAnswer
from vetcore.settings.accounts import AccountsSettings
from vetcore.values.accounts import LinkPurpose
from vetcore.values.people import UserStatus

__all__ = [
    "Challenge",
    "add_passkey",
    "begin_passkey",
    "begin_passkey_sign_in",
    "passkeys_of",
    "remove_passkey",
    "sign_in_by_passkey",
    "verify_by_passkey",
]

_VALID_FOR: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What a browser is asked."""

    token: str = field(repr=False)
    """What comes back with the answer."""
    options: dict[str, Any] = field(repr=False)
    """For ``navigator.credentials.create`` or ``get``, as ``parse…OptionsFromJSON`` takes them."""


async def begin_passkey(
    db: Database, acting: Acting, *, settings: AccountsSettings = DEFAULTS
) -> Challenge:
    """Return what the browser needs to make a passkey for whoever is signed in.

    Raises:
        NotAuthenticated: nobody in person is signed in.
        VerificationNeeded: it is a while since they have shown who they are.
        ConfigurationError: passkeys are not set up, or the extra ``passkeys`` is not installed.
    """
    library, host = _webauthn(), _host(settings)
    user_id = signed_in_person(acting)
    if acting.fresh_until is None or acting.fresh_until <= clock.now():
        raise VerificationNeeded

    async def begin(session: AsyncSession) -> tuple[User, list[str], str]:
        user = await session.get_one(User, user_id)
        held = [each.credential_id for each in await passkeys_of(session, user_id)]
        return user, held, await _new_challenge(session, LinkPurpose.PASSKEY, user_id)

    user, held, token = await db.run(begin)
    shapes = _shapes()
    options = library.generate_registration_options(
        rp_id=host,
        rp_name=settings.passkey_name,
        user_id=user_id.bytes,
        user_name=user.email,
        user_display_name=user.full_name or user.email,
        challenge=_challenge(token),
        exclude_credentials=_descriptors(held),
        authenticator_selection=shapes.AuthenticatorSelectionCriteria(
            resident_key=shapes.ResidentKeyRequirement.REQUIRED,
            user_verification=shapes.UserVerificationRequirement.REQUIRED,
        ),
    )
    return Challenge(token=token, options=json.loads(library.options_to_json(options)))


async def add_passkey(
    db: Database, acting: Acting, answer: PasskeyAnswer, *, settings: AccountsSettings = DEFAULTS
) -> Passkey:
    """Keep a passkey that the browser has made.

    Raises:
        NotAuthenticated: nobody in person is signed in.
        LinkRefused: the challenge was answered before, or its time is over.
        SignInRefused: the answer is not one to this challenge, or not for this host.
        AlreadyExists: the passkey is somebody's already.
    """
    library, host = _webauthn(), _host(settings)
    user_id = signed_in_person(acting)
    token = answer.token.get_secret_value()

    async def add(session: AsyncSession) -> Passkey:
        await _use_challenge(session, token, LinkPurpose.PASSKEY, user_id)
        try:
            verified = library.verify_registration_response(
                credential=answer.credential,
                expected_challenge=_challenge(token),
                expected_rp_id=host,
                expected_origin=_origins(settings),
                require_user_verification=True,
            )
        except Exception as error:
            raise SignInRefused from error
        row = Passkey(
            user_id=user_id,
            credential_id=library.helpers.bytes_to_base64url(verified.credential_id),
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
            name=answer.name,
            created_at=clock.now(),
        )
        session.add(row)
        await session.flush()
        return row

    return await db.run(add)


async def begin_passkey_sign_in(
    db: Database, *, where: Where = NOWHERE, settings: AccountsSettings = DEFAULTS
) -> Challenge:
    """Return what the browser needs to sign in whoever holds a passkey. Nobody is named.

    Raises:
        TooManyAttempts: too many challenges were asked for from there.
        ConfigurationError: passkeys are not set up, or the extra ``passkeys`` is not installed.
    """
    library, host = _webauthn(), _host(settings)
    limits = [Limit("challenges", where.bounded().address or "?", 200, timedelta(minutes=15))]
    async with db.session() as session:
        await require_room(session, limits)
    await counted(db, limits)
    token = await db.run(lambda session: _new_challenge(session, LinkPurpose.SIGN_IN, None))
    options = library.generate_authentication_options(
        rp_id=host,
        challenge=_challenge(token),
        user_verification=_shapes().UserVerificationRequirement.REQUIRED,
    )
    return Challenge(token=token, options=json.loads(library.options_to_json(options)))


async def sign_in_by_passkey(
    db: Database,
    answer: PasskeyAnswer,
    *,
    where: Where = NOWHERE,
    settings: AccountsSettings = DEFAULTS,
) -> SignedIn:
    """Sign in whoever holds the passkey that has answered.

    Raises:
        LinkRefused: the challenge was answered before, or its time is over.
        SignInRefused: the answer is wrong, or the account may not be used.
    """

    async def let_in(session: AsyncSession) -> SignedIn:
        user_id = await _answered(session, answer, settings)
        user = await session.get(User, user_id)
        if user is None or user.status is not UserStatus.ACTIVE or not user.email_verified:
            raise SignInRefused
        return await begin_session(session, user_id, where, second_factor=True, settings=settings)

    return await db.run(let_in)


async def verify_by_passkey(
    db: Database, acting: Acting, answer: PasskeyAnswer, *, settings: AccountsSettings = DEFAULTS
) -> None:
    """Note that somebody who is signed in has just shown by a passkey who they are.

    Raises:
        LinkRefused: the challenge was answered before, or its time is over.
        SignInRefused: the answer is wrong, or the passkey is somebody else's.
        SessionOver: nobody is signed in.
    """
    user_id = signed_in_person(acting)

    async def note(session: AsyncSession) -> None:
        if await _answered(session, answer, settings) != user_id:
            raise SignInRefused
        row = await session.get(UserSession, acting.session)
        if row is None or row.ended_at is not None or row.user_id != user_id:
            raise SessionOver
        row.verified_at, row.second_factor = clock.now(), True

    await db.run(note)


async def _answered(
    session: AsyncSession, answer: PasskeyAnswer, settings: AccountsSettings
) -> UUID:
    """Whose passkey has answered a challenge rightly."""
    library, token = _webauthn(), answer.token.get_secret_value()
    await _use_challenge(session, token, LinkPurpose.SIGN_IN, None)
    query = select(Passkey).where(Passkey.credential_id == str(answer.credential.get("id")))
    passkey = await session.scalar(locking(query, Passkey))
    if passkey is None:
        raise SignInRefused
    try:
        verified = library.verify_authentication_response(
            credential=answer.credential,
            expected_challenge=_challenge(token),
            expected_rp_id=_host(settings),
            expected_origin=_origins(settings),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except Exception as error:
        raise SignInRefused from error
    passkey.sign_count, passkey.used_at = verified.new_sign_count, clock.now()
    return passkey.user_id


async def passkeys_of(session: ReadSession, user_id: UUID) -> list[Passkey]:
    """Return the passkeys of a person, the latest first."""
    query = select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id.desc())
    return list(await session.scalars(query))


async def remove_passkey(db: Database, acting: Acting, passkey_id: UUID) -> None:
    """Forget a passkey of whoever is signed in.

    Raises:
        NotFound: they have no such passkey.
    """
    user_id = signed_in_person(acting)

    async def remove(session: AsyncSession) -> None:
        row = await session.get(Passkey, passkey_id)
        if row is None or row.user_id != user_id:
            raise NotFound(entity=Passkey, key=passkey_id)
        await session.delete(row)

    await db.run(remove)


# Challenges ---------------------------------------------------------------------------------------


async def _new_challenge(session: AsyncSession, purpose: LinkPurpose, user_id: UUID | None) -> str:
    token, now = new_token(LINK), clock.now()
    session.add(
        AccountLink(
            user_id=user_id,
            purpose=purpose,
            token_hash=digest(token),
            created_at=now,
            expires_at=now + _VALID_FOR,
        )
    )
    await session.flush()
    return token


async def _use_challenge(
    session: AsyncSession, token: str, purpose: LinkPurpose, user_id: UUID | None
) -> None:
    """Use a challenge up, so that an answer that is overheard is worth nothing.

    Raises:
        LinkRefused: it was used, has expired, or was never asked.
    """
    row: Any = AccountLink
    used = await session.scalar(
        update(AccountLink)
        .where(
            row.token_hash == digest(token),
            row.purpose == purpose,
            row.user_id.is_(None) if user_id is None else row.user_id == user_id,
            row.used_at.is_(None),
            row.expires_at > clock.now(),
        )
        .values(used_at=clock.now())
        .returning(row.id),
        execution_options={"synchronize_session": False},
    )
    if used is None:
        raise LinkRefused


def _challenge(token: str) -> bytes:
    return sha256(f"challenge:{token}".encode()).digest()


def _host(settings: AccountsSettings) -> str:
    if settings.passkey_host is None:
        message = "passkeys are made for a host, which is not set"
        raise ConfigurationError(message, setting="VETCORE_ACCOUNTS_PASSKEY_HOST")
    return settings.passkey_host


def _origins(settings: AccountsSettings) -> list[str]:
    return list(settings.passkey_origins) or [f"https://{_host(settings)}"]


def _descriptors(credential_ids: list[str]) -> list[Any]:
    library, shapes = _webauthn(), _shapes()
    return [
        shapes.PublicKeyCredentialDescriptor(id=library.base64url_to_bytes(each))
        for each in credential_ids
    ]


def _webauthn() -> Any:
    try:
        import webauthn  # noqa: PLC0415 -- only who has passkeys
    except ImportError as missing:
        message = "passkeys need webauthn: pip install 'vetcore[passkeys]'"
        raise ConfigurationError(message, extra="passkeys") from missing
    return webauthn


def _shapes() -> Any:
    from webauthn.helpers import structs  # noqa: PLC0415 -- only who has passkeys

    return structs
