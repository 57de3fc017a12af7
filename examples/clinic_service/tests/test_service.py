import ast
import asyncio
import hmac
import json
import os
import signal
import sys
from base64 import b64decode, b64encode
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from io import StringIO
from logging import getLogger
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.types import Message, Receive, Scope, Send

from clinic_service.app import create_app
from clinic_service.dependencies import SignedIn, Writing
from clinic_service.problems import STATUS
from clinic_service.settings import ServiceSettings
from clinic_service.tests.conftest import ISSUER, ORIGIN, WEBHOOK_SECRET, SignIn
from vetcore import Database, Settings, clock
from vetcore.errors import MigrationError, VetcoreError
from vetcore.models import Pet, User
from vetcore.samples import Loaded
from vetcore.values.animals import Species

EXAMPLES = Path(__file__).parents[2]


# Who is asking ------------------------------------------------------------------------------------


async def test_nobody_gets_in_without_a_token(client: httpx.AsyncClient) -> None:
    answer = await client.get("/pets")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_an_expired_token_is_refused(world: Loaded, sign_in: SignIn) -> None:
    long_ago = int((clock.now() - timedelta(hours=1)).timestamp())
    answer = await sign_in(world.users["Abigail Fenwick"], exp=long_ago).get("/pets")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")


async def test_the_first_sight_of_a_user_makes_their_account(db: Database, sign_in: SignIn) -> None:
    stranger = User(clerk_user_id="user_new", email="new@example.com")
    answers = await asyncio.gather(*(sign_in(stranger).get("/pets") for _ in range(3)))
    assert [answer.json()["items"] for answer in answers] == [[], [], []]
    async with db.session() as session:
        found = (await session.scalars(select(User))).all()
    assert [user.clerk_user_id for user in found] == ["user_new"]


def test_routes_know_operations_and_nothing_beneath() -> None:
    """A route asks no permission and knows no rule."""
    beneath = {f"vetcore.{room}" for room in ("scheduling", "medical", "directory", "access")}
    for router in (EXAMPLES / "clinic_service" / "routers").glob("*.py"):
        tree = ast.parse(router.read_text())
        known = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not known & beneath, router.name


# Problems -----------------------------------------------------------------------------------------


async def test_what_is_not_there_is_a_problem_too(client: httpx.AsyncClient) -> None:
    answer = await client.get("/nowhere", headers={"X-Request-ID": str(UUID(int=7))})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] == str(UUID(int=7))
    assert answer.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "instance": f"urn:uuid:{UUID(int=7)}",
    }


async def test_what_nobody_foresaw_is_told_to_the_log_alone(
    app: FastAPI, client: httpx.AsyncClient, log: StringIO
) -> None:
    async def broken() -> None:
        message = "a secret of ours"
        raise RuntimeError(message)

    app.add_api_route("/broken", broken)
    answer = await client.get("/broken")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text
    assert answer.json()["title"] == "Internal Server Error"
    entries = [json.loads(line) for line in log.getvalue().splitlines()]
    (told,) = [entry for entry in entries if entry["event"] == "request failed"]
    assert "a secret of ours" in told["exception"]
    assert told["instance"] == answer.json()["instance"]


async def test_each_entry_says_which_request_and_who_asked(
    world: Loaded, sign_in: SignIn, app: FastAPI, log: StringIO
) -> None:
    async def spoken(acting: SignedIn) -> None:
        getLogger("anywhere").warning("seen as %s", acting.request)

    app.add_api_route("/spoken", spoken)
    miriam = world.users["Miriam Okafor"]
    answer = await sign_in(miriam).get("/spoken")
    entries = [json.loads(line) for line in log.getvalue().splitlines()]
    (told,) = [entry for entry in entries if entry["logger"] == "anywhere"]
    assert told["request_id"] == answer.headers["x-request-id"]
    assert told["actor"] == str(miriam.id)
    assert told["event"] == f"seen as {told['request_id']}"
    assert "actor" not in entries[-1]


async def test_a_database_that_is_away_is_a_matter_of_trying_again(
    app: FastAPI, client: httpx.AsyncClient, sign_in: SignIn, world: Loaded, unused_port: int
) -> None:
    assert (await client.get("/health/ready")).json()["ok"] is True
    gone = Database(f"postgresql://nobody@127.0.0.1:{unused_port}/none")
    app.state.services = replace(app.state.services, db=gone)
    assert (await client.get("/health/live")).status_code == 200
    assert (await client.get("/health/ready")).status_code == 503
    answer = await sign_in(world.users["Abigail Fenwick"]).get("/pets")
    assert (answer.status_code, answer.json()["code"]) == (503, "connection_failed")
    assert answer.headers["retry-after"] == "1"


