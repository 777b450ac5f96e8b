"""Runs opensearch-benchmark, unmodified, with the workload of this folder: signed against a domain, or against a real server.

    python3 conformance/benchmark/run.py                                 # a fresh service, 1,000 documents, every number asserted
    python3 conformance/benchmark/run.py --real http://127.0.0.1:9200    # an OpenSearch 2.19.1, of which indices are deleted
    python3 conformance/benchmark/run.py --documents 100000              # more of them, for the numbers that it measures

The workload does once what an index lives through: a pipeline, bulk loading, updates, merges, searches and aggregations of every kind, scrolls,
points in time, templates and a data stream, a snapshot and its restoration, a shrunk copy. Every operation must end without an error, and
each search must find as many documents as OpenSearch 2.19.1 does. Documents are made by a seed. Needs the packages of
`conformance/python/requirements/benchmark.txt`, and COUNTERSIGN_BINARY.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from urllib.parse import urlsplit

HERE = pathlib.Path(__file__).resolve().parent
ASSERTED = 1000
SECONDS_MAX = 1800


def documents(count):
    """The orders of a shop."""
    dice = random.Random(20261130)
    words = "please leave it at the door gift wrap with a card fast call before not today blue red for my mother thank you".split()
    for number in range(count):
        placed = datetime(2026, 1, 1) + timedelta(minutes=dice.randrange(500_000))
        yield {
            "number": number,
            "customer": f"c{int(60 * dice.random() ** 2)}",
            "note": " ".join(dice.choice(words) for _ in range(dice.randint(2, 12))),
            "state": dice.choice(["open", "sent", "sent", "sent", "returned"]),
            "price": round(dice.uniform(1, 100), 2),
            "weight": round(dice.uniform(0, 30), 1),
            "placed": placed.isoformat() + "Z",
            "paid": dice.random() < 0.8,
            "place": {"lat": round(dice.uniform(45, 58), 3), "lon": round(dice.uniform(-5, 20), 3)},
            "address": f"10.{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(256)}",
            "lines": [{"item": f"i{dice.randrange(9)}", "count": dice.randint(1, 5)} for _ in range(dice.randint(0, 4))],
        }


def run(url, options=(), environment=None, count=ASSERTED):
    """What the program measured of each operation, by the operation's name; raises where it ended with an error."""
    with tempfile.TemporaryDirectory(prefix="countersign-benchmark-") as folder:
        home, workload = pathlib.Path(folder, "home"), pathlib.Path(folder, "workload")
        home.mkdir()
        shutil.copytree(HERE, workload)
        # In its test mode the program reads the file of this name.
        name = "documents-1k.json" if count == ASSERTED else "documents.json"
        (workload / name).write_text("".join(json.dumps(document) + "\n" for document in documents(count)))
        command = [
            str(pathlib.Path(sys.executable).with_name("opensearch-benchmark")), "run", "--offline", "--quiet", "--pipeline=benchmark-only",
            f"--workload-path={workload}", f"--workload-params=document_count:{count}", f"--target-hosts={urlsplit(url).netloc}",
            "--on-error=abort", "--test-run-id=orders",
            *(["--test-mode", "--enable-assertions"] if count == ASSERTED else []),
            *([f"--client-options={','.join(options)}"] if options else []),
        ]
        ended = subprocess.run(
            command, cwd=home, env={**os.environ, **(environment or {}), "HOME": str(home), "BENCHMARK_HOME": str(home)},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS_MAX,
        )
        if ended.returncode:
            log = next(home.glob(".*/logs/benchmark.log"), None)
            raise RuntimeError(f"{ended.stdout}\n{log.read_text()[-4000:] if log else ''}")
        report = next(home.glob(".benchmark/**/test_run.json"))
        return {one["task"]: one for one in json.loads(report.read_text())["results"]["op_metrics"]}


def signed(service, keys, endpoint):
    """What `run` takes so that the program signs for a domain."""
    options = ["amazon_aws_log_in:environment", "use_ssl:true", "verify_certs:true", f"ca_certs:'{service.ca_bundle}'", "timeout:60"]
    environment = {
        "OSB_AWS_ACCESS_KEY_ID": keys.access_key, "OSB_AWS_SECRET_ACCESS_KEY": keys.secret_key, "OSB_AWS_SESSION_TOKEN": keys.token,
        "OSB_REGION": service.region, "OSB_SERVICE": "es",
        # For the client that asks about the cluster; `ca_certs` is for the one that measures.
        "SSL_CERT_FILE": service.ca_bundle,
    }
    return endpoint, options, environment


def domain(service):
    """What `run` takes for a new domain of the service."""
    return signed(service, service.assume("search-app"), service.make_domain("benchmark", "OpenSearch_2.19"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", metavar="URL", help="the real server")
    parser.add_argument("--documents", type=int, default=ASSERTED)
    asked = parser.parse_args()
    if asked.real:
        measured = run(asked.real, count=asked.documents)
    else:
        sys.path.insert(0, str(HERE.parent / "python"))
        from service import Service

        with tempfile.TemporaryDirectory(prefix="countersign-benchmark-") as folder, Service(pathlib.Path(folder) / "data") as service:
            measured = run(*domain(service), count=asked.documents)
            service.stop()
    for name, one in measured.items():
        print(f"{name}: {one['error_rate']:.0%} errors, {one['service_time'].get('50_0', one['service_time'].get('mean'))} ms")
    wrong = sum(one["error_rate"] > 0 for one in measured.values())
    print(f"{len(measured) - wrong} of {len(measured)} operations without errors")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
