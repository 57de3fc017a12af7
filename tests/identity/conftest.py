import json
import threading
import time
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from vetcore.database import Database
from vetcore.testing.databases import ScratchDatabases

from .clerk_instance import Issuer


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    """A key-set server on the loopback interface that publishes the key ``first``."""
    state = Issuer()
    state.publish("first")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with state.lock:
                state.requests += 1
            time.sleep(state.delay.total_seconds())
            body = (
                state.document
                if isinstance(state.document, bytes)
                else json.dumps(state.document).encode()
            )
            self.send_response(state.status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/.well-known/jwks.json"
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
async def twin(databases: ScratchDatabases, backend: str) -> AsyncIterator[Database]:
    """A second database of the same engine."""
    url = await databases.migrated(backend)
    async with Database(url) as connected:
        yield connected
    await databases.give_back(url)
