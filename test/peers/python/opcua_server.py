"""An asyncua server told what to hold on standard input, one JSON document a line.

First line: {"nodes": {"ns=2;s=Name": {"value": 1.5, "type": "Double", "unit": "kWh"}}, "security": ["None"]};
            the engineering unit may be left out.
Further lines: {"node": "ns=2;s=Name", "value": 2.5, "type": "Double", "time": "2026-01-15T08:00:00Z",
                "status": "Good"}; time and status may be left out.
It answers each line with one line: {"port": N} to the first, {"ok": true} to the others.
"""

import asyncio
import json
import socket
import sys
from datetime import datetime, timezone

from asyncua import Server, ua


def data_value(change):
    status = ua.StatusCode(getattr(ua.StatusCodes, change.get("status", "Good")))
    time = change.get("time")
    source = datetime.fromisoformat(time.replace("Z", "+00:00")) if time else datetime.now(timezone.utc)
    value = None
    if change.get("value") is not None:
        value = ua.Variant(change["value"], getattr(ua.VariantType, change.get("type", "Double")))
    return ua.DataValue(
        Value=value,
        StatusCode=status,
        SourceTimestamp=source,
        ServerTimestamp=datetime.now(timezone.utc),
    )


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def main():
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    config = json.loads(await reader.readline())
    port = config.get("port") or free_port()

    server = Server()
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{port}")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    await server.register_namespace("urn:affluent:test")
    nodes = {}
    for identifier, start in config["nodes"].items():
        variable = await server.nodes.objects.add_variable(
            ua.NodeId.from_string(identifier),
            identifier.split("=")[-1],
            start["value"],
            getattr(ua.VariantType, start.get("type", "Double")),
        )
        if "unit" in start:
            unit = ua.EUInformation(DisplayName=ua.LocalizedText(start["unit"]))
            await variable.add_property(0, "EngineeringUnits", unit)
        nodes[identifier] = variable
        await server.write_attribute_value(variable.nodeid, data_value(start))

    async with server:
        print(json.dumps({"port": port}), flush=True)
        while line := await reader.readline():
            change = json.loads(line)
            await server.write_attribute_value(nodes[change["node"]].nodeid, data_value(change))
            print(json.dumps({"ok": True}), flush=True)


asyncio.run(main())
