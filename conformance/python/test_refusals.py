"""Requests signed by botocore's signer and then spoiled, one fault each; and what item by item means."""

import datetime
import json

import pytest
import requests
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials

from conftest import MISMATCH, anonymous_denied, is_mismatch, stranger_denied


def signed(service, credentials, method, path, body=None, region=None, name="es", signer=SigV4Auth, **options):
    """A prepared request, signed by botocore; nothing about it has been spoiled yet."""
    headers = {"Content-Type": "application/json"} if body else {}
    request = AWSRequest(method, service.endpoint + path, data=body, headers=headers)
    signer(BotocoreCredentials(*credentials), name, region or service.region, **options).add_auth(request)
    return request.prepare()


def send(service, request, body=None, headers=None, path=None):
    """Sends it, with another body, more headers or another path than those that were signed."""
    return requests.request(
        request.method,
        service.endpoint + path if path else request.url,
        headers={**request.headers, **(headers or {})},
        data=request.body if body is None else body,
        verify=service.ca_bundle,
        timeout=60,
    )


def refused(reply):
    assert reply.status_code == 403, reply.text
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["x-amzn-RequestId"]
    return reply.json()


def test_an_unspoiled_request_gets_in(service, search_app):
    assert send(service, signed(service, search_app, "GET", "/")).status_code == 200


def test_a_presigned_url_gets_in_and_its_parameters_do_not_reach_the_engine(service, search_app):
    request = signed(service, search_app, "GET", "/_cluster/health", signer=SigV4QueryAuth, expires=60)
    reply = requests.get(request.url, verify=service.ca_bundle, timeout=60)
    assert reply.status_code == 200, reply.text


def test_a_presigned_url_is_good_for_one_method_only(service, search_app):
    request = signed(service, search_app, "GET", "/presigned", signer=SigV4QueryAuth, expires=60)
    assert is_mismatch(refused(requests.put(request.url, verify=service.ca_bundle, timeout=60)))


def test_another_body_than_the_signed_one_is_refused_and_not_executed(service, search_app):
    request = signed(service, search_app, "PUT", "/spoiled/_doc/1", '{"entry":"honest"}')
    assert is_mismatch(refused(send(service, request, body='{"entry":"forged"}')))
    assert send(service, signed(service, search_app, "HEAD", "/spoiled")).status_code == 404


def test_another_path_than_the_signed_one_is_refused(service, search_app):
    request = signed(service, search_app, "GET", "/_cluster/health")
    assert is_mismatch(refused(send(service, request, path="/_cat/indices")))


def test_another_query_than_the_signed_one_is_refused(service, search_app):
    request = signed(service, search_app, "GET", "/_cat/indices?h=index")
    assert is_mismatch(refused(send(service, request, path="/_cat/indices?h=index&v=true")))


def test_a_mismatch_shows_the_caller_its_canonical_request_and_no_secret(service, wrong_secret):
    message = refused(send(service, signed(service, wrong_secret, "GET", "/_cat/indices?v")))["message"]
    assert message.startswith(MISMATCH + "\n\nThe Canonical String for this request should have been\n'GET\n/_cat/indices\nv=\n")
    assert "The String-to-Sign should have been\n'AWS4-HMAC-SHA256\n" in message
    assert wrong_secret.secret_key not in message and wrong_secret.secret_key[::-1] not in message


def test_a_signature_for_another_service_is_refused(service, search_app):
    reply = send(service, signed(service, search_app, "GET", "/", name="s3"))
    assert refused(reply) == {"message": "Credential should be scoped to correct service: 'es'. "}


def test_a_signature_for_another_region_is_refused(service, search_app):
    reply = send(service, signed(service, search_app, "GET", "/", region="eu-central-1"))
    assert refused(reply) == {"message": "Credential should be scoped to a valid region, not 'eu-central-1'. "}


