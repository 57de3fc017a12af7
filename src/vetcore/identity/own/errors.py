"""Why somebody was not signed in, or could not have what they asked for.

::

    InvalidValue
    └── PasswordRefused            too short, common, or easy to guess
    NotAuthenticated
    ├── SignInRefused              wrong address, password or code: which, is not said
    ├── SecondFactorNeeded         the password is right; the code of the app is missing
    ├── AddressNotVerified         the password is right; the link that came by mail was not opened
    ├── SessionOver                signed out, expired, or never there
    ├── LinkRefused                used before, expired, or never sent
    ├── ApiKeyRefused              revoked, expired, or never there
    └── VerificationNeeded         signed in, but not lately enough for this
    AccessError
    ├── TooManyAttempts            after a while it works again
    └── SignInBusy                 so many sign in at this moment                 (retryable)

None of them carries a password, a token or a code.
"""

from datetime import datetime

from vetcore.errors import AccessError, InvalidValue, NotAuthenticated

__all__ = [
    "AddressNotVerified",
    "ApiKeyRefused",
    "LinkRefused",
    "PasswordRefused",
    "SecondFactorNeeded",
    "SessionOver",
    "SignInBusy",
    "SignInRefused",
    "TooManyAttempts",
    "VerificationNeeded",
]


class PasswordRefused(InvalidValue):
    """The password would not keep anybody out."""

    code = "password_refused"
    title = "Choose another password"

    def __init__(self, *, rule: str, expected: str) -> None:
        super().__init__(field="password", rule=rule, expected=expected)


class SignInRefused(NotAuthenticated):
    """The address, the password or the code is wrong. Which of them it is, is not said."""

    code = "sign_in_refused"
    title = "Nobody was signed in"

    def __init__(self) -> None:
        super().__init__("The e-mail address, the password or the code is not right")


class SecondFactorNeeded(NotAuthenticated):
    """The password is right, and the account has a second factor, which was not given."""

    code = "second_factor_needed"
    title = "A code is needed as well"

    def __init__(self) -> None:
        super().__init__("The account needs the code of the authenticator app as well")


class AddressNotVerified(NotAuthenticated):
    """The password is right, but nobody has shown yet that the address is theirs."""

    code = "address_not_verified"
    title = "The e-mail address is not confirmed"

    def __init__(self) -> None:
        super().__init__("Open the link that came by mail before you sign in")


class SessionOver(NotAuthenticated):
    """The session ended, expired, or never was."""

    code = "session_over"
    title = "The session is over"

    def __init__(self) -> None:
        super().__init__("The session is over; sign in again")


class LinkRefused(NotAuthenticated):
    """The link was used, has expired, was replaced by another one, or never was."""

    code = "link_refused"
    title = "The link does not work any more"

    def __init__(self) -> None:
        super().__init__("The link was used before, or its time is over; ask for another one")


class ApiKeyRefused(NotAuthenticated):
    """The key was revoked, has expired, or never was."""

    code = "api_key_refused"
    title = "The API key was refused"

    def __init__(self) -> None:
        super().__init__("There is no such API key, or none that is valid now")


class VerificationNeeded(NotAuthenticated):
    """Whoever is signed in must show again who they are before they do this."""

    code = "verification_needed"
    title = "Show again who you are"

    def __init__(self) -> None:
        super().__init__(
            "Show again who you are, by your password or your passkey, before you do this"
        )


class TooManyAttempts(AccessError):
    """There were too many attempts. Nothing was tried."""

    code = "too_many_attempts"
    title = "There were too many attempts"

    def __init__(self, *, until: datetime) -> None:
        super().__init__(
            f"There were too many attempts; try again after {until.isoformat()}", until=until
        )


class SignInBusy(AccessError):
    """So many passwords wait to be hashed that one more would wait too long."""

    code = "sign_in_busy"
    title = "Too many people sign in at this moment"
    retryable = True

    def __init__(self) -> None:
        super().__init__("Too many people sign in at this moment; try again in a few seconds")
