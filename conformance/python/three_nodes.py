"""Three nodes of OpenSearch that are one cluster, and a PostgreSQL, until standard input ends: `cargo xtask judges --cluster` starts them
once for all its judges.

    python three_nodes.py FOLDER      # prints where everything is, as JSON on one line

Needs what `cargo xtask fetch-opensearch` brings, a JDK, and PostgreSQL's programs (Debian: postgresql). A test may kill a node, whose process
is in FOLDER/node-N/pid, and start it again (`start_node`); and PostgreSQL, with `pg_ctl`.
"""

import glob
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OPENSEARCH = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "opensearch"
PLACES = (1, 2, 3)
START_SECONDS_MAX = 300
HEAP = "400m"


def main(folder):
    if not (OPENSEARCH / "classes" / "Main.class").exists():
        sys.exit("OpenSearch is missing: cargo xtask fetch-opensearch")
    if not programs():
        sys.exit("initdb is missing (Debian: apt-get install postgresql)")
    shutil.rmtree(folder, ignore_errors=True)
    ports = free_ports(2 * len(PLACES))
    # PostgreSQL's user reads nothing below a folder that is root's alone.
    there = {"folder": str(folder), "http": ports[:3], "transport": ports[3:], "postgres": tempfile.mkdtemp(prefix="countersign-postgres-")}
    try:
        for place in PLACES:
            start_node(there, place)
        make_postgres(there)
        wait_for_nodes(there, len(PLACES), START_SECONDS_MAX)
        print(json.dumps(there), flush=True)
        sys.stdin.read()
    finally:
        end(there)


def end(there):
    for place in PLACES:
        kill_node(there, place, signal.SIGTERM)
    if Path(there["postgres"], "data").is_dir():
        pg_ctl(there, "-m", "immediate", "stop", check=False)
    shutil.rmtree(there["postgres"], ignore_errors=True)
    shutil.rmtree(there["folder"], ignore_errors=True)


def start_node(there, place):
    """Starts node 1, 2 or 3, with what its folder holds."""
    folder = Path(there["folder"]) / f"node-{place}"
    for name in ("config", "data", "logs", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    java = Path(os.environ["JAVA_HOME"]) / "bin" / "java" if "JAVA_HOME" in os.environ else "java"
    command = [java, f"-Xms{HEAP}", f"-Xmx{HEAP}", f"-Djava.io.tmpdir={folder / 'tmp'}", "-Dlog4j2.disable.jmx=true"]
    command += ["--add-opens=java.base/java.lang=ALL-UNNAMED", "--add-opens=java.base/java.nio=ALL-UNNAMED"]
    command += ["-cp", f"{OPENSEARCH / 'classes'}:{OPENSEARCH / 'lib'}/*", "Main"]
    command += [str(there["http"][place - 1]), str(folder), str(there["transport"][place - 1])]
    environment = {
        "CLUSTER": "judges", "NODE_NAME": f"node-{place}", "SEEDS": ",".join(f"127.0.0.1:{port}" for port in there["transport"]),
        "INITIAL": ",".join(f"node-{place}" for place in PLACES),
    }
    with open(folder / "log", "ab") as log:
        # Not of the starter's session: whoever started it again may end before it.
        node = subprocess.Popen(
            command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env={**os.environ, **environment}, start_new_session=True)
    (folder / "pid").write_text(str(node.pid))
    return node


def kill_node(there, place, how=signal.SIGKILL):
    """Ends a node, and waits until its port is free."""
    file = Path(there["folder"]) / f"node-{place}" / "pid"
    if not file.exists():
        return
    try:
        os.kill(int(file.read_text()), how)
    except ProcessLookupError:
        pass
    file.unlink()
    deadline = time.monotonic() + 60
    while listens(there["http"][place - 1]) and time.monotonic() < deadline:
        time.sleep(0.05)


def url(there, place):
    return f"http://127.0.0.1:{there['http'][place - 1]}"


def ask(there, place, path):
    """The JSON that a node answers with."""
    with urllib.request.urlopen(url(there, place) + path, timeout=30) as answer:
        return json.load(answer)


def wipe(there):
    """Nothing of the judge before is left in the cluster."""
    for path in ("/_data_stream/*", "/_all?expand_wildcards=all", "/_index_template/*", "/_template/*", "/_ingest/pipeline/*", "/_component_template/*"):
        try:
            urllib.request.urlopen(urllib.request.Request(url(there, 1) + path, method="DELETE"), timeout=60).close()
        except urllib.error.HTTPError as none:
            none.close()


def wait_for_nodes(there, count, seconds, status=None, place=1):
    """Until a node knows so many, and their shards are in this state."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            health = ask(there, place, "/_cluster/health")
            if health["number_of_nodes"] == count and status in (None, health["status"]):
                return health
        except (urllib.error.URLError, OSError):
            health = None
        logs = [Path(there["folder"], f"node-{one}", "log") for one in PLACES]
        assert time.monotonic() < deadline, (health, [log.read_text(errors="replace")[-2000:] for log in logs if log.exists()])
        time.sleep(0.2)


def programs():
    """The folder of PostgreSQL's programs; None where there are none."""
    initdb = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))[-1:] or [path for path in [shutil.which("initdb")] if path]
    return Path(initdb[0]).parent if initdb else None


def postgres(there, program, *words, check=True):
    """Runs one of PostgreSQL's programs, as a user that it accepts."""
    words = [programs() / program, *words]
    # What it leaves running must not hold the caller's streams.
    with open(Path(there["postgres"]) / "said", "ab") as said:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd=there["postgres"], **somebody())
    assert not check or done.returncode == 0, Path(there["postgres"], "said").read_text(errors="replace")[-2000:]


def somebody():
    """As whom it runs: it refuses to be root."""
    if os.getuid() != 0:
        return {}
    names = [one.pw_name for one in pwd.getpwall()]
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def make_postgres(there):
    if "user" in somebody():
        os.chown(there["postgres"], somebody()["user"], somebody()["group"])
    data = Path(there["postgres"]) / "data"
    postgres(there, "initdb", "-D", data, "-U", "countersign", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
    start_postgres(there)


def start_postgres(there):
    pg_ctl(there, "-l", Path(there["postgres"]) / "log", "-o", f"-k {there['postgres']} -h ''", "start")


def pg_ctl(there, *words, check=True):
    postgres(there, "pg_ctl", "-D", Path(there["postgres"]) / "data", "-w", *words, check=check)


def create_database(there, name):
    """Makes an empty database, and gives its URL as gateways are told it."""
    postgres(there, "createdb", "-h", there["postgres"], "-U", "countersign", name)
    return f"postgres://countersign@{there['postgres'].replace('/', '%2F')}/{name}"


def free_ports(count):
    taken = [socket.socket() for _ in range(count)]
    try:
        for one in taken:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in taken]
    finally:
        for one in taken:
            one.close()


def listens(port):
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
