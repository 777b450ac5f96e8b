"""The signers' matrix: every client × every shape of a request, against a freshly started `countersign dev`.

`../signers/expected.ini` says for each cell what is to come of it; a result that differs fails its test. A client that is
refused with the default forms is tried again where every form is allowed, so that a cell says which form it needs. The
results make `docs/reference/signers.md` and its summary in `COMPAT.md`; a page that says anything else fails a test,
UPDATE_EXPECT=1 rewrites it.

A test file gives the fixture `clients` ({name: Client}), and `generate` the clients' names; the service with its two domains
is one for all files (`conftest.py`).
"""

import configparser
import json
import os
from collections import namedtuple
from pathlib import Path
from urllib.parse import quote, unquote

import pytest

from clients import botocore_signed
from conftest import MISMATCH
from driver import asked

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "signers.md"
COMPAT = ROOT / "COMPAT.md"
EXPECTED = ROOT / "conformance" / "signers" / "expected.ini"

# A client: its version, and the function that sends one request (`driver.asked`) with it.
Client = namedtuple("Client", "version ask")

# A request: what its column is called, the method, path and query as they are to go over the wire, its body, and the id
# of the document that must come back (or None).
Shape = namedtuple("Shape", "title method path body id", defaults=[None, None])

DOCUMENT = b'{"tag":"signed"}'
BULK_BYTES = 5 * 1024 * 1024
BULK_ITEMS = 10
IDS = ["a/b", "a b", "ü€", "a+b", "(a)!'"]

SHAPES = {
    "path-star": Shape("`*`", "GET", "/signers*/_count"),
    "path-encoded-star": Shape("`%2A`", "GET", "/signers%2A/_count"),
    "path-comma": Shape("`,`", "GET", "/signers,signers-2/_count"),
    "path-slash": Shape("`%2F`", "GET", "/signers/_doc/a%2Fb", None, "a/b"),
    "path-space": Shape("`%20`", "GET", "/signers/_doc/a%20b", None, "a b"),
    "path-unicode": Shape("`%C3%BC`", "GET", "/signers/_doc/%C3%BC%E2%82%AC", None, "ü€"),
    "path-plus": Shape("`+`", "GET", "/signers/_doc/a+b", None, "a+b"),
    "path-marks": Shape("`(!')`", "GET", "/signers/_doc/(a)!'", None, "(a)!'"),
    "query-valueless": Shape("`?v`", "GET", "/_cluster/health?pretty"),
    "query-empty": Shape("`v=`", "GET", "/_cluster/health?pretty="),
    "query-repeated": Shape("twice", "GET", "/signers/_count?q=tag:a&q=tag:a"),
    "query-unsorted": Shape("unsorted", "GET", "/signers/_search?size=1&from=0&_source=false"),
    "query-comma": Shape("`,` `:`", "GET", "/_cat/indices?h=index,health&s=index:desc"),
    "query-star": Shape("`*`", "GET", "/signers/_count?q=sig*"),
    "query-space": Shape("`%20`", "GET", "/signers/_count?q=red%20blue"),
    "query-plus": Shape("`+`", "GET", "/signers/_count?q=red+blue"),
    "query-encoded-plus": Shape("`%2B`", "GET", "/signers/_count?q=red%2Bblue"),
    "query-unicode": Shape("`%C3%BC`", "GET", "/signers/_count?q=%C3%BC"),
    "body-none": Shape("none", "GET", "/"),
    "body-json": Shape("JSON", "PUT", "/signers/_doc/1", "json", "1"),
    "body-gzip": Shape("gzip", "PUT", "/signers/_doc/2", "gzip", "2"),
    "body-5mb": Shape("5 MB bulk", "POST", "/signers-bulk/_bulk", "bulk"),
}
# Each is sent through the relay: first as it is, which must get in, then with the fault, which must not.
CHANGED_BODY, WRONG_SECRET = "changed body", "wrong secret"

FORMS = ("aws", "raw-query", "plus-literal", "raw-path")
DEFAULT_FORMS = ("aws", "raw-query")

# What came of a request: the form that matched or None, the status, what went over the wire, and what was answered.
Seen = namedtuple("Seen", "form status wire answer")


class Expectations:
    """`expected.ini`: a section for each client, `shape = RESULT: why` in it, `*` for the shapes it does not name, and
    `title`, how the page calls it."""

    def __init__(self, path=EXPECTED):
        self.sections = configparser.ConfigParser(interpolation=None, delimiters=("=",), strict=True)
        self.sections.read_string(path.read_text(encoding="utf-8"))

    def of(self, client, shape):
        """The result and its reason; None where the client is sent nothing."""
        if client not in self.sections:
            return "unreviewed", "this client, or this version of it, is not in expected.ini"
        section = self.sections[client]
        result, _, why = section.get(shape, section.get("*", "unreviewed")).partition(":")
        return result.strip(), why.strip()

    def reasons(self, client):
        """The shapes that need a word, in order, with result and reason."""
        named = ((shape, *self.of(client, shape)) for shape in SHAPES if shape in self.sections[client])
        return [row for row in named if row[2]]


