"""Where settings come from, and what is said when they are wrong."""

import pickle
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from vetcore.errors import ConfigurationError
from vetcore.settings import (
    DatabaseSettings,
    Environment,
    LoggingSettings,
    Origin,
    Settings,
    SettingSource,
)

URL = "postgresql://vet:hunter2@db.example/clinic"


def load(**environ: str) -> Settings:
    return Settings.load(
        {f"VETCORE_{name}": value for name, value in environ.items()}, env_file=None
    )


def refused(environ: Mapping[str, str], **given: object) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        Settings.load(environ, env_file=None, **given)
    return caught.value


def source(settings: Settings, name: str) -> SettingSource:
    return next(each for each in settings.sources() if each.name == f"VETCORE_{name}")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


# Where values come from


def test_nothing_needs_to_be_said_in_development() -> None:
    settings = load()
    assert settings.environment is Environment.DEVELOPMENT
    assert settings.database.url.get_secret_value() == "sqlite+aiosqlite:///vetcore.db"
    assert settings.logging == LoggingSettings(level="INFO", format="console")


def test_values_are_read_when_the_settings_are_built(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Settings().database.max_overflow == 5
    monkeypatch.setenv("VETCORE_DATABASE_MAX_OVERFLOW", "7")
    assert Settings().database.max_overflow == 7


def test_lists_are_separated_by_commas_or_spaces() -> None:
    settings = load(
        CLERK_AUTHORIZED_PARTIES="https://app.example, https://admin.example",
        CLERK_WEBHOOK_SECRETS="whsec_b2xk,whsec_bmV3",
        FLAGS_ENABLED="waitlist new_calendar",
    )
    assert settings.clerk.authorized_parties == ("https://app.example", "https://admin.example")
    assert [each.get_secret_value() for each in settings.clerk.webhook_secrets] == [
        "whsec_b2xk",
        "whsec_bmV3",
    ]
    assert settings.flags.enabled == {"waitlist", "new_calendar"}


def test_the_code_goes_before_the_environment_before_the_file_before_secrets(home: Path) -> None:
    secrets = home / "secrets"
    secrets.mkdir()
    fields = ("POOL_SIZE", "MAX_OVERFLOW", "POOL_TIMEOUT", "POOL_RECYCLE")
    for name in fields:
        (secrets / f"vetcore_database_{name.lower()}").write_text("4\n")
    (home / ".env").write_text("".join(f"VETCORE_DATABASE_{name}=3\n" for name in fields[:3]))
    environ = {f"VETCORE_DATABASE_{name}": "2" for name in fields[:2]}
    settings = Settings.load(
        environ | {"VETCORE_SECRETS_DIR": str(secrets)}, database={"pool_size": 1}
    )
    found = [source(settings, f"DATABASE_{name}") for name in fields]
    assert [each.value for each in found] == ["1", "2", "3.0", "4.0"]
    assert [each.origin for each in found] == [
        Origin.CODE,
        Origin.ENVIRONMENT,
        Origin.ENV_FILE,
        Origin.SECRET_FILE,
    ]
    assert found[2].file == ".env"
    assert found[3].file == str(secrets / "vetcore_database_pool_recycle")


def test_a_value_may_be_in_a_file_that_the_environment_names(home: Path) -> None:
    (home / "url").write_text(f"{URL}\n")
    settings = load(DATABASE_URL_FILE=str(home / "url"))
    assert settings.database.url.get_secret_value() == URL
    assert source(settings, "DATABASE_URL").file == str(home / "url")
    assert source(settings, "DATABASE_URL").origin is Origin.SECRET_FILE


def test_an_empty_value_counts_as_none() -> None:
    assert load(DATABASE_TENANT="", LOGGING_LEVEL="").logging.level == "INFO"


def test_each_environment_has_defaults_that_give_way() -> None:
    production = load(ENVIRONMENT="production", DATABASE_URL=URL)
    assert production.logging.format == "json"
    assert production.database.slow_statement == 0.5
    assert source(production, "LOGGING_FORMAT").origin is Origin.ENVIRONMENT_DEFAULT
    assert source(production, "LOGGING_LEVEL").origin is Origin.DEFAULT
    assert load(ENVIRONMENT="Test").database.pool_size == 2
    assert load(ENVIRONMENT="test", DATABASE_POOL_SIZE="9").database.pool_size == 9


def test_a_section_given_by_the_code_is_taken_whole() -> None:
    section = DatabaseSettings(url=SecretStr(URL))
    environ = {"VETCORE_DATABASE_POOL_SIZE": "3"}
    assert Settings.load(environ, env_file=None, database=section).database == section


def test_settings_cross_process_boundaries() -> None:
    settings = load(DATABASE_POOL_SIZE="3")
    copy = pickle.loads(pickle.dumps(settings))  # noqa: S301 -- our own bytes
    assert copy == settings
    assert copy.sources() == settings.sources()


# What is wrong


def test_every_fault_is_named_at_once() -> None:
    error = refused(
        {
            "VETCORE_ENVIRONMENT": "production",
            "VETCORE_DATABASE_ECHO": "yes",
            "VETCORE_DATABASE_POOL_SIZE": "0",
            "VETCORE_LOGGING_FORMAT": "xml",
            "VETCORE_CLERK_ISSUER": "clerk.example",
            "VETCORE_LOG_LEVEL": "info",
        }
    )
    issues = error.details["settings"]
    assert isinstance(issues, list)
    assert {issue["setting"]: issue["message"] for issue in issues} == {
        "VETCORE_CLERK_ISSUER": (
            "should be an address that begins with https://, got 'clerk.example'"
        ),
        "VETCORE_DATABASE_ECHO": "should be off in production: it logs personal data",
        "VETCORE_DATABASE_POOL_SIZE": "must be 1 or more, got '0'",
        "VETCORE_DATABASE_URL": (
            "is required in production: postgresql://user:password@host/database"
        ),
        "VETCORE_LOGGING_FORMAT": "must be one of 'json' or 'console', got 'xml'",
        "VETCORE_LOG_LEVEL": "is not a setting; did you mean VETCORE_LOGGING_LEVEL?",
    }
    assert str(error).startswith("6 settings are not usable:\n- VETCORE_CLERK_ISSUER should")


def test_one_fault_is_one_sentence() -> None:
    error = refused({"VETCORE_ENVIRONMENT": "prod"})
    assert str(error) == (
        "VETCORE_ENVIRONMENT must be one of 'development', 'test', 'staging' or 'production', got 'prod'"
    )
    assert error.details["setting"] == "VETCORE_ENVIRONMENT"


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_a_deployed_process_must_be_told_its_database(environment: str) -> None:
    assert "VETCORE_DATABASE_URL is required" in str(refused({"VETCORE_ENVIRONMENT": environment}))
    told = load(ENVIRONMENT=environment, DATABASE_URL="sqlite:////srv/clinic.db")
    assert told.database.url.get_secret_value() == "sqlite:////srv/clinic.db"
    by_code = {"url": SecretStr(URL)}
    assert Settings.load(
        {"VETCORE_ENVIRONMENT": environment}, env_file=None, database=by_code
    ).environment.is_deployed


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("VETCORE_DATABSE_URL", "VETCORE_DATABASE_URL"),
        ("VETCORE_DATABASE_POOLSIZE", "VETCORE_DATABASE_POOL_SIZE"),
        ("VETCORE_ENVIROMENT", "VETCORE_ENVIRONMENT"),
        ("VETCORE_CLERK_WEBHOOK_SECRET", "VETCORE_CLERK_WEBHOOK_SECRETS"),
        ("VETCORE_SECRET_DIR", "VETCORE_SECRETS_DIR"),
    ],
)
def test_a_misspelt_name_is_refused_with_the_right_one(name: str, meant: str) -> None:
    assert str(refused({name: "x"})) == f"{name} is not a setting; did you mean {meant}?"


