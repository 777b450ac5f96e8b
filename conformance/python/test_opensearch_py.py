"""opensearch-py with both of its own signers, on an Elasticsearch and on an OpenSearch domain."""

from urllib.parse import urlsplit

import pytest
from botocore.credentials import Credentials as BotocoreCredentials
from opensearchpy import (
    AuthorizationException,
    OpenSearch,
    RequestsAWSV4SignerAuth,
    RequestsHttpConnection,
    Urllib3AWSV4SignerAuth,
    Urllib3HttpConnection,
)

from conftest import TOKEN_EXPIRED, anonymous_denied, is_mismatch, stranger_denied

SIGNERS = {
    "requests": (RequestsAWSV4SignerAuth, RequestsHttpConnection),
    "urllib3": (Urllib3AWSV4SignerAuth, Urllib3HttpConnection),
}


def client(service, credentials, signer, endpoint=None):
    url = urlsplit(endpoint or service.endpoint)
    auth, connection = SIGNERS[signer]
    signed = credentials and auth(BotocoreCredentials(*credentials), service.region, "es")
    return OpenSearch(
        hosts=[{"host": url.hostname, "port": url.port}],
        http_auth=signed,
        use_ssl=True,
        verify_certs=True,
        ca_certs=service.ca_bundle,
        connection_class=connection,
        max_retries=0,
    )


@pytest.fixture(params=SIGNERS)
def signer(request):
    return request.param


def refusal(call, *arguments, **named):
    with pytest.raises(AuthorizationException) as refused:
        call(*arguments, **named)
    return refused.value.info


def test_documents_go_in_and_come_back(service, search_app, signer):
    app = client(service, search_app, signer)
    index = f"os-{signer}"
    app.index(index=index, body={"title": "signed by opensearch-py"}, id="a b/ü*+:", refresh=True)
    assert app.get(index=index, id="a b/ü*+:")["_source"] == {"title": "signed by opensearch-py"}
    assert app.search(index=index, body={"query": {"match": {"title": "signed"}}})["hits"]["total"]["value"] == 1


def test_another_role_is_refused(service, stranger, signer):
    assert refusal(client(service, stranger, signer).info) == stranger_denied(service, "es:ESHttpGet")


def test_a_caller_without_credentials_is_refused(service, signer):
    assert refusal(client(service, None, signer).info) == anonymous_denied("es:ESHttpGet")


def test_a_wrong_secret_is_refused(service, wrong_secret, signer):
    assert is_mismatch(refusal(client(service, wrong_secret, signer).info))


def test_an_expired_session_is_refused(aged, signer):
    service, session = aged
    assert refusal(client(service, session, signer).info) == TOKEN_EXPIRED
