#!/usr/bin/env python3
"""What a small signed GET costs: requests per second and processor time over one keep-alive connection.

    python3 benches/requests/requests.py BINARY [BINARY…]

Starts `countersign dev` of each binary on a scratch folder and asks them in turn, so that whatever else the machine
does meets all of them: `GET /` of a domain, signed by a user, 64 requests to a write. Once as `dev` makes them, once
with 8 more policies of 12 statements on the user and 100 statements in the domain's policy. Prints the best of the rounds
and its ratio to the first binary's. Standard library only.
"""
import json
import os
import shutil
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(1, os.path.join(os.path.dirname(__file__), ".."))
import dev
from dev import REGION, signed

BATCH, REQUESTS, ROUNDS = 64, 1280, 40
FORM = "application/x-www-form-urlencoded"


class Service(dev.Service):
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
            service.stop()
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main(sys.argv[1:])
