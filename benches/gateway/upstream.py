#!/usr/bin/env python3
"""What the service costs in front of a cluster, beside nginx as a plain TLS reverse proxy in front of the same.

    python3 benches/gateway/upstream.py BINARY [--seconds N] [--rounds N] [--mebibytes N] [--opensearch URL]

The cluster is a stub: nginx with one worker, which tells of three indices as OpenSearch 2.19 does and answers every document with the same
1 KiB. `countersign serve` with a pool and nginx as a reverse proxy stand on the first core, the stub and `wrk` on the second.

speed    32 connections that stay open: signed `GET /one/_doc/1` (a new signature each round; the service checks it, judges it and sends
         it on), and the same unsigned through nginx. Requests a second, and the proxy's own processor time for one. Where the
         environment names a binary of aws-sigv4-proxy in AWS_SIGV4_PROXY, that too, over plain HTTP, which is what it speaks
added    one connection, one request at a time: the middle time through each, less that of the stub alone
upload   a document and a `_bulk` on three indices of so many MiB (1024), judged item by item, to a stub that reads and throws
         away: the highest resident memory of the process while it lasts
bulk     5,000 items on three indices, to the node at URL directly and through the service in turn: the middle times, and their
         ratio. Without a URL against the stub that throws away, in milliseconds: a stub takes no time, so a ratio would say nothing

Needs Linux, and `nginx`, `wrk`, `openssl` and `taskset`. Otherwise the standard library only.
"""
import argparse
import hashlib
import http.client
import http.server
import json
import os
import re
import shutil
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

sys.path.insert(1, os.path.join(os.path.dirname(__file__), ".."))
sys.path.insert(1, os.path.dirname(__file__))
from dev import REGION, exported, signed_headers
from gateway import CONNECTIONS, EMPTY, certificate, listens, spent

ACCOUNT = "123456789012"
INDICES = ("one", "two", "three")
ITEMS = 5_000
STATE = {
    "/": {"cluster_name": "stub", "version": {"distribution": "opensearch", "number": "2.19.1"}},
    "/_cluster/health": {"status": "green", "active_primary_shards": 3, "unassigned_shards": 0},
    "/_cluster/state/version": {"state_uuid": "s"},
    "/_alias": {name: {"aliases": {}} for name in INDICES},
    "/_cluster/state/metadata,version": {
        "cluster_uuid": "c", "version": 1, "state_uuid": "s",
        "metadata": {"indices": {
            name: {"state": "open", "aliases": [], "settings": {"index": {
                "uuid": f"u-{name}", "number_of_shards": "1", "provided_name": name}}} for name in INDICES}},
    },
}
DOCUMENT = json.dumps({"_index": "one", "_id": "1", "found": True, "_source": {"a": "x" * 960}})
HTTP = """
worker_processes 1; daemon off; pid {folder}/{name}.pid; error_log {folder}/{name}.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 100000000; keepalive_timeout 600s;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
  {more}
}}
"""
PROXY = """
  upstream stub {{ server 127.0.0.1:{stub}; keepalive 64; }}
  server {{
    listen 127.0.0.1:{port} ssl; ssl_certificate {chain}; ssl_certificate_key {key}; ssl_protocols TLSv1.3;
    location / {{ proxy_pass http://stub; proxy_http_version 1.1; proxy_set_header Connection ""; }}
  }}
"""
SETTINGS = """
data = "{folder}"
accounts = ["{account}"]
region = "{region}"
control.listen = "127.0.0.1:0"
admin.listen = "127.0.0.1:0"
domains.first_port = 0
domains.body_bytes_max = 2147483647
limits.connections_per_address = 0

[pools.main]
domain = "arn:aws:es:{region}:{account}:domain/bench"
urls = ["{url}"]
"""


def free_port():
    with socket.socket() as stream:
        stream.bind(("127.0.0.1", 0))
        return stream.getsockname()[1]


