"""``python -m reminder_worker``: work until SIGTERM, then finish what is in hand."""

import asyncio
import os
import signal
import socket
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

from reminder_worker.messages import Outbox
from reminder_worker.worker import Schedule, work
from vetcore import Database, Settings, logging


class WorkerSettings(BaseSettings):
    """Read from ``REMINDER_…`` and ``.env``."""

    model_config = SettingsConfigDict(env_prefix="REMINDER_", env_file=".env", extra="ignore")

    outbox: Path = Path("outbox.jsonl")
    """Where messages go, until an e-mail provider's client takes its place."""
    name: str = f"{socket.gethostname()}:{os.getpid()}"


async def main(settings: Settings, own: WorkerSettings) -> None:
    """Work until a signal says stop."""
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    async with Database.from_settings(settings) as db:
        await work(db, Outbox(own.outbox), worker=own.name, stop=stop, schedule=Schedule())


if __name__ == "__main__":
    configured = Settings()
    logging.configure(configured.logging)
    asyncio.run(main(configured, WorkerSettings()))
