"""A real OpenSearch behind the service (`cargo xtask fetch-opensearch`): what passes on the engine passes there, too. And two domains that
share it by a prefix: each has all names for itself, and no answer to one has a name of the other's, or a prefix (docs/decisions/0188)."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.credentials import Credentials as Keys
from service import DOMAIN_SECONDS_MAX, STOP_SECONDS_MAX, Credentials, Service, binary, exported, nobodys
from test_scenarios import FOLDER, scenarios

ROOT = FOLDER.parents[1]
OPENSEARCH = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "opensearch"
START_SECONDS_MAX = 120
ACCOUNT, REGION = "123456789012", "us-east-1"
# Names as no document of a scenario has them.
DOMAINS = ["sh-first", "sh-second"]
SECRET = "sh-treasure"
SHARED_FILES = ["documents", "indices", "queries"]
BODIES = ["", "{}", '{"query":{"match_all":{}}}']
PARTS = {"index": "open", "target": "made", "new_index": "made", "alias": "one", "id": "1", "field": "n", "fields": "n"}

pytestmark = pytest.mark.skipif(
    not (OPENSEARCH / "classes" / "Main.class").exists(),
    reason="needs OpenSearch: cargo xtask fetch-opensearch",
)


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """The URL of a node of OpenSearch, which ends with the module."""
    folder, port = tmp_path_factory.mktemp("opensearch"), free_port()
    for name in ("config", "data", "logs", "tmp"):
        (folder / name).mkdir()
    java = Path(os.environ["JAVA_HOME"]) / "bin" / "java" if "JAVA_HOME" in os.environ else "java"
    command = [java, "-Xms450m", "-Xmx450m", f"-Djava.io.tmpdir={folder / 'tmp'}", "-Dlog4j2.disable.jmx=true"]
    command += ["--add-opens=java.base/java.lang=ALL-UNNAMED", "--add-opens=java.base/java.nio=ALL-UNNAMED"]
    command += ["-cp", f"{OPENSEARCH / 'classes'}:{OPENSEARCH / 'lib'}/*", "Main", str(port), str(folder), str(free_port())]
    with open(folder / "log", "wb") as log:
        node = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + START_SECONDS_MAX
    while True:
        try:
            if requests.get(url, timeout=5).ok:
                break
        except requests.ConnectionError:
            assert time.monotonic() < deadline and node.poll() is None, (folder / "log").read_text(errors="replace")
            time.sleep(0.5)
    yield url
    node.terminate()
    node.wait(30)


@pytest.fixture
def gate(cluster, tmp_path):
    """A service whose domain `dev` the cluster serves."""
    with Service(tmp_path / "data", options=["--upstream", cluster]) as running:
        yield running
        assert running.stop() == 0


def test_what_passes_on_the_engine_passes_on_a_cluster(gate):
    files = sorted(path for folder in ("both", "opensearch") for path in (FOLDER / folder).glob("*.yml"))
    outcomes = scenarios.run(files, "opensearch", scenarios.Gated(gate), scenarios.apis())
    known = [line.split("\t")[0] for line in (FOLDER / "upstream.tsv").read_text().splitlines() if line[:1] != "#"]
    wrong = {f"{file}: {scenario}": fault for (file, scenario), fault in outcomes.items() if fault}
    assert {scenario: fault for scenario, fault in wrong.items() if scenario not in known} == {}
    assert [scenario for scenario in known if scenario not in wrong] == [], "these pass now: take them out of upstream.tsv"


def test_a_denied_index_is_not_there_for_who_may_not_read_it(gate):
    target = scenarios.Gated(gate)
    for index in ("open", "secret"):
        status, text = target.ask("PUT", f"/{index}/_doc/1?refresh=true", json.dumps({"t": "hello"}))
        assert status == 201, text
    role = gate.make_role("reader", {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "es:ESHttp*", "Resource": f"arn:aws:es:{gate.region}:{gate.account}:domain/dev/*"},
        {"Effect": "Deny", "Action": "es:*", "Resource": f"arn:aws:es:{gate.region}:{gate.account}:domain/dev/secret*"},
    ]})
    del role
    keys = gate.assume("reader")
    target.keys.access_key, target.keys.secret_key, target.keys.token = keys
    status, text = target.ask("GET", "/_search?q=t:hello", "")
    assert status == 200 and [hit["_index"] for hit in json.loads(text)["hits"]["hits"]] == ["open"]
    assert target.ask("GET", "/secret/_search", "")[0] == 403
    assert "secret" not in target.ask("GET", "/_cat/indices", "")[1]
    lines = '{"index":{"_index":"open","_id":"2"}}\n{}\n{"index":{"_index":"secret","_id":"2"}}\n{}\n'
    status, text = target.ask("POST", "/_bulk", lines)
    assert [item["index"]["status"] for item in json.loads(text)["items"]] == [201, 403], text


class Site:
    """A service with a pool that all its domains share."""

    def __init__(self, folder, url):
        config, self.log = folder / "countersign.toml", folder / "log"
        config.write_text(f"""
data = "{folder / 'data'}"
control.listen = "127.0.0.1:0"
admin.listen = "127.0.0.1:0"
domains.first_port = 0

