"""Revision 0001 in parts. It stays as it is when the models change."""
