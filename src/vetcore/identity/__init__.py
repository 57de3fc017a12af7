"""Finds out who asks, by the identity provider: :mod:`vetcore.identity.clerk`."""
