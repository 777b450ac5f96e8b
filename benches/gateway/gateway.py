#!/usr/bin/env python3
"""What a small signed GET costs over TLS, beside nginx answering a static body of the same length.

    python3 benches/gateway/gateway.py BINARY [SECONDS [ROUNDS]]

Both servers stand on the first core, `wrk` on the second: 32 connections that stay open. Ours is `countersign dev`, asked
`GET /` of its domain, signed by a user (a new signature each round; the service checks it at every request); nginx has one worker and
a certificate of the same kind. The rounds take turns. Answers are looked at first: both are 200 and have as many bytes. Prints each round,
the middle ratio, and the processor time of one request. Needs Linux, and `nginx` and `wrk` (Debian's packages).
"""
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(1, os.path.join(os.path.dirname(__file__), ".."))
import dev
from dev import signed, signed_headers

CONNECTIONS = 32
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 100000000; keepalive_timeout 600s;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{
    listen 127.0.0.1:{port} ssl; ssl_certificate {chain}; ssl_certificate_key {key}; ssl_protocols TLSv1.3;
    location / {{ default_type application/json; return 200 '{body}'; }}
  }}
}}
"""


class Nginx:
    def __init__(self, folder, length, port):
        self.host = f"localhost:{port}"
        path = os.path.join(folder, "nginx.conf")
        chain, key = certificate(folder)
        with open(path, "w", encoding="ascii") as config:
            config.write(NGINX.format(folder=folder, port=port, chain=chain, key=key, body="x" * length))
        self.process = subprocess.Popen(["taskset", "-c", "0", "nginx", "-c", path, "-e", os.path.join(folder, "error.log")])
        while self.process.poll() is None and not listens(port):
            pass

    def processor_seconds(self):
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as children:
            return sum(spent(int(child)) for child in children.read().split())

    def stop(self):
        self.process.terminate()
        self.process.wait()


def certificate(folder):
    """A certificate of the kind that `dev` has, and its key, as files in the folder."""
    chain, key = os.path.join(folder, "nginx.pem"), os.path.join(folder, "nginx.key")
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost"]
    subprocess.run(["openssl", "req", "-x509", *kind, "-keyout", key, "-out", chain], check=True, capture_output=True)
    return chain, key


def listens(port):
    with socket.socket() as stream:
        return stream.connect_ex(("127.0.0.1", port)) == 0


def spent(process):
    with open(f"/proc/{process}/schedstat", encoding="ascii") as line:
        return int(line.read().split()[0]) / 1e9


def load(server, headers, seconds):
    """Requests a second, and microseconds of the server's processor time for each."""
    command = ["taskset", "-c", "1", "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", f"https://{server.host}/"]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    before = server.processor_seconds()
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    used = server.processor_seconds() - before
    assert "Non-2xx" not in printed and "Socket errors" not in printed, printed
    count = int(re.search(r"(\d+) requests in", printed)[1])
    return float(re.search(r"Requests/sec:\s+([\d.]+)", printed)[1]), used / count * 1e6


def main(binary, seconds=3, rounds=7):
    missing = [name for name in ("nginx", "wrk", "openssl", "taskset") if not shutil.which(name)]
    if missing:
        sys.exit(f"{', '.join(missing)}: not installed (apt-get install nginx-light wrk openssl util-linux)")
    scratch = tempfile.mkdtemp(prefix="countersign-gateway-")
    service = dev.Service(binary, os.path.join(scratch, "data"))
    nginx = None
    try:
        subprocess.run(["taskset", "-a", "-c", "-p", "0", str(service.process.pid)], check=True, capture_output=True)
        body = service.once(service.host, signed(service.key, "es", "GET", service.host, "/"))
        nginx = Nginx(scratch, len(body), int(service.host.split(":")[1]) + 1000)
        measured = []
        for number in range(rounds + 1):
            headers = signed_headers(service.key, "es", "GET", service.host, "/", EMPTY)
            one = load(nginx, {}, seconds), load(service, headers, seconds)
            if number == 0:
                continue
            measured.append(one)
            (theirs, their_cost), (ours, our_cost) = one
            print(f"nginx {theirs:,.0f}/s, {their_cost:.1f} µs; countersign {ours:,.0f}/s, {our_cost:.1f} µs; × {ours / theirs:.2f}")
        ratios = [ours[0] / theirs[0] for theirs, ours in measured]
        costs = [ours[1] / theirs[1] for theirs, ours in measured]
        print(
            f"requests a second × {statistics.median(ratios):.2f} of nginx ({min(ratios):.2f} to {max(ratios):.2f}),"
            f" processor time × {statistics.median(costs):.2f}; {len(body)} bytes, {CONNECTIONS} connections"
        )
    finally:
        service.stop()
        if nginx:
            nginx.stop()
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
