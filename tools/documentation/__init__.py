"""The documentation: what the reference shows, and the pages that are made from the code."""
