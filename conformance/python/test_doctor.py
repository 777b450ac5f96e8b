"""`countersign doctor` against a live service: one thing is broken at a time, and the finding names it."""

import gzip
import json
import socket
import subprocess
import threading
from contextlib import contextmanager

import pytest
import requests
from botocore.auth import S3SigV4Auth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from opensearchpy import OpenSearch, RequestsAWSV4SignerAuth, RequestsHttpConnection
from requests_aws4auth import AWS4Auth

from service import Clock, binary


def doctor(service, keys, *options, endpoint=None, **changes):
    """The findings by their check, and the exit code."""
    command = [binary(), "doctor", endpoint or service.endpoint, "--json", *options]
    done = subprocess.run(command, capture_output=True, text=True, env=service.environment_of(keys, **changes), timeout=120)
    for secret in (keys.secret_key, keys.token):
        assert not secret or secret not in done.stdout + done.stderr
    findings = json.loads(done.stdout)
    assert all(set(finding) == {"check", "state", "seen", "expected", "advice", "detail"} for finding in findings)
    return {finding["check"]: finding for finding in findings}, done.returncode


def failed(findings):
    return [check for check, finding in findings.items() if finding["state"] == "fail"]


def test_a_client_that_gets_in(service, search_app):
    findings, code = doctor(service, search_app)
    assert (failed(findings), code) == ([], 0)
    assert findings["identity"]["seen"].endswith(":assumed-role/search-app/judge")
    assert findings["anonymous"]["seen"] == "403: unsigned requests are refused"
    assert findings["forms"]["seen"].startswith("accepted: aws, raw-query")


def test_another_ca(service, search_app):
    findings, code = doctor(service, search_app, AWS_CA_BUNDLE=None, SSL_CERT_FILE=None)
    assert (failed(findings), code) == (["tls"], 1)
    assert "--ca FILE" in findings["tls"]["advice"]


def test_another_region(service, search_app):
    findings, code = doctor(service, search_app, "--region", "eu-central-1")
    assert (failed(findings), code) == (["signed"], 1)
    assert "another region" in findings["signed"]["seen"]


def test_another_service(service, search_app):
    findings, _ = doctor(service, search_app, "--service", "aoss")
    assert "another service" in findings["signed"]["seen"]


def test_another_secret(service, wrong_secret):
    findings, code = doctor(service, wrong_secret)
    assert code == 1
    assert "only the secret differs" in findings["canonical"]["seen"]


def test_a_damaged_token(service, search_app):
    findings, _ = doctor(service, search_app._replace(token=search_app.token[:-8]))
    assert "the session token is damaged" in findings["signed"]["seen"]


def test_a_temporary_key_without_its_token(service, search_app):
    findings, _ = doctor(service, search_app._replace(token=None))
    assert "without its session token" in findings["credentials"]["seen"]


def test_a_session_that_is_over(aged):
    service, session = aged
    findings, code = doctor(service, session)
    assert code == 1
    assert "the session has expired" in findings["signed"]["seen"]


@pytest.mark.parametrize("minutes", [-9, 9])
def test_a_clock_that_is_wrong(service, search_app, tmp_path, minutes):
    clock = Clock(tmp_path)
    clock.move(minutes)
    findings, code = doctor(service, search_app, **clock.environment())
    assert code == 1 and failed(findings) == ["clock", "signed"]
    assert ("ahead of" if minutes > 0 else "behind") in findings["clock"]["seen"]
    assert "the clock is the only fault" in findings["their-clock"]["seen"]


def test_a_role_that_nothing_allows(service, stranger):
    findings, code = doctor(service, stranger)
    assert (failed(findings), code) == (["signed"], 1)
    assert "no identity-based policy allows it" in findings["signed"]["seen"]
    statement = json.loads("\n".join(findings["policy"]["detail"]))
    assert statement["Action"] == "es:ESHttpGet"


