"""A domain moves to a real OpenSearch while clients write (`cargo xtask fetch-opensearch`): nothing acknowledged is lost."""

import json
import subprocess
import threading
import time

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as Keys
from service import Service, binary
from test_upstream import cluster, pytestmark  # noqa: F401

WRITES_PER_SECOND = 200
WRITERS = 4


class Books:
    """Signed requests to one domain."""

    def __init__(self, running, url):
        self.url, self.region, self.verify = url, running.region, running.ca_bundle
        self.keys, self.session = Keys(running.developer.access_key, running.developer.secret_key), requests.Session()

    def ask(self, method, target, body=None, lines=False):
        data = "" if body is None else body if lines else json.dumps(body)
        kind = "application/x-ndjson" if lines else "application/json"
        request = AWSRequest(method, self.url + target, data=data, headers={"Content-Type": kind} if data else {})
        SigV4Auth(self.keys, "es", self.region).add_auth(request)
        return self.session.request(method, self.url + target, data=data, headers=dict(request.headers), verify=self.verify)

    def must(self, *asked, **how):
        answer = self.ask(*asked, **how)
        assert answer.ok, (asked, answer.status_code, answer.text)
        return answer.json()


def write(books, name, ends, acknowledged, errors):
    """Documents are written, written again and deleted."""
    number = 0
    while not ends.is_set():
        number += 1
        document = f"{name}-{number % 400}"
        if number % 11 == 0:
            answer = books.ask("DELETE", f"/logs/_doc/{document}")
            well, value = answer.status_code in (200, 404), None
        else:
            answer = books.ask("PUT", f"/logs/_doc/{document}", {"n": number})
            well, value = answer.ok, number
        if well:
            acknowledged[document] = value
        else:
            errors.append((document, answer.status_code, answer.text))
        time.sleep(WRITERS / WRITES_PER_SECOND)


def written(acknowledged, most):
    """Waits until so many documents are acknowledged, of the 1,600 that the writers write."""
    until = time.monotonic() + 60
    while len(acknowledged) < most and time.monotonic() < until:
        time.sleep(0.05)
    assert len(acknowledged) >= most


def migrate(running, *options):
    command = [binary(), "domain", "migrate", "books", *options]
    return subprocess.run(command, env=running.environment_of(running.developer), capture_output=True, text=True, timeout=300)


def test_a_domain_moves_to_opensearch_under_writes(cluster, tmp_path):  # noqa: F811
    with Service(tmp_path / "data", options=["--pool", f"main={cluster}"]) as running:
        url = running.make_domain("books", "OpenSearch_2.19")
        books = Books(running, url)
        mappings = {"properties": {"n": {"type": "long"}, "title": {"type": "text", "analyzer": "own"}}}
        analysis = {"analyzer": {"own": {"type": "custom", "tokenizer": "standard", "filter": ["lowercase", "stop"]}}}
        books.must("PUT", "/logs", {"settings": {"analysis": analysis}, "mappings": mappings, "aliases": {"all": {}}})
        books.must("PUT", "/_index_template/later", {"index_patterns": ["later-*"], "template": {"settings": {"number_of_shards": 1}}})
        books.must("PUT", "/_template/old", {"index_patterns": ["old-*"], "aliases": {"olds": {}}})
        books.must("PUT", "/_component_template/part", {"template": {"mappings": {"properties": {"k": {"type": "keyword"}}}}})
        books.must("PUT", "/_ingest/pipeline/p", {"processors": [{"set": {"field": "seen", "value": True}}]})
        books.must("PUT", "/_scripts/s", {"script": {"lang": "painless", "source": "doc['n'].value"}})
        books.must("PUT", "/_index_template/events", {"index_patterns": ["events"], "data_stream": {}})
        for number in range(3):
            books.must("PUT", f"/events/_create/{number}", {"@timestamp": "2026-11-30T12:00:00Z", "n": number})
            books.must("POST", "/events/_rollover")
        rows = "".join(f'{{"index":{{"_id":"d{row}"}}}}\n{{"n":{row},"title":"Title {row}"}}\n' for row in range(20_000))
        assert books.must("POST", "/logs/_bulk", rows, lines=True)["errors"] is False
        ends, acknowledged, errors = threading.Event(), {}, []
        writers = [
            threading.Thread(target=write, args=(Books(running, url), name, ends, acknowledged, errors))
            for name in "abcd"[:WRITERS]
        ]
        for writer in writers:
            writer.start()
        written(acknowledged, 100)
        moved = migrate(running, "--to", "main", "--json")
        written(acknowledged, 400)
        ends.set()
        for writer in writers:
            writer.join()
        assert moved.returncode == 0, moved.stderr
        told = json.loads(moved.stdout.splitlines()[-1])
        assert told["phase"] == "moved" and told["differences"] == [], told
        assert told["changes_copied"] > 0, told
        assert errors == []
        requests.post(f"{cluster}/_refresh")
        lost = []
        for document, value in acknowledged.items():
            there = requests.get(f"{cluster}/logs/_doc/{document}").json()
            if there.get("_source", {}).get("n") != value:
                lost.append((document, value, there))
        assert lost == [], f"of {len(acknowledged)}"
        count = requests.get(f"{cluster}/logs/_count").json()["count"]
        assert count == 20_000 + sum(value is not None for value in acknowledged.values())
        assert requests.get(f"{cluster}/events/_count").json()["count"] == 3
        assert books.must("GET", "/all/_search?q=title:title+AND+n:7")["hits"]["total"]["value"] == 1
        assert "discard-source" in migrate(running, "--status").stderr
        assert migrate(running, "--discard-source").returncode == 0
        assert running.stop() == 0
    for name in ("logs", "_data_stream/events", "_index_template/later", "_index_template/events", "_template/old"):
        requests.delete(f"{cluster}/{name}")


def test_a_killed_command_leaves_the_domain_where_it_was(cluster, tmp_path):  # noqa: F811
    with Service(tmp_path / "data", options=["--pool", f"main={cluster}"]) as running:
        books = Books(running, running.make_domain("books", "OpenSearch_2.19"))
        rows = "".join(f'{{"index":{{"_id":"d{row}"}}}}\n{{"n":{row}}}\n' for row in range(50_000))
        assert books.must("POST", "/logs/_bulk?refresh=true", rows, lines=True)["errors"] is False
        command = [binary(), "domain", "migrate", "books", "--to", "main"]
        moving = subprocess.Popen(command, env=running.environment_of(running.developer), stderr=subprocess.DEVNULL)
        time.sleep(0.3)
        moving.kill()
        moving.wait()
        aborted = migrate(running, "--abort")
        assert aborted.returncode == 0, aborted.stderr
        assert books.must("GET", "/logs/_count")["count"] == 50_000
        assert requests.get(f"{cluster}/logs").status_code == 404
        running.kill()
        running.start()
        assert books.must("GET", "/logs/_count")["count"] == 50_000
        assert running.stop() == 0
