"""OpenSearch 2.19 and 3.6, and Elasticsearch 7.10, behind the service (`cargo xtask fetch-opensearch --all`): each scenario that such a server
passes when it is asked directly passes through the gate, or is in scenarios/upstream.tsv. At the end it tells how many, and which do not."""

import os
import re
import subprocess
import time
from pathlib import Path

import gateways
import pytest
import requests
from service import Service
from test_scenarios import FOLDER, scenarios
from test_upstream import OPENSEARCH, START_SECONDS_MAX, free_port

ROOT = FOLDER.parents[1]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
NEWER, ELASTICSEARCH = TARGET / "opensearch-3.6.0", TARGET / "elasticsearch-7.10"
NOBODY = 65534


def java(least):
    """The folder of a Java that is new enough: that of `JAVA_HOME`, or Debian's newest."""
    homes = [Path(os.environ["JAVA_HOME"])] if "JAVA_HOME" in os.environ else []
    for home in homes + sorted(Path("/usr/lib/jvm").glob("*")):
        release = home / "release"
        version = re.search(r'JAVA_VERSION="(\d+)', release.read_text()) if release.exists() else None
        if version and int(version[1]) >= least:
            return home
    return None


def elasticsearch(folder, port):
    """The command of a node, its environment, and as whom it runs."""
    return libraries(ELASTICSEARCH, folder, port)


def opensearch_2(folder, port):
    """As `elasticsearch`."""
    return libraries(OPENSEARCH, folder, port)


def libraries(made, folder, port):
    """As `elasticsearch`, for a server that `fetch-opensearch` made of its libraries."""
    command = ["java", "-Xms450m", "-Xmx450m", f"-Djava.io.tmpdir={folder / 'tmp'}", "-Dlog4j2.disable.jmx=true"]
    command += ["--add-opens=java.base/java.lang=ALL-UNNAMED", "--add-opens=java.base/java.nio=ALL-UNNAMED"]
    command += ["-cp", f"{made / 'classes'}:{made / 'lib'}/*", "Main", str(port), str(folder), str(free_port())]
    return command, {}, None


def opensearch_3(folder, port):
    """As `elasticsearch`. It refuses to be root."""
    subprocess.run(["cp", "-r", NEWER / "config", folder], check=True)
    # What Java would write into the distribution's own folder, which is not this user's.
    options = (folder / "config" / "jvm.options").read_text().splitlines(keepends=True)
    (folder / "config" / "jvm.options").write_text("".join(line for line in options if "logs/" not in line and "HeapDumpPath" not in line))
    settings = {"discovery.type": "single-node", "http.host": "127.0.0.1", "http.port": port, "transport.host": "127.0.0.1",
                "transport.port": free_port(), "path.data": folder / "data", "path.logs": folder / "logs",
                "cluster.routing.allocation.disk.threshold_enabled": "false"}
    (folder / "config" / "opensearch.yml").write_text("".join(f"{key}: {value}\n" for key, value in settings.items()))
    environment = {"OPENSEARCH_JAVA_HOME": str(java(21)), "OPENSEARCH_PATH_CONF": str(folder / "config"),
                   "OPENSEARCH_TMPDIR": str(folder / "tmp"), "OPENSEARCH_JAVA_OPTS": "-Xms512m -Xmx512m"}
    if os.getuid() == 0:
        subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", folder], check=True)
    return [NEWER / "bin" / "opensearch"], environment, NOBODY if os.getuid() == 0 else None


# By name: what starts a node, and what the scenarios call it.
SERVERS = {
    "opensearch-3.6": (opensearch_3, "opensearch"), "elasticsearch-7.10": (elasticsearch, "elasticsearch"), "opensearch-2.19": (opensearch_2, "opensearch"),
}


@pytest.fixture(params=SERVERS)
def cluster(request):
    """A node's URL, which ends with the test, its name, and what the scenarios call it."""
    start, service = SERVERS[request.param]
    if start is opensearch_3 and not ((NEWER / "bin" / "opensearch").exists() and java(21)):
        pytest.skip("needs OpenSearch 3.6 (cargo xtask fetch-opensearch --all) and Java 21")
    if start is elasticsearch and not (ELASTICSEARCH / "classes" / "Main.class").exists():
        pytest.skip("needs Elasticsearch 7.10: cargo xtask fetch-opensearch --all")
    if start is opensearch_2 and not (OPENSEARCH / "classes" / "Main.class").exists():
        pytest.skip("needs OpenSearch 2.19: cargo xtask fetch-opensearch")
    # Nobody reads it, if it is below a folder of pytest's: these are their makers' alone.
    folder, port = Path(subprocess.check_output(["mktemp", "-d", "--tmpdir", "countersign-upstream-XXXXXX"], text=True).strip()), free_port()
    for name in ("data", "logs", "tmp") + (("config",) if start is not opensearch_3 else ()):
        (folder / name).mkdir()
    command, environment, user = start(folder, port)
    log = open(folder.with_suffix(".log"), "wb")
    node = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env={**os.environ, **environment},
                            cwd=folder, user=user, group=user, extra_groups=[] if user else None)
    url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + 2 * START_SECONDS_MAX
    try:
        while True:
            try:
                if requests.get(url, timeout=5).ok:
                    break
            except requests.ConnectionError:
                assert time.monotonic() < deadline and node.poll() is None, folder.with_suffix(".log").read_text(errors="replace")[-4000:]
                time.sleep(0.5)
        yield url, request.param, service
    finally:
        node.terminate()
        node.wait(60)
        log.close()
        subprocess.run(["rm", "-rf", folder, folder.with_suffix(".log")], check=True)


def test_what_passes_on_the_server_passes_through_the_gate(cluster, tmp_path):
    url, server, service = cluster
    files = sorted(path for folder in ("both", service) for path in (FOLDER / folder).glob("*.yml"))
    directly = scenarios.run(files, service, scenarios.Server(url), scenarios.apis())
    scenarios.wipe(scenarios.Server(url))
    with Service(tmp_path / "data", options=["--upstream", url]) as running:
        through = scenarios.run(files, service, scenarios.Gated(running), scenarios.apis())
        assert running.stop() == 0
    known = [line.split("\t")[0] for line in (FOLDER / "upstream.tsv").read_text().splitlines() if line[:1] != "#"]
    asked = [name for name, fault in directly.items() if fault is None]
    wrong = {": ".join(name): through[name] for name in asked if through[name]}
    gateways.TOLD.append(f"{server}: of {len(through)} scenarios {len(asked)} pass on the server, and of these {len(asked) - len(wrong)} through the gate")
    gateways.TOLD.extend(f"{server}: not through the gate: {name}" for name in sorted(wrong))
    assert {scenario: fault for scenario, fault in wrong.items() if scenario not in known} == {}
