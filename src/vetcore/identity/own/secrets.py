"""Tokens that open something: made at random, handed out once, kept as a digest."""

import secrets
from hashlib import sha256
from typing import Final

__all__ = ["API_KEY", "LINK", "SESSION", "digest", "new_token"]

SESSION: Final = "vcs_"
"""How the token of a session begins."""
API_KEY: Final = "vck_"
"""How an API key begins."""
LINK: Final = "vcl_"
"""How the token of a link begins."""

_BYTES: Final = 32


def new_token(prefix: str) -> str:
    """Return a token that nobody guesses: 256 random bits."""
    return prefix + secrets.token_urlsafe(_BYTES)


def digest(token: str) -> str:
    """Return what is stored of a token.

    A plain hash is enough: what has 256 random bits is not found by trying.
    """
    return sha256(token.encode()).hexdigest()
