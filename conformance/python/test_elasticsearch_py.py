"""elasticsearch-py with requests-aws4auth and boto3: the reference program's own clients."""

from urllib.parse import urlsplit

import pytest
from elasticsearch import AuthorizationException, Elasticsearch, NotFoundError, RequestsHttpConnection, helpers
from requests_aws4auth import AWS4Auth

from conftest import TOKEN_EXPIRED, anonymous_denied, is_mismatch, stranger_denied

ODD_ID = "a b/ü*+:"


class TamperedAuth(AWS4Auth):
    """Signs the body, then sends another one."""

    def __call__(self, request):
        request = super().__call__(request)
        if request.body:
            request.body = request.body.replace(b"honest", b"forged")
        return request


def client(service, credentials, auth=AWS4Auth):
    url = urlsplit(service.endpoint)
    signed = credentials and auth(
        credentials.access_key, credentials.secret_key, service.region, "es", session_token=credentials.token
    )
    return Elasticsearch(
        hosts=[{"host": url.hostname, "port": url.port}],
        http_auth=signed,
        use_ssl=True,
        verify_certs=True,
        ca_certs=service.ca_bundle,
        connection_class=RequestsHttpConnection,
        max_retries=0,
    )


@pytest.fixture(scope="module")
def app(service, search_app):
    return client(service, search_app)


def refusal(call, *arguments, **named):
    with pytest.raises(AuthorizationException) as refused:
        call(*arguments, **named)
    assert refused.value.status_code == 403
    return refused.value.info


def test_the_domain_announces_elasticsearch_7_10(app):
    assert app.info()["version"]["number"].startswith("7.10")
    assert app.ping()


def test_a_document_is_indexed_found_changed_and_deleted(app):
    app.index("books", {"title": "A field guide to locks", "year": 1971}, id="1")
    assert app.get("books", "1")["_source"]["year"] == 1971
    app.update("books", "1", {"doc": {"year": 1972}}, refresh=True)
    hits = app.search(index="books", body={"query": {"match": {"title": "locks"}}})["hits"]
    assert [hit["_source"]["year"] for hit in hits["hits"]] == [1972]
    assert app.delete("books", "1")["result"] == "deleted"
    assert not app.exists("books", "1")


def test_an_id_of_any_characters_names_one_document(app):
    assert app.index("odd", {"kind": "odd"}, id=ODD_ID, refresh=True)["_id"] == ODD_ID
    assert app.get("odd", ODD_ID)["_source"] == {"kind": "odd"}
    assert app.exists("odd", ODD_ID)
    assert app.mget({"ids": [ODD_ID]}, index="odd")["docs"][0]["found"]
    found = app.search(index="odd", body={"query": {"ids": {"values": [ODD_ID]}}})["hits"]["hits"]
    assert [hit["_id"] for hit in found] == [ODD_ID]
    assert app.delete("odd", ODD_ID)["result"] == "deleted"


def test_the_bulk_and_scan_helpers_work(app):
    actions = ({"_index": "numbers", "_id": str(n), "n": n, "parity": "odd" if n % 2 else "even"} for n in range(250))
    assert helpers.bulk(app, actions, chunk_size=100, refresh=True) == (250, [])
    scanned = helpers.scan(app, index="numbers", query={"query": {"range": {"n": {"gte": 100}}}}, size=40)
    assert sorted(hit["_source"]["n"] for hit in scanned) == list(range(100, 250))
    assert app.count(index="numbers")["count"] == 250


def test_queries_sorts_highlights_and_aggregations_answer(app):
    docs = [("1", "rust", "the borrow checker", 3), ("2", "python", "a snake and a checker", 1), ("3", "python", "tea", 2)]
    app.indices.create("langs", {"mappings": {"properties": {"lang": {"type": "keyword"}, "text": {"type": "text"}}}})
    for identity, lang, text, rank in docs:
        app.index("langs", {"lang": lang, "text": text, "rank": rank}, id=identity)
    app.indices.refresh("langs")
    body = {
        "query": {"bool": {"must": {"match": {"text": "checker"}}, "filter": {"range": {"rank": {"lte": 3}}}}},
        "sort": [{"rank": "asc"}],
        "highlight": {"fields": {"text": {}}},
        "aggs": {"langs": {"terms": {"field": "lang"}, "aggs": {"rank": {"avg": {"field": "rank"}}}}},
    }
    reply = app.search(index="langs", body=body)
    assert [hit["_id"] for hit in reply["hits"]["hits"]] == ["2", "1"]
    assert reply["hits"]["hits"][1]["highlight"]["text"] == ["the borrow <em>checker</em>"]
    buckets = {bucket["key"]: bucket["rank"]["value"] for bucket in reply["aggregations"]["langs"]["buckets"]}
    assert buckets == {"rust": 3.0, "python": 1.0}


def test_elasticsearch_errors_keep_their_shape(app):
    with pytest.raises(NotFoundError) as missing:
        app.search(index="nowhere", body={"query": {"match_all": {}}})
    assert missing.value.info["error"]["type"] == "index_not_found_exception"
    assert missing.value.info["status"] == 404


def test_cat_and_health_answer(app):
    app.index("listed", {"a": 1}, id="1", refresh=True)
    assert "listed" in app.cat.indices(h="index").split()
    assert app.cluster.health()["status"] in ("green", "yellow")


def test_another_role_is_refused_in_amazons_words(service, stranger):
    other = client(service, stranger)
    assert refusal(other.info) == stranger_denied(service, "es:ESHttpGet")
    assert refusal(other.index, "books", {"a": 1}, id="1") == stranger_denied(service, "es:ESHttpPut")
    assert refusal(other.bulk, '{"delete":{"_index":"books","_id":"1"}}\n') == stranger_denied(service, "es:ESHttpPost")


def test_a_caller_without_credentials_is_refused(service):
    assert refusal(client(service, None).info) == anonymous_denied("es:ESHttpGet")


def test_a_wrong_secret_is_refused(service, wrong_secret):
    assert is_mismatch(refusal(client(service, wrong_secret).info))


def test_a_tampered_body_is_refused_and_not_executed(service, search_app, app):
    forger = client(service, search_app, auth=TamperedAuth)
    assert is_mismatch(refusal(forger.index, "ledger", {"entry": "honest"}, id="1"))
    assert not app.indices.exists("ledger")


def test_an_expired_session_is_refused(aged):
    service, session = aged
    assert refusal(client(service, session).info) == TOKEN_EXPIRED
