"""Asks a real Elasticsearch 7.10.2 or OpenSearch 2.19.1 what its paths and parameters do, and writes the answers down.

    python3 conformance/recorded/record.py es http://127.0.0.1:9200
    python3 conformance/recorded/record.py os http://127.0.0.1:9201

The server must be an empty one of its own: every index in it is deleted. The answers go to
crates/engine/tests/it/recorded/, where tests hold the table of paths to them; the server is not part of a test run.
"""

import http.client
import json
import pathlib
import re
import sys
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLE = ROOT / "crates/engine/src/rest/table"
OUT = ROOT / "crates/engine/tests/it/recorded"

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")
MATCH_ALL = '{"query":{"match_all":{}}}'
MAPPING = '{"properties":{"z":{"type":"keyword"}}}'


class Server:
    """One connection to the server."""

    def __init__(self, url):
        where = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(where.hostname, where.port, timeout=60)

    def ask(self, method, path, body=None):
        """Status, body and the methods of `Allow`."""
        kind = "application/x-ndjson" if body and body.endswith("\n") else "application/json"
        headers = {} if body is None else {"Content-Type": kind}
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        return answer.status, text, answer.headers.get("Allow", "")


# --- typed paths ------------------------------------------------------------------------------------------------------

BODIES = {
    "_bulk": '{"index":{"_id":"2"}}\n{"a":2}\n',
    "_mget": '{"ids":["1"]}',
    "_msearch": "{}\n{}\n",
    "_mapping": MAPPING,
    "_mappings": MAPPING,
    "_update": '{"doc":{"a":2}}',
    "_mtermvectors": '{"ids":["1"]}',
    "_termvectors": "{}",
}
WORDS = (
    "7 _search _count _bulk _mget _msearch _mapping _mappings _delete_by_query _update_by_query _termvectors "
    "_mtermvectors _explain _update _create _source _validate _foo _alias _settings _refresh _stats _percolate"
).split()


def typed_cases():
    for kind in ("_doc", "film"):
        tails = [""] + ["/" + word for word in WORDS]
        tails += [f"/1/{word}" for word in "_create _update _explain _termvectors _source _foo _search".split()]
        tails += ["/_validate/query", "/_search/template", "/_msearch/template", "/_mapping?include_type_name=true"]
        paths = [f"/m/{kind}{tail}" for tail in tails]
        paths += [f"/m/_mapping/{kind}", f"/m/_mappings/{kind}", f"/_mapping/{kind}", f"/m/_mapping/{kind}/field/a"]
        paths += [path + "?include_type_name=true" for path in paths[-4:]]
        for path in paths:
            for method in METHODS:
                yield method, path
    for path in ("/m/_foo", "/m/_foo/7", "/m/_foo/_search", "/m/_create", "/m/_update", "/m/_search/7"):
        for method in METHODS:
            yield method, path


def seen(status, text, allow):
    """What an answer says was done, by the names of the clients' specification."""
    if status == 405:
        return "allow " + ",".join(sorted(allow.split(",")))
    if not text:
        return "-"
    value = json.loads(text)
    if "error" in value:
        error = value["error"]
        if isinstance(error, str):
            return error.split(" for uri")[0]
        return f"{error['type']}: {error['reason']}"
    for key, name in (("hits", "search"), ("responses", "msearch"), ("items", "bulk"),
                      ("valid", "indices.validate_query"), ("count", "count"), ("acknowledged", "indices.put_mapping")):
        if key in value:
            return name
    if "matched" in value:
        return "explain " + value["_id"]
    if "batches" in value:
        return "update_by_query" if "updated" in value else "delete_by_query"
    if "docs" in value:
        return "mtermvectors" if "took" in value["docs"][0] else "mget"
    if "result" in value:
        generated = "" if len(value["_id"]) == 20 else " " + value["_id"]
        return f"{value['result']}{generated}"
    if "found" in value:
        return ("termvectors " if "took" in value else "get ") + value["_id"]
    if any("mappings" in inner for inner in value.values() if isinstance(inner, dict)):
        return json.dumps(value, separators=(",", ":"))
    return "get_source" if "a" in value else text


