#!/usr/bin/env python3
"""What a quiet account notices of a noisy one.

    python3 benches/fairness/fairness.py BINARY [SECONDS] [ATTACK…]

Starts `countersign serve` with two accounts and a domain of each on a scratch folder. A quiet caller of the first asks, one
after the other, for a document, a search, ListUsers and DescribeDomain, each fourth round on a new connection: first alone, then
while the other account, or a stranger, attacks from another address of the loopback network. Every attack is bounded in count
and time and runs in processes of its own with the lowest priority, so that what is measured is the service and not the
attacker's share of the processors. Prints p50 and p99 of each, and p99 under attack ÷ p99 alone. Standard library only.
"""
import base64
import hashlib
import hmac
import http.client
import json
import multiprocessing
import os
import re
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(1, os.path.join(os.path.dirname(__file__), ".."))
import dev
from dev import REGION, exported, signed

QUIET, NOISY = "111111111111", "222222222222"
ELSEWHERE = "127.0.0.2"
FORM = "application/x-www-form-urlencoded"
NDJSON = "application/x-ndjson"


class Service(dev.Service):
    """`countersign serve` with two accounts, a domain of each, and a caller without rights in the noisy one."""

    def __init__(self, binary, folder):
        self.folder = folder
        settings = {
            "data": folder,
            "accounts": f"{QUIET},{NOISY}",
            "control.listen": "127.0.0.1:0",
            "admin.listen": "127.0.0.1:0",
            "domains.first_port": "0",
        }
        command = [binary, "serve", "--json"]
        for name, value in settings.items():
            command += ["--set", f"{name}={value}"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.places = json.loads(self.process.stdout.readline())


        self.context = ssl.create_default_context(cafile=os.path.join(folder, "ca.pem"))
        self.control = self.places["control"].removeprefix("https://")
        self.quiet = exported(os.path.join(folder, "root.env"))
        self.noisy = exported(os.path.join(folder, f"root-{NOISY}.env"))
        self.quiet_host = self.domain(self.quiet, "quiet")
        self.noisy_host = self.domain(self.noisy, "noisy")
        self.mallory = self.without_rights()

    def ask(self, key, host, service, method, path, body=b"", content_type="application/json"):
        return self.once(host, signed(key, service, method, host, path, body, content_type))

    def iam(self, key, action, **parameters):
        body = urllib.parse.urlencode({"Version": "2010-05-08", "Action": action, **parameters}).encode()
        return self.ask(key, self.control, "iam", "POST", "/", body, FORM).decode()

    def domain(self, key, name):
        body = json.dumps({"DomainName": name, "EngineVersion": "Elasticsearch_7.10"}).encode()
        self.ask(key, self.control, "es", "POST", "/2021-01-01/opensearch/domain", body)
        for _ in range(200):
            answer = self.ask(key, self.control, "es", "GET", f"/2021-01-01/opensearch/domain/{name}")
            endpoint = json.loads(answer)["DomainStatus"].get("Endpoint")
            if endpoint:
                return endpoint
            time.sleep(0.05)
        raise SystemExit(f"domain {name} has no endpoint")

    def without_rights(self):
        """A user who may call `_mget` and `_bulk` and touch no index."""
        self.iam(self.noisy, "CreateUser", UserName="mallory")
        arn = f"arn:aws:es:{REGION}:{NOISY}:domain/noisy"
        allow = {"Effect": "Allow", "Action": "es:ESHttpPost", "Resource": [f"{arn}/_mget", f"{arn}/_bulk"]}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        self.iam(self.noisy, "PutUserPolicy", UserName="mallory", PolicyName="urls", PolicyDocument=policy)
        made = self.iam(self.noisy, "CreateAccessKey", UserName="mallory")
        text = lambda name: re.search(f"<{name}>([^<]+)<", made)[1]
        return {"AWS_ACCESS_KEY_ID": text("AccessKeyId"), "AWS_SECRET_ACCESS_KEY": text("SecretAccessKey")}

    def fill(self):
        lines = "".join(f'{{"index":{{"_id":"{n}"}}}}\n{{"n":{n},"text":"book {n}"}}\n' for n in range(200))
        self.ask(self.quiet, self.quiet_host, "es", "POST", "/books/_bulk", lines.encode(), NDJSON)
        self.ask(self.quiet, self.quiet_host, "es", "POST", "/books/_refresh")
        for start in range(0, 60_000, 20_000):
            lines = "".join(f'{{"index":{{}}}}\n{{"n":{n},"k":"value {n}"}}\n' for n in range(start, start + 20_000))
            self.ask(self.noisy, self.noisy_host, "es", "POST", "/many/_bulk", lines.encode(), NDJSON)
        self.ask(self.noisy, self.noisy_host, "es", "POST", "/many/_refresh")

    def resident(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) // 1024


class Caller:
    """The quiet caller."""

    def __init__(self, service):
        self.service, self.kept = service, {}

    def requests(self):
        service = self.service
        domain, control, key = service.quiet_host, service.control, service.quiet
        query = json.dumps({"query": {"match": {"text": "book"}}, "size": 3}).encode()
        form = b"Version=2010-05-08&Action=ListUsers"
        return [
            ("get", domain, signed(key, "es", "GET", domain, "/books/_doc/7")),
            ("search", domain, signed(key, "es", "POST", domain, "/books/_search", query)),
            ("ListUsers", control, signed(key, "iam", "POST", control, "/", form, FORM)),
            ("DescribeDomain", control, signed(key, "es", "GET", control, "/2021-01-01/opensearch/domain/quiet")),
        ]

    def asks(self, host, request, fresh):
        """Seconds until the answer was there."""
        begun = time.perf_counter()
        if fresh or host not in self.kept:
            self.kept[host] = self.service.connect(host)
        stream = self.kept[host]
        try:
            stream.sendall(request)
            answer = http.client.HTTPResponse(stream)
            answer.begin()
            body = answer.read()
        except OSError:
            # An idle connection that made room for another: a client connects again.
            stream = self.kept[host] = self.service.connect(host)
            stream.sendall(request)
            answer = http.client.HTTPResponse(stream)
            answer.begin()
            body = answer.read()
        assert answer.status == 200, (answer.status, body)
        return time.perf_counter() - begun

    def measure(self, seconds):
        """Milliseconds by kind of request."""
        found = {}
        until, number = time.monotonic() + seconds, 0
        while time.monotonic() < until:
            for kind, host, request in self.requests():
                found.setdefault(kind, []).append(1000 * self.asks(host, request, number % 4 == 0))
            number += 1
            time.sleep(0.002)
        return found


def connect(service, host, tls=True):
    """A connection from the attacker's address."""
    name, port = host.split(":")
    stream = socket.create_connection(("127.0.0.1", int(port)), timeout=20, source_address=(ELSEWHERE, 0))
    return service.context.wrap_socket(stream, server_hostname=name) if tls else stream


def over_and_over(service, host, request, until, leave=False):
    """Sends the same request over and over; with `leave` it closes at once instead of reading the answer."""
    count = 0
    while time.monotonic() < until:
        try:
            stream = connect(service, host)
            while time.monotonic() < until:
                stream.sendall(request)
                count += 1
                if leave:
                    break
                answer = http.client.HTTPResponse(stream)
                answer.begin()
                answer.read()
                if answer.will_close:
                    break
            stream.close()
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
    return count


def deep_names(service, until):
    body = json.dumps({".".join("a" * 2000): 1}).encode()
    return over_and_over(service, service.noisy_host, noisy(service, "POST", "/deep/_doc", body), until)


def open_filters(service, until):
    query = "filter_path=" + urllib.parse.quote(".".join(["**"] * 1000 + ["a"]), safe="")
    return over_and_over(service, service.noisy_host, with_query(service, "GET", "/many/_search", query), until)


def wrong_codes(service, until):
    form = {"Version": "2011-06-15", "Action": "GetSessionToken", "SerialNumber": service.serial, "TokenCode": "000000"}
    body = urllib.parse.urlencode(form).encode()
    request = signed(service.mallory, "sts", "POST", service.control, "/", body, FORM)
    return over_and_over(service, service.control, request, until)


def scrolls(service, until):
    query = "scroll=1m&size=1000"
    return over_and_over(service, service.noisy_host, with_query(service, "GET", "/many/_search", query), until)


def denied_items(service, until):
    docs = ",".join(f'{{"_index":"i{n}","_id":"1"}}' for n in range(200_000))
    body = f'{{"docs":[{docs}]}}'.encode()
    request = signed(service.mallory, "es", "POST", service.noisy_host, "/_mget", body)
    return over_and_over(service, service.noisy_host, request, until, leave=True)


def denied_bulk(service, until):
    lines = "".join(f'{{"index":{{"_index":"i{n}"}}}}\n{{}}\n' for n in range(200_000)).encode()
    request = signed(service.mallory, "es", "POST", service.noisy_host, "/_bulk", lines, NDJSON)
    return over_and_over(service, service.noisy_host, request, until)


def cardinalities(service, until):
    body = json.dumps({"size": 0, "aggs": {f"a{n}": {"cardinality": {"field": "n"}} for n in range(1000)}}).encode()
    return over_and_over(service, service.noisy_host, noisy(service, "POST", "/many/_search", body), until, leave=True)


def passwords_in_queries(service, until):
    query = "Action=CreateLoginProfile&Password=abcdefgh&UserName=mallory&Version=2010-05-08"
    request = with_query(service, "GET", "/", query, service.control, "iam")
    return over_and_over(service, service.control, request, until)


def unfinished_bodies(service, until):
    """Bodies under a junk signature of the quiet caller's key id."""
    held = []
    junk = dict(service.quiet, AWS_SECRET_ACCESS_KEY="x" * 40)
    for number in range(604 // WORKERS):
        host, name = (service.quiet_host, "es") if number % 8 else (service.control, "iam")
        head = signed(junk, name, "POST", host, "/x/_doc" if name == "es" else "/", b"")
        head = head.replace(b"content-length: 0", b"content-length: 1000000")
        try:
            stream = connect(service, host)
            stream.settimeout(0.5)
            stream.sendall(head)
            stream.sendall(b" " * 900_000)
            held.append(stream)
        except OSError:
            pass
        if time.monotonic() > until:
            break
    time.sleep(max(0, until - time.monotonic()))
    return len(held)


def many_scrolls(service, until):
    count = 0
    request = with_query(service, "GET", "/many/_search", "scroll=24h&size=1")
    stream = connect(service, service.noisy_host)
    for _ in range(500 // WORKERS):
        if time.monotonic() > until:
            break
        stream.sendall(request)
        answer = http.client.HTTPResponse(stream)
        answer.begin()
        answer.read()
        count += 1
    time.sleep(max(0, until - time.monotonic()))
    return count


def idle_connections(service, until):
    held = []
    for number in range(4093 // WORKERS):
        host = (service.quiet_host, service.noisy_host, service.control)[number % 3]
        try:
            held.append(connect(service, host, tls=False))
        except OSError:
            pass
        if time.monotonic() > until:
            break
    time.sleep(max(0, until - time.monotonic()))
    return len(held)


def new_indices(service, until):
    run, count = os.getpid(), 0
    while time.monotonic() < until and count < 400 // WORKERS:
        lines = "".join(f'{{"index":{{"_index":"n{run}-{count + n}"}}}}\n{{"a":{n}}}\n' for n in range(10)).encode()
        service.ask(service.noisy, service.noisy_host, "es", "POST", "/_bulk", lines, NDJSON)
        count += 10
    time.sleep(max(0, until - time.monotonic()))
    return count


def noisy(service, method, path, body=b""):
    return signed(service.noisy, "es", method, service.noisy_host, path, body)


def with_query(service, method, path, query, host=None, name="es"):
    """A signed request with a query, whose parameters are in order."""
    host = host or service.noisy_host
    digest = hashlib.sha256(b"").hexdigest()
    headers = dev.signed_headers(service.noisy, name, method, host, path, digest, query)
    lines = [f"{method} {path}?{query} HTTP/1.1", f"host: {host}"]
    lines += [f"{header}: {value}" for header, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


WORKERS = 4
# As the attacks of SECURITY.md's class "one caller against the others": name, what one worker does, how many workers.
ATTACKS = {
    "names of 2,000 parts": (deep_names, WORKERS),
    "filter_path of 1,000 open parts": (open_filters, WORKERS),
    "wrong MFA codes": (wrong_codes, 1),
    "scrolls read over and over": (scrolls, WORKERS),
    "_mget of 200,000 denied, left at once": (denied_items, WORKERS),
    "_bulk of 200,000 denied names": (denied_bulk, WORKERS),
    "1,000 cardinality aggregations, left at once": (cardinalities, 34),
    "passwords in queries": (passwords_in_queries, 1),
    "604 unfinished bodies, junk signature": (unfinished_bodies, WORKERS),
    "500 scroll contexts for a day": (many_scrolls, WORKERS),
    "4,093 idle connections": (idle_connections, WORKERS),
    "400 new indices": (new_indices, WORKERS),
}


def attack(what, service, until, counts):
    os.nice(19)
    counts.put(what(service, until))


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]


def enable_mfa(service):
    """Gives mallory a device, so that there are codes to guess."""
    made = service.iam(service.noisy, "CreateVirtualMFADevice", VirtualMFADeviceName="mallory")
    service.serial = re.search("<SerialNumber>([^<]+)<", made)[1]
    seed = base64.b32decode(base64.b64decode(re.search("<Base32StringSeed>([^<]+)<", made)[1]))

    def code(step):
        digest = hmac.new(seed, struct.pack(">Q", step), "sha1").digest()
        start = digest[-1] & 15
        return f"{(struct.unpack('>I', digest[start:start + 4])[0] & 0x7FFFFFFF) % 1000000:06}"

    step = int(time.time()) // 30
    codes = {"AuthenticationCode1": code(step - 1), "AuthenticationCode2": code(step)}
    service.iam(service.noisy, "EnableMFADevice", UserName="mallory", SerialNumber=service.serial, **codes)


def row(name, count, alone, under, resident):
    cells = [f"{name:45}", f"{count:>8}"]
    worst = 0.0
    for kind in under:
        p99, p99_alone = percentile(under[kind], 0.99), percentile(alone[kind], 0.99)
        worst = max(worst, p99 / p99_alone)
        cells.append(f"{percentile(under[kind], 0.5):6.1f} /{p99:7.1f} (× {p99 / p99_alone:4.1f})")
    print("  ".join([*cells, f"{resident:>6} MB", "" if worst <= 5 else "OVER 5"]), flush=True)
    return worst


def main(binary, seconds=10.0, *wanted):
    scratch = tempfile.mkdtemp(prefix="countersign-fairness-")
    service = Service(binary, scratch)
    context = multiprocessing.get_context("fork")
    try:
        service.fill()
        enable_mfa(service)
        caller = Caller(service)
        caller.measure(2)
        alone = caller.measure(2 * float(seconds))
        kinds = "  ".join(f"{kind + ' p50 / p99 ms':>25}" for kind in alone)
        print(f"{'attack':45}  {'sent':>8}  {kinds}")
        row("alone", 0, alone, alone, service.resident())
        worst = 0.0
        for name, (what, workers) in ATTACKS.items():
            if wanted and not any(word in name for word in wanted):
                continue
            counts, until = context.Queue(), time.monotonic() + float(seconds) + 1
            running = [context.Process(target=attack, args=(what, service, until, counts)) for _ in range(workers)]
            for process in running:
                process.start()
            time.sleep(1)
            under = caller.measure(float(seconds))
            for process in running:
                process.join(20)
                process.kill()
            count = 0
            while not counts.empty():
                count += counts.get()
            worst = max(worst, row(name, count, alone, under, service.resident()))
            time.sleep(1)
        print(f"worst: × {worst:.1f} (goal: at most 5)")
    finally:
        begun = time.monotonic()
        service.stop()
        print(f"stopped within {time.monotonic() - begun:.1f} s")
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main(*sys.argv[1:])
