"""Who is asking, as the identity provider knows it: :mod:`vetcore.identity.clerk`."""