def test_an_unknown_name_within_a_section_is_refused() -> None:
    error = refused({"VETCORE_CLERK_QQQQQQQQQQ": "x"})
    assert str(error) == "VETCORE_CLERK_QQQQQQQQQQ is not a setting of that section"


def test_unknown_names_that_are_no_slip_are_left_to_others_and_reported() -> None:
    settings = load(BILLING_KEY="x", TEST_POSTGRESQL_URL=URL)
    assert settings.unrecognized == ("VETCORE_BILLING_KEY",)


def test_a_misspelt_secret_file_is_refused(home: Path) -> None:
    (home / "vetcore_databse_url").write_text(URL)
    (home / "unrelated").write_text("x")
    error = refused({"VETCORE_SECRETS_DIR": str(home)})
    assert str(error).startswith("VETCORE_DATABSE_URL is not a setting; did you mean")


def test_the_code_cannot_misspell_either() -> None:
    error = refused({}, database={"pool_sise": 3}, logs={"level": "INFO"})
    assert "VETCORE_DATABASE_POOL_SISE is not a setting; did you mean" in str(error)
    assert "VETCORE_LOGS_LEVEL is not a setting; did you mean VETCORE_LOGGING_LEVEL?" in str(error)


def test_a_value_and_a_file_for_it_contradict_each_other(home: Path) -> None:
    (home / "url").write_text(URL)
    error = refused({"VETCORE_DATABASE_URL": URL, "VETCORE_DATABASE_URL_FILE": str(home / "url")})
    assert str(error) == (
        "VETCORE_DATABASE_URL is given, and so is VETCORE_DATABASE_URL_FILE; keep one of them"
    )