async def test_what_cannot_be_committed_is_not_answered_as_done(
    app: FastAPI, world: Loaded, sign_in: SignIn
) -> None:
    taken = world.pets["Marcus Oyelaran/Duke"].microchip

    async def hasty(session: Writing) -> dict[str, bool]:
        session.add(Pet(name="Rex", species=Species.DOG, microchip=taken))
        return {"done": True}

    app.add_api_route("/hasty", hasty, methods=["POST"])
    answer = await sign_in(world.users["Abigail Fenwick"]).post("/hasty")
    assert (answer.status_code, answer.json()["code"]) == (409, "already_exists")


def _families(family: type[VetcoreError]) -> set[type[VetcoreError]]:
    return {family}.union(*map(_families, family.__subclasses__()))


def test_every_error_has_a_status() -> None:
    for family in _families(VetcoreError):
        assert any(ancestor in STATUS for ancestor in family.__mro__)


# Webhooks -----------------------------------------------------------------------------------------


def _signed(body: bytes, *, delivery: str, secret: str = WEBHOOK_SECRET) -> dict[str, str]:
    sent_at = str(int(clock.now().timestamp()))
    key = b64decode(secret.removeprefix("whsec_"))
    signature = hmac.digest(key, f"{delivery}.{sent_at}.".encode() + body, sha256)
    return {
        "svix-id": delivery,
        "svix-timestamp": sent_at,
        "svix-signature": f"v1,{b64encode(signature).decode()}",
    }


def _deletion(user: User) -> bytes:
    now = int(clock.now().timestamp() * 1000)
    data = {"id": user.clerk_user_id, "object": "user", "deleted": True}
    event = {"type": "user.deleted", "object": "event", "timestamp": now, "data": data}
    return json.dumps(event).encode()


async def test_a_deletion_at_clerk_ends_the_account_here(
    world: Loaded, client: httpx.AsyncClient, sign_in: SignIn
) -> None:
    abigail = world.users["Abigail Fenwick"]
    body = _deletion(abigail)
    headers = _signed(body, delivery="msg_1")
    first = await client.post("/webhooks/clerk", content=body, headers=headers)
    again = await client.post("/webhooks/clerk", content=body, headers=headers)
    assert (first.json(), again.json()) == ({"outcome": "applied"}, {"outcome": "repeated"})
    answer = await sign_in(abigail).get("/pets")
    assert (answer.status_code, answer.json()["code"]) == (401, "account_deleted")


async def test_a_forged_delivery_is_refused(world: Loaded, client: httpx.AsyncClient) -> None:
    body = _deletion(world.users["Abigail Fenwick"])
    forged = _signed(body, delivery="msg_1", secret="whsec_" + "A" * 32)
    answer = await client.post("/webhooks/clerk", content=body, headers=forged)
    assert (answer.status_code, answer.json()["code"]) == (401, "webhook_signature_mismatch")


# Starting and stopping ----------------------------------------------------------------------------


def _settings(url: str) -> Settings:
    given = {
        "VETCORE_DATABASE_URL": url,
        "VETCORE_CLERK_ISSUER": ISSUER,
        "VETCORE_CLERK_AUTHORIZED_PARTIES": ORIGIN,
    }
    return Settings.load(given, env_file=None)


