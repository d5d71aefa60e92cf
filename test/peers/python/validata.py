"""What Validata, the validator of the French open-data schemas, finds wrong with published tables.

Reads one JSON object: folder, of which all paths are relative, and tables ({path, schema}). Prints one JSON object: the
errors and the warnings by path.
"""

import json
import logging
import os
import sys

logging.disable(logging.WARNING)

from validata_core import validate


def check(path, schema):
    report = validate(path, schema)
    [table] = report["tasks"]
    return [
        *[error["message"] for error in [*report["errors"], *table["errors"]]],
        *[warning["message"] for warning in table["structure_warnings"]],
    ]


question = json.load(sys.stdin)
os.chdir(question["folder"])
print(json.dumps({table["path"]: check(**table) for table in question["tables"]}))
