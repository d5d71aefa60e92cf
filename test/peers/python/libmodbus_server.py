"""A Modbus server of libmodbus, on loopback or at the other end of a serial line.

First line on standard input: {"line": "tcp" or "serial", "unit": 1, "tables": {"holding": [1, 2], "input": [],
"coil": [true], "discrete": []}, "refused": {"7": 3}}
The tables begin at address 0; a read of a refused address, in any table, is answered by that exception.
It answers {"port": N}, for a serial line {"path": "/dev/pts/N"}, and serves until its input ends.
"""

import ctypes
import json
import os
import socket
import struct
import sys
import threading
import tty

TABLES = ("coil", "discrete", "holding", "input")
RTU_LONGEST, TCP_LONGEST = 256, 260

libmodbus = ctypes.CDLL("libmodbus.so.5")


class Mapping(ctypes.Structure):
    """modbus_mapping_t of modbus.h."""

    _fields_ = [
        ("counts_and_starts", ctypes.c_int * 8),
        ("coil", ctypes.POINTER(ctypes.c_uint8)),
        ("discrete", ctypes.POINTER(ctypes.c_uint8)),
        ("input", ctypes.POINTER(ctypes.c_uint16)),
        ("holding", ctypes.POINTER(ctypes.c_uint16)),
    ]


libmodbus.modbus_new_tcp.restype = libmodbus.modbus_new_rtu.restype = ctypes.c_void_p
libmodbus.modbus_new_rtu.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_char, ctypes.c_int, ctypes.c_int]
libmodbus.modbus_mapping_new.restype = ctypes.POINTER(Mapping)


def hold(tables):
    mapping = libmodbus.modbus_mapping_new(*(len(tables.get(table, [])) for table in TABLES))
    for table in TABLES:
        for address, value in enumerate(tables.get(table, [])):
            getattr(mapping.contents, table)[address] = value
    return mapping


def serve(context, mapping, refused, longest):
    """Answers one client, to its end."""
    question = (ctypes.c_uint8 * longest)()
    header = libmodbus.modbus_get_header_length(context)
    while (length := libmodbus.modbus_receive(context, question)) >= 0:
        if length == 0:
            continue  # for another unit of the line
        address, count = struct.unpack_from(">HH", question, header + 1)
        exceptions = [code for at, code in refused.items() if address <= int(at) < address + count]
        if exceptions:
            libmodbus.modbus_reply_exception(context, question, exceptions[0])
        else:
            libmodbus.modbus_reply(context, question, length, mapping)


def main():
    config = json.loads(sys.stdin.readline())
    mapping, refused = hold(config["tables"]), config.get("refused", {})
    if config["line"] == "serial":
        line, end = os.openpty()
        for part in (line, end):
            tty.setraw(part)
        context = ctypes.c_void_p(libmodbus.modbus_new_rtu(b"a-line", 9600, b"N", 8, 1))
        libmodbus.modbus_set_slave(context, config["unit"])
        libmodbus.modbus_set_socket(context, line)
        place = {"path": os.ttyname(end)}

        def work():
            serve(context, mapping, refused, RTU_LONGEST)

    else:
        context = ctypes.c_void_p(libmodbus.modbus_new_tcp(b"127.0.0.1", 0))
        listening = libmodbus.modbus_tcp_listen(context, 1)
        place = {"port": socket.socket(fileno=os.dup(listening)).getsockname()[1]}

        def work():
            handle = ctypes.c_int(listening)
            while libmodbus.modbus_tcp_accept(context, ctypes.byref(handle)) >= 0:
                serve(context, mapping, refused, TCP_LONGEST)
                libmodbus.modbus_close(context)

    threading.Thread(target=work, daemon=True).start()
    print(json.dumps(place), flush=True)
    sys.stdin.read()


main()