EXPECTATIONS = Expectations()
RESULTS = {}


class Audit:
    """The records that a service writes, read as they come: they say which form matched, and what the wire said."""

    def __init__(self, service):
        # What is refused before it is proven who sent it is kept apart.
        self.places = {folder / "audit" / name: 0 for folder in service.folders for name in ("audit.jsonl", "unproven.jsonl")}
        self.new()

    def new(self):
        records = []
        for path, place in self.places.items():
            with open(path, "rb") as file:
                file.seek(place)
                lines = file.read().splitlines(keepends=True)
            whole = [line for line in lines if line.endswith(b"\n")]
            self.places[path] += sum(map(len, whole))
            records += [json.loads(line) for line in whole]
        return records


class Bench:
    """A service with two domains: `dev` with the default forms, and one that accepts all of them."""

    def __init__(self, service, credentials, folder):
        self.service, self.credentials, self.audit = service, credentials, Audit(service)
        self.tolerant = service.make_domain("tolerant", AdvancedOptions={"countersign.signature_forms": ",".join(FORMS)})
        self.bodies = bodies(folder)
        for endpoint in (service.endpoint, self.tolerant):
            prepare(service, credentials, endpoint)

    def send(self, client, name, shape, endpoint, credentials=None):
        body = {"bodyFile": str(self.bodies["json" if shape.body == "gzip" else shape.body])} if shape.body else {}
        kind = "application/x-ndjson" if shape.body == "bulk" else "application/json"
        headers = {"Content-Type": kind} if shape.body else {}
        request = asked(
            self.service, credentials or self.credentials, name, shape.method, shape.path, endpoint=endpoint,
            headers=headers, gzip=shape.body == "gzip", **body,
        )
        self.audit.new()
        answer = client.ask(request)
        assert "error" not in answer, answer["error"]
        # Clients send more of themselves: opensearch-go looks for nodes in the background.
        path = unquote(shape.path.partition("?")[0])
        records = [one for one in self.audit.new() if (one["method"], unquote(one["path"])) == (shape.method, path)]
        assert records, f"no such request reached the service; the client said {answer}"
        record = records[-1]
        if shape.body == "gzip" and record["status"] < 300:
            assert record["bytesIn"] != len(DOCUMENT), "the client sent the body as it is, not compressed"
        return Seen(record.get("signatureForm"), record["status"], wire(record), answer)


def wire(record):
    """Path and query as the service received them, without the parameters of a presigned URL."""
    own = [one for one in record.get("query", "").split("&") if one and not one.lower().startswith("x-amz-")]
    return record["path"] + ("?" + "&".join(own) if own else "")


