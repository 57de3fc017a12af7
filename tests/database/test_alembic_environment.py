"""The Alembic environment that a service gets from the package: where it runs, and what it keeps."""

from io import StringIO
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect, text

ENVIRONMENT = """
from sqlalchemy import Column, Integer, MetaData, String, Table
from vetcore.database.alembic import run

metadata = MetaData()
Table("invoices", metadata, Column("id", Integer, primary_key=True), Column("note", String(20)))
run(metadata, version_table="invoices_version")
"""
FIRST = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "1", None, None, None


def upgrade():
    op.create_table(
        "invoices", sa.Column("id", sa.Integer, primary_key=True), sa.Column("note", sa.String(20))
    )
    op.execute(sa.text("INSERT INTO invoices VALUES (7, :note)").bindparams(note="first"))


def downgrade():
    with op.batch_alter_table("invoices") as batch:
        batch.drop_column("note")
    op.drop_table("invoices")
"""
MAKO = """
from alembic import op
import sqlalchemy as sa
revision, down_revision = ${repr(up_revision)}, ${repr(down_revision)}
branch_labels = depends_on = None
def upgrade():
    ${upgrades if upgrades else "pass"}
def downgrade():
    ${downgrades if downgrades else "pass"}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A service's directory of migrations, with one that makes a table."""
    (tmp_path / "versions").mkdir()
    (tmp_path / "versions" / "first.py").write_text(dedent(FIRST))
    (tmp_path / "env.py").write_text(ENVIRONMENT)
    (tmp_path / "script.py.mako").write_text(MAKO)
    return tmp_path


def _config(home: Path, url: str | None = None, output: Any = None) -> Config:
    config = Config(output_buffer=output)
    config.set_main_option("script_location", str(home))
    config.set_main_option("path_separator", "os")
    if url is not None:
        config.set_main_option("sqlalchemy.url", url)
    return config


def _tables(path: Path) -> set[str]:
    engine = create_engine(f"sqlite:///{path}")
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


@pytest.mark.parametrize("is_said", [True, False])
def test_it_runs_on_the_database_that_is_said_or_that_of_the_settings_and_keeps_what_it_did(
    home: Path, monkeypatch: pytest.MonkeyPatch, *, is_said: bool
) -> None:
    said, set_ = home / "said.db", home / "set.db"
    monkeypatch.setenv("VETCORE_DATABASE_URL", f"sqlite:///{set_}")
    command.upgrade(_config(home, f"sqlite:///{said}" if is_said else None), "head")
    used, unused = (said, set_) if is_said else (set_, said)
    assert _tables(used) == {"invoices", "invoices_version"}
    assert not unused.exists()
    command.check(_config(home, f"sqlite:///{used}"))
    command.downgrade(_config(home, f"sqlite:///{used}"), "base")
    assert _tables(used) == {"invoices_version"}


def test_a_connection_that_is_given_is_used_and_left_to_whoever_gave_it(home: Path) -> None:
    engine = create_engine("sqlite://")
    config = _config(home, f"sqlite:///{home / 'other.db'}")
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        assert connection.scalar(text("SELECT note FROM invoices WHERE id = 7")) == "first"
    engine.dispose()
    assert not (home / "other.db").exists()


def test_without_a_database_it_writes_what_it_would_do(home: Path) -> None:
    output = StringIO()
    command.upgrade(_config(home, "postgresql://nobody@nowhere/x", output), "head", sql=True)
    written = output.getvalue()
    assert "CREATE TABLE invoices (" in written
    assert "INSERT INTO invoices VALUES (7, 'first')" in written, "with the values in it"
    assert "SERIAL" in written, "as that database writes it"


def test_what_it_finds_is_that_of_the_service_with_our_types_as_the_databases(home: Path) -> None:
    (home / "env.py").write_text(
        dedent(
            """
            from sqlalchemy import Column, Integer, MetaData, String, Table
            from vetcore.database.alembic import run
            from vetcore.models.types import UtcDateTime

            metadata = MetaData()
            Table(
                "invoices", metadata,
                Column("id", Integer, primary_key=True),
                Column("note", Integer),
                Column("sent_at", UtcDateTime()),
            )
            run(metadata)
            """
        )
    )
    url = f"sqlite:///{home / 'x.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE pets (id INTEGER PRIMARY KEY)"))
    engine.dispose()
    command.upgrade(_config(home, url), "head")
    command.revision(_config(home, url), "more", autogenerate=True)
    (more,) = (home / "versions").glob("*more.py")
    written = more.read_text()
    assert "batch_alter_table" in written, "SQLite alters by making anew"
    assert "sa.Integer()" in written, "types are compared"
    assert "sa.DateTime(" in written
    assert "UtcDateTime" not in written
    assert "pets" not in written, "ours is left to us"
