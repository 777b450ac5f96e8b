#!/usr/bin/env python3
"""How fast a large body that nobody proved is received, hashed and kept, and what memory it costs.

    python3 benches/bodies/bodies.py target/release/countersign [MIB [ROUNDS]]

Starts the binary on a scratch folder, makes a domain, and sends bodies of MIB (1024) mebibytes: with a wrong
signature, and signed for another body by a caller who may do everything. Both must be refused with 403. In
the same run, in turn and as often (ROUNDS, 5), what is measured of the same bytes:

hash   hashlib's SHA-256 (OpenSSL's)
disk   plain writes to a file without a name in the same folder, not synced, as the service does it
wire   the same client sends the same request over TLS to a sink that reads and throws away. The sink is
       Python's ssl module (OpenSSL) in a process of its own: it shares neither code nor faults with the
       service, and what the client costs is in both
all    the three at once: what this machine needs for the same work done by programs that only do that

Before each, a file of the same size is written and removed: a virtual machine gives memory back that was not
used for a while, and who touches it next pays. Medians of all rounds; processor seconds (user and system) of
this process and of the one that it sends to. Standard library only; no rival is measured: none that we know
verifies before it executes and spills.
"""
import contextlib
import hashlib
import http.client
import json
import os
import re
import resource
import shutil
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(1, os.path.join(os.path.dirname(__file__), ".."))
from dev import exported, signed_headers

PIECE = bytes(1 << 20)
WRITE_BYTES = 256 << 10  # as `SPOOL_WRITE_BYTES`


def sign(key, method, host, path, payload_hash):
    return {"content-type": "application/json", **signed_headers(key, "es", method, host, path, payload_hash)}


def ask(context, key, host, method, path, body=b""):
    name, port = host.split(":")
    payload_hash = hashlib.sha256(body).hexdigest()
    headers = sign(key, method, host, path, payload_hash)
    connection = http.client.HTTPSConnection(name, int(port), context=context, timeout=60)
    connection.request(method, path, body=body, headers={"host": host, **headers})
    answer = connection.getresponse()
    return answer.status, answer.read()


def send(context, key, host, mebibytes, payload_hash):
    """Streams the body; anything but a refusal is a failure."""
    name, port = host.split(":")
    path = "/large/_doc/1"
    headers = sign(key, "PUT", host, path, payload_hash)
    connection = http.client.HTTPSConnection(name, int(port), context=context, timeout=600)
    connection.putrequest("PUT", path, skip_host=True, skip_accept_encoding=True)
    for header, value in {"host": host, "content-length": str(mebibytes << 20), **headers}.items():
        connection.putheader(header, value)
    connection.endheaders()
    for _ in range(mebibytes):
        connection.send(PIECE)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 403, answer.status


def bare_hash(mebibytes):
    digest = hashlib.sha256()
    for _ in range(mebibytes):
        digest.update(PIECE)
    return digest.hexdigest()