class Nginx:
    """One worker on a core."""

    def __init__(self, folder, name, core, more, port):
        path = os.path.join(folder, f"{name}.conf")
        with open(path, "w", encoding="ascii") as config:
            config.write(HTTP.format(folder=folder, name=name, more=more))
        log = os.path.join(folder, f"{name}.log")
        self.process = subprocess.Popen(["taskset", "-c", str(core), "nginx", "-c", path, "-e", log])
        while not listens(port):
            assert self.process.poll() is None, open(log, encoding="utf-8").read()
            time.sleep(0.05)

    def processor_seconds(self):
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as children:
            return sum(spent(int(child)) for child in children.read().split())

    def stop(self):
        self.process.terminate()
        self.process.wait()


def stub(folder):
    """The cluster that answers from memory."""
    port = free_port()
    places = [f"location = {path} {{ default_type application/json; return 200 '{json.dumps(told)}'; }}" for path, told in STATE.items()]
    places.append(f"location / {{ default_type application/json; return 200 '{DOCUMENT}'; }}")
    return Nginx(folder, "stub", 1, f"server {{ listen 127.0.0.1:{port}; {' '.join(places)} }}", port), port


class Sink(http.server.BaseHTTPRequestHandler):
    """The cluster that reads and throws away. Of a `_bulk` it tells as many items as it was sent lines that begin one."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        left, items, kept = int(self.headers.get("content-length", 0)), 0, b""
        while left:
            piece = self.rfile.read(min(left, 1 << 20))
            left -= len(piece)
            piece = kept + piece
            items += piece.count(b'{"index":{')
            kept = piece[-9:]
        told = STATE.get(urllib.parse.urlsplit(self.path).path)
        if told is None:
            told = {"took": 1, "errors": False, "items": [{"index": {"status": 201}}] * items}
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PUT = do_GET

    def log_message(self, *_):
        pass


class Gateway:
    """`countersign serve` in front of the cluster at `url`, with one domain."""

    def __init__(self, binary, folder, url):
        self.folder = os.path.join(folder, f"data-{free_port()}")
        path = os.path.join(folder, "countersign.toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(SETTINGS.format(folder=self.folder, account=ACCOUNT, region=REGION, url=url))
        self.process = subprocess.Popen([binary, "serve", "--config", path], stdout=subprocess.PIPE, text=True)
        while (line := self.process.stdout.readline()) and line.strip() != "ready":
            pass
        self.key = exported(os.path.join(self.folder, "root.env"))
        self.context = ssl.create_default_context(cafile=os.path.join(self.folder, "ca.pem"))
        control = self.key["AWS_ENDPOINT_URL"].removeprefix("https://")
        base = "/2021-01-01/opensearch/domain"
        version = {"DomainName": "bench", "EngineVersion": "OpenSearch_2.19"}
        assert self.ask(control, "POST", base, json.dumps(version).encode())[0] == 200
        self.host = None
        while self.host is None:
            told = json.loads(self.ask(control, "GET", f"{base}/bench")[1])
            self.host = told["DomainStatus"].get("Endpoint")
            time.sleep(0.1)

    def connect(self, host):
        name, port = host.split(":")
        return http.client.HTTPSConnection(name, int(port), context=self.context, timeout=600)

    def ask(self, host, method, path, body=b""):
        headers = {"host": host, "content-type": "application/json"}
        headers |= signed_headers(self.key, "es", method, host, path, hashlib.sha256(body).hexdigest())
        connection = self.connect(host)
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def upload(self, method, path, pieces, length):
        """Streams a body whose `pieces()` are the same each time; the answer."""
        digest = hashlib.sha256()
        for piece in pieces():
            digest.update(piece)
        headers = signed_headers(self.key, "es", method, self.host, path, digest.hexdigest())
        connection = self.connect(self.host)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        more = {"host": self.host, "content-type": "application/json", "content-length": str(length)}
        for header, value in (more | headers).items():
            connection.putheader(header, value)
        connection.endheaders()
        for piece in pieces():
            connection.send(piece)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def processor_seconds(self):
        tasks = os.listdir(f"/proc/{self.process.pid}/task")
        return sum(spent(int(task)) for task in tasks)

    def stop(self):
        self.process.terminate()
        self.process.wait()


def wrk(url, headers, seconds, connections=CONNECTIONS):
    """Requests a second, how many, and the middle time in microseconds."""
    command = ["taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", url]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in printed and "Socket errors" not in printed, printed
    middle, unit = re.search(r"50%\s+([\d.]+)(us|ms|s)", printed).groups()
    micros = float(middle) * {"us": 1, "ms": 1e3, "s": 1e6}[unit]
    return float(re.search(r"Requests/sec:\s+([\d.]+)", printed)[1]), int(re.search(r"(\d+) requests in", printed)[1]), micros


def load(server, url, headers, seconds):
    before = server.processor_seconds()
    rate, count, _ = wrk(url, headers, seconds)
    return rate, (server.processor_seconds() - before) / count * 1e6


def speed(binary, scratch, given):
    cluster, port = stub(scratch)
    gateway = nginx = rival = None
    path = "/one/_doc/1"
    try:
        gateway = Gateway(binary, scratch, f"http://127.0.0.1:{port}")
        subprocess.run(["taskset", "-a", "-c", "-p", "0", str(gateway.process.pid)], check=True, capture_output=True)
        status, body = gateway.ask(gateway.host, "GET", path)
        assert (status, body.decode()) == (200, DOCUMENT), (status, body)
        chain, key = certificate(scratch)
        proxy = free_port()
        nginx = Nginx(scratch, "proxy", 0, PROXY.format(stub=port, port=proxy, chain=chain, key=key), proxy)
        plain, ours = f"https://localhost:{proxy}{path}", f"https://{gateway.host}{path}"
        rival = Rival(port) if os.environ.get("AWS_SIGV4_PROXY") else None
        signed = lambda: signed_headers(gateway.key, "es", "GET", gateway.host, path, EMPTY)
        rounds = []
        for number in range(given.rounds + 1):
            one = [load(nginx, plain, {}, given.seconds), load(gateway, ours, signed(), given.seconds)]
            one += [load(rival, rival.url + path, {}, given.seconds)] if rival else []
            if number == 0:
                continue
            rounds.append(one)
            named = zip(("nginx", "countersign", "aws-sigv4-proxy"), one)
            print("speed  " + "; ".join(f"{name} {rate:,.0f}/s, {cost:.1f} µs" for name, (rate, cost) in named))
        ratios = [one[1][0] / one[0][0] for one in rounds]
        costs = [one[1][1] / one[0][1] for one in rounds]
        print(
            f"speed  requests a second × {statistics.median(ratios):.2f} of nginx ({min(ratios):.2f} to {max(ratios):.2f}; wanted 0.8),"
            f" processor time × {statistics.median(costs):.2f}; {len(body)} bytes, {CONNECTIONS} connections"
        )
        if rival:
            times = statistics.median(one[1][0] / one[2][0] for one in rounds)
            print(f"speed  × {times:.2f} of aws-sigv4-proxy (wanted 3)")
        times = [(f"http://127.0.0.1:{port}{path}", {}), (plain, {}), (ours, None)]
        middle = [
            statistics.median(wrk(url, signed() if headers is None else headers, given.seconds, 1)[2] for _ in range(given.rounds))
            for url, headers in times
        ]
        print(
            f"added  p50 of the stub {middle[0]:.0f} µs, through nginx + {middle[1] - middle[0]:.0f} µs,"
            f" through countersign + {middle[2] - middle[0]:.0f} µs (wanted at most 150)"
        )
    finally:
        for process in (gateway, nginx, rival, cluster):
            if process:
                process.stop()


class Rival:
    """aws-sigv4-proxy on the first core, in front of the stub."""

    def __init__(self, stub_port):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = ["taskset", "-c", "0", os.environ["AWS_SIGV4_PROXY"], "--port", f":{port}", "--upstream-url-scheme", "http"]
        command += ["--name", "es", "--region", REGION, "--host", f"127.0.0.1:{stub_port}"]
        keys = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}
        self.process = subprocess.Popen(command, env=os.environ | keys, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not listens(port):
            assert self.process.poll() is None, "aws-sigv4-proxy does not start"
            time.sleep(0.05)

    def processor_seconds(self):
        return sum(spent(int(task)) for task in os.listdir(f"/proc/{self.process.pid}/task"))

    def stop(self):
        self.process.terminate()
        self.process.wait()


def sink():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}"


def memory(process, what):
    """A row of the process's status, in MiB."""
    with open(f"/proc/{process}/status", encoding="ascii") as status:
        return int(re.search(rf"{what}:\s+(\d+) kB", status.read())[1]) / 1024


