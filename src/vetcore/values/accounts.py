"""What links to an account are for."""

from enum import StrEnum, unique

__all__ = ["LinkPurpose"]


@unique
class LinkPurpose(StrEnum):
    """What a link, or a challenge, is good for. It is good for nothing else."""

    VERIFY = "verify"
    """Show that one reads the mail of an address."""
    RESET = "reset"
    """Set another password."""
    INVITE = "invite"
    """Set the first password of an account that somebody else has made."""
    PASSKEY = "passkey"
    """Answer with a new passkey."""
    SIGN_IN = "sign_in"
    """Answer with a passkey that one has."""
