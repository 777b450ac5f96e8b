"""Nodes of a real OpenSearch (`cargo xtask fetch-opensearch`) that the service runs itself: more and fewer of them while documents are
written, one that dies, a service that does, another configuration. One domain lives through all of it, in the order of the tests."""

import json
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import boto3
import pytest
import requests
from botocore.config import Config
from requests_aws4auth import AWS4Auth
from service import STOP_SECONDS_MAX, Credentials, binary, exported, nobodys

ROOT = Path(__file__).resolve().parents[2]
OPENSEARCH = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "opensearch"
PORTS = os.environ.get("POOL_PORTS", "24300-24399")
NODES_SECONDS_MAX = 180
ACCOUNT, REGION, INDEX = "123456789012", "us-east-1", "written-under-change"

pytestmark = pytest.mark.skipif(
    not (OPENSEARCH / "classes" / "Main.class").exists(),
    reason="needs OpenSearch: cargo xtask fetch-opensearch",
)


class Site:
    """`countersign serve` with a pool of nodes on this host."""

    def __init__(self, folder):
        self.data, self.log = folder / "data", folder / "log"
        self.config = folder / "countersign.toml"
        self.config.write_text(f"""
data = "{self.data}"
control.listen = "127.0.0.1:0"
admin.listen = "127.0.0.1:0"
domains.first_port = 0

[pools.here]
kind = "process"
domain = "arn:aws:es:{REGION}:{ACCOUNT}:domain/*"
installation = "{OPENSEARCH}"
ports = "{PORTS}"
heap_mib = ["t3.small.search=256", "t3.medium.search=288"]
nodes_per_domain = 3
stop_with_service = false
""")
        self.start()

    def start(self):
        command = [binary(), "serve", "--json", "--config", str(self.config)]
        with open(self.log, "ab") as log:
            variables = {"PATH": os.environ["PATH"], **{name: os.environ[name] for name in ["JAVA_HOME"] if name in os.environ}}
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=nobodys(variables))
        line = self.process.stdout.readline()
        assert line.startswith(b"{"), self.log.read_text(errors="replace")
        self.ready = json.loads(line)
        keys = exported(self.data / "root.env")
        self.root = Credentials(keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"], None)
        self.ca = keys["AWS_CA_BUNDLE"]
        self.opensearch = boto3.client(
            "opensearch", endpoint_url=self.ready["control"], region_name=REGION, aws_access_key_id=self.root.access_key,
            aws_secret_access_key=self.root.secret_key, verify=self.ca, config=Config(retries={"total_max_attempts": 1}))

    def end(self, how):
        self.process.send_signal(how)
        code = self.process.wait(STOP_SECONDS_MAX)
        self.process.stdout.close()
        return code

    def configure(self, **cluster):
        self.opensearch.update_domain_config(DomainName="books", ClusterConfig=cluster)

    def status(self):
        return self.opensearch.describe_domain(DomainName="books")["DomainStatus"]

    def stages(self):
        told = self.opensearch.describe_domain_change_progress(DomainName="books")["ChangeProgressStatus"]
        return [(stage["Name"], stage["Status"], stage.get("Description")) for stage in told["ChangeProgressStages"]]

    def wait(self):
        """Until the domain is what was asked for; every stage that was told on the way."""
        deadline, seen = time.monotonic() + NODES_SECONDS_MAX, []
        while True:
            status = self.status()
            if not status["Processing"] and status.get("Endpoint"):
                return seen
            seen += [stage for stage in self.stages() if stage not in seen]
            assert time.monotonic() < deadline, (seen, self.log.read_text(errors="replace")[-4000:])
            time.sleep(0.2)

    def ask(self, method, path, body=None, **options):
        auth = AWS4Auth(self.root.access_key, self.root.secret_key, REGION, "es")
        url = f"https://{self.status_endpoint}{path}"
        return requests.request(method, url, json=body, auth=auth, verify=self.ca, timeout=60, **options)

    def folder(self):
        (found,) = (self.data / "domains" / ACCOUNT / REGION).glob("books-*")
        return found / "nodes"

    def pids(self):
        record = json.loads((self.folder() / "cluster.json").read_text())
        return {node["name"]: node["process"]["pid"] for node in record["nodes"] if node["process"]}

    def states(self):
        nodes = self.opensearch.describe_domain_nodes(DomainName="books")["DomainNodesStatusList"]
        return {node["NodeId"]: node["NodeStatus"] for node in nodes}


class Writer:
    """Writes documents one by one until it is told to stop; knows which were acknowledged."""

    def __init__(self, site):
        self.site, self.acknowledged, self.errors = site, [], []
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.write)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()

    def write(self):
        number = 0
        while not self.ended.is_set():
            number += 1
            name = f"{id(self)}-{number}"
            try:
                told = self.site.ask("PUT", f"/{INDEX}/_doc/{name}", {"number": number})
                (self.acknowledged if told.ok else self.errors).append(name if told.ok else told.text)
            except requests.RequestException as error:
                self.errors.append(str(error))
            time.sleep(0.02)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    running = Site(tmp_path_factory.mktemp("pools"))
    allow = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "es:*", "Resource": f"arn:aws:es:{REGION}:{ACCOUNT}:domain/books/*"}
    running.opensearch.create_domain(
        DomainName="books", EngineVersion="OpenSearch_2.19", ClusterConfig={"InstanceType": "t3.small.search", "InstanceCount": 1},
        AccessPolicies=json.dumps({"Version": "2012-10-17", "Statement": [allow]}))
    running.written = []
    try:
        running.wait()
        running.status_endpoint = running.status()["Endpoint"]
        settings = {"number_of_shards": 3, "auto_expand_replicas": "0-1"}
        assert running.ask("PUT", f"/{INDEX}", {"settings": settings}).ok
        yield running
    finally:
        pids = running.pids().values() if list((running.data / "domains").glob("*/*/books-*/nodes/cluster.json")) else []
        running.end(signal.SIGKILL) if running.process.poll() is None else None
        for pid in pids:
            os.kill(pid, signal.SIGKILL)


