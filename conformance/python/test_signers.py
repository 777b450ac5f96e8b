"""The signers of this Python environment, and curl: every shape of a request (`matrix.py`)."""

import importlib.util
import re

import pytest
import requests

import clients as own
import matrix
from matrix import *  # noqa: F403: the tests themselves
from matrix import Client


def installed():
    """The clients that this environment holds; those of Elasticsearch's client and of OpenSearch's exclude each other."""
    if importlib.util.find_spec("elasticsearch"):
        return {
            "elasticsearch-py": (own.elasticsearch_py, "elasticsearch"),
            "aws-requests-auth": (own.aws_requests_auth, "aws-requests-auth"),
            "awscurl": (own.awscurl, "awscurl"),
            "libcurl": (own.libcurl, None),
        }
    return {
        "botocore": (own.botocore_signed, "botocore"),
        "botocore-presigned": (own.botocore_presigned, "botocore"),
        "requests-aws4auth": (own.requests_aws4auth, "requests-aws4auth"),
        "opensearch-py-requests": (own.opensearch_py_requests, "opensearch-py"),
        "opensearch-py-urllib3": (own.opensearch_py_urllib3, "opensearch-py"),
        "opensearch-py-async": (own.opensearch_py_async, "opensearch-py"),
        "curl": (own.curl, None),
    }


def version_of(name, package):
    special = {"curl": own.curl_version, "libcurl": own.libcurl_version}
    return special[name]() if name in special else own.package(package)


def pytest_generate_tests(metafunc):
    matrix.generate(metafunc, list(installed()))
    if "opting" in metafunc.fixturenames:
        metafunc.parametrize("opting", [name for name in OPTING if name in installed()])


@pytest.fixture(scope="module")
def clients():
    made = {name: Client(version_of(name, package), ask) for name, (ask, package) in installed().items()}
    if "curl" in made and made["curl"].version != CURL_REVIEWED:
        made["curl"] = None
    return made


# The machine's own curl is not pinned: its row is that of this version, and other versions are not judged.
CURL_REVIEWED = "7.88.1"

# A client that needs a form which is off by default, and a request that shows it.
OPTING = {"curl": ("raw-path", "path-star"), "awscurl": ("plus-literal", "query-plus")}


def test_a_form_counts_once_the_domain_allows_it_and_no_longer_when_it_is_taken_back(bench, clients, opting):
    client, (form, shape) = matrix.client_of(clients, opting), OPTING[opting]
    endpoint = bench.service.make_domain(opting)
    matrix.prepare(bench.service, bench.credentials, endpoint)
    before, seen = counted(bench.service, form), []
    for options in ({}, {"countersign.signature_forms": f"aws,raw-query,{form}"}, {}):
        bench.service.client("opensearch").update_domain_config(DomainName=opting, AdvancedOptions=options)
        seen.append(bench.send(client, opting, matrix.SHAPES[shape], endpoint).form)
    assert seen == [None, form, None]
    assert counted(bench.service, form) == before + 1, "the metric counts what the audit record names"


def counted(service, form):
    """How many signatures matched in this form, says the metric."""
    pages = "".join(requests.get(f"{admin}/metrics", timeout=60).text for admin in service.admin_urls)
    return sum(map(int, re.findall(rf'signature_forms_total{{form="{form}"}} (\d+)', pages)))
