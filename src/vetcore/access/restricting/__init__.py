"""Restricted sessions: the rules of access as views, which filter a query that lacks its filter.

:func:`enable_row_level_security` makes a login that sees nothing but views. Each view has the name of
a table, and shows the rows and columns that the reading operations show the person who asks. That
person is told by a token that the service signs for each transaction (``Database.restricted``).

There is a schema of views for each audience: what is one's own, what is of one's clinics, and
everything. All are right for whoever asks; the transaction looks into the smallest one that has all
that there is for its person, because a condition that cannot hold still keeps others from an index.
"""

from vetcore.access.restricting.enabling import (
    READER,
    disable_row_level_security,
    enable_row_level_security,
)

__all__ = ["READER", "disable_row_level_security", "enable_row_level_security"]
