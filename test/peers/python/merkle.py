"""Reads leaves (hexadecimal) as JSON; writes the roots of all trees over the first of them, and all audit paths."""

import json
import sys

from pymerkle import InmemoryTree

tree = InmemoryTree(algorithm='sha256')
for leaf in json.load(sys.stdin):
    tree.append_entry(bytes.fromhex(leaf))
size = tree.get_size()
json.dump(
    {
        'roots': [tree.get_root(n).hex() for n in range(size + 1)],
        # The first hash of a path is that of the leaf itself.
        'paths': [
            [[digest.hex() for digest in tree.prove_inclusion(index, n).path[1:]] for index in range(1, n + 1)]
            for n in range(1, size + 1)
        ],
    },
    sys.stdout,
)
