"""Follows a catalogue as an open-data pipeline does: standard library for the files, frictionless for the schema.

Arguments: the address of catalog.jsonld, and the ids of datasets. Prints a JSON list, of the first distribution of each
of them, the CSV file.
"""

import csv
import hashlib
import io
import json
import os
import sys
import tempfile
import urllib.request

from frictionless import Resource, Schema


def fetch(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read(), answer.headers


def violations(content, schema_url):
    schema = Schema.from_descriptor(json.loads(fetch(schema_url)[0]))
    # frictionless reads only below the working folder.
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with open("data.csv", "wb") as file:
            file.write(content)
        report = Resource(path="data.csv", schema=schema, encoding="utf-8").validate()
        os.chdir("/")
    return report.flatten(["rowNumber", "fieldName", "type", "note"])


found = []
for dataset in json.loads(fetch(sys.argv[1])[0])["dcat:dataset"]:
    if dataset["dct:identifier"] not in sys.argv[2:]:
        continue
    distribution = dataset["dcat:distribution"][0]
    url = distribution["dcat:downloadURL"]["@id"]
    content, headers = fetch(url)
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8"), newline=""))
    found.append(
        {
            "dataset": dataset["dct:identifier"],
            "url": url,
            "contentType": headers["Content-Type"],
            "bytes": len(content),
            "byteSize": int(distribution["dcat:byteSize"]["@value"]),
            "sha256": hashlib.sha256(content).hexdigest(),
            "checksum": distribution["spdx:checksum"]["spdx:checksumValue"],
            "same": fetch(url)[0] == content,
            "header": header,
            "rows": [dict(zip(header, row, strict=True)) for row in rows],
            "violations": violations(content, dataset["dct:conformsTo"]["@id"]),
        }
    )
print(json.dumps(found))
