"""Programs in other languages that send requests with the clients of theirs: one request a line on their standard
input, one answer a line on their standard output.

A request: {"client", "endpoint", "region", "ca", "credentials": {…} | null, "method", "path", "headers": {…},
"body": text | absent, "bodyFile": path | absent}. An answer: {"status", "body"}, or {"error"} where the client failed
without an answer.
"""

import json
import subprocess
import threading

ANSWER_SECONDS_MAX = 60
END_SECONDS_MAX = 20


def asked(service, credentials, client, method, path, endpoint=None, **more):
    """One request, as every driver understands it."""
    keys = credentials and {
        "accessKeyId": credentials.access_key,
        "secretAccessKey": credentials.secret_key,
        "sessionToken": credentials.token,
    }
    return {
        "client": client, "endpoint": endpoint or service.endpoint, "region": service.region, "ca": service.ca_bundle,
        "credentials": keys, "method": method, "path": path, "headers": {}, **more,
    }


class Driver:
    """One such program. It starts when it is first asked: starting a JVM or a Node takes longer than its requests."""

    def __init__(self, command):
        self.command = [str(word) for word in command]
        self.process = None

    def ask(self, request):
        if self.process is None:
            self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        watch = threading.Timer(ANSWER_SECONDS_MAX, self.process.kill)
        watch.start()
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        finally:
            watch.cancel()
        assert line, f"{self.command[0]} ended without an answer to {request['client']} {request['path']}"
        return json.loads(line)

    def end(self):
        if self.process is None:
            return
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(END_SECONDS_MAX)
