#!/usr/bin/env python3
"""What judging what a body names costs: mode `strict`, which asks about every item, beside mode `aws`, which asks about the URL alone.

    python3 benches/policies/enforcement.py BINARY [ROUNDS]

Starts `countersign dev`, and sends a `_bulk` of 5,000 items on three indices, and searches on one index, signed by a user whose policy
names the indices; in turn in both modes. Prints the least processor time of the service for one of each, and the part of it that
`strict` adds. Standard library only; Linux.
"""
import http.client
import json
import os
import shutil
import sys
import tempfile
import urllib.parse

sys.path.insert(1, os.path.join(os.path.dirname(__file__), ".."))
import dev
from dev import signed

DOMAIN = "arn:aws:es:us-east-1:123456789012:domain/dev"
ITEMS, BULKS, SEARCHES = 5_000, 4, 400


def bulk():
    lines = []
    for item in range(ITEMS):
        lines.append(json.dumps({"index": {"_index": f"logs-{item % 3}", "_id": str(item)}}))
        lines.append(json.dumps({"message": f"the request number {item} was answered", "status": item % 600, "user": f"user {item % 97}"}))
    return ("\n".join(lines) + "\n").encode()


class Service(dev.Service):
    def control(self, form):
        host = self.key["AWS_ENDPOINT_URL"].removeprefix("https://")
        body = urllib.parse.urlencode({"Version": "2010-05-08", **form}).encode()
        self.once(host, signed(self.key, "iam", "POST", host, "/", body, "application/x-www-form-urlencoded"))

    def mode(self, mode):
        host = self.key["AWS_ENDPOINT_URL"].removeprefix("https://")
        body = json.dumps({"AdvancedOptions": {"countersign.authorization": mode}}).encode()
        self.once(host, signed(self.key, "es", "POST", host, "/2021-01-01/opensearch/domain/dev/config", body))

    def cost(self, path, body, times):
        """Milliseconds of processor for one."""
        requests = [signed(self.key, "es", "POST", self.host, path, body) for _ in range(times)]
        stream, before = self.connect(self.host), self.whole_seconds()
        for request in requests:
            stream.sendall(request)
            answer = http.client.HTTPResponse(stream)
            answer.begin()
            body = json.loads(answer.read())
            assert answer.status == 200 and not body.get("errors"), body
        spent = self.whole_seconds() - before
        stream.close()
        return spent / times * 1e3

    def whole_seconds(self):
        """Of all threads, those that have ended among them: a call that takes long ends its own."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(binary, rounds=6):
    scratch = tempfile.mkdtemp(prefix="countersign-enforcement-")
    service = Service(binary, os.path.join(scratch, "data"))
    try:
        resources = [f"{DOMAIN}/logs-{number}/*" for number in range(3)] + [f"{DOMAIN}/_bulk"]
        statement = {"Effect": "Allow", "Action": "es:ESHttp*", "Resource": resources}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        service.control({"Action": "PutUserPolicy", "UserName": "developer", "PolicyName": "logs", "PolicyDocument": policy})
        body, asked = bulk(), {}
        for number in range(int(rounds)):
            for mode in ("strict", "aws"):
                service.mode(mode)
                for what, path, sent, times in (("a bulk of 5,000 items on three indices", "/_bulk", body, BULKS),
                                                ("a search on one index", "/logs-1/_search?size=0", b"{}", SEARCHES)):
                    spent = service.cost(path, sent, times)
                    if number:
                        asked.setdefault(what, {}).setdefault(mode, []).append(spent)
        for what, of in asked.items():
            strict, aws = min(of["strict"]), min(of["aws"])
            print(f"{what}: strict {strict:.3f} ms, aws {aws:.3f} ms of processor; strict adds {(strict - aws) / aws * 100:.1f} %")
    finally:
        service.stop()
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main(*sys.argv[1:])