def typed_paths(server, out):
    dirty = True
    for method, path in typed_cases():
        if dirty:
            server.ask("DELETE", "/_all")
            definition = {"settings": {"number_of_replicas": 0}, "mappings": {"properties": {"a": {"type": "integer"}}}}
            server.ask("PUT", "/m", json.dumps(definition))
            server.ask("PUT", "/m/_doc/1?refresh=true", '{"a":1}')
        word = path.split("?")[0].rsplit("/", 1)[1]
        body = None
        if method in ("POST", "PUT"):
            body = BODIES.get(word, MAPPING if "_mapping" in path else MATCH_ALL)
        elif method == "GET" and word in ("_mget", "_msearch", "_mtermvectors", "_explain"):
            body = BODIES.get(word, MATCH_ALL)
        if word == "template" and body:
            body = '{}\n{"source":"{}"}\n' if "_msearch" in path else '{"source":"{}"}'
        status, text, allow = server.ask(method, path, body)
        dirty = method not in ("GET", "HEAD")
        print(method, path, status, seen(status, text, allow), file=out)


# --- parameters -------------------------------------------------------------------------------------------------------

PARTS = {
    "index": "i1", "id": "1", "type": "_doc", "name": "n1", "alias": "al1", "metric": "_all", "node_id": "_all",
    "fields": "a", "task_id": "n:1", "block": "write", "target": "t9", "new_index": "t9", "repository": "r",
    "snapshot": "s", "index_metric": "docs", "scroll_id": "x",
}
VALUES = {
    "_source": "a", "_source_excludes": "a", "_source_includes": "a", "analyzer": "standard", "batch_size": "5",
    "batched_reduce_size": "5", "bytes": "b", "cancel_after_time_interval": "1s", "cluster_manager_timeout": "30s",
    "conflicts": "proceed", "default_operator": "OR", "df": "a", "docvalue_fields": "a", "expand_wildcards": "open",
    "fields": "a", "filter_path": "x", "format": "json", "from": "0", "group_by": "nodes", "h": "x",
    "health": "green", "help": "false", "if_primary_term": "1", "if_seq_no": "1", "keep_alive": "1m",
    "level": "cluster", "master_timeout": "30s", "max_concurrent_searches": "5", "max_concurrent_shard_requests": "5",
    "max_docs": "1", "max_num_segments": "1", "min_score": "1", "op_type": "index", "parent_task_id": "n:1",
    "pre_filter_shard_size": "5", "q": "a", "refresh": "true", "requests_per_second": "1", "retry_on_conflict": "1",
    "s": "x", "scroll": "1m", "scroll_id": "x", "scroll_size": "10", "search_timeout": "1s",
    "search_type": "query_then_fetch", "size": "1", "slices": "1", "sort": "a", "stored_fields": "a",
    "suggest_mode": "missing", "suggest_size": "1", "terminate_after": "0", "time": "ms", "timeout": "30s",
    "version": "1", "version_type": "external", "wait_for_active_shards": "1", "wait_for_events": "normal",
    "wait_for_nodes": "1", "wait_for_status": "yellow",
}
WANTED = {
    "clear_scroll": '{"scroll_id":"x"}', "delete_by_query": MATCH_ALL, "indices.analyze": '{"text":"a"}',
    "indices.put_mapping": MAPPING, "indices.put_settings": '{"index":{}}', "scroll": '{"scroll_id":"x"}',
    "indices.put_alias": '{"alias":"q","index":"i1"}', "update": '{"doc":{}}',
    "indices.update_aliases": '{"actions":[{"add":{"index":"i1","alias":"zz"}}]}',
}
READS_Q = ("search", "count", "indices.validate_query", "update_by_query", "delete_by_query", "cat.count")
ROW = re.compile(
    r'^ +\w+ "([\w.]+)" (any|es|os) \w+ \w+ (?:\[\w+ \w+\] )?takes (\w+) by [\w:]+ "([^"]*)" \{((?:\s*"[^"]+")+)\s*\}', re.M
)
UNRECOGNIZED = re.compile(r'contains unrecognized parameters?: (.*?)"')


