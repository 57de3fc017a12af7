"""The words of registers and shelters, in the languages of the supported countries.

The languages are English, German, French, Spanish, Italian and Dutch. Each file says what its words
mean.
"""
