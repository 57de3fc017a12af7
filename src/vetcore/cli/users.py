"""``vetcore users``: accounts, what people are, where they are signed in, and their keys."""

# ruff: noqa: PLR0913 -- a command has a parameter for each option

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vetcore.cli.context import As, Json, Quiet, Tenant, Terminal, Url
from vetcore.errors import InvalidValue

if TYPE_CHECKING:
    from uuid import UUID

    from vetcore.cli.desk import Desk
    from vetcore.database import Session
    from vetcore.models import User
    from vetcore.operations.results import Letter, NewApiKey

__all__ = ["app"]

app = typer.Typer(
    help="Accounts: who there is, what they are, and where they are signed in.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The person's e-mail address.")]
First = Annotated[str, typer.Option("--first-name", metavar="NAME", help="First name.")]
Last = Annotated[str, typer.Option("--last-name", metavar="NAME", help="Last name.")]
WantedRole = Annotated[
    str,
    typer.Option(
        "--role",
        metavar="ROLE",
        help="pet_owner, receptionist, veterinary_technician, veterinarian, clinic_manager or "
        "platform_admin.",
    ),
]


@app.command()
def create(
    email: Email,
    *,
    first_name: First,
    last_name: Last,
    wanted: WantedRole = "pet_owner",
    url: Url = None,
    tenant: Tenant = None,
    whom: As = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Make an account that somebody else signs in to, such as Clerk, or that nobody signs in to.

    For an account with a password of its own, use [bold]vetcore users invite[/bold].

    Example: vetcore users create ana@example.com --first-name Ana --last-name Silva
    """
    terminal = Terminal(url, tenant, as_json, quiet, whom)

    async def work() -> "User":
        from vetcore.cli.desk import told  # noqa: PLC0415
        from vetcore.operations import create_user  # noqa: PLC0415
        from vetcore.schemas import UserCreate  # noqa: PLC0415

        names = {"first_name": first_name, "last_name": last_name}
        wish = told(UserCreate, email=email, role=wanted, **names)
        async with terminal.desk() as desk:
            return await desk.run(lambda session: create_user(session, wish))

    made = terminal.run(work())
    terminal.answer({"id": made.id, "email": made.email, "role": made.role})
    terminal.tell(f"{made.full_name} has an account: {made.id}.")


@app.command()
def invite(
    email: Email,
    *,
    first_name: First,
    last_name: Last,
    wanted: WantedRole = "receptionist",
    url: Url = None,
    tenant: Tenant = None,
    whom: As = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Make an account for somebody who works here, and show the token of the link to send to them.

    They set their own password by it, within three days. What they do at a clinic is said by a
    membership, which the clinic's manager offers.

    Example: vetcore users invite vic@example.com --first-name Vic --last-name Vet --role veterinarian
    """
    terminal = Terminal(url, tenant, as_json, quiet, whom)

    async def work() -> "Letter":
        async with terminal.desk() as desk:
            return await _invited(desk, email, first_name, last_name, wanted)

    _show_link(terminal, terminal.run(work()))


@app.command("make-admin")
def make_admin(
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
    administrators. The address counts as verified: make sure that it is theirs. Whoever has no password
    yet sets one as if they had forgotten it.

    Example: vetcore users make-admin ana@example.com --first-name Ana --last-name Silva
    """
    terminal = Terminal(url, tenant, as_json, quiet)

    async def work() -> "User":
        async with terminal.desk() as desk:
            return await desk.run(lambda session: _made(session, email, first_name, last_name))

    user = terminal.run(work())
    terminal.answer({"id": user.id, "email": user.email, "role": user.role.value})
    terminal.show(f"{user.first_name} {user.last_name} ({user.email}) administers the platform.")


@app.command()
def roles(
    email: Email,
    wanted: Annotated[
        str | None, typer.Argument(metavar="[ROLE]", help="What they are to be on the platform.")
    ] = None,
    *,
    url: Url = None,
    tenant: Tenant = None,
    whom: As = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show what somebody is on the platform, or say what they are to be.

    Example: vetcore users roles vic@example.com veterinarian
    """
    terminal = Terminal(url, tenant, as_json, quiet, whom)

    async def work() -> "User":
        async with terminal.desk() as desk:
            known = await _person(desk, email)
            return known if wanted is None else await _appointed(desk, known.id, wanted)

    _show_role(terminal, terminal.run(work()))


@app.command()
def sessions(
    email: Email,
    *,
    end: Annotated[
        str | None, typer.Option("--end", metavar="ID", help="End this session.")
    ] = None,
    end_all: Annotated[bool, typer.Option("--end-all", help="End all of them.")] = False,
    url: Url = None,
    tenant: Tenant = None,
    whom: As = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """List where somebody is signed in, or end it.

    Example: vetcore users sessions ana@example.com --end-all
    """
    terminal = Terminal(url, tenant, as_json, quiet, whom)

    async def work() -> list[Any]:
        from vetcore.cli.desk import told  # noqa: PLC0415
        from vetcore.operations import (  # noqa: PLC0415
            end_other_sessions,
            end_session,
            list_sessions,
        )
        from vetcore.schemas import OfUser, SessionEnd  # noqa: PLC0415

        async with terminal.desk() as desk:
            whose = OfUser(user_id=(await _person(desk, email)).id)
            if end is not None:
                one = told(SessionEnd, id=end)
                await desk.run(lambda session: end_session(session, one))
            if end_all:
                await desk.run(lambda session: end_other_sessions(session, whose))
            async with desk.session() as session:
                return list(await list_sessions(session, whose))

    found = terminal.run(work())
    terminal.answer_list(
        {
            "id": each.id,
            "used_at": each.used_at,
            "created_at": each.created_at,
            "expires_at": each.expires_at,
            "address": each.address,
            "agent": each.agent,
            "second_factor": each.second_factor,
        }
        for each in found
    )
    for each in found:
        where = ", ".join(filter(None, (each.address, each.agent))) or "an unknown place"
        terminal.tell(f"{each.id}  {where}, last used {each.used_at:%Y-%m-%d %H:%M} UTC")
    if not found:
        terminal.tell("Nobody is signed in there.")


@app.command()
def keys(
    email: Email,
    *,
    make: Annotated[
        str | None, typer.Option("--create", metavar="NAME", help="Make a key of that name.")
    ] = None,
    permission: Annotated[
        list[str] | None,
        typer.Option(
            "--permission", metavar="NAME", help="What it may be used for, such as pet:read."
        ),
    ] = None,
    days: Annotated[
        int, typer.Option("--days", min=1, max=366, help="How long the new key works.")
    ] = 90,
    revoke: Annotated[
        str | None, typer.Option("--revoke", metavar="ID", help="End this key at once.")
    ] = None,
    url: Url = None,
    tenant: Tenant = None,
    whom: As = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """List the API keys of somebody, make one, or revoke one. The text of a key is shown once.

    Example: vetcore users keys lab@example.com --create Lab --permission pet:read
    """
    terminal = Terminal(url, tenant, as_json, quiet, whom)

    async def work() -> "tuple[list[Any], NewApiKey | None]":
        from vetcore.cli.desk import told  # noqa: PLC0415
        from vetcore.clock import now  # noqa: PLC0415
        from vetcore.operations import (  # noqa: PLC0415
            create_api_key,
            list_api_keys,
            revoke_api_key,
        )
        from vetcore.schemas import ApiKeyCreate, ApiKeyRevoke, OfUser  # noqa: PLC0415

        async with terminal.desk() as desk:
            user_id, made = (await _person(desk, email)).id, None
            if revoke is not None:
                one = told(ApiKeyRevoke, id=revoke)
                await desk.run(lambda session: revoke_api_key(session, one))
            if make is not None:
                wish = told(
                    ApiKeyCreate,
                    user_id=user_id,
                    name=make,
                    permissions=permission or [],
                    expires_at=now() + timedelta(days=days),
                )
                made = await desk.run(lambda session: create_api_key(session, wish))
            async with desk.session() as session:
                return list(await list_api_keys(session, OfUser(user_id=user_id))), made

    found, made = terminal.run(work())
    listed = [
        {
            "id": each.id,
            "name": each.name,
            "permissions": each.permissions.split("\n"),
            "expires_at": each.expires_at,
            "used_at": each.used_at,
            "revoked_at": each.revoked_at,
        }
        for each in found
    ]
    if made is None:
        terminal.answer_list(listed)
    else:
        terminal.answer({"token": made.token, "items": listed, "next_cursor": None})
        terminal.tell(f"Keep this key; it is not shown again: {made.token}")
    for each in found:
        end = f"until {each.expires_at:%Y-%m-%d}" if each.revoked_at is None else "revoked"
        terminal.tell(f"{each.id}  {each.name}, {end}: {', '.join(each.permissions.split())}")
    if not found:
        terminal.tell("There is no key.")


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


# What they share ----------------------------------------------------------------------------------


async def _known(desk: "Desk", email: str) -> "User | None":
    from vetcore.cli.desk import told  # noqa: PLC0415
    from vetcore.operations import list_users  # noqa: PLC0415
    from vetcore.schemas import UserQuery  # noqa: PLC0415

    async with desk.session() as session:
        found = await list_users(session, told(UserQuery, email=email))
        return found[0] if found else None


async def _person(desk: "Desk", email: str) -> "User":
    from vetcore.errors import NotFound  # noqa: PLC0415

    found = await _known(desk, email)
    if found is None:
        raise NotFound(entity="user", key=email)
    return found


async def _invited(desk: "Desk", email: str, first: str, last: str, wanted: str) -> "Letter":
    from vetcore.cli.desk import told  # noqa: PLC0415
    from vetcore.operations import invite_user  # noqa: PLC0415
    from vetcore.schemas import UserInvite  # noqa: PLC0415

    wish = told(UserInvite, email=email, first_name=first, last_name=last, role=wanted)
    return await desk.run(lambda session: invite_user(session, wish))


async def _appointed(desk: "Desk", user_id: "UUID", wanted: str) -> "User":
    from vetcore.cli.desk import told  # noqa: PLC0415
    from vetcore.operations import appoint_user  # noqa: PLC0415
    from vetcore.schemas import UserAppoint  # noqa: PLC0415

    wish = told(UserAppoint, id=user_id, role=wanted)
    return await desk.run(lambda session: appoint_user(session, wish))


def _show_link(terminal: Terminal, letter: "Letter") -> None:
    terminal.answer({"email": letter.email, "purpose": letter.purpose, "token": letter.token})
    terminal.tell(f"Send {letter.email} the link with this token, which works once: {letter.token}")


def _show_role(terminal: Terminal, user: "User") -> None:
    terminal.answer({"id": user.id, "email": user.email, "role": user.role, "status": user.status})
    terminal.tell(f"{user.full_name} is {user.role.replace('_', ' ')} ({user.status}).")
