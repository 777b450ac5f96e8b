#!/usr/bin/env python3
"""What connections cost that are open and idle: resident memory with so many TLS connections to one domain.

    python3 benches/gateway/idle.py BINARY [CONNECTIONS]

Starts `countersign serve` with room for them (10,000 if none are named) and opens them from this process; each shakes hands and sends
nothing. Prints the memory before, with all of them open, and for each. An idle connection is kept for a minute: on a machine that
cannot open them in that time the bench says so. Standard library only.
"""
import os
import resource
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time

sys.path.insert(1, os.path.join(os.path.dirname(__file__), ".."))
import dev

KEPT_SECONDS = 60
SETTINGS = """
data = "{folder}"
accounts = ["123456789012"]
public_name = "localhost"
control.listen = "127.0.0.1:0"
admin.listen = "127.0.0.1:0"
domains.listen = "127.0.0.1"
limits.connections = {all}
limits.connections_per_address = 0
limits.connections_per_listener = 0
"""


def resident(process):
    with open(f"/proc/{process}/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def serve(binary, folder, connections):
    """`serve` on a folder in which `dev` has made a domain."""
    data = os.path.join(folder, "data")
    service = dev.Service(binary, data)
    host = service.host
    service.stop()
    path = os.path.join(folder, "countersign.toml")
    with open(path, "w", encoding="ascii") as file:
        file.write(SETTINGS.format(folder=data, all=connections + 1024))
    process = subprocess.Popen([binary, "serve", "--config", path], stdout=subprocess.PIPE, text=True)
    while (line := process.stdout.readline()) and line.strip() != "ready":
        pass
    return process, host, os.path.join(data, "ca.pem")


def main(binary, connections=10_000):
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if files < connections + 1024:
        sys.exit(f"{connections} connections need as many open files; the system allows {files} (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    scratch = tempfile.mkdtemp(prefix="countersign-idle-")
    process, host, authority = serve(binary, scratch, connections)
    try:
        name, port = host.split(":")
        context = ssl.create_default_context(cafile=authority)
        before, begun, held = resident(process.pid), time.monotonic(), []
        for _ in range(connections):
            held.append(context.wrap_socket(socket.create_connection((name, int(port))), server_hostname=name))
        seconds, after = time.monotonic() - begun, resident(process.pid)
        if seconds > KEPT_SECONDS:
            sys.exit(f"{connections} connections took {seconds:.0f} s: the first were closed before the last was open")
        each = (after - before) * 1024 / connections
        print(f"{before:.0f} MB before, {after:.0f} MB with {connections:,} idle connections: {each:.1f} KB each; opened in {seconds:.0f} s")
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