def upload(binary, scratch, given):
    gateway = Gateway(binary, scratch, sink())
    try:
        def document():
            yield b'{"a":"'
            yield from [b"x" * (1 << 20)] * given.mebibytes
            yield b'"}'

        source = b'{"a":"' + b"x" * (64 << 10) + b'"}\n'
        lines = [b'{"index":{"_index":"%s"}}\n' % name.encode() + source for name in INDICES]
        groups = (given.mebibytes << 20) // len(b"".join(lines))

        def bulk():
            for _ in range(groups):
                yield b"".join(lines)

        length = len(b"".join(lines)) * groups
        for name, method, path, pieces, total in (
            ("document", "PUT", "/one/_doc/1", document, (given.mebibytes << 20) + 8),
            ("_bulk", "POST", "/_bulk", bulk, length),
        ):
            with open(f"/proc/{gateway.process.pid}/clear_refs", "w", encoding="ascii") as refs:
                refs.write("5")
            before, begun = memory(gateway.process.pid, "VmRSS"), time.monotonic()
            status, body = gateway.upload(method, path, pieces, total)
            seconds, peak = time.monotonic() - begun, memory(gateway.process.pid, "VmHWM")
            assert status == 200, (status, body[:1000])
            if name == "_bulk":
                assert len(json.loads(body)["items"]) == groups * len(INDICES), body[:1000]
            program = memory(gateway.process.pid, "RssFile")
            told = f"{before:.0f} MB resident before, {peak:.0f} MB at most (wanted 64), of which {program:.0f} MB the program's own file"
            print(f"upload {name} of {total >> 20} MiB: {told}, {seconds:.1f} s")
    finally:
        gateway.stop()


