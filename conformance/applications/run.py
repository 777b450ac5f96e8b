"""Runs public programs' own test suites, unmodified, against a domain and against the real server, and counts.

    python3 conformance/applications/run.py FOLDER                 # every suite, against a fresh service
    python3 conformance/applications/run.py FOLDER olivere-elastic # one
    python3 conformance/applications/run.py FOLDER --real          # against what listens on 127.0.0.1:9200 already
    python3 conformance/applications/run.py --page                 # docs/reference/applications.md from results/

FOLDER holds a checkout of each suite under its name (a missing one is named with the command that makes it). The suites
speak plain HTTP to port 9200, as their authors do: `countersign proxy` listens there and signs. Needs COUNTERSIGN_BINARY
(target/debug/countersign), boto3, for the suites in Go a Go tool chain, for elasticdump Node, for Searchkick Debian's Ruby, for Zipkin Java 17
and Maven. What each test did goes to results/NAME.tsv: its name, what the real server made of it, and what we did; reasons.tsv says why a test
does not pass here. Zipkin's own tests need containers: programs/zipkin.py asks its server, as Maven's registry has it, what its page asks.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import venv
import xml.etree.ElementTree
from collections import namedtuple
from contextlib import contextmanager, nullcontext

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RESULTS = HERE / "results"
REASONS = HERE / "reasons.tsv"
ANSWERS = HERE.parent / "scenarios/answers.tsv"
PAGE = ROOT / "docs/reference/applications.md"
URL = "http://127.0.0.1:9200"
# Where the domain itself listens, behind the proxy.
BESIDE = "127.0.0.2"
SUITE_SECONDS_MAX = 1200

# `server` is the engine version of the domain, `needs` what is installed (by pip, or with `npm:`, `apt:` or `maven:` in front, by those), `command`
# is run in the checkout, of which there is none where there is no tag ({out}: where its report goes), `read` reads the report.
Suite = namedtuple("Suite", "name title repository tag server needs command read")


def junit(out):
    """Outcomes of a JUnit report."""
    for case in xml.etree.ElementTree.parse(out).getroot().iter("testcase"):
        kinds = {child.tag for child in case}
        outcome = "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"
        yield f"{case.get('classname')}.{case.get('name')}", outcome


def go(out):
    """Outcomes of `go test -v`."""
    words = {"PASS": "passed", "FAIL": "failed", "SKIP": "skipped"}
    for kind, name in re.findall(r"^--- (PASS|FAIL|SKIP): (\S+)", out.read_text(errors="replace"), re.M):
        yield name, words[kind]


def go_each(out):
    """Outcomes of `go test -v`, those within others too."""
    words = {"PASS": "passed", "FAIL": "failed", "SKIP": "skipped"}
    for kind, name in re.findall(r"^ *--- (PASS|FAIL|SKIP): (\S+)", out.read_text(errors="replace"), re.M):
        yield name, words[kind]


def tap(out):
    """Outcomes of a report in the Test Anything Protocol."""
    for kind, name in re.findall(r"^(ok|not ok) \d+ (?:- )?(.*)$", out.read_text(errors="replace"), re.M):
        name, skipped, _ = name.partition(" # SKIP")
        yield name.strip(), "skipped" if skipped else "passed" if kind == "ok" else "failed"


def minitest(out):
    """Outcomes of minitest's verbose runner."""
    words = {".": "passed", "F": "failed", "E": "failed", "S": "skipped"}
    for name, kind in re.findall(r"^(\w+#\w+) = [\d.]+ s = ([.FES])", out.read_text(errors="replace"), re.M):
        yield name, words[kind]


