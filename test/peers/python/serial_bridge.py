"""A serial line that leads to a TCP server: whoever opens it talks to the server, byte by byte.

First line on standard input: {"port": N} of a server on loopback. It answers {"path": "/dev/pts/N"}.
"""

import asyncio
import json
import os
import sys
import tty


async def main():
    loop = asyncio.get_running_loop()
    stdin = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdin), sys.stdin)
    config = json.loads(await stdin.readline())
    reader, writer = await asyncio.open_connection("127.0.0.1", config["port"])
    line, end = os.openpty()
    for part in (line, end):
        tty.setraw(part)
    loop.add_reader(line, lambda: writer.write(os.read(line, 4096)))
    print(json.dumps({"path": os.ttyname(end)}), flush=True)
    while data := await reader.read(4096):
        os.write(line, data)


asyncio.run(main())