def test_the_operator_reads_which_statement_decided(service):
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:DecodeAuthorizationMessage", "Resource": "*"}]}
    keys = service.make_role("doctored", policy)
    findings, _ = doctor(service, keys)
    assert "denied because no statement allows it" in "\n".join(findings["explain"]["detail"])
    statement = json.loads("\n".join(findings["policy"]["detail"]))
    assert statement["Resource"] == service.domain_arn() + "/*"


def test_nobody(service, search_app):
    findings, code = doctor(service, search_app, AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None, AWS_SESSION_TOKEN=None)
    assert (failed(findings), code) == (["credentials"], 1)


# Requests that real clients send, caught on a socket and judged offline.


@contextmanager
def tap():
    """A plain endpoint on loopback that keeps what it is sent, byte for byte, and answers `{}`."""
    listener = socket.create_server(("127.0.0.1", 0))
    caught = []

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                raw = b""
                while b"\r\n\r\n" not in raw:
                    raw += connection.recv(65536)
                head, _, body = raw.partition(b"\r\n\r\n")
                length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0)
                while len(body) < length:
                    body += connection.recv(65536)
                caught.append(head + b"\r\n\r\n" + body)
                kind = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}"
                connection.sendall(kind)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://localhost:{listener.getsockname()[1]}", caught
    finally:
        listener.close()


def judged(service, keys, url, raw, tmp_path, *options):
    file = tmp_path / "request"
    file.write_bytes(raw)
    findings, code = doctor(service, keys, "--request", str(file), *options, endpoint=url)
    assert code == (1 if failed(findings) else 0)
    return findings


ODD = "/a%2C*/_search?q=b%20c&a=1&v"


def send_signed(url, keys, signer, body=b'{"a": 1}', target=ODD, method="POST", region="us-east-1", name="es", headers=None):
    """Signs with one of botocore's signers and sends what came out."""
    credentials = BotocoreCredentials(keys.access_key, keys.secret_key, keys.token)
    request = AWSRequest(method=method, url=url + target, data=body, headers={"content-type": "application/json", **(headers or {})})
    signer(credentials, name, region).add_auth(request)
    prepared = requests.Request(method, request.url, headers=dict(request.headers), data=body).prepare()
    prepared.url = request.url
    requests.Session().send(prepared, timeout=10)


@pytest.mark.parametrize("client", ["opensearch-py", "requests-aws4auth", "botocore", "curl"])
def test_what_real_clients_send_is_right(service, search_app, tmp_path, client):
    with tap() as (url, caught):
        host, port = "localhost", int(url.rsplit(":", 1)[1])
        keys = search_app
        if client == "opensearch-py":
            auth = RequestsAWSV4SignerAuth(BotocoreCredentials(keys.access_key, keys.secret_key, keys.token), "us-east-1", "es")
            OpenSearch([{"host": host, "port": port}], http_auth=auth, connection_class=RequestsHttpConnection, max_retries=0).search(
                index="a,b*", body={"query": {"match": {"t": "ü"}}}
            )
        elif client == "requests-aws4auth":
            auth = AWS4Auth(keys.access_key, keys.secret_key, "us-east-1", "es", session_token=keys.token)
            requests.put(f"{url}/a/_doc/x%20y", json={"t": "ü"}, auth=auth, timeout=10)
        elif client == "botocore":
            send_signed(url, keys, SigV4Auth)
        else:
            command = ["curl", "-sS", "--aws-sigv4", "aws:amz:us-east-1:es", "--user", f"{keys.access_key}:{keys.secret_key}"]
            command += ["-H", f"x-amz-security-token: {keys.token}", "-H", "content-type: application/json", "-d", "{}"]
            subprocess.run([*command, f"{url}/a/_search?a=1&b=2"], check=True, capture_output=True, timeout=30)
        findings = judged(service, keys, url, caught[-1], tmp_path)
    assert failed(findings) == [], findings
    assert findings["signature"]["seen"].startswith("the signature is right")


def test_a_signer_for_s3_does_not_encode_the_path_again(service, search_app, tmp_path):
    with tap() as (url, caught):
        send_signed(url, search_app, S3SigV4Auth, target="/a%2C*/_search")
        findings = judged(service, search_app, url, caught[-1], tmp_path)
    assert failed(findings) == ["signature"]
    assert "form 'raw-path'" in findings["signature"]["seen"], findings["signature"]


