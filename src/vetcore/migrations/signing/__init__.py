"""The lock on what is signed, of revision 0008: statements for each engine, and what the rows need."""
