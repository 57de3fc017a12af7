"""The words of registers and shelters, in the languages of the countries whose registers we read.

English, German, French, Spanish, Italian and Dutch; each file says what its words mean.
"""
