"""Reads a Modbus server with pymodbus, as told in JSON on the command line, and prints what it decodes.

Argument: {"port": N, "reads": [{"unit": 1, "table": "holding", "address": 0, "type": "FLOAT32", "words": "little"}]}
"""

import json
import sys

from pymodbus.client import ModbusTcpClient

task = json.loads(sys.argv[1])
client = ModbusTcpClient("127.0.0.1", port=task["port"])
assert client.connect()
values = []
for read in task["reads"]:
    table, address, unit = read["table"], read["address"], read["unit"]
    if table in ("coil", "discrete"):
        ask = client.read_coils if table == "coil" else client.read_discrete_inputs
        values.append(ask(address, count=1, device_id=unit).bits[0])
        continue
    kind = client.DATATYPE[read["type"]]
    ask = client.read_holding_registers if table == "holding" else client.read_input_registers
    answer = ask(address, count=kind.value[1], device_id=unit)
    if answer.isError():
        values.append({"exception": answer.exception_code})
    else:
        values.append(client.convert_from_registers(answer.registers, kind, word_order=read["words"]))
client.close()
print(json.dumps(values))
