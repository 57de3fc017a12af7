"""A PostgreSQL of one's own, without Docker: for tests, demonstrations and trials.

It stands beside the house: the command and the test plugin start it, and nothing below them does.
"""

from vetcore.embedded.server import EmbeddedPostgreSQL, running_postgresql

__all__ = ["EmbeddedPostgreSQL", "running_postgresql"]