def bulk(binary, scratch, given):
    url = given.opensearch or sink()
    gateway = Gateway(binary, scratch, url)
    try:
        direct = urllib.parse.urlsplit(url)
        lines = "".join(
            f'{{"index":{{"_index":"{INDICES[item % 3]}","_id":"{item}"}}}}\n{json.dumps({"title": f"item {item}", "number": item})}\n'
            for item in range(ITEMS)
        ).encode()
        seen = {"direct": [], "through": []}
        for number in range(given.rounds * 3 + 2):
            begun = time.monotonic()
            connection = http.client.HTTPConnection(direct.hostname, direct.port, timeout=600)
            connection.request("POST", "/_bulk", body=lines, headers={"content-type": "application/x-ndjson"})
            answer = connection.getresponse()
            assert answer.status == 200 and len(json.loads(answer.read())["items"]) == ITEMS
            middle = time.monotonic()
            status, body = gateway.ask(gateway.host, "POST", "/_bulk", lines)
            ended = time.monotonic()
            assert status == 200 and len(json.loads(body)["items"]) == ITEMS, body[:1000]
            if number > 1:
                seen["direct"].append(middle - begun)
                seen["through"].append(ended - middle)
        without, through = (statistics.median(times) * 1e3 for times in seen.values())
        what = f"× {through / without:.3f} (wanted 1.05)" if given.opensearch else f"+ {through - without:.1f} ms on a stub"
        print(f"bulk   {ITEMS:,} items on three indices: {without:.1f} ms directly, {through:.1f} ms through countersign: {what}")
    finally:
        gateway.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--mebibytes", type=int, default=1024)
    parser.add_argument("--opensearch", metavar="URL")
    parser.add_argument("--only", nargs="+", choices=("speed", "upload", "bulk"), default=("speed", "upload", "bulk"))
    given = parser.parse_args()
    missing = [name for name in ("nginx", "wrk", "openssl", "taskset") if not shutil.which(name)]
    if missing and "speed" in given.only:
        sys.exit(f"{', '.join(missing)}: not installed (apt-get install nginx-light wrk openssl util-linux)")
    scratch = tempfile.mkdtemp(prefix="countersign-upstream-")
    try:
        for part in (speed, upload, bulk):
            if part.__name__ in given.only:
                part(os.path.abspath(given.binary), scratch, given)
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
