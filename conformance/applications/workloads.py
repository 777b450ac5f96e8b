"""Asks a domain and the real server what opensearch-benchmark's public workloads ask, over the same generated documents.

    python3 conformance/applications/workloads.py FOLDER --real http://127.0.0.1:9201          # all
    python3 conformance/applications/workloads.py FOLDER --real http://127.0.0.1:9201 big5     # some

FOLDER is a checkout of opensearch-benchmark-workloads, branch 2; --real is an OpenSearch 2.19.1 whose indices may be deleted;
--url is what is judged, a fresh domain when it is not given. Of each workload, every index definition is created as it is shipped;
then its index with one shard (its own parameter) is filled with some thousand documents made from its mapping, by a seed, with the
values that its searches ask for among them, and every search is sent to both. Status, totals, hits in order, scores (1e-5)
and aggregations must be equal. Needs Jinja2, requests, and what run.py needs. The outcome of each operation goes to results/workloads.tsv.
"""

import argparse
import glob
import importlib.util
import json
import pathlib
import random
import re
import sys
from collections import namedtuple
from contextlib import nullcontext
from datetime import datetime, timedelta, timezone

import jinja2
import requests

import run

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "differential")]

from judge import differences  # noqa: E402

RESULTS = HERE / "results/workloads.tsv"
DOCUMENTS = 1500
# What the benchmark's own loader offers to a workload's templates.
HELPERS = (
    "{% macro collect(parts) -%}{% set comma = joiner() %}{% for part in glob(parts) %}{{ comma() }}{% include part %}"
    "{%- endfor %}{%- endmacro -%}"
)
PARAMETERS = {"distribution_version": "2.19.1"}

# `days`: between which its documents lie.
Workload = namedtuple("Workload", "name days")
WORKLOADS = [
    Workload("big5", ("2022-12-29", "2023-01-09")),
    Workload("eventdata", ("2015-01-01", "2015-03-01")),
    Workload("geonames", ("2015-01-01", "2015-03-01")),
    Workload("geopoint", ("2015-01-01", "2015-03-01")),
    Workload("geopointshape", ("2015-01-01", "2015-03-01")),
    Workload("geoshape", ("2015-01-01", "2015-03-01")),
    Workload("http_logs", ("1998-04-28", "1998-06-15")),
    Workload("nested", ("2008-08-01", "2014-08-01")),
    Workload("noaa", ("2014-01-01", "2017-12-31")),
    Workload("nyc_taxis", ("2014-12-20", "2016-01-10")),
    Workload("percolator", ("2015-01-01", "2015-03-01")),
    Workload("pmc", ("2014-01-01", "2016-12-31")),
    Workload("so", ("2008-08-01", "2014-08-01")),
]
WORDS = "alpha bravo president bush usa monkey shadow foo internet web content ignore me university newspaper physician patient".split()


class Shipped:
    """The definitions of one workload, with its templates resolved."""

    def __init__(self, folder, workload):
        self.folder, self.name, self.days = folder / workload.name, workload.name, workload.days
        loaders = [jinja2.DictLoader({"benchmark.helpers": HELPERS}), jinja2.FileSystemLoader([self.folder, folder])]
        self.templates = jinja2.Environment(loader=jinja2.ChoiceLoader(loaders))
        self.templates.globals["glob"] = self.parts
        self.templates.globals["now"] = datetime.now(timezone.utc)
        self.templates.filters["days_ago"] = lambda day, now: (now.replace(tzinfo=None) - datetime.strptime(day, "%d-%m-%Y")).days
        self.sources = self.registered()

    def parts(self, pattern):
        return [str(pathlib.Path(path).relative_to(self.folder)) for path in sorted(glob.glob(f"{self.folder}/{pattern}"))]

    def read(self, text, **parameters):
        """The JSON of a template."""
        whole = '{% import "benchmark.helpers" as benchmark with context %}[' + text + "]"
        return json.loads(self.templates.from_string(whole).render(**PARAMETERS, **parameters))

    def indices(self, **parameters):
        """By its file: each index definition."""
        files = sorted(path.name for path in self.folder.glob("index*.json"))
        return {name: self.read('{% include "' + name + '" %}', **parameters)[0] for name in files}

    def searches(self):
        """The search operations, with the bodies that the workload's own code makes."""
        operations = self.read('{{ benchmark.collect(parts="operations/default.json") }}')
        for operation in operations:
            if operation.get("operation-type") == "search":
                if source := operation.get("param-source"):
                    operation = {**operation, **self.made(source, operation)}
                yield operation

    def made(self, source, operation):
        random.seed(4)
        found = self.sources[source]
        # A source is a function of the workload and the operation, or a class with `params`.
        return found(None, operation).params() if isinstance(found, type) else found(None, operation)

    def registered(self):
        """The sources of parameters that the workload's own code registers."""
        found = {}

        class Registry:
            def register_param_source(self, name, source):
                found[name] = source

            def __getattr__(self, _):
                return lambda *_, **__: None

        path = self.folder / "workload.py"
        if path.exists():
            spec = importlib.util.spec_from_file_location(f"workload_{self.name}", path)
            module = importlib.util.module_from_spec(spec)
            try:
                spec.loader.exec_module(module)
            except ModuleNotFoundError:
                # It registers processors of documents, and needs the benchmark for that.
                return found
            module.register(Registry())
        return found


