#!/usr/bin/env python3
"""What one document with a long text costs: seconds, and the service's highest memory, as multiples of the text.

    python3 benches/documents/documents.py target/release/countersign [MIB ...]

For each size (1 10 50 95) the binary is started on a scratch folder and given one document with that much text in one
dynamically mapped field (words of 2 to 9 letters from a vocabulary of 50,000), then one refresh. Printed are the
seconds per MiB of the write and of the refresh, which should not grow with the size, and the highest resident memory
(VmHWM) less what the service held before, by the size. The default limit of a body is 100 MiB. Standard library only.
"""
import json
import os
import random
import shutil
import sys
import tempfile
import time

sys.path.insert(1, os.path.join(os.path.dirname(__file__), ".."))
from dev import Service, signed


def memory(process):
    """The highest resident memory so far, in bytes."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        line = next(line for line in status if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def text(length):
    words = random.Random(7)
    letters = "abcdefghijklmnopqrstuvwxyz"
    known = ["".join(words.choices(letters, k=words.randint(2, 9))) for _ in range(50_000)]
    piece = " ".join(words.choices(known, k=200_000))
    return (piece + " ") * (length // len(piece) + 1)


def send(service, method, path, body=b""):
    """Sends one request; the seconds until it was answered. Long ones take longer than `once` waits for."""
    request = signed(service.key, "es", method, service.host, path, body)
    stream = service.connect(service.host)
    stream.settimeout(600)
    begun = time.monotonic()
    stream.sendall(request)
    status = int(stream.recv(4096).split()[1])
    stream.close()
    assert status in (200, 201), (path, status)
    return time.monotonic() - begun


def main():
    binary, sizes = sys.argv[1], [int(size) for size in sys.argv[2:]] or [1, 10, 50, 95]
    print(f"{'MiB':>5} {'write s/MiB':>12} {'refresh s/MiB':>14} {'memory/text':>12}")
    for size in sizes:
        folder = tempfile.mkdtemp()
        service = Service(binary, os.path.join(folder, "data"))
        try:
            send(service, "PUT", "/small/_doc/1", b'{"text":"warm"}')
            send(service, "POST", "/small/_refresh")
            before = memory(service.process)
            body = json.dumps({"text": text(size << 20)[: size << 20]}).encode()
            write = send(service, "PUT", "/long/_doc/1", body)
            refresh = send(service, "POST", "/long/_refresh")
            more = memory(service.process) - before
            print(f"{size:>5} {write / size:>12.3f} {refresh / size:>14.3f} {more / (size << 20):>12.1f}", flush=True)
        finally:
            service.stop()
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
