"""curl's own signer (`--aws-sigv4`), and curl with nothing at all."""

import json
import subprocess

import pytest

from conftest import TOKEN_EXPIRED, anonymous_denied, is_mismatch, stranger_denied


def curl(service, path, *options, credentials=None):
    """The status and the body of one request."""
    command = ["curl", "-sS", "--cacert", service.ca_bundle, "-w", "\n%{http_code}", service.endpoint + path]
    if credentials:
        command += ["--aws-sigv4", f"aws:amz:{service.region}:es"]
        command += ["--user", f"{credentials.access_key}:{credentials.secret_key}"]
        command += ["-H", f"X-Amz-Security-Token: {credentials.token}"] if credentials.token else []
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=True, timeout=60)
    body, status = done.stdout.rsplit("\n", 1)
    return int(status), body


def put(document):
    return ["-X", "PUT", "-H", "Content-Type: application/json", "--data-binary", document]


def test_a_signed_request_gets_in(service, search_app):
    status, body = curl(service, "/", credentials=search_app)
    assert (status, json.loads(body)["tagline"]) == (200, "You Know, for Search")


def test_a_document_goes_in_and_comes_back(service, search_app):
    status, _ = curl(service, "/curl/_doc/1?refresh=true", *put('{"tool":"curl"}'), credentials=search_app)
    assert status == 201
    status, body = curl(service, "/curl/_source/1", credentials=search_app)
    assert (status, json.loads(body)) == (200, {"tool": "curl"})


def test_another_role_is_refused(service, stranger):
    status, body = curl(service, "/curl/_doc/2", *put("{}"), credentials=stranger)
    assert (status, json.loads(body)) == (403, stranger_denied(service, "es:ESHttpPut"))


def test_a_caller_without_credentials_is_refused(service):
    status, body = curl(service, "/_search")
    assert (status, body) == (403, json.dumps(anonymous_denied("es:ESHttpGet"), separators=(",", ":")))


def test_every_answer_carries_a_request_id(service):
    _, answer = curl(service, "/", "-i")
    names = [line.split(":")[0].lower() for line in answer.splitlines()]
    assert "x-amzn-requestid" in names


def test_a_wrong_secret_is_refused(service, wrong_secret):
    status, body = curl(service, "/", credentials=wrong_secret)
    assert status == 403 and is_mismatch(json.loads(body))


def test_an_expired_session_is_refused(aged):
    service, session = aged
    status, body = curl(service, "/", credentials=session)
    assert (status, json.loads(body)) == (403, TOKEN_EXPIRED)


@pytest.mark.parametrize("scheme", ["Basic dXNlcjpwYXNz", "Bearer abc", "AWS AKIDEXAMPLE:signature"])
def test_other_credentials_are_never_taken_for_none(service, scheme):
    status, body = curl(service, "/", "-H", f"Authorization: {scheme}")
    assert status == 403
    assert "message" in json.loads(body), "the signature layer refuses, before any policy is asked"
