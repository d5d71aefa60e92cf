"""A pymodbus server told what to hold on standard input, one JSON document a line.

First line: {"units": {"1": {"holding": {"100": [1, 2]}, "input": {}, "coil": {"0": [true]}, "discrete": {}}},
             "line": "tcp", "rtu-over-tcp" or "serial", "identity": ["Vendor", "Product", "Revision"]}
The identity may be left out.
Further lines: {"unit": 1, "table": "holding", "address": 100, "values": [3, 4]}
or {"faults": ["late", "wrong-id"]}: what it does to the next answers, one each (see Faults).
It answers each line with one line: {"port": N} to the first, for a serial line {"path": "/dev/pts/N"}, and
{"ok": true} to the others.
"""

import asyncio
import json
import os
import sys
import tty

from pymodbus import FramerType, ModbusDeviceIdentification
from pymodbus.server import ModbusSerialServer, ModbusTcpServer
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


class Faults:
    """What goes wrong with the next answers, in the hooks of pymodbus itself."""

    def __init__(self):
        self.waiting = []
        self.present = None
        self.late = b""

    def pdu(self, sending, pdu):
        if sending:
            self.present = self.waiting.pop(0) if self.waiting else None
            if self.present == "wrong-id":
                pdu.transaction_id = (pdu.transaction_id + 1) & 0xFFFF
            if self.present == "wrong-unit":
                pdu.dev_id += 1
        return pdu

    def packet(self, sending, data):
        if not sending:
            return data
        late, self.late = self.late, b""
        if self.present == "late":
            self.late = data
            return late
        data = late + data
        if self.present == "half":
            return data[: len(data) // 2]
        if self.present == "garbage":
            return bytes((7 * i + 13) & 0xFF for i in range(2 * len(data)))
        if self.present == "wrong-sum":
            return data[:-1] + bytes([data[-1] ^ 1])
        return data


def serial_pair():
    """Two serial lines joined by their masters: what is written to one is read from the other."""
    loop = asyncio.get_running_loop()
    (one, one_end), (other, other_end) = os.openpty(), os.openpty()
    for end in (one, one_end, other, other_end):
        tty.setraw(end)
    loop.add_reader(one, lambda: os.write(other, os.read(one, 4096)))
    loop.add_reader(other, lambda: os.write(one, os.read(other, 4096)))
    return os.ttyname(one_end), os.ttyname(other_end)


async def start(devices, line, port, identity, faults):
    hooks = {"trace_pdu": faults.pdu, "trace_packet": faults.packet}
    if line == "serial":
        ours, theirs = serial_pair()
        server = ModbusSerialServer(devices, port=ours, baudrate=9600, identity=identity, **hooks)
        await server.serve_forever(background=True)
        return server, {"path": theirs}
    framer = FramerType.RTU if line == "rtu-over-tcp" else FramerType.SOCKET
    address = ("127.0.0.1", port)
    server = ModbusTcpServer(devices, framer=framer, address=address, identity=identity, **hooks)
    await server.serve_forever(background=True)
    return server, {"port": server.transport.sockets[0].getsockname()[1]}


async def main():
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    config = json.loads(await reader.readline())
    devices = [device(unit, tables) for unit, tables in config["units"].items()]
    identity = ModbusDeviceIdentification(info=dict(enumerate(config.get("identity") or [])))
    faults = Faults()
    server, place = await start(devices, config["line"], config["port"], identity, faults)
    print(json.dumps(place), flush=True)
    while line := await reader.readline():
        change = json.loads(line)
        if "faults" in change:
            faults.waiting = change["faults"]
        else:
            await server.async_setValues(change["unit"], FUNCTION[change["table"]], change["address"], change["values"])
        print(json.dumps({"ok": True}), flush=True)


asyncio.run(main())
