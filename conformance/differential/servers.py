"""Those who are asked: the engine without a gate, the signed service, and a real server."""

import gzip
import http.client
import json
import resource
import subprocess

# What the engine may take of a machine on which others work.
MEMORY_MAX = 3 << 30
# So many requests may stay without an answer.
SILENCES_MAX = 2


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
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX)),
        )

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
        self.silent = 0
        self.port, self.connection = port, http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        about = json.loads(self.ask("GET /", None)[1])["version"]
        self.service = about.get("distribution", "elasticsearch")

    def answers(self, _seed, steps):
        """The answers to a world's steps, each when it is wanted."""
        self.fresh()
        for line, body, _ in steps:
            yield self.ask(line, body)

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
            except TimeoutError:
                # Some requests keep a thread of the server's for ever; when it has none left, it answers nothing.
                self.connection.close()
                self.silent += 1
                if self.silent > SILENCES_MAX:
                    raise SystemExit("the server answers no longer: it must be started anew")
                return 0, "no answer"
            except (http.client.HTTPException, ConnectionError):
                self.connection.close()
                if attempt == 2:
                    raise

    def close(self):
        self.connection.close()


class Kept:
    """A real server's answers in files, a world each; a world that is not there is asked of the server."""

    def __init__(self, folder, service, real):
        self.service, self.real = service or real.service, real
        self.folder = folder / self.service
        self.folder.mkdir(parents=True, exist_ok=True)

    def answers(self, seed, steps):
        """The answers to a world's steps."""
        path = self.folder / f"{seed}.json.gz"
        asked = [[line, body] for line, body, _ in steps]
        if path.exists():
            with gzip.open(path, "rt") as file:
                kept = json.load(file)
            if kept["asked"] == asked:
                return kept["answers"]
        if self.real is None:
            # The server fell silent in this world.
            return []
        answers = list(self.real.answers(seed, steps))
        with gzip.open(path, "wt") as file:
            json.dump({"asked": asked, "answers": answers}, file)
        return answers