def unittest(out):
    """Outcomes of unittest's verbose runner."""
    words = {"ok": "passed", "FAIL": "failed", "ERROR": "failed", "skipped": "skipped", "expected failure": "passed"}
    parts = re.split(r"^(test\w*) \(([\w.]+)\)", out.read_text(errors="replace"), flags=re.M)
    for name, place, told in zip(parts[1::3], parts[2::3], parts[3::3]):
        # Whatever the program itself prints may stand between the name and the outcome.
        outcome = re.search(r"(?:\.\.\. |^)(ok|FAIL|ERROR|skipped|expected failure)\b", told, re.M)
        yield f"{place.removesuffix('.' + name)}.{name}", words[outcome[1]] if outcome else "failed"


# Programs whose requests are played (conformance/scenarios), with the files that hold them.
PROGRAMS = {
    "Kibana 7.10, OpenSearch Dashboards 2.19": ["dashboards", "kibana"],
    "Grafana's data sources": ["grafana"],
    "Fluent Bit": ["fluent-bit"],
    "Logstash": ["logstash"],
    "Filebeat": ["filebeat"],
    "Jaeger": ["jaeger"],
    "Zipkin": ["zipkin"],
    "elasticdump": ["elasticdump"],
    "Curator": ["curator"],
    "ElastAlert": ["elastalert"],
}
UNEQUAL = """\
Answers that are not equal: later pages of a scroll, where Elasticsearch 7.10 adds `terminated_early`; settings of OpenSearch's indices, where
`index.replication.type` and another `index.version.created` stand; identifiers and times in `_cluster/reroute`."""
PYTEST = "{python} -m pytest -q -p no:cacheprovider --junitxml={out}"
SUITES = [
    Suite(
        "elasticsearch-dsl", "elasticsearch-dsl 7.4.1, integration tests",
        "https://github.com/elastic/elasticsearch-dsl-py", "v7.4.1", "Elasticsearch_7.10",
        ["elasticsearch==7.10.1", "six", "python-dateutil", "mock", "pytest<8", "pytest-mock<3", "pytz"],
        f"{PYTEST} tests/test_integration", junit,
    ),
    Suite(
        "opensearch-py", "opensearch-py 2.8.0, server tests",
        "https://github.com/opensearch-project/opensearch-py", "v2.8.0", "OpenSearch_2.19",
        ["requests", "pytest", "jinja2", "pytz", "deepmerge", "Events", "numpy", "pandas", "pyyaml", "aiohttp<4",
         "pytest-asyncio<=0.24.0", "certifi", "urllib3", "python-dateutil"],
        f"{PYTEST} test_opensearchpy/test_server", junit,
    ),
    Suite(
        "django-haystack", "django-haystack 3.4.0, Elasticsearch 7 backend",
        "https://github.com/django-haystack/django-haystack", "v3.4.0", "Elasticsearch_7.10",
        ["elasticsearch==7.10.1", "django<5", "geopy", "whoosh", "python-dateutil", "pysolr", "requests", "setuptools", "packaging"],
        "{python} test_haystack/run_tests.py test_haystack/elasticsearch7_tests -v 2 > {out} 2>&1", unittest,
    ),
    Suite(
        "elasticsearch-py", "elasticsearch-py 7.13.4, server tests",
        "https://github.com/elastic/elasticsearch-py", "v7.13.4", "Elasticsearch_7.10",
        ["urllib3<2", "certifi", "requests", "pytest<8", "pyyaml", "python-dateutil", "mock", "six"],
        f"{PYTEST} test_elasticsearch/test_server/test_clients.py test_elasticsearch/test_server/test_helpers.py", junit,
    ),
    Suite(
        "curator", "Curator 5.8.4, integration tests",
        "https://github.com/elastic/curator", "v5.8.4", "Elasticsearch_7.10",
        ["elasticsearch==7.13.4", "voluptuous", "urllib3==1.26.4", "requests", "boto3<1.27", "requests_aws4auth<1.2", "click<8", "pyyaml",
         "certifi", "six", "mock", "pytest<8", "setuptools<70"],
        f"TEST_ES_SERVER=127.0.0.1:9200 {PYTEST} test/integration", junit,
    ),
    Suite(
        "olivere-elastic", "olivere/elastic 7.0.32 (Go)",
        "https://github.com/olivere/elastic", "v7.0.32", "Elasticsearch_7.10", [],
        "go mod tidy && go test -v -timeout 1000s . > {out} 2>&1", go,
    ),
    Suite(
        "opensearch-go", "opensearch-go 4.7.3, integration tests (Go)",
        "https://github.com/opensearch-project/opensearch-go", "v4.7.3", "OpenSearch_2.19", [],
        "OPENSEARCH_NODE_COUNT=1 go test -v -p 1 -parallel 1 -timeout 900s -tags integration,core . ./opensearchapi/... ./opensearchutil/... > {out} 2>&1",
        go_each,
    ),
    Suite(
        "elasticdump", "elasticdump 6.124.0 (Node)",
        "https://github.com/elasticsearch-dump/elasticsearch-dump", "v6.124.0", "Elasticsearch_7.10",
        [f"npm:{name}" for name in (
            "@shutterstock/p-map-iterable@^1.1.2", "async@^2.6.4", "aws-sdk@2.1472.0", "aws4@^1.12.0", "big.js@^5.2.2", "bytes@^3.1.2",
            "delay@^5.0.0", "extends-classes@1.0.5", "fast-csv@4.3.6", "http-status@^1.5.1", "ini@^2.0.0",
            "JSONStream@npm:@search-dump/jsonstream@^1.4.0", "lodash@^4.17.21", "lossless-json@^1.0.5", "minimist@^1.2.8",
            "request@npm:@cypress/request@3.0.5", "requestretry@^7.1.0", "s3-stream-upload@2.0.2", "s3urls@^1.5.2", "semver@7.5.4",
            "socks5-http-client@^1.0.4", "socks5-https-client@^1.2.1", "jsonpath@^1.1.1", "mocha@^6.2.2", "mock-s3@^1.0.2", "should@^13.2.3",
        )],
        "node_modules/.bin/mocha --exit --reporter tap > {out} 2>&1", tap,
    ),
    Suite(
        "elastalert2", "ElastAlert 2 2.31.0, tests with a server",
        "https://github.com/jertel/elastalert2", "2.31.0", "Elasticsearch_7.10",
        ["elasticsearch==7.10.1", "apscheduler", "aws-requests-auth", "boto3", "cffi", "croniter", "envparse", "exotel==0.1.5", "Jinja2", "jira",
         "jsonpointer", "jsonschema", "prettytable", "prison", "prometheus-client", "python-dateutil", "pytz", "PyYAML", "requests", "sortedcontainers",
         "statsd-tags==3.2.1.post1", "stomp.py", "tencentcloud-sdk-python-common", "tencentcloud-sdk-python-sms", "texttable", "twilio",
         "zabbix-utils", "setuptools", "pytest==9.0.3"],
        f"{PYTEST} --runelasticsearch tests/elasticsearch_test.py", junit,
    ),
    Suite(
        "searchkick", "Searchkick 5.3.1 (Ruby)",
        "https://github.com/ankane/searchkick", "v5.3.1", "Elasticsearch_7.10",
        ["apt:ruby", "apt:ruby-activerecord", "apt:ruby-activejob", "apt:ruby-actionpack", "apt:ruby-elasticsearch", "apt:ruby-hashie",
         "apt:ruby-kaminari-activerecord", "apt:ruby-redis", "apt:ruby-sqlite3", "apt:ruby-typhoeus", "apt:redis-server"],
        "redis-server --port 6379 --save '' > redis.log 2>&1 & redis=$!; timeout 900 ruby -W0 -I{here}/ruby -Ilib -Itest"
        " -e 'Dir[\"test/**/*_test.rb\"].sort.each {{ |file| require \"./#{{file}}\" }}' -- -v > {out} 2>&1; kill $redis",
        minitest,
    ),
    Suite(
        "jaeger", "Jaeger 1.76.0, integration tests of its storage (Go)",
        "https://github.com/jaegertracing/jaeger", "v1.76.0", "Elasticsearch_7.10", [],
        "STORAGE=elasticsearch go test -v -timeout 1000s -run 'TestElasticsearchStorage(_IndexTemplates)?$' ./internal/storage/integration > {out} 2>&1",
        go_each,
    ),
    Suite(
        "zipkin", "Zipkin 3.5.1, its server's answers (Java)",
        "https://github.com/openzipkin/zipkin", None, "Elasticsearch_7.10", ["maven:io.zipkin:zipkin-server:3.5.1:jar:exec"],
        "{python} {here}/programs/zipkin.py {installed}/zipkin-server-3.5.1-exec.jar > {out}", tap,
    ),
]


