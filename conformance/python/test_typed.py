"""Programs from before Elasticsearch 7: elasticsearch-py 7.10 with `doc_type="_doc"`, which writes it into every path.

`_doc` is a type's name there: what follows it is an API and no document's id.
"""

import pytest

from test_elasticsearch_py import client

pytestmark = pytest.mark.filterwarnings("ignore:.*types.*:Warning")
INDEX, TYPE = "typed", "_doc"


@pytest.fixture
def app(service, search_app):
    app = client(service, search_app)
    app.indices.delete(INDEX, ignore=404)
    app.index(INDEX, {"title": "one"}, doc_type=TYPE, id="1", refresh=True)
    return app


def documents(app):
    """The ids of everything in the index, by an untyped search."""
    return sorted(hit["_id"] for hit in app.search(index=INDEX)["hits"]["hits"])


def test_a_search_searches_and_writes_nothing(app):
    found = app.transport.perform_request("POST", f"/{INDEX}/{TYPE}/_search", body={"query": {"match_all": {}}})
    assert found["hits"]["total"]["value"] == 1
    assert documents(app) == ["1"]


def test_counts_many_searches_and_many_gets_take_the_type(app):
    asked = app.transport.perform_request
    assert asked("POST", f"/{INDEX}/{TYPE}/_count", body={"query": {"match_all": {}}})["count"] == 1
    assert len(app.msearch([{}, {"query": {"match_all": {}}}], index=INDEX, doc_type=TYPE)["responses"]) == 1
    assert app.mget({"ids": ["1", "2"]}, index=INDEX, doc_type=TYPE)["docs"][0]["found"]
    assert documents(app) == ["1"]


def test_a_bulk_writes_its_lines(app):
    lines = [{"index": {"_id": "2"}}, {"title": "two"}, {"delete": {"_id": "1"}}]
    assert not app.bulk(lines, index=INDEX, doc_type=TYPE, refresh=True)["errors"]
    assert documents(app) == ["2"]


def test_a_mapping_is_put_and_read_with_its_type(app):
    mapping = {"properties": {"year": {"type": "integer"}}}
    app.indices.put_mapping(mapping, index=INDEX, doc_type=TYPE, include_type_name=True)
    typed = app.indices.get_mapping(INDEX, include_type_name=True)[INDEX]["mappings"]
    assert typed[TYPE]["properties"]["year"] == {"type": "integer"}
    plain = app.indices.get_mapping(INDEX)[INDEX]["mappings"]
    assert plain["properties"]["year"] == {"type": "integer"}
    assert documents(app) == ["1"]


def test_by_query_takes_the_type(app):
    asked = app.transport.perform_request
    everything = {"query": {"match_all": {}}}
    assert asked("POST", f"/{INDEX}/{TYPE}/_update_by_query", params={"refresh": "true"}, body=everything)["updated"] == 1
    assert asked("POST", f"/{INDEX}/{TYPE}/_delete_by_query", params={"refresh": "true"}, body=everything)["deleted"] == 1
    assert documents(app) == []
