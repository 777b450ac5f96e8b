"""Indexes the documentation of the Python standard library that runs this program, and asks it questions.

The client is what people run against Amazon's service, unchanged: boto3 finds credentials, AWS4Auth signs,
elasticsearch-py talks. Only the endpoint, the region and the CA come from the environment (`DIR/env` of
`countersign dev --data DIR` exports them).

    python examples/quickstart.py                       # as role search-app: index, then search
    python examples/quickstart.py --role stranger       # as another role
    python examples/quickstart.py --search-only "read a csv file"
"""

import argparse
import contextlib
import importlib
import inspect
import io
import json
import os
import pkgutil
import sys
import time
import warnings
from urllib.parse import urlsplit

import boto3
from elasticsearch import Elasticsearch, RequestsHttpConnection, TransportError, helpers
from requests_aws4auth import AWS4Auth

INDEX = "python-docs"
QUESTIONS = (
    "compress bytes",
    "greatest common divisor",
    "suppress exceptions",
    "smallest items of a heap",
    "temporary directory removed afterwards",
)
MAPPINGS = {
    "properties": {
        "name": {"type": "text", "analyzer": "simple", "fields": {"raw": {"type": "keyword"}}},
        "module": {"type": "keyword"},
        "kind": {"type": "keyword"},
        "text": {"type": "text", "analyzer": "english"},
        "words": {"type": "integer"},
    }
}
# Importing these does something a reader of documentation does not want: opens a window or a browser, or runs tests.
NOT_IMPORTED = ("antigravity", "this", "idlelib", "turtle", "turtledemo", "test", "lib2to3", "__main__")


def main():
    warnings.simplefilter("ignore", DeprecationWarning)  # reading every name also reads the deprecated ones
    arguments = parse_arguments()
    region = os.environ["AWS_REGION"]
    endpoint = urlsplit(os.environ["COUNTERSIGN_ENDPOINT"])
    credentials = credentials_of(arguments.role)

    auth = AWS4Auth(credentials.access_key, credentials.secret_key, region, "es", session_token=credentials.token)
    client = Elasticsearch(
        hosts=[{"host": endpoint.hostname, "port": endpoint.port}],
        http_auth=auth,
        use_ssl=True,
        verify_certs=True,
        ca_certs=os.environ["REQUESTS_CA_BUNDLE"],
        connection_class=RequestsHttpConnection,
        timeout=60,
    )
    request_ids = remember_request_ids(client)

    try:
        print(f"Connected to Elasticsearch {client.info()['version']['number']} as {arguments.role}.")
        if not arguments.search_only:
            index_documentation(client)
        for question in arguments.questions or QUESTIONS:
            ask(client, question)
        count_by_module(client)
    except TransportError as error:
        print(f"Refused with {error.status_code}: {json.dumps(error.info, ensure_ascii=False)}")
        print(f"request id: {request_ids[-1] if request_ids else 'none'}")
        return 1
    return 0


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--role", default="search-app", help="the role to assume (default: %(default)s)")
    parser.add_argument("--search-only", action="store_true", help="do not index, only ask")
    parser.add_argument("questions", nargs="*", help="what to search for (default: a few questions)")
    return parser.parse_args()


def credentials_of(role):
    """Short-lived credentials of the role, assumed by whoever the environment's keys belong to."""
    sts = boto3.client("sts")
    account = sts.get_caller_identity()["Account"]
    keys = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/{role}", RoleSessionName="quickstart")["Credentials"]
    session = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    return session.get_credentials()


def remember_request_ids(client):
    """Every answer names its request; `countersign explain` tells what was decided about it, and why."""
    seen = []

    def remember(response, *_, **__):
        if "x-amzn-RequestId" in response.headers:
            seen.append(response.headers["x-amzn-RequestId"])

    client.transport.get_connection().session.hooks["response"].append(remember)
    return seen


def index_documentation(client):
    client.indices.delete(INDEX, ignore=404)
    client.indices.create(INDEX, {"mappings": MAPPINGS})
    documents = list(documentation())
    started = time.perf_counter()
    indexed, _ = helpers.bulk(client, documents, chunk_size=1000, refresh=True)
    seconds = time.perf_counter() - started
    print(f"Indexed {indexed} documented names of Python {sys.version.split()[0]} in {seconds:.1f} s.")


def documentation():
    """One document for every public module, class, function and method of the standard library with a docstring."""
    seen = set()
    for module_name in sorted(module_names()):
        module = quietly_imported(module_name)
        if module is None:
            continue
        for name, kind, thing in documented(module, module_name):
            text = inspect.getdoc(thing)
            if text and name not in seen:
                seen.add(name)
                body = {"name": name, "module": module_name, "kind": kind, "text": text, "words": len(text.split())}
                yield {"_index": INDEX, "_id": name, **body}


def module_names():
    for name in sys.stdlib_module_names:
        if name.startswith("_") or name in NOT_IMPORTED:
            continue
        yield name
        package = quietly_imported(name)
        for found in pkgutil.iter_modules(getattr(package, "__path__", ()), f"{name}."):
            if not found.name.rsplit(".", 1)[1].startswith(("_", "test")):
                yield found.name


def quietly_imported(name):
    """The module, or None where this Python was built without it."""
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            return importlib.import_module(name)
    except (Exception, SystemExit):
        return None


def documented(module, module_name):
    """The module itself and what it defines: (full name, kind, thing)."""
    yield module_name, "module", module
    for name, thing in public_members(module):
        if getattr(thing, "__module__", None) not in (module_name, None):
            continue
        if inspect.isclass(thing):
            yield f"{module_name}.{name}", "class", thing
            for method_name, method in public_members(thing):
                if method_name in vars(thing) and inspect.isroutine(method):
                    yield f"{module_name}.{name}.{method_name}", "method", method
        elif inspect.isroutine(thing):
            yield f"{module_name}.{name}", "function", thing


def public_members(thing):
    for name in sorted(vars(thing)):
        if not name.startswith("_"):
            with contextlib.suppress(Exception):
                yield name, getattr(thing, name)


def ask(client, question):
    body = {
        "query": {"multi_match": {"query": question, "type": "most_fields", "fields": ["name", "text"]}},
        "highlight": {"fields": {"text": {"fragment_size": 80, "number_of_fragments": 1}}},
        "_source": ["name", "kind"],
        "size": 3,
    }
    reply = client.search(index=INDEX, body=body)
    print(f"\n{question!r}: {reply['hits']['total']['value']} hits in {reply['took']} ms")
    for hit in reply["hits"]["hits"]:
        fragment = " ".join(hit.get("highlight", {}).get("text", ["(matched by name)"])[0].split())
        print(f"  {hit['_score']:6.2f}  {hit['_source']['name']} ({hit['_source']['kind']})\n          {fragment}")


def count_by_module(client):
    aggregations = {
        "modules": {"terms": {"field": "module", "size": 5}, "aggs": {"words": {"avg": {"field": "words"}}}},
        "kinds": {"terms": {"field": "kind"}},
    }
    found = client.search(index=INDEX, body={"size": 0, "aggs": aggregations})["aggregations"]
    print("\nThe most documented modules:")
    for bucket in found["modules"]["buckets"]:
        print(f"  {bucket['doc_count']:5}  {bucket['key']}, {bucket['words']['value']:.0f} words each on average")
    print("By kind: " + ", ".join(f"{bucket['doc_count']} {bucket['key']}" for bucket in found["kinds"]["buckets"]))


if __name__ == "__main__":
    sys.exit(main())
