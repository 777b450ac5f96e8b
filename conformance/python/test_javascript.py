"""JavaScript clients: aws4 under Node's own https, opensearch-js with its signer, and the signer of aws-sdk-js v3."""

import json

import pytest

import matrix
from client_tests import *  # noqa: F403: the tests themselves
from client_tests import ask
from driver import Driver
from matrix import *  # noqa: F403: the tests themselves
from matrix import Client
from npm import ROOT, installed

SOURCES = ROOT / "conformance" / "javascript"


@pytest.fixture(scope="module")
def folder():
    """The clients, installed under `target/` as the lock file says."""
    return installed(SOURCES)


@pytest.fixture(scope="module")
def driver(folder):
    driver = Driver(["node", folder / "client.mjs"])
    yield driver
    driver.end()


@pytest.fixture(params=["aws4", "opensearch-js"])
def send(request, driver):
    return ask(request.param, driver)


# The name that client.mjs knows it by, and its package.
CLIENTS = {
    "aws4": "aws4",
    "aws4-presigned": "aws4",
    "opensearch-js": "@opensearch-project/opensearch",
    "smithy": "@smithy/signature-v4",
    "smithy-presigned": "@smithy/signature-v4",
}


def pytest_generate_tests(metafunc):
    matrix.generate(metafunc, list(CLIENTS))


@pytest.fixture(scope="module")
def clients(driver):
    pinned = json.loads((SOURCES / "package.json").read_text())["dependencies"]
    return {name: Client(pinned[package], driver.ask) for name, package in CLIENTS.items()}
