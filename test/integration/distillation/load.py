"""Loads exported data sets with the libraries people train with, and prints what it found as JSON.

argv: folders of exports. Each is loaded as `datasets.load_dataset(folder)` does it from the card's configuration; rows
are handed to TRL's own format checks.
"""

import json
import sys

import datasets
from trl.data_utils import is_conversational, maybe_unpair_preference_dataset

datasets.disable_progress_bars()

found = {}
for folder in sys.argv[1:]:
    loaded = datasets.load_dataset(folder, cache_dir=folder + ".cache")
    first = next(iter(loaded.values()))
    row = first[0]
    found[folder] = {
        "splits": {name: split.num_rows for name, split in loaded.items()},
        "columns": sorted(first.column_names),
        "row": row,
        "conversational": is_conversational(row),
        # A preference set that TRL can take apart has what its trainers need.
        "unpaired": maybe_unpair_preference_dataset(first).num_rows if "chosen" in first.column_names else None,
    }
print(json.dumps(found))
