"""A pymodbus TCP server told what to hold on standard input, one JSON document a line.

First line: {"units": {"1": {"holding": {"100": [1, 2]}, "input": {}, "coil": {"0": [true]}, "discrete": {}}}}
Further lines: {"unit": 1, "table": "holding", "address": 100, "values": [3, 4]}
It answers each line with one line: {"port": N} to the first, {"ok": true} to the others.
"""

import asyncio
import json
import sys

from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

FUNCTION = {"coil": 1, "discrete": 2, "holding": 3, "input": 4}


def block(table, content):
    datatype = DataType.BITS if table in ("coil", "discrete") else DataType.REGISTERS
    data = [SimData(int(address), values=values, datatype=datatype) for address, values in content.items()]
    # pymodbus wants every block to hold something; the last address is out of the tests' way.
    return data or [SimData(65535 - 16, values=[False] * 16 if datatype == DataType.BITS else [0], datatype=datatype)]


def device(unit, tables):
    blocks = tuple(block(table, tables.get(table, {})) for table in ("coil", "discrete", "holding", "input"))
    return SimDevice(int(unit), simdata=blocks)


async def main():
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    config = json.loads(await reader.readline())
    devices = [device(unit, tables) for unit, tables in config["units"].items()]
    server = ModbusTcpServer(devices, address=("127.0.0.1", config.get("port", 0)))
    await server.serve_forever(background=True)
    print(json.dumps({"port": server.transport.sockets[0].getsockname()[1]}), flush=True)
    while line := await reader.readline():
        change = json.loads(line)
        await server.async_setValues(change["unit"], FUNCTION[change["table"]], change["address"], change["values"])
        print(json.dumps({"ok": True}), flush=True)


asyncio.run(main())
