"""Each default, each limit and each form that the settings promise, one by one."""

from typing import Any

import pytest

from vetcore.errors import ConfigurationError
from vetcore.settings import ClerkSettings, Settings

DEFAULTS: dict[str, Any] = {
    "environment": "development",
    "database.url": "sqlite+aiosqlite:///vetcore.db",
    "database.tenant": None,
    "database.restricted_url": None,
    "database.restricted_key": None,
    "database.pool_size": 5,
    "database.max_overflow": 5,
    "database.pool_timeout": 10,
    "database.pool_recycle": 1800,
    "database.pre_ping": True,
    "database.connect_timeout": 5,
    "database.connect_wait": 60,
    "database.failover_wait": 45,
    "database.statement_timeout": 30,
    "database.lock_timeout": 5,
    "database.idle_in_transaction_timeout": 60,
    "database.echo": False,
    "database.slow_statement": None,
    "logging.level": "INFO",
    "logging.format": "console",
    "flags.file": None,
    "flags.enabled": frozenset(),
    "flags.disabled": frozenset(),
    "flags.reload_interval": 1,
    "clerk.issuer": None,
    "clerk.audience": None,
    "clerk.authorized_parties": (),
    "clerk.jwks_url": None,
    "clerk.webhook_secrets": (),
    "oidc.issuer": None,
    "oidc.audience": None,
    "accounts.session_days": 30,
    "accounts.idle_days": 7,
    "accounts.fresh_minutes": 15,
    "accounts.link_hours": 24,
    "accounts.reset_minutes": 30,
    "accounts.hash_memory": 19_456,
    "accounts.hash_rounds": 2,
    "accounts.hash_workers": 1,
    "accounts.passkey_host": None,
    "accounts.passkey_name": "vetcore",
    "accounts.passkey_origins": (),
    "retention.deleted_days": None,
    "retention.holds_days": 7,
    "retention.waitlist_days": 30,
    "retention.deliveries_days": 30,
    "retention.keys_days": 30,
    "retention.reminders_days": 365,
    "retention.sessions_days": 90,
    "records.keys": (),
    "records.active": None,
}
URL = {"VETCORE_DATABASE_URL": "postgresql://vet@db/clinic"}
OF_ENVIRONMENTS: dict[str, dict[str, Any]] = {
    "test": {"database.pool_size": 2, "database.max_overflow": 3, "logging.level": "WARNING"},
    "staging": {
        "database.pool_size": 10,
        "database.slow_statement": 0.5,
        "logging.format": "json",
    },
    "production": {
        "database.pool_size": 10,
        "database.slow_statement": 0.5,
        "logging.format": "json",
    },
}


def _value(settings: Settings, path: str) -> Any:
    value: Any = settings
    for part in path.split("."):
        value = getattr(value, part)
    return value.get_secret_value() if path == "database.url" else value


def _load(**environ: str) -> Settings:
    return Settings.load(
        {f"VETCORE_{name}": value for name, value in environ.items()}, env_file=None
    )


@pytest.mark.parametrize("path", DEFAULTS)
def test_each_setting_has_the_default_that_is_written_beside_it(path: str) -> None:
    assert _value(_load(), path) == DEFAULTS[path]


def test_no_setting_is_without_a_promise() -> None:
    names = {each.name for each in _load().sources()}
    assert names == {f"VETCORE_{path.replace('.', '_')}".upper() for path in DEFAULTS}


@pytest.mark.parametrize("environment", OF_ENVIRONMENTS)
@pytest.mark.parametrize(
    "path", [path for path in DEFAULTS if path not in {"environment", "database.url"}]
)
def test_each_environment_changes_what_it_says_and_nothing_else(
    environment: str, path: str
) -> None:
    settings = Settings.load(URL | {"VETCORE_ENVIRONMENT": environment}, env_file=None)
    assert _value(settings, path) == OF_ENVIRONMENTS[environment].get(path, DEFAULTS[path])


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("DATABASE_POOL_SIZE", 1, 1000),
        ("DATABASE_MAX_OVERFLOW", 0, 1000),
        *(
            (path.replace(".", "_").upper(), 0, 36_500)
            for path in DEFAULTS
            if path.startswith("retention.")
        ),
        ("ACCOUNTS_SESSION_DAYS", 1, 365),
        ("ACCOUNTS_IDLE_DAYS", 1, 365),
        ("ACCOUNTS_FRESH_MINUTES", 1, 1440),
        ("ACCOUNTS_LINK_HOURS", 1, 720),
        ("ACCOUNTS_RESET_MINUTES", 5, 1440),
        ("ACCOUNTS_HASH_MEMORY", 8192, 1_048_576),
        ("ACCOUNTS_HASH_ROUNDS", 1, 100),
        ("ACCOUNTS_HASH_WORKERS", 1, 64),
    ],
)
def test_a_number_is_taken_up_to_its_limits_and_not_beyond(
    name: str, least: int, most: int
) -> None:
    for good in (least, most):
        assert _load(**{name: str(good)})
    for bad in (least - 1, most + 1):
        with pytest.raises(ConfigurationError, match=name):
            _load(**{name: str(bad)})


