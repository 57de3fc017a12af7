"""The names of breeds, by species: ``Canonical Name: alias, alias``, one breed a line.

Canonical names are those of the breed registries (FCI, American Kennel Club, United Kennel Club,
Kennel Club; CFA, TICA, FIFe), in American English. The order of words does not matter, nor do case,
accents and punctuation: ``Terrier, Jack Russell`` needs no alias.
"""
