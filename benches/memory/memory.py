#!/usr/bin/env python3
"""What many small indices and many distinct values cost: memory, time, and how soon the service ends.

    python3 benches/memory/memory.py BINARY [VALUES]

Starts `countersign dev` on a scratch folder. One bulk over 400 new indices: resident memory before, right after, and
once refreshed; then 100 more indices and the time from SIGTERM to the end. On a second folder VALUES documents (300,000)
with as many distinct values: times of `cardinality`, of `terms` with a sub-aggregation, of nested `terms`; then 34
searches of 1,000 `cardinality` aggregations at once whose clients leave after 3 seconds: the highest resident memory,
and how long after that a small request takes. Standard library only.
"""
import json
import os
import shutil
import signal
import sys
import tempfile
import threading
import time

sys.path.insert(1, os.path.join(os.path.dirname(__file__), ".."))
import dev
from dev import signed


class Service(dev.Service):
    def resident(self):
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as pages:
            return int(pages.read().split()[1]) * 4096 / 1e6

    def ask(self, method, path, body=b"", content_type="application/json"):
        begun = time.monotonic()
        answer = self.once(self.host, signed(self.key, "es", method, self.host, path, body, content_type))
        return json.loads(answer), time.monotonic() - begun

    def end(self):
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        return time.monotonic() - begun


def bulk(lines):
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def many_indices(service):
    def body(numbers):
        document = {"title": "a few words", "kind": "k", "n": 1, "when": "2026-11-28T00:00:00Z"}
        return bulk(line for number in numbers for line in ({"index": {"_index": f"i{number}"}}, document))

    service.ask("POST", "/_bulk", body([9999]), "application/x-ndjson")
    before = service.resident()
    _, took = service.ask("POST", "/_bulk", body(range(400)), "application/x-ndjson")
    after = service.resident()
    service.ask("POST", "/_refresh")
    time.sleep(4)
    rest = service.resident()
    print(f"400 new indices: {before:.0f} MB before, {after:.0f} after the bulk, {rest:.0f} at rest: "
          f"{(rest - before) / 400:.3f} MB each; {took * 1000 / 400:.1f} ms each")
    service.ask("POST", "/_bulk", body(range(400, 500)), "application/x-ndjson")
    print(f"SIGTERM with 500 indices: ended after {service.end():.2f} s")


def many_values(service, values):
    for start in range(0, values, 10_000):
        numbers = range(start, min(start + 10_000, values))
        lines = (line for n in numbers for line in ({"index": {}}, {"k": f"value-{n:07}", "g": n % 100, "n": n}))
        service.ask("POST", "/v/_bulk", bulk(lines), "application/x-ndjson")
    service.ask("POST", "/v/_refresh")
    keyword = "k.keyword"
    for name, aggregation in {
        "cardinality": {"cardinality": {"field": keyword}},
        "terms with a sub-aggregation": {"terms": {"field": keyword}, "aggs": {"m": {"max": {"field": "n"}}}},
        "terms inside terms": {"terms": {"field": "g"}, "aggs": {"k": {"terms": {"field": keyword, "size": 5}}}},
    }.items():
        body = json.dumps({"size": 0, "aggs": {"one": aggregation}}).encode()
        times = [service.ask("POST", "/v/_search", body)[1] for _ in range(3)]
        print(f"{name} over {values} values: {min(times):.3f} s")
    left_alone(service, keyword)


def left_alone(service, keyword):
    """Clients that ask for much and leave."""
    aggregations = {f"a{n}": {"cardinality": {"field": keyword}} for n in range(1000)}
    body = json.dumps({"size": 0, "aggs": aggregations}).encode()
    request = signed(service.key, "es", "POST", service.host, "/v/_search", body)
    streams = [service.connect(service.host) for _ in range(34)]
    highest, ended = [0], threading.Event()

    def watch():
        while not ended.wait(0.05):
            highest[0] = max(highest[0], service.resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    for stream in streams:
        stream.sendall(request)
    time.sleep(3)
    for stream in streams:
        stream.close()
    _, took = service.ask("GET", "/v/_count")
    ended.set()
    watcher.join()
    print(f"34 searches of 1,000 cardinalities, left after 3 s: {highest[0]:.0f} MB at most, then a count in {took:.2f} s; "
          f"SIGTERM ended after {service.end():.2f} s")


def main():
    binary, values = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 300_000
    for what in (many_indices, lambda service: many_values(service, values)):
        folder = tempfile.mkdtemp(prefix="countersign-memory-")
        service = Service(binary, folder)
        try:
            what(service)
        finally:
            if service.process.poll() is None:
                service.process.kill()
                service.process.wait()
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
