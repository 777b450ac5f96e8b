"""Runs scenarios in the YAML format of OpenSearch's REST suite: signed against a fresh service, or against a real server.

    COUNTERSIGN_BINARY=target/debug/countersign python3 conformance/scenarios/run.py            # all, both services
    python3 conformance/scenarios/run.py both/documents.yml opensearch/dashboards.yml           # some
    python3 conformance/scenarios/run.py --real http://127.0.0.1:9200                           # what listens there
    python3 conformance/scenarios/run.py --upstream http://127.0.0.1:9200                       # the same behind a fresh service
    python3 conformance/scenarios/run.py --beside http://127.0.0.1:9200 --keep                  # both, every answer compared

A file is a list of YAML documents; each maps a name to its steps (`do`, `match`, `length`, `is_true`, `is_false`, `set`, `gt`,
`gte`, `lt`, `lte`, `contains`); `setup` is done before each. An API is named as in docs/reference/rest-apis.md, which
is where its path comes from; `request: METHOD /path?query` names a path itself, as programs send it. Scenarios in `both/` are
run as Elasticsearch 7.10 and as OpenSearch 2.19, those in `elasticsearch/` and `opensearch/` as one of them. With `--beside` the whole
answers of a fresh service and of the real server are compared, but for what tells of the machine; `--keep` writes the counts into
answers.tsv, of which docs/reference/applications.md has a table. Needs boto3, requests, PyYAML.
"""

import argparse
import json
import os
import pathlib
import re
import sys
import tempfile
from collections import Counter
from contextlib import contextmanager
from urllib.parse import quote, urlencode

import requests
import yaml

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE.parent / "python"), str(HERE.parent / "differential")]

from judge import differences  # noqa: E402

SERVICES = {"elasticsearch": "Elasticsearch_7.10", "opensearch": "OpenSearch_2.19"}
KEPT = HERE / "answers.tsv"
# Answers that tell of a machine, its nodes and what a server has beside its indices: only their status is compared.
OF_THE_MACHINE = re.compile(
    r"^/$|/_nodes|/_stats|/_cluster/(stats|state|settings|health)|/_cat/|/_tasks|^/_(mapping|alias|template|index_template|component_template)$"
    r"|^/[^/]*$"
)
# Values of the moment: identifiers that a server makes, times of its clock, sizes of its files.
OF_THE_MOMENT = re.compile(
    r'(?<="_id)":"[\w-]{20}"|(?<="timestamp)":"[^"]*"|(?<=creation_date)":"\d+"|(?<=\.uuid)":"[\w-]{22}"|(?<=size_in_bytes)":\d+'
    r'|(?<=uuid)":"[\w-]{22}"|(?<="version)":\d+(?=,"state_uuid)|(?<=memory_in_bytes)":\d+|(?<="master_node)":"[^"]*"'
)
CATCHES = {"missing": 404, "conflict": 409, "bad_request": 400, "forbidden": 403, "unauthorized": 401, "request_timeout": 408}


class Failed(Exception):
    """A step did not go as it should."""