class Documents:
    """Documents of a mapping, the same for the same seed."""

    def __init__(self, mapping, searches, days):
        self.mapping, self.random = mapping, random.Random(7)
        self.first, self.last = (datetime.fromisoformat(day) for day in days)
        self.paths = set(paths(mapping["properties"]))
        # What the searches ask of each field: so that they find something.
        self.asked = {}
        # Scripts read these without a question.
        self.read = set(re.findall(r"doc\['([\w.]+)'\]", json.dumps(searches)))
        for search in searches:
            self.harvest(search.get("body"))

    def harvest(self, value):
        if isinstance(value, list):
            for inner in value:
                self.harvest(inner)
        elif isinstance(value, dict):
            for key, inner in value.items():
                path = key.removesuffix(".raw").removesuffix(".keyword")
                if path in self.paths:
                    self.asked.setdefault(path, []).extend(literals(inner))
                self.harvest(inner)

    def all(self):
        return [self.object(self.mapping["properties"], "") for _ in range(DOCUMENTS)]

    def object(self, properties, prefix):
        return {
            name: self.value(f"{prefix}{name}", field)
            for name, field in properties.items()
            # One field in ten is left out of a document.
            if field.get("type") == "date" or f"{prefix}{name}" in self.read or self.random.random() < 0.9
        }

    def value(self, path, field):
        """A value for a field."""
        kind = field.get("type", "object")
        if kind in ("object", "nested"):
            objects = [self.object(field.get("properties", {}), f"{path}.") for _ in range(self.random.randint(0, 4))]
            return objects if kind == "nested" else self.object(field.get("properties", {}), f"{path}.")
        asked = self.asked.get(path)
        if asked and kind in ("keyword", "ip") and self.random.random() < 0.4:
            return str(self.random.choice(asked))
        return getattr(self, "decimal" if kind == "float" else kind)(path, field)

    def keyword(self, path, field):
        # Few values are frequent, many are rare.
        return f"{path.split('.')[-1]}-{int(40 * self.random.random() ** 2)}"

    def text(self, path, field):
        asked = list(map(str, self.asked.get(path, [])))
        if asked and self.random.random() < 0.3:
            return self.random.choice(asked)
        if path.endswith("code") or path in ("cc2", "dem"):
            return self.keyword(path, field)
        asked = " ".join(asked).split()
        words = [self.random.choice(WORDS + asked) for _ in range(self.random.randint(2, 25))]
        return " ".join(words)

    match_only_text = text

    def integer(self, path, field):
        numbers = self.numbers(path)
        if numbers and self.random.random() < 0.5:
            return int(self.random.choice(numbers)) + self.random.randint(-2, 2)
        return int(1000 * self.random.random() ** 2)

    long = short = integer

    def numbers(self, path):
        return [float(value) for value in self.asked.get(path, []) if str(value).lstrip("-").isdigit()]

    def decimal(self, path, field):
        numbers = self.numbers(path)
        return round(self.random.uniform(-20, 1.5 * max([40, *numbers])) / self.random.choice([1, 4]), 2)

    scaled_float = half_float = double = decimal

    def date(self, path, field):
        moment = self.first + timedelta(seconds=self.random.randrange(int((self.last - self.first).total_seconds())))
        if field.get("format") == "yyyy-MM-dd HH:mm:ss":
            return moment.strftime("%Y-%m-%d %H:%M:%S")
        if "epoch_second" in field.get("format", ""):
            return int(moment.replace(tzinfo=timezone.utc).timestamp())
        return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")

    def ip(self, path, field):
        return f"{self.random.randint(1, 250)}.{self.random.randint(0, 3)}.{self.random.randint(0, 9)}.{self.random.randint(0, 9)}"

    def geo_point(self, path, field):
        # Around what the searches ask for: Europe and New York.
        west, south, east, north = self.random.choice([(-5, 45, 20, 62), (-74.3, 40.5, -73.6, 41), (-180, -80, 180, 80)])
        return [round(self.random.uniform(west, east), 4), round(self.random.uniform(south, north), 4)]

    def geo_shape(self, path, field):
        x, y = self.random.uniform(-10, 25), self.random.uniform(40, 65)
        w, h = self.random.uniform(0.1, 3), self.random.uniform(0.1, 3)
        shapes = [
            {"type": "point", "coordinates": [x, y]},
            {"type": "linestring", "coordinates": [[x, y], [x + w, y + h]]},
            {"type": "polygon", "coordinates": [[[x, y], [x + w, y], [x + w, y + h], [x, y]]]},
        ]
        return self.random.choice(shapes[:1] if path == "location" else shapes)

    def double_range(self, path, field):
        low = self.random.uniform(-30, 30)
        return {"gte": round(low, 1), "lte": round(low + self.random.uniform(0, 20), 1)}

    def percolator(self, path, field):
        asked = [word for text in self.asked.get("body", []) for word in text.lower().split()]
        words = self.random.sample(WORDS + asked, 3)
        return self.random.choice([
            {"match": {"body": words[0]}},
            {"match": {"body": {"query": " ".join(words), "operator": "and"}}},
            {"bool": {"must": [{"match": {"body": words[0]}}], "must_not": [{"term": {"body": words[1]}}]}},
            {"match_phrase": {"body": " ".join(words[:2])}},
        ])