def candidates(table):
    """Every parameter that any API of the table knows, and the families that clients send everywhere."""
    names = set(re.findall(r'"(?:es:|os:)?(\w+)"', table.split("GROUPS:")[1].split("];")[0]))
    for _, _, _, parameters, _ in ROW.findall(table):
        names |= {word.split(":")[-1] for word in parameters.split() if not word.startswith("+")}
    for row in re.findall(r'^ +\w+ "[\w.]+" (?:any|es|os) \w+ \w+ (?:\[\w+ \w+\] )?takes \w+ later "([^"]*)"', table, re.M):
        names |= {word for word in row.split() if not word.startswith("+")}
    groups = {"cat", "indices", "manager", "query_string", "searching", "source_filter", "timeouts"}
    extra = "pretty human error_trace filter_path format include_type_name local type types _source_include _source_exclude"
    return sorted((names - groups | set(extra.split())) - {"source", "source_content_type"})


def unrecognized(server, method, path, need, names, body):
    """Those of `names` that the server calls unrecognized. A name that is known nowhere keeps the request from running."""
    pairs = ([need] if need else []) + [f"{name}={VALUES.get(name, 'true')}" for name in names if name != need.split("=")[0]]
    _, text, _ = server.ask(method, path + "?" + "&".join(pairs + ["known_nowhere=1"]), body)
    told = UNRECOGNIZED.search(text)
    if told:
        return set(re.findall(r"\[(\w+)\]", re.sub(r" -> did you mean [^?]*\?", "", told[1])))
    if len(names) == 1:
        return set()  # It was read, and its value refused.
    if not names:
        raise SystemExit(f"{method} {path}: {text}")
    half = len(names) // 2
    return (unrecognized(server, method, path, need, names[:half], body)
            | unrecognized(server, method, path, need, names[half:], body))


def parameters(server, flavor, out):
    table = "".join(file.read_text() for file in sorted(TABLE.glob("*.rs")))
    names = candidates(table)
    server.ask("DELETE", "/_all")
    server.ask("PUT", "/i1", '{"mappings":{"properties":{"a":{"type":"keyword"}}},"aliases":{"al1":{},"n1":{}}}')
    server.ask("PUT", "/_template/n1", '{"index_patterns":["none"]}')
    server.ask("PUT", "/_index_template/n1", '{"index_patterns":["nothing"]}')
    server.ask("PUT", "/_component_template/n1", '{"template":{}}')
    for api, only, kind, _, paths in ROW.findall(table):
        for path in re.findall(r'"([^"]+)"', paths):
            words = path.split()
            narrowed = words.pop(0) if words[0] in ("es", "os") else only
            if narrowed not in ("any", flavor):
                continue
            *methods, template = words
            concrete = re.sub(r"\{(\w+)\}", lambda found: PARTS.get(found[1], "x"), template)
            concrete = concrete.replace("stats/_all/docs", "stats/indices/docs")
            for method in methods:
                need = {"field_caps": "fields=a"}.get(api, "")
                if api in READS_Q:
                    need = "q=a"
                elif "{type}" in template and "mapping" in template and method != "HEAD":
                    need = "include_type_name=true"
                body = WANTED.get(api, {"bulk": '{"index":{"_index":"i1","_id":"1"}}\n{}\n', "msearch": "{}\n{}\n",
                                        "required": "{}"}.get(kind))
                if api == "mget":
                    body = '{"ids":["1"]}' if "{index}" in template else '{"docs":[{"_index":"i1","_id":"1"}]}'
                if method == "HEAD":
                    query = lambda name: f"{concrete}?{name}={VALUES.get(name, 'true')}"
                    known = [name for name in names if server.ask(method, query(name))[0] != 400]
                else:
                    unknown = unrecognized(server, method, concrete, need, [], body)
                    for start in range(0, len(names), 60):
                        unknown |= unrecognized(server, method, concrete, need, names[start:start + 60], body)
                    known = [name for name in names if name not in unknown]
                print(api, method, template, " ".join(known), file=out)


def main():
    flavor, url = sys.argv[1:]
    server = Server(url)
    version = json.loads(server.ask("GET", "/")[1])["version"]["number"]
    for name, write in (("typed-paths", lambda out: typed_paths(server, out)),
                        ("parameters", lambda out: parameters(server, flavor, out))):
        with open(OUT / f"{name}.{flavor}.txt", "w", encoding="utf-8") as out:
            print(f"# {version}, written by conformance/recorded/record.py", file=out)
            write(out)


main()
