"""The settings of accounts of one's own, and of OpenID Connect."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from vetcore.settings.database import SECTION

__all__ = ["AccountsSettings"]


def _host(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", name):
        message = "should be the name of a host, such as clinic.example.com"
        raise ValueError(message)
    return name


def _split(value: object) -> object:
    return re.split(r"[\s,]+", value.strip()) if isinstance(value, str) else value


_List = BeforeValidator(_split)


class AccountsSettings(BaseModel):
    """How long people stay signed in, and what a password costs whoever guesses it."""

    model_config = SECTION

    session_days: Annotated[int, Field(ge=1, le=365)] = 30
    """How long one stays signed in."""
    idle_days: Annotated[int, Field(ge=1, le=365)] = 7
    """How long one stays signed in without doing anything."""
    fresh_minutes: Annotated[int, Field(ge=1, le=1440)] = 15
    """How long ago somebody who signs a record may have shown who they are."""
    link_hours: Annotated[int, Field(ge=1, le=720)] = 24
    """How long a link that confirms an address, or invites, works."""
    reset_minutes: Annotated[int, Field(ge=5, le=1440)] = 30
    """How long a link to set another password works."""
    hash_memory: Annotated[int, Field(ge=8192, le=1_048_576)] = 19_456
    """How much memory hashing a password takes, in KiB."""
    hash_rounds: Annotated[int, Field(ge=1, le=100)] = 2
    """How often hashing a password goes through it."""
    hash_workers: Annotated[int, Field(ge=1, le=64)] = 1
    """How many passwords are hashed at the same time; leave a processor to everything else."""
    passkey_host: Annotated[str, AfterValidator(_host)] | None = None
    """For which host passkeys are made, such as ``clinic.example.com``."""
    passkey_name: str = "vetcore"
    """What people's devices call the platform."""
    passkey_origins: Annotated[tuple[str, ...], _List] = ()
    """The origins that may use passkeys; ``https://`` and the host without it."""
