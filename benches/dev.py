"""What the benches share: `countersign dev` on a scratch folder, and requests signed with Signature Version 4.
Standard library only.
"""
import datetime
import glob
import hashlib
import hmac
import http.client
import os
import socket
import ssl
import subprocess

REGION = "us-east-1"


def signed_headers(key, service, method, host, path, digest, query=""):
    """The headers that sign a request whose body has this SHA-256, but for `host`; the query's parameters are in order."""
    date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{date[:8]}/{REGION}/{service}/aws4_request"
    canonical = f"{method}\n{path}\n{query}\nhost:{host}\nx-amz-date:{date}\n\nhost;x-amz-date\n{digest}"
    to_sign = f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signing = ("AWS4" + key["AWS_SECRET_ACCESS_KEY"]).encode()
    for part in scope.split("/"):
        signing = hmac.new(signing, part.encode(), "sha256").digest()
    signature = hmac.new(signing, to_sign.encode(), "sha256").hexdigest()
    credential = f"Credential={key['AWS_ACCESS_KEY_ID']}/{scope}"
    value = f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host;x-amz-date, Signature={signature}"
    return {"x-amz-date": date, "authorization": value}


def signed(key, service, method, host, path, body=b"", content_type="application/json"):
    """The bytes of a signed request; what follows a `?` in the path is its query, parameters in order."""
    plain, _, query = path.partition("?")
    headers = {"host": host, "content-type": content_type, "content-length": len(body)}
    headers |= signed_headers(key, service, method, host, plain, hashlib.sha256(body).hexdigest(), query)
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode() + body


def exported(path):
    """What a file for a shell exports."""
    with open(path, encoding="utf-8") as lines:
        pairs = (line.removeprefix("export ").strip().split("=", 1) for line in lines if "=" in line)
        return {name: value.strip("'") for name, value in pairs}


class Service:
    def __init__(self, binary, folder):
        self.folder = folder
        command = [binary, "dev", "--data", folder, "--control", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--port", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        while (line := self.process.stdout.readline()) and line.strip() != "ready":
            pass
        self.key = exported(os.path.join(folder, "env"))
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

    def processor_seconds(self):
        seconds = 0
        for task in glob.glob(f"/proc/{self.process.pid}/task/*/schedstat"):
            with open(task, encoding="ascii") as spent:
                seconds += int(spent.read().split()[0]) / 1e9
        return seconds

    def stop(self):
        self.process.terminate()
        self.process.wait()
