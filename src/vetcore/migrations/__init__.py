"""The schema's history: Alembic's environment and versions, shipped in the package."""
