"""What a name tells about its value: that it is a password, a telephone number, or nothing.

Names are compared by their words, so that ``access_token``, ``accessToken``, ``Access-Token`` and
``ACCESSTOKEN`` are one name.
"""

import re
from functools import lru_cache
from typing import Final
from unicodedata import combining, normalize

__all__ = ["is_identifier", "mask_of"]

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_LONGEST: Final = 120
"""Of a longer name, only this many of its last characters are looked at."""

_SAYS_LITTLE: Final = frozenset(
    [
        "again",
        "b64",
        "base64",
        "confirm",
        "confirmation",
        "confirmed",
        "current",
        "digest",
        "encoded",
        "hash",
        "hashed",
        "header",
        "hex",
        "new",
        "old",
        "plain",
        "plaintext",
        "previous",
        "raw",
        "repeat",
        "str",
        "string",
        "text",
        "value",
        "values",
    ]
)
"""Words at the end that leave a secret one: ``password_confirmation``, ``tokenHash``, ``secret2``."""

_SECRET_WORDS: Final = frozenset(
    [
        "auth",
        "authorization",
        "bearer",
        "cookie",
        "cookies",
        "credential",
        "credentials",
        "creds",
        "csrf",
        "cvc",
        "cvv",
        "dea",
        "hmac",
        "iban",
        "jwt",
        "otp",
        "pass",
        "pin",
        "pins",
        "pwd",
        "sid",
        "sig",
        "signature",
        "signatures",
        "ssn",
        "totp",
        "xsrf",
    ]
)
_SECRET_ENDS: Final = (
    *("password", "passwords", "passwd", "passphrase", "passcode", "passkey", "pincode"),
    *("secret", "secrets", "token", "tokens", "cookie", "cookies", "credential", "credentials"),
    *("apikey", "apikeys", "privatekey", "privatekeys", "signingkey", "signingkeys", "accesskey"),
    *("accesskeys", "secretkey", "secretkeys", "encryptionkey", "encryptionkeys", "masterkey"),
    *("sharedkey", "sessionkey", "sessionid", "sessid", "authcode", "authorizationcode"),
    *("verificationcode", "onetimecode", "otpcode", "mfacode", "accesscode", "securitycode"),
    *("resetcode", "recoverycode", "recoverycodes", "backupcode", "backupcodes"),
    *("cardnumber", "creditcard", "debitcard", "ccnumber", "accountnumber", "bankaccount"),
    *("sshkey", "pemkey", "hmackey", "authkey", "appkey", "accountkey", "storagekey", "clientkey"),
    *("codeverifier", "clientassertion", "magiclink", "securityanswer", "taxid", "nationalid"),
    # In the languages of the countries that the package knows.
    *("passwort", "passworter", "kennwort", "geheimnis", "motdepasse", "mdp", "contrasena"),
    *("wachtwoord", "geheim", "parolachiave", "zugangscode"),
    *("routingnumber", "socialsecuritynumber", "passportnumber", "deanumber", "dearegistration"),
)
_EMAIL_ENDS: Final = ("email", "emails", "emailaddress", "emailaddresses", "mailaddress")
_EMAIL_WORDS: Final = frozenset(["mail", "mails"])
_PHONE_ENDS: Final = ("phone", "phones", "phonenumber", "phonenumbers")
_PHONE_WORDS: Final = frozenset(["cell", "fax", "mobile", "msisdn", "sms", "tel", "whatsapp"])
_BIRTH_ENDS: Final = ("dateofbirth", "birthday")
_IDENTIFIERS: Final = frozenset(["chip", "id", "ids", "microchip"])


@lru_cache(maxsize=4096)
def mask_of(name: str) -> str | None:
    """Return the mask that logs show in place of a value of that name.

    The result is None if the name is harmless.

    >>> mask_of("clientSecret"), mask_of("X-Api-Key"), mask_of("owner.phoneNumber"), mask_of("dob")
    ('[secret]', '[secret]', '[phone]', '[birth date]')
    >>> mask_of("idempotency_key"), mask_of("email_verified"), mask_of("token_count")
    (None, None, None)
    """
    words = _words(name)
    while len(words) > 1 and (words[-1] in _SAYS_LITTLE or words[-1].isdecimal()):
        words.pop()
    if not words:
        return None
    last, joined = words[-1], "".join(words)
    if last in _SECRET_WORDS or joined.endswith(_SECRET_ENDS):
        return "[secret]"
    if last in _EMAIL_WORDS or joined.endswith(_EMAIL_ENDS):
        return "[email]"
    without_number = words[-2] if len(words) > 1 and last in {"number", "numbers", "no"} else last
    if without_number in _PHONE_WORDS or joined.endswith(_PHONE_ENDS):
        return "[phone]"
    if last == "dob" or joined.endswith(_BIRTH_ENDS):
        return "[birth date]"
    return None


@lru_cache(maxsize=4096)
def is_identifier(name: str) -> bool:
    """Return whether the name is that of an id or microchip, which may look like a phone number."""
    words = _words(name)
    return bool(words) and words[-1] in _IDENTIFIERS


def _words(name: str) -> list[str]:
    end = name[-_LONGEST:]
    if not end.isascii():
        end = "".join(c for c in normalize("NFKD", end) if not combining(c))
    return [word.lower() for word in _WORD.findall(end)]
