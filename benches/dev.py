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

    def processor_seconds(self):
        seconds = 0
        for task in glob.glob(f"/proc/{self.process.pid}/task/*/schedstat"):
            with open(task, encoding="ascii") as spent:
                seconds += int(spent.read().split()[0]) / 1e9
        return seconds

    def stop(self):
        self.process.terminate()
        self.process.wait()
