#!/usr/bin/env python3
"""How soon the service answers after it was started, and what it holds in memory then, beside rivals in the same rounds.

    python3 benches/start/start.py BINARY [BINARY …] [--rival osmem-server] [--rounds N] [--documents N]

A *first start* is one on an empty folder: keys, a CA, accounts and the domain are made. A *restart* is one on a folder that holds
an index of N documents (63,000). Time counts from the start of the process to the whole answer of a first request, which is sent when the service
says `ready`: `GET /` after a first start, a search for two words after a restart. Resident memory is read
after that answer. A rival is started on port 0, must print its address, and is asked `GET /` over plain HTTP. Several binaries and the rival
take turns in each round. Standard library and Linux only.
"""
import argparse
import http.client
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path.insert(1, os.path.join(os.path.dirname(__file__), ".."))
import dev
from dev import signed

NDJSON = "application/x-ndjson"
BATCH = 3000


def resident(pid):
    """Resident memory of a process now, in MB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return int(re.search(r"^VmRSS:\s+(\d+)", status.read(), re.M).group(1)) / 1e3


class Service(dev.Service):
    def ask(self, method, path, body=b"", kind="application/json"):
        return self.once(self.host, signed(self.key, "es", method, self.host, path, body, kind))


def started(binary, folder, path):
    """Milliseconds to the first answer of this path, and MB resident after it."""
    begun = time.perf_counter()
    service = Service(binary, folder)
    try:
        answer = service.ask("GET", path)
        took = (time.perf_counter() - begun) * 1000
        assert b'"error"' not in answer, answer[:500]
        return took, resident(service.process.pid)
    finally:
        service.stop()


def rival_started(command):
    """The same of a server that prints the address it listens at."""
    begun = time.perf_counter()
    process = subprocess.Popen([command, "-addr", "127.0.0.1:0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True)
    try:
        while not (address := re.search(r"127\.0\.0\.1:\d+", process.stdout.readline())):
            assert process.poll() is None, f"{command} ended before it told its address"
        with urllib.request.urlopen(f"http://{address.group()}/", timeout=10) as answer:
            assert answer.status == http.client.OK and answer.read()
        return (time.perf_counter() - begun) * 1000, resident(process.pid)
    finally:
        process.terminate()
        process.wait()


def bulk(first, count):
    """Documents with a few words, a keyword, a number and a date."""
    lines = []
    for number in range(first, first + count):
        text = f"package number {number} of group {number % 97} and kind {number % 13}"
        lines += [{"index": {"_id": str(number)}}, {"text": text, "size": number, "built": "2026-11-30T00:00:00Z"}]
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def filled(binary, folder, documents):
    """A folder whose domain has an index of so many documents."""
    service = Service(binary, folder)
    for start in range(0, documents, BATCH):
        answer = service.ask("POST", "/start/_bulk", bulk(start, min(BATCH, documents - start)), NDJSON)
        assert b'"errors":false' in answer, answer[:500]
    service.ask("POST", "/start/_refresh")
    service.stop()


def told(name, runs):
    """One line: the middle and the spread of time and memory."""
    times, memory = sorted(took for took, _ in runs), [megabytes for _, megabytes in runs]
    print(f"{name:60} {statistics.median(times):7.1f} ms ({times[0]:.1f} to {times[-1]:.1f})   "
          f"{statistics.median(memory):6.1f} MB", flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("binaries", nargs="+", metavar="BINARY")
    options.add_argument("--rival", help="the program osmem-server (of the package of that name on PyPI)")
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--documents", type=int, default=63_000)
    given = options.parse_args()
    scratch = tempfile.mkdtemp()
    firsts, restarts, rivals = ({binary: [] for binary in given.binaries}, {binary: [] for binary in given.binaries}, [])
    try:
        for place, binary in enumerate(given.binaries):
            filled(binary, f"{scratch}/filled{place}", given.documents)
        for turn in range(given.rounds):
            for place, binary in enumerate(given.binaries):
                firsts[binary].append(started(binary, f"{scratch}/first{place}-{turn}", "/"))
                path = "/start/_search?q=text:package%20text:97"
                restarts[binary].append(started(binary, f"{scratch}/filled{place}", path))
            if given.rival:
                rivals.append(rival_started(given.rival))
        for binary in given.binaries:
            told(f"{binary}: first start", firsts[binary])
            told(f"{binary}: restart with {given.documents} documents", restarts[binary])
        if rivals:
            told(f"{given.rival}: start", rivals)
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
