"""Reads XML documents as JSON; writes what the schema named says against each, in lines."""

import json
import sys

from lxml import etree

schema = etree.XMLSchema(etree.parse(sys.argv[1]))
errors = []
for document in json.load(sys.stdin):
    schema.validate(etree.fromstring(document.encode()))
    errors.append([f'{error.line}: {error.message}' for error in schema.error_log])
json.dump(errors, sys.stdout)
