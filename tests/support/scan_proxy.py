# SPDX-License-Identifier: Apache-2.0
"""The way of a scanner to the demo RA, and to nothing else: an HTTP proxy (CONNECT) on the loopback
that connects any *.localhost:PORT to 127.0.0.1:PORT and refuses every other address. It takes the
scanner's TLS with the certificate given and makes its own to the RA, which it verifies, there with
a client certificate where one is given: scanners know nothing of those, nor of names in localhost.
What would log the scanner out is made a GET, which does not: it would see nothing but refusals
from then on.

    scan_proxy.py PORT TRUST-ANCHOR SERVER-PEM PORT-FILE [CLIENT-PEM CLIENT-KEY]

Writes its own port to PORT-FILE; its standard output has a line for each request let through, its
standard error one for each that was refused."""
import asyncio
import os
import re
import socket
import ssl
import sys

HEAD_MAX = 65536
ENDED = (OSError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)
LOGOUT = re.compile(rb"\APOST /logout\b(?s:.*)csrf=[0-9a-f]{64}")
REFUSAL = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"


async def read_request(reader, writer):
    """Its first line, and all of it; scanners send no chunks."""
    head = await reader.readuntil(b"\r\n\r\n")
    # Clients wait with the body for this, as Nagle has told them, and it is not sent for 40 ms.
    writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    body = await reader.readexactly(int(length[1])) if length else b""
    return head.split(b"\r\n")[0].decode("latin-1"), head + body


async def questions(reader, writer, ra_writer):
    try:
        while True:
            line, request = await read_request(reader, writer)
            print(line, flush=True)
            if LOGOUT.search(request):
                request = b"GET" + request[len("POST"):]
            ra_writer.write(request)
            await ra_writer.drain()
    except ENDED:
        ra_writer.close()


async def answers(ra_reader, writer):
    try:
        while data := await ra_reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ENDED:
        pass
    writer.close()


class Proxy:
    def __init__(self, port, trust_anchor, server_pem, client=()):
        self.port = port
        self.inside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.inside.load_cert_chain(server_pem)
        self.outside = ssl.create_default_context(cafile=trust_anchor)
        if client:
            self.outside.load_cert_chain(*client)

    async def connect(self, host, reader, writer):
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        await writer.drain()
        await writer.start_tls(self.inside)
        ra_reader, ra_writer = await asyncio.open_connection(
            "127.0.0.1", self.port, ssl=self.outside, server_hostname=host)
        await asyncio.gather(questions(reader, writer, ra_writer), answers(ra_reader, writer))

    async def serve(self, reader, writer):
        try:
            line, _ = await read_request(reader, writer)
            host = re.fullmatch(rf"CONNECT (\w+\.localhost):{self.port} HTTP/1\.[01]", line)
            if host:
                await self.connect(host[1], reader, writer)
            else:
                print("refused:", line, file=sys.stderr, flush=True)
                writer.write(REFUSAL)
                await writer.drain()
        except ENDED:
            pass  # the scanner's matter: it sees a connection that ends
        finally:
            writer.close()


async def main(port, trust_anchor, server_pem, port_file, *client):
    proxy = Proxy(int(port), trust_anchor, server_pem, client)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0, limit=HEAD_MAX)
    with open(port_file + ".new", "w", encoding="ascii") as file:
        file.write(str(server.sockets[0].getsockname()[1]))
    os.rename(port_file + ".new", port_file)
    await server.serve_forever()


asyncio.run(main(*sys.argv[1:]))
