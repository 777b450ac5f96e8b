"""Zipkin's server, unmodified, keeps spans in the engine and finds them again: prints a report in the Test Anything Protocol.

    ELASTICSEARCH_URL=http://127.0.0.1:9200 python3 zipkin.py zipkin-server-exec.jar

It is started with the identifiers of traces exact, mixed, and with its templates as composable ones; each time it is asked over its own HTTP
API what its page asks. Needs Java 17.
"""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager

ENGINE = os.environ["ELASTICSEARCH_URL"]
PORT = "9411"
ZIPKIN = f"http://127.0.0.1:{PORT}"
START_SECONDS_MAX = 120
LONG = "48485a3953bb61246b221d5bc9e6496c"
SHORT = "6b221d5bc9e6496c"
OTHER = "0000000000000abc"
WAYS = {
    "exact": {},
    "mixed": {"STRICT_TRACE_ID": "false"},
    "composable": {"ES_TEMPLATE_PRIORITY": "10"},
}


def spans(now):
    """Two traces of three services, in the last minute."""
    def span(trace, name, service, kind, ago, duration, remote=None, parent=None, tags=None, notes=()):
        start = (now - ago) * 1000
        made = {
            "traceId": trace, "id": f"{len(name):016x}", "kind": kind, "name": name, "timestamp": start, "duration": duration,
            "localEndpoint": {"serviceName": service, "ipv4": "10.0.0.1", "port": 80}, "tags": tags or {},
            "annotations": [{"timestamp": start + 5, "value": note} for note in notes],
        }
        if remote:
            made["remoteEndpoint"] = {"serviceName": remote, "ipv4": "10.0.0.2"}
        return {**made, "parentId": parent} if parent else made

    root = f"{len('get /'):016x}"
    return [
        span(LONG, "get /", "web", "SERVER", 9000, 200_000, tags={"http.path": "/", "environment": "test"}, notes=["cache miss"]),
        span(LONG, "query users", "web", "CLIENT", 8990, 150_000, remote="mysql", parent=root, tags={"error": "timed out", "sql.rows": "3"}),
        span(OTHER, "post /orders", "shop", "SERVER", 5000, 3_000_000, remote="web", tags={"environment": "live"}),
    ]


