"""Clients that cannot sign, through `countersign proxy`: opensearch-py without credentials, and curl without anything."""

import subprocess
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from opensearchpy import AuthorizationException, OpenSearch, helpers

from conftest import stranger_denied
from service import STOP_SECONDS_MAX, binary


def proxy(service, *options, credentials=None):
    """A running proxy to domain `dev`, as user `developer` unless told otherwise; gives its URL."""
    return proxy_to(service, service.endpoint, *options, credentials=credentials)


@contextmanager
def proxy_to(service, endpoint, *options, credentials=None):
    """The same to any endpoint."""
    command = [binary(), "proxy", "--to", endpoint, "--listen", "127.0.0.1:0", *options]
    environment = service.environment_of(credentials or service.developer)
    running = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        url = None
        for line in running.stdout:
            url = next((word for word in line.split() if word.startswith("http://")), url)
            if line == "ready\n":
                break
        assert url, "the proxy did not say where it listens"
        yield url
    finally:
        running.terminate()
        assert running.wait(STOP_SECONDS_MAX) == 0
        running.stdout.close()


def client(url, **options):
    parts = urlsplit(url)
    return OpenSearch(hosts=[{"host": parts.hostname, "port": parts.port}], use_ssl=False, max_retries=0, **options)


@pytest.fixture(scope="module")
def url(service, search_app):
    with proxy(service, credentials=search_app) as url:
        yield url


@pytest.mark.parametrize("compressed", [False, True])
def test_a_client_that_cannot_sign_indexes_and_searches(url, compressed):
    unsigned, index = client(url, http_compress=compressed), f"proxied-{compressed}".lower()
    documents = [{"_index": index, "_id": f"a b/ü*+:{n}", "word": f"word{n}"} for n in range(50)]
    done, failed = helpers.bulk(unsigned, documents, refresh=True)
    assert (done, failed) == (50, [])
    found = unsigned.search(index=index, body={"query": {"match": {"word": "word7"}}})
    assert [hit["_id"] for hit in found["hits"]["hits"]] == ["a b/ü*+:7"]
    assert unsigned.get(index=index, id="a b/ü*+:7")["_source"] == {"word": "word7"}


def test_a_body_in_chunks_is_signed_whole(url):
    document = '{"word":"' + "a" * 5_000_000 + '"}'
    command = ["curl", "-sS", "-f", "-X", "PUT", "-H", "Transfer-Encoding: chunked", "-H", "Content-Type: application/json"]
    done = subprocess.run(
        [*command, "--data-binary", "@-", f"{url}/chunked/_doc/1"], input=document, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0 and '"created"' in done.stdout, done.stderr


def test_a_role_on_top_is_assumed_where_the_environment_says(service):
    with proxy(service, "--role-arn", service.role_arn("search-app"), "--role-session-name", "proxied") as url:
        assert client(url).info()["version"]["number"]


def test_what_the_role_may_not_do_is_refused_in_the_domains_own_words(service, stranger):
    with proxy(service, credentials=stranger) as url, pytest.raises(AuthorizationException) as refused:
        client(url).info()
    assert refused.value.info == stranger_denied(service, "es:ESHttpGet")


def test_a_read_only_proxy_lets_searches_through_and_no_deletion(service, search_app):
    with proxy(service, "--read-only", credentials=search_app) as url:
        reader = client(url)
        assert reader.search(index="*", body={"size": 0})["hits"]["total"]["value"] >= 0
        with pytest.raises(AuthorizationException):
            reader.indices.delete(index="*")
