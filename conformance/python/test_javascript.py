"""JavaScript clients: aws4 under Node's own https, opensearch-js with its signer, and the signer of aws-sdk-js v3."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

import matrix
from client_tests import *  # noqa: F403: the tests themselves
from client_tests import ask
from driver import Driver
from matrix import *  # noqa: F403: the tests themselves
from matrix import Client

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "conformance" / "javascript"
INSTALL_SECONDS_MAX = 300


@pytest.fixture(scope="module")
def folder():
    """The clients, installed under `target/` as the lock file says."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node and npm are not installed")
    folder = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "judges" / "javascript"
    folder.mkdir(parents=True, exist_ok=True)
    lock, stamp = (SOURCES / "package-lock.json").read_bytes(), folder / "installed.json"
    for source in SOURCES.iterdir():
        shutil.copy(source, folder)
    if not stamp.exists() or stamp.read_bytes() != lock:
        install = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel", "error"]
        subprocess.run(install, cwd=folder, check=True, stdin=subprocess.DEVNULL, timeout=INSTALL_SECONDS_MAX)
        stamp.write_bytes(lock)
    return folder


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
