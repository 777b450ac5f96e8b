"""The commands of docs/operating/tunnels.md, run against a service whose endpoint has a name that leads elsewhere."""

import json

import pytest

from served import curl, served, signed

NAME = "search.example.test"
HTTP = pytest.mark.parametrize("http", ["--http1.1", "--http2"])


@pytest.fixture(scope="module")
def far(tmp_path_factory):
    with served(tmp_path_factory.mktemp("far") / "data", NAME) as far:
        yield far


@HTTP
def test_the_name_may_lead_elsewhere(far, http):
    reach = ["--connect-to", f"{NAME}:{far.port}:localhost:{far.port}", "--cacert", far.ca_bundle]
    status, body = curl(http, *reach, *signed(far.root), f"{far.endpoint}/_cat/indices?v=true")
    assert (status, body.split()[:2]) == (200, ["health", "status"])


@HTTP
@pytest.mark.parametrize("named_port", [True, False])
def test_the_tunnels_end_may_be_named_where_the_host_is_the_endpoints(far, http, named_port):
    host = f"{NAME}:{far.port}" if named_port else NAME
    words = [http, "-k", "-H", f"Host: {host}", *signed(far.root)]
    status, body = curl(*words, f"https://localhost:{far.port}/_cat/indices?v=true")
    assert (status, body.split()[:2]) == (200, ["health", "status"])


def test_another_host_is_told_what_to_do(far):
    words = ["-k", "-H", "Host: elsewhere.example", *signed(far.root)]
    status, body = curl(*words, f"https://localhost:{far.port}/")
    assert status == 421
    assert "curl --connect-to ENDPOINT:PORT:localhost:LOCAL_PORT" in json.loads(body)["message"]
