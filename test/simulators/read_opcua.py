"""Reads an OPC-UA server with asyncua: [[value, source time in ms], …] of the nodes on the command line.

Arguments: URL, then node ids.
"""

import asyncio
import json
import sys
from datetime import timezone

from asyncua import Client


async def main(url, nodes):
    async with Client(url=url) as client:
        answers = [await client.get_node(node).read_data_value() for node in nodes]
    print(json.dumps([[a.Value.Value, round(a.SourceTimestamp.replace(tzinfo=timezone.utc).timestamp() * 1000)] for a in answers]))


asyncio.run(main(sys.argv[1], sys.argv[2:]))
