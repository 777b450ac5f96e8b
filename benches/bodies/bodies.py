#!/usr/bin/env python3
"""What a large body costs whose signature does not cover it: peak memory and speed, beside bare SHA-256.

    python3 benches/bodies/bodies.py target/release/countersign [MIB]

Starts the binary on a scratch folder, makes a domain, and sends two bodies of MIB (1024) mebibytes: one with
a wrong signature, one signed for another body by a caller who may do everything. Both must be refused with
403. Standard library only; no rival is measured: none that we know verifies before it executes and spills.
"""
import datetime
import hashlib
import hmac
import http.client
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import time

REGION = "us-east-1"
PIECE = bytes(1 << 20)


def sign(key, method, host, path, payload_hash, moment):
    """The headers of a request signed with Signature Version 4 for service `es`."""
    date = moment.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{date[:8]}/{REGION}/es/aws4_request"
    canonical = f"{method}\n{path}\n\nhost:{host}\nx-amz-date:{date}\n\nhost;x-amz-date\n{payload_hash}"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{digest}"
    signing = ("AWS4" + key["secret"]).encode()
    for part in (date[:8], REGION, "es", "aws4_request"):
        signing = hmac.new(signing, part.encode(), "sha256").digest()
    signature = hmac.new(signing, to_sign.encode(), "sha256").hexdigest()
    credential = f"Credential={key['id']}/{scope}"
    value = f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host;x-amz-date, Signature={signature}"
    return {"x-amz-date": date, "authorization": value, "content-type": "application/json"}


def ask(context, key, host, method, path, body=b""):
    name, port = host.split(":")
    payload_hash = hashlib.sha256(body).hexdigest()
    headers = sign(key, method, host, path, payload_hash, datetime.datetime.now(datetime.timezone.utc))
    connection = http.client.HTTPSConnection(name, int(port), context=context, timeout=60)
    connection.request(method, path, body=body, headers={"host": host, **headers})
    answer = connection.getresponse()
    return answer.status, answer.read()


def send(context, key, host, mebibytes, payload_hash):
    """Streams the body and returns the status and the seconds until the answer."""
    name, port = host.split(":")
    path = "/large/_doc/1"
    headers = sign(key, "PUT", host, path, payload_hash, datetime.datetime.now(datetime.timezone.utc))
    connection = http.client.HTTPSConnection(name, int(port), context=context, timeout=600)
    connection.putrequest("PUT", path, skip_host=True, skip_accept_encoding=True)
    for header, value in {"host": host, "content-length": str(mebibytes << 20), **headers}.items():
        connection.putheader(header, value)
    begun = time.monotonic()
    connection.endheaders()
    for _ in range(mebibytes):
        connection.send(PIECE)
    answer = connection.getresponse()
    answer.read()
    return answer.status, time.monotonic() - begun


def peak_mib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read()).group(1)) / 1024


def exported(path):
    with open(path, encoding="utf-8") as lines:
        pairs = (line.removeprefix("export ").strip().split("=", 1) for line in lines)
        return {name: value.strip("'") for name, value in pairs}


def run(binary, mebibytes, folder):
    command = [binary, "serve"]
    for setting in (
        f"data={folder}", "control.listen=127.0.0.1:0", "admin.listen=127.0.0.1:0",
        "domains.first_port=0", "domains.body_bytes_max=2147483647",
    ):
        command += ["--set", setting]
    service = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        while (line := service.stdout.readline()) and line.strip() != "ready":
            pass
        root = exported(os.path.join(folder, "root.env"))
        key = {"id": root["AWS_ACCESS_KEY_ID"], "secret": root["AWS_SECRET_ACCESS_KEY"]}
        context = ssl.create_default_context(cafile=os.path.join(folder, "ca.pem"))
        control = root["AWS_ENDPOINT_URL"].removeprefix("https://")
        base = "/2021-01-01/opensearch/domain"
        made = ask(context, key, control, "POST", base, json.dumps({"DomainName": "bodies"}).encode())
        assert made[0] == 200, made
        host = None
        while host is None:
            told = json.loads(ask(context, key, control, "GET", f"{base}/bodies")[1])
            host = told["DomainStatus"].get("Endpoint")
        status, _ = ask(context, key, host, "GET", "/")
        assert status == 200, status

        begun = time.monotonic()
        hash_of_all = hashlib.sha256()
        for _ in range(mebibytes):
            hash_of_all.update(PIECE)
        bare = time.monotonic() - begun
        print(f"bare SHA-256 of {mebibytes} MiB (hashlib): {mebibytes / bare:.0f} MiB/s")
        print(f"peak memory before: {peak_mib(service.pid):.1f} MiB")
        wrong = {"id": key["id"], "secret": "wrong"}
        for what, who, digest in (
            ("wrong signature", wrong, hash_of_all.hexdigest()),
            ("signed for another body", key, hashlib.sha256(b"another").hexdigest()),
        ):
            status, seconds = send(context, who, host, mebibytes, digest)
            assert status == 403, status
            print(
                f"{what}: 403 after {seconds:.2f} s, {mebibytes / seconds:.0f} MiB/s"
                f" ({bare / seconds:.2f} of bare SHA-256), peak memory {peak_mib(service.pid):.1f} MiB"
            )
    finally:
        service.terminate()
        service.wait()


if __name__ == "__main__":
    scratch = tempfile.mkdtemp(prefix="countersign-bodies-")
    try:
        run(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1024, scratch)
    finally:
        shutil.rmtree(scratch)