def test_a_body_that_is_compressed_after_signing(service, search_app, tmp_path):
    with tap() as (url, caught):
        send_signed(url, search_app, SigV4Auth)
        head, _, body = caught[-1].partition(b"\r\n\r\n")
        packed = gzip.compress(body)
        head = head.replace(b"Content-Length: %d" % len(body), b"Content-Length: %d\r\nContent-Encoding: gzip" % len(packed))
        findings = judged(service, search_app, url, head + b"\r\n\r\n" + packed, tmp_path)
    assert findings["signature"]["seen"] == "the body was hashed before it was compressed"


def test_a_proxy_that_rewrites_the_host(service, search_app, tmp_path):
    with tap() as (url, caught):
        send_signed(url, search_app, SigV4Auth)
        raw = caught[-1].replace(b"Host: localhost", b"Host: inside.example")
        findings = judged(service, search_app, url, raw, tmp_path)
    assert "the signature is for host localhost" in findings["signature"]["seen"]
    assert any(line.startswith("- host:") for line in findings["signature"]["detail"])


def test_a_body_that_changes_after_signing_without_a_known_reason(service, search_app, tmp_path):
    with tap() as (url, caught):
        send_signed(url, search_app, SigV4Auth)
        findings = judged(service, search_app, url, caught[-1].replace(b'{"a": 1}', b'{"a": 2}'), tmp_path)
    assert "not made with this key's secret, or the request was changed" in findings["signature"]["seen"]


def test_a_region_and_a_service_that_are_not_the_endpoints(service, search_app, tmp_path):
    with tap() as (url, caught):
        send_signed(url, search_app, SigV4Auth, region="eu-west-1")
        send_signed(url, search_app, SigV4Auth, name="opensearch")
        region, name = (judged(service, search_app, url, raw, tmp_path) for raw in caught)
    assert failed(region) == ["scope"] and "eu-west-1" in region["scope"]["seen"]
    assert failed(name) == ["scope"] and "opensearch" in name["scope"]["seen"]


def test_a_presigned_request(service, search_app, tmp_path):
    with tap() as (url, caught):
        send_signed(url, search_app, SigV4QueryAuth, method="GET", body=b"", target="/a/_search")
        findings = judged(service, search_app, url, caught[-1], tmp_path)
    assert failed(findings) == [], findings


def test_what_curl_prints_is_read(service, search_app, tmp_path):
    with tap() as (url, _):
        command = ["curl", "-sSv", "--aws-sigv4", "aws:amz:us-east-1:es", "--user", f"{search_app.access_key}:{search_app.secret_key}"]
        done = subprocess.run([*command, "-H", f"x-amz-security-token: {search_app.token}", f"{url}/_cat/indices?a=1"], capture_output=True, timeout=30)
        findings = judged(service, search_app, url, done.stderr, tmp_path)
    assert findings["signature"]["seen"].startswith("the signature is right"), findings["signature"]


@pytest.mark.parametrize(
    "target, mistake",
    [
        ("/_cat/indices?v", "a parameter without a value was signed without its ="),
        ("/a/_search?b=1&a=2", "the query's parameters were not sorted"),
    ],
)
def test_what_an_old_curl_does_wrong_is_named(service, search_app, tmp_path, target, mistake):
    with tap() as (url, caught):
        command = ["curl", "-sS", "--aws-sigv4", "aws:amz:us-east-1:es", "--user", f"{search_app.access_key}:{search_app.secret_key}"]
        subprocess.run([*command, "-H", f"x-amz-security-token: {search_app.token}", url + target], check=True, capture_output=True, timeout=30)
        findings = judged(service, search_app, url, caught[-1], tmp_path)
    # Newer curls sign both as AWS documents.
    assert findings["signature"]["seen"] == mistake or findings["signature"]["state"] == "ok", findings["signature"]
