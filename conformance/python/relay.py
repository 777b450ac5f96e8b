"""A relay between a client and the service: it passes every request on as it came, or with one byte of its body changed.

Its certificate is made by the service's own authority, so that clients need no other configuration, and so the change of
a body after it was signed can be tried with every client, whether or not its API would let one do that.
"""

import http.client
import ssl
import subprocess
import tempfile
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

UPSTREAM_SECONDS_MAX = 60


def changed(body):
    """The same length, one letter different: still JSON, still a form."""
    assert body, "a request without a body cannot be changed in its body"
    place = max(body.rfind(b"signed"), 0)
    return body[:place] + bytes([body[place] ^ 0x20]) + body[place + 1 :]


@contextmanager
def relay(service, upstream, change):
    """An endpoint that leads to `upstream`; `change` is done to every body."""
    trust = ssl.create_default_context(cafile=service.ca_bundle)
    to = urlsplit(upstream)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self):
            body = change(self.body())
            connection = http.client.HTTPSConnection(to.hostname, to.port, context=trust, timeout=UPSTREAM_SECONDS_MAX)
            connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in ("transfer-encoding", "content-length", "expect"):
                    connection.putheader(name, value)
            if body or "content-length" in self.headers:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            self.send_response(answer.status)
            for name in ("Content-Type", "x-amzn-RequestId", "Content-Encoding"):
                if answer.getheader(name):
                    self.send_header(name, answer.getheader(name))
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def body(self):
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            pieces = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(pieces)

        do_GET = do_PUT = do_POST = pass_on

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("localhost", 0), Handler)
    server.daemon_threads = True
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(certificate(service.folder))
    server.socket = own.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"https://localhost:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def certificate(data):
    """A file with a key and a certificate for `localhost`, made by the local authority of the data folder."""
    folder = Path(tempfile.mkdtemp(prefix="countersign-relay-"))
    request, made, extensions = folder / "request.pem", folder / "relay.pem", folder / "extensions"
    extensions.write_text("subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\nbasicConstraints=critical,CA:FALSE\n")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", made]
    openssl("req", "-new", *key, "-subj", "/CN=localhost", "-out", request)
    authority = ["-CA", data / "ca.pem", "-CAkey", data / "tls" / "ca.key", "-set_serial", "1"]
    signed = openssl("x509", "-req", "-in", request, *authority, "-days", "2", "-extfile", extensions)
    with open(made, "ab") as file:
        file.write(signed)
    return made


def openssl(*words):
    """Runs one of openssl's commands and gives what it printed."""
    done = subprocess.run(["openssl", *map(str, words)], capture_output=True, timeout=60, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout
