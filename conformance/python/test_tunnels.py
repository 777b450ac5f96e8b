"""The commands of docs/operating/tunnels.md, run against a service whose endpoint has a name that leads elsewhere."""

import json
import subprocess

import pytest

from service import binary, exported, nobodys

NAME = "search.example.test"


@pytest.fixture(scope="module")
def far(tmp_path_factory):
    """A `serve` under a name of its own, with one domain: its port, its CA and its root's credentials."""
    folder = tmp_path_factory.mktemp("far") / "data"
    command = [binary(), "serve", "--json"]
    for setting in (f"data={folder}", f"public_name={NAME}", "control.listen=127.0.0.1:0", "admin.listen=127.0.0.1:0", "domains.first_port=0"):
        command += ["--set", setting]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=nobodys({}))
    ready = json.loads(process.stdout.readline())
    keys = exported(folder / "root.env")
    port = make_domain(ready, keys)
    yield port, ready["ca"], f"{keys['AWS_ACCESS_KEY_ID']}:{keys['AWS_SECRET_ACCESS_KEY']}"
    process.terminate()
    assert process.wait(20) == 0
    process.stdout.close()


def make_domain(ready, keys):
    """Makes a domain that its account's root may use, and gives its port."""
    control = ready["control"].rsplit(":", 1)[1]
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": ready["account"]}, "Action": "es:*", "Resource": f"arn:aws:es:us-east-1:{ready['account']}:domain/far/*"}],
    }
    body = {"DomainName": "far", "EngineVersion": "Elasticsearch_7.10", "AccessPolicies": json.dumps(policy)}
    signing = ["--aws-sigv4", "aws:amz:us-east-1:es", "-u", f"{keys['AWS_ACCESS_KEY_ID']}:{keys['AWS_SECRET_ACCESS_KEY']}"]
    base = f"https://{NAME}:{control}/2021-01-01/opensearch/domain"
    reach = ["--connect-to", f"{NAME}:{control}:127.0.0.1:{control}", "--cacert", ready["ca"]]
    curl(*reach, *signing, "-H", "Content-Type: application/json", "-d", json.dumps(body), base)
    while True:
        status, answer = curl(*reach, *signing, f"{base}/far")
        endpoint = json.loads(answer)["DomainStatus"].get("Endpoint")
        if endpoint:
            name, port = endpoint.split(":")
            assert (status, name) == (200, NAME)
            return int(port)


def curl(*words):
    done = subprocess.run(["curl", "-sS", "-w", "\n%{http_code}", *words], capture_output=True, text=True, check=True, timeout=60)
    body, status = done.stdout.rsplit("\n", 1)
    return int(status), body


@pytest.mark.parametrize("http", ["--http1.1", "--http2"])
def test_the_name_may_lead_elsewhere(far, http):
    port, ca, user = far
    reach = ["--connect-to", f"{NAME}:{port}:localhost:{port}", "--cacert", ca]
    status, body = curl(http, *reach, "--aws-sigv4", "aws:amz:us-east-1:es", "-u", user, f"https://{NAME}:{port}/_cat/indices?v=true")
    assert (status, body.split()[:2]) == (200, ["health", "status"])


@pytest.mark.parametrize("http", ["--http1.1", "--http2"])
@pytest.mark.parametrize("named_port", [True, False])
def test_the_tunnels_end_may_be_named_where_the_host_is_the_endpoints(far, http, named_port):
    port, _, user = far
    host = f"{NAME}:{port}" if named_port else NAME
    words = [http, "-k", "-H", f"Host: {host}", "--aws-sigv4", "aws:amz:us-east-1:es", "-u", user]
    status, body = curl(*words, f"https://localhost:{port}/_cat/indices?v=true")
    assert (status, body.split()[:2]) == (200, ["health", "status"])


def test_another_host_is_told_what_to_do(far):
    port, _, user = far
    words = ["-k", "-H", "Host: elsewhere.example", "--aws-sigv4", "aws:amz:us-east-1:es", "-u", user]
    status, body = curl(*words, f"https://localhost:{port}/")
    assert status == 421
    assert "curl --connect-to ENDPOINT:PORT:localhost:LOCAL_PORT" in json.loads(body)["message"]
