"""`countersign serve` under a name and settings of its own, with one domain: for what `dev` has no option for."""

import json
import subprocess
from collections import namedtuple
from contextlib import contextmanager

from service import READY_SECONDS_MAX, STOP_SECONDS_MAX, Credentials, binary, exported, nobodys

# What a test needs: where the domain is, whom to trust, and root's key, which the domain's policy lets in.
Served = namedtuple("Served", "name port endpoint region ca_bundle root")
TRIES = 200


@contextmanager
def served(folder, name="localhost", **settings):
    """A running service with domain `far`; settings as `domains_body_bytes_max=…`."""
    given = {"data": folder, "public_name": name, "control.listen": "127.0.0.1:0", "admin.listen": "127.0.0.1:0"}
    command = [binary(), "serve", "--json", "--set", "domains.first_port=0"]
    for setting in [f"{key}={value}" for key, value in given.items()] + [f"{key.replace('_', '.', 1)}={value}" for key, value in settings.items()]:
        command += ["--set", setting]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=nobodys({}))
    try:
        ready = json.loads(process.stdout.readline())
        keys = exported(folder / "root.env")
        root = Credentials(keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"], None)
        port = domain(ready, name, root)
        yield Served(name, port, f"https://{name}:{port}", ready["region"], ready["ca"], root)
    finally:
        process.terminate()
        assert process.wait(STOP_SECONDS_MAX) == 0
        process.stdout.close()


def domain(ready, name, root):
    """Makes domain `far`, which its account may use, and gives the port of its endpoint."""
    control = ready["control"].rsplit(":", 1)[1]
    account, region = ready["account"], ready["region"]
    allow = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "es:*", "Resource": f"arn:aws:es:{region}:{account}:domain/far/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    body = json.dumps({"DomainName": "far", "EngineVersion": "Elasticsearch_7.10", "AccessPolicies": policy})
    base = f"https://{name}:{control}/2021-01-01/opensearch/domain"
    words = ["--connect-to", f"{name}:{control}:127.0.0.1:{control}", "--cacert", ready["ca"], *signed(root, region)]
    status, answer = curl(*words, "-H", "Content-Type: application/json", "-d", body, base)
    assert status == 200, answer
    for _ in range(TRIES):
        endpoint = json.loads(curl(*words, f"{base}/far")[1])["DomainStatus"].get("Endpoint")
        if endpoint:
            assert endpoint.split(":")[0] == name
            return int(endpoint.split(":")[1])
    raise AssertionError("the domain has no endpoint")


def signed(credentials, region="us-east-1"):
    """curl's words for a signed request."""
    return ["--aws-sigv4", f"aws:amz:{region}:es", "--user", f"{credentials.access_key}:{credentials.secret_key}"]


def curl(*words):
    """The status and the body of one request."""
    command = ["curl", "-sS", "-w", "\n%{http_code}", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=READY_SECONDS_MAX)
    assert done.returncode == 0, done.stderr
    body, status = done.stdout.rsplit("\n", 1)
    return int(status), body
