"""What data.gouv.fr's own parser makes of catalogues, and how it rates their datasets.

Argument: udata_check.py, which sets the parser up and judges one catalogue. Reads one JSON object: folder, of which all
paths are relative, now (seconds since 1970) and catalogues ({path, format}). Prints one JSON object: by path what
udata_check.py printed and exited with, and the datasets with the nine points of the quality score.
"""

import contextlib
import datetime
import io
import json
import logging
import os
import socket
import sys

logging.disable(logging.WARNING)

question = json.load(sys.stdin)

# The parser looks up each name to refuse those of a private network: nothing is asked of any network here.
socket.getaddrinfo = lambda *_, **__: []


class Then(datetime.datetime):
    """The moment at which the catalogue is judged: a dataset that was not updated in time loses a point."""

    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(question["now"], tz)


import udata.core.dataset.models
import udata.utils

udata.core.dataset.models.datetime = udata.utils.datetime = Then

with open(sys.argv[1], encoding="utf-8") as file:
    script = compile(file.read(), sys.argv[1], "exec")
os.chdir(question["folder"])


def judge(path, format):
    printed = io.StringIO()
    space = {"__name__": "udata_check"}
    sys.argv = ["udata_check.py", path, format]
    with contextlib.redirect_stdout(printed):
        try:
            exec(script, space)
        except SystemExit as end:
            status = end.code
    with space["app"].app_context():
        datasets = [rate(space, node) for node in space["g"].subjects(space["rdflib"].RDF.type, space["DCAT"].Dataset)]
    return {"printed": printed.getvalue(), "status": status, "datasets": datasets}


def rate(space, node):
    dataset = space["dataset_from_rdf"](space["g"], node=node, dryrun=True)
    # As Dataset.clean() does before it saves.
    dataset.last_update = dataset.compute_last_update()
    quality = dataset.quality
    quality["score"] = round(quality["score"] * 9)
    return {
        "identifier": dataset.harvest.dct_identifier,
        "title": dataset.title,
        "licence": dataset.license.id if dataset.license else None,
        "frequency": dataset.frequency,
        "spatial": dataset.spatial.geom["type"] if dataset.spatial else None,
        "temporal": [str(dataset.temporal_coverage.start), str(dataset.temporal_coverage.end)]
        if dataset.temporal_coverage
        else None,
        "resources": [
            {
                "url": resource.url,
                "title": resource.title,
                "format": resource.format,
                "mime": resource.mime,
                "bytes": resource.filesize,
                "checksum": f"{resource.checksum.type} {resource.checksum.value}" if resource.checksum else None,
            }
            for resource in dataset.resources
        ],
        "quality": quality,
    }


print(json.dumps({catalogue["path"]: judge(**catalogue) for catalogue in question["catalogues"]}))
