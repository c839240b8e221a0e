"""Echo agent on the Python package websockets: `server DEFLATE` or `client DEFLATE URL`.

Text that begins with `!` is a command, see docs/interop.md; every other message is echoed.
"""

import asyncio
import sys

import websockets
from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
    ServerPerMessageDeflateFactory,
)

ROLE, DEFLATE = sys.argv[1], sys.argv[2]


def settings():
    """Options of both roles: nothing is limited, no timer of its own interferes."""
    fresh = DEFLATE != "takeover"
    extensions = None
    if DEFLATE != "off":
        factory = (
            ServerPerMessageDeflateFactory if ROLE == "server" else ClientPerMessageDeflateFactory
        )
        extensions = [
            factory(server_no_context_takeover=fresh, client_no_context_takeover=fresh)
        ]
    return {
        "max_size": None,
        "max_queue": None,
        "ping_interval": None,
        "compression": None,
        "extensions": extensions,
        "subprotocols": ["interop.v1"] if ROLE == "server" else ["interop.v0", "interop.v1"],
    }


async def ping(connection, payload):
    """Sends a Ping and tells the other end when its Pong has come."""
    pong = await connection.ping(payload)

    async def report():
        await pong
        await connection.send("pong " + payload)

    asyncio.ensure_future(report())


def fragments(kind, count, size):
    """The pieces of one message: letters, a to z in turn."""
    for index in range(count):
        letter = chr(97 + index % 26) * size
        yield letter if kind == "text" else letter.encode()


async def obey(connection, text):
    verb, _, rest = text[1:].partition(" ")
    if verb == "ping":
        await ping(connection, rest)
    elif verb == "fragments":
        kind, count, size = rest.split(" ")
        await connection.send(fragments(kind, int(count), int(size)))
    elif verb == "close":
        code, _, reason = rest.partition(" ")
        asyncio.ensure_future(connection.close(int(code), reason))


async def answer(connection):
    try:
        async for message in connection:
            if isinstance(message, str) and message.startswith("!"):
                await obey(connection, message)
            else:
                await connection.send(message)
    except websockets.ConnectionClosed:
        pass
    await connection.wait_closed()
    print("closed", connection.close_code, connection.close_reason.encode().hex(), flush=True)


async def serve():
    server = await websockets.serve(answer, "127.0.0.1", 0, **settings())
    print("listening", server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Future()


async def connect():
    async with websockets.connect(sys.argv[3], **settings()) as connection:
        await answer(connection)


asyncio.run(serve() if ROLE == "server" else connect())
