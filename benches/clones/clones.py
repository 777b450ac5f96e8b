#!/usr/bin/env python3
"""What it costs to clone an account with its domain for one test.

    python3 benches/clones/clones.py BINARY [CLONES [INDICES [DOCUMENTS]]]

Starts `countersign dev` on a scratch folder and writes INDICES (5) indices of DOCUMENTS (2,000) documents each. Then CLONES (100) clones,
one after the other, all kept: the time of each, and what resident memory grows by; the first request to each clone; then the
time of removing each. Standard library only.
"""
import http.client
import json
import os
import shutil
import statistics
import sys
import tempfile
import time

sys.path.insert(1, os.path.join(os.path.dirname(__file__), ".."))
import dev
from dev import signed


class Service(dev.Service):
    def resident(self):
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as pages:
            return int(pages.read().split()[1]) * 4096 / 1e6

    def test(self, method, path):
        admin = http.client.HTTPConnection(self.key["COUNTERSIGN_ADMIN"].removeprefix("http://"), timeout=60)
        begun = time.monotonic()
        admin.request(method, f"/accounts/{path}", headers={"x-countersign-test": self.key["COUNTERSIGN_TEST_TOKEN"]})
        answer = admin.getresponse()
        text = answer.read()
        took = time.monotonic() - begun
        assert answer.status == 200, (answer.status, text)
        return text, took * 1000


def allow(service):
    """Lets everybody of the account into domain `dev`."""
    statement = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "es:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    host = service.key["AWS_ENDPOINT_URL"].removeprefix("https://")
    path = "/2021-01-01/opensearch/domain/dev/config"
    service.once(host, signed(service.key, "es", "POST", host, path, json.dumps({"AccessPolicies": policy}).encode()))


def fill(service, indices, documents):
    for index in range(indices):
        lines = []
        for number in range(documents):
            lines.append(json.dumps({"index": {"_index": f"i{index}", "_id": str(number)}}))
            lines.append(json.dumps({"title": f"a few words of number {number}", "kind": f"k{number % 7}", "n": number}))
        body = ("\n".join(lines) + "\n").encode()
        request = signed(service.key, "es", "POST", service.host, "/_bulk", body, "application/x-ndjson")
        service.once(service.host, request)
    time.sleep(3)


def told(name, times):
    times = sorted(times)
    print(f"{name}: median {statistics.median(times):.1f} ms, worst of {len(times)} {times[-1]:.1f} ms")


def main():
    binary, *numbers = sys.argv[1:]
    clones, indices, documents = ([int(number) for number in numbers] + [100, 5, 2000][len(numbers):])[:3]
    folder = tempfile.mkdtemp(prefix="countersign-clones-")
    service = Service(binary, folder)
    try:
        allow(service)
        fill(service, indices, documents)
        first, _ = service.test("POST", "123456789012/clone")
        service.test("DELETE", json.loads(first)["account"])
        before = service.resident()
        made = [service.test("POST", "123456789012/clone") for _ in range(clones)]
        after = service.resident()
        told("a clone", [took for _, took in made])
        print(f"memory: {(after - before) / clones:.2f} MB a clone, {before:.0f} MB before, {after:.0f} after")
        asked = []
        for text, _ in made:
            clone = json.loads(text)
            host = clone["domains"]["dev"].removeprefix("https://")
            key = {name.upper(): value for name, value in clone["users"]["developer"].items()}
            key = {f"AWS_{name}": value for name, value in key.items()}
            begun = time.monotonic()
            found = json.loads(service.once(host, signed(key, "es", "GET", host, "/i0/_count")))
            asked.append((time.monotonic() - begun) * 1000)
            assert found["count"] == documents, found
        told("its first request, with a handshake", asked)
        asked = service.resident()
        print(f"memory with a request each: {(asked - before) / clones:.2f} MB a clone")
        told("a removal", [service.test("DELETE", json.loads(text)["account"])[1] for text, _ in made])
        print(f"memory at the end: {service.resident():.0f} MB")
    finally:
        service.stop()
        shutil.rmtree(folder)


main()
