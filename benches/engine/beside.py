#!/usr/bin/env python3
"""Bulk, queries and single documents of the service beside real servers, in one run: ratios of each round with their spread.

    python3 benches/engine/beside.py target/release/countersign NAME=http://127.0.0.1:9200 [NAME=URL …]
        [--documents N] [--rounds N] [--lists DIR]

The binary is started on a scratch folder and asked with signed requests over TLS; each rival is a running OpenSearch or
Elasticsearch on this machine that is asked over plain HTTP, and whose indices `beside` and `beside-one` are deleted. The
corpus is Debian's package index as `apt-get update` leaves it in DIR (/var/lib/apt/lists). First all servers are asked every
query, and what their answers differ in is told (totals, ids in order, aggregations); then they take turns in every round, so that
all of them meet the same weather. A ratio below 1 means that the service took less time. Of each kind of search the middle of a round and,
as `p99`, the slowest but one of a hundred; `mix, 4 clients` is the time of one search while four processes ask, each on a connection of
its own, all kinds in turn. Standard library only.
"""
import argparse
import collections
import datetime
import glob
import hashlib
import json
import multiprocessing
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(1, os.path.join(os.path.dirname(__file__), ".."))
from dev import Service, signed

MAPPING = {
    "settings": {"index": {"number_of_shards": 1, "number_of_replicas": 0}},
    "mappings": {"properties": {
        **{name: {"type": "keyword"} for name in ("name", "version", "section", "maintainer", "depends")},
        "size": {"type": "long"}, "built": {"type": "date"}, "description": {"type": "text", "analyzer": "english"},
    }},
}
STOP = set("a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to"
           " was will with".split())


def stanzas(path):
    """The paragraphs of a list, each as a dictionary."""
    command = ["/usr/lib/apt/apt-helper", "cat-file", path]
    text = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.decode("utf-8", "replace")
    for paragraph in filter(None, text.split("\n\n")):
        fields = re.split(r"\n(?! )", paragraph.strip("\n"))
        yield {key: value.strip() for key, _, value in (field.partition(":") for field in fields)}


def corpus(lists, most):
    """Bodies of documents, always in the same order."""
    documents = []
    for path in sorted(glob.glob(lists + "/*_main_binary-*_Packages*")):
        for package in stanzas(path):
            # A made-up date: there is none in the list.
            second = 1704067200 + int(hashlib.md5(package["Package"].encode()).hexdigest()[:8], 16) % (365 * 86400)
            built = datetime.datetime.fromtimestamp(second, datetime.timezone.utc)
            depends = [re.split(r"[ (:]", one.strip())[0] for one in re.split(r"[,|]", package.get("Depends", ""))]
            documents.append({
                "name": package["Package"], "version": package["Version"], "section": package.get("Section", "none"),
                "maintainer": package.get("Maintainer", ""), "description": package.get("Description", "") * 4,
                "depends": [name for name in depends if name], "size": int(package.get("Installed-Size", 0)),
                "built": built.strftime("%Y-%m-%dT%H:%M:%SZ"),
            })
            if len(documents) == most:
                return documents
    return documents