[pools.shared]
domain = "arn:aws:es:{REGION}:{ACCOUNT}:domain/*"
urls = ["{url}"]
prefix = "{{domain}}."
""")
        with open(self.log, "wb") as log:
            command = [binary(), "serve", "--json", "--config", str(config)]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=nobodys({}))
        line = self.process.stdout.readline()
        assert line.startswith(b"{"), self.log.read_text(errors="replace")
        keys = exported(folder / "data" / "root.env")
        self.root, self.ca = Credentials(keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"], None), keys["AWS_CA_BUNDLE"]
        self.opensearch = boto3.client(
            "opensearch", endpoint_url=json.loads(line)["control"], region_name=REGION, aws_access_key_id=self.root.access_key,
            aws_secret_access_key=self.root.secret_key, verify=self.ca, config=Config(retries={"total_max_attempts": 1}))

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(STOP_SECONDS_MAX)
        self.process.stdout.close()


class Watched(scenarios.Domain):
    """A domain, none of whose answers may have a prefix or a name of the other's."""

    def __init__(self, site, name):
        allow = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "es:*", "Resource": f"arn:aws:es:{REGION}:{ACCOUNT}:domain/{name}/*"}
        site.opensearch.create_domain(
            DomainName=name, EngineVersion="OpenSearch_2.19", AccessPolicies=json.dumps({"Version": "2012-10-17", "Statement": [allow]}))
        until(lambda: site.opensearch.describe_domain(DomainName=name)["DomainStatus"].get("Endpoint"))
        self.url = f"https://{site.opensearch.describe_domain(DomainName=name)['DomainStatus']['Endpoint']}"
        self.region, self.verify, self.session = REGION, site.ca, requests.Session()
        self.keys = Keys(site.root.access_key, site.root.secret_key)
        self.answers, self.leaks = 0, []

    def ask(self, method, target, body):
        status, text = super().ask(method, target, body)
        self.answers += 1
        if any(f"{name}." in text for name in DOMAINS) or SECRET in text:
            self.leaks.append((method, target, body, text[:500]))
        return status, text


def until(so):
    deadline = time.monotonic() + DOMAIN_SECONDS_MAX
    while not so():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def there(url):
    """The names of the cluster's indices, past the gate."""
    return set(requests.get(f"{url}/_alias?expand_wildcards=all").json())


@pytest.fixture(scope="module")
def site(cluster, tmp_path_factory):
    running = Site(tmp_path_factory.mktemp("shared"), cluster)
    running.url = cluster
    running.first, running.second = (Watched(running, name) for name in DOMAINS)
    for name in ("open", SECRET, "test", "books"):
        status, text = running.second.ask("PUT", f"/{name}/_doc/1?refresh=true", '{"of":"the second"}')
        assert status == 201, text
    # Its own answers name it: so what is watched for is seen.
    assert running.second.leaks
    running.second.leaks.clear()
    yield running
    running.end()


def test_what_passes_on_a_cluster_passes_where_it_is_shared_or_says_that_it_is(site):
    files = [FOLDER / "both" / f"{name}.yml" for name in SHARED_FILES]
    outcomes = scenarios.run(files, "opensearch", site.first, scenarios.apis())
    known = {line.split("\t")[0] for line in (FOLDER / "upstream.tsv").read_text().splitlines() if line[:1] != "#"}
    wrong = {f"{file}: {scenario}": fault for (file, scenario), fault in outcomes.items() if fault}
    unexplained = {name: fault for name, fault in wrong.items() if name not in known and "shares its cluster" not in fault}
    print(f"{len(outcomes) - len(wrong)} of {len(outcomes)} scenarios pass where the cluster is shared")
    assert unexplained == {}
    assert site.first.leaks == []
    assert len(wrong) * 3 < len(outcomes), wrong.keys()


def test_no_row_of_the_table_answers_with_a_prefix_or_a_name_of_the_other_domain(site):
    rows = [(method, path) for own in scenarios.apis().values() for kind, methods, path in own if kind != "es " for method in methods]
    # What deletes comes last: there is something to tell of until then.
    asked = 0
    for method, path in sorted(set(rows), key=lambda row: (row[0] == "DELETE", row)):
        for name in set(re.findall(r"{(\w+)}", path)):
            path = path.replace("{%s}" % name, PARTS.get(name, "x"))
        site.first.ask("PUT", "/open/_doc/1", '{"n":1}')
        for body in BODIES if method in ("POST", "PUT") else BODIES[:1]:
            site.first.ask(method, path, body)
            asked += 1
    assert site.first.leaks == [] and asked > 400, (site.first.leaks, asked)
    # Nothing of it has reached the other's.
    for name in ("open", SECRET, "test", "books"):
        assert json.loads(site.second.ask("GET", f"/{name}/_doc/1", "")[1])["_source"] == {"of": "the second"}, name


def test_a_deleted_domain_takes_what_has_its_prefix_and_nothing_else(site):
    site.first.ask("PUT", "/open/_doc/1?refresh=true", "{}")
    assert {f"{name}.open" for name in DOMAINS} <= there(site.url)
    site.opensearch.delete_domain(DomainName=DOMAINS[0])
    until(lambda: not any(name.startswith(f"{DOMAINS[0]}.") for name in there(site.url)))
    assert f"{DOMAINS[1]}.{SECRET}" in there(site.url)
    site.opensearch.delete_domain(DomainName=DOMAINS[1])
    until(lambda: not any(name.startswith("sh-") for name in there(site.url)))
