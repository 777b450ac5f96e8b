"""Go's net/http over HTTP/2, on one connection: it ends a connection whose answers to HEAD have content."""

import pytest

from driver import asked
from served import served
from test_go import driver, program  # noqa: F401: fixtures

LIMIT = 10 * 1024 * 1024


@pytest.fixture(scope="module")
def far(tmp_path_factory):
    with served(tmp_path_factory.mktemp("go") / "data", domains_body_bytes_max=LIMIT) as far:
        yield far


@pytest.fixture
def send(far, driver):  # noqa: F811
    def send(method, path, credentials=far.root, **more):
        answer = driver.ask(asked(far, credentials, "net/http over HTTP/2", method, path, **more))
        assert "error" not in answer, answer["error"]
        return answer["status"], answer["body"]

    return send


def test_documents_go_in_and_are_found_also_by_a_typed_path(send):
    assert send("PUT", "/go/_doc/1?refresh=true", body='{"word":"gopher"}')[0] == 201
    for path in ["/go/_search", "/go/_doc/_search"]:
        status, body = send("POST", path, body='{"query":{"match":{"word":"gopher"}}}')
        assert (status, body["hits"]["total"]["value"]) == (200, 1), path
    assert send("DELETE", "/go")[0] == 200


def test_head_has_no_content_whatever_is_answered(send, far):
    wrong = far.root._replace(secret_key="wrong")
    for path, credentials, status in [
        ("/missing", far.root, 404), ("/missing", None, 403), ("/missing", wrong, 403), ("/_nosuch", far.root, 403), ("/_bulk", far.root, 405)
    ]:
        assert send("HEAD", path, credentials) == (status, ""), path
        assert send("GET", "/")[0] == 200


def test_a_body_over_the_limit_is_413(send, tmp_path):
    body = tmp_path / "body"
    for megabytes in [11, 64]:
        body.write_bytes(b" " * megabytes * 1_000_000)
        answer = send("POST", "/go/_doc", bodyFile=str(body), headers={"Content-Type": "application/json"})
        assert answer == (413, {"Message": f"Request size exceeded {LIMIT} bytes"})
        assert send("GET", "/")[0] == 200