def bare_disk(mebibytes, folder, synced=False):
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(mebibytes * len(PIECE) // WRITE_BYTES):
            file.write(memoryview(PIECE)[:WRITE_BYTES])
        if synced:
            os.fsync(file.fileno())


def sink(certificate, key):
    """Reads requests, throws their bodies away and refuses them. Prints its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    buffer = bytearray(1 << 20)
    while True:
        with context.wrap_socket(listener.accept()[0], server_side=True) as stream:
            head = b""
            while b"\r\n\r\n" not in head:
                head += stream.recv(65536)
            head, _, begun = head.partition(b"\r\n\r\n")
            left = int(re.search(rb"content-length: (\d+)", head)[1]) - len(begun)
            while left:
                left -= stream.recv_into(buffer, min(left, len(buffer)))
            stream.sendall(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")


def at_once(*works):
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def processor_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as status:
        user, system = status.read().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def own_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def peak_mib(pid):
    """The peak since the last call."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        peak = int(re.search(r"VmHWM:\s+(\d+) kB", status.read()).group(1)) / 1024
    with open(f"/proc/{pid}/clear_refs", "w", encoding="ascii") as refs:
        refs.write("5")
    return peak


@contextlib.contextmanager
def process(command):
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield running
    finally:
        running.terminate()
        running.wait()


def service(binary, folder):
    command = [binary, "serve"]
    for setting in (
        f"data={folder}", "control.listen=127.0.0.1:0", "admin.listen=127.0.0.1:0",
        "domains.first_port=0", "domains.body_bytes_max=2147483647",
    ):
        command += ["--set", setting]
    return process(command)


def domain(running, folder):
    """Waits until the service is ready, and makes a domain: its host, the key and the trust for it."""
    while (line := running.stdout.readline()) and line.strip() != "ready":
        pass
    key = exported(os.path.join(folder, "root.env"))
    context = ssl.create_default_context(cafile=os.path.join(folder, "ca.pem"))
    control = key["AWS_ENDPOINT_URL"].removeprefix("https://")
    base = "/2021-01-01/opensearch/domain"
    made = ask(context, key, control, "POST", base, json.dumps({"DomainName": "bodies"}).encode())
    assert made[0] == 200, made
    host = None
    while host is None:
        told = json.loads(ask(context, key, control, "GET", f"{base}/bodies")[1])
        host = told["DomainStatus"].get("Endpoint")
    status, _ = ask(context, key, host, "GET", "/")
    assert status == 200, status
    return host, key, context


def measure(rows, rounds, warm):
    """Medians of each row, in turn so that what disturbs disturbs all: seconds, ours, the other process's."""
    seen = {name: [] for name, _, _ in rows}
    for _ in range(rounds):
        for name, pid, work in rows:
            warm()
            begun, ours, others = time.monotonic(), own_seconds(), processor_seconds(pid)
            work()
            seconds = time.monotonic() - begun
            time.sleep(0.3)  # The service closes its file behind the answer.
            seen[name].append((seconds, own_seconds() - ours, processor_seconds(pid) - others))
    return {name: [statistics.median(column) for column in zip(*runs)] for name, runs in seen.items()}


def run(binary, mebibytes, rounds, folder):
    authority = [os.path.join(folder, name) for name in ("ca.pem", "tls/ca.key")]
    with service(binary, folder) as served:
        host, key, context = domain(served, folder)
        with process([sys.executable, __file__, "--sink", *authority]) as drain:
            nobody = f"127.0.0.1:{drain.stdout.readline().strip()}"
            trusting = ssl._create_unverified_context()  # The sink's certificate is the authority's own.
            wrong = key | {"AWS_SECRET_ACCESS_KEY": "wrong"}
            digest, another = bare_hash(mebibytes), hashlib.sha256(b"another").hexdigest()

            def hashing():
                bare_hash(mebibytes)

            def disk():
                bare_disk(mebibytes, folder)

            def wire():
                send(trusting, key, nobody, mebibytes, digest)

            memory(served.pid, context, wrong, host, mebibytes)
            seen = measure([
                ("hash", drain.pid, hashing),
                ("disk", drain.pid, disk),
                ("wire", drain.pid, wire),
                ("all at once", drain.pid, lambda: at_once(hashing, disk, wire)),
                ("wrong signature", served.pid, lambda: send(context, wrong, host, mebibytes, digest)),
                ("signed for another body", served.pid, lambda: send(context, key, host, mebibytes, another)),
            ], rounds, disk)
            begun = time.monotonic()
            bare_disk(mebibytes, folder, synced=True)
            print(f"disk, synced at the end: {mebibytes / (time.monotonic() - begun):.0f} MiB/s")
    report(seen, mebibytes, rounds)


def memory(pid, context, wrong, host, mebibytes):
    """Peak memory of the service by what is sent."""
    print(f"peak memory at rest: {peak_mib(pid):.1f} MiB")
    digest = hashlib.sha256(b"").hexdigest()
    for count, each in ((1, 64), (1, mebibytes), (8, mebibytes // 8)):
        at_once(*[lambda: send(context, wrong, host, each, digest)] * count)
        print(f"peak memory, {count} × {each} MiB: {peak_mib(pid):.1f} MiB")


def report(seen, mebibytes, rounds):
    slowest = max(seen[name][0] for name in ("hash", "disk", "wire"))
    together = seen["all at once"][0]
    print(f"medians of {rounds} rounds; processor seconds for each GiB; ratios of speeds")
    print(f"{'':24}{'MiB/s':>7}{'client':>8}{'other':>7}{'of the slowest':>16}{'of all at once':>16}")
    gib = mebibytes / 1024
    for name, (wall, client, other) in seen.items():
        print(
            f"{name:24}{mebibytes / wall:7.0f}{client / gib:8.2f}{other / gib:7.2f}"
            f"{slowest / wall:16.2f}{together / wall:16.2f}"
        )
    parts = (seen["hash"][1] + seen["disk"][1] + seen["wire"][2]) / gib
    service = seen["wrong signature"][2] / gib
    print(f"hash, disk and sink alone: {parts:.2f} processor seconds for each GiB, the service {service / parts:.2f} of them")


if __name__ == "__main__":
    if sys.argv[1] == "--sink":
        sink(*sys.argv[2:4])
    scratch = tempfile.mkdtemp(prefix="countersign-bodies-")
    try:
        sizes = [int(argument) for argument in sys.argv[2:]] + [1024, 5][len(sys.argv) - 2:]
        run(sys.argv[1], *sizes, scratch)
    finally:
        shutil.rmtree(scratch)
