#!/usr/bin/env python3
"""What a small signed GET costs: requests per second and processor time over one keep-alive connection.

    python3 benches/requests/requests.py BINARY [BINARY…]

Starts `countersign dev` of each binary on a scratch folder and asks them in turn, so that whatever else the machine
does meets all of them: `GET /` of a domain, signed by a user, 64 requests to a write. Once as `dev` makes them, once
with 8 more policies of 12 statements on the user and 100 statements in the domain's policy. Prints the best of the rounds
and its ratio to the first binary's. Standard library only.
"""
import datetime
import glob
import hashlib
import hmac
import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse

REGION, BATCH, REQUESTS, ROUNDS = "us-east-1", 64, 1280, 40
FORM = "application/x-www-form-urlencoded"


def signed(key, service, method, host, path, body=b"", content_type="application/json"):
    """The bytes of a request signed with Signature Version 4."""
    date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{date[:8]}/{REGION}/{service}/aws4_request"
    digest = hashlib.sha256(body).hexdigest()
    canonical = f"{method}\n{path}\n\nhost:{host}\nx-amz-date:{date}\n\nhost;x-amz-date\n{digest}"
    to_sign = f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signing = ("AWS4" + key["AWS_SECRET_ACCESS_KEY"]).encode()
    for part in scope.split("/"):
        signing = hmac.new(signing, part.encode(), "sha256").digest()
    signature = hmac.new(signing, to_sign.encode(), "sha256").hexdigest()
    head = (
        f"{method} {path} HTTP/1.1\r\nhost: {host}\r\nx-amz-date: {date}\r\ncontent-type: {content_type}\r\n"
        f"content-length: {len(body)}\r\nauthorization: AWS4-HMAC-SHA256 Credential={key['AWS_ACCESS_KEY_ID']}/{scope}, "
        f"SignedHeaders=host;x-amz-date, Signature={signature}\r\n\r\n"
    )
    return head.encode() + body


class Service:
    def __init__(self, binary, folder):
        self.folder = folder
        command = [binary, "dev", "--data", folder, "--control", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--port", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        while (line := self.process.stdout.readline()) and line.strip() != "ready":
            pass
        with open(os.path.join(folder, "env"), encoding="utf-8") as lines:
            pairs = (line.removeprefix("export ").strip().split("=", 1) for line in lines if "=" in line)
            self.key = {name: value.strip("'") for name, value in pairs}
        self.host = self.key["COUNTERSIGN_ENDPOINT"].removeprefix("https://")
        self.context = ssl.create_default_context(cafile=os.path.join(folder, "ca.pem"))

    def connect(self, host):
        name, port = host.split(":")
        stream = socket.create_connection((name, int(port)), timeout=60)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.context.wrap_socket(stream, server_hostname=name)

    def once(self, host, request):
        stream = self.connect(host)
        stream.sendall(request)
        answer = http.client.HTTPResponse(stream)
        answer.begin()
        body = answer.read()
        assert answer.status == 200, (answer.status, body)
        return body

    def grow_policies(self):
        """Eight more policies of 12 statements on the user, 100 statements in the domain's policy; none of them allows."""
        control = self.key["AWS_ENDPOINT_URL"].removeprefix("https://")
        arn = f"arn:aws:es:{REGION}:123456789012:domain/dev"
        elsewhere = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}

        def statements(count, more):
            one = {"Effect": "Allow", "Action": "es:ESHttp*", "Condition": elsewhere, **more}
            return [{**one, "Resource": f"{arn}/logs-{number}/*"} for number in range(count)]

        def policy(statements):
            return json.dumps({"Version": "2012-10-17", "Statement": statements})

        for number in range(8):
            arn_of_policy = f"arn:aws:iam::123456789012:policy/p{number}"
            for form in (
                {"Action": "CreatePolicy", "PolicyName": f"p{number}", "PolicyDocument": policy(statements(12, {}))},
                {"Action": "AttachUserPolicy", "UserName": "developer", "PolicyArn": arn_of_policy},
            ):
                body = urllib.parse.urlencode({"Version": "2010-05-08", **form}).encode()
                self.once(control, signed(self.key, "iam", "POST", control, "/", body, FORM))
        somebody = {"Principal": {"AWS": "arn:aws:iam::123456789012:role/search-app"}}
        body = json.dumps({"AccessPolicies": policy(statements(100, somebody))}).encode()
        self.once(control, signed(self.key, "es", "POST", control, "/2021-01-01/opensearch/domain/dev/config", body))

    def processor_seconds(self):
        seconds = 0
        for task in glob.glob(f"/proc/{self.process.pid}/task/*/schedstat"):
            with open(task, encoding="ascii") as spent:
                seconds += int(spent.read().split()[0]) / 1e9
        return seconds

    def round(self):
        """Requests per second, and microseconds of processor time for each."""
        request = signed(self.key, "es", "GET", self.host, "/")
        stream = self.connect(self.host)
        stream.sendall(request)
        length = len(stream.recv(65536))
        before, begun = self.processor_seconds(), time.monotonic()
        for _ in range(REQUESTS // BATCH):
            stream.sendall(request * BATCH)
            left = length * BATCH
            while left > 0:
                piece = stream.recv(65536)
                assert piece.startswith(b"HTTP/1.1 200") or left != length * BATCH, piece
                left -= len(piece)
            assert left == 0, left
        seconds = time.monotonic() - begun
        return REQUESTS / seconds, (self.processor_seconds() - before) / REQUESTS * 1e6


def main(binaries):
    scratch = tempfile.mkdtemp(prefix="countersign-requests-")
    services = []
    try:
        for number, binary in enumerate(binaries):
            services.append(Service(binary, os.path.join(scratch, str(number))))
        for what in ("as dev makes it", "196 more statements"):
            if what != "as dev makes it":
                for service in services:
                    service.grow_policies()
            for service in services:
                service.round()
            rounds = [[service.round() for service in services] for _ in range(ROUNDS)]
            best = [(max(rate for rate, _ in of), min(micros for _, micros in of)) for of in zip(*rounds)]
            for binary, (rate, micros) in zip(binaries, best):
                more, less = rate / best[0][0], micros / best[0][1]
                print(f"{what}: {binary}: {rate:.0f}/s (× {more:.2f}), {micros:.1f} µs of processor (× {less:.2f})")
    finally:
        for service in services:
            service.process.terminate()
            service.process.wait()
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main(sys.argv[1:])