def test_files_that_cannot_be_read_are_named(home: Path) -> None:
    (home / "binary").write_bytes(b"\xff\xfe\x00")
    (home / "bad.env").write_bytes(b"VETCORE_LOGGING_LEVEL=\xff\n")
    with pytest.raises(ConfigurationError) as caught:
        Settings.load(
            {
                "VETCORE_ENVIRONMENT": "production",
                "VETCORE_DATABASE_URL_FILE": str(home / "none"),
                "VETCORE_CLERK_AUDIENCE_FILE": str(home / "binary"),
                "VETCORE_SECRETS_DIR": str(home / "nowhere"),
            },
            env_file=home / "bad.env",
        )
    message = str(caught.value)
    assert f"VETCORE_DATABASE_URL_FILE the file '{home}/none' cannot be read: No such" in message
    assert f"the file '{home}/binary' cannot be read: it is not UTF-8" in message
    assert f"VETCORE_SECRETS_DIR names '{home}/nowhere', which cannot be read: No such" in message
    assert f"{home}/bad.env cannot be read: it is not UTF-8" in message
    assert "is required in production" not in message, "it was said, only badly"


def test_a_value_from_a_file_is_blamed_on_the_file(home: Path) -> None:
    (home / ".env").write_text("VETCORE_DATABASE_POOL_SIZE=many\n")
    with pytest.raises(ConfigurationError, match=r"got 'many' \(from \.env\)"):
        Settings.load({})


def test_of_a_long_value_the_first_eighty_characters_are_repeated() -> None:
    error = refused({"VETCORE_DATABASE_POOL_SIZE": "many" * 100})
    assert str(error).endswith(f"got {('many' * 20)!r}")


def test_the_environment_says_where_the_secrets_are_before_the_file_does(home: Path) -> None:
    for name, level in (("outer", "ERROR"), ("inner", "DEBUG")):
        (home / name).mkdir()
        (home / name / "vetcore_logging_level").write_text(f" {level}\n")
    (home / ".env").write_text(f"VETCORE_SECRETS_DIR={home / 'inner'}\n")
    assert Settings.load({}).logging.level == "DEBUG"
    outer = Settings.load({"VETCORE_SECRETS_DIR": str(home / "outer")})
    assert outer.logging.level == "ERROR"


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "soon"])
def test_a_time_is_a_number_of_seconds(value: str) -> None:
    assert "VETCORE_DATABASE_LOCK_TIMEOUT" in str(refused({"VETCORE_DATABASE_LOCK_TIMEOUT": value}))


# Secrets

PASSWORDS = st.from_regex(r"[A-Za-z0-9@:/?#%]{8,30}", fullmatch=True)


@given(password=PASSWORDS)
def test_a_password_is_shown_nowhere(password: str) -> None:
    settings = load(
        DATABASE_URL=f"postgresql://vet:{password}@db.example/clinic?password={password}",
        CLERK_WEBHOOK_SECRETS=f"whsec_{password}",
    )
    shown = f"{settings!r} {settings} {settings.model_dump()} {settings.sources()}"
    assert password not in shown
    assert source(settings, "CLERK_WEBHOOK_SECRETS").value == "********"


@given(password=PASSWORDS)
def test_nor_is_it_when_it_is_wrong(password: str) -> None:
    error = refused(
        {
            "VETCORE_DATABASE_URL": f"mysql://vet:{password}@db.example/clinic",
            "VETCORE_CLERK_WEBHOOK_SECRETS": password,
            "VETCORE_DATABASE_POOL_SIZE": "0",
        }
    )
    assert password not in f"{error} {error.details}"
    assert error.__cause__ is None
    assert error.__context__ is None, "a traceback would show the values"


def test_a_url_is_shown_without_its_password() -> None:
    assert source(load(DATABASE_URL=URL), "DATABASE_URL").value == (
        "postgresql://vet:***@db.example/clinic"
    )
    assert source(load(), "DATABASE_URL").value == "sqlite+aiosqlite:///vetcore.db"
    with_query = load(DATABASE_URL=f"{URL}?application_name=front-desk&password=hunter2")
    assert source(with_query, "DATABASE_URL").value == (
        "postgresql://vet:***@db.example/clinic?***"
    )


# What it costs


def test_settings_need_neither_structlog_nor_openfeature_nor_the_database() -> None:
    code = (
        "import sys, vetcore.settings\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "assert not loaded & {'structlog', 'openfeature', 'sqlalchemy'}, loaded\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
