"""What this service needs to know beyond vetcore's own settings."""

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["ServiceSettings"]


class ServiceSettings(BaseSettings):
    """Read from ``CLINIC_…`` and ``.env``, beside vetcore's ``VETCORE_…``."""

    model_config = SettingsConfigDict(env_prefix="CLINIC_", env_file=".env", extra="ignore")

    migrate: bool = False
    """Whether to bring the schema up to date; else it is waited for until somebody else has."""
    schema_wait: float = 60
    """Seconds to wait for the schema."""
    calendar_secret: SecretStr = SecretStr("")
    """Signs the addresses of calendar feeds; without one there are no feeds."""
    host: str = "127.0.0.1"
    port: int = 8000
