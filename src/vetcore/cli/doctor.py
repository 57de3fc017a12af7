"""``vetcore doctor`` examines the installation, and gives each finding a verdict."""

from typing import TYPE_CHECKING, Annotated

import typer

from vetcore.cli.context import ExitCode, Json, Quiet, Tenant, Terminal, Url

if TYPE_CHECKING:
    from vetcore.cli.examination import Finding
    from vetcore.settings import SettingSource

__all__ = ["app"]

app = typer.Typer(rich_markup_mode="rich")

_SIGNS = {"ok": "[green]✓[/green]", "warning": "[yellow]![/yellow]", "fault": "[red]✗[/red]"}


@app.command()
def doctor(
    *,
    every: Annotated[
        bool, typer.Option("--all", help="Show the settings that are left at their defaults too.")
    ] = False,
    url: Url = None,
    tenant: Tenant = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Examine configuration, connection, server, extensions, pool and schema.

    Nothing is changed. Exit code 3 means that a fault was found. After warnings alone it is 0.
    """
    terminal = Terminal(url, tenant, as_json, quiet)
    from vetcore.cli.examination import configuration, examine  # noqa: PLC0415

    settings, findings = configuration(terminal)
    if settings is not None:
        findings += terminal.run(examine(terminal))
    sources = settings.sources() if settings else []
    faults = sum(finding.verdict == "fault" for finding in findings)
    terminal.answer(
        {
            "ok": not faults,
            "findings": [
                {
                    "subject": finding.subject,
                    "verdict": finding.verdict,
                    "detail": finding.detail,
                    "advice": finding.advice,
                }
                for finding in findings
            ],
            "settings": [
                {
                    "name": source.name,
                    "value": source.value,
                    "origin": _origin(source),
                    "file": source.file,
                }
                for source in sources
            ],
        }
    )
    if not as_json:
        _show(terminal, findings, sources, every=every)
    if faults:
        raise typer.Exit(ExitCode.ANSWER_IS_NO)


def _show(
    terminal: Terminal,
    findings: "list[Finding]",
    sources: "list[SettingSource]",
    *,
    every: bool,
) -> None:
    from rich.markup import escape  # noqa: PLC0415
    from rich.table import Column, Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    chosen = [source for source in sources if every or "default" not in source.origin.value]
    if chosen:
        table = Table(box=None, pad_edge=False, show_header=False)
        for source in chosen:
            name = source.name.removeprefix("VETCORE_")
            origin = f"{_origin(source)}{f' {source.file}' if source.file else ''}"
            table.add_row(name, Text(source.value, overflow="fold"), Text(origin, "dim"))
        terminal.show("[bold]Settings[/bold] (VETCORE_…)", table, "")
    table = Table("", "", Column(overflow="fold"), box=None, pad_edge=False, show_header=False)
    for finding in findings:
        detail = escape(finding.detail)
        if finding.advice:
            detail += f"\n[dim]{escape(finding.advice)}[/dim]"
        table.add_row(_SIGNS[finding.verdict], f"[bold]{finding.subject}[/bold]", detail)
    terminal.show(table)
    verdicts = [finding.verdict for finding in findings]
    faults, warnings = verdicts.count("fault"), verdicts.count("warning")
    terminal.show("", f"{_counted(faults, 'fault')}, {_counted(warnings, 'warning')}.")


def _origin(source: "SettingSource") -> str:
    """Where a setting came from; what the code says here, the command line said."""
    return "command line" if source.origin == "code" else source.origin.value


def _counted(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"
