"""What every client in another language must see. A judge gives the fixture `send`, one request with one client:
`send(service, credentials, method, path, body=None) -> (status, parsed body)`.
"""

import json
from urllib.parse import quote

from conftest import TOKEN_EXPIRED, anonymous_denied, is_mismatch, stranger_denied
from driver import asked


def ask(client, driver):
    """The fixture's function: one request with `client` through the program that `driver` runs."""

    def send(service, credentials, method, path, body=None):
        answer = driver.ask(asked(service, credentials, client, method, path, body=body and json.dumps(body)))
        assert "error" not in answer, answer["error"]
        return answer["status"], answer["body"]

    return send


def test_documents_with_ids_of_any_characters_go_in_and_come_back(service, search_app, send):
    path = "/languages/_doc/" + quote("a b/ü*+:", safe="")
    status, _ = send(service, search_app, "PUT", path + "?refresh=true", {"signed": "in another language"})
    assert status in (200, 201)
    status, body = send(service, search_app, "GET", path)
    assert (status, body["_id"], body["_source"]) == (200, "a b/ü*+:", {"signed": "in another language"})
    status, body = send(service, search_app, "POST", "/languages/_search", {"query": {"match": {"signed": "language"}}})
    assert (status, body["hits"]["total"]["value"]) == (200, 1)


def test_another_role_is_refused(service, stranger, send):
    assert send(service, stranger, "GET", "/") == (403, stranger_denied(service, "es:ESHttpGet"))


def test_a_caller_without_credentials_is_refused(service, send):
    assert send(service, None, "GET", "/") == (403, anonymous_denied("es:ESHttpGet"))


def test_a_wrong_secret_is_refused(service, wrong_secret, send):
    status, body = send(service, wrong_secret, "GET", "/_cat/indices?v=true&h=index")
    assert status == 403 and is_mismatch(body)


def test_an_expired_session_is_refused(aged, send):
    service, session = aged
    assert send(service, session, "GET", "/") == (403, TOKEN_EXPIRED)