def test_a_request_signed_long_ago_is_refused(service, search_app):
    request = AWSRequest("GET", service.endpoint + "/")
    signer = SigV4Auth(BotocoreCredentials(*search_app), "es", service.region)
    old = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=10)
    date = old.strftime("%Y%m%dT%H%M%SZ")
    request.context["timestamp"] = date
    request.headers["X-Amz-Date"] = date
    request.headers["X-Amz-Security-Token"] = search_app.token
    canonical = signer.canonical_request(request)
    signature = signer.signature(signer.string_to_sign(request, canonical), request)
    request.headers["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={signer.scope(request)}, SignedHeaders="
        f"{signer.signed_headers(signer.headers_to_sign(request))}, Signature={signature}"
    )
    message = refused(send(service, request.prepare()))["message"]
    assert message.startswith(f"Signature expired: {date} is now earlier than "), message
    assert message.endswith(" - 5 min.)"), message


def test_a_session_token_of_another_key_is_refused(service, search_app, stranger):
    mixed = search_app._replace(token=stranger.token)
    message = refused(send(service, signed(service, mixed, "GET", "/")))["message"]
    assert message.startswith("The security token included in the request is invalid"), message


def test_an_unknown_key_is_refused(service, search_app):
    unknown = search_app._replace(access_key="AKIAIOSFODNN7UNKNOWN", token=None)
    message = refused(send(service, signed(service, unknown, "GET", "/")))["message"]
    assert message == "The security token included in the request is invalid."


def test_a_deleted_role_ends_its_sessions_at_once(service):
    allow = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "es:*", "Resource": service.domain_arn() + "/*"}],
    }
    session = service.make_role("short-lived", allow)
    assert send(service, signed(service, session, "GET", "/")).status_code == 200
    iam = service.client("iam")
    iam.delete_role_policy(RoleName="short-lived", PolicyName="inline")
    iam.delete_role(RoleName="short-lived")
    message = refused(send(service, signed(service, session, "GET", "/")))["message"]
    assert message.startswith("The security token included in the request is invalid"), message


def test_header_and_query_credentials_together_are_refused(service, search_app):
    presigned = signed(service, search_app, "GET", "/", signer=SigV4QueryAuth, expires=60)
    by_header = signed(service, search_app, "GET", "/")
    both = requests.get(presigned.url, headers=dict(by_header.headers), verify=service.ca_bundle, timeout=60)
    assert "message" in refused(both)


@pytest.mark.parametrize("mode", ["UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"])
def test_a_payload_mode_that_signs_no_body_is_refused(service, search_app, mode):
    request = AWSRequest("PUT", service.endpoint + "/unsigned/_doc/1", data="{}", headers={"X-Amz-Content-SHA256": mode})
    signer = SigV4Auth(BotocoreCredentials(*search_app), "es", service.region)
    signer.add_auth(request)
    assert "message" in refused(send(service, request.prepare(), headers={"Content-Type": "application/json"}))


def test_spoiled_credentials_are_not_taken_for_none_even_where_anyone_may_come(service, wrong_secret):
    """An open policy lets anonymous callers in; a forged signature still is a forged signature."""
    es = service.client("es")
    before = es.describe_elasticsearch_domain_config(DomainName="dev")["DomainConfig"]["AccessPolicies"]["Options"]
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": "es:ESHttpGet",
        "Resource": service.domain_arn() + "/*",
        "Condition": {"IpAddress": {"aws:SourceIp": ["127.0.0.0/8", "::1/128"]}},
    }
    opened = json.loads(before)
    opened["Statement"].append(statement)
    es.update_elasticsearch_domain_config(DomainName="dev", AccessPolicies=json.dumps(opened))
    try:
        anyone = requests.get(service.endpoint, verify=service.ca_bundle, timeout=60)
        assert anyone.status_code == 200, anyone.text
        assert is_mismatch(refused(send(service, signed(service, wrong_secret, "GET", "/"))))
    finally:
        es.update_elasticsearch_domain_config(DomainName="dev", AccessPolicies=before)
    closed = requests.get(service.endpoint, verify=service.ca_bundle, timeout=60)
    assert refused(closed) == anonymous_denied("es:ESHttpGet")


