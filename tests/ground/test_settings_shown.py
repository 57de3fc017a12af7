"""How settings are shown to people, and what is said of names that are none."""

from pathlib import Path
from typing import Any

import pytest

import vetcore.settings
from vetcore.errors import ConfigurationError
from vetcore.settings import DatabaseSettings, Origin, Settings, SettingSource


def _shown(settings: Settings, name: str) -> SettingSource:
    return next(each for each in settings.sources() if each.name == f"VETCORE_{name}")


@pytest.mark.parametrize(
    ("name", "given", "shown"),
    [
        ("DATABASE_PRE_PING", "no", "false"),
        ("DATABASE_PRE_PING", "TRUE", "true"),
        ("DATABASE_POOL_SIZE", "7", "7"),
        ("DATABASE_TENANT", "", ""),
        ("FLAGS_ENABLED", "b, a", "a, b"),
        ("CLERK_AUTHORIZED_PARTIES", "https://b.example,https://a.example", None),
        ("CLERK_WEBHOOK_SECRETS", "whsec_a,whsec_b", "********, ********"),
        ("DATABASE_URL", "sqlite:///x.db", "sqlite:///x.db"),
        ("DATABASE_URL", "postgres://ann:x@db/c?password=y", "postgres://ann:***@db/c?***"),
        ("DATABASE_URL", "postgres://ann@db/c", "postgres://ann@db/c"),
        ("DATABASE_URL", "postgres://db/c?ssl=require", "postgres://db/c?***"),
        ("DATABASE_URL", "postgres://ann:x@y@db/c", "postgres://********"),
    ],
)
def test_a_value_is_shown_as_people_write_it_and_no_secret_is(
    name: str, given: str, shown: str | None
) -> None:
    settings = Settings.load({f"VETCORE_{name}": given}, env_file=None)
    expected = ", ".join(given.split(",")) if shown is None else shown
    found = _shown(settings, name)
    assert found.value == expected
    assert found.origin is (Origin.ENVIRONMENT if given else Origin.DEFAULT)
    assert found.file is None


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("VETCORE_DATABASE_POOL_SIZES", "did you mean VETCORE_DATABASE_POOL_SIZE?"),
        ("VETCORE_DATABSE_URL_FILE", "did you mean VETCORE_DATABASE_URL_FILE?"),
        ("VETCORE_SECRET_DIR", "did you mean VETCORE_SECRETS_DIR?"),
        ("VETCORE_CLERK_QQQQQQQQQQQQ", "is not a setting of that section"),
        ("vetcore_database_pool_sizes", "did you mean VETCORE_DATABASE_POOL_SIZE?"),
    ],
)
def test_a_slip_in_a_name_is_refused_wherever_it_is(name: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=name.upper()) as refused:
        Settings.load({name: "1"}, env_file=None)
    assert says in str(refused.value)
    (tmp_path / ".env").write_text(f"{name}=1\n")
    with pytest.raises(ConfigurationError) as within:
        Settings.load({}, env_file=tmp_path / ".env")
    assert says in str(within.value)
    (tmp_path / name).write_text("1")
    with pytest.raises(ConfigurationError) as beside:
        Settings.load({"VETCORE_SECRETS_DIR": str(tmp_path)}, env_file=None)
    assert says in str(beside.value)


def test_names_of_others_are_told_once_and_those_of_the_tests_are_left_alone(
    tmp_path: Path,
) -> None:
    (tmp_path / ".env").write_text("VETCORE_QQQQQQ=1\nOTHER=2\n")
    environ = {"VETCORE_QQQQQQ": "1", "VETCORE_TEST_DATABASE": "sqlite", "PATH": "x"}
    settings = Settings.load(environ, env_file=tmp_path / ".env")
    assert settings.unrecognized == ("VETCORE_QQQQQQ",)


def test_only_the_files_of_a_directory_of_secrets_are_settings(tmp_path: Path) -> None:
    (tmp_path / "vetcore_database_tenant").mkdir()
    (tmp_path / "VETCORE_QQQQQQQQQQ").mkdir()
    (tmp_path / "vetcore_database_pool_size").write_text("3")
    settings = Settings.load({"VETCORE_SECRETS_DIR": str(tmp_path)}, env_file=None)
    assert (settings.database.tenant, settings.database.pool_size) == (None, 3)
    assert settings.unrecognized == ()


