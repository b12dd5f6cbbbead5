"""A model's service that takes a second for each answer: chat completions on a loopback port, for Leo and its peers alike.

Usage: model.py SECONDS. Prints its port, and ends when its input does.

What is asked has "batch N" in it; the answer is a statement with N in it, as JSON where a form was asked for and as bare SQL otherwise.
"""

import asyncio
import json
import re
import sys
import time

SECONDS = float(sys.argv[1])


async def read(reader):
    """The body of the next request; nothing when the connection ends."""
    length = 0
    while line := await reader.readline():
        if line == b"\r\n":
            return await reader.readexactly(length)
        name, _, value = line.decode("latin-1").partition(":")
        if name.lower() == "content-length":
            length = int(value)
    return b""


async def serve(reader, writer):
    while body := await read(reader):
        asked = json.loads(body)
        number = re.findall(r"batch (\d+)", json.dumps(asked["messages"], ensure_ascii=False))[-1]
        sql = f"SELECT max(amount) - min(amount) AS spread FROM payments WHERE id > {number}"
        text = json.dumps({"sql": sql, "params": []}) if "response_format" in asked else sql
        told = {
            "id": "1", "object": "chat.completion", "created": int(time.time()), "model": "second",
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
            "usage": {"prompt_tokens": len(body) // 4, "completion_tokens": 20, "total_tokens": len(body) // 4 + 20},
        }
        told = json.dumps(told).encode()
        await asyncio.sleep(SECONDS)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(told) + told)
        await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