def queries(documents, each=20):
    """Searches by kind, of words that the corpus has."""
    chance = random.Random(7)
    count = collections.Counter()
    for document in documents:
        count.update(set(re.findall(r"[a-z]{4,}", document["description"].lower())))
    words = sorted((word for word in count if count[word] >= 20 and word not in STOP), key=lambda word: (-count[word], word))
    any_word = lambda most=3000: chance.choice(words[:most])
    text = lambda query: {"match": {"description": query}}
    sections = sorted({document["section"] for document in documents})
    aggs = lambda query, body: {"size": 0, "query": query, "aggs": {"a": body}}

    def misspelt():
        word = chance.choice([word for word in words[:3000] if len(word) >= 7])
        place = chance.randrange(2, len(word) - 1)
        return word[:place] + "x" + word[place + 1:]

    everything = {"match_all": {}}
    kinds = {
        "match": lambda: {"query": text(any_word())},
        "match, 3 or": lambda: {"query": text(" ".join(any_word() for _ in range(3)))},
        "match, 3 and": lambda: {"query": {"match": {"description": {
            "query": " ".join(any_word(150) for _ in range(3)), "operator": "and"}}}},
        "bool, filter": lambda: {"query": {"bool": {"must": [text(any_word())], "filter": [
            {"term": {"section": chance.choice(sections)}}, {"range": {"size": {"gte": chance.randrange(2000)}}}]}}},
        "prefix, keyword": lambda: {"query": {"prefix": {"name": chance.choice(documents)["name"][:6]}}},
        "prefix, text": lambda: {"query": {"prefix": {"description": any_word()[:3]}}},
        "fuzzy": lambda: {"query": {"fuzzy": {"description": {"value": misspelt(), "fuzziness": "AUTO"}}}},
        "sort by a number": lambda: {"query": text(any_word(300)), "sort": [{"size": "desc"}, {"name": "asc"}]},
        "terms": lambda: aggs(everything, {"terms": {"field": "section", "size": 20}}),
        "terms, of some": lambda: aggs(text(any_word(300)), {"terms": {"field": "section", "size": 20}}),
        "terms, avg inside": lambda: aggs(everything, {
            "terms": {"field": "maintainer"}, "aggs": {"s": {"avg": {"field": "size"}}}}),
        "histogram": lambda: aggs({"range": {"size": {"lt": chance.randrange(50_000, 100_000)}}}, {
            "histogram": {"field": "size", "interval": 1000, "min_doc_count": 1}}),
        "date_histogram": lambda: aggs(text(any_word(300)), {
            "date_histogram": {"field": "built", "calendar_interval": "month"}, "aggs": {"s": {"avg": {"field": "size"}}}}),
        "cardinality": lambda: aggs(everything, {"cardinality": {"field": "name"}}),
    }
    return {kind: [make() for _ in range(each)] for kind, make in kinds.items()}


class Server:
    """A server that is asked on one connection."""

    def __init__(self, name, url=None, service=None):
        self.name, self.url, self.service = name, url, service
        if service:
            self.host, self.stream = service.host, service.connect(service.host)
        else:
            parts = urllib.parse.urlsplit(url)
            self.host = parts.netloc
            self.stream = socket.create_connection((parts.hostname, parts.port or 9200), timeout=120)
            self.stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def another(self):
        """The same server on a connection of its own."""
        return Server(self.name, self.url, self.service)

    def request(self, method, path, body=b"", kind="application/json"):
        if self.service:
            return signed(self.service.key, "es", method, self.host, path, body, kind)
        head = f"{method} {path} HTTP/1.1\r\nhost: {self.host}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n"
        return head.encode() + body

    def call(self, request):
        """Status and body of the answer."""
        self.stream.sendall(request)
        answer = b""
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += self.stream.recv(1 << 18)
        head, body = answer[:end].lower(), answer[end + 4:]
        length = re.search(rb"content-length: *(\d+)", head)
        assert length, head
        while len(body) < int(length.group(1)):
            body += self.stream.recv(1 << 18)
        return int(head.split()[1]), body

    def ask(self, method, path, body=None):
        raw = json.dumps(body).encode() if body is not None else b""
        return self.call(self.request(method, path, raw))


SEARCH = "/beside/_search?request_cache=false"


def told(answer):
    """What two servers must agree on."""
    body = json.loads(answer)
    hits = body["hits"]
    buckets = body.get("aggregations", {}).get("a")
    if buckets and "buckets" in buckets:
        buckets = [(bucket["key"], bucket["doc_count"]) for bucket in buckets["buckets"]]
    return hits["total"], [hit["_id"] for hit in hits["hits"]], buckets


def compare(servers, asked):
    """Prints how many answers of each rival differ from the service's."""
    for kind, bodies in asked.items():
        answers = [[told(server.ask("POST", "/beside/_search", body)[1]) for body in bodies] for server in servers]
        for server, its in zip(servers[1:], answers[1:]):
            different = sum(ours != theirs for ours, theirs in zip(answers[0], its))
            if different:
                print(f"{kind}: {different} of {len(bodies)} answers of {server.name} differ")