async def test_it_brings_the_schema_up_to_date_if_told_to(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    app = create_app(_settings(url), ServiceSettings(migrate=True))
    async with app.router.lifespan_context(app):
        assert await app.state.services.db.check() == []


async def test_it_does_not_serve_on_a_schema_that_is_behind(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    app = create_app(_settings(url), ServiceSettings(schema_wait=0.2))
    with pytest.raises(MigrationError, match="vetcore db upgrade"):
        async with app.router.lifespan_context(app):
            raise AssertionError


async def test_it_waits_for_whoever_migrates(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    app = create_app(_settings(url), ServiceSettings(schema_wait=20))

    async def migrate() -> None:
        await asyncio.sleep(0.3)
        async with Database(url) as db:
            await db.migrate()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(migrate())
        async with app.router.lifespan_context(app):
            assert (await app.state.services.db.health()).ok


async def test_at_sigterm_it_ends_what_has_begun_and_lets_go_of_the_database(
    database_url: str, unused_port: int
) -> None:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("VETCORE_")
    } | {
        "VETCORE_DATABASE_URL": database_url,
        "VETCORE_CLERK_ISSUER": ISSUER,
        "VETCORE_CLERK_AUTHORIZED_PARTIES": ORIGIN,
        "VETCORE_LOGGING_FORMAT": "json",
        "CLINIC_PORT": str(unused_port),
    }
    service = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "clinic_service"),
        cwd=EXAMPLES,
        env=environment,
        stderr=asyncio.subprocess.PIPE,
    )
    assert service.stderr is not None
    request_id = str(uuid4())
    events: list[dict[str, object]] = []
    async for line in service.stderr:
        events.append(json.loads(line))
        if str(events[-1]["event"]).startswith("Uvicorn running"):
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{unused_port}") as client:
                await client.get("/health/ready", headers={"X-Request-ID": request_id})
            service.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(service.wait(), 20) in {0, -signal.SIGTERM}
    logged = {event["event"]: event for event in events}
    assert logged["request"]["request_id"] == request_id
    assert logged["request"]["status"] == 200
    assert list(logged).index("stopped") > list(logged).index("request")


# Bodies -------------------------------------------------------------------------------------------


async def _endless(counted: list[int]) -> AsyncGenerator[bytes]:
    while len(counted) < 10_000:
        counted.append(1)
        yield b"x" * 65_536


async def test_a_webhook_is_read_no_further_than_a_delivery_can_be_long(
    client: httpx.AsyncClient,
) -> None:
    counted: list[int] = []
    answer = await client.post("/webhooks/clerk", content=_endless(counted))
    assert (answer.status_code, answer.json()["code"]) == (413, "webhook_too_large")
    assert len(counted) < 20
    declared = await client.post(
        "/webhooks/clerk", content=b"x", headers={"content-length": str(64 * 1024 * 1024)}
    )
    assert declared.status_code == 413


async def test_no_request_is_read_without_end(
    client: httpx.AsyncClient, world: Loaded, sign_in: SignIn
) -> None:
    counted: list[int] = []
    owner = sign_in(world.users["Abigail Fenwick"])
    answer = await owner.post("/pets", content=_endless(counted), headers=JSON)
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(counted) < 40


JSON = {"content-type": "application/json"}


# Answers ------------------------------------------------------------------------------------------


async def test_what_is_answered_is_committed_already(
    app: FastAPI, world: Loaded, sign_in: SignIn, db: Database
) -> None:
    seen: list[bool] = []
    inner = app.middleware_stack or app.build_middleware_stack()

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        async def looked(message: Message) -> None:
            if message["type"] == "http.response.start":
                async with db.session() as session:
                    found = await session.scalar(select(Pet.id).where(Pet.name == "Committed"))
                    seen.append(found is not None)
            await send(message)

        await inner(scope, receive, looked)

    app.middleware_stack = watched
    owner = sign_in(world.users["Abigail Fenwick"])
    answer = await owner.post("/pets", json={"name": "Committed", "species": "dog"})
    assert answer.status_code == 201
    assert seen == [True]


async def test_what_a_form_lacks_is_told_with_pointers_and_without_what_was_sent(
    world: Loaded, sign_in: SignIn
) -> None:
    owner = sign_in(world.users["Abigail Fenwick"])
    answer = await owner.post("/pets", json={"species": "hunter2"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    issues = answer.json()["details"]["issues"]
    assert sorted(issue["pointer"] for issue in issues) == ["#/name", "#/species"]
    assert "hunter2" not in answer.text


async def test_a_database_that_is_away_says_nothing_to_strangers(
    app: FastAPI, client: httpx.AsyncClient, unused_port: int, world: Loaded, sign_in: SignIn
) -> None:
    gone = Database(f"postgresql://nobody@127.0.0.1:{unused_port}/none")
    app.state.services = replace(app.state.services, db=gone)
    for path in ("/health/ready", "/pets"):
        told = (await sign_in(world.users["Abigail Fenwick"]).get(path)).text
        assert "127.0.0.1" not in told
        assert str(unused_port) not in told
