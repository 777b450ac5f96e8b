"""Those who are asked: the engine without a gate, the signed service, and a real server."""

import http.client
import json
import subprocess


def text_of(body):
    """The bytes of a step's body."""
    if body is None:
        return ""
    if isinstance(body, list):
        return "".join(json.dumps(line) + "\n" for line in body)
    return body if isinstance(body, str) else json.dumps(body)


class Ours:
    """The engine in memory: the example `ask` of the crate `engine`."""

    def __init__(self, program, service):
        self.command = [program, service]
        self.process = None

    def fresh(self):
        """Begins anew, with nothing."""
        self.close()
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, line, body):
        """Status and text."""
        try:
            self.process.stdin.write(json.dumps([line, text_of(body)]) + "\n")
            self.process.stdin.flush()
            status, text = json.loads(self.process.stdout.readline())
            return status, text
        except (BrokenPipeError, ValueError):
            self.fresh()
            return 0, "the engine has ended"

    def close(self):
        if self.process:
            self.process.stdin.close()
            self.process.wait(20)
            self.process.stdout.close()
            self.process = None


class Real:
    """A real server on a port of this machine; everything that it holds is deleted."""

    def __init__(self, port):
        self.port, self.connection = port, http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        about = json.loads(self.ask("GET /", None)[1])["version"]
        self.service = about.get("distribution", "elasticsearch")

    def fresh(self):
        """Begins anew, with nothing."""
        self.ask("DELETE /_all", None)

    def ask(self, line, body):
        """Status and text."""
        method, path = line.split(" ", 1)
        kind = "application/x-ndjson" if isinstance(body, list) else "application/json"
        for attempt in (1, 2):
            try:
                self.connection.request(method, path, text_of(body).encode() or None, {"Content-Type": kind})
                answer = self.connection.getresponse()
                return answer.status, answer.read().decode()
            except (http.client.HTTPException, ConnectionError):
                self.connection.close()
                if attempt == 2:
                    raise

    def close(self):
        self.connection.close()