def bulk(server, documents):
    """Milliseconds to write all documents, a thousand at a time, and to make them visible."""
    server.ask("DELETE", "/beside")
    assert server.ask("PUT", "/beside", MAPPING)[0] == 200
    took = 0
    for first in range(0, len(documents), 1000):
        lines = []
        for number, document in enumerate(documents[first:first + 1000], first):
            lines += [json.dumps({"index": {"_id": str(number)}}), json.dumps(document)]
        body = ("\n".join(lines) + "\n").encode()
        request = server.request("POST", "/beside/_bulk", body, "application/x-ndjson")
        begun = time.perf_counter()
        status, answer = server.call(request)
        took += time.perf_counter() - begun
        assert status == 200 and b'"errors":true' not in answer, answer[:300]
    server.ask("POST", "/beside/_refresh")
    return took * 1000


def timed(server, requests):
    """The times of requests, in milliseconds, in order."""
    took = []
    for request in requests:
        begun = time.perf_counter()
        status, answer = server.call(request)
        took.append((time.perf_counter() - begun) * 1000)
        assert status in (200, 201), (status, answer[:300])
    return sorted(took)


def middle(server, requests):
    return statistics.median(timed(server, requests))


def mixed(server, bodies, clients=4, seconds=3):
    """Milliseconds for one search while several processes ask."""
    requests = [server.request("POST", SEARCH, json.dumps(body).encode()) for body in bodies]

    def ask(place, counted):
        mine, count = server.another(), 0
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            status, answer = mine.call(requests[(place + count) % len(requests)])
            assert status == 200, (status, answer[:300])
            count += 1
        counted.put(count)

    forked = multiprocessing.get_context("fork")
    counted = forked.Queue()
    asking = [forked.Process(target=ask, args=(place * len(requests) // clients, counted)) for place in range(clients)]
    for process in asking:
        process.start()
    total = sum(counted.get(timeout=60) for _ in asking)
    for process in asking:
        process.join()
    return seconds * 1000 / total


def one_round(server, documents, asked):
    """Milliseconds of each kind of work on one server."""
    times = {"bulk, a thousand": bulk(server, documents) / (len(documents) / 1000)}
    for kind, bodies in asked.items():
        took = timed(server, [server.request("POST", SEARCH, json.dumps(body).encode()) for body in bodies * 5])
        times[kind], times[f"{kind}, p99"] = statistics.median(took), took[-2]
    # One of each kind in turn.
    times["mix, 4 clients"] = mixed(server, [body for of_all in zip(*asked.values()) for body in of_all])
    puts = [server.request("PUT", f"/beside-one/_doc/{n}", json.dumps(documents[n]).encode()) for n in range(100)]
    gets = [server.request("GET", f"/beside/_doc/{n}") for n in range(300)]
    times["index"], times["get"] = middle(server, puts), middle(server, gets)
    times["GET /"] = middle(server, [server.request("GET", "/")] * 300)
    server.ask("DELETE", "/beside-one")
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("rival", nargs="+", help="NAME=URL of a running server")
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--lists", default="/var/lib/apt/lists")
    chosen = parser.parse_args()
    documents = corpus(chosen.lists, chosen.documents)
    assert documents, "no package lists: apt-get update makes them"
    asked = queries(documents)
    folder = tempfile.mkdtemp()
    service = Service(chosen.binary, os.path.join(folder, "data"))
    try:
        servers = [Server("countersign", service=service)]
        servers += [Server(name, url) for name, _, url in (rival.partition("=") for rival in chosen.rival)]
        for server in servers:
            bulk(server, documents)
        compare(servers, asked)
        rounds = [[one_round(server, documents, asked) for server in servers] for _ in range(chosen.rounds)]
    finally:
        service.stop()
        shutil.rmtree(folder)
    print(f"{len(documents)} documents, {chosen.rounds} rounds: median ms, and the ratio to each rival (least to most)")
    print(f"{'':24}" + "".join(f"{server.name:>14}" for server in servers))
    for kind in rounds[0][0]:
        medians = [statistics.median(one[place][kind] for one in rounds) for place in range(len(servers))]
        line = f"{kind:24}" + "".join(f"{median:14.3f}" for median in medians)
        for place in range(1, len(servers)):
            ratios = sorted(one[0][kind] / one[place][kind] for one in rounds)
            line += f"   {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        print(line)


if __name__ == "__main__":
    main()
