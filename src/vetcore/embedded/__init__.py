"""A PostgreSQL server of one's own without Docker, for tests, demonstrations and trials.

The command and the test plugin start it. No lower layer does.
"""

from vetcore.embedded.server import EmbeddedPostgreSQL, running_postgresql

__all__ = ["EmbeddedPostgreSQL", "running_postgresql"]