@pytest.mark.parametrize(
    "name",
    [
        "DATABASE_POOL_TIMEOUT",
        "DATABASE_POOL_RECYCLE",
        "DATABASE_CONNECT_TIMEOUT",
        "DATABASE_CONNECT_WAIT",
        "DATABASE_STATEMENT_TIMEOUT",
        "DATABASE_LOCK_TIMEOUT",
        "DATABASE_IDLE_IN_TRANSACTION_TIMEOUT",
        "DATABASE_SLOW_STATEMENT",
        "FLAGS_RELOAD_INTERVAL",
    ],
)
def test_no_time_is_negative_or_without_end(name: str) -> None:
    assert _load(**{name: "0"})
    for bad in ("-0.001", "inf", "nan"):
        with pytest.raises(ConfigurationError, match=name):
            _load(**{name: bad})


@pytest.mark.parametrize(("name", "longest"), [("DATABASE_TENANT", 63)])
def test_a_name_in_postgresql_has_a_greatest_length(name: str, longest: int) -> None:
    assert _load(**{name: "a" * longest})
    for bad in ("a" * (longest + 1), "A", "1a", "a-b", "a b", ""):
        if bad:
            with pytest.raises(ConfigurationError, match=name):
                _load(**{name: bad})


@pytest.mark.parametrize("name", ["CLERK_ISSUER", "CLERK_JWKS_URL"])
@pytest.mark.parametrize(
    "url",
    [
        "http://localhost.evil.example",
        "http://localhost.evil.example:8000",
        "http://localhost@evil.example",
        "http://127.0.0.1.evil.example",
        "http://127.0.0.10",
        "http://clerk.example.com",
        "https://",
        "https:///path",
        "ftp://clerk.example.com",
        "clerk.example.com",
    ],
)
def test_only_this_machine_may_be_spoken_to_without_tls(name: str, url: str) -> None:
    with pytest.raises(
        ConfigurationError, match=f"{name} should be an address that begins with https"
    ):
        _load(**{name: url})


@pytest.mark.parametrize(
    "url",
    [
        "https://clerk.example.com",
        "http://localhost",
        "http://localhost:8000/x",
        "http://127.0.0.1:1",
    ],
)
def test_tls_or_this_machine_will_do(url: str) -> None:
    assert _load(CLERK_ISSUER=url).clerk.issuer == url


@pytest.mark.parametrize("slashes", ["/", "//"])
def test_an_issuer_loses_the_slash_at_its_end(slashes: str) -> None:
    settings = _load(CLERK_ISSUER=f"https://clerk.example.com{slashes}")
    assert settings.clerk.issuer == "https://clerk.example.com"


def test_a_signing_secret_is_known_by_its_prefix() -> None:
    with pytest.raises(ConfigurationError, match="should begin with whsec_"):
        _load(CLERK_WEBHOOK_SECRETS="whsec_good,sk_live_bad")
    assert len(_load(CLERK_WEBHOOK_SECRETS="whsec_a, whsec_b").clerk.webhook_secrets) == 2


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_only_production_refuses_to_log_every_statement(environment: str) -> None:
    environ = URL | {"VETCORE_ENVIRONMENT": environment, "VETCORE_DATABASE_ECHO": "true"}
    if environment == "staging":
        assert Settings.load(environ, env_file=None).database.echo
    else:
        with pytest.raises(ConfigurationError, match="DATABASE_ECHO should be off in production"):
            Settings.load(environ, env_file=None)


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("postgres://db/x", True),
        ("postgresql+asyncpg://db/x", True),
        ("sqlite:///x.db", True),
        ("sqlite+aiosqlite:///x.db", True),
        ("mysql://db/x", False),
        ("postgresql+psycopg2://db/x", False),
        ("db/x", False),
    ],
)
def test_a_database_is_postgresql_or_sqlite(url: str, good: bool) -> None:
    if good:
        assert _load(DATABASE_URL=url).database.url.get_secret_value() == url
    else:
        with pytest.raises(ConfigurationError, match="DATABASE_URL should look like"):
            _load(DATABASE_URL=url)


def test_sections_are_frozen_and_closed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        ClerkSettings().audience = "x"  # type: ignore[misc]
    with pytest.raises(ValueError, match="Extra inputs"):
        ClerkSettings(no_such_field=1)  # type: ignore[call-arg]
