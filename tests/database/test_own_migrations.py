"""A service's own migrations, with an Alembic environment of its own, beside the package's."""

import asyncio
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import alembic.op
from sqlalchemy import inspect
from sqlalchemy.engine import make_url

from vetcore.database import Database


async def test_alembic_of_ones_own_may_run_beside_ours(empty_url: str) -> None:
    """Its proxies are the whole process's; ours are left out of it."""
    async with Database(empty_url) as db:
        proxy: Any = object()
        alembic.op._proxy, before = proxy, getattr(alembic.op, "_proxy", None)  # type: ignore[attr-defined]
        try:
            await db.migrate()
            assert alembic.op._proxy is proxy  # type: ignore[attr-defined]
        finally:
            alembic.op._proxy = before  # type: ignore[attr-defined]


async def test_a_services_own_tables_and_migrations_live_beside_ours(
    db: Database, tmp_path: Path
) -> None:
    """A service's own Alembic environment: its autogenerate sees its tables alone."""
    (tmp_path / "versions").mkdir()
    (tmp_path / "models.py").write_text(
        dedent(
            """
            from uuid import UUID
            from sqlalchemy import ForeignKey
            from sqlalchemy.orm import Mapped, mapped_column
            from vetcore.models import Base, Entity

            class Invoice(Entity):
                __tablename__ = "invoices"
                appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointments.id"))
                total_cents: Mapped[int]
            """
        )
    )
    (tmp_path / "env.py").write_text(
        dedent(
            """
            from alembic import context
            from sqlalchemy import create_engine
            from models import Invoice
            from vetcore.database.migrate import not_vetcore

            connection = context.config.attributes["connection"]
            context.configure(
                connection=connection,
                target_metadata=Invoice.metadata,
                include_object=not_vetcore,
                transaction_per_migration=False,
            )
            with context.begin_transaction():
                context.run_migrations()
            """
        )
    )
    (tmp_path / "script.py.mako").write_text(
        dedent(
            '''
            """${message}"""
            from alembic import op
            import sqlalchemy as sa
            import vetcore.models.types
            revision = ${repr(up_revision)}
            down_revision = ${repr(down_revision)}
            branch_labels = depends_on = None

            def upgrade():
                ${upgrades if upgrades else "pass"}

            def downgrade():
                ${downgrades if downgrades else "pass"}
            '''
        )
    )
    program = dedent(
        """
        import asyncio, sys
        from alembic import command
        from alembic.config import Config
        from vetcore import Database

        sys.path.insert(0, sys.argv[2])

        def work(connection):
            config = Config()
            config.set_main_option("script_location", sys.argv[2])
            config.set_main_option("path_separator", "os")
            config.attributes["connection"] = connection
            command.revision(config, message="invoices", autogenerate=True)
            command.upgrade(config, "head")
            command.check(config)

        async def main():
            async with Database(sys.argv[1]) as db:
                async with db.engine.begin() as connection:
                    await connection.run_sync(work)
                differences = await db.check()
                assert differences == [], differences
                await db.migrate()

        asyncio.run(main())
        """
    )
    url = db.url.render_as_string(hide_password=False)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        url,
        str(tmp_path),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    migration = next((tmp_path / "versions").glob("*.py")).read_text()
    assert migration.count("op.create_table") == 1
    assert "op.drop" not in migration.partition("def downgrade")[0]
    async with db.engine.connect() as connection:
        tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    assert {"invoices", "alembic_version", "vetcore_version"} <= set(tables)
    assert make_url(url).database
