"""Accounts of one's own: passwords, sessions, second factors, links and keys.

::

    letter = await sign_up(db, UserSignUp(...), where=Where(address, agent))
    signed_in = await confirm_sign_up(db, SignUpConfirm(token=..., password=...))
    signed_in = await sign_in(db, SignIn(email=..., password=...), where=Where(address, agent))

What has to do with a password takes the database and not a session: a password is hashed while no
transaction is open, and a try is committed before it is known whether it was right. The functions ask no permission, since
nobody is signed in yet.

Passwords and codes need the extra ``accounts``, passkeys the extra ``passkeys``. Each name is loaded when
it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vetcore.identity.own.api_keys import NewApiKey
    from vetcore.identity.own.changing import (
        CodeSetup,
        begin_codes,
        change_password,
        confirm_codes,
        end_codes,
        request_reset,
        reset_password,
    )
    from vetcore.identity.own.links import Letter
    from vetcore.identity.own.passkeys import (
        Challenge,
        add_passkey,
        begin_passkey,
        begin_passkey_sign_in,
        passkeys_of,
        remove_passkey,
        sign_in_by_passkey,
        verify_by_passkey,
    )
    from vetcore.identity.own.sessions import SignedIn, Where
    from vetcore.identity.own.signing_in import sign_in, verify_again
    from vetcore.identity.own.signing_up import (
        confirm_sign_up,
        request_confirmation,
        sign_up,
        take_up_account,
    )

__all__ = [
    "Challenge",
    "CodeSetup",
    "Letter",
    "NewApiKey",
    "SignedIn",
    "Where",
    "add_passkey",
    "begin_codes",
    "begin_passkey",
    "begin_passkey_sign_in",
    "change_password",
    "confirm_codes",
    "confirm_sign_up",
    "end_codes",
    "passkeys_of",
    "remove_passkey",
    "request_confirmation",
    "request_reset",
    "reset_password",
    "sign_in",
    "sign_in_by_passkey",
    "sign_up",
    "take_up_account",
    "verify_again",
    "verify_by_passkey",
]

_HOMES = {
    "Challenge": "passkeys",
    "CodeSetup": "changing",
    "Letter": "links",
    "NewApiKey": "api_keys",
    "SignedIn": "sessions",
    "Where": "sessions",
    "add_passkey": "passkeys",
    "begin_codes": "changing",
    "begin_passkey": "passkeys",
    "begin_passkey_sign_in": "passkeys",
    "change_password": "changing",
    "confirm_codes": "changing",
    "confirm_sign_up": "signing_up",
    "end_codes": "changing",
    "passkeys_of": "passkeys",
    "remove_passkey": "passkeys",
    "request_confirmation": "signing_up",
    "request_reset": "changing",
    "reset_password": "changing",
    "sign_in": "signing_in",
    "sign_in_by_passkey": "passkeys",
    "sign_up": "signing_up",
    "take_up_account": "signing_up",
    "verify_again": "signing_in",
    "verify_by_passkey": "passkeys",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