class Domain:
    """A domain of a fresh service; every request is signed."""

    def __init__(self, service, name, version):
        from botocore.credentials import Credentials

        arn = f"arn:aws:es:{service.region}:{service.account}:domain/{name}"
        allow = {"Effect": "Allow", "Principal": {"AWS": service.account}, "Action": "es:*", "Resource": [arn, f"{arn}/*"]}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        root = exported_root(service)
        client = service.client("opensearch", root)
        client.create_domain(DomainName=name, EngineVersion=version, AccessPolicies=policy)
        while not (status := client.describe_domain(DomainName=name)["DomainStatus"]).get("Endpoint"):
            pass
        self.url, self.region, self.verify = f"https://{status['Endpoint']}", service.region, service.ca_bundle
        self.keys, self.session = Credentials(root.access_key, root.secret_key), requests.Session()

    def ask(self, method, target, body):
        """Status and text of the answer to one request."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        request = AWSRequest(method, self.url + target, data=body or None, headers=kind(body))
        SigV4Auth(self.keys, "es", self.region).add_auth(request)
        signed = request.prepare()
        answer = self.session.request(method, signed.url, headers=dict(signed.headers), data=signed.body, verify=self.verify, timeout=60)
        return answer.status_code, answer.text


class Gated(Domain):
    """Domain `dev` of a fresh service, which a real cluster serves; every request is signed."""

    def __init__(self, service):
        from botocore.credentials import Credentials

        self.url, self.region, self.verify = service.endpoint, service.region, service.ca_bundle
        self.keys = Credentials(service.developer.access_key, service.developer.secret_key)
        self.session = requests.Session()


class Server:
    """A real server, asked without a signature."""

    def __init__(self, url):
        self.url, self.session = url, requests.Session()

    def ask(self, method, target, body):
        """Status and text of the answer to one request."""
        answer = self.session.request(method, self.url + target, headers=kind(body), data=body.encode() or None, timeout=60)
        return answer.status_code, answer.text


def kind(body):
    if not body:
        return {}
    return {"Content-Type": "application/x-ndjson" if body.endswith("\n") else "application/json"}


def exported_root(service):
    """The keys of the account's root."""
    from service import Credentials

    text = (service.folder / "root.env").read_text()
    variables = dict(re.findall(r"^export (\w+)='?([^'\n]*)'?$", text, re.M))
    return Credentials(variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"], None)


def apis():
    """By the name of an API: its methods and paths."""
    found = {}
    for line in (ROOT / "docs/reference/rest-apis.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        paths = next((cell for cell in cells if cell.startswith("`")), None)
        if len(cells) > 4 and paths and re.fullmatch(r"[a-z_.]+", cells[1]):
            rows = [re.match(r"(es |os )?([A-Z ]+) (/\S*)", path) for path in re.findall(r"`([^`]+)`", paths)]
            found.setdefault(cells[1], []).extend((row[1], row[2].split(), row[3]) for row in rows if row)
    return found


class Scenario:
    """One scenario while it is played."""

    def __init__(self, target, service, table):
        self.target, self.service, self.table = target, service, table
        self.status, self.text, self.kept, self.heard = 0, "", {}, []

    def play(self, steps):
        """Plays the steps; raises `Failed`."""
        for step in steps:
            [(verb, given)] = step.items()
            getattr(self, verb)(given)

    def do(self, given):
        """One request; `catch` says which refusal it must be."""
        given = dict(given)
        catch, ignore = given.pop("catch", None), given.pop("ignore", None)
        given.pop("headers", None)
        [(name, options)] = given.items()
        method, path, body = self.request(options) if name == "request" else self.named(name, dict(options or {}))
        self.status, self.text = self.target.ask(method, path, body)
        self.heard.append((method, path, (self.status, self.text)))
        refused = self.status >= 400 and method != "HEAD"
        if catch is None and refused and self.status != ignore:
            raise Failed(f"{method} {path}: {self.status} {self.text[:300]}")
        if catch is not None and not self.caught(catch):
            raise Failed(f"{method} {path}: {self.status} instead of {catch}: {self.text[:300]}")

    def caught(self, catch):
        if catch.startswith("/"):
            return self.status >= 400 and re.search(catch.strip("/"), self.text)
        return self.status == CATCHES[catch] if catch in CATCHES else self.status >= 400

    def request(self, options):
        """Method, path and body as they are given."""
        if isinstance(options, str):
            options = {"line": options}
        method, path = self.put(options["line"]).split(" ", 1)
        return method, path, printed(self.put(options.get("body")))

    def named(self, name, options):
        """Method, path and body of an API by its name: the longest path of which all parts are given."""
        body = printed(self.put(options.pop("body", None)))
        options = {key: self.put(value) for key, value in options.items()}
        own = "es " if self.service == "elasticsearch" else "os "
        rows = [row for row in self.table.get(name, []) if row[0] in (None, own)]
        fitting = [row for row in rows if set(re.findall(r"{(\w+)}", row[2])) <= options.keys()]
        if not fitting:
            raise Failed(f"no path of {name} for {sorted(options)}")
        _, methods, path = max(fitting, key=lambda row: row[2].count("{"))
        for part in re.findall(r"{(\w+)}", path):
            value = options.pop(part)
            text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
            path = path.replace("{%s}" % part, quote(text, safe=",*"))
        method = "POST" if body and "POST" in methods else methods[0]
        query = urlencode({key: word(value) for key, value in options.items()})
        return method, path + (f"?{query}" if query else ""), body

    def put(self, value):
        """The value with what was kept in the place of `$names`."""
        if isinstance(value, dict):
            return {self.put(key): self.put(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.put(inner) for inner in value]
        if isinstance(value, str):
            if value[:1] == "$" and value[1:] in self.kept:
                return self.kept[value[1:]]
            return re.sub(r"\${(\w+)}", lambda found: str(self.kept.get(found[1], found[0])), value)
        return value

    def at(self, path):
        """The value at a place of the last answer."""
        try:
            value = json.loads(self.text)
        except ValueError:
            value = self.text
        if path in ("$body", ""):
            return value if self.text else self.status < 300
        for part in re.split(r"(?<!\\)\.", str(self.put(path))):
            part = str(self.put(part.replace("\\.", ".")))
            try:
                value = value[int(part)] if isinstance(value, list) else value[part]
            except (KeyError, IndexError, TypeError, ValueError):
                return None
        return value

    def match(self, given):
        [(path, wanted)] = given.items()
        found, wanted = self.at(path), self.put(wanted)
        if isinstance(wanted, str) and len(wanted) > 2 and wanted.strip().startswith("/") and wanted.strip().endswith("/"):
            if not re.search(wanted.strip().strip("/"), str(found), re.X):
                raise Failed(f"{path} is {found!r}, no {wanted}")
        elif isinstance(found, float) or isinstance(wanted, float):
            if not isinstance(found, (int, float)) or abs(found - wanted) > 1e-5 * max(abs(wanted), 1e-3):
                raise Failed(f"{path} is {found!r} instead of {wanted!r}")
        elif found != wanted:
            raise Failed(f"{path} is {str(found)[:200]!r} instead of {str(wanted)[:200]!r}")

    def length(self, given):
        [(path, wanted)] = given.items()
        found = self.at(path)
        if not hasattr(found, "__len__") or len(found) != wanted:
            raise Failed(f"{path} has not {wanted} parts: {str(found)[:200]}")

    def is_true(self, path):
        if self.at(path) in (None, False, 0, "", "false"):
            raise Failed(f"{path} is {self.at(path)!r}")

    def is_false(self, path):
        if self.at(path) not in (None, False, 0, "", "false"):
            raise Failed(f"{path} is {self.at(path)!r}")

    def contains(self, given):
        [(path, wanted)] = given.items()
        if self.put(wanted) not in (self.at(path) or []):
            raise Failed(f"{path} does not hold {wanted!r}")

    def set(self, given):
        for path, name in given.items():
            self.kept[name] = self.at(path)

    def compared(self, given, right):
        [(path, wanted)] = given.items()
        found = self.at(path)
        if not isinstance(found, (int, float)) or not right(found, self.put(wanted)):
            raise Failed(f"{path} is {found!r}, asked for {wanted!r}")

    def gt(self, given):
        self.compared(given, lambda a, b: a > b)

    def gte(self, given):
        self.compared(given, lambda a, b: a >= b)

    def lt(self, given):
        self.compared(given, lambda a, b: a < b)

    def lte(self, given):
        self.compared(given, lambda a, b: a <= b)

    def answers(self, given):
        """The whole answer, as a real server gave it: `[status, body]`."""
        found = differences((self.status, self.text), (given[0], json.dumps(given[1])))
        if found:
            raise Failed("; ".join(f"{at}: {ours!r} instead of {theirs!r}"[:200] for at, ours, theirs in found[:3]))


def word(value):
    return {True: "true", False: "false", None: ""}.get(value, value) if not isinstance(value, list) else ",".join(map(str, value))


def printed(body):
    """A body as it is sent: a list is a value a line."""
    if body is None:
        return ""
    if isinstance(body, list):
        return "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in body)
    return body if isinstance(body, str) else json.dumps(body)


def wipe(target):
    """Deletes what the scenario before has left."""
    for path in ("/_data_stream/*", "/_all?expand_wildcards=all", "/_index_template/*", "/_template/*", "/_component_template/*", "/_ingest/pipeline/*"):
        target.ask("DELETE", path, "")


def read(path):
    """The scenarios of a file: `(name, steps)`, each with the file's setup."""
    setup = []
    for document in yaml.safe_load_all(path.read_text()):
        for name, steps in (document or {}).items():
            if name == "setup":
                setup = steps
            else:
                yield name, setup + steps


def setup(path):
    """What a file says to do before each of its scenarios."""
    documents = yaml.safe_load_all(path.read_text())
    return next((it["setup"] for it in documents if it and "setup" in it), [])


def run(files, service, target, table):
    """What each scenario did: `(file, name) → fault or None`."""
    outcomes = {}
    for path in files:
        for name, steps in read(path):
            wipe(target)
            try:
                Scenario(target, service, table).play(steps)
                outcomes[path.stem, name] = None
            except (Failed, requests.RequestException) as fault:
                outcomes[path.stem, name] = str(fault)
    return outcomes


def beside(files, service, target, real, table):
    """Plays each scenario on both: by `(file, name)` whether each passed, how many answers came, and where they differ."""
    for path in files:
        for name, steps in read(path):
            passed, answers = [], []
            for side in (target, real):
                wipe(side)
                scenario = Scenario(side, service, table)
                try:
                    scenario.play(steps)
                    passed.append(True)
                except (Failed, requests.RequestException) as fault:
                    print(f"{path.stem}: {name}: {'ours' if side is target else 'real'}: {fault}", flush=True)
                    passed.append(False)
                answers.append(scenario.heard)
            equal = 0
            for (method, where, ours), (_, _, theirs) in zip(*answers):
                found = unlike(where, ours, theirs)
                equal += not found
                for at, one, other in found[:4]:
                    print(f"{path.stem}: {name}: {method} {where}: {at}: {one!r} instead of {other!r}"[:400], flush=True)
            yield (path.stem, name), (*passed, len(answers[1]), equal)


def unlike(where, ours, theirs):
    """Where two answers to one request differ."""
    if OF_THE_MACHINE.search(where.partition("?")[0]) and "filter_path" not in where:
        ours, theirs = (ours[0], ""), (theirs[0], "")
    return differences(*((status, OF_THE_MOMENT.sub('":0', text)) for status, text in (ours, theirs)))


def keep(service, outcomes):
    """Writes the counts of each file that was played, beside those of the others."""
    rows = dict(line.split("\t", 1) for line in KEPT.read_text().splitlines()[1:]) if KEPT.exists() else {}
    for file in {file for file, _ in outcomes}:
        of_file = [outcome for (name, _), outcome in outcomes.items() if name == file]
        ours, theirs = (sum(outcome[side] for outcome in of_file if outcome[1]) for side in (0, 1))
        answers, equal = (sum(outcome[part] for outcome in of_file) for part in (2, 3))
        rows[f"{service} {file}"] = f"{theirs}\t{ours}\t{answers}\t{equal}"
    told = "".join(f"{name}\t{row}\n" for name, row in sorted(rows.items()))
    KEPT.write_text("of\tpass on the real server\tof those, here\tanswers\tequal\n" + told)


@contextmanager
def domain(service):
    """A domain of a fresh service, which ends with the block."""
    from service import Service

    with tempfile.TemporaryDirectory(prefix="countersign-scenarios-") as folder:
        with Service(pathlib.Path(folder) / "data") as running:
            yield Domain(running, "scenarios", SERVICES[service])
            running.stop()


@contextmanager
def gated(url):
    """A fresh service before the cluster at `url`, which ends with the block."""
    from service import Service

    with tempfile.TemporaryDirectory(prefix="countersign-scenarios-") as folder:
        with Service(pathlib.Path(folder) / "data", options=["--upstream", url]) as running:
            yield Gated(running)
            running.stop()


def chosen(asked, service):
    if asked.files:
        files = [path if path.exists() else HERE / path for path in map(pathlib.Path, asked.files)]
        return [path for path in files if path.parent.name in ("both", service)]
    return sorted(path for folder in ("both", service) for path in (HERE / folder).glob("*.yml"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--real", metavar="URL", help="ask the real server there")
    parser.add_argument("--upstream", metavar="URL", help="ask a fresh service before the real cluster there")
    parser.add_argument("--beside", metavar="URL", help="ask a fresh service and the real server there, and compare")
    parser.add_argument("--keep", action="store_true", help="write what --beside found into answers.tsv")
    parser.add_argument("--service", choices=SERVICES)
    asked = parser.parse_args()
    table, wrong = apis(), 0
    services = [asked.service] if asked.service else list(SERVICES)
    if real := asked.real or asked.upstream or asked.beside:
        about = requests.get(real, timeout=60).json()["version"]
        services = [about.get("distribution", "elasticsearch")]
    for service in services:
        files = chosen(asked, service)
        if asked.beside:
            with domain(service) as target:
                compared = dict(beside(files, service, target, Server(asked.beside), table))
            if asked.keep:
                keep(service, compared)
            answers, equal = (sum(outcome[part] for outcome in compared.values()) for part in (2, 3))
            print(f"{service}: {sum(outcome[0] for outcome in compared.values())} of {len(compared)} scenarios pass, "
                  f"{sum(outcome[1] for outcome in compared.values())} on the real server; {equal} of {answers} answers are equal")
            wrong += sum(theirs and not ours for ours, theirs, _, _ in compared.values())
            continue
        if asked.real:
            outcomes = run(files, service, Server(asked.real), table)
        elif asked.upstream:
            with gated(asked.upstream) as target:
                outcomes = run(files, service, target, table)
        else:
            with domain(service) as target:
                outcomes = run(files, service, target, table)
        passed = Counter(name for (name, _), fault in outcomes.items() if fault is None)
        for name, count in sorted(Counter(name for name, _ in outcomes).items()):
            print(f"{service} {name}: {passed[name]} of {count}")
        for (name, scenario), fault in outcomes.items():
            if fault:
                print(f"  {name}: {scenario}: {fault}")
        wrong += len(outcomes) - sum(passed.values())
        print(f"{service}: {sum(passed.values())} of {len(outcomes)} scenarios pass")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
