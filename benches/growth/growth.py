#!/usr/bin/env python3
"""What one index costs as it grows: bulk rate, times of searches, memory and disk at several sizes.

    python3 benches/growth/growth.py BINARY [DOCUMENTS…]

Starts `countersign dev` on a scratch folder and writes generated documents, 2,000 at a time on two connections, until the index
has each number of DOCUMENTS (63,000 600,000 5,000,000) in turn. At each it refreshes, waits until no merge runs, and asks every
kind of search 200 times on one connection. The documents are the same on every run: 40 words of a vocabulary of 50,000 in which few
words are frequent (Zipf), a name of their own, a group of 200, a number and a date. Standard library only.
"""
import bisect
import itertools
import json
import os
import random
import re
import shutil
import statistics
import sys
import tempfile
import threading
import time

sys.path.insert(1, os.path.join(os.path.dirname(__file__), ".."))
import dev
from dev import signed

MAPPING = {
    "settings": {"index": {"number_of_shards": 1, "number_of_replicas": 0}},
    "mappings": {"properties": {
        "text": {"type": "text"}, "name": {"type": "keyword"}, "group": {"type": "keyword"},
        "size": {"type": "long"}, "built": {"type": "date"},
    }},
}
BATCH = 2000
WORDS = [f"word{number:x}" for number in range(50_000)]
WEIGHTS = list(itertools.accumulate(1 / (place + 10) for place in range(len(WORDS))))
NDJSON = "application/x-ndjson"


def word(chance):
    return WORDS[bisect.bisect(WEIGHTS, chance.random() * WEIGHTS[-1])]


def lines(first, count):
    """A bulk of the documents with these numbers."""
    chance = random.Random(first)
    out = []
    for number in range(first, first + count):
        text = " ".join(word(chance) for _ in range(40))
        out.append(f'{{"index":{{"_id":"{number}"}}}}\n{{"text":"{text}","name":"name-{number:08}","group":"g{number % 200}",'
                   f'"size":{chance.randrange(1_000_000)},"built":{1_700_000_000_000 + number * 60_000}}}\n')
    return "".join(out).encode()


def searches():
    """A maker of bodies for each kind of search."""
    chance = random.Random(5)
    match = lambda words: {"match": {"text": " ".join(words)}}
    any_word = lambda: WORDS[chance.randrange(3000)]
    return {
        "match": lambda: {"query": match([any_word()])},
        "match, 3 or": lambda: {"query": match([any_word(), any_word(), any_word()])},
        "bool, filter": lambda: {"query": {"bool": {"must": match([any_word()]), "filter": {
            "term": {"group": f"g{chance.randrange(200)}"}}}}},
        "sort by a number": lambda: {"query": match([any_word()]), "sort": [{"size": "desc"}]},
        "terms of some": lambda: {"size": 0, "query": match([any_word()]), "aggs": {"a": {"terms": {"field": "group"}}}},
        "terms of all": lambda: {"size": 0, "aggs": {"a": {"terms": {"field": "group"}}}},
        "date_histogram of some": lambda: {"size": 0, "query": match([any_word()]), "aggs": {"a": {
            "date_histogram": {"field": "built", "calendar_interval": "month"}}}},
    }


class Service(dev.Service):
    def memory(self):
        """Resident memory now and at most, in MB."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            said = dict(re.findall(r"^(VmRSS|VmHWM):\s+(\d+)", status.read(), re.M))
        return int(said["VmRSS"]) / 1e3, int(said["VmHWM"]) / 1e3

    def disk(self):
        files = (os.path.join(folder, name) for folder, _, names in os.walk(self.folder) for name in names)
        return sum(os.path.getsize(path) for path in files if os.path.exists(path)) / 1e6

    def ask(self, method, path, body=b"", kind="application/json"):
        return json.loads(self.once(self.host, signed(self.key, "es", method, self.host, path, body, kind)))


class Connection:
    """A connection that stays open."""

    def __init__(self, service):
        self.service, self.stream = service, service.connect(service.host)

    def call(self, request):
        self.stream.sendall(request)
        answer = b""
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += self.stream.recv(1 << 18)
        length = int(re.search(rb"content-length: *(\d+)", answer[:end].lower()).group(1))
        while len(answer) < end + 4 + length:
            answer += self.stream.recv(1 << 18)
        assert answer.split(b" ", 2)[1] == b"200", answer[:500]
        return answer[end + 4:]


def fill(service, have, want):
    """Writes documents on two connections; the seconds that were spent waiting for answers, of the slower one."""
    starts = iter(range(have, want, BATCH))
    spent = [0.0, 0.0]

    def write(place):
        connection = Connection(service)
        for start in starts:
            body = lines(start, min(BATCH, want - start))
            request = signed(service.key, "es", "POST", service.host, "/growth/_bulk", body, NDJSON)
            begun = time.perf_counter()
            answer = connection.call(request)
            spent[place] += time.perf_counter() - begun
            assert b'"errors":false' in answer, answer[:500]

    writers = [threading.Thread(target=write, args=(place,)) for place in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    return max(spent)


def settle(service):
    """Refreshes, and waits until the segments stay as they are."""
    service.ask("POST", "/growth/_refresh")
    before, deadline = None, time.monotonic() + 600
    while time.monotonic() < deadline:
        merges = service.ask("GET", "/growth/_stats")["_all"]["total"]["merges"]
        now = (merges["current"], merges["total"])
        if now == before and now[0] == 0:
            return
        before = now
        time.sleep(1)


def timed(service, make):
    """p50 and p99 of 200 searches, in milliseconds."""
    connection, took = Connection(service), []
    for _ in range(200):
        body = json.dumps(make()).encode()
        request = signed(service.key, "es", "POST", service.host, "/growth/_search", body)
        begun = time.perf_counter()
        connection.call(request)
        took.append((time.perf_counter() - begun) * 1000)
    took.sort()
    return statistics.median(took), took[197]


def main():
    binary, sizes = sys.argv[1], [int(size) for size in sys.argv[2:]] or [63_000, 600_000, 5_000_000]
    folder = tempfile.mkdtemp()
    service = Service(binary, os.path.join(folder, "data"))
    try:
        service.ask("PUT", "/growth", json.dumps(MAPPING).encode())
        have = 0
        for want in sizes:
            seconds = fill(service, have, want)
            rate, have = (want - have) / seconds, want
            settle(service)
            now, most = service.memory()
            count = service.ask("GET", "/growth/_count")["count"]
            print(f"{count} documents: {rate:.0f} a second; {now:.0f} MB resident, {most:.0f} at most; {service.disk():.0f} MB on disk")
            for kind, make in searches().items():
                median, high = timed(service, make)
                print(f"    {kind:24} p50 {median:8.2f} ms   p99 {high:8.2f} ms", flush=True)
    finally:
        service.stop()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
