"""The pytest fixture of `examples/fixtures`, as a team would use it: a seeded service, its keys, its documents."""

import sys
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest
import requests
from botocore.exceptions import ClientError
from requests_aws4auth import AWS4Auth

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "examples" / "fixtures"))

from countersign_fixture import countersign, countersign_clone, countersign_seed  # noqa: E402, F401


def ask(service, key, method, path, body=None):
    auth = AWS4Auth(key.access_key_id, key.secret_access_key, service.region, "es")
    url = service.endpoint("library") + path
    return requests.request(method, url, json=body, auth=auth, verify=service.ca_bundle, timeout=30)


def get(service, user, path):
    return ask(service, service.key(user), "GET", path)


def test_a_seeded_user_finds_the_seeded_documents(countersign):  # noqa: F811
    found = get(countersign, "reader", "/books/_search?q=title:library")
    assert found.status_code == 200, found.text
    assert [hit["_id"] for hit in found.json()["hits"]["hits"]] == ["2"]


@pytest.mark.parametrize("user, path", [("visitor", "/books/_search"), ("reader", "/secrets/_search")])
def test_who_was_not_allowed_is_refused(countersign, user, path):  # noqa: F811
    assert get(countersign, user, path).status_code == 403


def test_the_control_plane_shows_what_was_seeded(countersign):  # noqa: F811
    key = countersign.key("reader")
    sts = boto3.client(
        "sts",
        endpoint_url=countersign.control,
        region_name=countersign.region,
        aws_access_key_id=key.access_key_id,
        aws_secret_access_key=key.secret_access_key,
        verify=countersign.ca_bundle,
    )
    assert sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{countersign.account}:user/reader"
    assert urlsplit(countersign.endpoint("library")).scheme == "https"


def test_a_session_ends_when_the_test_lets_its_time_pass(countersign):  # noqa: F811
    def sts(key, secret, token=None):
        return boto3.client(
            "sts",
            endpoint_url=countersign.control,
            region_name=countersign.region,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            verify=countersign.ca_bundle,
        )

    given = sts(*countersign.key("reader")).get_session_token(DurationSeconds=900)["Credentials"]
    session = sts(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    assert session.get_caller_identity()["Arn"].endswith(":user/reader")
    countersign.set_clock(901)
    try:
        with pytest.raises(ClientError) as ended:
            session.get_caller_identity()
        assert ended.value.response["Error"]["Code"] == "ExpiredToken"
        assert sts(*countersign.key("reader")).get_caller_identity()["Arn"].endswith(":user/reader")
    finally:
        countersign.set_clock(0)


def test_a_clone_has_the_users_and_documents_and_is_a_tests_own(countersign, countersign_clone):  # noqa: F811
    found = get(countersign_clone, "reader", "/books/_search?q=title:library")
    assert [hit["_id"] for hit in found.json()["hits"]["hits"]] == ["2"]
    assert get(countersign_clone, "visitor", "/books/_search").status_code == 403
    path = "/books/_doc/3?refresh=true"
    assert ask(countersign_clone, countersign_clone.root, "PUT", path, {"title": "Only here"}).status_code == 201
    assert get(countersign_clone, "reader", "/books/_doc/3").status_code == 200
    assert get(countersign, "reader", "/books/_doc/3").status_code == 404
    assert countersign_clone.account != countersign.account


def test_a_clone_is_gone_when_its_test_ends(countersign):  # noqa: F811
    with countersign.clone() as clone:
        assert get(clone, "reader", "/books/_doc/1").status_code == 200
    with pytest.raises(requests.ConnectionError):
        get(clone, "reader", "/books/_doc/1")
    assert get(countersign, "reader", "/books/_doc/1").status_code == 200