# Judged by workloads.py, shown on the same page.
WORKLOADS = Suite(
    "workloads", "opensearch-benchmark-workloads, branch 2: index definitions and searches",
    "https://github.com/opensearch-project/opensearch-benchmark-workloads", "2", "OpenSearch_2.19", None, None, None,
)


@contextmanager
def domain(server, url=URL):
    """A fresh service with one domain of `server`, reached without a signature at `url`; ends with the block.

    The domain listens on the same port of another loopback address, so that clients which ask a node for its
    address (`_nodes/http`) are sent to the proxy again.
    """
    port = url.rsplit(":", 1)[1]
    with tempfile.TemporaryDirectory(prefix="countersign-applications-") as folder:
        processes = []
        control = {"endpoint_url": f"https://{BESIDE}:9443", "region_name": "us-east-1", "verify": certificate(folder)}

        def start(*command, **environment):
            clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
            process = subprocess.Popen(
                [os.environ["COUNTERSIGN_BINARY"], *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                env={**clean, **environment},
            )
            processes.append(process)
            next(line for line in process.stdout if line.startswith("ready"))

        try:
            settings = [
                f"data={folder}/data", "public_name=127.0.0.1", f"control.listen={BESIDE}:9443", f"admin.listen={BESIDE}:0",
                f"domains.listen={BESIDE}", f"domains.first_port={port}", f"domains.repositories={folder}/repositories",
                f"tls.certificate={folder}/certificate.pem", f"tls.key={folder}/key.pem",
            ]
            start("serve", *(part for setting in settings for part in ("--set", setting)))
            variables = exported(pathlib.Path(folder, "data", "root.env"))
            new_domain(control, variables, server)
            # Jaeger's tests name the server 0.0.0.0.
            start(
                "proxy", "--to", f"https://{BESIDE}:{port}", "--listen", f"127.0.0.1:{port}", "--host", f"0.0.0.0:{port}",
                "--ca", control["verify"], **variables,
            )
            yield
        finally:
            for process in reversed(processes):
                process.terminate()
                process.wait(20)
                process.stdout.close()


def without_disk_threshold():
    """Says to what listens that it need not mind a full disk: it would refuse new indices, and every test of a suite with them."""
    for key, value in (("cluster.routing.allocation.disk.threshold_enabled", False), ("cluster.blocks.create_index", None)):
        body = json.dumps({"persistent": {key: value}}).encode()
        request = urllib.request.Request(f"{URL}/_cluster/settings", body, {"Content-Type": "application/json"}, method="PUT")
        try:
            urllib.request.urlopen(request, timeout=60).close()
        except urllib.error.HTTPError as refusal:
            # Elasticsearch has no block of new indices.
            if key != "cluster.blocks.create_index":
                raise SystemExit(f"{URL}: {refusal.read().decode()}") from refusal


def certificate(folder):
    """A certificate for the addresses, with its key beside it."""
    names = f"subjectAltName=IP:127.0.0.1,IP:{BESIDE}"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
               "-subj", "/CN=applications", "-addext", names, "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", "key.pem", "-out", "certificate.pem"]
    subprocess.run(command, cwd=folder, check=True, stderr=subprocess.DEVNULL)
    return f"{folder}/certificate.pem"


