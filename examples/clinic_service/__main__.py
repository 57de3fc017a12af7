"""``python -m clinic_service``: serve until SIGTERM, then finish what has begun."""

import uvicorn

from clinic_service.app import create_app
from clinic_service.settings import ServiceSettings
from vetcore import Settings, logging

GRACE_SECONDS = 20
"""For requests in flight: less than the time after which an orchestrator kills."""


def main() -> None:
    """Serve."""
    settings, service = Settings(), ServiceSettings()
    logging.configure(settings.logging)
    uvicorn.run(
        create_app(settings, service),
        host=service.host,
        port=service.port,
        log_config=None,  # it is configured already
        access_log=False,  # the service logs each request itself, with its id
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


if __name__ == "__main__":
    main()