@pytest.fixture(scope="module")
def clerk(service):
    """A role that may use `_bulk`, `_mget` and `_msearch`, and touch index `mine` only."""
    resources = ["_bulk", "_mget", "_msearch", "mine", "mine/*"]
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "es:ESHttp*",
                "Resource": [f"{service.domain_arn()}/{resource}" for resource in resources],
            }
        ],
    }
    return service.make_role("clerk", policy)


def ndjson(*lines):
    return "".join(json.dumps(line) + "\n" for line in lines)


def test_bulk_is_authorized_item_by_item(service, clerk, search_app):
    body = ndjson(
        {"index": {"_index": "mine", "_id": "1"}},
        {"n": 1},
        {"index": {"_index": "theirs", "_id": "1"}},
        {"n": 1},
        {"delete": {"_index": "theirs", "_id": "2"}},
    )
    reply = send(service, signed(service, clerk, "POST", "/_bulk?refresh=true", body))
    assert reply.status_code == 200, reply.text
    answer = reply.json()
    outcomes = [next(iter(item.values())) for item in answer["items"]]
    assert answer["errors"] is True
    assert [outcome["status"] for outcome in outcomes] == [201, 403, 403]
    assert outcomes[1]["error"]["type"] == "security_exception"
    assert send(service, signed(service, search_app, "HEAD", "/theirs")).status_code == 404


def test_mget_is_authorized_item_by_item(service, clerk, search_app):
    body = '{"secret":"of the others"}'
    assert send(service, signed(service, search_app, "PUT", "/private/_doc/1", body)).status_code == 201
    wanted = json.dumps({"docs": [{"_index": "private", "_id": "1"}, {"_index": "mine", "_id": "none"}]})
    reply = send(service, signed(service, clerk, "POST", "/_mget", wanted))
    assert reply.status_code == 200, reply.text
    assert "of the others" not in reply.text
    assert reply.json()["docs"][0]["error"]["type"] == "security_exception"


def test_msearch_is_authorized_item_by_item(service, clerk, search_app):
    body = '{"secret":"of the others"}'
    assert send(service, signed(service, search_app, "PUT", "/private/_doc/2?refresh=true", body)).status_code in (200, 201)
    wanted = ndjson({"index": "private"}, {"query": {"match_all": {}}}, {"index": "mine"}, {"query": {"match_all": {}}})
    reply = send(service, signed(service, clerk, "POST", "/_msearch", wanted))
    assert reply.status_code == 200, reply.text
    assert "of the others" not in reply.text
    assert reply.json()["responses"][0]["status"] == 403


def test_a_search_over_all_indices_sees_only_the_callers_own(service, clerk, search_app):
    assert send(service, signed(service, search_app, "PUT", "/private/_doc/3?refresh=true", '{"secret":"x"}')).status_code in (200, 201)
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "es:ESHttp*", "Resource": service.domain_arn() + "/_search"}],
    }
    service.client("iam").put_role_policy(RoleName="clerk", PolicyName="search-all", PolicyDocument=json.dumps(policy))
    reply = send(service, signed(service, clerk, "GET", "/_search"))
    assert reply.status_code == 200, reply.text
    assert {hit["_index"] for hit in reply.json()["hits"]["hits"]} <= {"mine"}


def test_an_api_that_nobody_knows_is_denied_even_to_the_allowed(service, search_app):
    assert send(service, signed(service, search_app, "GET", "/_no_such_api")).status_code == 403


def test_a_known_path_with_another_method_is_405_after_authentication(service, search_app, stranger):
    reply = send(service, signed(service, search_app, "DELETE", "/_cluster/health"))
    assert reply.status_code == 405 and "GET" in reply.headers["Allow"]
    assert requests.delete(service.endpoint + "/_cluster/health", verify=service.ca_bundle, timeout=60).status_code == 403


def test_a_stranger_does_not_learn_whether_an_index_exists(service, search_app, stranger):
    send(service, signed(service, search_app, "PUT", "/existing/_doc/1", "{}"))
    there = send(service, signed(service, stranger, "GET", "/existing/_search"))
    absent = send(service, signed(service, stranger, "GET", "/absent/_search"))
    assert refused(there) == refused(absent) == stranger_denied(service, "es:ESHttpGet")
