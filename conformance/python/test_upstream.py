"""A real OpenSearch behind the service (`cargo xtask fetch-opensearch`): what passes on the engine passes there, too."""

import json
import os
import socket
import subprocess
import time
from pathlib import Path

import pytest
import requests
from service import Service
from test_scenarios import FOLDER, scenarios

ROOT = FOLDER.parents[1]
OPENSEARCH = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "opensearch"
START_SECONDS_MAX = 120

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
