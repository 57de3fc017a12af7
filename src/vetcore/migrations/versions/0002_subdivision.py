"""Say in which part of its country a clinic is, so that the holidays of that part count.

Clinics that are there already keep the holidays of the whole country: null.
"""

import sqlalchemy as sa

from vetcore.migrations import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("clinics", sa.Column("subdivision", sa.String(6)))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("clinics", "subdivision")
