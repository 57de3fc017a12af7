"""The domain's value types: pure Python, no database."""
