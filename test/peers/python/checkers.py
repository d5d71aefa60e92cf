"""What the checkers of one environment make of published files.

Reads one JSON object: folder, of which all paths are relative; tables ({path, schema, delimiter}), detected (paths of
tables), packages (descriptors), catalogues ({path, format}) and shapes (the SHACL shapes of DCAT-AP, or nothing).
Prints one JSON object: tables, by path, and packages with what frictionless finds wrong; detected, by path, with the
formats that csv-detective takes columns for; catalogues, by path, with the datasets of ckanext-dcat and what the
shapes find wrong.
"""

import json
import logging
import os
import sys

logging.disable(logging.WARNING)

import pyshacl
import rdflib
from ckanext.dcat.processors import RDFParser
from csv_detective import routine
from frictionless import Dialect, Package, Resource, Schema, formats

SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")
WRONG = ["rowNumber", "fieldName", "type", "note"]
# The other formats have the rows of the packages, all of which are checked there.
ROWS = 1000


def check_table(path, schema, delimiter=None):
    dialect = Dialect(controls=[formats.CsvControl(delimiter=delimiter)] if delimiter else [])
    resource = Resource(path=path, schema=Schema.from_descriptor(schema), dialect=dialect, encoding="utf-8")
    return resource.validate(limit_rows=ROWS).flatten(WRONG)


def detect(path):
    return {name: column["format"] for name, column in routine(path, save_results=False)["columns"].items()}


def check_package(descriptor):
    package = Package.from_descriptor(descriptor)
    return {"resources": package.resource_names, "violations": package.validate().flatten(WRONG)}


def check_catalogue(path, format, shapes):
    parser = RDFParser(profiles=["euro_dcat_ap_3"])
    parser.g = rdflib.Graph().parse(path, format=format)
    return {
        "datasets": list(parser.datasets()),
        "violations": None if shapes is None else violations(parser.g, shapes),
    }


def violations(graph, shapes):
    _, report, _ = pyshacl.validate(graph, shacl_graph=shapes)
    return [
        {
            "severity": str(report.value(result, SH.resultSeverity)),
            "node": str(report.value(result, SH.focusNode)),
            "property": str(report.value(result, SH.resultPath)),
            "value": str(report.value(result, SH.value)),
            "message": str(report.value(result, SH.resultMessage)),
        }
        for result in report.subjects(rdflib.RDF.type, SH.ValidationResult)
    ]


question = json.load(sys.stdin)
shapes = question.get("shapes") and rdflib.Graph().parse(question["shapes"], format="turtle")
# frictionless reads only below the working folder.
os.chdir(question["folder"])
answer = {
    "tables": {table["path"]: check_table(**table) for table in question["tables"]},
    "detected": {path: detect(path) for path in question["detected"]},
    "packages": [check_package(descriptor) for descriptor in question["packages"]],
    "catalogues": {
        catalogue["path"]: check_catalogue(**catalogue, shapes=shapes) for catalogue in question["catalogues"]
    },
}
print(json.dumps(answer))