def new_domain(control, variables, server):
    """Creates a domain that the account's root may use, and waits for it."""
    import boto3

    keys = {name.lower(): variables[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    client = boto3.client("opensearch", **control, **keys)
    account = boto3.client("sts", **control, **keys).get_caller_identity()["Account"]
    allow = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "es:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    client.create_domain(DomainName="applications", EngineVersion=server, AccessPolicies=policy)
    while not client.describe_domain(DomainName="applications")["DomainStatus"].get("Endpoint"):
        pass


def exported(path):
    """The variables of a file of shell `export` lines."""
    return dict(re.findall(r"^export (\w+)='?([^'\n]*)'?$", path.read_text(), re.M))


def installed(suite):
    """A Python with what the suite needs, under `target/`, and beside it what npm installed; Debian's packages must be there."""
    by = {"npm": [], "apt": [], "maven": [], "pip": []}
    for need in suite.needs:
        registry, _, name = need.partition(":")
        by[registry if name and registry in by else "pip"].append(name or need)
    missing = [name for name in by["apt"] if subprocess.run(["dpkg-query", "-W", name], capture_output=True).returncode]
    if missing:
        sys.exit(f"{suite.name} needs Debian's {', '.join(missing)}: apt-get install {' '.join(missing)}")
    folder = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "applications" / suite.name
    python, stamp, needs = folder / "bin/python", folder / "installed.json", json.dumps(suite.needs)
    if not stamp.exists() or stamp.read_text() != needs:
        venv.create(folder, with_pip=True, clear=True)
        if by["pip"]:
            subprocess.run([python, "-m", "pip", "-q", "install", *by["pip"]], check=True)
        if by["npm"]:
            (folder / "package.json").write_text('{"private": true}')
            subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--legacy-peer-deps", *by["npm"]], cwd=folder, check=True)
        for artifact in by["maven"]:
            copy = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"
            subprocess.run(["mvn", "-B", "-q", copy, f"-Dartifact={artifact}", f"-DoutputDirectory={folder}"], check=True)
        stamp.write_text(needs)
    return python


def run(suite, checkout):
    """What each test of the suite did: name and outcome."""
    with tempfile.TemporaryDirectory(prefix=f"{suite.name}-") as folder:
        out, clone, python = pathlib.Path(folder, "out"), pathlib.Path(folder, "checkout"), installed(suite)
        if suite.tag:
            shutil.copytree(checkout, clone)
        else:
            clone.mkdir()
        if (modules := python.parents[1] / "node_modules").exists():
            (clone / "node_modules").symlink_to(modules)
        environment = {
            **os.environ, "PYTHONPATH": ".", "TEST_ES_SERVER": URL, "ELASTICSEARCH_URL": URL, "OPENSEARCH_URL": URL,
            "OPENSEARCH_VERSION": "2.19.1",
        }
        command = suite.command.format(python=python, out=out, here=HERE, installed=python.parents[1])
        subprocess.run(["bash", "-c", command], cwd=clone, env=environment, timeout=SUITE_SECONDS_MAX)
        return dict(suite.read(out))


def table(name):
    """The last outcomes of a suite: test → (the real server's, ours)."""
    path = RESULTS / f"{name}.tsv"
    rows = path.read_text().splitlines()[1:] if path.exists() else []
    return {test: (real, ours) for test, real, ours in (row.split("\t") for row in rows)}


def keep(name, outcomes, real):
    """Writes outcomes into the suite's table, beside those of the other side."""
    before = table(name)
    rows = ["test\treal\tours"]
    for test in sorted(before.keys() | outcomes.keys()):
        theirs, ours = before.get(test, ("", ""))
        now = outcomes.get(test, "missing")
        pair = (now, ours) if real else (theirs, now)
        rows.append("\t".join([test, *pair]))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.tsv").write_text("\n".join(rows) + "\n")


def page():
    """The page of all suites, made from their tables."""
    lines = [
        "<!-- generated by conformance/applications/run.py; do not edit -->",
        "# Applications",
        "",
        "Public programs' own tests, unmodified, through `countersign proxy`, beside the same tests against the real server",
        "(Elasticsearch 7.10.2 or OpenSearch 2.19.1 on the same machine). A test that the real server does not pass is not",
        "asked of us. `conformance/applications/run.py` says how to run them again; the tests by name are in",
        "[results](../../conformance/applications/results). Behind each test that does not pass here stands why, where it is to stay so",
        "([reasons](../../conformance/applications/reasons.tsv)).",
        "",
        "| suite | pass on the real server | of those, pass here |",
        "|---|--:|--:|",
    ]
    failing = []
    for suite in [*SUITES, WORKLOADS]:
        rows = table(suite.name)
        real = [test for test, (theirs, _) in rows.items() if theirs == "passed"]
        ours = [test for test in real if rows[test][1] == "passed"]
        lines.append(f"| [{suite.title}]({suite.repository}) | {len(real)} | {len(ours)} |")
        missing = sorted(set(real) - set(ours))
        if missing:
            reasons = dict(line.split("\t") for line in REASONS.read_text().splitlines())
            told = (f"- `{test}`" + (f": {reasons[test]}" if test in reasons else "") for test in missing)
            failing += ["", f"## {suite.title}: not", "", *told]
    return "\n".join(lines + scenarios() + failing) + "\n"


def scenarios():
    """The part of the page about requests that were written from programs' sources (conformance/scenarios)."""
    rows = dict(line.split("\t", 1) for line in ANSWERS.read_text().splitlines()[1:])
    lines = [
        "",
        "## Programs by their requests",
        "",
        "Programs that no registry has, or whose tests need more than a server: what they send, written from their sources as",
        "[scenarios](../../conformance/scenarios), signed to a domain and beside it to the real server. A scenario passes where what the program",
        "reads of the answers is as it expects; beside that each whole answer is compared with the real server's, but for what tells of the",
        "machine. `python3 conformance/scenarios/run.py --beside URL --keep` counts them.",
        "",
        "| program | as | scenarios: the real server | of those, here | answers | equal |",
        "|---|---|--:|--:|--:|--:|",
    ]
    for title, files in PROGRAMS.items():
        for service, name in (("elasticsearch", "Elasticsearch 7.10.2"), ("opensearch", "OpenSearch 2.19.1")):
            found = [[int(number) for number in rows[key].split("\t")] for file in files if (key := f"{service} {file}") in rows]
            if found:
                counts = " | ".join(str(sum(column)) for column in zip(*found))
                lines.append(f"| {title} | {name} | {counts} |")
    return [*lines, "", *UNEQUAL.splitlines()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=pathlib.Path, help="where the checkouts are")
    parser.add_argument("names", nargs="*", help="suites; all when none is named")
    parser.add_argument("--real", action="store_true", help=f"ask the real server on {URL}")
    parser.add_argument("--page", action="store_true", help="only write the page")
    asked = parser.parse_intermixed_args()
    unknown = set(asked.names) - {suite.name for suite in SUITES}
    if unknown or (asked.folder is None) != asked.page:
        parser.error(f"expected a folder and suites among {', '.join(suite.name for suite in SUITES)}, or --page")
    for suite in SUITES if not asked.page else []:
        if asked.names and suite.name not in asked.names:
            continue
        checkout = asked.folder / suite.name
        if suite.tag and not checkout.is_dir():
            sys.exit(f"no {checkout}: git clone --depth 1 --branch {suite.tag} {suite.repository} {checkout}")
        with nullcontext() if asked.real else domain(suite.server):
            without_disk_threshold()
            outcomes = run(suite, checkout)
        keep(suite.name, outcomes, asked.real)
        print(f"{suite.name}: {sum(outcome == 'passed' for outcome in outcomes.values())} of {len(outcomes)} passed")
    PAGE.write_text(page())


if __name__ == "__main__":
    main()
