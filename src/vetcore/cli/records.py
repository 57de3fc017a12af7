"""``vetcore records``: whether what is signed is as it was signed."""

# ruff: noqa: PLR0913 -- a command has a parameter for each option

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vetcore.cli.context import As, Json, Quiet, Tenant, Terminal, Url
from vetcore.cli.exits import ExitCode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from vetcore.operations.results import Verification

__all__ = ["app"]

app = typer.Typer(help="Verify what is signed.", no_args_is_help=True, rich_markup_mode="rich")


@app.command()
def verify(
    *,
    clinic: Annotated[
        str | None,
        typer.Option("--clinic", help="Only this clinic: its id, its name, or a part of the name."),
    ] = None,
    head: Annotated[
        list[str] | None,
        typer.Option(
            "--head",
            metavar="HEAD",
            help="A head of a chain that an earlier run told, as CLINIC:NUMBER:SIGNATURE, or a file "
            "with one on each line. May be given more than once.",
        ),
    ] = None,
    url: Url = None,
    tenant: Tenant = None,
    whom: As = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Find what was done to signed records by somebody who has the database, but not the key.

    Each change, removal, insertion and reordering is told. The end of a chain can be cut off unseen,
    unless its head is kept elsewhere: keep the heads that are told here, and give them back with
    [bold]--head[/bold]. The keys are those of VETCORE_RECORDS_KEYS.

    Exit code 3 means that something is not as it was signed.

    Example: vetcore records verify --head heads.txt
    """
    terminal = Terminal(url, tenant, as_json, quiet, whom)
    kept = tuple(_heads(head or ()))

    async def work() -> "tuple[Verification, Mapping[UUID, str]]":
        from vetcore.cli.desk import told  # noqa: PLC0415
        from vetcore.cli.naming import one_clinic  # noqa: PLC0415
        from vetcore.operations import verify_records  # noqa: PLC0415
        from vetcore.schemas import MedicalRecordVerify  # noqa: PLC0415

        async with terminal.desk() as desk, desk.session() as session:
            place = None if clinic is None else (await one_clinic(session, clinic)).id
            wanted = told(MedicalRecordVerify, clinic_id=place, heads=kept)
            found = await verify_records(session, wanted)
            return found, await _names(session, found)

    found, names = terminal.run(work())
    terminal.answer(_answer(found, names))
    for line in _lines(found, names):
        terminal.tell(line)
    if not found.is_intact:
        raise typer.Exit(ExitCode.ANSWER_IS_NO)


@app.command()
def seal(
    *,
    url: Url = None,
    tenant: Tenant = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Put a seal on what was signed before there were keys, so that nobody changes it unseen.

    The next signing at a clinic does the same. It needs a key: VETCORE_RECORDS_KEYS.
    """
    terminal = Terminal(url, tenant, as_json, quiet)

    async def work() -> int:
        from vetcore.operations import seal_earlier_records  # noqa: PLC0415
        from vetcore.schemas import OfClinic  # noqa: PLC0415

        async with terminal.desk() as desk:
            return await desk.run(lambda session: seal_earlier_records(session, OfClinic()))

    sealed = terminal.run(work())
    terminal.answer({"chains": sealed})
    terminal.show(f"{sealed} chains got a seal." if sealed else "There is nothing to seal.")


def _heads(given: "Sequence[str]") -> list[str]:
    heads: list[str] = []
    for each in given:
        try:
            heads += Path(each).read_text("utf-8").split()
        except (OSError, ValueError):
            heads.append(each)
    return heads


async def _names(session: Any, found: "Verification") -> "dict[UUID, str]":
    from vetcore.errors import NotFound  # noqa: PLC0415
    from vetcore.operations import get_clinic  # noqa: PLC0415
    from vetcore.schemas import ById  # noqa: PLC0415

    names: dict[UUID, str] = {}
    keys = {each.clinic_id for each in found.heads}
    keys |= {each.clinic_id for each in found.findings}
    for key in sorted(keys):
        try:
            names[key] = (await get_clinic(session, ById(id=key))).name
        except NotFound:
            names[key] = "a clinic that is gone"
    return names


def _answer(found: "Verification", names: "Mapping[UUID, str]") -> dict[str, Any]:
    return {
        "intact": found.is_intact,
        "records": found.records,
        "addenda": found.addenda,
        "seals": found.seals,
        "before_keys": found.before_keys,
        "findings": [
            {
                "fault": each.fault.value,
                "clinic": {"id": each.clinic_id, "name": names[each.clinic_id]},
                "number": each.number,
                "record_id": each.record_id,
                "addendum": each.addendum,
                "text": each.text,
            }
            for each in found.findings
        ],
        "heads": [
            {"clinic": {"id": each.clinic_id, "name": names[each.clinic_id]}, "head": str(each)}
            for each in found.heads
        ],
    }


def _lines(found: "Verification", names: "Mapping[UUID, str]") -> list[str]:
    checked = (
        f"Checked {found.records:,} records, {found.addenda:,} addenda and {found.seals:,} seals"
    )
    if found.before_keys:
        checked += f"; {found.before_keys:,} records are of the time before there were keys"
    faults = [f"{names[each.clinic_id]}: {each.text}" for each in found.findings]
    verdict = (
        "Everything is as it was signed."
        if found.is_intact
        else f"{len(faults):,} things are not as they were signed:"
    )
    heads = [str(each) for each in found.heads]
    above = ["", "Keep these heads elsewhere, for the next --head:"] if heads else []
    return [f"{checked}.", verdict, *faults, *above, *heads]
