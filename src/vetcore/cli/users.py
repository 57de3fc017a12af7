"""``vetcore users``: people's accounts, as whoever runs the platform sees to them."""

from typing import TYPE_CHECKING, Annotated

import typer

from vetcore.cli.context import Json, Quiet, Tenant, Terminal, Url
from vetcore.errors import InvalidValue

if TYPE_CHECKING:
    from vetcore.database import Session
    from vetcore.models import User

__all__ = ["app"]

app = typer.Typer(help="See to people's accounts.", no_args_is_help=True, rich_markup_mode="rich")


@app.callback()
def _users() -> None:
    """Without a callback, Typer would take a group's only command for the group itself."""


@app.command()
def make_admin(  # noqa: PLR0913 -- a command has a parameter for each option
    email: Annotated[str, typer.Argument(help="The address of the account.", metavar="EMAIL")],
    *,
    first_name: Annotated[
        str | None, typer.Option("--first-name", help="Opens the account, if there is none.")
    ] = None,
    last_name: Annotated[
        str | None, typer.Option("--last-name", help="Opens the account, if there is none.")
    ] = None,
    url: Url = None,
    tenant: Tenant = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Make somebody an administrator of the platform: the first one, say.

    Administrators bring clinics onto the platform, vouch for licences, and make further
    administrators. The address counts as verified: make sure that it is theirs.

    Example: vetcore users make-admin ana@example.com --first-name Ana --last-name Silva
    """
    terminal = Terminal(url, tenant, as_json, quiet)

    async def work() -> "User":
        async with terminal.desk() as desk:
            return await desk.run(lambda session: _made(session, email, first_name, last_name))

    user = terminal.run(work())
    terminal.answer({"id": user.id, "email": user.email, "role": user.role.value})
    terminal.show(f"{user.first_name} {user.last_name} ({user.email}) administers the platform.")


async def _made(
    session: "Session", email: str, first_name: str | None, last_name: str | None
) -> "User":
    from vetcore.cli.desk import told  # noqa: PLC0415
    from vetcore.operations import create_user, list_users, update_user  # noqa: PLC0415
    from vetcore.schemas import UserCreate, UserQuery, UserUpdate  # noqa: PLC0415
    from vetcore.values.people import Role, UserStatus  # noqa: PLC0415

    found = await list_users(session, told(UserQuery, email=email))
    rights = {"role": Role.PLATFORM_ADMIN, "email_verified": True}
    if found.items:
        user = found.items[0]
        if user.status is not UserStatus.ACTIVE:
            raise InvalidValue(
                field="email",
                rule=f"is of an account that is {user.status}",
                expected="the address of an account in use",
                value=email,
            )
        return await update_user(session, told(UserUpdate, id=user.id, **rights))
    if first_name is None or last_name is None:
        raise InvalidValue(
            field="email",
            rule="has no account",
            expected="the address of an account, or --first-name and --last-name to open one",
            value=email,
        )
    return await create_user(
        session, told(UserCreate, email=email, first_name=first_name, last_name=last_name, **rights)
    )
