"""``vetcore users``: people are invited and appointed, and their sessions and keys end."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run, sentence


@pytest.fixture
def url(vetcore: Run, tmp_path: Path) -> str:
    made = f"sqlite:///{tmp_path / 'clinic.db'}"
    assert vetcore("db", "upgrade", url=made).exit_code == 0
    return made


def _json(run: Any) -> Any:
    assert run.exit_code == 0, run.stderr
    return json.loads(run.stdout)


def test_somebody_who_works_here_is_invited(vetcore: Run, url: str) -> None:
    wish = ("users", "invite", "vic@example.com", "--first-name", "Vic", "--last-name", "Vet")
    invited = _json(vetcore(*wish, "--role", "veterinarian", "--json", url=url))
    assert invited["purpose"] == "invite"
    assert invited["token"].startswith("vcl_")
    again = vetcore(*wish, url=url)
    assert again.exit_code == 0
    assert invited["token"] not in again.stdout
    assert "vcl_" in again.stdout
    shown = _json(vetcore("users", "roles", "vic@example.com", "--json", url=url))
    assert (shown["role"], shown["status"]) == ("receptionist", "invited")


def test_somebody_who_has_an_account_is_appointed(vetcore: Run, url: str) -> None:
    names = ("--first-name", "Ana", "--last-name", "Silva")
    vetcore("users", "create", "ana@example.com", *names, url=url)
    said = vetcore("users", "roles", "ANA@example.com", url=url)
    assert sentence(said.stdout) == "Ana Silva is pet owner (active)."
    said = vetcore("users", "roles", "ana@example.com", "veterinarian", url=url)
    assert "is veterinarian" in said.stdout
    assert vetcore("users", "roles", "ana@example.com", "king", url=url).exit_code == 2
    assert vetcore("users", "roles", "eve@example.com", url=url).exit_code == 2
    twice = vetcore("users", "invite", "ana@example.com", *names, url=url)
    assert twice.exit_code != 0


def test_only_administrators_appoint_and_nobody_appoints_themselves(vetcore: Run, url: str) -> None:
    names = ("--first-name", "Ana", "--last-name", "Silva")
    for email in ("ana@example.com", "bo@example.com"):
        vetcore("users", "create", email, *names, url=url)
    by_ana = ("--as", "ana@example.com")
    admin = "platform_admin"
    assert vetcore("users", "roles", "bo@example.com", admin, *by_ana, url=url).exit_code != 0
    vetcore("users", "make-admin", "ana@example.com", url=url)
    assert vetcore("users", "roles", "bo@example.com", admin, *by_ana, url=url).exit_code == 0
    assert (
        vetcore("users", "roles", "ana@example.com", "pet_owner", *by_ana, url=url).exit_code != 0
    )


def test_a_key_is_made_shown_once_and_revoked(vetcore: Run, url: str) -> None:
    names = ("--first-name", "Lab", "--last-name", "Oratory")
    vetcore("users", "create", "lab@example.com", *names, url=url)
    wish = ("--create", "Lab", "--permission", "pet:read")
    made = _json(vetcore("users", "keys", "lab@example.com", *wish, "--json", url=url))
    assert made["token"].startswith("vck_")
    listed = vetcore("users", "keys", "lab@example.com", url=url)
    assert made["token"] not in listed.stdout
    assert "pet:read" in listed.stdout
    key = made["items"][0]["id"]
    vetcore("users", "keys", "lab@example.com", "--revoke", key, url=url)
    assert "revoked" in vetcore("users", "keys", "lab@example.com", url=url).stdout
    for wrong in ("pet:eat", "record:sign", "account:write"):
        refused = vetcore(
            "users", "keys", "lab@example.com", "--create", "X", "--permission", wrong, url=url
        )
        assert refused.exit_code == 2
        assert wrong in sentence(refused.stderr)


def test_sessions_are_listed_and_ended(vetcore: Run, url: str) -> None:
    names = ("--first-name", "Ana", "--last-name", "Silva")
    vetcore("users", "create", "ana@example.com", *names, url=url)
    said = vetcore("users", "sessions", "ana@example.com", "--end-all", url=url)
    assert sentence(said.stdout) == "Nobody is signed in there."
    assert _json(vetcore("users", "sessions", "ana@example.com", "--json", url=url)) == {
        "items": [],
        "next_cursor": None,
    }
    no_id = vetcore("users", "sessions", "ana@example.com", "--end", "x", url=url)
    assert no_id.exit_code == 2
