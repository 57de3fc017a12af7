"""Arguments and options that several commands of the practice share."""

from typing import Annotated

import typer

from vetcore.values.animals import Species
from vetcore.values.clinics import ServiceType

__all__ = [
    "At",
    "Kind",
    "Offered",
    "Override",
    "OverrideReason",
    "Place",
    "Service",
    "Squeeze",
    "Start",
    "Vet",
    "Visit",
    "require_both",
    "why",
]

Place = Annotated[
    str, typer.Argument(metavar="CLINIC", help="The clinic: its name, a part of it, or its id.")
]
Start = Annotated[
    list[str],
    typer.Argument(
        metavar="START",
        help="When, on the clinic's clocks: `tomorrow 9am`, `Wed 14:30`, `2 Dec 9:00`, "
        "`2026-12-02 09:00`.",
    ),
]
Visit = Annotated[
    str,
    typer.Argument(
        metavar="PET_OR_ID",
        help="Whose appointment: the pet as for `vetcore book`; or the appointment's id, whole or "
        "as `vetcore day` shows it.",
    ),
]
Service = Annotated[
    str,
    typer.Option(
        "--service",
        metavar="SERVICE",
        help="What is to be done, by its code in the clinic's catalogue: "
        f"{', '.join(ServiceType)}, or one of the clinic's own.",
    ),
]
Squeeze = Annotated[
    str | None,
    typer.Option(
        "--squeeze-in",
        metavar="REASON",
        help="Why it may stand beside what its practitioner or its room is occupied with.",
    ),
]
Offered = Annotated[
    str | None,
    typer.Option(
        "--service",
        metavar="SERVICE",
        help="Only clinics that offer it: wellness_exam, vaccination, … as for `vetcore book`.",
    ),
]
Kind = Annotated[
    Species | None,
    typer.Option(
        "--species", metavar="SPECIES", help=f"Only for that species: {', '.join(Species)}."
    ),
]
At = Annotated[
    str | None,
    typer.Option(
        "--at", metavar="TIME", help="Which, where the pet has several: when it begins now."
    ),
]
Vet = Annotated[
    str | None,
    typer.Option("--vet", metavar="NAME", help="With that practitioner, by name or id."),
]
Override = Annotated[
    list[str] | None,
    typer.Option(
        "--override",
        metavar="RULE",
        help="Set a rule aside, by the code with which it refused: clinic_closed, off_duty, "
        "blocked, off_grid, too_soon or beyond_horizon. May be given several times.",
    ),
]
OverrideReason = Annotated[
    str | None,
    typer.Option("--override-reason", metavar="WHY", help="Why; kept in the internal notes."),
]


def require_both(override: list[str] | None, reason: str | None) -> None:
    """Refuse a rule to set aside without a reason, and a reason without such a rule.

    Raises:
        BadParameter: one of the two is missing.
    """
    if bool(override) != bool(reason):
        message = "--override and --override-reason go together"
        raise typer.BadParameter(message)


def why(reason: str | None) -> str | None:
    """Return the text for the internal notes if a rule is set aside."""
    return reason and f"Rules set aside: {reason}"
