"""Elasticsearch's Java high-level REST client 7.10: one program of an ordinary application, each step by its outcome."""

from driver import asked
from test_java import driver  # noqa: F401: a fixture

# What the real 7.10 gives; "failed: …" where the client throws.
EXPECTED = {
    "exists before": False,
    "create": True,
    "exists": True,
    "put mapping": True,
    "get mapping": True,
    "get field mapping": "year",
    "get settings": "1",
    "get index": "high-level",
    "index": "created",
    "bulk": False,
    "get": "one",
    "document exists": True,
    "document missing": False,
    "multi get": 2,
    "update": "updated",
    "refresh": 0,
    "flush": 0,
    "search": 20,
    "count": 19,
    "multi search": 2,
    "scroll": 10,
    "field capabilities": "[integer]",
    "delete by query": 1,
    "alias": True,
    "alias exists": True,
    "alias missing": False,
    "close": True,
    "open": True,
    "delete": True,
    "exists after": False,
}


def test_an_ordinary_program_runs_to_its_end(service, search_app, driver):  # noqa: F811
    answer = driver.ask(asked(service, search_app, "elasticsearch-rest-high-level-client", "", ""))
    assert "error" not in answer, answer
    told = answer["body"]
    missing = told.pop("missing index")
    assert "index_not_found_exception" in missing and "no-such-index" in missing, missing
    assert told == EXPECTED


def test_another_role_is_refused_at_every_step(service, stranger, driver):  # noqa: F811
    told = driver.ask(asked(service, stranger, "elasticsearch-rest-high-level-client", "", ""))["body"]
    assert all("403" in str(outcome) or outcome is False for outcome in told.values()), told