def test_what_cannot_be_read_is_told_by_its_place(tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    bad.write_bytes(b"\xff\xfe\xff")
    for environ, env_file, says in (
        (
            {"VETCORE_SECRETS_DIR": str(tmp_path / "none")},
            None,
            "which cannot be read: No such file",
        ),
        ({"VETCORE_DATABASE_URL_FILE": str(bad)}, None, "cannot be read: it is not UTF-8"),
        ({"VETCORE_DATABASE_URL_FILE": str(tmp_path / "x")}, None, "cannot be read: No such file"),
        ({}, tmp_path / "bad", "cannot be read: it is not UTF-8"),
    ):
        with pytest.raises(ConfigurationError) as refused:
            Settings.load(environ, env_file=env_file)
        assert says in str(refused.value)


def test_a_value_that_is_given_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("sqlite:///x.db\n")
    environ = {"VETCORE_DATABASE_URL": "sqlite:///y.db"}
    environ["VETCORE_DATABASE_URL_FILE"] = str(tmp_path / "url")
    with pytest.raises(ConfigurationError, match="and so is VETCORE_DATABASE_URL_FILE; keep one"):
        Settings.load(environ, env_file=None)


@pytest.mark.parametrize("given", [{"database": {"pool_sizes": 1}}, {"colour": "red"}])
def test_the_code_may_name_no_setting_that_there_is_not(given: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="is not a setting"):
        Settings.load({}, env_file=None, **given)


def test_the_code_may_give_an_environment_a_section_or_a_value() -> None:
    for database in ({"pool_size": 3}, DatabaseSettings(pool_size=3)):
        settings = Settings.load({}, env_file=None, environment="test", database=database)
        assert settings.database.pool_size == 3
        assert settings.logging.level == "WARNING"
        assert _shown(settings, "DATABASE_POOL_SIZE").origin is Origin.CODE
        assert _shown(settings, "LOGGING_LEVEL").origin is Origin.ENVIRONMENT_DEFAULT


def test_several_faults_are_told_at_once_by_name_and_without_secrets() -> None:
    environ = {
        "VETCORE_DATABASE_POOL_SIZE": "0",
        "VETCORE_CLERK_WEBHOOK_SECRETS": "hunter2",
        "VETCORE_LOGGING_LEVEL": "x" * 200,
    }
    with pytest.raises(ConfigurationError) as refused:
        Settings.load(environ, env_file=None)
    text = str(refused.value)
    assert text.startswith("3 settings are not usable:\n- VETCORE_CLERK_WEBHOOK_SECRETS ")
    assert "hunter2" not in text
    assert f"got '{'x' * 80}'" in text
    told: Any = refused.value.details["settings"]
    assert [each["setting"] for each in told] == sorted(environ)
    assert refused.value.details.get("setting") is None
    del environ["VETCORE_LOGGING_LEVEL"], environ["VETCORE_CLERK_WEBHOOK_SECRETS"]
    with pytest.raises(ConfigurationError) as one:
        Settings.load(environ, env_file=None)
    assert one.value.details["setting"] == "VETCORE_DATABASE_POOL_SIZE"


def test_a_deployed_service_says_which_database_it_has() -> None:
    for environment in ("staging", "production"):
        with pytest.raises(
            ConfigurationError, match=f"is required in {environment}: postgresql://"
        ):
            Settings.load({"VETCORE_ENVIRONMENT": environment}, env_file=None)
    with pytest.raises(ConfigurationError, match="VETCORE_ENVIRONMENT"):
        Settings.load({"VETCORE_ENVIRONMENT": "moon"}, env_file=None)


def test_the_package_of_settings_has_what_it_names_and_nothing_else() -> None:
    assert dir(vetcore.settings) == sorted(vetcore.settings.__all__)
    for name in vetcore.settings.__all__:
        assert getattr(vetcore.settings, name) is not None
    with pytest.raises(AttributeError, match=r"'vetcore.settings' has no attribute 'nowhere'"):
        vetcore.settings.__getattr__("nowhere")
    assert vetcore.settings.__getattr__("Origin") is Origin
