"""The share of a register's animals whose breed is recognised.

    python -m benchmarks.breed_recognition SEATTLE.csv DC.csv

Each file is a register with a column of species and one or two of breeds, by the layouts that the
importer knows. What is not recognised is listed, the most frequent first.
"""

import csv
import sys
from collections import Counter
from pathlib import Path

from vetcore.registers.layouts import layout_of
from vetcore.values.animals import Species
from vetcore.values.breeds import Recognition, recognize

BAR = 0.97


def shares(path: Path) -> bool:
    """Print the shares of one register; True if dogs and cats clear the bar."""
    counts: dict[Species, Counter[Recognition]] = {}
    missed: Counter[str] = Counter()
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        layout = layout_of(reader.fieldnames or ())
        if layout is None:
            message = f"{path.name} has no layout that is known"
            raise SystemExit(message)
        for row in reader:
            species = Species(row[layout.columns["species"]].strip().lower())
            match = recognize(row[layout.columns["breed"]], species)
            counts.setdefault(species, Counter())[match.how] += 1
            if match.how is Recognition.UNRECOGNIZED:
                missed[row[layout.columns["breed"]]] += 1
    held = True
    for species, found in counts.items():
        total = found.total()
        share = 1 - found[Recognition.UNRECOGNIZED] / total
        detail = ", ".join(f"{how}: {count:,}" for how, count in found.most_common())
        print(f"{path.name}: {total:,} of species {species}: {share:.2%} recognised ({detail})")
        if species in {Species.DOG, Species.CAT}:
            held &= share >= BAR
    for text, count in missed.most_common(20):
        print(f"  not recognised: {text} ({count})")
    return held


if __name__ == "__main__":
    verdicts = [shares(Path(argument)) for argument in sys.argv[1:]]
    sys.exit(not (verdicts and all(verdicts)))