def everything_is_there(site):
    site.ask("POST", f"/{INDEX}/_refresh")
    body = {"query": {"match_all": {}}, "size": 10_000, "_source": False}
    found = site.ask("POST", f"/{INDEX}/_search", body).json()["hits"]["hits"]
    missing = set(site.written) - {hit["_id"] for hit in found}
    assert not missing and site.written, (len(missing), len(site.written))


def test_three_nodes_and_then_two_keep_every_document_that_was_acknowledged(site):
    with Writer(site) as writer:
        site.configure(InstanceCount=3)
        assert site.status()["Processing"] and site.status()["DomainProcessingStatus"] == "Modifying"
        grown = site.wait()
        three = site.states()
        site.configure(InstanceCount=2)
        shrunk = site.wait()
    site.written += writer.acknowledged
    assert any(name == "Provisioning new nodes" for name, _, _ in grown), grown
    assert {"Copying shards to new nodes", "Terminating nodes"} <= {name for name, _, _ in shrunk}, shrunk
    assert three == {"node-1": "Active", "node-2": "Active", "node-3": "Active"}
    assert site.states() == {"node-1": "Active", "node-2": "Active"}
    assert not (site.folder() / "node-3").exists()
    health = site.opensearch.describe_domain_health(DomainName="books")
    assert (health["DataNodeCount"], health["MasterNode"]) == ("2", "Available"), health
    # The requests that node 3 had when it ended, at most.
    assert len(writer.errors) <= 3, writer.errors
    everything_is_there(site)


def until(what, so):
    deadline = time.monotonic() + NODES_SECONDS_MAX
    while not so():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def test_a_node_that_is_killed_is_told_of_and_comes_back(site):
    green = lambda: site.opensearch.describe_domain_health(DomainName="books")["ClusterHealth"] == "Green"
    until("a green cluster", green)
    killed = site.pids()["node-2"]
    os.kill(killed, signal.SIGKILL)
    until("told of", lambda: site.states()["node-2"] == "NotAvailable")
    assert not site.status()["Processing"], "nobody changed anything"
    until("back", lambda: site.states()["node-2"] == "Active")
    assert site.pids()["node-2"] != killed
    everything_is_there(site)


def test_a_service_that_is_killed_finds_its_nodes_again(site):
    before = site.pids()
    site.end(signal.SIGKILL)
    site.start()
    until("serves", lambda: site.ask("GET", "/_cluster/health").ok)
    assert site.pids() == before
    everything_is_there(site)


def test_another_instance_type_starts_the_nodes_again_one_by_one(site):
    until("a green cluster", lambda: site.ask("GET", "/_cluster/health").json()["status"] == "green")
    before = site.pids()
    with Writer(site) as writer:
        site.configure(InstanceType="t3.medium.search")
        stages = site.wait()
    site.written += writer.acknowledged
    assert ("Dynamic update", "IN_PROGRESS", "1 of 2 nodes run with the new configuration") in stages, stages
    after = site.pids()
    assert before.keys() == after.keys() and not set(before.values()) & set(after.values())
    for pid in after.values():
        assert b"-Xmx288m" in Path(f"/proc/{pid}/cmdline").read_bytes()
    assert len(writer.errors) <= 6, writer.errors
    everything_is_there(site)


def test_a_domain_that_is_deleted_leaves_no_process_and_no_file(site):
    pids, folder = site.pids(), site.folder().parent
    site.opensearch.delete_domain(DomainName="books")
    until("gone", lambda: not folder.exists())
    assert not any(Path(f"/proc/{pid}").exists() and Path(f"/proc/{pid}/cmdline").read_bytes() for pid in pids.values())
    assert site.end(signal.SIGTERM) == 0