def paths(properties, prefix=""):
    """The paths of all fields."""
    for name, field in properties.items():
        yield f"{prefix}{name}"
        yield from paths(field.get("properties", {}), f"{prefix}{name}.")


def literals(value):
    """The values that stand in a part of a query, but its options."""
    if isinstance(value, dict):
        return [one for key, inner in value.items() if key not in ("boost", "operator", "order", "format") for one in literals(inner)]
    if isinstance(value, list):
        return [one for inner in value for one in literals(inner)]
    return [value] if isinstance(value, (str, int, float)) and not isinstance(value, bool) else []


class Side:
    """One of the two that are asked."""

    def __init__(self, url):
        self.url, self.session = url, requests.Session()

    def ask(self, method, path, body=None):
        """Status and text of the answer."""
        lines = isinstance(body, list)
        text = "".join(json.dumps(line) + "\n" for line in body) if lines else json.dumps(body) if body is not None else None
        kind = {"Content-Type": "application/x-ndjson" if lines else "application/json"} if text else {}
        answer = self.session.request(method, self.url + path, data=text, headers=kind, timeout=120)
        return answer.status_code, answer.text

    def filled(self, index, definition, documents):
        """Makes the index anew, with these documents in one segment: what is equal otherwise stays in their order."""
        self.ask("DELETE", f"/{index}")
        status, text = self.ask("PUT", f"/{index}", definition)
        if status != 200:
            sys.exit(f"{self.url}: {index}: {text[:300]}")
        lines = [line for number, document in enumerate(documents) for line in ({"index": {"_id": str(number)}}, document)]
        status, text = self.ask("POST", f"/{index}/_bulk?refresh=true", lines)
        if status != 200 or json.loads(text)["errors"]:
            fault = next((line for line in json.loads(text).get("items", []) if "error" in line["index"]), text)
            sys.exit(f"{self.url}: {index}: {str(fault)[:300]}")

    def answers(self, index, operation):
        """The answers to a search: one, or a scroll's pages."""
        cache = f"&request_cache={str(operation['cache']).lower()}" if "cache" in operation else ""
        if "pages" not in operation:
            return [self.ask("POST", f"/{index}/_search?{cache.strip('&')}", operation.get("body"))]
        size = operation.get("results-per-page", 10)
        found = [self.ask("POST", f"/{index}/_search?scroll=10s&size={size}{cache}", operation.get("body"))]
        while (scroll := json.loads(found[-1][1]).get("_scroll_id")) and json.loads(found[-1][1])["hits"]["hits"]:
            found.append(self.ask("POST", "/_search/scroll", {"scroll_id": scroll, "scroll": "10s"}))
        self.ask("DELETE", "/_search/scroll", {"scroll_id": [scroll]})
        return found


