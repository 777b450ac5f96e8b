#!/usr/bin/env python3
"""What one small signed request costs, counted under Valgrind: the same whatever else the machine does.

    python3 benches/gateway/instructions.py BINARY [BINARY …] [--requests N] [--path PATH]

`countersign dev` under `callgrind`, asked by one user over one connection: `GET PATH` of its domain, each signed and checked.
Prints the instructions and the allocations of one request; of several binaries each further one is told beside the first. The
system's calls are not in it, and SHA-256 is computed without the processor's own instructions for it, which Valgrind does not
know. Standard library only; needs `valgrind`, and a binary with its symbols.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(1, os.path.join(os.path.dirname(__file__), ".."))
import dev
from dev import signed_headers

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
ALLOCATES = re.compile(r"(__rust_alloc|mi_(malloc|zalloc|calloc|realloc)(_aligned)?|malloc|calloc|realloc)$")


def wrapped(binary, folder):
    """A program that runs the binary under callgrind, which does not count before it is told to."""
    path = os.path.join(folder, "under-valgrind")
    counted = f"--tool=callgrind --instr-atstart=no --callgrind-out-file={folder}/out"
    with open(path, "w", encoding="utf-8") as script:
        script.write(f'#!/bin/sh\nexec valgrind {counted} {binary} "$@"\n')
    os.chmod(path, 0o755)
    return path


def ask(stream, request):
    """One request and its whole answer."""
    stream.sendall(request)
    got = b""
    while b"\r\n\r\n" not in got:
        got += stream.recv(65536)
    head, _, body = got.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), got
    length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
    while len(body) < length:
        body += stream.recv(65536)


def totals(path):
    """The instructions that were counted, and the calls of what allocates, but for those of one such function by another."""
    names, instructions, allocations, caller, callee = {}, 0, 0, "", ""

    def name(text):
        number, given = re.match(r"\((\d+)\)(?: (.*))?$", text).groups()
        names.setdefault(number, given)
        return names[number]

    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith("fn="):
                caller = name(line[3:].strip())
            elif line.startswith("cfn="):
                callee = name(line[4:].strip())
            elif line.startswith("calls=") and ALLOCATES.match(callee) and not ALLOCATES.match(caller):
                allocations += int(line[6:].split()[0])
            elif line.startswith(("totals:", "summary:")):
                instructions = int(line.split()[1])
    return instructions, allocations


def measure(binary, requests, path):
    folder = tempfile.mkdtemp(prefix="countersign-instructions-")
    service = dev.Service(wrapped(os.path.abspath(binary), folder), os.path.join(folder, "data"))
    try:
        headers = {"host": service.host} | signed_headers(service.key, "es", "GET", service.host, path, EMPTY)
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        request, stream = "\r\n".join(lines).encode(), service.connect(service.host)
        for _ in range(200):
            ask(stream, request)
        switch = lambda word: subprocess.run(
            ["callgrind_control", "-i", word, str(service.process.pid)], check=True, capture_output=True
        )
        switch("on")
        for _ in range(requests):
            ask(stream, request)
        switch("off")
    finally:
        service.stop()
    counted = totals(os.path.join(folder, "out"))
    shutil.rmtree(folder)
    return [total / requests for total in counted]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", nargs="+")
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--path", default="/")
    chosen = parser.parse_args()
    first = None
    for binary in chosen.binary:
        instructions, allocations = measure(binary, chosen.requests, chosen.path)
        first = first or (instructions, allocations)
        print(
            f"{binary}: {instructions:,.0f} instructions (× {instructions / first[0]:.2f}),"
            f" {allocations:.1f} allocations (× {allocations / first[1]:.2f}) for GET {chosen.path}"
        )


if __name__ == "__main__":
    main()
