"""The ``vetcore`` command."""

__all__ = ["main"]


def main() -> None:
    """Run the command with the process's arguments, and exit with its code."""
    from vetcore.cli.app import application  # noqa: PLC0415 -- so that importing costs nothing
    from vetcore.cli.voice import speak_plainly  # noqa: PLC0415

    speak_plainly()
    application()(prog_name="vetcore")
