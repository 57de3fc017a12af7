"""What the revision about relations makes, where it is long."""
