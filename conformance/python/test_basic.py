"""Basic authentication: elasticsearch-py and curl with an IAM user's name and password, and no signer."""

import json
import subprocess
from urllib.parse import urlsplit

import pytest
from elasticsearch import AuthenticationException, AuthorizationException, Elasticsearch, RequestsHttpConnection
from requests_aws4auth import AWS4Auth

PASSWORD = "correct-Horse-1ü"
USER = "reader"


def accept_passwords(service, value):
    options = {"countersign.basic_authentication": value}
    service.client("opensearch").update_domain_config(DomainName="dev", AdvancedOptions=options)


@pytest.fixture(scope="module")
def reader(service):
    """A user that may read what is under `books` and nothing else; domain `dev` accepts its password."""
    iam = service.client("iam")
    iam.create_user(UserName=USER)
    statement = {
        "Effect": "Allow",
        "Action": ["es:ESHttpGet", "es:ESHttpPost"],
        "Resource": [service.domain_arn() + "/books/_search", service.domain_arn() + "/"],
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=USER, PolicyName="read-books", PolicyDocument=policy)
    iam.create_login_profile(UserName=USER, Password=PASSWORD)
    accept_passwords(service, "true")
    yield USER
    accept_passwords(service, "false")
    iam.delete_login_profile(UserName=USER)


def client(service, authentication):
    url = urlsplit(service.endpoint)
    return Elasticsearch(
        hosts=[{"host": url.hostname, "port": url.port}],
        http_auth=authentication,
        use_ssl=True,
        verify_certs=True,
        ca_certs=service.ca_bundle,
        connection_class=RequestsHttpConnection,
        max_retries=0,
    )


def curl(service, user, *options, path="/"):
    """The status and the body of one request of `curl -u`."""
    command = ["curl", "-sS", "--cacert", service.ca_bundle, "-u", user, "-w", "\n%{http_code}", *options]
    done = subprocess.run([*command, service.endpoint + path], capture_output=True, text=True, check=True, timeout=60)
    body, status = done.stdout.rsplit("\n", 1)
    return int(status), body


def signed(service, credentials):
    return client(service, AWS4Auth(credentials.access_key, credentials.secret_key, service.region, "es"))


def test_the_right_password_gets_in_and_searches(service, reader):
    signed(service, service.developer).index("books", {"title": "A field guide to locks"}, id="1", refresh=True)
    found = client(service, (reader, PASSWORD)).search(index="books", body={"query": {"match": {"title": "locks"}}})
    assert found["hits"]["total"]["value"] == 1


def test_a_wrong_password_is_401(service, reader):
    with pytest.raises(AuthenticationException) as refused:
        client(service, (reader, "wrong")).info()
    assert refused.value.status_code == 401


def test_what_the_policy_does_not_allow_is_403_in_amazons_words(service, reader):
    with pytest.raises(AuthorizationException) as refused:
        client(service, (reader, PASSWORD)).index("books", {"title": "x"}, id="2")
    assert refused.value.info == {
        "Message": f"User: arn:aws:iam::{service.account}:user/{reader} is not authorized to perform: es:ESHttpPut "
        "because no identity-based policy allows the es:ESHttpPut action"
    }


def test_signatures_are_accepted_as_before(service, reader):
    assert signed(service, service.developer).info()["version"]["number"].startswith("7.10")


def test_curl_gets_in_with_u(service, reader):
    status, body = curl(service, f"{reader}:{PASSWORD}")
    assert (status, json.loads(body)["tagline"]) == (200, "You Know, for Search")


def test_curl_is_challenged_for_a_wrong_password(service, reader):
    status, answer = curl(service, f"{reader}:wrong", "-i")
    assert status == 401
    assert 'www-authenticate: Basic realm="dev", charset="UTF-8"' in answer


def test_a_password_that_must_be_changed_is_refused_until_change_password(service, reader):
    iam = service.client("iam")
    iam.update_login_profile(UserName=reader, PasswordResetRequired=True)
    assert curl(service, f"{reader}:{PASSWORD}") == (401, "Unauthorized: the password must be changed first")
    iam.update_account_password_policy(AllowUsersToChangePassword=True, MinimumPasswordLength=8)
    key = iam.create_access_key(UserName=reader)["AccessKey"]
    own = type(service.developer)(key["AccessKeyId"], key["SecretAccessKey"], None)
    service.client("iam", own).change_password(OldPassword=PASSWORD, NewPassword="another-Horse-2")
    assert curl(service, f"{reader}:another-Horse-2")[0] == 200
    iam.update_login_profile(UserName=reader, Password=PASSWORD)
    iam.delete_access_key(UserName=reader, AccessKeyId=key["AccessKeyId"])
    iam.delete_account_password_policy()


def test_a_domain_that_does_not_accept_passwords_refuses_them(service, reader):
    accept_passwords(service, "false")
    status, body = curl(service, f"{reader}:{PASSWORD}")
    accept_passwords(service, "true")
    assert status == 403
    assert json.loads(body)["message"].startswith("Authorization header requires 'Credential' parameter.")
