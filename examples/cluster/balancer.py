"""A load balancer in its smallest form: connections to an address go to one of several others, in turn; one that does not answer is passed over.

    python balancer.py 127.0.0.1:9443=127.0.0.2:9443,127.0.0.3:9443 …

It passes bytes on and knows nothing of TLS: the certificate is the gateways'.
"""

import asyncio
import itertools
import sys


async def main(rules):
    servers = []
    for rule in rules:
        front, backs = rule.split("=")
        host, port = front.split(":")
        turn = itertools.cycle(backs.split(","))
        servers.append(await asyncio.start_server(forward_to(turn, backs.count(",") + 1), host, int(port)))
    print("ready", flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


def forward_to(turn, count):
    async def forward(client_reader, client_writer):
        for _ in range(count):
            host, port = next(turn).split(":")
            try:
                reader, writer = await asyncio.open_connection(host, int(port))
            except OSError:
                continue
            await asyncio.gather(pump(client_reader, writer), pump(reader, client_writer))
            return
        client_writer.close()

    return forward


async def pump(reader, writer):
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
