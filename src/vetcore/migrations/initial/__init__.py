"""Revision 0001 in parts; frozen, whatever becomes of the models."""
