"""The names of breeds by species, as lines of the form ``Canonical Name: alias, alias``.

The canonical names are those of the breed registries, in American English (FCI, American Kennel
Club, United Kennel Club, Kennel Club; CFA, TICA, FIFe). The order of words, case, accents and
punctuation do not matter: ``Terrier, Jack Russell`` needs no alias.
"""
