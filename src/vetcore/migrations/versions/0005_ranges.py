"""Refuse instants and days that cannot be read again."""

from vetcore.migrations import op
from vetcore.migrations.ranges import add_ranges, drop_ranges, refuse_unreadable

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Refuse rows that cannot be read, by name, and keep more from coming in."""
    refuse_unreadable(op.get_bind())
    add_ranges()


def downgrade() -> None:
    """Let anything in again."""
    drop_ranges()