def bodies(folder):
    line = json.dumps({"index": {}}) + "\n" + json.dumps({"blob": "x" * (BULK_BYTES // BULK_ITEMS)}) + "\n"
    made = {"json": DOCUMENT, "bulk": (line * BULK_ITEMS).encode()}
    for name, content in made.items():
        (folder / name).write_bytes(content)
    return {name: folder / name for name in made}


def prepare(service, credentials, endpoint):
    """The indices and documents that the shapes read, put there by botocore."""
    def put(path, document, method="PUT"):
        (service.folder / "prepared").write_text(json.dumps(document))
        request = asked(
            service, credentials, "botocore", method, path, endpoint=endpoint,
            headers={"Content-Type": "application/json"}, bodyFile=str(service.folder / "prepared"),
        )
        answer = botocore_signed(request)
        assert answer["status"] in (200, 201), answer

    for index in ("signers", "signers-2", "signers-bulk"):
        put(f"/{index}", {"mappings": {"dynamic": index != "signers-bulk"}})
    for one in IDS:
        put(f"/signers/_doc/{quote(one, safe='')}", {"tag": "signed"})
    put("/signers/_doc/last?refresh=true", {"tag": "a"})


def note(name, column, text):
    RESULTS.setdefault(name, {})[column] = text


def cells(names):
    """Every cell that can be asked, as test parameters."""
    sent = ((name, shape) for name in names for shape in SHAPES if EXPECTATIONS.of(name, shape)[0] != "n/a")
    return [pytest.param(name, shape, id=f"{name}-{shape}") for name, shape in sent]


def generate(metafunc, names):
    """What a test file's `pytest_generate_tests` does."""
    if "shape" in metafunc.fixturenames:
        metafunc.parametrize("name, shape", cells(names))
    elif "relays" in metafunc.fixturenames:
        metafunc.parametrize("name", [name for name in names if EXPECTATIONS.of(name, "body-json")[0] != "n/a"])
    elif "name" in metafunc.fixturenames:
        metafunc.parametrize("name", names)


def client_of(clients, name):
    if clients.get(name) is None:
        # Who is not installed cannot be asked; another version, of curl say, may sign in another form than the reviewed one.
        pytest.skip(f"{name} is not installed, or not in the version that was reviewed")
    return clients[name]


def test_a_request_of_this_shape_meets_its_expectation(bench, clients, name, shape):
    client, wanted = client_of(clients, name), EXPECTATIONS.of(name, shape)[0]
    told = SHAPES[shape]
    seen = bench.send(client, name, told, bench.service.endpoint)
    if seen.form is None:
        assert refused(seen), seen
        seen = bench.send(client, name, told, bench.tolerant)
        assert seen.form not in DEFAULT_FORMS, "what one domain refuses, another with the same forms accepts"
    note(name, shape, cell(seen, told))
    if seen.form is None:
        assert wanted in ("refused", "client-bug"), f"refused in every form; expected {wanted}: {seen}"
        return
    assert seen.form == wanted, seen
    assert seen.status in (200, 201), seen
    if told.id:
        assert seen.answer["body"]["_id"] == told.id


def refused(seen):
    """Whether the signature layer said no: the mismatch text, and nothing was executed."""
    body = seen.answer["body"]
    body = json.loads(body) if isinstance(body, str) else body
    return seen.status == 403 and body["message"].startswith(MISMATCH)


def cell(seen, told):
    """What the page says: the form, in bold where a domain must opt in; † where the client sends another spelling."""
    if seen.form is None:
        return "refused"
    form = seen.form if seen.form in DEFAULT_FORMS else f"**{seen.form}**"
    return form + ("" if seen.wire == told.path else " †")


def test_a_body_that_was_changed_after_signing_is_refused(bench, clients, relays, name):
    client, (honest, forging) = client_of(clients, name), relays
    unchanged = bench.send(client, name, SHAPES["body-json"], honest)
    assert (unchanged.form, unchanged.status) == ("aws", 200), unchanged
    spoiled = bench.send(client, name, SHAPES["body-json"], forging)
    assert refused(spoiled), spoiled
    note(name, CHANGED_BODY, "refused")


def test_a_wrong_secret_is_refused(bench, clients, wrong_secret, name):
    seen = bench.send(client_of(clients, name), name, SHAPES["body-none"], bench.service.endpoint, wrong_secret)
    assert refused(seen), seen
    note(name, WRONG_SECRET, "refused")


CONTROL_SHAPES = {"control-form": "form", "control-json": "JSON", "control-query": "query", "control-path": "path"}

TABLES = {
    "Paths": [name for name in SHAPES if name.startswith("path-")],
    "Queries": [name for name in SHAPES if name.startswith("query-")],
    "Bodies, and two faults": [name for name in SHAPES if name.startswith("body-")] + [CHANGED_BODY, WRONG_SECRET],
    "Control plane": [*CONTROL_SHAPES, CHANGED_BODY, WRONG_SECRET],
}


def tables_of(name):
    """The tables that a client has a row in: those of its plane."""
    control = EXPECTATIONS.sections.get(name, "plane", fallback="data") == "control"
    return [table for table in TABLES if (table == "Control plane") == control]


def test_the_reference_page_says_what_was_seen(clients, name):
    compare_page(name, client_of(clients, name).version)


def compare_page(name, version):
    """Row by row: which clients run depends on what is installed; the rows of the others stay."""
    committed = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    rows = rows_of(committed)
    for table in tables_of(name):
        missing = [one for one in TABLES[table] if one not in RESULTS.get(name, {}) and not cannot(name, one)]
        assert not missing, f"not tried: {missing}; run the whole file"
        shown = ["n/a" if cannot(name, one) else RESULTS[name][one] for one in TABLES[table]]
        rows[table, title_of(name)] = " | ".join([version, *shown])
    page, compat = page_of(rows), COMPAT.read_text(encoding="utf-8")
    summed = with_summary(compat, rows)
    if os.environ.get("UPDATE_EXPECT"):
        PAGE.write_text(page, encoding="utf-8")
        COMPAT.write_text(summed, encoding="utf-8")
        return
    assert page == committed, "UPDATE_EXPECT=1 cargo xtask judges --all rewrites docs/reference/signers.md"
    assert summed == compat, "UPDATE_EXPECT=1 cargo xtask judges --all rewrites the table of COMPAT.md"


def cannot(name, column):
    """Whether a client cannot send what a column needs."""
    return EXPECTATIONS.of(name, "body-json" if column == CHANGED_BODY else column)[0] == "n/a"


def title_of(name):
    return EXPECTATIONS.sections.get(name, "title", fallback=name)


def rows_of(page):
    """The rows of a page: {(table, title): the rest of the row}."""
    rows, table = {}, None
    for line in page.splitlines():
        if line.startswith("## "):
            table = line.removeprefix("## ")
        elif table in TABLES and line.startswith("| ") and not line.startswith("| client |"):
            title, rest = line.removeprefix("| ").removesuffix(" |").split(" | ", 1)
            rows[table, title] = rest
    return rows


def page_of(rows):
    """The whole page: a row for each client of `expected.ini`, in its order, then its reasons."""
    parts, names = [INTRODUCTION], EXPECTATIONS.sections.sections()
    for table, columns in TABLES.items():
        heads = ["client", "version", *map(heading, columns)]
        lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
        for title in (title_of(name) for name in names if table in tables_of(name)):
            lines.append(f"| {title} | {rows.get((table, title), 'not run yet')} |")
        parts.append(f"## {table}\n" + "\n".join(lines) + "\n")
    notes = [
        f"- {title_of(name)}, {shape.split('-')[0]} {heading(shape)}: {result}: {why}"
        for name in names for shape, result, why in EXPECTATIONS.reasons(name)
    ]
    return "\n".join(parts) + "\n## Notes\n" + "\n".join(notes) + "\n"


SUMMARY = ("<!-- signers: generated as docs/reference/signers.md is -->\n", "<!-- signers end -->\n")


def with_summary(text, rows):
    """`COMPAT.md` with its table of signers: a row for each client that ran, a cell for each group of shapes."""
    begin, end = SUMMARY
    before, rest = text.split(begin)
    heads = ["client", "version", "paths", "queries", "bodies", "changed body, wrong secret"]
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    for name in EXPECTATIONS.sections.sections():
        told = {table: rows.get((table, title_of(name)), "").split(" | ") for table in tables_of(name)}
        version = next(iter(told.values()))[0]
        if "Control plane" in told or not version:
            continue
        paths, queries, bodies = (told[table][1:] for table in list(TABLES)[:3])
        groups = [paths, queries, bodies[:-2], bodies[-2:]]
        lines.append(f"| {' | '.join([title_of(name), version, *map(grouped, groups)])} |")
    return before + begin + "\n".join(lines) + "\n" + end + rest.split(end)[1]


def grouped(results):
    """The different results of some cells, the commonest first, with how often each where there are several."""
    told = [result.removesuffix(" †") for result in results if result != "n/a"]
    kinds = sorted(set(told), key=lambda kind: (-told.count(kind), kind))
    return ", ".join(f"{kind} {told.count(kind)}" for kind in kinds) if len(kinds) > 1 else "".join(kinds) or "n/a"


def heading(column):
    return SHAPES[column].title if column in SHAPES else CONTROL_SHAPES.get(column, column)


INTRODUCTION = """<!-- generated by conformance/python/matrix.py from runs of `cargo xtask judges --all`; UPDATE_EXPECT=1 rewrites it -->
# Signers

Unmodified clients against a live `countersign dev`: the form of the signature that matched (from the audit record), for
every shape of a request. What each cell must be is reviewed data, `conformance/signers/expected.ini`; a run that sees
anything else fails. The metric `signature_forms_total` says which forms the clients of a running service use.

| in a cell | means | at Amazon |
|---|---|---|
| aws | gets in: the form that AWS documents | gets in: its endpoints print this form (mhart/aws4#12, opensearch-net#104, aws-sdk-js#853) |
| raw-query | gets in by default: the query's parameters are signed as they stand on the wire, sorted | not known: its printed forms are of queries that read the same in both |
| **plus-literal** | gets in where the domain's `signature_forms` has it; refused before: `+` in a query is signed as a plus sign | refused, say the field's reports for `es`: there it is a space |
| **raw-path** | gets in where the domain's `signature_forms` has it; refused before: the path is signed as it stands on the wire | refused: its endpoints encode the path once more |
| refused | does not get in, with any form; the notes say why | refused |
| n/a | not sent: the client cannot express it; the notes say why | |
| † | the client sends another spelling or order than the column's | |

A domain is told its forms in `AdvancedOptions`: `countersign.signature_forms`. Sources of the rules, and what each form
costs: [signatures](../internals/signatures.md). *Presigned* is the same request signed in its URL. *Changed body*: one
byte changed between client and service, refused by all. The AWS CLI has no command for a domain's data; it is judged on
the control plane.
"""
