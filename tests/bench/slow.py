"""A bad line to a port of this machine: python -m tests.bench.slow PORT. Prints where it begins."""

from __future__ import annotations

import asyncio
import sys

SECONDS = 0.25  # each way


async def main(port: int) -> None:
    async def led(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_carried(reader, back), _carried(there, writer))

    server = await asyncio.start_server(led, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


async def _carried(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    async def later(part: bytes) -> None:
        await asyncio.sleep(SECONDS)
        writer.write(part) if part else writer.close()

    under_way = []
    part = b"-"
    while part:
        part = await reader.read(1 << 16)
        under_way.append(asyncio.create_task(later(part)))
    await asyncio.gather(*under_way)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
