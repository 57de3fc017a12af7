"""Finds out who asks: :mod:`vetcore.identity.door` turns what a request shows into who acts.

Accounts of one's own are in :mod:`vetcore.identity.own`, Clerk in :mod:`vetcore.identity.clerk`, and other
providers in :mod:`vetcore.identity.oidc`.
"""