def ask(method, url, body=None):
    """The answer, read as JSON where it is that; a refusal raises."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        text = answer.read().decode()
    return json.loads(text) if text else None


def zipkin(path, **parameters):
    return ask("GET", f"{ZIPKIN}/api/v2/{path}?{urllib.parse.urlencode(parameters)}")


@contextmanager
def server(jar, way):
    """A fresh Zipkin over an engine without its indices and templates; ends with the block."""
    for path in ("zipkin*", "_template/zipkin*", "_index_template/zipkin*"):
        try:
            ask("DELETE", f"{ENGINE}/{path}")
        except urllib.error.HTTPError as refusal:
            if refusal.code != 404:
                raise
    settings = {
        "STORAGE_TYPE": "elasticsearch", "ES_HOSTS": ENGINE, "ES_INDEX_SHARDS": "1", "ES_INDEX_REPLICAS": "0", "QUERY_PORT": PORT,
        "AUTOCOMPLETE_KEYS": "environment", "SELF_TRACING_ENABLED": "false", **WAYS[way],
    }
    process = subprocess.Popen(
        ["java", "-Xmx256m", "-jar", jar], env={**os.environ, **settings}, stdin=subprocess.DEVNULL, stdout=sys.stderr, stderr=sys.stderr,
    )
    try:
        end = time.monotonic() + START_SECONDS_MAX
        while True:
            try:
                ask("GET", f"{ZIPKIN}/health")
                break
            except OSError as fault:
                if time.monotonic() > end or process.poll() is not None:
                    raise SystemExit(f"Zipkin does not become healthy: {fault}") from fault
                time.sleep(0.5)
        yield
    finally:
        process.terminate()
        process.wait(30)


def kept(now):
    """Spans are sent, and are in the engine when this returns."""
    sent = spans(now)
    ask("POST", f"{ZIPKIN}/api/v2/spans", sent)
    day = time.strftime("%Y-%m-%d", time.gmtime(now / 1000))
    links = [{"parent": "shop", "child": "web", "callCount": 2}, {"parent": "web", "child": "mysql", "callCount": 1, "errorCount": 1}]
    # Zipkin only reads these; another program writes them.
    for link in links:
        ask("POST", f"{ENGINE}/zipkin-dependency-{day}/_doc", link)
    end = time.monotonic() + 30
    while time.monotonic() < end:
        ask("POST", f"{ENGINE}/zipkin*/_refresh")
        if ask("GET", f"{ENGINE}/zipkin-span-*/_count")["count"] == len(sent):
            break
        time.sleep(0.2)
    ask("POST", f"{ENGINE}/zipkin*/_refresh")
    return sent


def names(traces):
    """The names of the spans of each trace."""
    return sorted(sorted(span["name"] for span in trace) for trace in traces)


def checks(now, way):
    """What is asked and what must come: `(name, asked, wanted)`."""
    first, second = ["get /", "query users"], ["post /orders"]
    around = {"endTs": now + 1000, "lookback": 600_000, "limit": 10}

    def found(**parameters):
        return lambda: names(zipkin("traces", **around, **parameters))

    yield "health names the storage", lambda: "ElasticsearchStorage" in json.dumps(ask("GET", f"{ZIPKIN}/health")), True
    yield "services", lambda: sorted(zipkin("services")), ["shop", "web"]
    yield "names of a service's spans", lambda: sorted(zipkin("spans", serviceName="web")), first
    yield "services that a service calls", lambda: zipkin("remoteServices", serviceName="web"), ["mysql"]
    yield "a trace by its identifier", lambda: names([zipkin(f"trace/{LONG}")]), [first]
    yield "many traces by identifiers", lambda: names(zipkin("traceMany", traceIds=f"{LONG},{OTHER}")), [first, second]
    yield "all traces", found(), [first, second]
    yield "traces of a service", found(serviceName="web"), [first]
    yield "traces by service and span", found(serviceName="shop", spanName="post /orders"), [second]
    yield "traces by the service called", found(serviceName="web", remoteServiceName="mysql"), [first]
    yield "traces by a tag's key", found(annotationQuery="error"), [first]
    yield "traces by tags and an annotation", found(annotationQuery="http.path=/ and cache miss"), [first]
    yield "no trace by a tag's other value", found(annotationQuery="http.path=/x"), []
    yield "traces by duration", found(minDuration=1_000_000), [second]
    yield "traces between durations", found(minDuration=100_000, maxDuration=400_000), [first]
    yield "no trace of another hour", lambda: zipkin("traces", endTs=now - 3_600_000, lookback=1000, limit=10), []
    yield "keys that are completed", lambda: zipkin("autocompleteKeys"), ["environment"]
    yield "values that are completed", lambda: sorted(zipkin("autocompleteValues", key="environment")), ["live", "test"]
    yield "dependencies", lambda: len(zipkin("dependencies", endTs=now, lookback=86_400_000)), 2
    if way == "mixed":
        yield "a trace by half of its identifier", lambda: names([zipkin(f"trace/{SHORT}")]), [first]


def main():
    number = 0
    for way in WAYS:
        with server(sys.argv[1], way):
            now = int(time.time() * 1000)
            kept(now)
            for name, asked, wanted in checks(now, way):
                number += 1
                try:
                    came = asked()
                except OSError as fault:
                    came = str(fault)
                print(f"{'ok' if came == wanted else 'not ok'} {number} {way}: {name}", flush=True)
                if came != wanted:
                    print(f"# {came!r} instead of {wanted!r}", flush=True)


if __name__ == "__main__":
    main()