def judged(shipped, ours, theirs):
    """What became of each definition and each search: `(operation, real, outcome)`."""
    for name, definition in shipped.indices().items():
        answers = []
        for side in (ours, theirs):
            side.ask("DELETE", f"/{shipped.name}")
            answers.append(side.ask("PUT", f"/{shipped.name}", definition))
            side.ask("DELETE", f"/{shipped.name}")
        yield f"{shipped.name} {name}", *outcome(*([answer] for answer in answers))
    searches = list(shipped.searches())
    if not searches:
        return
    definition = shipped.indices(number_of_shards=1)["index.json"]
    documents = Documents(definition["mappings"], searches, shipped.days).all()
    for side in (ours, theirs):
        side.filled(shipped.name, definition, documents)
    for operation in searches:
        yield f"{shipped.name} {operation['name']}", *outcome(*(side.answers(shipped.name, operation) for side in (ours, theirs)))
    for side in (ours, theirs):
        side.ask("DELETE", f"/{shipped.name}")


def outcome(ours, theirs):
    """Whether the real server answered, and whether we answered the same."""
    real = "passed" if all(status == 200 for status, _ in theirs) else "refused"
    found = [] if len(ours) == len(theirs) else [("pages", len(ours), len(theirs))]
    for one, other in zip(ours, theirs):
        found += differences(one, other)
    if not found:
        return real, "passed", ""
    told = f" {ours[0][1][:300]}" if found[0][0] == "status" else ""
    return real, "failed", "; ".join(f"{at}: {a!r} for {b!r}"[:160] for at, a, b in found[:3]) + told


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, help="the checkout of the workloads")
    parser.add_argument("names", nargs="*", help="workloads; all when none is named")
    parser.add_argument("--real", required=True, metavar="URL", help="the real server")
    parser.add_argument("--url", help="what is judged; a fresh domain when it is not given")
    asked = parser.parse_intermixed_args()
    unknown = set(asked.names) - {workload.name for workload in WORKLOADS}
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(workload.name for workload in WORKLOADS)}")
    rows = dict(line.split("\t", 1) for line in RESULTS.read_text().splitlines()[1:]) if RESULTS.exists() and asked.names else {}
    with nullcontext() if asked.url else run.domain("OpenSearch_2.19"):
        if not asked.url:
            run.without_disk_threshold()
        ours, theirs = Side(asked.url or run.URL), Side(asked.real)
        for workload in WORKLOADS:
            if asked.names and workload.name not in asked.names:
                continue
            for operation, real, we, why in judged(Shipped(asked.folder, workload), ours, theirs):
                rows[operation] = f"{real}\t{we}"
                if we != "passed":
                    print(f"{operation}: {why}", flush=True)
    RESULTS.write_text("\n".join(["test\treal\tours", *(f"{name}\t{rows[name]}" for name in sorted(rows))]) + "\n")
    run.PAGE.write_text(run.page())
    wrong = sum(not row.endswith("\tpassed") for row in rows.values())
    print(f"{len(rows) - wrong} of {len(rows)} as on the real server")


if __name__ == "__main__":
    main()
