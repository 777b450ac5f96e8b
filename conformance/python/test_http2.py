"""Clients that speak HTTP/2: curl with `--http2`, and httpx with a signature of botocore's.

What breaks there and not over HTTP/1.1: content behind an answer to HEAD, a body that is refused while it comes, a
target that the frames' reader refuses without a word. Each is followed by another request on the same connection.
"""

import json
import ssl

import httpx
import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from served import curl, served, signed

LIMIT = 10 * 1024 * 1024
TOO_LARGE = {"Message": f"Request size exceeded {LIMIT} bytes"}


@pytest.fixture(scope="module")
def far(tmp_path_factory):
    with served(tmp_path_factory.mktemp("http2") / "data", domains_body_bytes_max=LIMIT) as far:
        yield far


class Signed(httpx.Auth):
    """What people write for httpx: botocore signs what httpx is about to send."""

    requires_request_body = True

    def __init__(self, keys, region):
        self.keys, self.region = keys, region

    def auth_flow(self, request):
        headers = {"Host": request.headers["host"], "Content-Type": request.headers.get("content-type", "")}
        told = AWSRequest(request.method, str(request.url), data=request.content, headers={name: value for name, value in headers.items() if value})
        SigV4Auth(Credentials(*self.keys), "es", self.region).add_auth(told)
        request.headers.update({name: value for name, value in told.headers.items() if name.lower() != "host"})
        yield request


@pytest.fixture
def client(far):
    auth = Signed(far.root, far.region)
    with httpx.Client(http2=True, auth=auth, base_url=far.endpoint, verify=ssl.create_default_context(cafile=far.ca_bundle)) as client:
        yield client
        answer = client.get("/")
        assert (answer.http_version, answer.status_code) == ("HTTP/2", 200), "the connection serves on"


def words(far, *more):
    return ["--http2", "--cacert", far.ca_bundle, *more]


def test_httpx_indexes_and_searches_also_by_a_typed_path(client):
    answer = client.put("/pages/_doc/1", params={"refresh": "true"}, json={"title": "over HTTP/2"})
    assert answer.status_code == 201, answer.text
    assert client.get("/pages/_doc/1").json()["_source"] == {"title": "over HTTP/2"}
    query = {"query": {"match": {"title": "HTTP"}}}
    for path in ["/pages/_search", "/pages/_doc/_search"]:
        answer = client.post(path, json=query)
        assert (answer.status_code, answer.json()["hits"]["total"]["value"]) == (200, 1), path
    assert client.post("/pages/_doc/_count", json=query).json()["count"] == 1
    assert client.delete("/pages").status_code == 200


def test_httpx_asks_what_exists(client):
    assert client.put("/there").status_code == 200
    for path, status in [("/there", 200), ("/missing", 404), ("/there/_doc/1", 404), ("/_alias/none", 404)]:
        answer = client.head(path)
        assert (answer.status_code, answer.content) == (status, b""), path
    assert client.delete("/there").status_code == 200


def test_httpx_is_refused_on_head_without_content(client, far):
    wrong = Signed(far.root._replace(secret_key="wrong"), far.region)
    refusals = [
        ("/there", None, 403), ("/there", wrong, 403), ("/_nosuch", client.auth, 403), ("/_bulk", client.auth, 405), ("/%00", client.auth, 400)
    ]
    for path, auth, status in refusals:
        answer = client.head(path, auth=auth)
        assert (answer.status_code, answer.content) == (status, b""), path
        assert int(answer.headers["content-length"]) > 0, path


def test_httpx_reads_413_of_a_body_over_the_limit(client):
    answer = client.post("/pages/_doc", content=b" " * 11_000_000, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()) == (413, TOO_LARGE)


def test_requests_reads_the_same_over_http_1_1(far):
    refused = requests.post(far.endpoint + "/pages/_doc", data=b" " * 11_000_000, verify=far.ca_bundle, timeout=60)
    assert (refused.status_code, refused.json()) == (413, TOO_LARGE)


@pytest.mark.parametrize("credentials", [True, False])
def test_curl_asks_head_of_what_is_refused(far, credentials):
    more = signed(far.root) if credentials else []
    for path, status in [("/missing", 404 if credentials else 403), ("/_nosuch", 403)]:
        told, head = curl(*words(far, "-I", *more), far.endpoint + path)
        assert told == status and head.startswith(f"HTTP/2 {status}"), path


@pytest.mark.parametrize("length", ["declared", "unknown"])
@pytest.mark.parametrize("megabytes", [11, 64])
def test_curl_reads_413_while_it_sends(far, tmp_path, length, megabytes):
    body = tmp_path / "body"
    body.write_bytes(b" " * megabytes * 1_000_000)
    more = ["-X", "POST", "-H", "Content-Type: application/json", *signed(far.root)]
    source = ["--data-binary", f"@{body}"] if length == "declared" else ["-H", "Transfer-Encoding: chunked", "--data-binary", f"@{body}"]
    status, answer = curl(*words(far, *more, *source), far.endpoint + "/pages/_doc")
    assert (status, json.loads(answer)) == (413, TOO_LARGE)


@pytest.mark.parametrize("http", ["--http1.1", "--http2"])
def test_curl_is_told_which_character_to_encode(far, http):
    more = [http, "--cacert", far.ca_bundle, "-g", *signed(far.root)]
    status, answer = curl(*more, far.endpoint + '/pages/_search?q=t:"hello"')
    told = "byte 20 of the request target is '\"': send it percent-encoded, as %22"
    assert (status, json.loads(answer)) == (400, {"message": told})


def test_plain_http_is_told_to_use_https(far):
    status, answer = curl(far.endpoint.replace("https", "http") + "/_cat/indices?v")
    assert status == 400
    assert json.loads(answer)["message"].endswith(f"this port speaks TLS only, use {far.endpoint}")
